use crate::web::{Hub, call, try_call, until};
use huidan_platforms::{Fault, NewOrder, Options, Platform, Platforms, Running, Targets, When};
use serde_json::{Value, json};

const SHOP: Platform = Platform::Shopify;

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

async fn control(running: &Running, what: &str, body: Value) -> Value {
    let reply = call("POST", &format!("{}/{what}", running.addresses().control), &[], body.to_string()).await;
    assert_eq!(reply.status, 200, "{what}: {:?}", reply.body);
    reply.json()
}

async fn ledger(running: &Running) -> Value {
    call("GET", &format!("{}/ledger", running.addresses().control), &[], "").await.json()
}

async fn query(running: &Running, query: &str) -> Result<crate::web::Reply, String> {
    let url = format!("{}/admin/api/2026-10/graphql.json", running.addresses().shopify);
    let token = running.options().shopify.access_token;
    try_call("POST", &url, &[("x-shopify-access-token", &token)], json!({"query": query}).to_string()).await
}

#[tokio::test]
async fn everything_is_reached_over_the_control_port() {
    let running = start().await;
    let placed =
        control(&running, "orders", json!({"platform": "shopify", "count": 2, "paid": false, "remark": "请发顺丰"}))
            .await;
    let id = placed["ids"][0].clone();
    assert!(id.is_string());
    for what in ["pay", "modify", "touch"] {
        control(&running, what, json!({"platform": "shopify", "id": id})).await;
    }
    control(&running, "refund", json!({"platform": "shopify", "id": id, "state": "requested"})).await;
    control(&running, "cancel", json!({"platform": "shopify", "id": placed["ids"][1]})).await;
    control(&running, "printer", json!({"mode": "reset_after", "bytes": 5})).await;
    control(&running, "component", json!({"mode": "silent"})).await;
    control(&running, "targets", json!({"sf": "http://127.0.0.1:1/track", "sf_form": true})).await;
    let seen = ledger(&running).await;
    assert_eq!((&seen["orders"][0]["stage"], &seen["orders"][1]["stage"]), (&json!("paid"), &json!("cancelled")));
    assert_eq!(
        (&seen["orders"][0]["buyer_remark"], &seen["orders"][0]["lines"][0]["refund"]),
        (&json!("请发顺丰"), &json!("requested"))
    );
    let bad =
        call("POST", &format!("{}/pay", running.addresses().control), &[], "{\"platform\":\"shopify\",\"id\":1}").await;
    assert_eq!(bad.status, 400);
    for what in ["addresses", "credentials", "goods", "ledger/waybills"] {
        assert_eq!(call("GET", &format!("{}/{what}", running.addresses().control), &[], "").await.status, 200);
    }
}

#[tokio::test]
async fn the_same_seed_draws_the_same_orders() {
    let drawn = |seed: u64| async move {
        let running = Platforms::start(Options { seed, ..Options::default() }).await.unwrap();
        for _ in 0..5 {
            running.place(SHOP, &NewOrder::default()).unwrap();
        }
        running
            .ledger()
            .orders
            .iter()
            .map(|o| (o.order.receiver.clone(), o.total.clone(), o.order.buyer_remark.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(drawn(7).await, drawn(7).await);
    assert_ne!(drawn(7).await, drawn(8).await);
}

#[tokio::test]
async fn a_lost_answer_has_its_effect() {
    let running = start().await;
    let id = running.place(SHOP, &NewOrder::default()).unwrap();
    control(
        &running,
        "faults",
        json!({"platform": "shopify", "fault": "lost_answer", "when": {"operation": "fulfillmentCreate", "count": 1}}),
    )
    .await;
    let answer = query(
        &running,
        &format!("{{order(id:\"gid://shopify/Order/{id}\"){{fulfillmentOrders(first:1){{nodes{{id}}}}}}}}"),
    )
    .await
    .unwrap()
    .json();
    let fo = answer["data"]["order"]["fulfillmentOrders"]["nodes"][0]["id"].as_str().unwrap().to_owned();
    let create = format!(
        "mutation{{fulfillmentCreate(fulfillment:{{lineItemsByFulfillmentOrder:[{{fulfillmentOrderId:\"{fo}\"}}],trackingInfo:{{number:\"SF1\"}}}}){{userErrors{{message}}}}}}"
    );
    assert!(query(&running, &create).await.is_err(), "the connection is cut");
    assert_eq!(running.ledger().confirmations.len(), 1);
    assert_eq!(running.ledger().requests["shopify fulfillmentCreate"]["lost"], 1);
    let second = query(&running, &create).await.unwrap().json();
    assert!(second["data"]["fulfillmentCreate"]["userErrors"][0]["message"].is_string());
}

#[tokio::test]
async fn a_half_page_is_followed_by_a_500_and_then_all_is_well() {
    let running = start().await;
    running.place(SHOP, &NewOrder::default()).unwrap();
    running.fault(SHOP, Fault::HalfPage { when: When::default() });
    let list = "{orders(first:10){nodes{id name}}}";
    assert!(query(&running, list).await.is_err(), "the body ends too soon");
    assert_eq!(query(&running, list).await.unwrap().status, 500);
    assert_eq!(query(&running, list).await.unwrap().json()["data"]["orders"]["nodes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn refusals_last_as_long_as_asked_and_come_in_the_platforms_form() {
    let running = start().await;
    control(&running, "faults", json!({"platform": "shopify", "fault": "status", "status": 503, "when": {"count": 2}}))
        .await;
    control(&running, "faults", json!({"platform": "woocommerce", "fault": "limit", "retry_after": 7})).await;
    control(
        &running,
        "faults",
        json!({"platform": "taobao", "fault": "limit", "retry_after": 3, "when": {"seconds": 60}}),
    )
    .await;
    for expected in [503, 503, 200] {
        assert_eq!(query(&running, "{shop{name}}").await.unwrap().status, expected);
    }
    let woo = call("GET", &format!("{}/wp-json/wc/v3/orders", running.addresses().woocommerce), &[], "").await;
    assert_eq!((woo.status, woo.header("retry-after")), (429, "7"));
    let url = format!("{}/router/rest", running.addresses().taobao);
    for _ in 0..2 {
        let taobao = call("POST", &url, &[], "method=x&format=json").await;
        assert_eq!(taobao.status, 200);
        let error = taobao.json()["error_response"].clone();
        assert_eq!((&error["code"], &error["sub_msg"]), (&json!(7), &json!("This ban will last for 3 more seconds")));
    }
    control(&running, "faults", json!({"platform": "taobao", "fault": "clear"})).await;
    assert_ne!(call("POST", &url, &[], "method=x&format=json").await.json()["error_response"]["code"], 7);
}

#[tokio::test]
async fn a_skewed_clock_shows_in_what_the_platform_stamps() {
    let running = start().await;
    running.fault(SHOP, Fault::ClockSkew { seconds: 3_600 });
    running.place(SHOP, &NewOrder::default()).unwrap();
    running.place(Platform::Woocommerce, &NewOrder::default()).unwrap();
    let orders = running.ledger().orders;
    let ahead = orders[0].order.created_ms - orders[1].order.created_ms;
    assert!((3_599_000..=3_600_000).contains(&ahead), "{ahead}");
}

#[tokio::test]
async fn webhooks_are_dropped_and_doubled_at_the_rate_asked_for() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { own_shop: Some(hub.url.clone()), ..Targets::default() });
    control(&running, "faults", json!({"platform": "own-shop", "fault": "webhooks", "drop_percent": 100})).await;
    running.place(Platform::OwnShop, &NewOrder::default()).unwrap();
    until(|| running.ledger().pushes.len() == 1).await;
    assert_eq!(running.ledger().pushes[0].outcome, "dropped");
    control(
        &running,
        "faults",
        json!({"platform": "own-shop", "fault": "webhooks", "duplicate_percent": 100, "shuffle": true}),
    )
    .await;
    running.place(Platform::OwnShop, &NewOrder::default()).unwrap();
    let got = hub.wait(2).await;
    assert_eq!(got[0].json()["event_id"], got[1].json()["event_id"]);
    assert_eq!(got.len(), 2);
}
