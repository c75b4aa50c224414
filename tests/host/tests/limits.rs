//! What keeps one guest, or too many callers, from harming the others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

mod common;

use common::{Host, eventually};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_computes_for_ever_is_ended_and_the_others_do_not_notice() {
    let host = Host::with(|o| o.limits.guest = Duration::from_millis(400)).await;
    let began = Instant::now();
    let looping = host.get("/probe/loop");
    let others = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let began = Instant::now();
            assert_eq!(host.get("/bare/seen").await.status, 200);
            slowest = slowest.max(began.elapsed());
        }
        slowest
    };
    let (ended, slowest) = tokio::join!(looping, others);
    assert_eq!(ended.status, 500);
    assert!((Duration::from_millis(350)..Duration::from_secs(8)).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert!(slowest < Duration::from_millis(300), "{slowest:?}");
    assert_eq!(host.get("/probe/seen").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_may_have_a_limit_of_its_own() {
    let host = Host::with(|o| {
        o.limits.outside = Duration::from_secs(20);
        o.guest_limits.insert("bare".into(), Duration::from_millis(100));
    })
    .await;
    let began = Instant::now();
    assert_eq!(host.get("/bare/loop").await.status, 500);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_begins_to_compute_after_a_pause_is_ended_as_well() {
    let host = Host::with(|o| o.limits.guest = Duration::from_millis(100)).await;
    let began = Instant::now();
    assert_eq!(host.get("/probe/loop?ms=600").await.status, 500);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_does_not_count_as_computing() {
    let host = Host::with(|o| o.limits.guest = Duration::from_millis(100)).await;
    assert_eq!(host.get("/probe/sleep?ms=600").await.body, "slept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_is_a_500_and_the_guests_last_words_are_in_its_log() {
    let host = Host::start().await;
    assert_eq!(host.get("/probe/trap").await.status, 500);
    assert_eq!(host.get("/probe/seen").await.status, 200);
    eventually(async || host.log("probe").contains("the last words of a trapped guest")).await;
    assert_eq!(host.log("bare"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_prints_is_in_its_log() {
    let host = Host::start().await;
    assert_eq!(host.get("/probe/print?text=hello").await.body, "printed");
    let log = host.log("probe");
    assert!(log.contains("Z out hello\n") && log.contains("Z err hello\n"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_given_up() {
    let host = Host::with(|o| o.limits.outside = Duration::from_millis(300)).await;
    let began = Instant::now();
    assert_eq!(host.get("/probe/sleep?ms=5000").await.status, 504);
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(host.get("/probe/seen").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_house_says_come_again_and_chained_calls_need_no_place() {
    let host = Host::with(|o| {
        o.at_work = 2;
        o.waiting = 1;
    })
    .await;
    // Each of these calls the house itself: if a chained call needed a place, none would ever come back.
    let chained = "/probe/send?url=http://probe.spin.internal/sleep?ms=700";
    let (first, second) = (host.get(chained), host.get(chained));
    let late = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let third = host.get("/probe/seen");
        let fourth = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            host.get("/probe/seen").await
        };
        tokio::join!(third, fourth)
    };
    let (first, second, (third, fourth)) = tokio::join!(first, second, late);
    assert_eq!((first.body.as_str(), second.body.as_str()), ("200\nslept", "200\nslept"));
    assert_eq!(third.status, 200);
    assert_eq!(fourth.status, 503);
    assert_eq!(fourth.headers.get("retry-after").map(|v| v.as_bytes()), Some(&b"1"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_at_once_are_all_served() {
    let host = Host::start().await;
    let all = (0..500).map(|_| host.get("/probe/sleep?ms=20"));
    for answer in futures::future::join_all(all).await {
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heart_beats_for_whoever_owns_the_tick() {
    let host = Host::with(|o| o.heartbeat = true).await;
    host.sql("CREATE TABLE IF NOT EXISTS t (x)").await;
    let beats = async || {
        let told = host.sql("SELECT count(*) FROM t WHERE x = 'tick'").await;
        told.lines().next().and_then(|n| n.parse::<u32>().ok()).unwrap_or_default()
    };
    eventually(async || beats().await >= 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_slowly_keeps_nobody_from_working() {
    use tokio::io::AsyncWriteExt as _;
    let host = Host::with(|o| {
        o.at_work = 1;
        o.waiting = 0;
    })
    .await;
    let mut slow = tokio::net::TcpStream::connect(host.handle.address()).await.expect("connected");
    slow.write_all(b"POST /probe/body HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nhalf").await.expect("sent");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(host.get("/probe/seen").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_asks_for_all_memory_is_stopped_and_the_next_is_served() {
    let host = Host::start().await;
    assert_eq!(host.get("/probe/allocate?mb=600").await.status, 500);
    assert_eq!(host.get("/probe/allocate?mb=100").await.body, "104857600 bytes");
}
