//! Messages: an array, signed over its raw text, sent again until it is acknowledged in Douyin's own words.

use super::{ME, shape};
use crate::news::{News, again};
use crate::order::{Line, Order, Refund};
use crate::push::{Next, Outcome, Policy, Push};
use crate::seal;
use crate::world::{Event, World};
use bytes::Bytes;
use serde_json::{Value, json};

/// "Several times with growing gaps": seconds between attempts.
const GAPS_S: &[u64] = &[10, 30, 60, 300, 600, 1_800, 3_600, 7_200];

/// The address was saved: the platform tries it at once.
pub(crate) fn connect(world: &mut World, url: &str) {
    world.douyin.target = Some(url.to_owned());
    let data = json!({"msg": "test"}).to_string();
    send(world, "0", &[("0".to_owned(), data)]);
}

/// Tells the seller's service what happened to an order.
pub(crate) fn tell(world: &mut World, id: i64, event: Event) {
    let Some(order) = world.order(ME, id).cloned() else { return };
    let news = world.douyin.told.news(&order, event);
    if world.douyin.target.is_none() {
        return;
    }
    let mut messages = std::mem::take(&mut world.douyin.held);
    let told = news.into_iter().filter_map(|n| message(&order, n));
    messages.extend(told.map(|(tag, data)| (tag.to_owned(), data.to_string())));
    // An order that is paid at once is told of in one array: as placed and as paid.
    if event == Event::Created && order.paid_ms.is_some() {
        world.douyin.held = messages;
    } else if !messages.is_empty() {
        send(world, &order.text_id(), &messages);
    }
}

fn send(world: &mut World, about: &str, messages: &[(String, String)]) {
    let Some(url) = world.douyin.target.clone() else { return };
    let mut rows = Vec::new();
    for (tag, data) in messages {
        let msg_id = format!("{}:{}:{tag}", world.next(), about);
        rows.push(json!({"tag": tag, "msg_id": msg_id, "data": data}));
    }
    let delivery = rows.first().and_then(|r| r.get("msg_id")).and_then(Value::as_str).unwrap_or_default().to_owned();
    let topic = messages.iter().map(|m| m.0.as_str()).collect::<Vec<_>>().join(",");
    let body = Value::Array(rows).to_string();
    let options = &world.options.douyin;
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("app-id", options.app_key.clone()),
        ("event-sign", seal::doudian_event(&options.app_key, body.as_bytes(), &options.app_secret)),
    ];
    let (about, policy) = (about.to_owned(), Policy::Channel);
    world.send(Push { platform: ME, topic, about, delivery, url, headers, body: Bytes::from(body), policy });
}

fn trade(o: &Order) -> Value {
    let shop: i64 = o.shop.parse().unwrap_or_default();
    json!({"p_id": o.id, "s_ids": o.lines.iter().map(|l| l.id).collect::<Vec<_>>(), "shop_id": shop, "order_status": shape::status(o),
        "order_type": 0, "biz": 2, "create_time": o.created_ms / 1_000, "update_time": o.modified_ms / 1_000})
}

fn with(mut base: Value, more: Value) -> Value {
    if let (Some(base), Value::Object(more)) = (base.as_object_mut(), more) {
        base.extend(more);
    }
    base
}

fn receiver(o: &Order) -> Value {
    // The address is a text that holds JSON.
    json!({"receiver_msg": {"addr": shape::address(o).to_string(), "name": "", "encrypt_name": shape::hidden(o, "name"), "tel": "",
        "encrypt_tel": shape::hidden(o, "tel")}})
}

fn shipped(o: &Order) -> Value {
    let last = o.shipments.last();
    json!({"logistics_msg": {"express_company_id": last.map(|s| s.carrier.clone()), "logistics_code": last.map(|s| s.number.clone())}})
}

fn after_sale(o: &Order, l: &Line) -> Value {
    let shop: i64 = o.shop.parse().unwrap_or_default();
    let (status, kind, _) = shape::refund(o, l);
    json!({"aftersale_id": shape::aftersale_id(l), "aftersale_status": status, "aftersale_type": kind, "p_id": o.id, "s_id": l.id, "shop_id": shop,
        "reason_code": 0, "refund_amount": l.amount(), "refund_post_amount": 0, "apply_time": o.modified_ms / 1_000, "update_time": o.modified_ms / 1_000})
}

/// Tag and data of one thing that happened.
fn message(o: &Order, news: News) -> Option<(&'static str, Value)> {
    let paid = json!({"pay_time": o.paid_ms.unwrap_or_default() / 1_000, "pay_amount": o.total(), "pay_type": 2});
    let told = match news {
        News::Created => ("100", with(trade(o), json!({"order_status": 1, "pay_amount": o.total()}))),
        News::Paid if o.tagged("hold") => ("110", with(trade(o), paid)),
        News::Paid => ("101", with(trade(o), paid)),
        News::Cancelled => {
            ("106", with(trade(o), json!({"cancel_time": o.modified_ms / 1_000, "cancel_reason": "不想要了"})))
        }
        News::Completed => ("103", with(trade(o), json!({"complete_time": o.modified_ms / 1_000}))),
        News::Shipped => ("102", with(trade(o), shipped(o))),
        News::PartShipped => ("108", with(trade(o), shipped(o))),
        News::Renumbered => ("104", with(trade(o), shipped(o))),
        News::Receiver => ("105", with(trade(o), receiver(o))),
        News::Remark => ("113", with(trade(o), json!({"remark": o.seller_remark, "star": 0}))),
        News::Refund(line, refund) => {
            let tag = match refund {
                Refund::Requested => "200",
                Refund::Done => "206",
                Refund::None if o.tagged("refund_refused") => "204",
                Refund::None => "207",
            };
            (tag, after_sale(o, o.line(line)?))
        }
        News::Again => {
            let tag = match shape::status(o) {
                1 => "100",
                2 => "101",
                105 => "110",
                101 => "108",
                3 => "102",
                5 => "103",
                _ => "106",
            };
            (tag, trade(o))
        }
    };
    Some(told)
}

/// What comes after an attempt to push: only Douyin's own words acknowledge.
pub(crate) fn after_attempt(world: &World, attempt: u32, outcome: &Outcome) -> Next {
    let said: Value = serde_json::from_slice(&outcome.body).unwrap_or_default();
    if outcome.status == 200 && said.get("code").and_then(Value::as_i64) == Some(0) {
        return Next::Done;
    }
    again(world, GAPS_S, attempt)
}
