//! A site of the seller's own that follows the own-shop protocol, version 1: it posts its orders signed, and answers
//! the four calls.

use crate::clock::{now_ms, parse_iso, rfc3339_beijing};
use crate::faults;
use crate::ledger::Confirmation;
use crate::order::{Order, Platform, Shipment, Stage, decimal};
use crate::push::{Next, Outcome, Policy, Push};
use crate::server::{Answer, Call, Face, json, set};
use crate::sign;
use crate::world::{Event, World};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const ME: Platform = Platform::OwnShop;
const WINDOW_S: i64 = 300;
/// A site that wants its orders shipped goes on for a while.
const ATTEMPTS: u32 = 200;

/// What the site keeps besides orders and stock.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) url: Option<String>,
    nonces: BTreeSet<String>,
    versions: BTreeMap<String, i64>,
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

fn path_of(call: &Call) -> Vec<String> {
    let parts = call.parts();
    let start = parts.windows(2).position(|w| w == ["huidan", "v1"]).map_or(parts.len(), |at| at + 2);
    parts.iter().skip(start).map(|p| percent_decode_str(p).decode_utf8_lossy().into_owned()).collect()
}

fn operation(call: &Call) -> String {
    let parts = path_of(call);
    let what = match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["orders", _, "shipments", _] => "shipments",
        ["orders", _] => "order",
        ["orders"] => "orders",
        ["stock", _] => "stock",
        _ => "unknown",
    };
    format!("{} {what}", call.method)
}

/// The protocol has no tokens: what a wrong signature gets.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "expired", true);
    json(401, &json!({"ok": false, "error": "signature"}))
}

fn limited(_: &World, _: &Call, seconds: Option<u32>) -> Answer {
    let mut answer = json(429, &json!({"ok": false, "error": "too often"}));
    if let Some(seconds) = seconds {
        set(&mut answer, "retry-after", &seconds.to_string());
    }
    answer
}

fn signed_text(timestamp: &str, nonce: &str, rest: &[u8]) -> Vec<u8> {
    let mut text = format!("{timestamp}.{nonce}.").into_bytes();
    text.extend_from_slice(rest);
    text
}

fn check(world: &mut World, call: &Call) -> Result<(), &'static str> {
    let (timestamp, nonce) = (call.header("huidan-timestamp"), call.header("huidan-nonce"));
    let at: i64 = timestamp.parse().map_err(|_| "timestamp")?;
    if (world.now(ME) / 1_000 - at).abs() > WINDOW_S {
        return Err("timestamp outside the window");
    }
    let fits = nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !(8..=64).contains(&nonce.len()) || !fits {
        return Err("nonce");
    }
    let mut rest = format!("{} {}.", call.method, call.target()).into_bytes();
    rest.extend_from_slice(&call.body);
    let expected = sign::own_shop(&world.options.own_shop.webhook_secret, &signed_text(timestamp, nonce, &rest));
    if call.header("huidan-signature") != expected {
        return Err("signature");
    }
    if !world.own_shop.nonces.insert(nonce.to_owned()) {
        return Err("nonce used before");
    }
    Ok(())
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if let Err(why) = check(world, call) {
        world.refuse(ME, &operation(call), why, true);
        return json(401, &json!({"ok": false, "error": "signature"}));
    }
    let parts = path_of(call);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["orders"]) => list(world, call),
        ("GET", ["orders", id]) => match id.parse().ok().and_then(|id| world.order(ME, id)) {
            Some(order) => json(200, &json!({"order": shape(order)})),
            None => json(404, &json!({"ok": false, "error": "no such order"})),
        },
        ("PUT", ["orders", id, "shipments", reference]) => shipment(world, call, id, reference),
        ("PUT", ["stock", sku]) => stock(world, call, sku),
        _ => json(404, &json!({"ok": false, "error": "no such call"})),
    }
}

fn status(order: &Order) -> &'static str {
    match order.stage {
        Stage::Cancelled => "cancelled",
        _ if order.refunded() => "refunded",
        _ if order.refunding() => "refunding",
        Stage::Unpaid => "unpaid",
        Stage::Completed => "completed",
        Stage::Paid if order.fully_shipped() => "shipped",
        Stage::Paid => "paid",
    }
}

fn instant(ms: i64) -> String {
    // Two versions within one second must still be told apart.
    let whole = rfc3339_beijing(ms);
    whole.replacen('+', &format!(".{:03}+", ms.rem_euclid(1_000)), 1)
}

/// The order as the protocol writes it.
pub(crate) fn shape(o: &Order) -> Value {
    let lines: Vec<Value> = o
        .lines
        .iter()
        .map(|l| {
            json!({"id": l.id.to_string(), "sku": l.good.sku, "title": l.good.title, "spec": l.good.spec, "qty": l.qty,
                "unit_price": decimal(l.unit_price)})
        })
        .collect();
    let r = &o.receiver;
    json!({
        "id": o.id.to_string(), "updated_at": instant(o.modified_ms), "placed_at": instant(o.created_ms),
        "paid_at": o.paid_ms.map(instant), "status": status(o), "currency": o.currency, "total": decimal(o.total()),
        "shipping": decimal(o.shipping), "lines": lines,
        "receiver": {"name": r.name, "phone": r.phone, "country": "CN", "province": r.province, "city": r.city,
            "district": r.district, "address": r.address, "postcode": r.postcode},
        "buyer_remark": o.buyer_remark, "seller_remark": o.seller_remark,
    })
}

fn list(world: &World, call: &Call) -> Answer {
    let at = |name: &str| call.query_value(name).and_then(|t| parse_iso(&t, 0));
    let (Some(from), Some(to)) = (at("updated_from"), at("updated_to")) else {
        return json(400, &json!({"ok": false, "error": "updated_from, updated_to: RFC 3339"}));
    };
    let limit = call.query_value("limit").and_then(|l| l.parse().ok()).unwrap_or(100usize).clamp(1, 100);
    let after = match call.query_value("cursor").filter(|c| !c.is_empty()) {
        Some(cursor) => match read_cursor(&cursor) {
            Some(after) => Some(after),
            None => return json(400, &json!({"ok": false, "error": "cursor"})),
        },
        None => None,
    };
    let mut orders: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| o.platform == ME && (from..=to).contains(&o.modified_ms))
        .filter(|o| after.is_none_or(|after| (o.modified_ms, o.id) > after))
        .collect();
    orders.sort_by_key(|o| (o.modified_ms, o.id));
    let mut orders = faults::listed(world, ME, orders);
    let more = orders.len() > limit;
    orders.truncate(limit);
    let next = orders.last().filter(|_| more).map(|o| URL_SAFE_NO_PAD.encode(format!("{}/{}", o.modified_ms, o.id)));
    let orders = faults::page(world, ME, orders);
    json(200, &json!({"orders": orders.into_iter().map(shape).collect::<Vec<_>>(), "next": next}))
}

fn read_cursor(cursor: &str) -> Option<(i64, i64)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once('/')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

fn bad(world: &mut World, call: &Call, why: &str) -> Answer {
    world.refuse(ME, &operation(call), why, false);
    json(400, &json!({"ok": false, "error": why}))
}

fn shipment(world: &mut World, call: &Call, id: &str, reference: &str) -> Answer {
    let Some(order) = id.parse().ok().and_then(|id| world.order(ME, id)).cloned() else {
        return json(404, &json!({"ok": false, "error": "no such order"}));
    };
    if order.stage == Stage::Cancelled {
        world.refuse(ME, &operation(call), "cancelled", false);
        return json(409, &json!({"ok": false, "error": "the order is cancelled"}));
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (carrier, number) = (text("carrier"), text("waybill"));
    let rows = body.get("lines").and_then(Value::as_array).cloned().unwrap_or_default();
    if carrier.is_empty() || number.is_empty() || rows.is_empty() {
        return bad(world, call, "carrier, waybill, lines: missing");
    }
    let before = order.shipments.iter().find(|s| s.reference == reference).cloned();
    let given_back = |line: i64| before.iter().flat_map(|s| &s.lines).filter(|l| l.0 == line).map(|l| l.1).sum::<i64>();
    let mut lines = Vec::new();
    for row in &rows {
        let line = row.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok()).and_then(|id| order.line(id));
        let qty = row.get("qty").and_then(Value::as_i64).unwrap_or_default();
        match line {
            Some(line) if qty >= 1 && qty <= line.qty - line.shipped + given_back(line.id) => {
                lines.push((line.id, qty))
            }
            // Its goods left under another reference.
            Some(line) if order.shipments.iter().any(|s| s.reference != reference && holds(s, line.id)) => {
                world.refuse(ME, &operation(call), "already_shipped", false);
                return json(409, &json!({"ok": false, "error": "already_shipped"}));
            }
            Some(_) => return bad(world, call, "lines: more than is left to ship"),
            None => return bad(world, call, "lines: no such line"),
        }
    }
    let at_ms = world.now(ME);
    let made = Shipment { id: world.next(), reference: reference.to_owned(), carrier, number, lines, at_ms };
    replace(world, order.id, before.as_ref(), made);
    json(200, &json!({"ok": true}))
}

fn holds(shipment: &Shipment, line: i64) -> bool {
    shipment.lines.iter().any(|(id, _)| *id == line)
}

fn replace(world: &mut World, id: i64, before: Option<&Shipment>, made: Shipment) {
    let Some(before) = before else {
        world.confirm(ME, id, made, "create");
        return;
    };
    let same = before.number == made.number && before.carrier == made.carrier && before.lines == made.lines;
    let kind = if same { "repeat" } else { "update" };
    let (carrier, number, lines, at_ms) = (made.carrier.clone(), made.number.clone(), made.lines.clone(), made.at_ms);
    world.confirmations.push(Confirmation { platform: ME, order: id, carrier, number, lines, kind, at_ms });
    if same {
        return;
    }
    let _ = world.change(ME, id, Event::Shipped, |order, _| {
        for (line, qty) in &before.lines {
            if let Some(line) = order.lines.iter_mut().find(|l| l.id == *line) {
                line.shipped -= qty;
            }
        }
        order.shipments.retain(|s| s.reference != made.reference);
        order.ship(made);
    });
}

fn stock(world: &mut World, call: &Call, sku: &str) -> Answer {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    let (Some(available), Some(version)) = (number("available"), number("version")) else {
        return bad(world, call, "available, version: whole numbers");
    };
    if !world.stock.contains_key(&(ME, sku.to_owned())) {
        return json(404, &json!({"ok": false, "error": "no such sku"}));
    }
    if world.own_shop.versions.get(sku).is_none_or(|last| version > *last) {
        world.own_shop.versions.insert(sku.to_owned(), version);
        world.set_stock(ME, sku, available);
    }
    json(200, &json!({"ok": true}))
}

/// Posts the order to the hub.
pub(crate) fn tell(world: &mut World, id: i64, event: Event) {
    let Some(url) = world.own_shop.url.clone() else { return };
    let Some(order) = world.order(ME, id) else { return };
    // An order that was paid at once is posted once.
    if event == Event::Created && order.paid_ms.is_some() {
        return;
    }
    let name = if event == Event::Cancelled { "order.cancelled" } else { "order.saved" };
    let order = shape(order);
    let event_id = format!("evt-{}", world.next());
    let body = json!({"event_id": event_id, "event": name, "order": order}).to_string();
    world.send(Push {
        platform: ME,
        topic: name.to_owned(),
        about: id.to_string(),
        delivery: event_id,
        url,
        headers: Vec::new(),
        body: Bytes::from(body),
        policy: Policy::OwnShop,
    });
}

/// Each attempt is signed anew: the time must be fresh and the nonce new.
pub(crate) fn headers(world: &mut World, push: &Push) -> Vec<(&'static str, String)> {
    let timestamp = (now_ms() / 1_000).to_string();
    let nonce = format!("n-{:016x}", world.rng.u64(..));
    let signature =
        sign::own_shop(&world.options.own_shop.webhook_secret, &signed_text(&timestamp, &nonce, &push.body));
    vec![
        ("content-type", "application/json".to_owned()),
        ("huidan-timestamp", timestamp),
        ("huidan-nonce", nonce),
        ("huidan-signature", signature),
    ]
}

/// 503 and silence are tried again, what cannot help is not.
pub(crate) fn after_attempt(world: &World, attempt: u32, outcome: &Outcome) -> Next {
    match outcome.status {
        200..300 => Next::Done,
        400 | 401 | 413 => Next::GiveUp,
        _ if attempt >= ATTEMPTS => Next::GiveUp,
        _ => {
            let backoff = 1_000_u64.saturating_mul(1 << attempt.min(9)) / u64::from(world.options.speed.max(1));
            Next::Retry(Duration::from_millis(outcome.retry_after.map_or(backoff.max(100), |s| s * 1_000)))
        }
    }
}
