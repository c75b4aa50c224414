use super::*;
use crate::protocol::Format;

fn job(id: &str, attempt: u32) -> Job {
    Job {
        id: id.into(),
        attempt,
        lease: format!("lease-{id}-{attempt}"),
        lease_until: "2026-11-21T08:00:00Z".into(),
        printer: "p".into(),
        media: None,
        format: Format::Zpl,
        sha256: "00".into(),
        bytes: 1,
        batch: None,
        seq: 0,
        of: 0,
        fence: 0,
        copy_no: 1,
        waybill: None,
    }
}

fn journal() -> (tempfile::TempDir, Arc<Journal>) {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), "http://hub").unwrap();
    (folder, journal)
}

fn phases(journal: &Journal) -> Vec<(String, Phase)> {
    journal.news(100).unwrap().into_iter().map(|news| (news.key.to_string(), news.report.phase)).collect()
}

#[test]
fn a_commit_is_synced_to_disk_before_it_returns() {
    let (_folder, journal) = journal();
    let connection = journal.connection.lock().unwrap();
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(pragma("journal_mode"), "wal");
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    assert_eq!(synchronous, 2, "2 is FULL");
}

#[test]
fn a_job_seen_before_keeps_its_phase_and_is_told_again_under_the_new_lease() {
    let (_folder, journal) = journal();
    let key = job("a", 1).key();
    assert_eq!(journal.receive(&[job("a", 1)]).unwrap(), [Received::New]);
    journal.advance(std::slice::from_ref(&key), Phase::Sending, "").unwrap();
    journal.advance(&[key], Phase::Done, "").unwrap();
    journal.heard(&journal.news(9).unwrap()).unwrap();
    assert!(phases(&journal).is_empty());
    let again = Job { lease: "other".into(), ..job("a", 1) };
    assert_eq!(journal.receive(&[again]).unwrap(), [Received::Seen(Phase::Done)]);
    let news = journal.news(9).unwrap();
    assert_eq!((news[0].report.lease.as_str(), news[0].report.phase), ("other", Phase::Done));
}

#[test]
fn the_next_attempt_of_a_job_is_another_job() {
    let (_folder, journal) = journal();
    journal.receive(&[job("a", 1)]).unwrap();
    assert_eq!(journal.receive(&[job("a", 2)]).unwrap(), [Received::New]);
}

#[test]
fn an_illegal_move_changes_nothing() {
    let (_folder, journal) = journal();
    let key = [job("a", 1).key()];
    journal.receive(&[job("a", 1)]).unwrap();
    assert!(journal.advance(&key, Phase::Done, "").unwrap().is_empty());
    assert_eq!(journal.give_back(&key, "never started").unwrap(), key);
    assert!(journal.advance(&key, Phase::Sending, "").unwrap().is_empty(), "a job given back is never started");
    assert!(journal.news(9).unwrap()[0].report.requeue);
}

#[test]
fn only_what_the_hub_has_not_heard_is_news_and_a_later_phase_is_news_again() {
    let (_folder, journal) = journal();
    let key = [job("a", 1).key()];
    journal.receive(&[job("a", 1)]).unwrap();
    assert!(phases(&journal).is_empty(), "the hub knows what it leased");
    journal.advance(&key, Phase::Sending, "").unwrap();
    let told = journal.news(9).unwrap();
    journal.advance(&key, Phase::Sent, "").unwrap();
    journal.heard(&told).unwrap();
    assert_eq!(phases(&journal), [("a#1".to_owned(), Phase::Sent)]);
}

#[test]
fn after_a_restart_unfinished_jobs_are_found_in_the_order_they_came() {
    let (folder, journal) = journal();
    journal.receive(&["c", "a", "b", "d"].map(|id| job(id, 1))).unwrap();
    journal.advance(&[job("c", 1).key()], Phase::Sending, "").unwrap();
    journal.give_back(&[job("d", 1).key()], "").unwrap();
    drop(journal);
    let journal = Journal::open(folder.path(), "http://hub").unwrap();
    let left: Vec<_> = journal.leftovers().unwrap().into_iter().map(|left| (left.job.id, left.phase)).collect();
    let expected =
        [("c", Phase::Sending), ("a", Phase::Received), ("b", Phase::Received)].map(|(id, p)| (id.to_owned(), p));
    assert_eq!(left, expected);
}

#[test]
fn hubs_do_not_see_each_others_jobs() {
    let (folder, journal) = journal();
    journal.receive(&[job("a", 1)]).unwrap();
    let other = Journal::open(folder.path(), "http://other").unwrap();
    assert!(other.leftovers().unwrap().is_empty());
    assert_eq!(other.receive(&[job("a", 1)]).unwrap(), [Received::New]);
}

#[test]
fn old_jobs_are_forgotten_but_not_unheard_news() {
    let (_folder, journal) = journal();
    journal.receive(&[job("a", 1), job("b", 1)]).unwrap();
    journal.give_back(&[job("a", 1).key()], "").unwrap();
    journal.heard(&journal.news(9).unwrap()).unwrap();
    journal.give_back(&[job("b", 1).key()], "").unwrap();
    assert_eq!(journal.forget_before(now_ms() + 1).unwrap(), 1);
    assert_eq!(phases(&journal), [("b#1".to_owned(), Phase::Failed)]);
}

#[test]
fn the_glance_counts_by_printer_and_phase() {
    let (folder, journal) = journal();
    assert_eq!(glance(&folder.path().join("nowhere")).unwrap(), None);
    journal.receive(&[job("a", 1), job("b", 1)]).unwrap();
    journal.give_back(&[job("a", 1).key()], "").unwrap();
    let lines = glance(folder.path()).unwrap().unwrap();
    let lines: Vec<_> = lines.iter().map(|line| (line.phase, line.jobs, line.unreported)).collect();
    assert_eq!(lines, [(Phase::Failed, 1, 1), (Phase::Received, 1, 0)]);
}
