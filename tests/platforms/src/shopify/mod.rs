//! Shopify: the GraphQL Admin endpoint, the legacy REST orders, and webhooks.

pub(crate) mod graphql;
mod mutate;
mod query;
mod rest;
pub(crate) mod shape;

use crate::clock::rfc3339_utc;
use crate::order::Platform;
use crate::push::{Next, Outcome, Policy, Push};
use crate::server::{Answer, Call, Face, json, set};
use crate::sign;
use crate::world::{Event, World};
use bytes::Bytes;
use graphql::{Cutter, Operation};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const ME: Platform = Platform::Shopify;
/// Retries over four hours, each wait twice the one before: 255 units in all.
const RETRIES: u32 = 8;
const RETRY_UNIT_MS: u64 = 4 * 3_600_000 / 255;

/// What the simulated shop keeps besides orders and stock.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) subscriptions: BTreeMap<i64, Subscription>,
    /// Answers of mutations by idempotency key, with the arguments they were given for.
    pub(crate) idempotent: BTreeMap<String, (Value, Value)>,
    /// Thousandths of points left, and when that was.
    points: Option<(i64, i64)>,
    /// REST calls in the bucket, in thousandths, and when that was.
    rest_bucket: Option<(i64, i64)>,
}

/// A webhook subscription.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) topic: String,
    pub(crate) url: String,
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

fn operation(call: &Call) -> String {
    if call.path.ends_with("/graphql.json") {
        let query = document(call).and_then(|d| d.get("query").and_then(Value::as_str).map(str::to_owned));
        graphql::root_names(&query.unwrap_or_default()).join("+")
    } else {
        format!("{} {}", call.method, call.parts().last().copied().unwrap_or_default())
    }
}

fn document(call: &Call) -> Option<Value> {
    if call.header("content-type").starts_with("application/graphql") {
        return Some(json!({"query": String::from_utf8_lossy(&call.body)}));
    }
    serde_json::from_slice(&call.body).ok()
}

/// What an Admin API token that is no longer good gets.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "expired token", true);
    invalid_token()
}

fn limited(world: &World, call: &Call, seconds: Option<u32>) -> Answer {
    if call.path.ends_with("/graphql.json") {
        return throttled(0, world.options.shopify.restore_per_second, 10);
    }
    let mut answer = json(
        429,
        &json!({"errors": "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."}),
    );
    if let Some(seconds) = seconds {
        set(&mut answer, "retry-after", &format!("{seconds}.0"));
    }
    answer
}

fn throttled(available: i64, restore: i64, requested: i64) -> Answer {
    json(
        200,
        &json!({
            "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"}}],
            "extensions": {"cost": {"requestedQueryCost": requested, "actualQueryCost": null,
                "throttleStatus": {"maximumAvailable": restore * 20, "currentlyAvailable": available, "restoreRate": restore}}}
        }),
    )
}

fn invalid_token() -> Answer {
    json(401, &json!({"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}))
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.header("x-shopify-access-token") != world.options.shopify.access_token {
        world.refuse(ME, &operation(call), "access token", true);
        return invalid_token();
    }
    let parts = call.parts();
    let mut answer = match parts.as_slice() {
        ["admin", "api", version, "graphql.json"] if call.method == "POST" => graphql(world, version, call),
        ["admin", "api", _, rest @ ..] => rest::handle(world, call, rest),
        _ => json(404, &json!({"errors": "Not Found"})),
    };
    if let Some(version) = parts.get(2) {
        set(&mut answer, "x-shopify-api-version", version);
    }
    answer
}

fn graphql(world: &mut World, version: &str, call: &Call) -> Answer {
    let Some(document) = document(call) else {
        return json(400, &json!({"errors": {"query": "Required parameter missing or invalid"}}));
    };
    let Some(query) = document.get("query").and_then(Value::as_str) else {
        return json(400, &json!({"errors": {"query": "Required parameter missing or invalid"}}));
    };
    let empty = json!({});
    let variables = document.get("variables").filter(|v| v.is_object()).unwrap_or(&empty);
    let name = document.get("operationName").and_then(Value::as_str);
    let operation = match graphql::read(query, variables, name) {
        Ok(operation) => operation,
        Err(messages) => {
            world.refuse(ME, &self::operation(call), &messages.join("; "), false);
            let errors: Vec<Value> = messages.iter().map(|m| json!({"message": m})).collect();
            return json(200, &json!({"errors": errors}));
        }
    };
    let requested = cost(&operation);
    let restore = world.options.shopify.restore_per_second;
    let available = refill(world, restore);
    if available < requested {
        return throttled(available, restore, requested);
    }
    let (data, cutter) = execute(world, version, &operation);
    let actual = if operation.mutation { 10 } else { cutter.objects.min(requested).max(1) };
    spend(world, actual);
    if !cutter.errors.is_empty() {
        let why = cutter.errors.iter().filter_map(|e| e.get("message")?.as_str()).collect::<Vec<_>>().join("; ");
        world.refuse(ME, &self::operation(call), &why, false);
    }
    let mut body = Map::new();
    // A document that asks for what is not in the schema is refused as a whole.
    let invalid =
        cutter.errors.iter().any(|e| e.pointer("/extensions/code").and_then(Value::as_str) == Some("undefinedField"));
    if !invalid {
        body.insert("data".to_owned(), Value::Object(data));
    }
    if !cutter.errors.is_empty() {
        body.insert("errors".to_owned(), Value::Array(cutter.errors));
    }
    body.insert("extensions".to_owned(), json!({"cost": {"requestedQueryCost": requested, "actualQueryCost": actual,
        "throttleStatus": {"maximumAvailable": restore * 20, "currentlyAvailable": available - actual, "restoreRate": restore}}}));
    json(200, &Value::Object(body))
}

fn cost(operation: &Operation) -> i64 {
    if operation.mutation { 10 } else { operation.fields.iter().map(graphql::Field::cost).sum::<i64>().clamp(1, 1_000) }
}

fn execute(world: &mut World, version: &str, operation: &Operation) -> (Map<String, Value>, Cutter) {
    let mut cutter = Cutter::default();
    let mut data = Map::new();
    for field in &operation.fields {
        let value = if operation.mutation { mutate::run(world, version, field) } else { query::run(world, field) };
        match value {
            Ok(value) => {
                let value = cutter.cut(&value, field);
                data.insert(Cutter::key(field), value);
            }
            Err(error) => {
                cutter.errors.push(error);
                data.insert(Cutter::key(field), Value::Null);
            }
        }
    }
    (data, cutter)
}

/// Points available now.
fn refill(world: &mut World, restore: i64) -> i64 {
    let now = crate::clock::now_ms();
    let full = restore * 20 * 1_000;
    let (left, then) = world.shopify.points.unwrap_or((full, now));
    let left = (left + (now - then).max(0) * restore).min(full);
    world.shopify.points = Some((left, now));
    left / 1_000
}

fn spend(world: &mut World, points: i64) {
    if let Some((left, _)) = &mut world.shopify.points {
        *left -= points * 1_000;
    }
}

/// Sends the webhooks that an event causes.
pub(crate) fn tell(world: &mut World, id: i64, event: Event) {
    let Some(order) = world.order(ME, id) else { return };
    let body = shape::rest(order);
    let fulfilled = if order.fully_shipped() { "orders/fulfilled" } else { "orders/partially_fulfilled" };
    let topics: &[&str] = match event {
        Event::Created => &["orders/create"],
        Event::Paid => &["orders/paid", "orders/updated"],
        Event::Changed => &["orders/updated"],
        Event::Cancelled => &["orders/cancelled", "orders/updated"],
        Event::Refunded => &["refunds/create", "orders/updated"],
        Event::Shipped => &[fulfilled, "orders/updated"],
    };
    let event_id = world.next();
    for topic in topics {
        let body = match (*topic, body.get("refunds").and_then(|r| r.get(0))) {
            ("refunds/create", Some(refund)) => refund.clone(),
            _ => body.clone(),
        };
        let wanted: Vec<(i64, Subscription)> = world
            .shopify
            .subscriptions
            .iter()
            .filter(|(_, s)| s.topic == *topic)
            .map(|(i, s)| (*i, s.clone()))
            .collect();
        for (subscription, to) in wanted {
            send(world, subscription, &to, id, event_id, &body);
        }
    }
}

fn send(world: &mut World, subscription: i64, to: &Subscription, about: i64, event_id: i64, body: &Value) {
    let body = Bytes::from(body.to_string());
    let delivery = uuid(world);
    let options = &world.options.shopify;
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "Shopify-Captain-Hook".to_owned()),
        ("x-shopify-topic", to.topic.clone()),
        ("x-shopify-hmac-sha256", sign::webhook(&options.client_secret, &body)),
        ("x-shopify-shop-domain", options.shop_domain.clone()),
        ("x-shopify-api-version", "2026-10".to_owned()),
        ("x-shopify-webhook-id", delivery.clone()),
        ("x-shopify-event-id", format!("00000000-0000-4000-8000-{event_id:012}")),
        ("x-shopify-triggered-at", rfc3339_utc(world.now(ME))),
    ];
    let url = to.url.clone();
    world.send(Push {
        platform: ME,
        topic: to.topic.clone(),
        about: about.to_string(),
        delivery,
        url,
        headers,
        body,
        policy: Policy::Shopify(subscription),
    });
}

fn uuid(world: &mut World) -> String {
    let r = &mut world.rng;
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        r.u32(..),
        r.u16(..),
        r.u16(..0x1000),
        r.u16(..0x1000),
        r.u64(..1 << 48)
    )
}

/// Eight retries over four hours; when the last has failed too, the subscription is gone.
pub(crate) fn after_attempt(world: &mut World, subscription: i64, attempt: u32, outcome: &Outcome) -> Next {
    if outcome.success() {
        return Next::Done;
    }
    if !world.shopify.subscriptions.contains_key(&subscription) {
        return Next::GiveUp;
    }
    if attempt > RETRIES {
        world.shopify.subscriptions.remove(&subscription);
        return Next::GiveUp;
    }
    let wait = RETRY_UNIT_MS.saturating_mul(1 << (attempt - 1)) / u64::from(world.options.speed.max(1));
    Next::Retry(Duration::from_millis(wait.max(1)))
}

/// Subscribes a URL to every topic an order can cause, as an app does through the Admin API.
pub(crate) fn subscribe_all(world: &mut World, url: &str) {
    for topic in [
        "orders/create",
        "orders/updated",
        "orders/paid",
        "orders/cancelled",
        "orders/fulfilled",
        "orders/partially_fulfilled",
        "refunds/create",
    ] {
        subscribe(world, topic, url);
    }
}

/// Adds one subscription and returns its id.
pub(crate) fn subscribe(world: &mut World, topic: &str, url: &str) -> i64 {
    let id = 9_807_199_254_740_993 + world.next();
    world.shopify.subscriptions.insert(id, Subscription { topic: topic.to_owned(), url: url.to_owned() });
    id
}
