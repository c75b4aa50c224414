use crate::web::{Hub, Reply, call, until};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use huidan_platforms::{NewOrder, Options, Platform, Platforms, Running, Targets, sign};
use serde_json::{Value, json};

const AT: Platform = Platform::Woocommerce;

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

async fn ask(running: &Running, method: &str, target: &str, body: Value) -> Reply {
    let options = running.options().woocommerce;
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", options.consumer_key, options.consumer_secret)));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let url = format!("{}/wp-json/wc/v3/{target}", running.addresses().woocommerce);
    call(method, &url, &[("authorization", &basic), ("content-type", "application/json")], body).await
}

#[tokio::test]
async fn wrong_credentials_are_refused_as_wordpress_does() {
    let running = start().await;
    let url = format!("{}/wp-json/wc/v3/orders", running.addresses().woocommerce);
    let basic = format!("Basic {}", STANDARD.encode("ck_simulated_0001:cs_wrong"));
    let reply = call("GET", &url, &[("authorization", &basic)], "").await;
    assert_eq!((reply.status, &reply.json()["code"]), (401, &json!("woocommerce_rest_authentication_error")));
    assert_eq!(call("GET", &url, &[], "").await.status, 401);
    assert_eq!(running.ledger().bad_signatures.len(), 2);
}

#[tokio::test]
async fn the_list_has_totals_in_headers_and_filters_by_modification() {
    let running = start().await;
    let ids: Vec<i64> = (0..3).map(|_| running.place(AT, &NewOrder::default()).unwrap()).collect();
    let target = "orders?modified_after=2020-01-01T00:00:00&dates_are_gmt=true&orderby=modified&order=asc&per_page=2";
    let first = ask(&running, "GET", target, Value::Null).await;
    assert_eq!((first.header("x-wp-total"), first.header("x-wp-totalpages")), ("3", "2"));
    let seen: Vec<i64> = first.json().as_array().unwrap().iter().map(|o| o["id"].as_i64().unwrap()).collect();
    assert_eq!(seen, ids[..2]);
    let order = &first.json()[0];
    assert_eq!(order["status"], "processing");
    assert!(!order["date_modified_gmt"].as_str().unwrap().ends_with('Z'));
    assert!(order["total"].is_string() && order["line_items"][0]["price"].is_number());
    let later = ask(&running, "GET", "orders?modified_after=2100-01-01T00:00:00&per_page=100", Value::Null).await;
    assert_eq!(later.json(), json!([]));
    assert_eq!(ask(&running, "GET", "orders?per_page=101", Value::Null).await.status, 400);
}

#[tokio::test]
async fn completing_an_order_confirms_it_and_a_note_is_kept() {
    let running = start().await;
    let id = running.place(AT, &NewOrder::default()).unwrap();
    let body = json!({"status": "completed", "meta_data": [{"key": "_tracking_number", "value": "YT1"}]});
    let done = ask(&running, "PUT", &format!("orders/{id}"), body.clone()).await.json();
    assert_eq!((&done["status"], &done["meta_data"][0]["value"]), (&json!("completed"), &json!("YT1")));
    ask(&running, "PUT", &format!("orders/{id}"), body).await;
    let note =
        ask(&running, "POST", &format!("orders/{id}/notes"), json!({"note": "圆通 YT1", "customer_note": true})).await;
    assert_eq!(note.status, 201);
    let kinds: Vec<(&str, String)> =
        running.ledger().confirmations.iter().map(|c| (c.kind, c.number.clone())).collect();
    assert_eq!(kinds, [("create", "YT1".to_owned()), ("repeat", "YT1".to_owned())]);
    assert_eq!(ask(&running, "PUT", "orders/1", json!({})).await.status, 404);
    assert_eq!(ask(&running, "PUT", &format!("orders/{id}"), json!({"status": "shipped"})).await.status, 400);
}

#[tokio::test]
async fn stock_is_written_to_products_and_variations() {
    let running = start().await;
    let (simple, varied) = (running.goods()[0].clone(), running.goods()[1].clone());
    let level = json!({"manage_stock": true, "stock_quantity": 12});
    let one = ask(&running, "PUT", &format!("products/{}", simple.woo_product()), level.clone()).await;
    assert_eq!(one.json()["stock_quantity"], 12);
    let path = format!("products/{}/variations/{}", varied.woo_product(), varied.woo_variation());
    assert_eq!(ask(&running, "PUT", &path, level.clone()).await.status, 200);
    assert_eq!(ask(&running, "PUT", &format!("products/{}", varied.woo_product()), level).await.status, 404);
    let stock = &running.ledger().stock["woocommerce"];
    assert_eq!((stock[&simple.sku], stock[&varied.sku]), (12, 12));
}

#[tokio::test]
async fn saving_a_webhook_pings_unsigned_and_deliveries_are_signed() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { woocommerce: Some(hub.url.clone()), ..Targets::default() });
    let pings = hub.wait(2).await;
    for ping in &pings {
        assert!(ping.body.starts_with(b"webhook_id="));
        assert_eq!(
            (ping.header("content-type"), ping.header("x-wc-webhook-signature")),
            ("application/x-www-form-urlencoded", "")
        );
    }
    let id = running.place(AT, &NewOrder::default()).unwrap();
    let got = hub.wait(4).await;
    for push in &got[2..] {
        assert_eq!(
            push.header("x-wc-webhook-signature"),
            sign::webhook(&running.options().woocommerce.webhook_secret, &push.body)
        );
        assert_eq!(push.json()["id"], id);
        assert!(!push.header("x-wc-webhook-delivery-id").is_empty());
        assert_eq!(push.header("x-wc-webhook-resource"), "order");
    }
}

#[tokio::test]
async fn nothing_is_sent_again_and_five_failures_switch_the_webhook_off() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { woocommerce: Some(hub.url.clone()), ..Targets::default() });
    hub.wait(2).await;
    hub.answer(500, "no");
    for _ in 0..6 {
        running.place(AT, &NewOrder { paid: Some(false), ..NewOrder::default() }).unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }
    until(|| running.ledger().pushes.iter().filter(|p| p.outcome == "given_up").count() == 5).await;
    assert_eq!(hub.got().len(), 2 + 5, "the sixth order is not told of any more");
    assert!(running.ledger().pushes.iter().all(|p| p.attempts.len() == 1));
    let hooks = ask(&running, "GET", "webhooks", Value::Null).await.json();
    let states: Vec<&str> = hooks.as_array().unwrap().iter().map(|h| h["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["disabled", "active"]);
}
