//! The legacy REST orders: list with Link-header paging, and one. Two calls a second into a bucket of forty.

use super::{ME, shape};
use crate::clock;
use crate::order::{Order, Stage};
use crate::server::{Answer, Call, json, set};
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const BUCKET: i64 = 40;
const LEAK_PER_SECOND: i64 = 2;

pub(super) fn handle(world: &mut World, call: &Call, parts: &[&str]) -> Answer {
    let Some(used) = pour(world) else {
        return super::limited(world, call, Some(2));
    };
    let mut answer = match (call.method.as_str(), parts) {
        ("GET", ["orders.json"]) => list(world, call),
        ("GET", ["orders", file]) => match file.strip_suffix(".json").and_then(|id| id.parse().ok()) {
            Some(id) => match world.order(ME, id) {
                Some(order) => json(200, &json!({"order": cut(shape::rest(order), call)})),
                None => json(404, &json!({"errors": "Not Found"})),
            },
            None => json(404, &json!({"errors": "Not Found"})),
        },
        _ => json(404, &json!({"errors": "Not Found"})),
    };
    set(&mut answer, "x-shopify-shop-api-call-limit", &format!("{used}/{BUCKET}"));
    answer
}

/// Adds one call to the leaking bucket; `None` when it is full.
fn pour(world: &mut World) -> Option<i64> {
    let now = clock::now_ms();
    let (level, then) = world.shopify.rest_bucket.unwrap_or((0, now));
    let level = (level - (now - then).max(0) * LEAK_PER_SECOND).max(0);
    let full = level + 1_000 > BUCKET * 1_000;
    let level = if full { level } else { level + 1_000 };
    world.shopify.rest_bucket = Some((level, now));
    if full { None } else { Some((level + 999) / 1_000) }
}

fn list(world: &World, call: &Call) -> Answer {
    let mut asked: BTreeMap<String, String> = call.query_pairs().into_iter().collect();
    let limit = asked.get("limit").and_then(|l| l.parse::<usize>().ok()).unwrap_or(50).clamp(1, 250);
    let mut offset = None;
    if let Some(info) = asked.get("page_info") {
        if asked.keys().any(|k| !matches!(k.as_str(), "page_info" | "limit" | "fields")) {
            return json(400, &json!({"errors": {"page_info": "Cannot pass any filter with page_info"}}));
        }
        let Some((after, filters)) = read_page_info(info) else {
            return json(400, &json!({"errors": {"page_info": "Invalid value."}}));
        };
        offset = Some(after);
        asked = filters;
    }
    let by_update = asked.get("order").is_some_and(|o| o.starts_with("updated_at"));
    let descending = asked.get("order").is_none_or(|o| o.ends_with("desc") || o.ends_with("DESC"));
    let key = |o: &Order| if by_update { (o.modified_ms, o.id) } else { (o.created_ms, o.id) };
    let mut orders: Vec<&Order> = world.orders.iter().filter(|o| o.platform == ME && wanted(o, &asked)).collect();
    orders.sort_by_key(|o| if descending { (-key(o).0, -o.id) } else { key(o) });
    let place = |o: &Order| if descending { (-key(o).0, -o.id) } else { key(o) };
    if let Some(after) = offset {
        orders.retain(|o| place(o) > after);
    }
    let more = orders.len() > limit;
    orders.truncate(limit);
    let shown: Vec<Value> = orders.iter().map(|o| cut(shape::rest(o), call)).collect();
    let mut answer = json(200, &json!({"orders": shown}));
    if let Some(last) = orders.last().filter(|_| more) {
        let info = write_page_info(place(last), &asked);
        let url = format!("http://{}{}?limit={limit}&page_info={info}", call.host, call.path);
        set(&mut answer, "link", &format!("<{url}>; rel=\"next\""));
    }
    answer
}

fn wanted(order: &Order, asked: &BTreeMap<String, String>) -> bool {
    let at = |name: &str| asked.get(name).and_then(|t| clock::parse_iso(t, 8)).map(|t| t / 1_000);
    let status = match asked.get("status").map_or("open", String::as_str) {
        "any" => true,
        "cancelled" => order.stage == Stage::Cancelled,
        "closed" => order.stage == Stage::Completed,
        _ => !matches!(order.stage, Stage::Cancelled | Stage::Completed),
    };
    let ids = asked.get("ids").is_none_or(|ids| ids.split(',').any(|id| id == order.id.to_string()));
    status
        && ids
        && at("updated_at_min").is_none_or(|t| order.modified_ms / 1_000 >= t)
        && at("updated_at_max").is_none_or(|t| order.modified_ms / 1_000 <= t)
        && at("created_at_min").is_none_or(|t| order.created_ms / 1_000 >= t)
        && at("created_at_max").is_none_or(|t| order.created_ms / 1_000 <= t)
}

fn cut(order: Value, call: &Call) -> Value {
    let Some(fields) = call.query_value("fields") else { return order };
    let wanted: Vec<&str> = fields.split(',').map(str::trim).collect();
    match order {
        Value::Object(all) => Value::Object(all.into_iter().filter(|(k, _)| wanted.contains(&k.as_str())).collect()),
        other => other,
    }
}

fn write_page_info(after: (i64, i64), filters: &BTreeMap<String, String>) -> String {
    URL_SAFE_NO_PAD.encode(json!({"after": [after.0, after.1], "filters": filters}).to_string())
}

fn read_page_info(info: &str) -> Option<((i64, i64), BTreeMap<String, String>)> {
    let json: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(info).ok()?).ok()?;
    let after = json.get("after")?;
    let filters = serde_json::from_value(json.get("filters")?.clone()).ok()?;
    Some(((after.get(0)?.as_i64()?, after.get(1)?.as_i64()?), filters))
}
