use super::*;
use crate::protocol::Format;

const LEASE: Duration = Duration::from_secs(60);

fn job(batch: &str, seq: u32) -> Job {
    Job {
        id: format!("{batch}{seq}"),
        attempt: 1,
        lease: format!("lease-{batch}{seq}"),
        lease_until: String::new(),
        printer: "p".into(),
        media: None,
        format: Format::Zpl,
        sha256: String::new(),
        bytes: 1,
        batch: Some(batch.into()),
        seq,
        of: 9,
        fence: 0,
        copy_no: 1,
        waybill: None,
    }
}

fn lane() -> Lane {
    Lane::new("p=discard:".parse().unwrap())
}

fn fill(lane: &Lane, jobs: &[(&str, u32)]) -> Instant {
    let now = Instant::now();
    for (batch, seq) in jobs {
        assert!(lane.push(job(batch, *seq), Some(now + LEASE), now));
        lane.arrived(&job(batch, *seq).key(), Payload::Here(Bytes::new()));
    }
    now
}

/// The order in which jobs would be printed.
fn order(lane: &Lane, now: Instant) -> Vec<String> {
    let mut ids = Vec::new();
    while let Head::Ready(job, _) = lane.head(now) {
        assert!(lane.take(&job.key(), now));
        ids.push(job.id);
    }
    ids
}

#[test]
fn labels_come_out_by_batch_and_sequence_whatever_order_they_came_in() {
    let lane = lane();
    let now = fill(&lane, &[("z", 2), ("a", 2), ("z", 1), ("a", 1), ("z", 3)]);
    assert_eq!(order(&lane, now), ["z1", "z2", "z3", "a1", "a2"], "the older batch first, not the smaller name");
}

#[test]
fn a_label_whose_bytes_are_missing_holds_back_those_behind_it() {
    let lane = lane();
    let now = fill(&lane, &[("a", 2)]);
    lane.push(job("a", 1), Some(now + LEASE), now);
    assert!(matches!(lane.head(now), Head::NotYet));
    lane.arrived(&job("a", 1).key(), Payload::Here(Bytes::new()));
    assert_eq!(order(&lane, now), ["a1", "a2"]);
}

#[test]
fn nothing_starts_on_a_lease_that_has_run_down_or_was_not_renewed() {
    let lane = lane();
    let now = fill(&lane, &[("a", 1)]);
    let late = now + LEASE;
    assert!(matches!(lane.head(late), Head::NotYet));
    assert!(!lane.take(&job("a", 1).key(), late), "it ran down between looking and taking");
    lane.renew("a1", "lease-a1", late + LEASE);
    assert!(matches!(lane.head(late), Head::Ready(..)));
    lane.push(job("b", 1), None, now);
    assert_eq!(lane.earliest_end(), Some(None), "a job from before the restart must be renewed first");
}

#[test]
fn the_same_job_twice_is_one_job() {
    let lane = lane();
    let now = fill(&lane, &[("a", 1)]);
    assert!(lane.push(Job { lease: "new".into(), ..job("a", 1) }, Some(now + LEASE), now));
    let Head::Ready(head, _) = lane.head(now) else { panic!("the bytes are kept") };
    assert_eq!(head.lease, "new");
    assert_eq!(order(&lane, now).len(), 1);
}

#[test]
fn a_stopped_batch_takes_nothing_until_the_hub_knows_and_decides() {
    let lane = lane();
    let now = fill(&lane, &[("a", 2), ("a", 3), ("b", 1)]);
    let cause = job("a", 1).key();
    assert_eq!(lane.stop("a", &cause), [job("a", 2).key(), job("a", 3).key()]);
    assert!(!lane.push(job("a", 4), Some(now + LEASE), now), "leased before the hub knew");
    lane.heard(&[cause], now + Duration::from_secs(1));
    assert!(!lane.push(job("a", 5), Some(now + LEASE), now), "the answer was under way");
    assert!(lane.push(job("a", 2), Some(now + LEASE), now + Duration::from_secs(2)), "now it is the hub's decision");
    assert_eq!(lane.drain(), [job("b", 1).key(), job("a", 2).key()], "other batches go on");
}

#[test]
fn a_lost_lease_takes_out_that_job_only() {
    let lane = lane();
    fill(&lane, &[("a", 1), ("a", 2)]);
    assert_eq!(lane.lost("a1", "older-lease"), None, "a stale answer changes nothing");
    assert_eq!(lane.lost("a1", "lease-a1"), Some(job("a", 1).key()));
    assert_eq!(lane.drain(), [job("a", 2).key()]);
}

#[test]
fn a_new_attempt_replaces_one_that_never_started() {
    let lane = lane();
    fill(&lane, &[("a", 1)]);
    assert_eq!(lane.supersede(&JobKey { id: "a1".into(), attempt: 2 }), [job("a", 1).key()]);
    assert!(!lane.holds(&job("a", 1).key()));
}

#[test]
fn an_offline_printer_takes_one_job_to_try_and_no_more() {
    let lane = lane();
    lane.set_status(PrinterStatus::Offline, Some("no connection"));
    assert_eq!(lane.state().room, PREFETCH);
    fill(&lane, &[("a", 1)]);
    assert_eq!(lane.state().room, 0);
    lane.set_status(PrinterStatus::Ready, None);
    assert_eq!(lane.state().room, PREFETCH - 1);
}
