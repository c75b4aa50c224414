//! WooCommerce: REST v3 and webhooks that are never retried.

mod hooks;
mod shape;

pub(crate) use hooks::{after_attempt, subscribe, tell};

use crate::clock::parse_iso;
use crate::faults;
use crate::fiction::Good;
use crate::order::{Order, Platform, Shipment, Stage};
use crate::server::{Answer, Call, Face, json, set};
use crate::sign;
use crate::world::{Event, World};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hooks::{Webhook, hook_shape, reactivate};
use serde_json::{Value, json};
use shape::{product_shape, shape, status};
use std::collections::BTreeMap;

const ME: Platform = Platform::Woocommerce;
/// Site-local time is Beijing's.
const SITE_HOURS: i64 = 8;

/// What the site keeps besides orders and stock.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) webhooks: BTreeMap<i64, Webhook>,
    /// What others wrote to `status`, by order.
    statuses: BTreeMap<i64, String>,
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

fn parts(call: &Call) -> Vec<&str> {
    let parts = call.parts();
    let start = parts.windows(3).position(|w| w == ["wp-json", "wc", "v3"]).map_or(parts.len(), |at| at + 3);
    parts.get(start..).unwrap_or_default().to_vec()
}

fn operation(call: &Call) -> String {
    let named = parts(call).into_iter().map(|p| if p.bytes().all(|b| b.is_ascii_digit()) { "{id}" } else { p });
    format!("{} {}", call.method, named.collect::<Vec<_>>().join("/"))
}

fn problem(status: u16, code: &str, message: &str) -> Answer {
    json(status, &json!({"code": code, "message": message, "data": {"status": status}}))
}

/// Keys do not end by themselves; the site's owner may take them back.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "revoked key", true);
    problem(401, "woocommerce_rest_authentication_error", "Consumer key is invalid.")
}

fn limited(_: &World, _: &Call, seconds: Option<u32>) -> Answer {
    let mut answer = problem(429, "too_many_requests", "Too many requests");
    if let Some(seconds) = seconds {
        set(&mut answer, "retry-after", &seconds.to_string());
    }
    answer
}

/// Basic credentials, or OAuth 1.0a as plain HTTP asks for.
fn authorised(world: &World, call: &Call) -> Result<(), &'static str> {
    let options = &world.options.woocommerce;
    if let Some(basic) = call.header("authorization").strip_prefix("Basic ") {
        let plain = STANDARD.decode(basic).ok().and_then(|b| String::from_utf8(b).ok()).unwrap_or_default();
        let (key, secret) = plain.split_once(':').unwrap_or_default();
        return match (key == options.consumer_key, secret == options.consumer_secret) {
            (false, _) => Err("Consumer key is invalid."),
            (true, false) => Err("Consumer secret is invalid."),
            (true, true) => Ok(()),
        };
    }
    // A parameter that comes twice counts once, as PHP reads queries; some clients repeat theirs.
    let mut query: BTreeMap<String, String> = call.query_pairs().into_iter().collect();
    let Some(given) = query.remove("oauth_signature") else {
        return Err("Sorry, you cannot list resources.");
    };
    let pairs: Vec<(String, String)> = query.into_iter().collect();
    if !pairs.iter().any(|p| p.0 == "oauth_consumer_key" && p.1 == options.consumer_key) {
        return Err("Consumer key is invalid.");
    }
    let url = format!("http://{}{}", call.host, call.path);
    if given == sign::oauth1_sha256(call.method.as_str(), &url, &pairs, &options.consumer_secret) {
        Ok(())
    } else {
        Err("Invalid signature - provided signature does not match.")
    }
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if let Err(why) = authorised(world, call) {
        world.refuse(ME, &operation(call), why, true);
        return problem(401, "woocommerce_rest_authentication_error", why);
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    if !call.body.is_empty() && body.is_null() {
        return problem(400, "rest_invalid_json", "Invalid JSON body passed.");
    }
    let parts = parts(call);
    let id = |text: &str| text.parse::<i64>().unwrap_or(-1);
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["orders"]) => list(world, call),
        ("GET", ["orders", o]) => one(world, id(o)),
        ("PUT" | "POST" | "PATCH", ["orders", o]) => update(world, id(o), &body),
        ("GET", ["orders", o, "notes"]) => notes(world, id(o)),
        ("POST", ["orders", o, "notes"]) => add_note(world, id(o), &body),
        ("GET", ["products"]) => products(world, call),
        ("POST" | "PUT", ["products", "batch"]) => batch(world, &body),
        ("GET", ["products", p]) => product(world, |g| g.woo_product() == id(p)),
        ("PUT" | "POST", ["products", p]) => {
            stock(world, &body, |g| g.woo_product() == id(p) && g.woo_variation() == 0)
        }
        ("GET", ["products", p, "variations"]) => variations(world, id(p)),
        ("GET", ["products", p, "variations", v]) => {
            product(world, |g| g.woo_product() == id(p) && g.woo_variation() == id(v))
        }
        ("PUT" | "POST", ["products", p, "variations", v]) => {
            stock(world, &body, |g| g.woo_product() == id(p) && g.woo_variation() == id(v))
        }
        ("GET", ["webhooks", w]) => match world.woo.webhooks.get(&id(w)) {
            Some(hook) => json(200, &hook_shape(id(w), hook)),
            None => problem(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID."),
        },
        ("GET", ["webhooks"]) => {
            let all: Vec<Value> = world.woo.webhooks.iter().map(|(id, hook)| hook_shape(*id, hook)).collect();
            json(200, &Value::Array(all))
        }
        ("PUT" | "POST", ["webhooks", w]) => reactivate(world, id(w), &body),
        _ => problem(404, "rest_no_route", "No route was found matching the URL and request method."),
    }
}

fn one(world: &World, id: i64) -> Answer {
    match world.order(ME, id) {
        Some(order) => json(200, &shape(world, order)),
        None => problem(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID."),
    }
}

fn list(world: &World, call: &Call) -> Answer {
    let asked: BTreeMap<String, String> = call.query_pairs().into_iter().collect();
    let number = |name: &str, default: usize| asked.get(name).map_or(Some(default), |v| v.parse().ok());
    let (Some(page), Some(per_page)) = (number("page", 1), number("per_page", 10)) else {
        return problem(400, "rest_invalid_param", "Invalid parameter(s): page, per_page");
    };
    if page < 1 || !(1..=100).contains(&per_page) {
        return problem(
            400,
            "rest_invalid_param",
            "Invalid parameter(s): per_page must be between 1 (inclusive) and 100 (inclusive)",
        );
    }
    let hours = if asked.get("dates_are_gmt").is_some_and(|v| v == "true" || v == "1") { 0 } else { SITE_HOURS };
    let at = |name: &str| asked.get(name).map(|t| parse_iso(t, hours).ok_or(()));
    let dates = ["modified_after", "modified_before", "after", "before"].map(at);
    if dates.iter().any(|d| d == &Some(Err(()))) {
        return problem(400, "rest_invalid_param", "Invalid parameter(s): a date is not ISO 8601");
    }
    let [modified_after, modified_before, after, before] = dates.map(|d| d.and_then(Result::ok).map(|t| t / 1_000));
    let statuses: Option<Vec<&str>> = asked.get("status").filter(|s| *s != "any").map(|s| s.split(',').collect());
    let mut found: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| o.platform == ME)
        // "After" and "before" leave the named instant itself out.
        .filter(|o| modified_after.is_none_or(|t| o.modified_ms / 1_000 > t))
        .filter(|o| modified_before.is_none_or(|t| o.modified_ms / 1_000 < t))
        .filter(|o| after.is_none_or(|t| o.created_ms / 1_000 > t) && before.is_none_or(|t| o.created_ms / 1_000 < t))
        .filter(|o| statuses.as_ref().is_none_or(|s| s.contains(&status(world, o).as_str())))
        .collect();
    match asked.get("orderby").map(String::as_str) {
        Some("modified") => found.sort_by_key(|o| (o.modified_ms, o.id)),
        Some("id") => found.sort_by_key(|o| o.id),
        _ => found.sort_by_key(|o| (o.created_ms, o.id)),
    }
    if asked.get("order").is_none_or(|o| o != "asc") {
        found.reverse();
    }
    if modified_after.is_some() || modified_before.is_some() {
        found = faults::listed(world, ME, found);
    }
    let total = found.len();
    let rows = faults::page(world, ME, found.into_iter().skip((page - 1) * per_page).take(per_page).collect());
    let rows: Vec<Value> = rows.into_iter().map(|o| shape(world, o)).collect();
    let mut answer = json(200, &Value::Array(rows));
    set(&mut answer, "x-wp-total", &total.to_string());
    set(&mut answer, "x-wp-totalpages", &total.div_ceil(per_page).to_string());
    answer
}

const STATUSES: &[&str] =
    &["pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "trash"];

fn update(world: &mut World, id: i64, body: &Value) -> Answer {
    let Some(order) = world.order(ME, id).cloned() else {
        return problem(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.");
    };
    let wanted = body.get("status").and_then(Value::as_str);
    if wanted.is_some_and(|s| !STATUSES.contains(&s)) {
        return problem(400, "rest_invalid_param", "Invalid parameter(s): status");
    }
    let mut meta = order.meta.clone();
    for row in body.get("meta_data").and_then(Value::as_array).cloned().unwrap_or_default() {
        let key = row.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
        let value =
            row.get("value").map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default();
        match meta.iter_mut().find(|m| m.1 == key) {
            Some(known) => known.2 = value,
            None => meta.push((world.next() + 20_000, key, value)),
        }
    }
    let number = meta.iter().find(|m| m.1 == "_tracking_number").map(|m| m.2.clone()).unwrap_or_default();
    let carrier = meta.iter().find(|m| m.1 == "_tracking_provider").map(|m| m.2.clone()).unwrap_or_default();
    let before = order.meta.iter().find(|m| m.1 == "_tracking_number").map(|m| m.2.clone());
    if let Some(status) = wanted {
        world.woo.statuses.insert(id, status.to_owned());
    }
    if wanted == Some("completed") || before.as_ref().is_some_and(|b| *b != number) {
        book(world, &order, carrier, number, before);
    }
    let cancelled = wanted == Some("cancelled");
    let _ = world.change(ME, id, if cancelled { Event::Cancelled } else { Event::Changed }, |order, now| {
        order.meta = meta;
        if cancelled {
            order.stage = Stage::Cancelled;
            order.ended_ms = Some(now);
        }
    });
    one(world, id)
}

/// Completing an order is what confirms its shipment here; a number written later is an update.
fn book(world: &mut World, order: &Order, carrier: String, number: String, before: Option<String>) {
    let lines: Vec<(i64, i64)> = order.lines.iter().map(|l| (l.id, l.qty)).collect();
    let kind = match before {
        None if order.shipments.is_empty() => "create",
        Some(before) if before == number => "repeat",
        _ => "update",
    };
    let shipment =
        Shipment { id: world.next(), reference: String::new(), carrier, number, lines, at_ms: world.now(ME) };
    world.confirm(ME, order.id, shipment, kind);
}

fn notes(world: &World, id: i64) -> Answer {
    match world.order(ME, id) {
        Some(order) => {
            let all = order.notes.iter().map(|(id, note, customer)| json!({"id": id, "note": note, "customer_note": customer, "author": "WooCommerce"}));
            json(200, &Value::Array(all.collect()))
        }
        None => problem(404, "woocommerce_rest_order_invalid_id", "Invalid order ID."),
    }
}

fn add_note(world: &mut World, id: i64, body: &Value) -> Answer {
    let note = body.get("note").and_then(Value::as_str).unwrap_or_default().to_owned();
    if note.is_empty() {
        return problem(400, "rest_missing_callback_param", "Missing parameter(s): note");
    }
    let customer = body.get("customer_note").and_then(Value::as_bool).unwrap_or(false);
    let note_id = world.next() + 30_000;
    match world.order_mut(ME, id) {
        Some(order) => order.notes.push((note_id, note.clone(), customer)),
        None => return problem(404, "woocommerce_rest_order_invalid_id", "Invalid order ID."),
    }
    json(201, &json!({"id": note_id, "note": note, "customer_note": customer, "author": "system"}))
}

fn products(world: &World, call: &Call) -> Answer {
    let sku = call.query_value("sku");
    let found: Vec<&Good> =
        world.goods.iter().filter(|g| sku.as_ref().is_none_or(|s| s.split(',').any(|s| s == g.sku))).collect();
    let mut answer = json(200, &found.iter().map(|g| product_shape(world, g)).collect());
    set(&mut answer, "x-wp-total", &found.len().to_string());
    set(&mut answer, "x-wp-totalpages", "1");
    answer
}

fn variations(world: &World, product: i64) -> Answer {
    let found = world.goods.iter().filter(|g| g.woo_product() == product && g.woo_variation() != 0);
    json(200, &found.map(|g| product_shape(world, g)).collect())
}

fn product(world: &World, which: impl Fn(&Good) -> bool) -> Answer {
    match world.goods.iter().find(|g| which(g)) {
        Some(good) => json(200, &product_shape(world, good)),
        None => problem(404, "woocommerce_rest_product_invalid_id", "Invalid ID."),
    }
}

fn stock(world: &mut World, body: &Value, which: impl Fn(&Good) -> bool) -> Answer {
    let Some(good) = world.goods.iter().find(|g| which(g)).cloned() else {
        return problem(404, "woocommerce_rest_product_invalid_id", "Invalid ID.");
    };
    if let Some(quantity) = body.get("stock_quantity") {
        let Some(quantity) = quantity.as_i64() else {
            return problem(400, "rest_invalid_param", "Invalid parameter(s): stock_quantity");
        };
        world.set_stock(ME, &good.sku, quantity);
    }
    json(200, &product_shape(world, &good))
}

fn batch(world: &mut World, body: &Value) -> Answer {
    let rows = body.get("update").and_then(Value::as_array).cloned().unwrap_or_default();
    if rows.len() > 100 {
        return problem(
            413,
            "woocommerce_rest_request_entity_too_large",
            "Unable to accept more than 100 items for this request.",
        );
    }
    let mut done = Vec::new();
    for row in rows {
        let id = row.get("id").and_then(Value::as_i64).unwrap_or(-1);
        let answer = stock(world, &row, |g| g.woo_product() == id && g.woo_variation() == 0);
        let shown: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        done.push(if answer.status() == 200 { shown } else { json!({"id": id, "error": shown}) });
    }
    json(200, &json!({"update": done}))
}
