use super::budget::{Budget, Purpose};
use super::{answered, drive, grant, inbox_keys, no_account, seen};
use crate::account::Home;
use crate::{Incoming, Outgoing, World, account, serve};
use http::{Method, StatusCode};
use huidan_channel::{
    Channel, ConfirmRules, Document, Event, Import, ImportBy, Others, Reading, Refunds, Shipment, Shows, StockLevel,
};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};
use huidan_store::inbox::{self, Arrival, Tray};
use huidan_store::{StoreError, access};
use huidan_wire::call::{Answer, Fetch, For, List, Read, Read1, TellingRules};
use huidan_wire::form::Form;
use serde::Serialize;
use std::collections::BTreeMap;

/// Serves a channel: its webhooks, the end of an authorisation, and the conductor's calls under `/call/`.
pub async fn channel<W: World, C: Channel>(world: &W, request: Incoming, channel: &C) -> Outgoing {
    let path = request.uri().path().to_owned();
    if let Some(operation) = path.strip_prefix("/call/") {
        return match serve::private(world, &request).await {
            Ok(()) => call(world, operation, &request, channel).await,
            Err(refused) => refused,
        };
    }
    if path.starts_with("/oauth/") {
        return grant::callback(world, &request, channel).await;
    }
    webhook(world, &path, request, channel).await
}

/// Serves a channel's import of spreadsheets: `POST /call/import`, and `/call/import/look` for what it would do. The body
/// is a line of JSON ([`ImportBy`]), then the file as it is.
pub async fn import<W: World, C: Import>(world: &W, request: &Incoming, channel: &C) -> Outgoing {
    if let Err(refused) = serve::private(world, request).await {
        return refused;
    }
    let body = request.body();
    let end = body.iter().position(|byte| *byte == b'\n');
    let parts = end.and_then(|end| Some((body.get(..end)?, body.get(end + 1..)?)));
    let Some((Ok(by), file)) = parts.map(|(line, file)| (serde_json::from_slice::<ImportBy>(line), file)) else {
        return serve::text(StatusCode::BAD_REQUEST, "a line of JSON is missing");
    };
    let now = world.moment().now;
    let refused = |refused| serve::json(StatusCode::UNPROCESSABLE_ENTITY, &refused);
    match request.uri().path() {
        "/call/import/look" => {
            channel.look(file, &by, now).map_or_else(refused, |look| serve::json(StatusCode::OK, &look))
        }
        _ => channel.import(file, &by, now).map_or_else(refused, |imported| serve::json(StatusCode::OK, &imported)),
    }
}

async fn webhook<W: World, C: Channel>(world: &W, path: &str, request: Incoming, channel: &C) -> Outgoing {
    match taken(world, path, request, channel).await {
        Ok(Taken::Said(said)) => channel.answer(&said),
        Ok(Taken::Echoed(reply)) => reply,
        Err(error) => {
            world.log(format_args!("webhook not stored: {error}"));
            channel.answer(&Said::Busy)
        }
    }
}

/// What became of a webhook.
enum Taken {
    /// This is to be said, in the platform's words.
    Said(Said),
    /// A knock that wants to hear something of its own back.
    Echoed(Reply),
}

impl From<Said> for Taken {
    fn from(said: Said) -> Self {
        Self::Said(said)
    }
}

/// A webhook whose sender is proven, and for which shop's secret.
struct Proven {
    hook: Webhook<Verified>,
    shop: Account,
    /// Every shop the same secret speaks for, where one address serves several.
    others: Vec<Account>,
}

async fn taken<W: World, C: Channel>(
    world: &W,
    path: &str,
    request: Incoming,
    channel: &C,
) -> Result<Taken, StoreError> {
    if request.body().len() > channel.manifest().body_limit {
        return Ok(Said::TooLarge.into());
    }
    let shops = match path.split('/').nth(3).filter(|shop| !shop.is_empty()) {
        Some(shop) if seen::stored(world, channel, shop, &request).await? => return Ok(Said::Stored.into()),
        Some(shop) => seen::shop(world, channel, shop).await?.into_iter().collect(),
        None => all_shops(world, channel).await?,
    };
    let proven = match proven(world, shops, &request, channel) {
        Ok(proven) => proven,
        Err(refusal) => return Ok(Said::Refused(refusal).into()),
    };
    if let Some(reply) = channel.echo(&proven.hook, &proven.shop) {
        return Ok(Taken::Echoed(reply));
    }
    let events = match channel.take(&proven.hook, &proven.shop) {
        Ok(events) => events,
        Err(sentence) => {
            world.log(format_args!("webhook of {} is malformed: {sentence}", proven.shop.id));
            return Ok(Said::Malformed(sentence).into());
        }
    };
    stored(world, channel, &proven, events).await?;
    Ok(Said::Stored.into())
}

/// Proves the sender. Where one address serves several shops, any shop's secret that fits will do: it is the
/// application's, and the body says which shop is meant.
fn proven<W: World, C: Channel>(
    world: &W,
    shops: Vec<Account>,
    request: &Incoming,
    channel: &C,
) -> Result<Proven, Refusal> {
    let mut refusal = Refusal::UnknownAccount;
    for (at, shop) in shops.iter().enumerate() {
        match channel.verify(hook(request), shop, world.moment().now) {
            Ok(hook) => {
                let mut others = shops;
                let shop = others.remove(at);
                return Ok(Proven { hook, shop, others });
            }
            Err(refused) => refusal = refused,
        }
    }
    Err(refusal)
}

/// A webhook as it came.
pub(super) fn hook(request: &Incoming) -> Webhook<Unverified> {
    let asked = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    Webhook::new(asked, request.headers().clone(), request.body().clone())
}

/// Puts events into the inbox, each under the shop it is about. What is about a shop that is not ours (any more) is
/// nobody's here: the platform is told yes, as it would ask for ever.
async fn stored<W: World, C: Channel>(
    world: &W,
    channel: &C,
    proven: &Proven,
    events: Vec<Event>,
) -> Result<(), StoreError> {
    let manifest = channel.manifest();
    let mut by_shop: BTreeMap<&str, Vec<Arrival>> = BTreeMap::new();
    for event in events {
        let Some(shop) = shop_meant(manifest.seller_field, &proven.shop, &proven.others, &event.seller) else {
            world.log(format_args!("a webhook of {} is about a shop that is not here", manifest.id));
            continue;
        };
        by_shop.entry(shop).or_default().push(arrival(event));
    }
    if by_shop.is_empty() {
        return Ok(());
    }
    let keys = inbox_keys(world).await?;
    let tray = Tray { kind: "order", source: manifest.id };
    let mut new = 0;
    for (shop, arrivals) in &by_shop {
        new += world.edge(async |db| inbox::take(db, world.moment(), &keys, tray, shop, arrivals).await).await?;
    }
    if new > 0 {
        world.wake("flow-intake", manifest.id);
    }
    Ok(())
}

pub(super) fn arrival(event: Event) -> Arrival {
    Arrival {
        event_id: event.event_id,
        topic: event.topic,
        ext_id: event.ext_id,
        complete: event.complete,
        body: event.document.to_vec(),
    }
}

/// The shop that an event is about: the one whose secret proved it, or among the `others` the one that is named.
pub(super) fn shop_meant<'a>(
    field: Option<&str>,
    proven: &'a Account,
    others: &'a [Account],
    seller: &str,
) -> Option<&'a str> {
    let Some(field) = field.filter(|_| !seller.is_empty()) else { return Some(&proven.id) };
    let mut all = std::iter::once(proven).chain(others);
    let named = all.find(|shop| shop.credentials.optional(field) == Some(seller));
    // A shop entered without the platform's id of it takes what comes to its own address.
    let alone = others.is_empty() && proven.credentials.optional(field).is_none();
    named.or_else(|| alone.then_some(proven)).map(|shop| shop.id.as_str())
}

async fn all_shops<W: World, C: Channel>(world: &W, channel: &C) -> Result<Vec<Account>, StoreError> {
    let manifest = channel.manifest();
    if manifest.seller_field.is_none() {
        return Ok(Vec::new());
    }
    let all = world.edge(async |db| access::of_adapter(db, "shop", manifest.id).await).await?;
    let mut shops = Vec::with_capacity(all.len());
    for one in all {
        shops.extend(shop_of(world, channel, &one.id).await?);
    }
    Ok(shops)
}

pub(super) fn home_of<C: Channel>(channel: &C) -> Home<'static> {
    let manifest = channel.manifest();
    Home { adapter: manifest.id, gateway: [manifest.gateway, manifest.sandbox], origins: manifest.origins }
}

pub(super) async fn shop_of<W: World, C: Channel>(
    world: &W,
    channel: &C,
    shop: &str,
) -> Result<Option<Account>, StoreError> {
    account::load(world, "shop", home_of(channel), shop).await
}

async fn call<W: World, C: Channel>(world: &W, operation: &str, request: &Incoming, channel: &C) -> Outgoing {
    if request.method() != Method::POST {
        return serve::text(StatusCode::METHOD_NOT_ALLOWED, "POST");
    }
    let outcome = match operation {
        "read" => read(request, channel),
        "list" => list(world, request, channel).await,
        "fetch" => fetch(world, request, channel, Purpose::FETCH).await,
        // The same, and it may wait: whether what was told is shown.
        "look" => fetch(world, request, channel, Purpose::LOOK).await,
        "confirm" => confirm(world, request, channel).await,
        "stock" => stock(world, request, channel).await,
        "grant-page" => grant::page(world, request, channel).await,
        "renew" => grant::renew(world, request, channel).await,
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
    let purpose = if asked.reconciles { Purpose::RECONCILE } else { Purpose::LIST };
    for_shop(world, channel, &asked.shop, purpose, |call| channel.list(call, window, asked.cursor.as_deref())).await
}

/// Orders one after the other: a platform's limit counts calls, and so many at once would meet it.
async fn fetch<W: World, C: Channel>(
    world: &W,
    request: &Incoming,
    channel: &C,
    purpose: Purpose,
) -> Result<Outgoing, Outgoing> {
    let asked: Fetch = serve::body(request)?;
    let mut documents = Vec::with_capacity(asked.ext_ids.len());
    for ext_id in &asked.ext_ids {
        match operate(world, channel, &asked.shop, purpose, |call| channel.fetch(call, ext_id)).await? {
            Answer::Done(document) => documents.push(document),
            Answer::Failed(failure) => {
                return Ok(serve::json(StatusCode::OK, &Answer::<Vec<Option<Document>>>::Failed(failure)));
            }
        }
    }
    Ok(serve::json(StatusCode::OK, &Answer::Done(documents)))
}

async fn confirm<W: World, C: Channel>(world: &W, request: &Incoming, channel: &C) -> Result<Outgoing, Outgoing> {
    let asked: For<Shipment> = serve::body(request)?;
    for_shop(world, channel, &asked.account, Purpose::CONFIRM, |call| channel.confirm(call, &asked.subject)).await
}

async fn stock<W: World, C: Channel>(world: &W, request: &Incoming, channel: &C) -> Result<Outgoing, Outgoing> {
    let asked: For<Vec<StockLevel>> = serve::body(request)?;
    for_shop(world, channel, &asked.account, Purpose::STOCK, |call| channel.stock(call, &asked.subject)).await
}

async fn for_shop<W: World, C: Channel, T: Serialize>(
    world: &W,
    channel: &C,
    shop: &str,
    purpose: Purpose,
    operation: impl Fn(&Call<'_>) -> Result<Next<T>, CallError>,
) -> Result<Outgoing, Outgoing> {
    Ok(serve::json(StatusCode::OK, &operate(world, channel, shop, purpose, operation).await?))
}

/// Runs an operation for a shop. A token that turns out to have ended is renewed, and the operation tried once more:
/// a platform that refuses the token has done nothing.
async fn operate<W: World, C: Channel, T>(
    world: &W,
    channel: &C,
    shop: &str,
    purpose: Purpose,
    operation: impl Fn(&Call<'_>) -> Result<Next<T>, CallError>,
) -> Result<Answer<T>, Outgoing> {
    let load = async || shop_of(world, channel, shop).await.map_err(|error| serve::store_failed(&error));
    let Some(account) = load().await? else { return Ok(Answer::Failed(no_account(shop))) };
    let budget = Budget { limits: channel.manifest().limits, purpose };
    let outcome = drive(world, &account, Some(budget), &operation).await;
    let ended = matches!(&outcome, Err(CallError::Credentials { field, .. }) if field == "access_token");
    if !(ended && channel.manifest().tokens.is_some()) {
        return Ok(answered(outcome));
    }
    match grant::renewed(world, channel, &account).await {
        Ok(()) => {
            let Some(account) = load().await? else { return Ok(Answer::Failed(no_account(shop))) };
            Ok(answered(drive(world, &account, Some(budget), &operation).await))
        }
        // The platform's word on the token says more than why it could not be renewed.
        Err(_) => Ok(answered(outcome)),
    }
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
            untimed: !channel.lists_times(),
        }),
        grant_page: manifest.tokens.is_some_and(|tokens| tokens.page),
        tokens: manifest.tokens.is_some(),
        seller_field: manifest.seller_field.map(str::to_owned),
        confirms: manifest.confirm.is_some(),
        telling: manifest.confirm.map(telling),
        stock_batch: manifest.stock_batch,
        limits: manifest.limits.iter().map(|limit| (limit.api.into(), limit.calls, limit.per_s)).collect(),
        credentials: manifest.credentials.iter().map(credential).collect(),
    }
}

fn telling(rules: ConfirmRules) -> TellingRules {
    let code = |(ours, theirs): &(&str, &str)| ((*ours).to_owned(), (*theirs).to_owned());
    TellingRules {
        numbers: rules.numbers.name().into(),
        holds: rules.holds.name().into(),
        shows_one_per_line: rules.shows == Shows::OnePerLine,
        changes: rules.change.is_some(),
        most_changes: rules.change.and_then(|change| change.most),
        change_within_s: rules.change.and_then(|change| change.within_s),
        per_call: rules.per_call,
        weight: rules.weight,
        after_print_s: rules.after_print_s,
        picked_up_s: rules.picked_up_s,
        holds_refunding_lines: rules.refunds == Refunds::FailTheCall,
        already: rules.already.name().into(),
        carriers: rules.carriers.codes.iter().map(code).collect(),
        others_by_name: rules.carriers.others == Others::Named,
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
