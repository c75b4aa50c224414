//! Shops: `channels`, `shops`.

use super::{by_id, one};
use crate::cx::{Cx, Reply};
use crate::known;
use crate::problem::Problem;
use crate::read::{filled, id, limit};
use crate::table::Route;
use huidan_store::console::seller;
use huidan_store::{reconcile, shops as pulls, tokens};
use huidan_wire::api::{Ask, Authorisation, MissingOrder, NewShop, Nothing, Page, PatchShop, Role, Shop};
use huidan_wire::call::{Answer, ChannelManifest, For, GrantPage};
use huidan_world::{Egress, World, credentials, put_access};
use std::collections::BTreeMap;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get(
        "/api/v1/channels",
        Role::Viewer,
        "The channels there are, and what a shop needs",
        channels,
    ));
    routes.push(Route::get("/api/v1/shops", Role::Viewer, "The shops", list));
    routes.push(Route::post(
        "/api/v1/shops",
        Role::Owner,
        "Add a shop; its orders of the last three days come in",
        add,
    ));
    routes.push(Route::get("/api/v1/shops/{id}", Role::Viewer, "One shop", show));
    routes.push(Route::new(http::Method::PATCH, "/api/v1/shops/{id}", Role::Owner, "Change a shop", change));
    let says = "Begin an authorisation: the answer holds the platform's page to open";
    routes.push(Route::post("/api/v1/shops/{id}/authorize", Role::Owner, says, authorize));
    let says = "Orders that the channels had and we had not, with the cause, newest first";
    routes.push(Route::get("/api/v1/missing", Role::Viewer, says, missing));
}

/// How far back a new shop's orders are listed, in seconds.
const BACK_S: i64 = 3 * 86_400;
/// When a new shop's orders are compared with the channel's for the first time, in seconds.
const COMPARE_S: i64 = 120;

async fn channels<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Page<ChannelManifest>>, Problem> {
    let mut items = Vec::new();
    for id in known::adapters("channel") {
        // One that is away is left out: the others can still be set up.
        items.extend(known::channel(cx, &id).await.ok());
    }
    Ok(Page { items, next: None }.into())
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Shop>>, Problem> {
    let mut page = by_id(cx, &ask, async |db, part| seller::shops(db, part).await, |shop| &shop.id).await?;
    for shop in &mut page.items {
        shop.webhook = cx.address(&shop.webhook).await;
    }
    Ok(page.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<Shop, Problem> {
    let mut shop = one(cx, "店铺 shop", id, async |db, part| seller::shops(db, part).await).await?;
    shop.webhook = cx.address(&shop.webhook).await;
    Ok(shop)
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Shop>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

/// A shop's own address must be one that may be called, and there must be one where the channel cannot do without.
async fn address<W: World>(cx: &Cx<'_, W>, manifest: &ChannelManifest, given: Option<&str>) -> Result<(), Problem> {
    match (manifest.own_host, given.filter(|url| !url.is_empty())) {
        (true, None) if !manifest.host_optional => {
            let detail = "请填写店铺自己的网址 / fill in the shop's own address";
            Err(Problem::field("missing_field", "base_url", detail))
        }
        (false, Some(_)) => {
            let detail = "此平台使用平台网关，不填 base_url / this platform has its own gateway; leave base_url out";
            Err(Problem::field("not_for_this_channel", "base_url", detail))
        }
        (_, None) => Ok(()),
        (true, Some(url)) => {
            let own = cx.world.variable("allow_private_hosts").await.unwrap_or_default();
            let checked = Egress::new([own.as_str()]).check(url);
            checked.map_err(|error| Problem::field("address_refused", "base_url", error.to_string()))
        }
    }
}

async fn add<W: World>(cx: &Cx<'_, W>, mut new: NewShop) -> Result<Reply<Shop>, Problem> {
    id("id", &new.id)?;
    filled("name", &new.name)?;
    let manifest = known::channel(cx, &new.channel).await?;
    new.base_url = new.base_url.filter(|url| !url.is_empty());
    known::credentials(&manifest.credentials, &new.credentials)?;
    address(cx, &manifest, new.base_url.as_deref()).await?;
    if !cx.look(async |db| seller::shops(db, huidan_store::console::Part::one(&new.id)).await).await?.is_empty() {
        return Err(Problem::exists("店铺 shop", &new.id));
    }
    let keys = cx.keys("credential_key").await?;
    let (environment, base_url) = (new.environment.name(), new.base_url.as_deref());
    cx.world
        .edge(async |db| {
            let credentials = &new.credentials;
            put_access(db, cx.moment(), &keys, "shop", &new.id, &new.channel, environment, base_url, credentials).await
        })
        .await?;
    let now = cx.moment().now;
    let added = cx
        .change(async |db| {
            let added = seller::add_shop(db, cx.moment(), cx.actor(), &new).await?;
            if added && manifest.list.is_some() {
                pulls::start_pull(db, &new.id, now.plus_seconds(-BACK_S), now).await?;
                // Once at once, so that the gauge says soon whether anything is missing; then by the schedule.
                let soon = now.plus_seconds(COMPARE_S);
                reconcile::start(db, &new.id, now.plus_seconds(-BACK_S), soon).await?;
            }
            Ok(added)
        })
        .await?;
    if !added {
        return Err(Problem::exists("店铺 shop", &new.id));
    }
    renew(cx, &manifest, &new.id, &new.credentials).await?;
    if manifest.list.is_some() {
        cx.world.wake("flow-intake", &format!("pull/{}", new.id));
    }
    Ok(Reply::made(read(cx, &new.id).await?))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchShop) -> Result<Reply<Shop>, Problem> {
    let shop = read(cx, cx.id()).await?;
    if let Some(name) = &patch.name {
        filled("name", name)?;
    }
    if patch.credentials.is_some() || patch.base_url.is_some() || patch.environment.is_some() {
        access(cx, &shop, &patch).await?;
    }
    cx.change(async |db| seller::patch_shop(db, cx.moment(), cx.actor(), &shop.id, &patch).await).await?;
    let now = cx.moment().now;
    if patch.credentials.is_some() && shop.pulled_to.is_some() {
        // What failed for a wrong credential is tried again at once.
        cx.change(async |db| pulls::start_pull(db, &shop.id, now, now).await).await?;
        cx.world.wake("flow-intake", &format!("pull/{}", shop.id));
    }
    if patch.mode.is_some() {
        cx.world.wake("flow-plan", "plan");
        // Who goes live has every open order read back first.
        cx.world.wake("flow-intake", &format!("live/{}", shop.id));
    }
    Ok(read(cx, &shop.id).await?.into())
}

/// Has the shop's first token fetched at once where the platform gives one for what was entered: its life is known then,
/// and it is renewed in time from there on.
async fn renew<W: World>(
    cx: &Cx<'_, W>,
    manifest: &ChannelManifest,
    shop: &str,
    credentials: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    let given = |name: &str| credentials.get(name).is_some_and(|value| !value.is_empty());
    // With a page of the platform nothing can be fetched before somebody was there.
    if manifest.tokens && (given("refresh_token") || !manifest.grant_page) {
        let now = cx.moment().now;
        cx.world.edge(async |db| tokens::renew_from(db, shop, now).await).await?;
        cx.world.wake("flow-intake", "tokens");
    }
    Ok(())
}

/// Limit of asking a channel for its page, in milliseconds.
const PAGE_LIMIT_MS: u64 = 5_000;

async fn authorize<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Authorisation>, Problem> {
    let shop = read(cx, cx.id()).await?;
    if cx.world.variable("public_url").await.is_none() {
        let detail = "请先设置 public_url（平台授权后要跳转回来）/ set public_url first: the platform sends the browser back to it";
        return Err(Problem::field("missing_setting", "public_url", detail));
    }
    let back_to = cx.address(&format!("/oauth/{}/callback", shop.channel)).await;
    let asked = For { account: shop.id, subject: GrantPage { back_to } };
    let component = format!("channel-{}", shop.channel);
    match cx.world.call(&component, "/call/grant-page", &asked, PAGE_LIMIT_MS).await? {
        Answer::Done(page) => Ok(Authorisation { page }.into()),
        Answer::Failed::<String>(failure) => Err(Problem::field(
            "cannot_authorise",
            if failure.kind == "credentials" { format!("credentials.{}", failure.code) } else { "channel".to_owned() },
            failure.detail,
        )),
    }
}

async fn missing<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<MissingOrder>>, Problem> {
    let limit = limit(ask.limit)?;
    let items = cx.look(async |db| seller::missing(db, limit).await).await?;
    Ok(Page { items, next: None }.into())
}

/// Writes what the shop's channel needs to know: those credentials that are named are replaced.
async fn access<W: World>(cx: &Cx<'_, W>, shop: &Shop, patch: &PatchShop) -> Result<(), Problem> {
    let manifest = known::channel(cx, &shop.channel).await?;
    let base_url = patch.base_url.clone().or_else(|| shop.base_url.clone()).filter(|url| !url.is_empty());
    address(cx, &manifest, base_url.as_deref()).await?;
    let keys = cx.keys("credential_key").await?;
    let kept = cx.world.edge(async |db| credentials(db, &keys, "shop", &shop.id).await).await?;
    let mut values = kept.unwrap_or_default();
    values.extend(patch.credentials.clone().unwrap_or_default());
    known::credentials(&manifest.credentials, &values)?;
    let environment = patch.environment.map_or(shop.environment.as_str(), |environment| environment.name());
    cx.world
        .edge(async |db| {
            let (id, channel, url) = (&shop.id, &shop.channel, base_url.as_deref());
            put_access(db, cx.moment(), &keys, "shop", id, channel, environment, url, &values).await
        })
        .await?;
    renew(cx, &manifest, &shop.id, &values).await
}
