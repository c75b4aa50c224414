//! What arrives twice, out of order, forged, broken or too long.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of a test may fail it")]

use bytes::Bytes;
use http::{Method, StatusCode};
use huidan_it::{House, OwnSite, Wanted, under_both, until};
use huidan_platforms::{NewOrder, Platform};
use serde_json::{Value, json};

fn wanted() -> Wanted {
    Wanted { bridge: false, ..Wanted::default() }
}

async fn orders(house: &House, ext_id: &str) -> Vec<Value> {
    house.api.all(&format!("orders?shop=s-own&ext_id={ext_id}")).await
}

async fn settled(house: &House) {
    until("the inbox is empty", async || (house.api.gauge("inbox_pending").await == 0).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_identical_webhooks_at_the_same_moment_make_one_order() {
    under_both(wanted(), async |house| {
        let (site, sku) = (house.own_site(), house.sku());
        let order = OwnSite::order("50-at-once", "paid", "2026-11-01T08:01:00+08:00", &sku);
        let sent: Vec<_> = (0..50)
            .map(|_| {
                let (site, order) = (site.clone(), order.clone());
                tokio::spawn(async move { site.tell("one-event", &order).await.map(|answer| answer.status) })
            })
            .collect();
        for sent in sent {
            assert_eq!(sent.await.unwrap(), Some(StatusCode::OK));
        }
        settled(&house).await;
        until("it is there", async || (orders(&house, "50-at-once").await.len() == 1).then_some(())).await;
        // The order that is shipped twice is the one that was planned twice: look once all planning is over.
        until("it is planned", async || (orders(&house, "50-at-once").await[0]["status"] == "to_ship").then_some(()))
            .await;
        let packages = house.api.all("packages").await;
        assert_eq!(packages.len(), 1, "{packages:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_that_comes_before_its_create_ends_right_and_an_older_update_changes_nothing() {
    under_both(wanted(), async |house| {
        let (site, sku) = (house.own_site(), house.sku());
        let paid = OwnSite::order("late", "paid", "2026-11-01T08:05:00+08:00", &sku);
        let created = OwnSite::order("late", "unpaid", "2026-11-01T08:00:00+08:00", &sku);
        site.tell("e-paid", &paid).await.unwrap();
        settled(&house).await;
        site.tell("e-created", &created).await.unwrap();
        settled(&house).await;
        let found = until("it is planned", async || {
            let found = orders(&house, "late").await;
            found.first().filter(|order| order["status"] == "to_ship").cloned()
        })
        .await;
        assert_eq!(found["pay_state"], "paid");
        let mut cheaper = created.clone();
        cheaper["total"] = json!("1.00");
        cheaper["updated_at"] = json!("2026-11-01T08:04:59+08:00");
        site.tell("e-older", &cheaper).await.unwrap();
        settled(&house).await;
        let after = orders(&house, "late").await;
        assert_eq!(after.len(), 1);
        assert_eq!(after[0]["total"]["amount"], "128.00");
        assert_eq!(after[0]["pay_state"], "paid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_broken_or_too_long_is_refused_and_nothing_is_half_stored() {
    under_both(wanted(), async |house| {
        let (site, sku) = (house.own_site(), house.sku());
        let whole = json!({"event_id": "e1", "event": "order.saved",
            "order": OwnSite::order("cut", "paid", "2026-11-01T08:01:00+08:00", &sku)})
        .to_string();
        let forged = site.send(whole.clone().into_bytes(), "another secret").await.unwrap();
        assert_eq!(forged.status, StatusCode::UNAUTHORIZED);
        // Every byte is cut in the contract suite; over HTTP a sample of them, each properly signed.
        for cut in (0..whole.len()).step_by(whole.len() / 40) {
            let answer = site.send(whole.as_bytes()[..cut].to_vec(), &site.secret).await.unwrap();
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "cut at {cut}: {}", answer.text());
        }
        let long = site.send(vec![b'x'; 2 << 20], &site.secret).await.unwrap();
        assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
        let nowhere = OwnSite { shop: "no-such-shop".into(), ..site.clone() };
        assert_eq!(nowhere.send(whole.into_bytes(), &site.secret).await.unwrap().status, StatusCode::UNAUTHORIZED);
        // JSON where a form is expected (SF's form push), a form where JSON is (WooCommerce's ping apart), garbage elsewhere.
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        for (path, body) in [
            ("/track/sf/sf-main/demo-route-push-secret", "{\"Body\":"),
            ("/webhook/shopify/s-shopify", "topic=orders"),
            ("/webhook/woocommerce/s-woo", "{}"),
            ("/track/cainiao/cainiao-main", "{}"),
        ] {
            let answer = house.api.send(Method::POST, path, &headers, Bytes::from_static(body.as_bytes())).await;
            let answer = answer.unwrap_or_else(|| panic!("{path}: no answer"));
            assert!(!answer.status.is_server_error(), "{path}: {} {}", answer.status, answer.text());
        }
        settled(&house).await;
        assert!(orders(&house, "cut").await.is_empty());
        assert_eq!(house.api.gauge("orders").await, 0);
        let logs = house.logs();
        for word in ["13800138000", "测试人甲", "panicked"] {
            assert!(!logs.contains(word), "the log holds {word}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_no_webhook_tells_of_is_found_by_asking() {
    under_both(wanted(), async |house| {
        // The other channels are asked in the same way, at their own pace (Taobao's scenario rests on it).
        let platform = Platform::Woocommerce;
        let silent = NewOrder { silent: true, remark: Some(String::new()), ..NewOrder::default() };
        let ext_id = house.platforms.place(platform, &silent).unwrap();
        until("the channel is asked", async || {
            let path = format!("orders?channel={}&ext_id={ext_id}", platform.name());
            house.api.get(&path).await.pointer("/items/0").cloned()
        })
        .await;
    })
    .await;
}
