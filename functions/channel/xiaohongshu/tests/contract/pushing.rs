//! Pushes: hints, and nothing but hints.

use crate::fake::{APP, SECRET};
use crate::{at, caller};
use bytes::Bytes;
use channel_xiaohongshu::Xiaohongshu;
use http::HeaderMap;
use huidan_channel::{Channel, Event};
use huidan_domain::Millis;
use huidan_exchange::{Credentials, Refusal, Said, Webhook, sign as digests};
use serde_json::json;

/// A push of one order, as documented.
pub(crate) const BODY: &str = r#"[{"msgTag":"msg_fulfillment_status_change","sellerId":"5f0c2d3e4b50001a2b3c4d5e","data":"{\"orderId\":\"P790600755242471711\",\"orderStatus\":4,\"updateTime\":1795248006000}"}]"#;

/// Signs with the application's secret: the body has no part in it.
pub(crate) fn sign(_body: &[u8], now: Millis) -> (String, HeaderMap) {
    let at = now.0.div_euclid(1000).to_string();
    let text = format!("/webhook/xiaohongshu?app-key={APP}&timestamp={at}{SECRET}");
    let mut headers = HeaderMap::new();
    for (name, value) in
        [("app-key", APP), ("timestamp", &at), ("sign", &digests::hex(&digests::md5(&[text.as_bytes()])))]
    {
        headers.insert(name, value.parse().unwrap());
    }
    ("/webhook/xiaohongshu".to_owned(), headers)
}

fn take(body: impl Into<Bytes>) -> Result<Vec<Event>, String> {
    let now = at("2026-11-21 16:30:00");
    let shop = caller().account;
    let (path, headers) = sign(b"", now);
    let hook = Xiaohongshu.verify(Webhook::new(path, headers, body.into()), &shop, now).unwrap();
    Xiaohongshu.take(&hook, &shop)
}

#[test]
fn what_the_address_asks_is_part_of_what_is_signed() {
    let mut shop = caller().account;
    shop.credentials = Credentials::new([("app_secret".to_owned(), "testsecret".to_owned())].into());
    let knock = |path: &str| {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("app-key", "testappid"), ("timestamp", "1700000000"), ("sign", "b17c11d261b7eb6c53125c34563250a2")]
        {
            headers.insert(name, value.parse().unwrap());
        }
        let hook = Webhook::new(path, headers, Bytes::from_static(b"[]"));
        Xiaohongshu.verify(hook, &shop, Millis(1_700_000_000_000)).map(|_| ())
    };
    assert_eq!(knock("/open_api/msg?shop=1"), Ok(()), "the vector");
    for other in ["/open_api/msg", "/open_api/msg?shop=2", "/open_api/other?shop=1", "/open_api/msg?shop=1&a=b"] {
        assert_eq!(knock(other), Err(Refusal::Signature), "{other}");
    }
}

#[test]
fn every_message_about_an_order_is_a_hint_for_its_shop() {
    let messages = json!([
        {"msgTag": "msg_fulfillment_status_change", "sellerId": "s1", "data": "{\"orderId\":\"P1\",\"orderStatus\":4}"},
        {"msgTag": "msg_fulfillment_receiver_change", "sellerId": "s2", "data": "{\"orderId\":\"P2\"}"},
        {"msgTag": "msg_fulfillment_seller_remark_change", "sellerId": "s1", "data": "{\"orderId\":\"P3\"}"},
        {"msgTag": "msg_fulfillment_delivery_time_change", "sellerId": "s1", "data": {"orderId": "P4"}},
        {"msgTag": "msg_after_sale_create", "sellerId": "s1", "data": "{\"returnsId\":\"R1\",\"orderId\":\"P5\",\"refundFee\":1.5}"},
        {"msgTag": "msg_after_sale_transfer", "sellerId": "s1", "data": "{\"orderId\":\"P6\"}"},
        {"msgTag": "msg_item_buyable", "sellerId": "s1", "data": "{\"itemId\":\"I1\"}"},
        {"msgTag": "msg_something_new", "sellerId": "s1", "data": "not even JSON"},
    ]);
    let events = take(messages.to_string()).unwrap();
    let seen: Vec<(&str, &str)> = events.iter().map(|event| (event.ext_id.as_str(), event.seller.as_str())).collect();
    assert_eq!(seen, [("P1", "s1"), ("P2", "s2"), ("P3", "s1"), ("P4", "s1"), ("P5", "s1"), ("P6", "s1")]);
    assert!(events.iter().all(|event| !event.complete));
    assert_eq!(events[4].topic, "msg_after_sale_create");
}

#[test]
fn a_state_pushed_twice_at_two_times_is_two_hints() {
    let again = take(BODY.replace("1795248006000", "1795248007000")).unwrap();
    let first = take(BODY).unwrap();
    assert_ne!(first[0].event_id, again[0].event_id);
    assert_eq!(first[0].event_id, take(BODY).unwrap()[0].event_id);
    let message = BODY.trim_matches(['[', ']']);
    assert_eq!(take(format!("[{message},{message}]")).unwrap().len(), 1, "the same message twice in one push");
}

#[test]
fn a_message_that_cannot_be_read_is_told_by_its_place() {
    let body = BODY.replace("orderId", "order");
    assert_eq!(take(body).err().as_deref(), Some("[0].data.orderId: is missing"));
}

#[test]
fn the_platform_hears_its_own_words() {
    let stored = Xiaohongshu.answer(&Said::Stored);
    assert_eq!(
        (stored.status().as_u16(), &stored.body()[..]),
        (200, &br#"{"success":true,"error_code":0,"error_msg":""}"#[..])
    );
    for (said, status) in [
        (Said::Refused(Refusal::Signature), 401),
        (Said::Malformed("[0].data: is missing".into()), 400),
        (Said::TooLarge, 413),
        (Said::Busy, 503),
    ] {
        let answer = Xiaohongshu.answer(&said);
        assert_eq!(answer.status().as_u16(), status);
        assert!(answer.body().starts_with(br#"{"error_code":"#), "{said:?}");
    }
}
