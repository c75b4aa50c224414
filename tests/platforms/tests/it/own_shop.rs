use crate::web::{Hub, Reply, call, until};
use huidan_platforms::{NewLine, NewOrder, Options, Platform, Platforms, Running, Targets, sign};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const AT: Platform = Platform::OwnShop;
static NONCE: AtomicU64 = AtomicU64::new(1);

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

async fn signed(running: &Running, at: i64, nonce: &str, method: &str, target: &str, body: &str) -> Reply {
    let secret = running.options().own_shop.webhook_secret;
    let text = format!("{at}.{nonce}.{method} {target}.{body}");
    let signature = sign::own_shop(&secret, text.as_bytes());
    let at = at.to_string();
    let headers = [("huidan-timestamp", at.as_str()), ("huidan-nonce", nonce), ("huidan-signature", &signature)];
    call(method, &format!("{}{target}", running.addresses().own_shop), &headers, body.to_owned()).await
}

async fn ask(running: &Running, method: &str, target: &str, body: Value) -> Reply {
    let nonce = format!("nonce-{:08}", NONCE.fetch_add(1, Ordering::Relaxed));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    signed(running, now(), &nonce, method, target, &body).await
}

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn two_teas() -> NewOrder {
    let line = NewLine { sku: "TEA-250".to_owned(), qty: 2, unit_price: Some("120.5".to_owned()), title: None };
    NewOrder { lines: Some(vec![line]), ..NewOrder::default() }
}

#[tokio::test]
async fn calls_outside_the_window_or_repeated_or_changed_are_refused() {
    let running = start().await;
    let target = "/huidan/v1/orders?updated_from=2020-01-01T00:00:00Z&updated_to=2100-01-01T00:00:00Z&limit=10";
    assert_eq!(signed(&running, now(), "nonce-once-1", "GET", target, "").await.status, 200);
    let again = signed(&running, now(), "nonce-once-1", "GET", target, "").await;
    assert_eq!((again.status, again.json()), (401, json!({"ok": false, "error": "signature"})));
    assert_eq!(signed(&running, now() - 301, "nonce-old-01", "GET", target, "").await.status, 401);
    assert_eq!(signed(&running, now() + 290, "nonce-soon-1", "GET", target, "").await.status, 200);
    assert_eq!(signed(&running, now(), "short", "GET", target, "").await.status, 401);
    let text = format!("{}.nonce-other.GET {target}.", now());
    let signature = sign::own_shop(&running.options().own_shop.webhook_secret, text.as_bytes());
    let at = now().to_string();
    let headers =
        [("huidan-timestamp", at.as_str()), ("huidan-nonce", "nonce-other"), ("huidan-signature", &signature)];
    let elsewhere = target.replace("limit=10", "limit=11");
    let url = format!("{}{elsewhere}", running.addresses().own_shop);
    assert_eq!(call("GET", &url, &headers, "").await.status, 401);
    assert_eq!(running.ledger().bad_signatures.len(), 4);
}

#[tokio::test]
async fn orders_come_oldest_change_first_in_pages() {
    let running = start().await;
    let ids: Vec<i64> = (0..5).map(|_| running.place(AT, &NewOrder::default()).unwrap()).collect();
    running.touch(AT, ids[1]).unwrap();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let target = format!(
            "/huidan/v1/orders?updated_from=2020-01-01T00:00:00Z&updated_to=2100-01-01T00:00:00Z&limit=2&cursor={cursor}"
        );
        let page = ask(&running, "GET", &target, Value::Null).await.json();
        seen.extend(page["orders"].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let expected: Vec<String> = [ids[0], ids[2], ids[3], ids[4], ids[1]].iter().map(i64::to_string).collect();
    assert_eq!(seen, expected);
    assert_eq!(ask(&running, "GET", "/huidan/v1/orders/1", Value::Null).await.status, 404);
}

#[tokio::test]
async fn the_same_reference_replaces_a_shipment_and_a_cancelled_order_answers_409() {
    let running = start().await;
    let id = running.place(AT, &two_teas()).unwrap();
    let ship = |number: &str, qty: i64| json!({"carrier": "sf", "waybill": number, "lines": [{"id": "1", "qty": qty}]});
    let target = format!("/huidan/v1/orders/{id}/shipments/p1");
    assert_eq!(ask(&running, "PUT", &target, ship("SF1", 2)).await.json(), json!({"ok": true}));
    assert_eq!(ask(&running, "PUT", &target, ship("SF1", 2)).await.status, 200);
    assert_eq!(ask(&running, "PUT", &target, ship("SF2", 2)).await.status, 200);
    assert_eq!(ask(&running, "PUT", &format!("/huidan/v1/orders/{id}/shipments/p2"), ship("SF3", 1)).await.status, 409);
    let kinds: Vec<&str> = running.ledger().confirmations.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["create", "repeat", "update"]);
    let order = ask(&running, "GET", &format!("/huidan/v1/orders/{id}"), Value::Null).await.json();
    assert_eq!((&order["order"]["status"], &order["order"]["total"]), (&json!("shipped"), &json!("249.00")));
    let other = running.place(AT, &two_teas()).unwrap();
    running.cancel(AT, other).unwrap();
    let target = format!("/huidan/v1/orders/{other}/shipments/p1");
    assert_eq!(ask(&running, "PUT", &target, ship("SF4", 1)).await.status, 409);
}

#[tokio::test]
async fn a_stock_version_that_is_not_newer_is_ignored() {
    let running = start().await;
    for (available, version) in [(12, 7), (99, 7), (99, 6), (5, 8)] {
        let body = json!({"available": available, "version": version});
        assert_eq!(ask(&running, "PUT", "/huidan/v1/stock/TEA-250", body).await.status, 200);
    }
    assert_eq!(running.ledger().stock["own-shop"]["TEA-250"], 5);
    assert_eq!(running.ledger().stock_writes.len(), 2);
}

#[tokio::test]
async fn orders_are_posted_signed_and_again_after_503_but_not_after_400() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { own_shop: Some(hub.url.clone()), ..Targets::default() });
    hub.answer(503, "later");
    running.place(AT, &two_teas()).unwrap();
    let got = hub.wait(2).await;
    hub.answer(400, "no");
    until(|| running.ledger().pushes[0].outcome == "given_up").await;
    assert_ne!(got[0].header("huidan-nonce"), got[1].header("huidan-nonce"), "each attempt has a nonce of its own");
    for push in &got {
        let text = format!(
            "{}.{}.{}",
            push.header("huidan-timestamp"),
            push.header("huidan-nonce"),
            String::from_utf8_lossy(&push.body)
        );
        assert_eq!(
            push.header("huidan-signature"),
            sign::own_shop(&running.options().own_shop.webhook_secret, text.as_bytes())
        );
        assert_eq!(
            (push.json()["event"].as_str(), push.json()["event_id"].clone()),
            (Some("order.saved"), got[0].json()["event_id"].clone())
        );
    }
    hub.answer(200, "{\"ok\":true}");
    let id = running.place(AT, &two_teas()).unwrap();
    running.cancel(AT, id).unwrap();
    until(|| {
        running.ledger().pushes.len() == 3
            && running.ledger().pushes.iter().skip(1).all(|p| p.outcome == "acknowledged")
    })
    .await;
    assert_eq!(running.ledger().pushes[2].topic, "order.cancelled");
}
