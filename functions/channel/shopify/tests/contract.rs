//! The contract of a channel, and what is Shopify's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fake;

use channel_shopify::Shopify;
use fake::{ORDER, Shop};
use http::{HeaderMap, HeaderValue};
use huidan_channel::{Channel, Confirmed, Document, Reading, Shipment, StockLevel, StockOutcome};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, CallError, Credentials, Refusal, Said, Webhook, sign, time};
use huidan_testkit::channel::{self as kit, Fixtures, Hooks, Platform, Sample, Vary, check, fresh};
use huidan_testkit::{Caller, account, drive, rejected, reply};
use serde_json::{Value, json};
use std::cell::RefCell;

const REST: &str = include_str!("samples/rest-paid.json");
const NOW: &str = "2026-11-21T09:00:00Z";

fn at(text: &str) -> Millis {
    time::rfc3339(text).unwrap()
}

fn caller() -> Caller {
    let credentials = [("access_token", "shpat_1234567890"), ("webhook_secret", "hush-hush")];
    let account = Account { base_url: Some("https://my.myshopify.com".into()), ..account("shop-1", "", credentials) };
    Caller { account, now: at(NOW) }
}

fn headers(body: &[u8], secret: &str, topic: &str) -> HeaderMap {
    let signature = sign::base64(&sign::hmac_sha256(secret.as_bytes(), &[body]));
    let pairs = [
        ("x-shopify-topic", topic),
        ("x-shopify-hmac-sha256", &signature),
        ("x-shopify-shop-domain", "my.myshopify.com"),
        ("x-shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
        ("x-shopify-triggered-at", "2026-11-21T08:00:06.1Z"),
    ];
    pairs
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn vary(vary: Vary<'_>) -> Document {
    let body = match vary {
        Vary::Id(id) => REST.replace("\"id\": 9007199254740995", &format!("\"id\": {id}")),
        Vary::Total(total) => REST.replace("409.94", total),
        Vary::State(state) => REST.replace(
            "\"fulfillment_status\": null,\n  \"pay",
            &format!("\"fulfillment_status\": \"{state}\",\n  \"pay"),
        ),
        Vary::UpdatedAt(at) => {
            let there = time::to_local(at, time::CHINA).replace(' ', "T");
            REST.replace("2026-11-21T16:00:05+08:00", &format!("{there}+08:00"))
        }
    };
    kit::document("orders/updated", body)
}

fn shipment(waybill: &str) -> Shipment {
    Shipment {
        lines: vec![kit::line("866550311766439021", 2)], ..kit::shipment(ORDER, ("sf", "顺丰速运"), waybill)
    }
}

fn level(ext_sku: &str, outer_code: &str, available: u32) -> StockLevel {
    StockLevel { outer_code: outer_code.into(), ..kit::level("632910392", ext_sku, available) }
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        Sample { name: "rest-paid", topic: "orders/create", body: REST },
        Sample {
            name: "rest-part-refunded",
            topic: "orders/updated",
            body: include_str!("samples/rest-part-refunded.json"),
        },
        Sample { name: "rest-cancelled", topic: "orders/cancelled", body: include_str!("samples/rest-cancelled.json") },
        Sample {
            name: "graphql-two-pages",
            topic: "graphql/order",
            body: include_str!("samples/graphql-two-pages.json"),
        },
    ];
    let fixtures = Fixtures {
        caller: caller(),
        samples: &samples,
        personal: &["小明", "13800138000", "文三路", "Steve", "Shipper", "Shipping Street", "5145550100", "buyer@"],
        vary: &vary,
        hooks: Some(Hooks {
            sign: &|body, _| ("/webhook/shopify/shop-1".into(), headers(body, "hush-hush", "orders/create")),
            body: REST,
            signs_body: true,
            secret_field: "webhook_secret",
            ext_id: ORDER,
            window_s: None,
        }),
        platform: Some(Platform {
            fresh: &fresh(Shop::default, Shop::answer),
            window: Window { from: at("2026-11-21T00:00:00Z"), to: at("2026-11-21T09:00:00Z") },
            listed: ["1", ORDER, "3"].map(String::from).into(),
            known: ORDER,
            missing: "404",
            shipment: Some(shipment("SF1234567890123")),
            levels: vec![level("808950810123456789", "TEA-250", 12), level("", "TEA \"A\"", 3)],
        }),
    };
    check(&Shopify, &fixtures);
}

#[test]
fn an_order_whose_mailbox_this_app_may_not_see_is_read_without_it() {
    let nodes: Vec<Value> = serde_json::from_str(include_str!("samples/graphql-two-pages.json")).unwrap();
    let mut node = nodes[0].clone();
    node["email"] = Value::Null;
    node["lineItems"]["pageInfo"] = json!({"hasNextPage": false, "endCursor": null});
    let answer = |code: &str, path: Value| {
        json!({"data": {"order": node}, "errors": [{
            "message": "This app is not approved to use this field.", "path": path, "extensions": {"code": code}}]})
    };
    let fetch = |answer: Value| drive(&caller(), |call| Shopify.fetch(call, ORDER), |_| reply(200, answer.to_string()));
    let document = fetch(answer("ACCESS_DENIED", json!(["order", "email"]))).unwrap().unwrap();
    let Reading::Order(facts) = Shopify.read(&document).unwrap() else { panic!("no order") };
    assert_eq!((facts.receiver.name.as_str(), facts.receiver.email.as_str()), ("王小明", ""));
    for (code, path) in [
        ("ACCESS_DENIED", json!(["order", "shippingAddress"])),
        ("ACCESS_DENIED", json!(["order"])),
        ("ACCESS_DENIED", json!([])),
        ("INTERNAL_SERVER_ERROR", json!(["order", "email"])),
    ] {
        assert!(fetch(answer(code, path)).is_err(), "what else is missing is no order: {code}");
    }
}

#[test]
fn the_published_vector_is_accepted() {
    let body = br#"{"id":820982911946154508}"#;
    let signed = headers(body, "hush", "orders/create");
    assert_eq!(signed["x-shopify-hmac-sha256"], "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=");
    let mut shop = caller().account;
    shop.credentials = Credentials::new([("webhook_secret".to_owned(), "hush".to_owned())].into());
    let hook = Webhook::new("/", signed, body.to_vec().into());
    let events = Shopify.take(&Shopify.verify(hook, &shop, at(NOW)).unwrap(), &shop).unwrap();
    assert_eq!(events[0].ext_id, "820982911946154508");
}

#[test]
fn a_webhook_of_another_shop_of_the_same_app_is_refused() {
    let mut signed = headers(REST.as_bytes(), "hush-hush", "orders/create");
    signed.insert("x-shopify-shop-domain", HeaderValue::from_static("other.myshopify.com"));
    let hook = Webhook::new("/", signed, REST.into());
    assert_eq!(Shopify.verify(hook, &caller().account, at(NOW)).unwrap_err(), Refusal::UnknownAccount);
}

#[test]
fn a_message_is_known_by_its_id_and_says_which_order() {
    let take = |topic: &str, body: &'static str| {
        let hook = Webhook::new("/", headers(body.as_bytes(), "hush-hush", topic), body.into());
        Shopify.take(&Shopify.verify(hook, &caller().account, at(NOW)).unwrap(), &caller().account)
    };
    let refund = take("refunds/create", r#"{"id":509562969,"order_id":9007199254740995}"#).unwrap();
    assert_eq!(refund[0].event_id, "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043");
    assert_eq!((refund[0].ext_id.as_str(), refund[0].complete), (ORDER, false));
    assert!(take("app/uninstalled", r#"{"id":1}"#).unwrap().is_empty());
    assert_eq!(take("orders/paid", r#"{"name":"王小明"}"#).err().as_deref(), Some("id: is missing"));
}

#[test]
fn shopify_hears_what_it_acts_on() {
    let status = |said| Shopify.answer(&said).status().as_u16();
    assert_eq!(status(Said::Stored), 200);
    assert_eq!(status(Said::Refused(Refusal::Signature)), 401);
    assert_eq!(status(Said::Malformed("id".into())), 200, "eight failures would delete the subscription");
    assert_eq!(status(Said::TooLarge), 413);
    assert_eq!(status(Said::Busy), 503);
}

#[test]
fn a_corrected_number_replaces_the_one_told() {
    let shop = RefCell::new(Shop::default());
    let confirm = |shipment: &Shipment| {
        drive(&caller(), |call| Shopify.confirm(call, shipment), |request| shop.borrow_mut().answer(request))
    };
    assert_eq!(confirm(&shipment("SF1234567890123")), Ok(Confirmed::Told));
    let corrected = Shipment { replaces: Some("SF1234567890123".into()), ..shipment("SF9999999999999") };
    assert_eq!(confirm(&corrected), Ok(Confirmed::Told));
    assert_eq!(confirm(&corrected), Ok(Confirmed::AlreadyThere));
    assert_eq!(shop.borrow().numbers, ["SF9999999999999"]);
}

#[test]
fn the_buyer_is_mailed_unless_the_seller_says_no() {
    let notified = |setting: Option<&str>| {
        let mut caller = caller();
        let mut values = vec![("access_token".to_owned(), "shpat_1234567890".to_owned())];
        values.extend(setting.map(|value| ("notify_customer".to_owned(), value.to_owned())));
        caller.account.credentials = Credentials::new(values.into_iter().collect());
        let mut shop = Shop::default();
        drive(&caller, |call| Shopify.confirm(call, &shipment("SF1234567890123")), |r| shop.answer(r)).unwrap();
        shop.heard.last().unwrap().1["f0"]["notifyCustomer"].clone()
    };
    assert_eq!(notified(None), Value::Bool(true));
    assert_eq!(notified(Some("no")), Value::Bool(false));
}

#[test]
fn each_location_has_its_own_fulfilment_in_one_request() {
    let shipped = r#"{"data":{"order":{"cancelledAt":null,"fulfillments":[],"fulfillmentOrders":{
        "pageInfo":{"hasNextPage":false},"nodes":[
        {"id":"A","status":"OPEN","assignedLocation":{"location":{"id":"L1"}},"lineItems":{"pageInfo":{"hasNextPage":false},
         "nodes":[{"id":"A1","remainingQuantity":1,"lineItem":{"id":"gid://shopify/LineItem/866550311766439021"}}]}},
        {"id":"B","status":"IN_PROGRESS","assignedLocation":{"location":{"id":"L2"}},"lineItems":{"pageInfo":{"hasNextPage":false},
         "nodes":[{"id":"B1","remainingQuantity":5,"lineItem":{"id":"gid://shopify/LineItem/866550311766439021"}}]}}]}}}}"#;
    let told = r#"{"data":{"fulfillmentCreate":{"fulfillment":{"id":"1"},"userErrors":[]},"f1":{"fulfillment":{"id":"2"},"userErrors":[]}}}"#;
    let mut bodies = Vec::new();
    let confirmed = drive(
        &caller(),
        |call| Shopify.confirm(call, &shipment("SF1234567890123")),
        |request| {
            bodies.push(serde_json::from_slice::<Value>(request.body()).unwrap());
            reply(200, if bodies.len() == 1 { shipped } else { told })
        },
    );
    assert_eq!(confirmed, Ok(Confirmed::Told));
    let variables = &bodies[1]["variables"];
    assert_eq!(variables["f0"]["lineItemsByFulfillmentOrder"][0]["fulfillmentOrderLineItems"][0]["quantity"], 1);
    assert_eq!(variables["f1"]["lineItemsByFulfillmentOrder"][0]["fulfillmentOrderLineItems"][0]["quantity"], 1);
    assert!(bodies[1]["query"].as_str().unwrap().contains("f1: fulfillmentCreate(fulfillment: $f1)"));
}

fn confirm_after(first: &str, second: &str) -> Result<Confirmed, CallError> {
    let mut replies = [first, second].into_iter();
    drive(
        &caller(),
        |call| Shopify.confirm(call, &shipment("SF1234567890123")),
        |_| reply(200, replies.next().unwrap().to_owned()),
    )
}

#[test]
fn what_cannot_be_told_says_why() {
    let order = |cancelled: &str, status: &str| {
        format!(
            r#"{{"data":{{"order":{{"cancelledAt":{cancelled},"fulfillments":[],"fulfillmentOrders":{{"pageInfo":{{"hasNextPage":false}},
            "nodes":[{{"id":"A","status":"{status}","assignedLocation":{{"location":null}},"lineItems":{{"pageInfo":{{"hasNextPage":false}},
            "nodes":[{{"id":"A1","remainingQuantity":2,"lineItem":{{"id":"gid://shopify/LineItem/866550311766439021"}}}}]}}}}]}}}}}}}}"#
        )
    };
    let refused = r#"{"data":{"fulfillmentCreate":{"fulfillment":null,"userErrors":[{"field":["fulfillment"],"message":"no"}]}}}"#;
    assert_eq!(rejected(&confirm_after(r#"{"data":{"order":null}}"#, "")), Some("order_not_found"));
    assert_eq!(rejected(&confirm_after(&order("\"2026-11-21T00:00:00Z\"", "CANCELLED"), "")), Some("order_cancelled"));
    assert_eq!(rejected(&confirm_after(&order("null", "ON_HOLD"), "")), Some("on_hold"));
    assert_eq!(rejected(&confirm_after(&order("null", "CLOSED"), "")), Some("nothing_to_ship"));
    assert_eq!(rejected(&confirm_after(&order("null", "OPEN"), refused)), Some("fulfillment_refused"));
    // Neither an error nor a fulfilment: nobody knows, and the next try asks first.
    let silent = r#"{"data":{"fulfillmentCreate":{"fulfillment":null,"userErrors":[]}}}"#;
    assert_eq!(confirm_after(&order("null", "OPEN"), silent).map_err(|error| error.kind()), Err("unknown"));
}

#[test]
fn graphql_errors_say_what_to_do_next() {
    let list = |body: &str| {
        let window = Window { from: Millis(0), to: Millis(1000) };
        drive(&caller(), |call| Shopify.list(call, window, None), |_| reply(200, body.to_owned())).unwrap_err()
    };
    let throttled = r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":
        {"requestedQueryCost":752,"throttleStatus":{"maximumAvailable":2000.0,"currentlyAvailable":101.0,"restoreRate":100.0}}}}"#;
    assert_eq!(list(throttled), CallError::Limited { after_s: Some(7) });
    let denied = r#"{"errors":[{"message":"Access denied for orders field.","extensions":{"code":"ACCESS_DENIED"}}],"data":null}"#;
    assert!(matches!(list(denied), CallError::Credentials { field, .. } if field == "access_token"));
    let invalid = r#"{"errors":[{"message":"Field 'x' doesn't exist","extensions":{"code":"undefinedField"}}]}"#;
    assert!(matches!(list(invalid), CallError::Rejected { code, .. } if code == "undefinedField"));
    assert_eq!(list(r#"{"errors":"oops"}"#).kind(), "transient");
}

#[test]
fn stock_repeats_bear_the_same_key_and_new_numbers_another() {
    let key = |levels: &[StockLevel]| {
        let mut shop = Shop::default();
        drive(&caller(), |call| Shopify.stock(call, levels), |request| shop.answer(request)).unwrap();
        let (query, variables) = shop.heard.last().unwrap().clone();
        assert!(query.contains("inventorySetQuantities(input: $input) @idempotent(key: $key)"));
        let row = &variables["input"]["quantities"][0];
        assert!(row.as_object().unwrap().contains_key("changeFromQuantity") && row["changeFromQuantity"].is_null());
        assert_eq!(row["locationId"], "gid://shopify/Location/7", "the first active one");
        let key = variables["key"].as_str().unwrap().to_owned();
        assert_eq!(key.len(), 36);
        key
    };
    let first = level("808950810123456789", "TEA-250", 12);
    let newer = StockLevel { version: 8, ..first.clone() };
    assert_eq!(key(std::slice::from_ref(&first)), key(std::slice::from_ref(&first)));
    assert_ne!(key(&[first]), key(&[newer]));
}

#[test]
fn one_refused_row_does_not_keep_the_others_from_being_set() {
    let levels = [level("1", "A", 1), level("2", "B", 2), level("3", "C", 3)];
    let (found, refused, set) = (
        r#"{"data":{"nodes":[{"id":"gid://shopify/ProductVariant/1","inventoryItem":{"id":"I1"}},null,
            {"id":"gid://shopify/ProductVariant/3","inventoryItem":{"id":"I3"}}],"locations":{"nodes":[{"id":"L","isActive":true}]}}}"#,
        r#"{"data":{"inventorySetQuantities":{"inventoryAdjustmentGroup":null,"userErrors":[
            {"field":["input","quantities","0","locationId"],"message":"not stocked","code":"ITEM_NOT_STOCKED_AT_LOCATION"}]}}}"#,
        r#"{"data":{"inventorySetQuantities":{"inventoryAdjustmentGroup":{"createdAt":"x"},"userErrors":[]}}}"#,
    );
    let mut replies = [found, refused, set].into_iter();
    let mut asked = Vec::new();
    let outcomes = drive(
        &caller(),
        |call| Shopify.stock(call, &levels),
        |request| {
            asked.push(serde_json::from_slice::<Value>(request.body()).unwrap());
            reply(200, replies.next().unwrap())
        },
    )
    .unwrap();
    let codes: Vec<&str> = outcomes
        .iter()
        .map(|outcome| match outcome {
            StockOutcome::Rejected { code, .. } => code.as_str(),
            StockOutcome::Set => "set",
            StockOutcome::Stale => "stale",
        })
        .collect();
    assert_eq!(codes, ["ITEM_NOT_STOCKED_AT_LOCATION", "variant_not_found", "set"]);
    assert_eq!(asked[2]["variables"]["input"]["quantities"].as_array().unwrap().len(), 1);
}
