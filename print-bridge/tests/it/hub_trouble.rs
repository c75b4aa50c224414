//! The hub is away, busy, or does not know us.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub},
    sink::{Mood, Sink},
    until,
};

#[tokio::test(flavor = "multi_thread")]
async fn while_the_hub_is_away_what_was_fetched_is_printed_and_told_later() {
    let (mut hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    hub.memory().lease = Duration::from_secs(12);
    let bridge = setup.start();
    // Out of paper: the labels are fetched and wait.
    sink.set_mood(Mood::Talking { paper: false });
    hub.queue("p", "a", 5);
    until("a printer out of paper", || async { (hub.memory().printers[0]["status"] == "offline").then_some(()) }).await;
    assert_eq!(hub.memory().printers[0]["room"], json!(0));
    tokio::time::sleep(Duration::from_millis(500)).await;
    hub.down();
    bridge.says("trying again").await;
    sink.set_mood(Mood::Talking { paper: true });
    until("the paper", || async { (sink.paper().len() == 5).then_some(()) }).await;
    assert!(hub.states().iter().all(|state| state == "leased"));
    hub.up();
    hub.all(&["done"]).await;
    assert_eq!(sink.paper().len(), 5);
    bridge.says("answers again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_hub_is_asked_again_not_before_it_wants() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    hub.queue("p", "a", 1);
    hub.memory().refusals = [503, 503].into();
    let started = std::time::Instant::now();
    let _bridge = setup.start();
    hub.all(&["done"]).await;
    assert!(started.elapsed() >= Duration::from_secs(2), "Retry-After was 1 s, twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_was_revoked_says_how_to_pair_again_and_goes_on_when_that_is_done() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    hub.memory().tokens.clear();
    hub.memory().tokens.push("of another bridge".to_owned());
    let bridge = setup.start();
    bridge.says(&format!("print-bridge pair --hub {} CODE", hub.url())).await;
    assert!(setup.pair(CODE).status.success(), "pairing works beside a running bridge");
    hub.queue("p", "a", 1);
    hub.all(&["done"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_with_other_bytes_than_its_hash_is_refused_and_stops_its_batch() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
    hub.queue("p", "a", 3);
    let second = hub.job("job-a-2").sha256;
    hub.memory().labels.insert(second, b"^XA^FXother;^XZ".to_vec());
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    let _bridge = setup.start();
    hub.becomes("job-a-1", "done").await;
    hub.becomes("job-a-2", "failed").await;
    hub.becomes("job-a-3", "queued").await;
    assert!(hub.job("job-a-2").detail.contains("SHA-256"), "{}", hub.job("job-a-2").detail);
    assert!(hub.job("job-a-3").detail.contains("stopped because"), "{}", hub.job("job-a-3").detail);
    assert_eq!(sink.paper(), ["job-a-1"]);
    let refused = |line: &&serde_json::Value| line["id"] == "job-a-2" && line["phase"] == "failed";
    assert!(hub.memory().reports.iter().filter(refused).all(|line| line["requeue"].is_null()), "it would fail again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_for_another_printer_language_or_resolution_is_refused() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
    hub.queue_one("p", "a", (1, 1), "tspl", b"CLS".to_vec());
    hub.queue("q", "b", 1);
    let setup = Setup::new(
        &hub.url(),
        folder.path(),
        &[&format!("p={}", sink.target()), &format!("q={}?dpi=300", sink.target())],
    );
    setup.pair(CODE);
    let _bridge = setup.start();
    hub.all(&["failed"]).await;
    assert!(hub.job("job-a-1").detail.contains("tspl") && hub.job("job-b-1").detail.contains("300"));
    assert_eq!(sink.text(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_the_hub_took_away_is_given_back_and_not_printed() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Talking { paper: false }), tempfile::tempdir().unwrap());
    hub.memory().requeues = false;
    hub.queue("p", "a", 2);
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    let _bridge = setup.start();
    hub.all(&["leased"]).await;
    // A person cancels the first while the printer has no paper.
    hub.memory().jobs[0].state = "cancelled".to_owned();
    until("its report", || async { (!hub.memory().reports.is_empty()).then_some(()) }).await;
    assert_eq!(hub.job("job-a-1").state, "cancelled", "a report does not undo what a person decided");
    sink.set_mood(Mood::Talking { paper: true });
    hub.becomes("job-a-2", "done").await;
    assert_eq!(sink.paper(), ["job-a-2"]);
}
