use super::{answered, drive, inbox_keys, no_account};
use crate::{Incoming, Outgoing, World, account, serve};
use http::{Method, StatusCode};
use huidan_channel::{Channel, Document, Import, Reading, Shipment, StockLevel};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, CallError, Next, Refusal, Said, Webhook};
use huidan_store::StoreError;
use huidan_store::inbox::{self, Arrival, Tray};
use huidan_wire::call::{Answer, Fetch, For, List, Read, Read1};
use huidan_wire::form::Form;
use serde::Serialize;

/// Serves a channel: its webhooks, and the conductor's calls under `/call/`.
pub async fn channel<W: World, C: Channel>(world: &W, request: Incoming, channel: &C) -> Outgoing {
    let path = request.uri().path().to_owned();
    match path.strip_prefix("/call/") {
        Some(operation) => match serve::private(world, &request).await {
            Ok(()) => call(world, operation, &request, channel).await,
            Err(refused) => refused,
        },
        None => webhook(world, &path, request, channel).await,
    }
}

/// Serves a channel's import of spreadsheets: `POST /call/import` with the file as body.
pub async fn import<W: World, C: Import>(world: &W, request: &Incoming, channel: &C) -> Outgoing {
    match serve::private(world, request).await {
        Ok(()) => match channel.import(request.body(), world.moment().now) {
            Ok(imported) => serve::json(StatusCode::OK, &imported),
            Err(sentence) => serve::text(StatusCode::UNPROCESSABLE_ENTITY, sentence),
        },
        Err(refused) => refused,
    }
}

async fn webhook<W: World, C: Channel>(world: &W, path: &str, request: Incoming, channel: &C) -> Outgoing {
    let said = match taken(world, path, request, channel).await {
        Ok(said) => said,
        Err(error) => {
            world.log(format_args!("webhook not stored: {error}"));
            Said::Busy
        }
    };
    channel.answer(&said)
}

async fn taken<W: World, C: Channel>(
    world: &W,
    path: &str,
    request: Incoming,
    channel: &C,
) -> Result<Said, StoreError> {
    let manifest = channel.manifest();
    if request.body().len() > manifest.body_limit {
        return Ok(Said::TooLarge);
    }
    let shop = path.rsplit('/').next().unwrap_or_default();
    let Some(account) = shop_of(world, channel, shop).await? else {
        return Ok(Said::Refused(Refusal::UnknownAccount));
    };
    let asked = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let (parts, body) = request.into_parts();
    let hook = Webhook::new(asked, parts.headers, body);
    let hook = match channel.verify(hook, &account, world.moment().now) {
        Ok(hook) => hook,
        Err(refusal) => return Ok(Said::Refused(refusal)),
    };
    let events = match channel.take(&hook) {
        Ok(events) => events,
        Err(sentence) => return Ok(Said::Malformed(sentence)),
    };
    if events.is_empty() {
        return Ok(Said::Stored);
    }
    let arrivals: Vec<Arrival> = events
        .into_iter()
        .map(|event| Arrival {
            event_id: event.event_id,
            topic: event.topic,
            ext_id: event.ext_id,
            complete: event.complete,
            body: event.document.to_vec(),
        })
        .collect();
    let keys = inbox_keys(world).await?;
    let tray = Tray { kind: "order", source: manifest.id };
    let new = world.edge(async |db| inbox::take(db, world.moment(), &keys, tray, &account.id, &arrivals).await).await?;
    if new > 0 {
        world.wake("flow-intake", manifest.id);
    }
    Ok(Said::Stored)
}

async fn shop_of<W: World, C: Channel>(world: &W, channel: &C, shop: &str) -> Result<Option<Account>, StoreError> {
    let manifest = channel.manifest();
    account::load(world, "shop", manifest.id, [manifest.gateway, manifest.sandbox], shop).await
}

async fn call<W: World, C: Channel>(world: &W, operation: &str, request: &Incoming, channel: &C) -> Outgoing {
    if request.method() != Method::POST {
        return serve::text(StatusCode::METHOD_NOT_ALLOWED, "POST");
    }
    let outcome = match operation {
        "read" => read(request, channel),
        "list" => list(world, request, channel).await,
        "fetch" => fetch(world, request, channel).await,
        "confirm" => confirm(world, request, channel).await,
        "stock" => stock(world, request, channel).await,
        "manifest" => Ok(serve::json(StatusCode::OK, &described(channel))),
        _ => Err(serve::text(StatusCode::NOT_FOUND, "no such operation")),
    };
    outcome.unwrap_or_else(|refused| refused)
}

fn read<C: Channel>(request: &Incoming, channel: &C) -> Result<Outgoing, Outgoing> {
    let asked: Read<Document> = serve::body(request)?;
    let read: Vec<Read1> = asked
        .documents
        .iter()
        .map(|document| match channel.read(document) {
            Ok(Reading::Order(order)) => Read1::Order(Box::new(order.to_wire())),
            Ok(Reading::Removed { ext_id, at }) => Read1::Removed { ext_id, at: at.0 },
            Err(unreadable) => Read1::Unreadable { field: unreadable.field, detail: unreadable.detail },
        })
        .collect();
    Ok(serve::json(StatusCode::OK, &read))
}

async fn list<W: World, C: Channel>(world: &W, request: &Incoming, channel: &C) -> Result<Outgoing, Outgoing> {
    let asked: List = serve::body(request)?;
    let window = Window { from: Millis(asked.from), to: Millis(asked.to) };
    for_shop(world, channel, &asked.shop, |call| channel.list(call, window, asked.cursor.as_deref())).await
}

async fn fetch<W: World, C: Channel>(world: &W, request: &Incoming, channel: &C) -> Result<Outgoing, Outgoing> {
    let asked: Fetch = serve::body(request)?;
    let Some(account) = shop_of(world, channel, &asked.shop).await.map_err(|e| serve::store_failed(&e))? else {
        return Ok(serve::json(StatusCode::OK, &Answer::<Vec<Option<Document>>>::Failed(no_account(&asked.shop))));
    };
    let mut documents = Vec::with_capacity(asked.ext_ids.len());
    for ext_id in &asked.ext_ids {
        match drive(world, &account, |call| channel.fetch(call, ext_id)).await {
            Ok(document) => documents.push(document),
            Err(error) => {
                return Ok(serve::json(StatusCode::OK, &answered::<Vec<Option<Document>>>(Err(error))));
            }
        }
    }
    Ok(serve::json(StatusCode::OK, &Answer::Done(documents)))
}

async fn confirm<W: World, C: Channel>(world: &W, request: &Incoming, channel: &C) -> Result<Outgoing, Outgoing> {
    let asked: For<Shipment> = serve::body(request)?;
    for_shop(world, channel, &asked.account, |call| channel.confirm(call, &asked.subject)).await
}

async fn stock<W: World, C: Channel>(world: &W, request: &Incoming, channel: &C) -> Result<Outgoing, Outgoing> {
    let asked: For<Vec<StockLevel>> = serve::body(request)?;
    for_shop(world, channel, &asked.account, |call| channel.stock(call, &asked.subject)).await
}

async fn for_shop<W: World, C: Channel, T: Serialize>(
    world: &W,
    channel: &C,
    shop: &str,
    operation: impl Fn(&huidan_exchange::Call<'_>) -> Result<Next<T>, CallError>,
) -> Result<Outgoing, Outgoing> {
    let account = shop_of(world, channel, shop).await.map_err(|error| serve::store_failed(&error))?;
    let answer = match account {
        Some(account) => answered(drive(world, &account, operation).await),
        None => Answer::Failed(no_account(shop)),
    };
    Ok(serve::json(StatusCode::OK, &answer))
}

/// What the rest of the house may know of a channel without naming it.
fn described<C: Channel>(channel: &C) -> huidan_wire::call::ChannelManifest {
    let manifest = channel.manifest();
    huidan_wire::call::ChannelManifest {
        id: manifest.id.into(),
        zh: manifest.zh.into(),
        en: manifest.en.into(),
        own_host: manifest.gateway.is_empty(),
        host_optional: manifest.host_optional,
        list: manifest.list.map(|list| huidan_wire::call::ListRules {
            window_ms: list.window_s * 1000,
            lag_ms: list.lag_s * 1000,
            overlap_ms: list.overlap_s * 1000,
            every_ms: list.every_s * 1000,
            history_ms: list.history_s * 1000,
        }),
        confirms: manifest.confirm.is_some(),
        one_parcel: manifest.confirm.is_some_and(|confirm| confirm.parcels == huidan_channel::Parcels::One),
        stock_batch: manifest.stock_batch,
        limits: manifest.limits.iter().map(|limit| (limit.api.into(), limit.calls, limit.per_s)).collect(),
        credentials: manifest.credentials.iter().map(credential).collect(),
    }
}

fn credential(field: &huidan_channel::CredentialField) -> huidan_wire::call::CredentialField {
    huidan_wire::call::CredentialField {
        name: field.name.into(),
        needed: field.needed,
        zh: field.zh.into(),
        en: field.en.into(),
    }
}
