//! Carrier accounts: `carrier-kinds`, `carriers`.

use super::{by_id, one, plan_again};
use crate::cx::{Cx, Reply};
use crate::known;
use crate::problem::Problem;
use crate::read::{filled, id};
use crate::table::Route;
use huidan_store::console::{Part, seller};
use huidan_wire::api::{Ask, Carrier, NewCarrier, Nothing, Page, PatchCarrier, Role};
use huidan_wire::call::CarrierManifest;
use huidan_world::{World, credentials, put_access};
use std::collections::BTreeMap;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "The carriers there are, and what an account needs";
    routes.push(Route::get("/api/v1/carrier-kinds", Role::Viewer, says, kinds));
    routes.push(Route::get("/api/v1/carriers", Role::Viewer, "The carrier accounts", list));
    let says = "Add a carrier account; the answer holds the address for the carrier's push, with its secret, this once";
    routes.push(Route::post("/api/v1/carriers", Role::Owner, says, add));
    routes.push(Route::get("/api/v1/carriers/{id}", Role::Viewer, "One carrier account", show));
    let says = "Change a carrier account";
    routes.push(Route::new(http::Method::PATCH, "/api/v1/carriers/{id}", Role::Owner, says, change));
}

/// The credential that a carrier's component compares with the last segment of its push's path.
const SECRET: &str = "push_secret";
/// Holds that another carrier account may end.
const WAITS: [&str; 2] = ["not_routed", "no_carrier"];

async fn kinds<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Page<CarrierManifest>>, Problem> {
    let mut items = Vec::new();
    for id in known::adapters("carrier") {
        items.extend(known::carrier(cx, &id).await.ok());
    }
    Ok(Page { items, next: None }.into())
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Carrier>>, Problem> {
    Ok(by_id(cx, &ask, async |db, part| seller::carriers(db, part).await, |account| &account.id).await?.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<Carrier, Problem> {
    one(cx, "快递账号 carrier account", id, async |db, part| seller::carriers(db, part).await).await
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Carrier>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

/// Where the carrier is to push; with the secret that stands at its end where the carrier signs nothing.
async fn push<W: World>(
    cx: &Cx<'_, W>,
    manifest: &CarrierManifest,
    id: &str,
    values: &BTreeMap<String, String>,
) -> Option<String> {
    let path = format!("/track/{}/{id}", manifest.id);
    match (manifest.pushes, manifest.secret_path) {
        (false, _) => None,
        (true, false) => Some(cx.address(&path).await),
        (true, true) => Some(cx.address(&format!("{path}/{}", values.get(SECRET)?)).await),
    }
}

/// A carrier that signs nothing gets a secret of our making, unless one is given.
fn with_secret<W: World>(cx: &Cx<'_, W>, manifest: &CarrierManifest, values: &mut BTreeMap<String, String>) {
    if manifest.secret_path && values.get(SECRET).is_none_or(|secret| secret.trim().is_empty()) {
        values.insert(SECRET.to_owned(), cx.moment().secret::<16>());
    }
}

async fn add<W: World>(cx: &Cx<'_, W>, mut new: NewCarrier) -> Result<Reply<Carrier>, Problem> {
    id("id", &new.id)?;
    filled("name", &new.name)?;
    let manifest = known::carrier(cx, &new.carrier).await?;
    known::credentials(&manifest.credentials, &new.credentials)?;
    with_secret(cx, &manifest, &mut new.credentials);
    if !cx.look(async |db| seller::carriers(db, Part::one(&new.id)).await).await?.is_empty() {
        return Err(Problem::exists("快递账号 carrier account", &new.id));
    }
    let keys = cx.keys("credential_key").await?;
    cx.world
        .edge(async |db| {
            let (id, carrier, environment) = (&new.id, &new.carrier, new.environment.name());
            put_access(db, cx.moment(), &keys, "carrier", id, carrier, environment, None, &new.credentials).await
        })
        .await?;
    let takes = &manifest.takes_tokens_of;
    if !cx
        .change(async |db| seller::add_carrier(db, cx.moment(), cx.actor(), &new, takes, manifest.books).await)
        .await?
    {
        return Err(Problem::exists("快递账号 carrier account", &new.id));
    }
    plan_again(cx, &WAITS).await?;
    let mut account = read(cx, &new.id).await?;
    account.push = push(cx, &manifest, &new.id, &new.credentials).await;
    Ok(Reply::made(account))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchCarrier) -> Result<Reply<Carrier>, Problem> {
    let account = read(cx, cx.id()).await?;
    if let Some(name) = &patch.name {
        filled("name", name)?;
    }
    let manifest = known::carrier(cx, &account.carrier).await?;
    let keys = cx.keys("credential_key").await?;
    let mut pushed = None;
    if patch.credentials.is_some() || patch.environment.is_some() {
        let kept = cx.world.edge(async |db| credentials(db, &keys, "carrier", &account.id).await).await?;
        let mut values = kept.unwrap_or_default();
        values.extend(patch.credentials.clone().unwrap_or_default());
        known::credentials(&manifest.credentials, &values)?;
        with_secret(cx, &manifest, &mut values);
        let environment = patch.environment.map_or(account.environment.as_str(), |environment| environment.name());
        cx.world
            .edge(async |db| {
                let (id, carrier) = (&account.id, &account.carrier);
                put_access(db, cx.moment(), &keys, "carrier", id, carrier, environment, None, &values).await
            })
            .await?;
        if patch.credentials.as_ref().is_some_and(|given| given.contains_key(SECRET)) {
            pushed = push(cx, &manifest, &account.id, &values).await;
        }
    }
    let takes = &manifest.takes_tokens_of;
    cx.change(async |db| seller::patch_carrier(db, cx.moment(), cx.actor(), &account.id, &patch, takes).await).await?;
    plan_again(cx, &WAITS).await?;
    cx.world.wake("flow-book", &account.id);
    let mut account = read(cx, &account.id).await?;
    account.push = pushed;
    Ok(account.into())
}
