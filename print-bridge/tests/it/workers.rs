//! One printer's trouble is its own.

use serde_json::json;

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub},
    sink::{Mood, Sink},
    until,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_breaks_leaves_one_question_and_starts_again_and_the_others_go_on() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let sinks = [Sink::new(Mood::Plain), Sink::new(Mood::Plain)];
    let [p, q] = sinks.each_ref().map(Sink::target);
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={p}"), &format!("q={q}")]);
    setup.pair(CODE);
    hub.queue("p", "a", 4);
    let bridge = setup.start_with(&[("PRINT_BRIDGE_BREAK_AT", "sending")]);
    hub.becomes("job-a-1", "unconfirmed").await;
    bridge.says("worker broke and starts again").await;
    assert!(sinks[0].paper().is_empty(), "it broke before the first byte, which only the worker knew");
    hub.queue("q", "b", 3);
    hub.queue("p", "c", 2);
    for job in ["job-b-3", "job-c-2"] {
        hub.becomes(job, "done").await;
    }
    assert_eq!(hub.job("job-a-2").state, "queued", "its batch waits for the answer");
    hub.requeue_by_hand("job-a-1");
    hub.all(&["done"]).await;
    let paper = sinks[0].paper();
    assert_eq!(paper.iter().filter(|job| job.starts_with("job-a")).collect::<Vec<_>>().len(), 4, "{paper:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_whose_printers_name_is_taken_says_what_to_do() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &["p=discard:"]);
    setup.pair(CODE);
    hub.memory().twins = json!([{ "name": "p", "id": "p@b2", "twin": "packing-pc" }]);
    let bridge = setup.start();
    bridge.says("packing-pc has a printer of this name, so the hub calls this one p@b2").await;
    until("the status page", || async { (bridge.status().await["printers"][0]["twin"] == "packing-pc").then_some(()) })
        .await;
}
