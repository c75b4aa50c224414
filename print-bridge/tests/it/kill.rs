//! The process ends at every step of a label's way, and paper never comes twice without a person.

use std::time::Duration;

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub, zpl},
    sink::{Mood, Sink},
    until,
};

struct Bench {
    hub: Hub,
    sink: Sink,
    setup: Setup,
    _folder: tempfile::TempDir,
}

fn bench(mood: Mood) -> Bench {
    let (hub, sink, folder) = (Hub::new(), Sink::new(mood), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}", sink.target())]);
    assert!(setup.pair(CODE).status.success());
    Bench { hub, sink, setup, _folder: folder }
}

impl Bench {
    async fn dies_at(&self, step: &str) {
        let mut bridge = self.setup.start_dying_at(step);
        assert!(!bridge.ended().await.success(), "the failpoint {step} was not reached: {}", bridge.log());
    }

    fn never_twice(&self) {
        for job in &self.hub.memory().jobs {
            assert!(self.sink.begun(&job.id) <= 1, "{} came twice", job.id);
        }
    }
}

const BATCH: [&str; 3] = ["job-a-1", "job-a-2", "job-a-3"];

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_receiving_it_prints_everything_once() {
    let bench = bench(Mood::Plain);
    bench.hub.queue("p", "a", 3);
    bench.dies_at("received").await;
    assert_eq!(bench.sink.text(), "", "no byte left before the start");
    let _bridge = bench.setup.start();
    bench.hub.all(&["done"]).await;
    assert_eq!(bench.sink.paper(), BATCH);
    assert!(bench.hub.memory().jobs.iter().all(|job| job.attempt == 1), "the journal was enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_first_byte_it_asks_a_person_who_gets_one_label() {
    let bench = bench(Mood::Plain);
    bench.hub.queue("p", "a", 3);
    bench.dies_at("sending:2").await;
    let _bridge = bench.setup.start();
    bench.hub.becomes("job-a-2", "unconfirmed").await;
    bench.hub.becomes("job-a-3", "queued").await;
    assert_eq!(bench.sink.begun("job-a-2"), 0);
    assert_eq!(bench.sink.begun("job-a-3"), 0, "what follows waits for the answer");
    bench.hub.requeue_by_hand("job-a-2");
    bench.hub.becomes("job-a-2", "done").await;
    bench.hub.becomes("job-a-3", "done").await;
    assert_eq!(bench.sink.paper(), BATCH, "in the order of the batch");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_label_it_asks_a_person() {
    let bench = bench(Mood::Plain);
    bench.hub.queue("p", "a", 3);
    bench.dies_at("mid-bytes:2").await;
    let _bridge = bench.setup.start();
    bench.hub.becomes("job-a-2", "unconfirmed").await;
    bench.hub.becomes("job-a-3", "queued").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(bench.sink.begun("job-a-2"), 1, "half a label, and no second start");
    assert_eq!(bench.sink.paper(), ["job-a-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_last_byte_it_says_sent_and_prints_no_more_of_it() {
    let bench = bench(Mood::Plain);
    bench.hub.queue("p", "a", 3);
    bench.dies_at("sent:2").await;
    let _bridge = bench.setup.start();
    bench.hub.becomes("job-a-3", "done").await;
    assert_eq!(bench.hub.job("job-a-2").state, "sent");
    assert_eq!(bench.sink.paper(), BATCH);
    bench.never_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_reporting_it_reports_from_the_journal() {
    let bench = bench(Mood::Plain);
    bench.hub.queue("p", "a", 3);
    bench.dies_at("before-report").await;
    let _bridge = bench.setup.start();
    bench.hub.all(&["done", "sent", "unconfirmed", "queued"]).await;
    bench.never_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_shows_after_a_kill_which_page_came_out() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let pages = folder.path().join("pages");
    let setup = Setup::new(&hub.url(), &folder.path().join("state"), &[&format!("p=dir://{}", pages.display())]);
    assert!(setup.pair(CODE).status.success());
    for seq in 1..=3 {
        hub.queue_one("p", "a", (seq, 3), "png", zpl(&format!("page-{seq}"), 10));
    }
    let mut bridge = setup.start_dying_at("mid-bytes:2");
    bridge.ended().await;
    let names = || {
        let mut names: Vec<_> =
            std::fs::read_dir(&pages).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names
    };
    assert_eq!(names(), ["000001-0001-SF1-job-a-1-1.png"], "no half page is to be seen");
    let _bridge = setup.start();
    hub.becomes("job-a-2", "unconfirmed").await;
    hub.requeue_by_hand("job-a-2");
    hub.all(&["done"]).await;
    assert_eq!(names()[1..], ["000002-0002-SF2-job-a-2-2.png", "000003-0003-SF3-job-a-3-2.png"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ran_out_while_the_bridge_was_dead_is_not_printed_on() {
    let bench = bench(Mood::Plain);
    bench.hub.memory().lease = Duration::from_secs(3);
    bench.hub.queue("p", "a", 2);
    bench.dies_at("received").await;
    tokio::time::sleep(Duration::from_millis(3200)).await;
    bench.hub.memory().lease = Duration::from_secs(30);
    let _bridge = bench.setup.start();
    bench.hub.all(&["done"]).await;
    assert!(
        bench.hub.memory().jobs.iter().all(|job| job.attempt == 2),
        "given back as never started, then leased anew"
    );
    assert_eq!(bench.sink.paper(), ["job-a-1", "job-a-2"]);
}

/// Small, seeded, good enough to choose moments.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_no_label_comes_twice_and_none_is_forgotten() {
    const KILLS: usize = 8;
    let bench = bench(Mood::Slow(8));
    // Only kills may raise questions here, not a machine so slow that leases run out.
    bench.hub.memory().lease = Duration::from_secs(600);
    for batch in 0..20 {
        bench.hub.queue("p", &format!("b{batch:02}"), 4);
    }
    let mut dice = Dice(20_261_121);
    for _ in 0..KILLS {
        let bridge = bench.setup.start();
        bridge.says("ready").await;
        tokio::time::sleep(Duration::from_millis(20 + dice.below(180))).await;
        bridge.kill();
    }
    let _bridge = bench.setup.start();
    until("everything but open questions to be printed", || async {
        let memory = bench.hub.memory();
        let asked: Vec<_> = memory.jobs.iter().filter(|job| job.state == "unconfirmed").map(|job| &job.batch).collect();
        let settled = |state: &str| matches!(state, "done" | "sent" | "unconfirmed");
        memory.jobs.iter().all(|job| settled(&job.state) || asked.contains(&&job.batch)).then_some(())
    })
    .await;
    bench.never_twice();
    let questions: Vec<String> =
        bench.hub.memory().jobs.iter().filter(|job| job.state == "unconfirmed").map(|job| job.id.clone()).collect();
    assert!(questions.len() <= KILLS, "at most one label was under way at each kill: {questions:?}");
    for id in &questions {
        bench.hub.requeue_by_hand(id);
    }
    bench.hub.all(&["done", "sent"]).await;
    // `sent` means handed over: the printer may still be reading.
    let ids: Vec<String> = bench.hub.memory().jobs.iter().map(|job| job.id.clone()).collect();
    until("every label to be on paper", || async {
        let paper = bench.sink.paper();
        ids.iter().all(|id| paper.contains(id)).then_some(())
    })
    .await;
    let paper = bench.sink.paper();
    for job in &bench.hub.memory().jobs {
        let times = paper.iter().filter(|id| **id == job.id).count();
        let most = if questions.contains(&job.id) { 2 } else { 1 };
        assert!(times >= 1 && times <= most, "{} came {times} times", job.id);
    }
}
