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
fn a_look_counts_by_printer_and_names_what_is_open_and_what_went_wrong() {
    let (folder, journal) = journal();
    assert_eq!(look(&folder.path().join("nowhere"), 0, 0).unwrap(), None);
    let on = |id: &str, printer: &str| Job { printer: printer.into(), waybill: Some("SF1".into()), ..job(id, 1) };
    journal.receive(&[on("a", "p"), on("b", "p"), on("c", "p"), on("d", "q")]).unwrap();
    let to = |id: &str, phase, why: &str| journal.advance(&[job(id, 1).key()], phase, why).unwrap();
    to("a", Phase::Sending, "");
    to("a", Phase::Done, "");
    to("b", Phase::Sending, "");
    to("b", Phase::Unconfirmed, "the line broke");
    let seen = look(folder.path(), 0, now_ms()).unwrap().unwrap();
    let p = &seen.printers[0];
    assert_eq!((p.waiting, p.sending, p.unconfirmed, p.done_today, p.untold), (1, 0, 1, 1, 2));
    assert_eq!(p.last_error.as_ref().unwrap().why, "the line broke");
    assert_eq!((seen.printers[1].waiting, &seen.printers[1].last_error), (1, &None));
    assert_eq!((seen.questions.len(), seen.questions[0].waybill.as_deref()), (1, Some("SF1")));
    let tomorrow = look(folder.path(), now_ms() + 1, now_ms() + 25 * 3_600_000).unwrap().unwrap();
    assert_eq!((tomorrow.printers[0].done_today, &tomorrow.printers[0].last_error), (0, &None));
}

#[test]
fn a_question_is_open_until_its_answer_is_known() {
    let (folder, journal) = journal();
    journal.receive(&[job("a", 1)]).unwrap();
    let key = [job("a", 1).key()];
    journal.advance(&key, Phase::Sending, "").unwrap();
    journal.advance(&key, Phase::Unconfirmed, "why").unwrap();
    assert!(journal.open_questions().unwrap().is_empty(), "the hub has not heard of it");
    journal.heard(&journal.news(9).unwrap()).unwrap();
    assert_eq!(journal.open_questions().unwrap(), key);
    journal.answered(&key).unwrap();
    assert!(journal.open_questions().unwrap().is_empty());
    assert_eq!(look(folder.path(), 0, now_ms()).unwrap().unwrap().printers[0].unconfirmed, 0);
    assert_eq!(
        journal.receive(&[job("a", 1)]).unwrap(),
        [Received::Seen(Phase::Unconfirmed)],
        "and still answers for it"
    );
}

#[test]
fn ninety_days_of_labels_stay_small_and_older_ones_go() {
    let (folder, journal) = journal();
    for batch in 0..20 {
        let jobs: Vec<Job> = (0..50).map(|n| job(&format!("{batch}-{n}"), 1)).collect();
        let keys: Vec<JobKey> = jobs.iter().map(Job::key).collect();
        journal.receive(&jobs).unwrap();
        journal.advance(&keys, Phase::Sending, "").unwrap();
        journal.advance(&keys, Phase::Done, "the printer says its buffer is empty").unwrap();
        while !journal.news(200).unwrap().is_empty() {
            journal.heard(&journal.news(200).unwrap()).unwrap();
        }
    }
    let size = |journal: &Journal| {
        let connection = journal.connection.lock().unwrap();
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        std::fs::metadata(folder.path().join(FILE)).unwrap().len()
    };
    let full = size(&journal);
    assert!(full < 1000 * 600, "{full} bytes for a thousand labels: 2,000 a day for 90 days stay below 110 MB");
    assert_eq!(journal.forget_before(now_ms() + 1).unwrap(), 1000);
    let jobs: Vec<Job> = (0..900).map(|n| job(&format!("new-{n}"), 1)).collect();
    journal.receive(&jobs).unwrap();
    assert!(size(&journal) <= full * 3 / 2, "what was dropped makes room for what comes");
}
