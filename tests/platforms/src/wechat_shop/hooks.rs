//! Events: sealed, signed over the sealed text, sent again three times. Nothing is sent before the address has given the
//! platform's own words back.

use super::{ME, shape};
use crate::ebill;
use crate::news::{News, again};
use crate::order::{Order, Refund};
use crate::push::{Next, Outcome, Policy, Push};
use crate::seal;
use crate::world::{Event, World};
use bytes::Bytes;
use serde_json::{Value, json};

/// Three more attempts; the gaps between them are not documented.
const GAPS_S: &[u64] = &[15, 60, 300];

/// The address of the events, and whether it has proved itself.
#[derive(Debug, Default)]
pub(super) struct Letterbox {
    /// What the address must give back.
    echo: Option<String>,
    proved: bool,
    /// Events that came up while it had not.
    waiting: Vec<(String, String, Value)>,
}

/// The address was saved: the platform asks it for its words back.
pub(crate) fn connect(world: &mut World, url: &str) {
    world.wechat_shop.target = Some(url.to_owned());
    let echo: String = (0..19).map(|_| char::from(b'0' + world.rng.u8(0..10))).collect();
    world.wechat_shop.letterbox = Letterbox { echo: Some(echo.clone()), ..Letterbox::default() };
    let query = signed(world, &[]);
    let url = with_query(url, &format!("{query}&echostr={echo}"));
    let (topic, delivery) = ("echostr".to_owned(), format!("echo-{}", world.next()));
    // Without a body it is asked, not told.
    world.send(Push {
        platform: ME,
        topic,
        about: String::new(),
        delivery,
        url,
        headers: Vec::new(),
        body: Bytes::new(),
        policy: Policy::Channel,
    });
}

fn with_query(url: &str, query: &str) -> String {
    format!("{url}{}{query}", if url.contains('?') { '&' } else { '?' })
}

/// `signature`, `timestamp` and `nonce`, and with a sealed text its `msg_signature`.
fn signed(world: &mut World, sealed: &[&str]) -> String {
    let timestamp = (world.now(ME) / 1_000).to_string();
    let nonce = world.rng.u32(100_000_000..u32::MAX).to_string();
    let token = world.options.wechat_shop.message_token.clone();
    let plain = seal::wechat(&[&token, &timestamp, &nonce]);
    let mut query = format!("signature={plain}&timestamp={timestamp}&nonce={nonce}");
    if let [sealed] = sealed {
        let whole = seal::wechat(&[&token, &timestamp, &nonce, sealed]);
        query.push_str(&format!("&openid=oSIM0000000000000000000000000&encrypt_type=aes&msg_signature={whole}"));
    }
    query
}

/// Tells the seller's service what happened to an order.
pub(crate) fn tell(world: &mut World, id: i64, event: Event) {
    let Some(order) = world.order(ME, id).cloned() else { return };
    for news in world.wechat_shop.told.news(&order, event) {
        if let Some((event, info)) = message(&order, news) {
            send(world, event, &order.text_id(), info);
        }
    }
}

/// Tells of a parcel's new steps.
pub(crate) fn traced(world: &mut World, number: &str, steps: &[&'static str]) {
    for step in steps {
        let (status, desc) = match *step {
            "picked_up" => (1, "已揽收"),
            "in_transit" => (2, "运输中"),
            "out_for_delivery" => (3, "派送中"),
            "delivered" => (5, "已签收"),
            _ => (8, "异常"),
        };
        let now = world.now(ME) / 1_000;
        let Some(bill) = ebill::of(world, ME).and_then(|b| b.find(number)) else { return };
        let id: i64 = bill.key.parse().unwrap_or_default();
        let info = json!({"waybill_info": {"ewaybill_order_id": id, "waybill_id": number, "update_time": now, "status": status, "desc": desc}});
        send(world, "ewaybill_push_path", number, info);
    }
}

fn send(world: &mut World, event: &str, about: &str, info: Value) {
    let Some(url) = world.wechat_shop.target.clone() else { return };
    if !world.wechat_shop.letterbox.proved {
        world.wechat_shop.letterbox.waiting.push((event.to_owned(), about.to_owned(), info));
        return;
    }
    let options = world.options.wechat_shop.clone();
    let shop = options.shops.first().map(|s| s.shop.clone()).unwrap_or_default();
    let mut message = json!({"ToUserName": shop, "FromUserName": "oSIM0000000000000000000000000", "CreateTime": world.now(ME) / 1_000,
        "MsgType": "event", "Event": event});
    if let (Some(message), Value::Object(info)) = (message.as_object_mut(), info) {
        message.extend(info);
    }
    let chance: [u8; 16] = std::array::from_fn(|_| world.rng.u8(b'a'..=b'z'));
    let Some(sealed) = seal::wechat_message(&options.encoding_aes_key, &options.app_id, &chance, &message.to_string())
    else {
        return;
    };
    let url = with_query(&url, &signed(world, &[&sealed]));
    let body = json!({"ToUserName": shop, "Encrypt": sealed}).to_string();
    let (topic, about, delivery) = (event.to_owned(), about.to_owned(), format!("wx-{}", world.next()));
    let headers = vec![("content-type", "application/json; encoding=utf-8".to_owned())];
    world.send(Push {
        platform: ME,
        topic,
        about,
        delivery,
        url,
        headers,
        body: Bytes::from(body),
        policy: Policy::Channel,
    });
}

/// Event and info of one thing that happened.
fn message(o: &Order, news: News) -> Option<(&'static str, Value)> {
    let id = o.text_id();
    let info = |more: Value| {
        let mut info = json!({"order_id": id});
        if let (Some(info), Value::Object(more)) = (info.as_object_mut(), more) {
            info.extend(more);
        }
        json!({"order_info": info})
    };
    let told = match news {
        News::Created => ("channels_ec_order_new", info(json!({}))),
        News::Paid => ("channels_ec_order_pay", info(json!({"pay_time": o.paid_ms.unwrap_or_default() / 1_000}))),
        News::Cancelled => {
            ("channels_ec_order_cancel", info(json!({"cancel_type": if o.paid_ms.is_some() { 4 } else { 1 }})))
        }
        News::Completed => ("channels_ec_order_confirm", info(json!({"confirm_type": 1}))),
        News::Shipped | News::Renumbered => ("channels_ec_order_deliver", info(json!({"finish_delivery": 1}))),
        News::PartShipped => ("channels_ec_order_deliver", info(json!({"finish_delivery": 0}))),
        News::Receiver => ("channels_ec_order_ext_info_update", info(json!({"type": 1}))),
        News::Remark => ("channels_ec_order_ext_info_update", info(json!({"type": 2}))),
        News::Refund(line, refund) => {
            let line = o.line(line)?;
            // The last line's money ends the order, and that is another event.
            if refund == Refund::Done && o.refunded() {
                return Some(("channels_ec_order_cancel", info(json!({"cancel_type": 3}))));
            }
            let update = json!({"status": shape::aftersale_status(line), "after_sale_order_id": shape::aftersale_id(line), "order_id": id});
            ("channels_ec_aftersale_update", json!({"finder_shop_aftersale_status_update": update}))
        }
        News::Again => match shape::status(o) {
            10 => return message(o, News::Created),
            20 => ("channels_ec_order_wait_shipping", info(json!({}))),
            21 => return message(o, News::PartShipped),
            30 => return message(o, News::Shipped),
            100 => return message(o, News::Completed),
            _ => return message(o, News::Cancelled),
        },
    };
    Some(told)
}

/// What comes after an attempt to push: `success` or nothing acknowledges, and the words given back prove the address.
pub(crate) fn after_attempt(world: &mut World, attempt: u32, outcome: &Outcome) -> Next {
    let said = String::from_utf8_lossy(&outcome.body).into_owned();
    if world.wechat_shop.letterbox.echo.as_ref().is_some_and(|echo| outcome.status == 200 && *echo == said) {
        world.wechat_shop.letterbox.echo = None;
        world.wechat_shop.letterbox.proved = true;
        for (event, about, info) in std::mem::take(&mut world.wechat_shop.letterbox.waiting) {
            send(world, &event, &about, info);
        }
        return Next::Done;
    }
    if outcome.status == 200 && world.wechat_shop.letterbox.proved && matches!(said.as_str(), "" | "success") {
        return Next::Done;
    }
    // A saved address that does not answer is not asked again.
    if !world.wechat_shop.letterbox.proved {
        return Next::GiveUp;
    }
    again(world, GAPS_S, attempt)
}
