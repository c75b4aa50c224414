use crate::web::{Hub, until};
use huidan_platforms::demo::{After, Plan, orders_for_demo, run};
use huidan_platforms::order::Platform;
use std::time::Duration;

#[test]
fn the_demos_orders_take_every_channel_in_turn_and_are_the_same_for_a_seed() {
    let drawn = |seed| orders_for_demo(seed).take(220).map(|o| (o.platform, o.after)).collect::<Vec<_>>();
    assert_eq!(drawn(1), drawn(1));
    for platform in Platform::CHANNELS {
        assert_eq!(drawn(1).iter().filter(|o| o.0 == platform).count(), 20);
    }
    let plain = drawn(1).iter().filter(|o| o.1 == After::Nothing).count();
    assert!((160..220).contains(&plain), "{plain}");
    assert!(drawn(1).iter().any(|o| o.1 == After::Cancelled));
}

#[tokio::test]
async fn the_demo_writes_where_it_is_sets_a_hub_up_and_sends_orders() {
    let hub = Hub::start().await;
    let state = std::env::temp_dir().join(format!("huidan-demo-{}", std::process::id()));
    let plan = Plan {
        hub: hub.url.trim_end_matches("/hook").to_owned(),
        state: state.clone(),
        admin_token: "token".to_owned(),
        seed: 1,
        every: Duration::from_millis(10),
        orders: 44,
    };
    let demo = tokio::spawn(run(plan));
    let told = |prefix: &str| hub.got().iter().filter(|g| g.path.starts_with(prefix)).count();
    until(|| {
        told("/webhook/shopify/s-shopify") > 2
            && told("/webhook/own-shop/s-own") > 2
            && told("/webhook/woocommerce/s-woo") > 2
    })
    .await;
    demo.abort();
    assert_eq!(
        (told("/api/v1/shops"), told("/api/v1/carriers"), told("/api/v1/skus"), told("/api/v1/listings")),
        (11, 8, 12, 132)
    );
    let setup = hub.got().into_iter().find(|g| g.path == "/api/v1/shops").unwrap();
    assert_eq!(setup.header("authorization"), "Bearer token");
    assert_eq!(setup.json()["id"], "s-shopify");
    assert!(!setup.header("idempotency-key").is_empty());
    let env = std::fs::read_to_string(state.join("platforms.env")).unwrap();
    for name in [
        "TAOBAO_URL",
        "JD_URL",
        "PINDUODUO_AUTH_URL",
        "AMAZON_PAGE_URL",
        "WECHAT_SHOP_URL",
        "SF_URL",
        "CAINIAO_URL",
        "YTO_URL",
        "JD_LOGISTICS_URL",
        "KUAIDI100_URL",
        "AGGREGATOR_17TRACK_URL",
        "SMS_URL",
        "EMAIL_URL",
        "ALLOW_PRIVATE_HOSTS",
    ] {
        let line = env.lines().find(|l| l.starts_with(&format!("SPIN_VARIABLE_{name}="))).unwrap();
        assert!(line.contains("=http://127.0.0.1:"), "{line}");
    }
    std::fs::remove_dir_all(state).unwrap();
}
