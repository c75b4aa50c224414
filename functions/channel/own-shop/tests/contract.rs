//! The contract of a channel, and what is our own protocol's.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod fake;

use channel_own_shop::OwnShop;
use fake::{ORDER, Site};
use http::{HeaderMap, HeaderName, HeaderValue};
use huidan_channel::{Channel, Confirmed, Document, Page, Shipment, StockLevel, StockOutcome};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, CallError, Credentials, Refusal, Request, Said, Webhook, sign, time};
use huidan_testkit::channel::{self as kit, Fixtures, Hooks, Platform, Sample, Vary, check, fresh};
use huidan_testkit::{Caller, account, drive, reply};

const ORDER_TEXT: &str = include_str!("samples/paid.json");
const SECRET: &str = "hush-hush-hush";

fn at(text: &str) -> Millis {
    time::rfc3339(text).unwrap()
}

fn caller() -> Caller {
    let account = Account {
        base_url: Some("https://shop.example.com/api".into()),
        ..account("shop-1", "", [("webhook_secret", SECRET)])
    };
    Caller { account, now: at("2026-11-21T09:00:00Z") }
}

fn without_site() -> Caller {
    let mut caller = caller();
    caller.account.base_url = None;
    caller
}

/// As a developer would write it from `PROTOCOL.md`.
fn headers(body: &[u8], at: Millis, nonce: &str) -> HeaderMap {
    let timestamp = (at.0 / 1000).to_string();
    let said = [format!("{timestamp}.{nonce}.").into_bytes(), body.to_vec()].concat();
    let signature = format!("v1={}", sign::hex(&sign::hmac_sha256(SECRET.as_bytes(), &[&said])));
    [("huidan-timestamp", timestamp.as_str()), ("huidan-nonce", nonce), ("huidan-signature", &signature)]
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn message(event: &str, order: &str) -> String {
    format!(r#"{{"event_id":"evt-1","event":"{event}","order":{order}}}"#)
}

fn send(body: &str) -> Result<Vec<huidan_channel::Event>, String> {
    let now = caller().now;
    let hook = Webhook::new("/", headers(body.as_bytes(), now, "nonce-0001"), body.to_owned().into());
    OwnShop.take(&OwnShop.verify(hook, &caller().account, now).unwrap(), &caller().account)
}

fn vary(vary: Vary<'_>) -> Document {
    let body = match vary {
        Vary::Id(id) => ORDER_TEXT.replace(ORDER, id),
        Vary::Total(total) => ORDER_TEXT.replace("409.94", total),
        Vary::State(state) => ORDER_TEXT.replace("\"paid\"", &format!("\"{state}\"")),
        Vary::UpdatedAt(at) => {
            let there = time::to_local(at, time::CHINA).replace(' ', "T");
            ORDER_TEXT.replacen("2026-11-21T16:00:05", &there, 1)
        }
    };
    kit::document("order.saved", body)
}

fn shipment(waybill: &str) -> Shipment {
    Shipment { lines: vec![kit::line("1", 2)], ..kit::shipment(ORDER, ("sf", "顺丰速运"), waybill) }
}

fn level(code: &str, version: u64) -> StockLevel {
    StockLevel { outer_code: code.into(), version, ..kit::level("", code, 12) }
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        Sample { name: "paid", topic: "order.saved", body: ORDER_TEXT },
        Sample { name: "refunding", topic: "order.saved", body: include_str!("samples/refunding.json") },
        Sample { name: "refunded", topic: "order.saved", body: include_str!("samples/refunded.json") },
        Sample { name: "cancelled", topic: "order.cancelled", body: ORDER_TEXT },
    ];
    let body = message("order.saved", ORDER_TEXT);
    let fixtures = Fixtures {
        caller: caller(),
        samples: &samples,
        personal: &["小明", "13800138000", "xiaoming@", "文三路", "Steve", "Shipping Street", "5145550100", "太郎"],
        vary: &vary,
        hooks: Some(Hooks {
            sign: &|body, at| ("/webhook/own-shop/shop-1".into(), headers(body, at, "nonce-0001")),
            body: &body,
            signs_body: true,
            secret_field: "webhook_secret",
            ext_id: ORDER,
            window_s: Some(300),
        }),
        platform: Some(Platform {
            fresh: &fresh(Site::default, Site::answer),
            window: Window { from: at("2026-11-21T00:00:00Z"), to: at("2026-11-21T09:00:00Z") },
            listed: ["1", "2", "3"].map(String::from).into(),
            known: ORDER,
            missing: "404",
            shipment: Some(shipment("SF1234567890123")),
            levels: vec![level("TEA-250", 7), level("茶 杯/大", 1)],
        }),
    };
    check(&OwnShop, &fixtures);
}

#[test]
fn the_example_of_the_protocol_bears_the_signature_it_prints() {
    let protocol = include_str!("../PROTOCOL.md");
    let between = |from: &str, to: &str| {
        let rest = protocol.split_once(from).unwrap().1;
        rest.split_once(to).unwrap().0.to_owned()
    };
    let body = between("body='", "'\n");
    let (secret, time, nonce) = (between("secret='", "'\n"), "1795248005", "first-order-0001");
    let printed = between("# v1=", "\n");
    let said = format!("{time}.{nonce}.{body}");
    assert_eq!(printed, sign::hex(&sign::hmac_sha256(secret.as_bytes(), &[said.as_bytes()])));

    let mut account = caller().account;
    account.credentials = Credentials::new([("webhook_secret".to_owned(), secret)].into());
    let mut sent = HeaderMap::new();
    sent.insert("huidan-timestamp", HeaderValue::from_static(time));
    sent.insert("huidan-nonce", HeaderValue::from_static(nonce));
    sent.insert("huidan-signature", HeaderValue::from_str(&format!("v1={printed}")).unwrap());
    let hook = OwnShop.verify(Webhook::new("/", sent, body.into()), &account, Millis(1_795_248_005_000)).unwrap();
    assert_eq!(OwnShop.take(&hook, &caller().account).map(|events| events.len()), Ok(1));
}

#[test]
fn a_nonce_that_could_move_the_dots_is_refused() {
    let now = caller().now;
    for nonce in ["short", "with.a.dot.in.it", "blank blank", &"n".repeat(65)] {
        let hook = Webhook::new("/", headers(b"{}", now, nonce), "{}".into());
        assert_eq!(OwnShop.verify(hook, &caller().account, now).unwrap_err(), Refusal::Signature, "{nonce}");
    }
}

#[test]
fn the_developer_hears_what_is_wrong_and_where() {
    let wrong = |from: &str, to: &str| {
        assert!(ORDER_TEXT.contains(from), "{from}");
        send(&message("order.saved", &ORDER_TEXT.replacen(from, to, 1))).err().unwrap()
    };
    assert_eq!(wrong("\"409.94\"", "\"409,94\""), "order.total: is not a decimal amount");
    assert_eq!(
        wrong("\"409.94\"", "\"409.945\""),
        "order.total: is finer than the currency's minor unit, or too large"
    );
    assert_eq!(wrong("\"qty\": 1", "\"qty\": 0"), "order.lines[1].qty: is zero");
    assert_eq!(wrong("\"id\": \"2\"", "\"id\": \"1\""), "order.lines[1].id: is the id of an earlier line too");
    assert_eq!(wrong("2026-11-21T16:00:00+08:00", "2026-11-21 16:00"), "order.placed_at: is no time with an offset");
    assert_eq!(wrong("\"王小明\"", "null"), "order.receiver.name: is missing");
    assert_eq!(
        send(&message("order.made", ORDER_TEXT)).err().unwrap(),
        "event: is neither order.saved nor order.cancelled"
    );
    let answer = OwnShop.answer(&Said::Malformed("order.total: is missing".into()));
    assert_eq!(
        (answer.status().as_u16(), &answer.body()[..]),
        (400, &br#"{"error":"order.total: is missing","ok":false}"#[..])
    );
}

#[test]
fn the_answers_are_those_of_the_protocol() {
    let status = |said| OwnShop.answer(&said).status().as_u16();
    assert_eq!(&OwnShop.answer(&Said::Stored).body()[..], br#"{"ok":true}"#);
    for refusal in [Refusal::Signature, Refusal::Stale, Refusal::UnknownAccount] {
        let answer = OwnShop.answer(&Said::Refused(refusal));
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (401, &br#"{"error":"signature","ok":false}"#[..]));
    }
    assert_eq!(status(Said::TooLarge), 413);
    assert_eq!(OwnShop.answer(&Said::Busy).headers()["retry-after"], "1");
}

#[test]
fn a_shop_that_only_sends_is_never_called() {
    let never = |_: &Request| panic!("there is no site to call");
    let window = Window { from: Millis(0), to: Millis(1000) };
    assert_eq!(drive(&without_site(), |call| OwnShop.list(call, window, None), never), Ok(Page::default()));
    assert_eq!(
        drive(&without_site(), |call| OwnShop.confirm(call, &shipment("SF1234567890123")), never),
        Ok(Confirmed::AlreadyThere)
    );
    assert_eq!(
        drive(&without_site(), |call| OwnShop.stock(call, &[level("A", 1)]), never),
        Ok(vec![StockOutcome::Set])
    );
    let fetched = drive(&without_site(), |call| OwnShop.fetch(call, "1"), never);
    assert!(matches!(fetched, Err(CallError::Credentials { field, .. }) if field == "base_url"));
}

#[test]
fn a_corrected_number_replaces_the_one_told() {
    let mut site = Site::default();
    for (waybill, confirmed) in [
        ("SF1234567890123", Confirmed::Told),
        ("SF9999999999999", Confirmed::Told),
        ("SF9999999999999", Confirmed::AlreadyThere),
    ] {
        let told = drive(&caller(), |call| OwnShop.confirm(call, &shipment(waybill)), |request| site.answer(request));
        assert_eq!(told, Ok(confirmed), "{waybill}");
    }
    assert_eq!(site.shipments.len(), 1);
}

#[test]
fn a_late_number_does_not_undo_a_newer_one_and_an_unknown_sku_says_so() {
    let mut site = Site::default();
    let mut set = |levels: &[StockLevel]| {
        drive(&caller(), |call| OwnShop.stock(call, levels), |request| site.answer(request)).unwrap()
    };
    set(&[StockLevel { available: 3, ..level("A", 8) }]);
    let outcomes = set(&[level("A", 7), level("GONE", 1), level("", 1)]);
    assert_eq!(outcomes.first(), Some(&StockOutcome::Set));
    assert!(matches!(outcomes.get(1), Some(StockOutcome::Rejected { code, .. }) if code == "sku_not_found"));
    assert!(matches!(outcomes.get(2), Some(StockOutcome::Rejected { code, .. }) if code == "sku_missing"));
    assert_eq!(site.stock.get("A"), Some(&(8, 3)));
}

#[test]
fn a_site_without_the_protocol_is_not_taken_for_a_missing_order() {
    let fetched = drive(&caller(), |call| OwnShop.fetch(call, "1"), |_| reply(404, "<html>Not found</html>"));
    assert!(matches!(fetched, Err(CallError::Credentials { field, .. }) if field == "base_url"));
}

#[test]
fn a_shop_without_a_secret_takes_no_message_and_sends_none() {
    let body = message("order.saved", ORDER_TEXT);
    for (secret, signed_with) in [(None, ""), (Some(""), ""), (Some("   "), "   ")] {
        let mut shop = caller();
        let credentials = secret.map(|secret| ("webhook_secret".to_owned(), secret.to_owned()));
        shop.account.credentials = Credentials::new(credentials.into_iter().collect());
        let timestamp = (shop.now.0 / 1000).to_string();
        let said = format!("{timestamp}.nonce-0001.{body}");
        let signature = format!("v1={}", sign::hex(&sign::hmac_sha256(signed_with.as_bytes(), &[said.as_bytes()])));
        let mut sent = headers(body.as_bytes(), shop.now, "nonce-0001");
        sent.insert("huidan-signature", HeaderValue::from_str(&signature).unwrap());
        let hook = Webhook::new("/", sent, body.clone().into());
        let refused = OwnShop.verify(hook, &shop.account, shop.now).err();
        assert_eq!(refused, Some(Refusal::Signature), "{secret:?}");
        assert_eq!(OwnShop.answer(&Said::Refused(Refusal::Signature)).status(), 401);
    }
    let mut shop = caller();
    shop.account.credentials = Credentials::new(std::collections::BTreeMap::new());
    let asked = drive(&shop, |call| OwnShop.fetch(call, ORDER), |_| panic!("nothing is sent unsigned"));
    assert!(matches!(asked, Err(CallError::Credentials { field, .. }) if field == "webhook_secret"));
    assert!(OwnShop.manifest().credentials.iter().all(|field| !field.needed));
}
