//! Faults of lists, limits, tokens and clocks, which every platform has.

use crate::web::{Hub, Reply, call, try_call, until};
use crate::{amazon, jd, pinduoduo, taobao};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use huidan_platforms::{Fault, NewOrder, Options, Platform, Platforms, Running, Targets, When};
use serde_json::{Value, json};

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn lists(drop_percent: u8, duplicate_percent: u8, shuffle: bool, late_seconds: u64) -> Fault {
    Fault::Lists { drop_percent, duplicate_percent, shuffle, late_seconds }
}

fn of(operation: &str) -> When {
    When { operation: operation.to_owned(), count: Some(1), seconds: None }
}

async fn shopify(running: &Running) -> Reply {
    let url = format!("{}/admin/api/2026-10/graphql.json", running.addresses().shopify);
    let token = running.options().shopify.access_token;
    let query = "{orders(first:50,query:\"updated_at:>'2020-01-01T00:00:00Z'\",sortKey:UPDATED_AT){nodes{id}}}";
    call("POST", &url, &[("x-shopify-access-token", &token)], json!({"query": query}).to_string()).await
}

async fn woocommerce(running: &Running) -> Reply {
    let options = running.options().woocommerce;
    let basic = STANDARD.encode(format!("{}:{}", options.consumer_key, options.consumer_secret));
    let url = format!(
        "{}/wp-json/wc/v3/orders?per_page=50&modified_after=2020-01-01T00:00:00&dates_are_gmt=true",
        running.addresses().woocommerce
    );
    call("GET", &url, &[("authorization", &format!("Basic {basic}"))], "").await
}

async fn taobao_list(running: &Running) -> Value {
    let (from, to) = (taobao::beijing(-600), taobao::beijing(60));
    let business = [("fields", "tid"), ("start_modified", from.as_str()), ("end_modified", to.as_str())];
    taobao::ask(running, "taobao.trades.sold.increment.get", &business).await
}

/// How many rows each platform lists by the time of modification.
async fn rows(running: &Running, platform: Platform) -> usize {
    let count = |rows: &Value| rows.as_array().map_or(0, Vec::len);
    match platform {
        Platform::Shopify => count(&shopify(running).await.json()["data"]["orders"]["nodes"]),
        Platform::Woocommerce => count(&woocommerce(running).await.json()),
        Platform::Taobao => count(&taobao_list(running).await["trades_sold_increment_get_response"]["trades"]["trade"]),
        Platform::Jd => jd::ids(&jd::search(running, json!({})).await).len(),
        Platform::Pinduoduo => pinduoduo::numbers(&pinduoduo::list(running, &[]).await).len(),
        _ => amazon::ids(&amazon::list(running, &[]).await).len(),
    }
}

const LISTING: [Platform; 6] =
    [Platform::Shopify, Platform::Woocommerce, Platform::Taobao, Platform::Jd, Platform::Pinduoduo, Platform::Amazon];

#[tokio::test]
async fn lists_leave_versions_out_or_show_them_twice() {
    let running = start().await;
    for platform in LISTING {
        for _ in 0..3 {
            running.place(platform, &NewOrder::default()).unwrap();
        }
        assert_eq!(rows(&running, platform).await, 3, "{platform:?}");
        running.fault(platform, lists(100, 0, false, 0));
        assert_eq!(rows(&running, platform).await, 0, "{platform:?}");
        running.fault(platform, lists(0, 100, false, 0));
        assert_eq!(rows(&running, platform).await, 6, "{platform:?}");
        running.fault(platform, Fault::Clear);
        assert_eq!(rows(&running, platform).await, 3, "{platform:?}");
    }
}

#[tokio::test]
async fn what_a_list_leaves_out_is_told_by_the_detail_and_by_lists_of_other_times() {
    let running = start().await;
    let id = running.place(Platform::Jd, &NewOrder::default()).unwrap();
    running.fault(Platform::Jd, lists(100, 0, false, 0));
    assert!(jd::ids(&jd::search(&running, json!({})).await).is_empty());
    assert_eq!(jd::ids(&jd::search(&running, json!({"dateType": "1"})).await), [id]);
    let one = json!({"order_id": id.to_string(), "optional_fields": "orderId"});
    let one = jd::ask(&running, "jingdong.pop.order.enGet", one).await;
    assert_eq!(one["orderDetailInfo"]["orderInfo"]["orderId"], id.to_string());
}

#[tokio::test]
async fn a_version_that_is_listed_late_has_its_own_time_and_comes_in_the_end() {
    let options = Options { speed: 1_000, ..Options::default() };
    let running = Platforms::start(options).await.unwrap();
    // Half an hour and more in life, two seconds here.
    running.fault(Platform::Jd, lists(0, 0, false, 2_000));
    let placed: Vec<i64> = (0..20).map(|_| running.place(Platform::Jd, &NewOrder::default()).unwrap()).collect();
    let now = jd::ids(&jd::search(&running, json!({})).await);
    assert!(now.len() < placed.len(), "{}", now.len());
    for _ in 0..100 {
        if jd::ids(&jd::search(&running, json!({})).await) == placed {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("some are never listed");
}

#[tokio::test]
async fn the_rows_of_a_page_stand_in_any_order_but_are_the_same() {
    let running = start().await;
    let placed: Vec<i64> = (0..9).map(|_| running.place(Platform::Jd, &NewOrder::default()).unwrap()).collect();
    running.fault(Platform::Jd, lists(0, 0, true, 0));
    let mut shown = jd::ids(&jd::search(&running, json!({})).await);
    assert_ne!(shown, placed);
    shown.sort_unstable();
    assert_eq!(shown, placed);
}

#[tokio::test]
async fn orders_are_modified_while_they_are_paged() {
    let running = start().await;
    for _ in 0..6 {
        running.place(Platform::Jd, &NewOrder::default()).unwrap();
    }
    let before: Vec<i64> = running.ledger().orders.iter().map(|o| o.order.modified_ms).collect();
    running.fault(Platform::Jd, Fault::ModifiedWhilePaged { orders: 3, when: of("enSearch") });
    jd::ask(&running, "jingdong.delivery.logistics.get", json!({})).await;
    let page = async |n: &str| jd::ids(&jd::search(&running, json!({"page": n, "page_size": "3"})).await);
    let (first, second) = (page("1").await, page("2").await);
    let after: Vec<i64> = running.ledger().orders.iter().map(|o| o.order.modified_ms).collect();
    assert_eq!(before.iter().zip(&after).filter(|(b, a)| b < a).count(), 3);
    assert_eq!((first.len(), second.len()), (3, 3));
    let mut seen: Vec<i64> = first.into_iter().chain(second).collect();
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() < 6, "who pages forwards has missed some: {seen:?}");
}

#[tokio::test]
async fn in_an_outage_nothing_happens_and_nobody_answers() {
    let running = start().await;
    running.fault(Platform::Jd, Fault::Outage { when: When { seconds: Some(60), ..When::default() } });
    for _ in 0..2 {
        assert!(try_call("GET", &format!("{}/routerjson?method=x", running.addresses().jd), &[], "").await.is_err());
    }
    assert_eq!(running.ledger().requests["jd x"]["outage"], 2);
    running.fault(Platform::Jd, Fault::Clear);
    assert_eq!(rows(&running, Platform::Jd).await, 0);
    running.fault(Platform::Jd, Fault::HalfPage { when: When::default() });
    let url = format!("{}/routerjson?method=x", running.addresses().jd);
    assert!(try_call("GET", &url, &[], "").await.is_err(), "half an answer");
    assert_eq!(call("GET", &url, &[], "").await.status, 500);
}

#[tokio::test]
async fn a_limit_may_come_without_a_hint() {
    let running = start().await;
    for platform in LISTING.into_iter().chain([Platform::OwnShop]) {
        running.fault(platform, Fault::LimitWithoutHint { when: When::default() });
    }
    let woo = woocommerce(&running).await;
    assert_eq!((woo.status, woo.header("retry-after")), (429, ""));
    assert_eq!(shopify(&running).await.json()["errors"][0]["extensions"]["code"], "THROTTLED");
    let own = call("GET", &format!("{}/huidan/v1/orders", running.addresses().own_shop), &[], "").await;
    assert_eq!((own.status, own.header("retry-after")), (429, ""));
    let error = taobao_list(&running).await["error_response"].clone();
    assert_eq!((&error["code"], &error["sub_msg"]), (&json!(7), &json!("App Call Limited")));
    assert_eq!(jd::code(&jd::search(&running, json!({})).await), "22");
    assert_eq!(pinduoduo::list(&running, &[]).await["error_response"]["error_code"], 70_031);
}

#[tokio::test]
async fn a_token_that_is_not_refreshed_is_refused_once() {
    let running = start().await;
    for platform in [Platform::Shopify, Platform::Woocommerce, Platform::Taobao, Platform::OwnShop] {
        running.fault(platform, Fault::TokenExpired { when: When::default() });
    }
    assert_eq!((shopify(&running).await.status, shopify(&running).await.status), (401, 200));
    assert_eq!((woocommerce(&running).await.status, woocommerce(&running).await.status), (401, 200));
    assert_eq!(taobao_list(&running).await["error_response"]["code"], 27);
    assert!(taobao_list(&running).await["trades_sold_increment_get_response"].is_object());
    let own = call("GET", &format!("{}/huidan/v1/orders", running.addresses().own_shop), &[], "").await;
    assert_eq!(own.status, 401);
}

#[tokio::test]
async fn a_clock_that_is_off_refuses_honest_calls() {
    let running = start().await;
    for (platform, seconds) in [(Platform::Jd, 700), (Platform::Pinduoduo, -700)] {
        running.fault(platform, Fault::ClockSkew { seconds });
    }
    assert_eq!(jd::code(&jd::search(&running, json!({})).await), "8");
    assert_eq!(pinduoduo::list(&running, &[]).await["error_response"]["error_code"], 10_000);
}

#[tokio::test]
async fn a_push_may_be_a_day_late_in_life() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { own_shop: Some(hub.url.clone()), ..Targets::default() });
    let late = Fault::Webhooks {
        drop_percent: 0,
        duplicate_percent: 0,
        shuffle: false,
        delay_ms: 0,
        // An hour's worth is a second here.
        late_seconds: 3_600,
    };
    running.fault(Platform::OwnShop, late);
    for _ in 0..10 {
        running.place(Platform::OwnShop, &NewOrder::default()).unwrap();
    }
    until(|| running.ledger().pushes.len() == 10).await;
    assert!(hub.got().len() < 10, "some still wait");
    assert_eq!(hub.wait(10).await.len(), 10);
}
