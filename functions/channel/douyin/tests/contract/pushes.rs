//! Pushes: their proof, what they announce, what they are answered.

use crate::caller;
use crate::fake::SECRET;
use bytes::Bytes;
use channel_douyin::Douyin;
use http::{HeaderMap, HeaderValue};
use huidan_channel::{Channel, Event};
use huidan_domain::Millis;
use huidan_exchange::{Credentials, Refusal, Said, Webhook, sign};
use serde_json::json;

/// A batch of one, as the platform sends it.
pub(crate) const PUSH: &str = r#"[{"tag":"101","msg_id":"7420001","data":"{\"p_id\":6938210000000000001,\"s_ids\":[6938210000000000001],\"shop_id\":463798,\"order_status\":2,\"order_type\":0,\"biz\":2,\"pay_time\":1795248005,\"pay_amount\":25607}"}]"#;

/// The headers of a push, put together here a second time.
pub(crate) fn signed(body: &[u8]) -> HeaderMap {
    let sign = sign::hex(&sign::md5(&[b"key-1", body, SECRET.as_bytes()]));
    let mut headers = HeaderMap::new();
    headers.insert("event-sign", HeaderValue::from_str(&sign).unwrap());
    headers.insert("app-id", HeaderValue::from_static("key-1"));
    headers
}

fn take(body: &str) -> Result<Vec<Event>, String> {
    let shop = caller().account;
    let hook = Webhook::new("/webhook/douyin", signed(body.as_bytes()), Bytes::from(body.to_owned()));
    Douyin.take(&Douyin.verify(hook, &shop, Millis(0)).unwrap(), &shop)
}

#[test]
fn the_published_vector_is_proven() {
    let body = r#"[{"tag":"101","msg_id":"1","data":"{\"p_id\":6938210000000000001,\"shop_id\":12345,\"order_status\":2,\"pay_amount\":9900}"}]"#;
    let mut shop = caller().account;
    let values = [("app_key", "testkey"), ("app_secret", "testsecret")];
    shop.credentials = Credentials::new(values.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let mut headers = HeaderMap::new();
    headers.insert("event-sign", HeaderValue::from_static("f5bb3d6c9a0046b510f5d26d9c967de6"));
    let hook = Webhook::new("/webhook/douyin", headers, Bytes::from_static(body.as_bytes()));
    let hook = Douyin.verify(hook, &shop, Millis(0)).unwrap();
    let events = Douyin.take(&hook, &shop).unwrap();
    assert_eq!((events[0].ext_id.as_str(), events[0].seller.as_str()), ("6938210000000000001", "12345"));
}

#[test]
fn every_message_of_a_batch_is_a_hint_about_its_order_and_its_shop() {
    let message = |tag: &str, id: &str, data: serde_json::Value| json!({"tag": tag, "msg_id": id, "data": data});
    let batch = json!([
        message("100", "a", json!(r#"{"p_id":6938210000000000003,"shop_id":463798}"#)),
        message("206", "b", json!(r#"{"aftersale_id":1,"p_id":6938210000000000005,"s_id":6,"shop_id":463799}"#)),
        message("111", "c", json!({"p_id": 6_938_210_000_000_000_007_u64, "shop_id": 463_798})),
        message("400", "d", json!(r#"{"product_id":3611230000000000007,"shop_id":463798}"#)),
        message("101", "e", json!("{\"p_id\":")),
        message("0", "f", json!("test")),
    ]);
    let events = take(&batch.to_string()).unwrap();
    let seen: Vec<(&str, &str, &str, &str, bool)> = events
        .iter()
        .map(|event| (&*event.event_id, &*event.topic, &*event.ext_id, &*event.seller, event.complete))
        .collect();
    assert_eq!(
        seen,
        [
            ("a", "100", "6938210000000000003", "463798", false),
            ("b", "206", "6938210000000000005", "463799", false),
            ("c", "111", "6938210000000000007", "463798", false),
        ],
        "goods, the test of the address and a message that is none announce nothing"
    );
}

#[test]
fn a_message_without_an_id_is_told_from_others_by_its_text() {
    let without = |p_id: u64| format!(r#"[{{"tag":"101","data":"{{\"p_id\":{p_id}}}"}}]"#);
    let id = |p_id| take(&without(p_id)).unwrap()[0].event_id.clone();
    assert_eq!(id(5), id(5));
    assert_ne!(id(5), id(7));
}

#[test]
fn only_what_is_stored_is_acknowledged_in_the_platforms_words() {
    let answer = |said| {
        let reply = Douyin.answer(&said);
        (reply.status().as_u16(), String::from_utf8(reply.body().to_vec()).unwrap())
    };
    let success = (200, r#"{"code":0,"msg":"success"}"#.to_owned());
    assert_eq!(answer(Said::Stored), success);
    assert_eq!(answer(Said::Malformed("x".into())), success, "it would be sent for ever");
    assert_eq!(answer(Said::Refused(Refusal::Signature)).0, 401);
    assert_eq!(answer(Said::Busy).0, 503);
    assert_eq!(answer(Said::TooLarge).0, 413);
}
