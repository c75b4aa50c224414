//! What all express carriers hold to, each asked in its own way.

use crate::web::{Hub, until};
use crate::{jd_logistics, jtexpress, kdniao, kuaidi100, sto, yto, yunda, zto};
use huidan_platforms::{
    CarrierOptions, Course, Fault, NewScan, Options, Platform, Platforms, Repeats, Running, ScanKind, Still, Storm,
    Targets, Until, When,
};
use serde_json::json;
use std::time::{Duration, Instant};

pub(crate) const ALL: [Platform; 8] = [
    Platform::Yto,
    Platform::Zto,
    Platform::Sto,
    Platform::Yunda,
    Platform::JdLogistics,
    Platform::Jtexpress,
    Platform::Kuaidi100,
    Platform::Kdniao,
];

pub(crate) async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

pub(crate) async fn start_with(at: Platform, change: impl Fn(&mut CarrierOptions)) -> Running {
    let mut options = Options::default();
    change(options.carrier(at).unwrap());
    Platforms::start(options).await.unwrap()
}

/// The number, or the carrier's words; a cut connection is `Err("cut")`.
pub(crate) async fn book(running: &Running, at: Platform, key: &str) -> Result<String, String> {
    match at {
        Platform::Yto => yto::book(running, key).await,
        Platform::Zto => zto::book(running, key).await,
        Platform::Sto => sto::book(running, key).await,
        Platform::Yunda => yunda::book(running, key).await,
        Platform::JdLogistics => jd_logistics::book(running, key).await,
        Platform::Jtexpress => jtexpress::book(running, key).await,
        Platform::Kuaidi100 => kuaidi100::book(running, key).await,
        _ => kdniao::book(running, key).await,
    }
}

/// Kuaidi100 describes no cancelling.
const CANCELLING: [Platform; 7] = [
    Platform::Yto,
    Platform::Zto,
    Platform::Sto,
    Platform::Yunda,
    Platform::JdLogistics,
    Platform::Jtexpress,
    Platform::Kdniao,
];

async fn cancel(running: &Running, at: Platform, key: &str, number: &str) -> bool {
    match at {
        Platform::Yto => yto::cancel(running, key).await,
        Platform::Zto => zto::cancel(running, number).await,
        Platform::Sto => sto::cancel(running, number).await,
        Platform::Yunda => yunda::cancel(running, key).await,
        Platform::JdLogistics => jd_logistics::cancel(running, number).await,
        Platform::Jtexpress => jtexpress::cancel(running, key).await,
        _ => kdniao::cancel(running, key).await,
    }
}

pub(crate) fn targets(at: Platform, url: &str) -> Targets {
    let url = || Some(url.to_owned());
    match at {
        Platform::Yto => Targets { yto: url(), ..Targets::default() },
        Platform::Zto => Targets { zto: url(), ..Targets::default() },
        Platform::Sto => Targets { sto: url(), ..Targets::default() },
        Platform::Yunda => Targets { yunda: url(), ..Targets::default() },
        Platform::JdLogistics => Targets { jd_logistics: url(), ..Targets::default() },
        Platform::Jtexpress => Targets { jtexpress: url(), ..Targets::default() },
        Platform::Kdniao => Targets { kdniao: url(), ..Targets::default() },
        Platform::Easypost => Targets { easypost: url(), ..Targets::default() },
        Platform::Aftership => Targets { aftership: url(), ..Targets::default() },
        Platform::SeventeenTrack => Targets { seventeen_track: url(), ..Targets::default() },
        Platform::Trackingmore => Targets { trackingmore: url(), ..Targets::default() },
        _ => Targets::default(),
    }
}

/// Each carrier's own words.
fn ack(at: Platform) -> &'static str {
    match at {
        Platform::Yto => {
            "<Response><logisticProviderID>YTO</logisticProviderID><txLogisticID>K</txLogisticID><success>true</success></Response>"
        }
        Platform::Zto => r#"{"message":"","result":"success","status":true,"statusCode":"0"}"#,
        Platform::Sto => r#"{"success":"true","errorCode":"","errorMsg":"","needRetry":"false","data":""}"#,
        Platform::Yunda => r#"{"result":true,"code":"0000","message":"请求成功","data":null}"#,
        Platform::JdLogistics => r#"{"code":"0","msg":"success"}"#,
        Platform::Jtexpress => r#"{"code":"1","msg":"success","data":"SUCCESS"}"#,
        Platform::Kuaidi100 => r#"{"result":true,"returnCode":"200","message":"成功"}"#,
        _ => r#"{"EBusinessID":"1","UpdateTime":"2026-11-22 12:00:00","Success":true,"Reason":""}"#,
    }
}

async fn watch(running: &Running, at: Platform, number: &str, url: &str) {
    match at {
        Platform::JdLogistics => jd_logistics::subscribe(running, number).await,
        Platform::Kuaidi100 => drop(kuaidi100::subscribe(running, number, url, "salt").await),
        // KDNiao watches what it booked.
        _ => {}
    }
}

#[tokio::test]
async fn an_order_id_that_comes_again_charges_as_the_carrier_says() {
    let running = start().await;
    for at in ALL {
        let first = book(&running, at, "HD-1").await.unwrap();
        let again = book(&running, at, "HD-1").await;
        let waybills: Vec<_> = running.ledger().waybills.into_iter().filter(|w| w.platform == at).collect();
        match at {
            // Its booking has no order id: a second call is a second parcel.
            Platform::Kuaidi100 => assert!(again.is_ok_and(|n| n != first) && waybills.len() == 2),
            Platform::Kdniao => assert!(again.unwrap_err().contains("106") && waybills.len() == 1),
            _ => {
                assert_eq!(again, Ok(first), "{at:?}");
                assert_eq!((waybills.len(), waybills[0].repeats), (1, 1), "{at:?}");
            }
        }
        let charged = running.charged()[at.name()].values().sum::<u64>();
        assert_eq!(charged, if at == Platform::Kuaidi100 { 2 } else { 1 }, "{at:?}");
    }
}

#[tokio::test]
async fn what_a_repeat_gets_can_be_chosen() {
    let refused = start_with(Platform::Zto, |o| o.repeats = Repeats::Refused).await;
    book(&refused, Platform::Zto, "HD-1").await.unwrap();
    assert!(book(&refused, Platform::Zto, "HD-1").await.unwrap_err().contains("重复"));
    let anew = start_with(Platform::Zto, |o| o.repeats = Repeats::Anew).await;
    let first = book(&anew, Platform::Zto, "HD-1").await.unwrap();
    assert_ne!(book(&anew, Platform::Zto, "HD-1").await.unwrap(), first);
    assert_eq!(anew.charged()["zto"]["HD-1"], 2);
}

#[tokio::test]
async fn a_lost_answer_has_charged_the_number_and_stopped_stock_gives_none() {
    for at in ALL {
        let running = start_with(at, |o| o.numbers = 1).await;
        running.fault(at, Fault::LostAnswer { when: When::default() });
        assert_eq!(book(&running, at, "HD-1").await, Err("cut".to_owned()), "{at:?}");
        let ledger = running.ledger();
        assert_eq!((ledger.waybills.len(), ledger.numbers_left[at.name()]), (1, 0), "{at:?}");
        let none = book(&running, at, "HD-2").await.unwrap_err();
        assert!(none.contains("余额不足") || none.contains("余量不足"), "{at:?}: {none}");
        assert_eq!(running.recharge(at, 5), 5);
        book(&running, at, "HD-3").await.unwrap();
        assert_eq!(running.ledger().numbers_left[at.name()], 4);
    }
}

#[tokio::test]
async fn a_number_is_given_back_once_and_not_after_its_first_scan() {
    let running = start().await;
    for at in CANCELLING {
        let before = running.ledger().numbers_left[at.name()];
        let number = book(&running, at, "HD-1").await.unwrap();
        assert!(cancel(&running, at, "HD-1", &number).await, "{at:?}");
        assert!(!cancel(&running, at, "HD-1", &number).await, "{at:?} a second time");
        assert_eq!(running.ledger().numbers_left[at.name()], before);
        assert!(book(&running, at, "HD-1").await.is_err(), "{at:?}: a cancelled order is not booked again");
        let travelling = book(&running, at, "HD-2").await.unwrap();
        running.advance(&travelling, Until::PickedUp, false).unwrap();
        assert!(!cancel(&running, at, "HD-2", &travelling).await, "{at:?} on its way");
        assert!(running.advance(&number, Until::PickedUp, false).is_err(), "{at:?}: cancelled");
    }
}

#[tokio::test]
async fn calls_beyond_the_limit_and_late_answers_come_on_request() {
    for at in ALL {
        let running = start_with(at, |o| o.per_minute = 1).await;
        // The first and the second may fall into two minutes.
        let mut taken = 0;
        for n in 0..3 {
            taken += usize::from(book(&running, at, &format!("HD-{n}")).await.is_ok());
        }
        assert!(taken < 3, "{at:?}");
    }
    let running = start_with(Platform::Sto, |o| o.latency_ms = 200).await;
    let begun = Instant::now();
    book(&running, Platform::Sto, "HD-1").await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn scans_are_pushed_until_the_carriers_own_words_come_and_other_words_count_as_failure() {
    for at in ALL {
        let (running, hub) = (start().await, Hub::start().await);
        running.connect(&targets(at, &hub.url));
        let number = book(&running, at, "HD-1").await.unwrap();
        watch(&running, at, &number, &hub.url).await;
        hub.answer(200, r#"{"ok":"thanks"}"#);
        running.advance(&number, Until::PickedUp, false).unwrap();
        let got = hub.wait(2).await;
        assert_eq!(got[0].body, got[1].body, "{at:?}: the same again");
        hub.answer(200, ack(at));
        until(|| running.ledger().pushes[0].outcome == "acknowledged").await;
        let push = running.ledger().pushes[0].clone();
        assert!(push.wrong_acks >= 1 && push.attempts.len() == usize::try_from(push.wrong_acks).unwrap() + 1);
        let before = hub.got().len();
        running.advance(&number, Until::Delivered, true).unwrap();
        until(|| hub.got().len() == before + 4).await;
        assert_eq!(running.advance(&number, Until::Delivered, false), Ok(0), "{at:?}");
    }
}

#[tokio::test]
async fn nobody_is_told_of_what_nobody_subscribed_to() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::JdLogistics, &hub.url));
    let number = book(&running, Platform::JdLogistics, "HD-1").await.unwrap();
    running.advance(&number, Until::PickedUp, false).unwrap();
    assert!(running.ledger().pushes.is_empty());
    jd_logistics::subscribe(&running, &number).await;
    running.advance(&number, Until::InTransit, false).unwrap();
    assert_eq!(hub.wait(2).await.len(), 2);
}

const HOUR: i64 = 3_600_000;
const START: i64 = 1_795_248_000_000;

/// Parcels under a clock that the test moves.
fn still() -> (Still, Vec<String>) {
    let still = Still::new(Options { speed: 1, ..Options::default() }, START);
    let numbers = (0..4).map(|n| yto::book_still(&still, &format!("HD-{n}"))).collect();
    (still, numbers)
}

fn kinds(still: &Still, number: &str) -> Vec<ScanKind> {
    let parcels = still.running().ledger().parcels;
    parcels.iter().find(|p| p.number == number).unwrap().scans.iter().map(|s| s.kind).collect()
}

fn pass(still: &mut Still, hours: i64) {
    still.set_now(START + hours * HOUR);
    let _ = still.due(START + hours * HOUR);
}

#[test]
fn courses_happen_under_the_clock_and_the_ledger_knows_the_truth() {
    let (mut still, numbers) = still();
    let courses = [Course::Delivered, Course::Stalled, Course::Refused, Course::SignedTooFast];
    for (number, course) in numbers.iter().zip(courses) {
        still.running().travel(number, course).unwrap();
    }
    assert!(kinds(&still, &numbers[0]).is_empty());
    assert!(still.next_due().unwrap() > START);
    pass(&mut still, 5);
    assert_eq!(kinds(&still, &numbers[3]), [ScanKind::PickedUp, ScanKind::Signed]);
    assert_eq!(kinds(&still, &numbers[0]), [ScanKind::PickedUp]);
    pass(&mut still, 200);
    assert_eq!(kinds(&still, &numbers[0]).last(), Some(&ScanKind::Signed));
    assert_eq!(kinds(&still, &numbers[1]).last(), Some(&ScanKind::Departed));
    assert!(kinds(&still, &numbers[2]).contains(&ScanKind::Refused));
    assert_eq!(kinds(&still, &numbers[2]).last(), Some(&ScanKind::Returned));
    let ledger = still.running().ledger();
    assert!(numbers.iter().zip(courses).all(|(n, c)| ledger.parcels.iter().any(|p| p.number == *n && p.course == c)));
}

#[test]
fn a_storm_holds_up_what_has_yet_to_leave_its_hub() {
    let (mut still, numbers) = still();
    for number in &numbers {
        still.running().travel(number, Course::Delivered).unwrap();
    }
    let storm = Storm { platform: None, place: "杭州转运中心".to_owned(), seconds: 72 * 3_600 };
    assert_eq!(still.running().storm(&storm), 4);
    pass(&mut still, 60);
    assert!(numbers.iter().all(|n| kinds(&still, n) == [ScanKind::PickedUp, ScanKind::Departed]));
    assert!(still.running().ledger().parcels.iter().all(|p| p.storm));
    pass(&mut still, 130);
    assert!(numbers.iter().all(|n| kinds(&still, n).last() == Some(&ScanKind::Signed)));
}

#[test]
fn a_number_that_was_somebodys_before_has_a_trace_older_than_its_label() {
    let (mut still, numbers) = still();
    still.running().travel(&numbers[0], Course::Reused).unwrap();
    let parcel = still.running().ledger().parcels[0].clone();
    assert_eq!(parcel.scans.last().unwrap().kind, ScanKind::Signed);
    assert!(parcel.scans.iter().all(|s| s.at_ms < parcel.booked_ms));
    pass(&mut still, 100);
    assert_eq!(kinds(&still, &numbers[0]).iter().filter(|k| **k == ScanKind::Signed).count(), 2);
}

#[test]
fn a_scan_may_stand_at_any_time_and_be_silent() {
    let (mut still, numbers) = still();
    still.running().connect(&targets(Platform::Yto, "http://hub.sim/track/yto/a"));
    let scan = |silent| NewScan {
        kind: ScanKind::Problem,
        at_ms: Some(START - HOUR),
        city: "宁波市".to_owned(),
        words: "破损".to_owned(),
        silent,
    };
    still.running().scan(&numbers[0], &scan(true)).unwrap();
    assert!(still.due(START).is_empty());
    still.running().scan(&numbers[0], &scan(false)).unwrap();
    assert_eq!(still.due(START).len(), 1);
    let parcel = still.running().ledger().parcels[0].clone();
    assert_eq!((parcel.scans.len(), parcel.scans[0].words.as_str(), parcel.scans[1].at_ms), (2, "破损", START - HOUR));
}

#[tokio::test]
async fn pushes_are_lost_doubled_and_late_on_request() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::Zto, &hub.url));
    hub.answer(200, ack(Platform::Zto));
    let number = book(&running, Platform::Zto, "HD-1").await.unwrap();
    let faulty = |drop_percent, duplicate_percent| Fault::Webhooks {
        drop_percent,
        duplicate_percent,
        shuffle: true,
        delay_ms: 0,
        late_seconds: 0,
    };
    running.fault(Platform::Zto, faulty(100, 0));
    running.advance(&number, Until::PickedUp, false).unwrap();
    until(|| running.ledger().pushes.first().is_some_and(|p| p.outcome == "dropped")).await;
    running.fault(Platform::Zto, faulty(0, 100));
    running.advance(&number, Until::InTransit, false).unwrap();
    assert_eq!(hub.wait(4).await.len(), 4, "two scans, each twice");
}

#[tokio::test]
async fn the_control_port_sends_parcels_on_their_way_and_counts() {
    let running = start().await;
    let number = book(&running, Platform::Sto, "HD-1").await.unwrap();
    let control = running.addresses().control.clone();
    let post = async |path: &str, body: serde_json::Value| {
        crate::web::call("POST", &format!("{control}/{path}"), &[], body.to_string()).await.json()
    };
    assert_eq!(post("travel", json!({"number": number, "course": "signed_too_fast"})).await["scans"], 2);
    assert_eq!(post("storm", json!({"place": "杭州市", "seconds": 7_200})).await["parcels"], 1);
    let scan = json!({"number": number, "kind": "problem", "at_ms": 1_795_248_000_000_i64, "silent": true});
    assert!(post("scan", scan).await["id"].is_string());
    assert!(post("abort", json!({"number": number})).await["error"].is_string());
    assert_eq!(post("recharge", json!({"platform": "sto", "numbers": -1})).await["left"], 99_998);
    let get = async |path: &str| crate::web::call("GET", &format!("{control}/{path}"), &[], "").await.json();
    assert_eq!(get("charged").await, json!({"sto": {"HD-1": 1}}));
    assert_eq!(get("notices").await, json!({}));
    assert_eq!(get("credentials").await["kdniao"]["app_key"], "kdniao-key-1");
    // Three hours and a storm of two are some seconds at this speed.
    until(|| running.ledger().parcels[0].scans.len() == 3).await;
}

/// A call without a socket.
fn still_form(still: &Still, url: &str, body: String) -> serde_json::Value {
    let request = http::Request::builder().method("POST").uri(url);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    serde_json::from_slice(still.answer(request.body(body.into()).unwrap()).unwrap().body()).unwrap()
}

#[test]
fn kuaidi100_gives_a_number_up_after_three_days_without_a_record() {
    let mut still = Still::new(Options { speed: 1, ..Options::default() }, START);
    let key = still.running().options().kuaidi100.app_key;
    let param = json!({"company": "yuantong", "number": "YT0", "key": key,
        "parameters": {"callbackurl": "http://hub.sim/track/kuaidi100/a", "salt": "s"}});
    let body = crate::web::form(&[("schema", "json"), ("param", &param.to_string())]);
    let url = format!("{}/poll", still.running().addresses().kuaidi100);
    assert_eq!(still_form(&still, &url, body)["returnCode"], "200");
    assert_eq!(still.next_due(), Some(START + 72 * HOUR));
    still.set_now(START + 71 * HOUR);
    assert!(still.due(START + 71 * HOUR).is_empty());
    still.set_now(START + 72 * HOUR);
    let due = still.due(START + 72 * HOUR);
    assert_eq!(due.len(), 1);
    assert!(String::from_utf8_lossy(&due[0].body).contains("abort"));
    assert_eq!(still.next_due(), None);
}

#[tokio::test]
async fn ten_clicks_at_once_on_a_slow_carrier_charge_one_number() {
    let running = start_with(Platform::Zto, |o| o.latency_ms = 50).await;
    let clicks = futures::future::join_all((0..10).map(|_| book(&running, Platform::Zto, "HD-1"))).await;
    assert!(clicks.iter().all(|number| number.is_ok() && *number == clicks[0]));
    assert_eq!(running.charged()["zto"]["HD-1"], 1);
}
