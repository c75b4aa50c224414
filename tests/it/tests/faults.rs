//! A component that crashes, one that hangs, a channel that is away: only their own orders wait, with a reason.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of a test may fail it")]

use huidan_it::{House, OwnSite, Wanted, until};
use huidan_platforms::{Fault, NewOrder, Platform, When};
use serde_json::{Value, json};

fn said(id: &str, remark: &str, sku: &str) -> Value {
    let mut order = OwnSite::order(id, "paid", "2026-11-01T08:01:00+08:00", sku);
    order["buyer_remark"] = json!(remark);
    order
}

async fn find(house: &House, ext_id: &str) -> Option<Value> {
    house.api.get(&format!("orders?shop=s-own&ext_id={ext_id}")).await.pointer("/items/0").cloned()
}

async fn one_bad_apple(remark: &str) {
    let instead = Some(("normalize-remark", "faulty-step"));
    let house = House::new(Wanted { bridge: false, instead, ..Wanted::default() }).await;
    let (site, sku) = (house.own_site(), house.sku());
    for n in 0..30 {
        let order = said(&format!("good-{n}"), "", &sku);
        assert!(site.tell(&format!("g{n}"), &order).await.unwrap().status.is_success(), "no webhook fails");
        if n == 10 {
            assert!(site.tell("bad", &said("bad", remark, &sku)).await.unwrap().status.is_success());
        }
    }
    for n in 0..30 {
        until(&format!("good-{n} goes on"), async || {
            find(&house, &format!("good-{n}")).await.filter(|order| order["status"] == "to_ship")
        })
        .await;
    }
    let bad = until("the bad one waits with a reason", async || {
        find(&house, "bad").await.filter(|order| order["status"] == "held")
    })
    .await;
    let holds = bad["holds"].to_string();
    assert!(holds.contains("step_failed") && holds.contains("normalize-remark"), "{holds}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_crashes_on_an_order_holds_that_order_alone() {
    one_bad_apple("CRASH").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_hangs_on_an_order_holds_that_order_alone() {
    one_bad_apple("HANG").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_away_keeps_its_own_shipments_waiting_and_no_others() {
    let house = House::new(Wanted { bridge: false, ..Wanted::default() }).await;
    let plain = || NewOrder { remark: Some(String::new()), ..NewOrder::default() };
    let (shopify, own) = (
        house.platforms.place(Platform::Shopify, &plain()).unwrap(),
        house.platforms.place(Platform::OwnShop, &plain()).unwrap(),
    );
    let mut packages = Vec::new();
    for (platform, ext_id) in [(Platform::Shopify, shopify), (Platform::OwnShop, own)] {
        let order = house.order_is(platform, ext_id, &["to_ship"]).await;
        packages.push(house.package_is(&order, &["numbered"]).await);
    }
    let away = When { seconds: Some(3600), ..When::default() };
    house.platforms.fault(Platform::Shopify, Fault::Status { status: 500, when: away });
    for package in &packages {
        house.api.post(&format!("packages/{}/ship", package["id"].as_str().unwrap()), &json!({})).await;
    }
    let told = |platform| {
        let ledger = house.platforms.ledger();
        ledger.confirmations.iter().filter(|told| told.platform == platform).count()
    };
    until("the own shop is told", async || (told(Platform::OwnShop) == 1).then_some(())).await;
    assert_eq!(told(Platform::Shopify), 0);
    until("the other waits", async || (house.api.gauge("outbox_pending").await >= 1).then_some(())).await;
    house.platforms.fault(Platform::Shopify, Fault::Clear);
    until("it is told when the channel is back", async || (told(Platform::Shopify) == 1).then_some(())).await;
}
