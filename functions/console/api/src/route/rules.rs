//! The seller's own rules.

use super::{by_id, one};
use crate::cx::{Cx, Reply};
use crate::known;
use crate::problem::Problem;
use crate::read::{filled, id};
use crate::table::Route;
use http::Method;
use huidan_store::console::rules;
use huidan_wire::api::{Ask, Nothing, Page, Role, Rule, RulePatch};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/rules", Role::Viewer, "The rules", list));
    routes.push(Route::post("/api/v1/rules", Role::Operator, "Add a rule; orders that wait are planned anew", add));
    routes.push(Route::get("/api/v1/rules/{id}", Role::Viewer, "One rule", show));
    let says = "Change a rule; orders that wait are planned anew";
    routes.push(Route::new(Method::PATCH, "/api/v1/rules/{id}", Role::Operator, says, change));
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Rule>>, Problem> {
    Ok(by_id(cx, &ask, async |db, part| rules::list(db, part).await, |rule| &rule.id).await?.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<Rule, Problem> {
    one(cx, "规则 rule", id, async |db, part| rules::list(db, part).await).await
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Rule>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

fn action(action: &str) -> Result<(), Problem> {
    const KNOWN: [&str; 4] = ["hold", "warehouse", "carrier", "forbid_carrier"];
    if KNOWN.contains(&action) {
        return Ok(());
    }
    let known = KNOWN.join(", ");
    let detail = format!("action 只能是 {known} / action can only be one of {known}");
    Err(Problem::field("unknown_value", "action", detail))
}

fn step(step: &str) -> Result<(), Problem> {
    let steps = ["route", "normalize"]
        .into_iter()
        .flat_map(|role| known::adapters(role).into_iter().map(move |name| format!("{role}-{name}")));
    let known: Vec<String> = steps.collect();
    if known.iter().any(|known| known == step) {
        return Ok(());
    }
    let known = known.join(", ");
    Err(Problem::field("unknown_value", "step", format!("step 只能是 {known} / step can only be one of {known}")))
}

async fn again<W: World>(cx: &Cx<'_, W>) -> Result<(), Problem> {
    cx.change(async |db| rules::plan_waiting(db, cx.moment()).await).await?;
    cx.world.wake("flow-plan", "plan");
    Ok(())
}

async fn add<W: World>(cx: &Cx<'_, W>, rule: Rule) -> Result<Reply<Rule>, Problem> {
    id("id", &rule.id)?;
    filled("name", &rule.name)?;
    step(&rule.step)?;
    action(&rule.action)?;
    if !cx.change(async |db| rules::add(db, cx.moment(), cx.actor(), &rule).await).await? {
        return Err(Problem::exists("规则 rule", &rule.id));
    }
    again(cx).await?;
    Ok(Reply::made(rule))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: RulePatch) -> Result<Reply<Rule>, Problem> {
    let rule = read(cx, cx.id()).await?;
    patch.action.as_deref().map_or(Ok(()), action)?;
    cx.change(async |db| rules::patch(db, cx.moment(), cx.actor(), &rule.id, &patch).await).await?;
    again(cx).await?;
    Ok(read(cx, &rule.id).await?.into())
}
