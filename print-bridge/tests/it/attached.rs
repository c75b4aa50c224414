//! Scales and scanners over pseudo-terminals, as their cables look to us.
#![cfg(unix)]

use std::io::Write as _;

use serde_json::{Value, json};
use serialport::{SerialPort as _, TTYPort};

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub},
    until,
};

/// A port of ours that the bridge opens by its path; what is written into it comes out there.
fn port() -> (TTYPort, String) {
    let (ours, theirs) = TTYPort::pair().unwrap();
    let path = theirs.name().unwrap();
    // Opened again by its name, while ours stays open.
    drop(theirs);
    (ours, path)
}

async fn seen(hub: &Hub, count: usize) -> Vec<Value> {
    let all = || hub.memory().seen.clone();
    until("what was seen", || async { Some(all()).filter(|seen| seen.len() >= count) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scale_tells_each_parcel_once_and_a_difference_is_shown_at_the_bench() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let (mut scale, path) = port();
    let mut setup = Setup::new(&hub.url(), folder.path(), &[]);
    setup.more = ["--scale".to_owned(), format!("bench-1=serial://{path}?baud=9600")].into();
    setup.pair(CODE);
    hub.memory().says = json!({ "next": "differs", "grams": 415, "expected_g": 900 });
    let bridge = setup.start();
    bridge.says("connected").await;
    let lines = ["US,GS,+  0.380kg", "ST,GS,+  0.415kg", "ST,GS,+  0.415kg", "ST,GS,+  0.415kg"];
    for line in lines {
        scale.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }
    assert_eq!(seen(&hub, 1).await, [json!({ "scale": "bench-1", "grams": 415 })]);
    bridge.says("415 g: its goods weigh 900 g, check it").await;
    hub.memory().says = json!({ "next": "weighed", "grams": 415 });
    for line in ["ST,GS,+  0.000kg", "ST,GS,+  0.415kg", "ST,GS,+  0.415kg", "OL,GS,+------kg"] {
        scale.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }
    assert_eq!(seen(&hub, 2).await.len(), 2, "the next parcel weighs the same");
    let station = until("the page", || async {
        let status = bridge.status().await;
        (status["stations"][0]["next"] == "weighed").then(|| status["stations"][0].clone())
    });
    assert_eq!((&station.await["name"], hub.memory().seen.len()), (&json!("bench-1"), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_answered_at_the_bench_with_what_to_do_next_and_asked_again_when_the_hub_is_away() {
    let (mut hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let (mut scanner, path) = port();
    let mut setup = Setup::new(&hub.url(), folder.path(), &["p=discard:"]);
    setup.more = ["--scanner".to_owned(), format!("bench-1=serial://{path}")].into();
    setup.pair(CODE);
    hub.memory().says = json!({ "next": "pack", "code": "", "zh": "请逐件扫描货品", "en": "scan the goods",
        "lines": [{ "sku": "TEA", "title": "茶", "qty": 2, "scanned": 1 }, { "sku": "CUP", "title": "杯", "qty": 1, "scanned": 1 }] });
    let bridge = setup.start();
    bridge.says("connected").await;
    scanner.write_all(b"SF1001\r\n").unwrap();
    bridge.says("请逐件扫描货品 · TEA 1/2 / scan the goods · TEA 1/2").await;
    // A scanner that is set to send no end.
    scanner.write_all(b"69012").unwrap();
    scanner.write_all(b"34567892").unwrap();
    assert_eq!(seen(&hub, 2).await[1], json!({ "station": "bench-1", "code": "6901234567892" }));
    hub.down();
    scanner.write_all(b"SF1002\r").unwrap();
    // How a connection fails that was kept open is not ours to say.
    bridge.says("no answer from the hub (").await;
    bridge.says("): scan it again").await;
    hub.up();
    hub.memory().says =
        json!({ "next": "refused", "code": "refund", "zh": "买家正在退款，不要发货", "en": "do not ship it" });
    scanner.write_all(b"SF1002\r").unwrap();
    bridge.says("买家正在退款，不要发货 / do not ship it").await;
    assert_eq!(hub.memory().seen.len(), 3, "a scan is never repeated by itself");
    assert_eq!(bridge.status().await["stations"][0]["next"], "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_that_is_not_there_yet_is_waited_for_and_printing_goes_on() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let place = folder.path().join("events");
    let mut setup = Setup::new(&hub.url(), &folder.path().join("state"), &["p=discard:"]);
    setup.more = ["--scanner".to_owned(), format!("bench-1=evdev://{}", place.display())].into();
    setup.pair(CODE);
    hub.queue("p", "a", 2);
    let bridge = setup.start();
    bridge.says("it cannot be opened (entity not found): look at its cable").await;
    hub.all(&["done"]).await;
    let mut events = Vec::new();
    // 6, 9, Enter as key strokes: a time of 16 bytes, type 1, code, pressed.
    for code in [7_u16, 10, 28] {
        events.extend([[0; 16].as_slice(), &1_u16.to_ne_bytes(), &code.to_ne_bytes(), &1_i32.to_ne_bytes()].concat());
    }
    std::fs::write(&place, events).unwrap();
    assert_eq!(seen(&hub, 1).await[0], json!({ "station": "bench-1", "code": "69" }));
}
