//! Waybill numbers as assets: what lies unused, what a person says of numbers and claims, what is left of them.

use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::table::Route;
use http::{Method, StatusCode};
use huidan_domain::WaybillNo;
use huidan_store::waybills::{self, SettledAs};
use huidan_wire::api::{
    AnswerClaim, CarrierNumbers, Done, Nothing, PatchNumbers, Role, SettleWaybill, UnusedWaybills, WaybillOutcome,
};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Numbers that were taken and do not serve, and what they cost";
    routes.push(Route::get("/api/v1/reports/unused-waybills", Role::Viewer, says, unused));
    let says = "Say how a dispute about a number ended";
    routes.push(Route::post("/api/v1/waybills/{id}/settle", Role::Operator, says, settle));
    let says = "Say what became of a claim that nobody else can tell about: the number, or none";
    routes.push(Route::post("/api/v1/waybills/{id}/answer", Role::Operator, says, answer));
    let says = "A carrier account's numbers: what one costs, how long one may lie, what the balance said";
    routes.push(Route::get("/api/v1/carriers/{id}/numbers", Role::Viewer, says, numbers));
    let says = "Change what a number costs and how long one may lie";
    routes.push(Route::new(Method::PATCH, "/api/v1/carriers/{id}/numbers", Role::Owner, says, change));
    let says = "Ask the carrier what is left of an account's numbers";
    routes.push(Route::post("/api/v1/carriers/{id}/balance", Role::Operator, says, balance));
}

/// Limit of asking for a balance, in milliseconds: a lane's shift, which may have other work first.
const BALANCE_LIMIT_MS: u64 = 30_000;
/// Longest note.
const NOTE: usize = 500;
/// Longest that a number may lie, in hours and in days.
const LONGEST: u32 = 10_000;

async fn unused<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<UnusedWaybills>, Problem> {
    let now = cx.moment().now;
    Ok(cx.look(async |db| waybills::unused(db, now).await).await?.into())
}

async fn settle<W: World>(cx: &Cx<'_, W>, word: SettleWaybill) -> Result<Reply<Done>, Problem> {
    if word.note.chars().count() > NOTE {
        return Err(Problem::field("too_long", "note", format!("最多 {NOTE} 字 / {NOTE} characters at most")));
    }
    let said = (word.outcome, word.note.trim());
    let done = cx.change(async |db| waybills::settle_dispute(db, cx.moment(), cx.actor(), cx.id(), said).await).await?;
    match done {
        SettledAs::Done | SettledAs::Already => Ok(Done::YES.into()),
        SettledAs::Unknown => Err(Problem::unknown("运单 waybill", cx.id())),
        SettledAs::NoDispute => {
            let word = if word.outcome == WaybillOutcome::Lost { "lost" } else { "credited" };
            let detail = format!(
                "承运商没有拒收该单号，不能记为 {word}；先作废 / the carrier has not refused the number, so it is not \
                 {word}: void it first"
            );
            Err(Problem::conflict("no_dispute", detail))
        }
    }
}

async fn answer<W: World>(cx: &Cx<'_, W>, word: AnswerClaim) -> Result<Reply<Done>, Problem> {
    let number = match word.number.as_deref().map(str::trim).filter(|number| !number.is_empty()) {
        None => None,
        Some(number) => Some(WaybillNo::parse(number).map_err(|_| {
            let detail =
                "不是运单号：6 到 40 位字母、数字或横线 / no waybill number: 6 to 40 letters, digits or hyphens";
            Problem::field("unknown_value", "number", detail)
        })?),
    };
    let lane = cx
        .change(async |db| waybills::answer(db, cx.moment(), cx.actor(), cx.id(), number.clone()).await)
        .await?
        .ok_or_else(|| {
            let detail = "该取号已有结果 / what became of the claim is known already";
            Problem::new(StatusCode::CONFLICT, "not_open", detail)
        })?;
    cx.world.wake("flow-book", &lane);
    Ok(Done::YES.into())
}

async fn read<W: World>(cx: &Cx<'_, W>) -> Result<CarrierNumbers, Problem> {
    let now = cx.moment().now;
    let found = cx.look(async |db| waybills::numbers(db, now, cx.id()).await).await?;
    found.ok_or_else(|| Problem::unknown("快递账号 carrier account", cx.id()))
}

async fn numbers<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<CarrierNumbers>, Problem> {
    Ok(read(cx).await?.into())
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchNumbers) -> Result<Reply<CarrierNumbers>, Problem> {
    for (field, given) in
        [("unused_hours", patch.unused_hours), ("idle_days", patch.idle_days), ("reclaim_days", patch.reclaim_days)]
    {
        if given.is_some_and(|given| given > LONGEST) {
            return Err(Problem::field("too_long", field, format!("最多 {LONGEST} / {LONGEST} at most")));
        }
    }
    read(cx).await?;
    cx.change(async |db| waybills::patch_numbers(db, cx.moment(), cx.actor(), cx.id(), &patch).await).await?;
    Ok(read(cx).await?.into())
}

async fn balance<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<CarrierNumbers>, Problem> {
    read(cx).await?;
    let wanted = serde_json::json!({ "account": cx.id() });
    // A lane that is busy asks when it comes to it: the look is there a little later then.
    let _asked: bool = cx.world.call("flow-book", "/balance", &wanted, BALANCE_LIMIT_MS).await?;
    Ok(read(cx).await?.into())
}
