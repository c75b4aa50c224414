//! The order of paper is the order of the batch, and a repeated answer is not a second label.

use std::time::Duration;

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub},
    sink::{Mood, Sink},
};

fn ids(batch: &str, labels: u32) -> Vec<String> {
    (1..=labels).map(|seq| format!("job-{batch}-{seq}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_comes_in_the_order_of_the_batch_over_as_few_connections_as_can_be_proven() {
    for (mood, connections) in [(Mood::Talking { paper: true }, 1), (Mood::Plain, 5)] {
        let (hub, sink, folder) = (Hub::new(), Sink::new(mood), tempfile::tempdir().unwrap());
        hub.memory().shuffles = true;
        hub.queue("p", "a", 40);
        let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
        setup.pair(CODE);
        let _bridge = setup.start();
        hub.all(&["done"]).await;
        assert_eq!(sink.paper(), ids("a", 40));
        assert_eq!(sink.connections(), connections, "{mood:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_prefetch_still_comes_in_order() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
    hub.queue("p", "a", 130);
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    let _bridge = setup.start();
    hub.all(&["done"]).await;
    assert_eq!(sink.paper(), ids("a", 130));
}

#[tokio::test(flavor = "multi_thread")]
async fn printers_do_not_wait_for_each_other() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let (slow, quick) = (Sink::new(Mood::Silent), Sink::new(Mood::Plain));
    let setup = Setup::new(
        &hub.url(),
        folder.path(),
        &[&format!("slow={}?timeout=20", slow.target()), &format!("quick={}", quick.target())],
    );
    hub.queue("slow", "s", 1);
    hub.queue("quick", "q", 5);
    setup.pair(CODE);
    let _bridge = setup.start();
    hub.becomes("job-q-5", "done").await;
    assert_ne!(hub.job("job-s-1").state, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_repeats_itself_gets_each_label_once() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Slow(10)), tempfile::tempdir().unwrap());
    hub.memory().repeats = true;
    hub.queue("p", "a", 30);
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    let _bridge = setup.start();
    hub.all(&["done"]).await;
    assert_eq!(sink.paper(), ids("a", 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_whose_first_answer_was_lost_come_with_the_next() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
    hub.memory().loses_answers = 2;
    hub.queue("p", "a", 3);
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    let _bridge = setup.start();
    hub.all(&["done"]).await;
    assert_eq!(sink.paper(), ids("a", 3));
    assert!(hub.memory().jobs.iter().all(|job| job.attempt == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_restored_from_a_backup_gets_the_journals_answer_and_no_second_label() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
    hub.queue("p", "a", 2);
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    let _bridge = setup.start();
    hub.all(&["done"]).await;
    for job in &mut hub.memory().jobs {
        job.state = "queued".to_owned();
        job.attempt = 0;
    }
    hub.all(&["done"]).await;
    assert_eq!(sink.paper(), ids("a", 2), "printed before the backup was restored, and not again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_ten_minutes_off_changes_nothing() {
    for ahead in [10, -10] {
        let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Plain), tempfile::tempdir().unwrap());
        hub.memory().ahead = ahead;
        hub.queue("p", "a", 2);
        let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
        setup.pair(CODE);
        let _bridge = setup.start();
        hub.all(&["done"]).await;
        assert_eq!(sink.paper(), ids("a", 2));
        assert!(hub.memory().jobs.iter().all(|job| job.attempt == 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_politely_it_finishes_the_label_and_gives_the_rest_back() {
    let (hub, sink, folder) = (Hub::new(), Sink::new(Mood::Slow(150)), tempfile::tempdir().unwrap());
    hub.memory().requeues = false;
    // Larger than what a socket holds, so that labels do not all leave at once.
    for seq in 1..=20 {
        let label = crate::support::hub::zpl(&format!("job-a-{seq}"), 600_000);
        hub.queue_one("p", "a", (seq, 20), "zpl", label);
    }
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    setup.pair(CODE);
    let mut bridge = setup.start();
    crate::support::until("the first label", || async { (!sink.paper().is_empty()).then_some(()) }).await;
    assert!(bridge.stop().await.success());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let states = hub.states();
    let printed = states.iter().take_while(|state| *state == "done").count();
    assert!((1..20).contains(&printed), "{states:?}");
    assert!(states[printed..].iter().all(|state| state == "failed"), "{states:?}");
    assert_eq!(sink.paper(), ids("a", u32::try_from(printed).unwrap()));
    assert!(hub.memory().reports.iter().filter(|line| line["phase"] == "failed").all(|line| line["requeue"] == true));
}
