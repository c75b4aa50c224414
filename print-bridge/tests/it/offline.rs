//! Hours without the hub, against the real print-queue with a clock of its own.

use crate::support::{
    bridge::{Bridge, Setup},
    house::House,
    sink::{Mood, Sink},
    until,
};

const HOURS: i64 = 3_600_000;

async fn paired(house: &House, folder: &std::path::Path, sink: &Sink) -> Setup {
    let setup = Setup::new(&house.url(), folder, &[&format!("p1={}", sink.target())]);
    let code = house.code().await;
    assert!(setup.pair(&code).status.success());
    // Shown once, so that jobs can be queued for it.
    let mut first = setup.start();
    first.says("ready").await;
    until("the printer", || async { (house.events("assigned").await == 1).then_some(()) }).await;
    first.stop().await;
    setup
}

/// Waits until so many labels are in the bridge's memory.
async fn holds(bridge: &Bridge, count: u64) {
    let here = || async { (bridge.status().await["printers"][0]["here"].as_u64()? == count).then_some(()) };
    until("the labels to be here", here).await;
}

fn names(count: u32) -> Vec<String> {
    (1..=count).map(|n| format!("j{n:02}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_labels_fetched_and_none_started_ask_nobody_anything_after_three_hours_without_the_hub() {
    let (mut house, sink) = (House::new(), Sink::new(Mood::Talking { paper: false }));
    let folder = tempfile::tempdir().unwrap();
    let setup = paired(&house, folder.path(), &sink).await;
    house.queue(50).await;
    let bridge = setup.start();
    holds(&bridge, 50).await;
    house.down();
    bridge.says("trying again").await;
    house.pass(3 * HOURS).await;
    assert!(house.states().await.iter().all(|state| state == "unconfirmed"), "meanwhile nobody can know");
    house.up();
    bridge.says("answers again").await;
    until("no question", || async { house.states().await.iter().all(|s| s != "unconfirmed").then_some(()) }).await;
    sink.set_mood(Mood::Talking { paper: true });
    house.all("done").await;
    assert_eq!(sink.paper(), names(50), "each once, in the order of the list");
    assert!(house.jobs().await.iter().all(|(_, attempt)| *attempt >= 2), "each was leased anew");
    assert_eq!(bridge.status().await["unconfirmed"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_was_killed_while_the_hub_was_away_knows_what_never_started() {
    let (mut house, sink) = (House::new(), Sink::new(Mood::Talking { paper: false }));
    let folder = tempfile::tempdir().unwrap();
    let setup = paired(&house, folder.path(), &sink).await;
    house.queue(8).await;
    let bridge = setup.start();
    holds(&bridge, 8).await;
    house.down();
    bridge.says("trying again").await;
    bridge.kill();
    house.pass(3 * HOURS).await;
    sink.set_mood(Mood::Talking { paper: true });
    let bridge = setup.start();
    bridge.says("trying again").await;
    assert!(sink.paper().is_empty(), "nothing starts on a right that is not known to stand");
    house.up();
    house.all("done").await;
    assert_eq!(sink.paper(), names(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_printed_without_the_hub_is_told_late_and_is_done() {
    let (mut house, sink) = (House::new(), Sink::new(Mood::Talking { paper: false }));
    let folder = tempfile::tempdir().unwrap();
    let setup = paired(&house, folder.path(), &sink).await;
    house.queue(5).await;
    let bridge = setup.start();
    holds(&bridge, 5).await;
    house.down();
    bridge.says("trying again").await;
    // Its leases are a minute long, and it has been seconds.
    sink.set_mood(Mood::Talking { paper: true });
    until("the paper", || async { (sink.paper().len() == 5).then_some(()) }).await;
    house.pass(3 * HOURS).await;
    assert!(house.states().await.iter().all(|state| state == "unconfirmed"));
    house.up();
    house.all("done").await;
    assert_eq!(sink.paper(), names(5), "told late, not printed again");
    assert_eq!(house.events("paper_out").await, 5);
    assert!(house.jobs().await.iter().all(|(_, attempt)| *attempt == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_may_print_without_the_hub_has_leases_to_do_so_and_raises_no_question() {
    let (mut house, sink) = (House::new(), Sink::new(Mood::Talking { paper: false }));
    let folder = tempfile::tempdir().unwrap();
    let mut setup = paired(&house, folder.path(), &sink).await;
    setup.more = ["--offline-minutes", "240"].map(str::to_owned).into();
    house.queue(5).await;
    let bridge = setup.start();
    holds(&bridge, 5).await;
    house.down();
    bridge.says("trying again").await;
    house.pass(3 * HOURS).await;
    assert!(house.states().await.iter().all(|state| state == "leased"), "the hub knows that it may");
    sink.set_mood(Mood::Talking { paper: true });
    until("the paper", || async { (sink.paper().len() == 5).then_some(()) }).await;
    house.up();
    house.all("done").await;
    assert_eq!((sink.paper(), house.events("unconfirmed").await), (names(5), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_while_the_hub_is_away_stops_what_had_not_started() {
    let (mut house, sink) = (House::new(), Sink::new(Mood::Talking { paper: false }));
    let folder = tempfile::tempdir().unwrap();
    let setup = paired(&house, folder.path(), &sink).await;
    house.queue(3).await;
    let bridge = setup.start();
    holds(&bridge, 3).await;
    house.down();
    bridge.says("trying again").await;
    house.pass(3 * HOURS).await;
    let refund = |world: huidan_testkit::world::TestWorld| -> futures::future::LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            use huidan_world::World as _;
            world.main(async |db| huidan_store::samples::raise_fence(db, "k02").await).await.unwrap();
        })
    };
    house.inside(refund).await;
    house.up();
    sink.set_mood(Mood::Talking { paper: true });
    until("the others", || async { (sink.paper().len() == 2).then_some(()) }).await;
    until("the end", || async { (house.states().await == ["done", "cancelled", "done"]).then_some(()) }).await;
    assert_eq!(sink.paper(), ["j01", "j03"]);
}
