//! Printers that are away, cut the line, stop listening, or say nothing.

use std::time::Duration;

use crate::support::{
    bridge::{Bridge, Setup},
    hub::{CODE, Hub, zpl},
    sink::{Mood, Sink, nobody},
    until,
};

fn run(hub: &Hub, folder: &std::path::Path, target: &str) -> Bridge {
    let setup = Setup::new(&hub.url(), folder, &[&format!("p={target}")]);
    assert!(setup.pair(CODE).status.success());
    setup.start()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_that_is_switched_on_later_prints_what_waited() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let address = nobody();
    hub.queue("p", "a", 2);
    let _bridge = run(&hub, folder.path(), &format!("tcp://{address}"));
    until("the hub to see it offline", || async { (hub.memory().printers[0]["status"] == "offline").then_some(()) })
        .await;
    assert_eq!(hub.states(), ["leased", "leased"], "held, not failed");
    let sink = Sink::at(address, Mood::Plain);
    hub.all(&["done"]).await;
    assert_eq!(sink.paper(), ["job-a-1", "job-a-2"]);
    until("the hub to see it ready", || async { (hub.memory().printers[0]["status"] == "ready").then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_reset_in_a_label_is_a_question_and_the_batch_waits() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Reset(300_000)), tempfile::tempdir().unwrap());
    for seq in 1..=3 {
        hub.queue_one("p", "a", (seq, 3), "zpl", zpl(&format!("job-a-{seq}"), 200_000));
    }
    hub.queue("p", "later", 1);
    let _bridge = run(&hub, folder.path(), &sink.target());
    hub.becomes("job-a-2", "unconfirmed").await;
    hub.becomes("job-a-3", "queued").await;
    sink.set_mood(Mood::Plain);
    hub.becomes("job-later-1", "done").await;
    assert_eq!((sink.begun("job-a-2"), sink.begun("job-a-3")), (1, 0));
    assert_eq!(hub.job("job-a-1").state, "unconfirmed", "nothing proved it before the line was cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_that_stops_reading_is_a_question_not_a_hang() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::StopsReading(1000)), tempfile::tempdir().unwrap());
    hub.queue_one("p", "a", (1, 1), "zpl", zpl("job-a-1", 60_000));
    let _bridge = run(&hub, folder.path(), &format!("{}?timeout=1", sink.target()));
    hub.becomes("job-a-1", "unconfirmed").await;
    assert!(sink.begun("job-a-1") <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_after_the_last_byte_is_a_question_that_names_its_remedy() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Silent), tempfile::tempdir().unwrap());
    hub.queue("p", "a", 1);
    let _bridge = run(&hub, folder.path(), &format!("{}?timeout=1", sink.target()));
    hub.becomes("job-a-1", "unconfirmed").await;
    assert!(hub.job("job-a-1").detail.contains("confirm=sent"), "{}", hub.job("job-a-1").detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn for_a_printer_that_never_answers_handing_over_can_be_enough() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Silent), tempfile::tempdir().unwrap());
    hub.queue("p", "a", 3);
    let _bridge = run(&hub, folder.path(), &format!("{}?timeout=1&confirm=sent", sink.target()));
    hub.all(&["done"]).await;
    assert_eq!(sink.paper(), ["job-a-1", "job-a-2", "job-a-3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_without_paper_gets_no_label_until_it_has_some() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Talking { paper: false }), tempfile::tempdir().unwrap());
    hub.queue("p", "a", 2);
    let _bridge = run(&hub, folder.path(), &sink.target());
    until("the hub to know why", || async {
        let detail = hub.memory().printers[0]["detail"].as_str().unwrap_or_default().to_owned();
        detail.contains("缺纸").then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(sink.text(), "", "asked, not fed");
    sink.set_mood(Mood::Talking { paper: true });
    hub.all(&["done"]).await;
    assert_eq!(sink.paper(), ["job-a-1", "job-a-2"]);
    assert!(hub.job("job-a-1").detail.contains("buffer is empty"), "{}", hub.job("job-a-1").detail);
}
