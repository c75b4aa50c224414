//! Pushed messages: what opens, what is taken for proof, and that nothing of it is more than a hint.

use crate::{account, credentials};
use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use bytes::Bytes;
use channel_kuaishou::Kuaishou;
use huidan_channel::{Channel, Event};
use huidan_domain::Millis;
use huidan_exchange::{Account, Refusal, Said, Webhook, sign};
use serde_json::{Value, json};

fn sealed_with(key: &[u8; 16], text: &str) -> String {
    let cipher = cbc::Encryptor::<aes::Aes128>::new_from_slices(key, &[0; 16]).unwrap();
    sign::base64(&cipher.encrypt_padded_vec::<Pkcs7>(text.as_bytes()))
}

fn sealed(text: &str) -> String {
    sealed_with(b"0123456789abcdef", text)
}

fn push(shop: &Account, body: impl Into<Bytes>) -> Result<Result<Vec<Event>, String>, Refusal> {
    let hook = Webhook::new("/webhook/kuaishou", http::HeaderMap::new(), body.into());
    Kuaishou.verify(hook, shop, Millis(0)).map(|hook| Kuaishou.take(&hook, shop))
}

fn shop() -> Account {
    account(credentials())
}

fn message(event: &str, info: &Value) -> Value {
    json!({
        "eventId": "267_2345_147402", "msgId": "88", "bizId": 9_007_199_254_740_995_i64, "userId": 12_342_323,
        "openId": "f1917b0f5a2b6b6e", "appKey": "ks660340295617067960", "event": event, "info": info.to_string(),
        "status": 1, "createTime": 1_795_248_005_000_i64, "updateTime": 1_795_248_005_000_i64, "test": false,
    })
}

fn events(message: &Value) -> Vec<Event> {
    push(&shop(), sealed(&message.to_string())).unwrap().unwrap()
}

#[test]
fn the_vector_is_sealed_as_the_platform_seals() {
    let text = r#"{"eventId":"1","msgId":"2","bizId":2607602240240301,"event":"kwaishop_order_paySuccess","info":"{\"oid\":2607602240240301,\"sellerId\":1,\"status\":30,\"updateTime\":1700000000000}","test":false}"#;
    let body = sealed(text);
    assert!(body.starts_with("toKOWfsEk0pUDe6dmuVsAsQb4szEAyoaLiMQ") && body.ends_with("zND53fScALcmHO9hBdQ=="));
    let [event] = push(&shop(), format!("{body}\n")).unwrap().unwrap().try_into().unwrap_or_else(|_| panic!("one"));
    assert_eq!((event.event_id.as_str(), event.ext_id.as_str()), ("1", "2607602240240301"));
    assert_eq!(event.seller, "", "the shop in the path");
}

#[test]
fn every_message_about_an_order_is_a_hint_of_it() {
    let oid = json!({"oid": 9_007_199_254_740_997_i64, "sellerId": 1});
    let after_sale = json!({"orderId": 9_007_199_254_740_997_i64, "refundId": 5, "handlingWay": 10, "status": 10});
    let note = json!({"eventType": 2, "bizId": 9_007_199_254_740_995_i64, "note": "先别发", "flag": "1"});
    for (topic, info, ext_id) in [
        ("kwaishop_order_addOrder", &oid, "9007199254740997"),
        ("kwaishop_order_paySuccess", &oid, "9007199254740997"),
        ("kwaishop_order_delivering", &oid, "9007199254740997"),
        ("kwaishop_order_deliverySuccess", &oid, "9007199254740997"),
        ("kwaishop_order_orderSuccess", &oid, "9007199254740997"),
        ("kwaishop_order_orderFail", &oid, "9007199254740997"),
        ("kwaishop_order_totalFeeChange", &oid, "9007199254740997"),
        ("kwaishop_order_addressUpdateAudit", &oid, "9007199254740997"),
        ("kwaishop_order_addressChange", &oid, "9007199254740997"),
        ("kwaishop_order_addNote", &note, "9007199254740995"),
        ("kwaishop_aftersales_addRefund", &after_sale, "9007199254740997"),
        ("kwaishop_aftersales_updateRefund", &after_sale, "9007199254740997"),
    ] {
        let events = events(&message(topic, info));
        let [event] = events.as_slice() else { panic!("{topic} makes {} events", events.len()) };
        assert_eq!((event.topic.as_str(), event.ext_id.as_str(), event.complete), (topic, ext_id, false));
        assert_eq!((event.event_id.as_str(), event.seller.as_str()), ("267_2345_147402", "f1917b0f5a2b6b6e"));
    }
}

#[test]
fn a_refund_is_not_taken_for_an_order() {
    assert!(events(&message("kwaishop_aftersales_updateRefund", &json!({"refundId": 5}))).is_empty());
}

#[test]
fn a_heartbeat_and_what_is_no_order_are_acknowledged_and_nothing_more() {
    assert_eq!(push(&shop(), sealed(r#"{"test":true}"#)).unwrap().unwrap().len(), 0);
    let mut tried = message("kwaishop_order_paySuccess", &json!({"oid": 1}));
    tried["test"] = true.into();
    assert!(events(&tried).is_empty());
    assert!(events(&message("kwaishop_item_addItem", &json!({"itemId": 1}))).is_empty());
}

#[test]
fn the_same_message_has_the_same_id_even_where_it_bears_none() {
    let mut bare = message("kwaishop_order_paySuccess", &json!({"oid": 1}));
    bare.as_object_mut().unwrap().remove("eventId");
    let id = |message: &Value| events(message)[0].event_id.clone();
    assert_eq!(id(&bare), id(&bare));
    let mut other = bare.clone();
    other["createTime"] = 1.into();
    assert_ne!(id(&bare), id(&other));
}

#[test]
fn what_does_not_open_to_the_platforms_envelope_is_refused() {
    let good = message("kwaishop_order_paySuccess", &json!({"oid": 1})).to_string();
    let of_another_app = good.replace("ks660340295617067960", "ks999");
    for (what, body) in [
        ("plain text", good.clone()),
        ("another key", sealed_with(b"fedcba9876543210", &good)),
        ("another application", sealed(&of_another_app)),
        ("no event of the platform", sealed(&good.replace("kwaishop_", "somebody_"))),
        ("a short event", sealed(&good.replace("kwaishop_order_paySuccess", "kwai"))),
        ("no envelope", sealed("[]")),
        ("an empty envelope", sealed("{}")),
        ("a heartbeat that is none", sealed(r#"{"test":"true"}"#)),
        ("nothing", String::new()),
        ("no block", "AAAA".to_owned()),
    ] {
        assert!(matches!(push(&shop(), body), Err(Refusal::Signature)), "{what}");
    }
    for secret in [None, Some(""), Some("not base64!"), Some("c2hvcnQ="), Some("ZmVkY2JhOTg3NjU0MzIxMA==")] {
        let mut values = credentials();
        values.remove("msg_secret");
        secret.map(|secret| values.insert("msg_secret".into(), secret.into()));
        assert!(matches!(push(&account(values), sealed(&good)), Err(Refusal::Signature)), "{secret:?}");
    }
}

#[test]
fn a_message_that_was_changed_or_cut_is_never_more_than_a_hint() {
    let body = sealed(&message("kwaishop_order_paySuccess", &json!({"oid": 9_007_199_254_740_997_i64})).to_string());
    let sealed = sign::from_base64(&body).unwrap();
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            if let Ok(Ok(events)) = push(&shop(), sign::base64(&changed)) {
                assert!(events.iter().all(|event| !event.complete), "byte {at}");
            }
        }
    }
    for cut in 0..body.len() {
        assert!(push(&shop(), body[..cut].to_owned()).is_err(), "cut at {cut}");
    }
}

#[test]
fn what_cannot_be_taken_up_says_where_and_never_what() {
    let mut broken = message("kwaishop_order_paySuccess", &json!({}));
    broken["info"] = r#"{"oid":{"收件人":"王小明"}}"#.into();
    let said = push(&shop(), sealed(&broken.to_string())).unwrap().err().unwrap();
    assert_eq!(said, "info.oid: is no id");
    broken["info"] = "王小明".into();
    let said = push(&shop(), sealed(&broken.to_string())).unwrap().err().unwrap();
    assert!(said.starts_with("info.") && !said.contains("王小明"), "{said}");
}

#[test]
fn acknowledgements_are_in_the_platforms_words() {
    let said = |said: &Said| {
        let answer = Kuaishou.answer(said);
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    };
    assert_eq!(said(&Said::Stored), (200, r#"{"result":1}"#.to_owned()));
    assert_eq!(said(&Said::Malformed("info".into())), (200, r#"{"result":1}"#.to_owned()));
    for refusal in [Refusal::Signature, Refusal::Stale, Refusal::UnknownAccount] {
        assert_eq!(said(&Said::Refused(refusal)), (401, r#"{"result":0}"#.to_owned()));
    }
    assert_eq!((said(&Said::Busy).0, said(&Said::TooLarge).0), (503, 413));
}
