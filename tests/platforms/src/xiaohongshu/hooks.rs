//! Messages: an array that names an order and little more. Nothing is told of an order that is placed and not paid, nor
//! of what becomes of an after-sale; "to ship" is told twice.

use super::{ME, shape};
use crate::news::{News, again};
use crate::order::{Order, Refund};
use crate::push::{Next, Outcome, Policy, Push};
use crate::seal;
use crate::world::{Event, World};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How often and after how long is not documented.
const GAPS_S: &[u64] = &[15, 60, 300, 1_800, 3_600];

/// The address was saved.
pub(crate) fn connect(world: &mut World, url: &str) {
    world.xiaohongshu.target = Some(url.to_owned());
}

/// Tells the seller's service what happened to an order.
pub(crate) fn tell(world: &mut World, id: i64, event: Event) {
    let Some(order) = world.order(ME, id).cloned() else { return };
    let news = world.xiaohongshu.told.news(&order, event);
    let Some(url) = world.xiaohongshu.target.clone() else { return };
    let messages: Vec<(&str, Value)> = news.into_iter().flat_map(|n| messages(&order, n)).collect();
    if messages.is_empty() {
        return;
    }
    let topic = messages.iter().map(|m| m.0).collect::<Vec<_>>().join(",");
    let row = |(tag, data): &(&str, Value)| json!({"msgTag": tag, "sellerId": order.shop, "data": data.to_string()});
    let body = Value::Array(messages.iter().map(row).collect()).to_string();
    let (delivery, about, policy) = (format!("xhs-{}", world.next()), order.text_id(), Policy::Channel);
    world.send(Push {
        platform: ME,
        topic,
        about,
        delivery,
        url,
        headers: Vec::new(),
        body: Bytes::from(body),
        policy,
    });
}

fn messages(o: &Order, news: News) -> Vec<(&'static str, Value)> {
    let status = (
        "msg_fulfillment_status_change",
        json!({"orderId": o.text_id(), "orderStatus": shape::status(o), "updateTime": o.modified_ms}),
    );
    match news {
        News::Created => Vec::new(),
        // "To ship" and "picked" are both 4.
        News::Paid if shape::status(o) == 4 => vec![status.clone(), status],
        News::Again if shape::status(o) == 1 => Vec::new(),
        News::Paid
        | News::Cancelled
        | News::Completed
        | News::Shipped
        | News::PartShipped
        | News::Renumbered
        | News::Again => vec![status],
        News::Receiver => {
            let data = json!({"orderId": o.text_id(), "openAddressId": shape::open_address_id(o), "updateTime": o.modified_ms});
            vec![("msg_fulfillment_receiver_change", data)]
        }
        News::Remark => {
            let data = json!({"orderId": o.text_id(), "operator": "主账号", "sellerMarkNote": o.seller_remark, "updateTime": o.modified_ms});
            vec![("msg_fulfillment_seller_remark_change", data)]
        }
        News::Refund(line, Refund::Requested) => {
            let Some(line) = o.line(line) else { return Vec::new() };
            let data = json!({"returnsId": shape::returns_id(line), "orderId": o.text_id(), "returnType": if line.shipped > 0 { 4 } else { 5 },
                "request_from": "user", "refundFee": shape::yuan(line.amount()), "updateTime": o.modified_ms});
            vec![("msg_after_sale_create", data)]
        }
        // An after-sale that ends is told of only where it ends the order.
        News::Refund(..) if o.refunded() => vec![status],
        News::Refund(..) => Vec::new(),
    }
}

/// Each attempt is signed anew, over the address and the time; the body is not signed.
pub(crate) fn headers(world: &mut World, push: &Push) -> Vec<(&'static str, String)> {
    let options = &world.options.xiaohongshu;
    let timestamp = (world.now(ME) / 1_000).to_string();
    let Ok(url) = url::Url::parse(&push.url) else { return Vec::new() };
    let mut query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    query.insert("app-key".to_owned(), options.app_key.clone());
    query.insert("timestamp".to_owned(), timestamp.clone());
    vec![
        ("content-type", "application/json;charset=utf-8".to_owned()),
        ("app-key", options.app_key.clone()),
        ("timestamp", timestamp),
        ("sign", seal::xiaohongshu_path(url.path(), &query, &options.app_secret)),
    ]
}

/// What comes after an attempt to push: only Xiaohongshu's own words acknowledge.
pub(crate) fn after_attempt(world: &World, attempt: u32, outcome: &Outcome) -> Next {
    let said: Value = serde_json::from_slice(&outcome.body).unwrap_or_default();
    let taken =
        said.get("success") == Some(&Value::Bool(true)) && said.get("error_code").and_then(Value::as_i64) == Some(0);
    if outcome.status == 200 && taken {
        return Next::Done;
    }
    again(world, GAPS_S, attempt)
}
