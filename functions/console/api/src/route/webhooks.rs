//! Other systems that are told of events: `webhooks`, signed as Standard Webhooks.

use super::notices::{kept, known_topics, messages, must_be_new, put, resend};
use super::{by_id, one};
use crate::cx::{Cx, Reply};
use crate::known;
use crate::problem::Problem;
use crate::read::{filled, id};
use crate::table::Route;
use http::{Method, StatusCode};
use huidan_exchange::sign;
use huidan_store::notices;
use huidan_wire::api::{
    Ask, AskNotices, NewWebhook, Nothing, Notice, NoticeWay, Page, PatchNoticeWay, PatchWebhook, Role, Webhook,
};
use huidan_world::{Egress, World};
use std::collections::BTreeMap;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    use Role::{Operator, Owner, Viewer};
    routes.push(Route::get("/api/v1/webhooks", Viewer, "Other systems that are told of events", list));
    let says = "Add a system; the answer holds the secret that signs its events, this once";
    routes.push(Route::post("/api/v1/webhooks", Owner, says, add));
    routes.push(Route::get("/api/v1/webhooks/deliveries", Viewer, "What they were told, newest first", deliveries));
    let says = "Send an event again, under its id";
    routes.push(Route::post("/api/v1/webhooks/deliveries/{id}/resend", Operator, says, resend));
    routes.push(Route::get("/api/v1/webhooks/{id}", Viewer, "One system", show));
    let says = "Change a system; a new secret is in the answer, this once";
    routes.push(Route::new(Method::PATCH, "/api/v1/webhooks/{id}", Owner, says, change));
}

const SECRET: &str = "secret";
const OLD_SECRET: &str = "old_secret";

fn shown(way: NoticeWay) -> Webhook {
    Webhook {
        id: way.id,
        name: way.name,
        url: way.address.unwrap_or_default(),
        takes: way.takes,
        shops: way.shops,
        active: way.active,
        trouble: way.trouble,
        created_at: way.created_at,
        secret: None,
    }
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Webhook>>, Problem> {
    let Page { items, next } =
        by_id(cx, &ask, async |db, part| notices::ways(db, part, true).await, |way| &way.id).await?;
    Ok(Page { items: items.into_iter().map(shown).collect(), next }.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<NoticeWay, Problem> {
    one(cx, "webhook", id, async |db, part| notices::ways(db, part, true).await).await
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Webhook>, Problem> {
    Ok(shown(read(cx, cx.id()).await?).into())
}

async fn deliveries<W: World>(cx: &Cx<'_, W>, ask: AskNotices) -> Result<Reply<Page<Notice>>, Problem> {
    messages(cx, &ask, true).await
}

/// The address must be one that may be called.
async fn address<W: World>(cx: &Cx<'_, W>, url: &str) -> Result<(), Problem> {
    let own = cx.world.variable("allow_private_hosts").await.unwrap_or_default();
    let checked = Egress::new([own.as_str()]).check(url);
    checked.map_err(|error| Problem::field("address_refused", "url", error.to_string()))
}

/// A secret of 24 bytes, as Standard Webhooks write it.
fn new_secret<W: World>(cx: &Cx<'_, W>) -> String {
    let mut key = [0_u8; 24];
    cx.moment().chance.fill(&mut key);
    format!("whsec_{}", sign::base64(&key))
}

/// The provider that tells programs.
async fn provider<W: World>(cx: &Cx<'_, W>) -> Result<String, Problem> {
    for id in known::adapters("notify") {
        if known::provider(cx, &id).await.is_ok_and(|manifest| manifest.reach == "system") {
            return Ok(id);
        }
    }
    let detail = "没有推送事件的组件 / no component here tells other systems";
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_provider", detail))
}

async fn add<W: World>(cx: &Cx<'_, W>, new: NewWebhook) -> Result<Reply<Webhook>, Problem> {
    id("id", &new.id)?;
    filled("name", &new.name)?;
    address(cx, &new.url).await?;
    known_topics(&new.takes)?;
    must_be_new(cx, &new.id).await?;
    let secret = new_secret(cx);
    let way = NoticeWay {
        provider: provider(cx).await?,
        id: new.id,
        name: new.name,
        audience: "system".to_owned(),
        environment: "live".to_owned(),
        address: Some(new.url),
        takes: new.takes,
        shops: new.shops,
        language: "en".to_owned(),
        position: 0,
        active: true,
        trouble: String::new(),
        created_at: String::new(),
    };
    put(cx, &way, &BTreeMap::from([(SECRET.to_owned(), secret.clone())])).await?;
    if !cx.change(async |db| notices::add(db, cx.moment(), cx.actor(), &way).await).await? {
        return Err(Problem::exists("webhook", &way.id));
    }
    let made = shown(read(cx, &way.id).await?);
    Ok(Reply::made(Webhook { secret: Some(secret), ..made }))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchWebhook) -> Result<Reply<Webhook>, Problem> {
    let mut way = read(cx, cx.id()).await?;
    patch.name.as_deref().map_or(Ok(()), |name| filled("name", name))?;
    patch.takes.as_deref().map_or(Ok(()), known_topics)?;
    if let Some(url) = &patch.url {
        address(cx, url).await?;
        way.address = Some(url.clone());
    }
    let renewed = (patch.new_secret == Some(true)).then(|| new_secret(cx));
    if renewed.is_some() || patch.url.is_some() {
        let mut values = kept(cx, &way.id).await?;
        if let Some(secret) = &renewed
            && let Some(old) = values.insert(SECRET.to_owned(), secret.clone())
        {
            values.insert(OLD_SECRET.to_owned(), old);
        }
        put(cx, &way, &values).await?;
    }
    let plain = PatchNoticeWay {
        name: patch.name,
        takes: patch.takes,
        shops: patch.shops,
        active: patch.active,
        ..PatchNoticeWay::default()
    };
    let url = patch.url.as_deref();
    cx.change(async |db| notices::patch(db, cx.moment(), cx.actor(), &way.id, &plain, url).await).await?;
    let changed = shown(read(cx, &way.id).await?);
    Ok(Webhook { secret: renewed, ..changed }.into())
}
