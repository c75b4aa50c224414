//! The contract of a channel, and what is WooCommerce's own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod fake;

use channel_woocommerce::WooCommerce;
use fake::{ORDER, Shop};
use http::{HeaderMap, HeaderName, HeaderValue};
use huidan_channel::{Channel, Confirmed, Document, Page, Reading, Shipment, StockLevel, StockOutcome};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, CallError, Refusal, Request, Said, Webhook, sign, time};
use huidan_testkit::channel::{self as kit, Fixtures, Hooks, Platform, Sample, Vary, check, fresh};
use huidan_testkit::{Caller, account, drive, reply};
use std::cell::RefCell;

const BODY: &str = include_str!("samples/processing.json");

fn at(text: &str) -> Millis {
    time::rfc3339(text).unwrap()
}

fn window() -> Window {
    Window { from: at("2026-11-21T00:00:00Z"), to: at("2026-11-21T09:00:00Z") }
}

fn caller_with(more: &[(&str, &str)]) -> Caller {
    let usual = [("consumer_key", "ck_123456"), ("consumer_secret", "cs_123456"), ("webhook_secret", "hush-hush")];
    let account = Account {
        base_url: Some("https://shop.example.com".into()),
        ..account("shop-1", "", usual.iter().chain(more).copied())
    };
    Caller { account, now: at("2026-11-21T09:00:00Z") }
}

fn caller() -> Caller {
    caller_with(&[])
}

fn headers(body: &[u8], secret: &str, topic: &str) -> HeaderMap {
    let signature = sign::base64(&sign::hmac_sha256(secret.as_bytes(), &[body]));
    let pairs = [
        ("content-type", "application/json"),
        ("x-wc-webhook-topic", topic),
        ("x-wc-webhook-signature", &signature),
        ("x-wc-webhook-delivery-id", "1b2f5a70d2f4a6c1e0"),
    ];
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect()
}

fn vary(vary: Vary<'_>) -> Document {
    let body = match vary {
        Vary::Id(id) => BODY.replacen(ORDER, id, 1),
        Vary::Total(total) => BODY.replace("409.94", total),
        Vary::State(state) => BODY.replace("processing", state),
        Vary::UpdatedAt(at) => BODY.replace("2026-11-21T08:00:05", time::to_rfc3339(at).trim_end_matches('Z')),
    };
    kit::document("order.updated", body)
}

fn shipment(waybill: &str) -> Shipment {
    Shipment {
        lines: vec![kit::line("866550311766439021", 3)], ..kit::shipment(ORDER, ("sf", "顺丰速运"), waybill)
    }
}

fn level(ext_item: &str, ext_sku: &str, outer_code: &str) -> StockLevel {
    StockLevel { outer_code: outer_code.into(), ..kit::level(ext_item, ext_sku, 12) }
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        Sample { name: "processing", topic: "order.created", body: BODY },
        Sample {
            name: "cash-on-delivery",
            topic: "order.updated",
            body: include_str!("samples/cash-on-delivery.json"),
        },
        Sample {
            name: "refunded-in-part",
            topic: "rest/order+refunds",
            body: include_str!("samples/refunded-in-part.json"),
        },
    ];
    let fixtures = Fixtures {
        caller: caller(),
        samples: &samples,
        personal: &[
            "小明",
            "大明",
            "13800138000",
            "13900139000",
            "文三路",
            "某某公司",
            "payer@",
            "john.doe@",
            "969 Market",
            "555-5555",
            "太郎",
        ],
        vary: &vary,
        hooks: Some(Hooks {
            sign: &|body, _| ("/webhook/woocommerce/shop-1".into(), headers(body, "hush-hush", "order.created")),
            body: BODY,
            signs_body: true,
            secret_field: "webhook_secret",
            ext_id: ORDER,
            window_s: None,
        }),
        platform: Some(Platform {
            fresh: &fresh(Shop::default, Shop::answer),
            window: window(),
            listed: ["1001", "1002", "1003"].map(String::from).into(),
            known: ORDER,
            missing: "404",
            shipment: Some(shipment("SF1234567890123")),
            levels: vec![level("93", "9007199254740997", ""), level("22", "22", ""), level("", "", "TEA& A")],
        }),
    };
    check(&WooCommerce, &fixtures);
}

#[test]
fn the_published_vector_is_accepted() {
    let body = br#"{"id":727}"#;
    let signed = headers(body, "wcsecret", "order.updated");
    assert_eq!(signed["x-wc-webhook-signature"], "IWrrlxL74652/ak9M0CRmMHZkRMXP4vDRlBwfJOIT88=");
    let shop = caller_with(&[("webhook_secret", "wcsecret")]).account;
    let hook = Webhook::new("/", signed, body.to_vec().into());
    let events =
        WooCommerce.take(&WooCommerce.verify(hook, &shop, at("2026-11-21T09:00:00Z")).unwrap(), &shop).unwrap();
    assert_eq!((events[0].ext_id.as_str(), events[0].event_id.as_str()), ("727", "1b2f5a70d2f4a6c1e0"));
}

#[test]
fn the_ping_on_saving_a_webhook_is_answered_and_not_opened() {
    let mut form = HeaderMap::new();
    form.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    let now = at("2026-11-21T09:00:00Z");
    let verify = |headers: HeaderMap, body: &'static str| {
        WooCommerce.verify(Webhook::new("/", headers, body.into()), &caller().account, now).unwrap_err()
    };
    assert_eq!(verify(form.clone(), "webhook_id=5"), Refusal::Ping);
    assert_eq!(WooCommerce.answer(&Said::Refused(Refusal::Ping)).status(), 200);
    let mut claims_to_be_an_order = form;
    claims_to_be_an_order.insert("x-wc-webhook-topic", HeaderValue::from_static("order.created"));
    assert_eq!(verify(claims_to_be_an_order, BODY), Refusal::Signature);
    assert_eq!(WooCommerce.answer(&Said::Refused(Refusal::Signature)).status(), 401);
}

#[test]
fn an_order_with_refunds_is_a_hint_and_fetched_with_them() {
    let take = |topic: &str, body: &'static str| {
        let hook = Webhook::new("/", headers(body.as_bytes(), "hush-hush", topic), body.into());
        let events = WooCommerce
            .take(&WooCommerce.verify(hook, &caller().account, Millis(0)).unwrap(), &caller().account)
            .unwrap();
        events.first().map(|event| event.complete)
    };
    assert_eq!(take("order.updated", r#"{"id":728,"refunds":[{"id":726,"total":"-1.00"}]}"#), Some(false));
    assert_eq!(take("order.updated", r#"{"id":728,"refunds":[]}"#), Some(true));
    assert_eq!(take("order.deleted", r#"{"id":728}"#), Some(false));
    assert_eq!(take("coupon.created", r#"{"id":728}"#), None);

    let pair: serde_json::Value = serde_json::from_str(include_str!("samples/refunded-in-part.json")).unwrap();
    let mut replies = [pair["order"].to_string(), pair["refunds"].to_string()].into_iter();
    let fetched = drive(&caller(), |call| WooCommerce.fetch(call, "728"), |_| reply(200, replies.next().unwrap()));
    let Ok(Reading::Order(facts)) = WooCommerce.read(&fetched.unwrap().unwrap()) else { panic!("no order") };
    assert_eq!(facts.lines.iter().map(|line| line.refunded_qty).collect::<Vec<_>>(), [1, 1]);

    let gone = r#"{"code":"rest_no_route","message":"No route","data":{"status":404}}"#;
    let first = pair["order"].to_string().replace("completed", "processing");
    let mut replies = [reply(200, first), reply(404, gone)].into_iter();
    let fetched = drive(&caller(), |call| WooCommerce.fetch(call, "728"), |_| replies.next().unwrap());
    let Ok(Reading::Order(facts)) = WooCommerce.read(&fetched.unwrap().unwrap()) else { panic!("no order") };
    assert!(facts.must_wait.unwrap().contains("refunded"), "what was refunded is not known, so a person looks");
}

#[test]
fn of_a_refunded_order_nothing_is_left_to_ship() {
    let Ok(Reading::Order(facts)) = WooCommerce.read(&vary(Vary::State("refunded"))) else { panic!("no order") };
    assert_eq!(facts.pay.name(), "refunded");
    assert!(facts.lines.iter().all(|line| line.refund.name() == "refunded" && line.refunded_qty == line.qty));
}

#[test]
fn an_order_that_changes_while_the_pages_are_read_is_not_missed() {
    // 250 orders; after each page one that was on the first page changes and leaves the window.
    let orders: RefCell<Vec<u32>> = RefCell::new((1..=250).collect());
    let answer = |request: &Request| {
        let number: usize = request.uri().to_string().rsplit("&page=").next().unwrap().parse().unwrap();
        let mut all = orders.borrow_mut();
        let rows: Vec<String> =
            all.iter().skip((number - 1) * 100).take(100).map(|id| BODY.replacen(ORDER, &id.to_string(), 1)).collect();
        let mut page = reply(200, format!("[{}]", rows.join(",")));
        page.headers_mut().insert("x-wp-totalpages", all.len().div_ceil(100).into());
        all.remove(0);
        page
    };
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page: Page = drive(&caller(), |call| WooCommerce.list(call, window(), cursor.as_deref()), answer).unwrap();
        seen.extend(page.orders.into_iter().map(|order| order.ext_id.parse::<u32>().unwrap()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let missed: Vec<u32> = orders.borrow().iter().copied().filter(|id| !seen.contains(id)).collect();
    assert_eq!(missed, Vec::<u32>::new());
}

#[test]
fn a_proxy_that_removes_the_number_of_pages_is_noticed() {
    let listed = drive(&caller(), |call| WooCommerce.list(call, window(), None), |_| reply(200, "[]"));
    assert!(matches!(listed, Err(CallError::Transient { detail, .. }) if detail.contains("X-WP-TotalPages")));
}

#[test]
fn the_buyer_is_mailed_once_and_the_order_is_completed_with_its_last_parcel() {
    let shop = RefCell::new(Shop::default());
    let confirm = |shipment: &Shipment| {
        drive(&caller(), |call| WooCommerce.confirm(call, shipment), |request| shop.borrow_mut().answer(request))
    };
    assert_eq!(confirm(&Shipment { completes: false, ..shipment("SF1234567890123") }), Ok(Confirmed::Told));
    assert_eq!(shop.borrow().order["status"], "processing");
    assert_eq!(confirm(&Shipment { completes: false, ..shipment("SF1234567890123") }), Ok(Confirmed::AlreadyThere));
    assert_eq!(confirm(&shipment("SF1234567890124")), Ok(Confirmed::Told));
    assert_eq!(shop.borrow().order["status"], "completed");
    let replaced = Shipment { replaces: Some("SF1234567890123".into()), ..shipment("SF9999999999999") };
    assert_eq!(confirm(&replaced), Ok(Confirmed::Told));
    let shop = shop.into_inner();
    let numbers = shop.order["meta_data"].as_array().unwrap().iter().find(|meta| meta["key"] == "_tracking_number");
    assert_eq!(numbers.unwrap()["value"], "SF9999999999999, SF1234567890124");
    assert_eq!(shop.notes.len(), 3);
    assert!(shop.notes[0].1 && shop.notes[0].0.contains("SF1234567890123"));
}

#[test]
fn a_quiet_shop_keeps_the_note_to_itself() {
    let mut shop = Shop::default();
    let caller = caller_with(&[("notify_customer", "no")]);
    drive(&caller, |call| WooCommerce.confirm(call, &shipment("SF1234567890123")), |request| shop.answer(request))
        .unwrap();
    assert!(!shop.notes[0].1);
}

#[test]
fn what_cannot_be_told_says_why() {
    let code = |status: u16, body: &str| match drive(
        &caller(),
        |call| WooCommerce.confirm(call, &shipment("SF1234567890123")),
        |_| reply(status, body.to_owned()),
    ) {
        Err(CallError::Rejected { code, .. }) => code,
        Err(CallError::Credentials { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        code(404, r#"{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID."}"#),
        "order_not_found"
    );
    assert_eq!(code(200, r#"{"id":1,"status":"cancelled","meta_data":[]}"#), "order_cancelled");
    assert_eq!(code(404, "<html>Not found</html>"), "base_url");
    assert_eq!(
        code(400, r#"{"code":"rest_invalid_param","message":"Invalid parameter(s): 13800138000"}"#),
        "rest_invalid_param"
    );
    assert_eq!(code(301, ""), "base_url");
}

#[test]
fn a_product_that_is_gone_does_not_keep_the_others_from_being_set() {
    let mut shop = Shop::default();
    let levels = [level("404", "404", ""), level("22", "22", "")];
    let outcomes = drive(&caller(), |call| WooCommerce.stock(call, &levels), |request| shop.answer(request)).unwrap();
    assert!(matches!(&outcomes[0], StockOutcome::Rejected { code, .. } if code == "product_not_found"));
    assert_eq!(outcomes[1], StockOutcome::Set);
}

#[test]
fn a_number_the_shop_did_not_take_is_no_success() {
    let code = |body: &'static str| {
        let levels = [level("22", "22", "")];
        let outcomes = drive(&caller(), |call| WooCommerce.stock(call, &levels), |_| reply(200, body)).unwrap();
        match outcomes.into_iter().next() {
            Some(StockOutcome::Rejected { code, .. }) => code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code(r#"{"id":22,"manage_stock":false,"stock_quantity":null}"#), "stock_not_managed");
    assert_eq!(code(r#"{"id":22,"manage_stock":true,"stock_quantity":11}"#), "stock_not_taken");
}
