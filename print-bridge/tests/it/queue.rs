//! Queues: spooled is not printed, and whatever a queue says, no label goes to it twice.

use std::time::Duration;

use crate::support::{
    bridge::{Bridge, Setup},
    hub::{CODE, Hub, zpl},
    queue::{Fate, Shared, paper, queue, target},
    until,
};

struct Bench {
    hub: Hub,
    queue: Shared,
    setup: Setup,
    _folder: tempfile::TempDir,
}

async fn bench(fate: Fate, query: &str) -> Bench {
    let (hub, queue, folder) = (Hub::new(), queue(fate).await, tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &[&format!("p={}{query}", target(&queue))]);
    assert!(setup.pair(CODE).status.success());
    Bench { hub, queue, setup, _folder: folder }
}

impl Bench {
    fn queue_three(&self) {
        for seq in 1..=3 {
            self.hub.queue_one("p", "a", (seq, 3), "zpl", zpl(&format!("job-a-{seq}"), 50_000));
        }
    }

    async fn dies_at(&self, step: &str) {
        let mut bridge: Bridge = self.setup.start_dying_at(step);
        assert!(!bridge.ended().await.success(), "the failpoint {step} was not reached: {}", bridge.log());
    }

    /// How often a label was taken, whole or cut.
    fn begun(&self, job: &str) -> usize {
        let marked = format!("^FX{job};").into_bytes();
        paper(&self.queue).iter().filter(|bytes| bytes.windows(marked.len()).any(|part| part == marked)).count()
    }

    fn whole(&self, seq: u32) -> bool {
        paper(&self.queue).contains(&zpl(&format!("job-a-{seq}"), 50_000))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_label_is_a_job_taken_byte_for_byte_and_done_when_the_queue_has_completed_it() {
    let bench = bench(Fate::Completes(150), "").await;
    bench.queue_three();
    let bridge = bench.setup.start();
    bench.hub.all(&["done"]).await;
    let jobs = bench.queue.lock().unwrap().jobs.clone();
    let expected: Vec<_> = (1..=3).map(|seq| zpl(&format!("job-a-{seq}"), 50_000)).collect();
    assert_eq!(jobs.iter().map(|job| job.bytes.clone()).collect::<Vec<_>>(), expected);
    assert_eq!((jobs[0].name.as_str(), jobs[0].format.as_str()), ("huidan-job-a-1-1", "application/vnd.zebra-zpl"));
    assert!(bench.hub.job("job-a-1").detail.contains("completed"));
    drop(bridge);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_queue_never_started_failed_and_what_it_may_have_printed_is_a_question() {
    for (fate, state) in [
        (Fate::Aborted { never_started: true }, "failed"),
        (Fate::Aborted { never_started: false }, "unconfirmed"),
        (Fate::Refused(0x040a), "failed"),
        (Fate::Refused(0x0500), "unconfirmed"),
    ] {
        let bench = bench(fate, "?timeout=1").await;
        bench.queue_three();
        let _bridge = bench.setup.start();
        bench.hub.becomes("job-a-1", state).await;
        bench.hub.becomes("job-a-2", "queued").await;
        assert!(paper(&bench.queue).len() <= 1, "{fate:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_paper_the_label_waits_in_the_queue_and_the_hub_knows_why() {
    let bench = bench(Fate::Stays, "?timeout=1").await;
    bench.queue_three();
    let _bridge = bench.setup.start();
    until("the queue to have it", || async { (!paper(&bench.queue).is_empty()).then_some(()) }).await;
    bench.queue.lock().unwrap().reason = "media-empty-error";
    until("the hub to know why", || async {
        let detail = bench.hub.memory().printers[0]["detail"].as_str().unwrap_or_default().to_owned();
        detail.contains("缺纸").then_some(())
    })
    .await;
    assert_eq!((paper(&bench.queue).len(), bench.hub.job("job-a-1").state.as_str()), (1, "sent"));
    {
        let mut queue = bench.queue.lock().unwrap();
        (queue.fate, queue.reason) = (Fate::Completes(0), "none");
    }
    bench.hub.all(&["done"]).await;
    assert_eq!(paper(&bench.queue).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_whose_printer_is_out_of_paper_gets_nothing() {
    let bench = bench(Fate::Completes(0), "").await;
    bench.queue.lock().unwrap().reason = "media-jam";
    bench.queue_three();
    let _bridge = bench.setup.start();
    until("the hub to see it", || async { (bench.hub.memory().printers[0]["status"] == "offline").then_some(()) })
        .await;
    assert!(paper(&bench.queue).is_empty());
    bench.queue.lock().unwrap().reason = "none";
    bench.hub.all(&["done"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_step_no_label_goes_to_the_queue_twice() {
    for (step, second) in
        [("received", "done"), ("sending:2", "unconfirmed"), ("mid-bytes:2", "unconfirmed"), ("sent:2", "sent")]
    {
        let bench = bench(Fate::Completes(0), "").await;
        bench.queue_three();
        bench.dies_at(step).await;
        let _bridge = bench.setup.start();
        bench.hub.becomes("job-a-2", second).await;
        if second == "unconfirmed" {
            bench.hub.becomes("job-a-3", "queued").await;
            assert!(bench.begun("job-a-2") == 0, "{step}: half a request is no job");
            bench.hub.requeue_by_hand("job-a-2");
        }
        bench.hub.all(&["done", "sent"]).await;
        for seq in 1..=3 {
            assert_eq!((bench.begun(&format!("job-a-{seq}")), bench.whole(seq)), (1, true), "{step}: {seq}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_queue_answers_it_asks_a_person_and_sends_no_more_of_it() {
    let bench = bench(Fate::Mute, "").await;
    bench.queue_three();
    let bridge = bench.setup.start();
    until("the queue to have it", || async { (!paper(&bench.queue).is_empty()).then_some(()) }).await;
    bridge.kill();
    bench.queue.lock().unwrap().fate = Fate::Completes(0);
    let _bridge = bench.setup.start();
    bench.hub.becomes("job-a-1", "unconfirmed").await;
    bench.hub.becomes("job-a-2", "queued").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(paper(&bench.queue).len(), 1);
}
