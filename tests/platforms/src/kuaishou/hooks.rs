//! Messages: bare cipher text, sent again three times until it is acknowledged in Kuaishou's own words.

use super::{ME, shape};
use crate::news::{News, again};
use crate::order::{Line, Order, Refund};
use crate::push::{Next, Outcome, Policy, Push};
use crate::seal;
use crate::world::{Event, World};
use bytes::Bytes;
use serde_json::{Value, json};

/// Three more attempts; the gaps between them are not documented.
const GAPS_S: &[u64] = &[30, 300, 1_800];

/// The address was saved: the platform tries it with a heartbeat.
pub(crate) fn connect(world: &mut World, url: &str) {
    world.kuaishou.target = Some(url.to_owned());
    send(world, "heartbeat", "0", 0, &json!({"oid": 0}), true);
}

/// Tells the seller's service what happened to an order.
pub(crate) fn tell(world: &mut World, id: i64, event: Event) {
    let Some(order) = world.order(ME, id).cloned() else { return };
    for news in world.kuaishou.told.news(&order, event) {
        if let Some((event, info)) = message(&order, news) {
            send(world, event, &order.shop, order.id, &info, false);
        }
    }
}

fn send(world: &mut World, event: &str, shop: &str, id: i64, info: &Value, test: bool) {
    let Some(url) = world.kuaishou.target.clone() else { return };
    let (delivery, now) = (format!("{:016x}-{}", id, world.next()), world.now(ME));
    let envelope = json!({"eventId": delivery, "msgId": format!("m-{delivery}"), "bizId": id, "userId": shop.parse::<i64>().unwrap_or_default(),
        "openId": shape::open_id(shop), "appKey": world.options.kuaishou.app_key, "event": if test { "kwaishop_order_addOrder" } else { event },
        // A text that holds JSON.
        "info": info.to_string(), "status": 0, "createTime": now, "updateTime": now, "test": test, "operator": ""});
    let sealed = seal::kuaishou_message(&world.options.kuaishou.message_secret, &envelope.to_string());
    let Some(sealed) = sealed else { return };
    let (topic, about, policy) = (event.to_owned(), id.to_string(), Policy::Channel);
    let headers = vec![("content-type", "application/json;charset=UTF-8".to_owned())];
    world.send(Push { platform: ME, topic, about, delivery, url, headers, body: Bytes::from(sealed), policy });
}

fn moved(o: &Order) -> Value {
    let seller: i64 = o.shop.parse().unwrap_or_default();
    json!({"oid": o.id, "sellerId": seller, "openId": shape::open_id(&o.shop), "status": shape::status(o), "updateTime": o.modified_ms})
}

fn refund(o: &Order, l: &Line) -> Value {
    json!({"orderId": o.id, "refundId": shape::refund_id(l), "handlingWay": 10, "specialRefundType": 0, "status": shape::refund_status(l),
        "createTime": o.modified_ms, "updateTime": o.modified_ms})
}

/// Event and info of one thing that happened.
fn message(o: &Order, news: News) -> Option<(&'static str, Value)> {
    let seller: i64 = o.shop.parse().unwrap_or_default();
    let told = match news {
        News::Created => {
            let info = json!({"oid": o.id, "sellerId": seller, "openId": shape::open_id(&o.shop), "buyerOpenId": "", "createTime": o.created_ms});
            ("kwaishop_order_addOrder", info)
        }
        News::Paid => ("kwaishop_order_paySuccess", moved(o)),
        News::Cancelled => ("kwaishop_order_orderFail", moved(o)),
        News::Completed => ("kwaishop_order_orderSuccess", moved(o)),
        News::Shipped | News::PartShipped | News::Renumbered => ("kwaishop_order_delivering", moved(o)),
        News::Receiver => {
            let info = json!({"oid": o.id, "sellerId": seller, "auditStatus": 20, "updateTime": o.modified_ms});
            ("kwaishop_order_addressUpdateAudit", info)
        }
        News::Remark => (
            "kwaishop_order_addNote",
            json!({"oid": o.id, "sellerId": seller, "flag": 0, "note": o.seller_remark, "createTime": o.modified_ms}),
        ),
        News::Refund(line, Refund::Requested) => ("kwaishop_aftersales_addRefund", refund(o, o.line(line)?)),
        News::Refund(line, _) => ("kwaishop_aftersales_updateRefund", refund(o, o.line(line)?)),
        News::Again => {
            let event = match shape::status(o) {
                10 => return message(o, News::Created),
                30 => "kwaishop_order_paySuccess",
                40 => "kwaishop_order_delivering",
                70 => "kwaishop_order_orderSuccess",
                _ => "kwaishop_order_orderFail",
            };
            (event, moved(o))
        }
    };
    Some(told)
}

/// What comes after an attempt to push: only Kuaishou's own words acknowledge.
pub(crate) fn after_attempt(world: &World, attempt: u32, outcome: &Outcome) -> Next {
    let said: Value = serde_json::from_slice(&outcome.body).unwrap_or_default();
    if outcome.status == 200 && said.get("result").and_then(Value::as_i64) == Some(1) {
        return Next::Done;
    }
    again(world, GAPS_S, attempt)
}
