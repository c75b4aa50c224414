//! Faults that the four pushing marketplaces share: lists that misbehave, clocks that are off, messages that get lost.

use crate::web::{Hub, call, until};
use crate::{douyin, kuaishou, wechat_shop, xiaohongshu};
use huidan_platforms::{Fault, NewLine, NewOrder, Options, Platform, Platforms, Running, Targets, When};

const ALL: [Platform; 4] = [Platform::Douyin, Platform::Kuaishou, Platform::Xiaohongshu, Platform::WechatShop];

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

async fn listed(running: &Running, at: Platform) -> Vec<String> {
    match at {
        Platform::Douyin => douyin::listed(running).await,
        Platform::Kuaishou => kuaishou::listed(running).await,
        Platform::Xiaohongshu => xiaohongshu::listed(running).await,
        _ => wechat_shop::listed(running).await,
    }
}

fn place(running: &Running, at: Platform) -> String {
    let line = NewLine { sku: "TEA-250".to_owned(), qty: 1, unit_price: None, title: None };
    let id = running.place(at, &NewOrder { lines: Some(vec![line]), ..NewOrder::default() }).unwrap();
    running.ledger().orders.iter().find(|o| o.order.id == id).unwrap().text_id.clone()
}

fn lists(drop_percent: u8, duplicate_percent: u8, late_seconds: u64) -> Fault {
    Fault::Lists { drop_percent, duplicate_percent, shuffle: true, late_seconds }
}

#[tokio::test]
async fn each_list_drops_doubles_and_shuffles_on_request_and_is_whole_again() {
    let running = start().await;
    for at in ALL {
        let mut placed: Vec<String> = (0..12).map(|_| place(&running, at)).collect();
        let honest = listed(&running, at).await;
        running.fault(at, lists(0, 0, 0));
        assert_ne!(listed(&running, at).await, honest, "{at:?} shuffles");
        running.fault(at, lists(100, 0, 0));
        assert!(listed(&running, at).await.is_empty(), "{at:?} drops");
        running.fault(at, lists(0, 100, 0));
        let mut doubled = listed(&running, at).await;
        assert_eq!(doubled.len(), 24, "{at:?} doubles");
        running.fault(at, Fault::Clear);
        doubled.sort();
        doubled.dedup();
        placed.sort();
        let mut whole = listed(&running, at).await;
        whole.sort();
        assert_eq!((&doubled, &whole), (&placed, &placed), "{at:?}");
    }
}

#[tokio::test]
async fn lists_tell_late_under_the_time_that_was() {
    let running = Platforms::start(Options { speed: 1, ..Options::default() }).await.unwrap();
    for at in ALL {
        running.fault(at, lists(0, 0, 86_400));
        for _ in 0..5 {
            place(&running, at);
        }
        assert!(listed(&running, at).await.len() < 5, "{at:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_refuses_signed_calls() {
    let running = start().await;
    for at in [Platform::Douyin, Platform::Kuaishou, Platform::Xiaohongshu] {
        place(&running, at);
        running.fault(at, Fault::ClockSkew { seconds: 3_600 });
        assert!(listed(&running, at).await.is_empty(), "{at:?}");
        assert_eq!(running.ledger().bad_signatures.last().unwrap().platform, at);
        running.fault(at, Fault::Clear);
        assert_eq!(listed(&running, at).await.len(), 1, "{at:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_cuts_the_connection_once() {
    let running = start().await;
    let lost = || Fault::LostAnswer { when: When::default() };
    for at in ALL {
        place(&running, at);
        running.fault(at, lost());
        let asked = std::panic::AssertUnwindSafe(listed(&running, at));
        assert!(futures::FutureExt::catch_unwind(asked).await.is_err(), "{at:?}: the connection is cut");
        assert_eq!(listed(&running, at).await.len(), 1);
    }
}

#[tokio::test]
async fn messages_get_lost_and_come_twice_and_unannounced_orders_are_only_listed() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, r#"{"code":0,"result":1,"success":true,"error_code":0}"#);
    let url = || Some(hub.url.clone());
    let targets = Targets { douyin: url(), kuaishou: url(), xiaohongshu: url(), ..Targets::default() };
    running.connect(&targets);
    until(|| running.ledger().pushes.iter().filter(|p| p.outcome == "acknowledged").count() == 2).await;
    for at in [Platform::Douyin, Platform::Kuaishou, Platform::Xiaohongshu] {
        let silent = running.place(at, &NewOrder { silent: true, ..NewOrder::default() }).unwrap();
        running.fault(
            at,
            Fault::Webhooks { drop_percent: 100, duplicate_percent: 0, shuffle: false, delay_ms: 0, late_seconds: 0 },
        );
        place(&running, at);
        until(|| running.ledger().pushes.iter().any(|p| p.platform == at && p.outcome == "dropped")).await;
        let text = running.ledger().orders.iter().find(|o| o.order.id == silent).unwrap().text_id.clone();
        assert!(running.ledger().pushes.iter().all(|p| p.about != text), "{at:?} said nothing of it");
        assert!(listed(&running, at).await.contains(&text));
    }
    assert_eq!(hub.got().len(), 2, "the trial messages only");
}

#[tokio::test]
async fn the_page_on_which_a_seller_agrees_sends_a_code_back() {
    let running = start().await;
    let at = running.addresses();
    let back = "http%3A%2F%2Fhub.example%2Foauth%2Fcallback";
    for page in [
        format!("{}/authorize?service_id=1&state=s1&redirect_uri={back}", at.douyin),
        format!("{}/oauth/authorize?app_id=1&response_type=code&state=s1&redirect_uri={back}", at.kuaishou),
        format!("{}/ark/authorization?appId=1&state=s1&redirectUri={back}", at.xiaohongshu),
    ] {
        let reply = call("GET", &page, &[], "").await;
        assert_eq!(reply.status, 302, "{page}");
        let to = reply.header("location");
        assert!(to.starts_with("http://hub.example/oauth/callback?code=") && to.ends_with("&state=s1"), "{to}");
    }
}
