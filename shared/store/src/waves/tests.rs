use super::*;
use crate::native::Native;
use crate::print::{self, Held, Room};
use crate::{Chance, Keyring, Moment, labels, samples, schema, transaction};
use futures::executor::block_on;
use huidan_domain::{WaveEvent, WaveKind};
use huidan_flow::wave::{Member, Planned};
use std::cell::Cell;

/// Different every time, the same in every run.
#[derive(Default)]
struct Counting(Cell<u64>);
impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0.set(self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
            *byte = self.0.get().to_be_bytes()[0];
        }
    }
}

struct House {
    db: Native,
    chance: Counting,
}

impl House {
    /// `numbered` packages `k1`, `k2`, … with numbers, and a printer.
    async fn new(numbered: u32) -> Self {
        let db = Native::in_memory().unwrap();
        schema::migrate(&db, schema::Which::Main).await.unwrap();
        samples::house(&db).await.unwrap();
        samples::printer(&db, "zpl").await.unwrap();
        let house = Self { db, chance: Counting::default() };
        for n in 1..=numbered {
            house.package(n).await;
            samples::number(&house.db, &format!("w{n}"), &format!("k{n}"), &format!("HD{n:08}")).await.unwrap();
        }
        house
    }

    async fn package(&self, n: u32) {
        let moment = Moment::new(Millis(i64::from(n)), &self.chance);
        let keys = Keyring::derived("k", "receiver");
        samples::package(&self.db, moment, &keys, &format!("k{n}"), "acc", samples::receiver()).await.unwrap();
    }

    fn moment(&self) -> Moment<'_> {
        Moment::new(Millis(1_000_000), &self.chance)
    }

    async fn wave(&self, members: &[u32]) -> Result<String, StoreError> {
        let member = |n: &u32| Member { package: format!("k{n}"), slot: format!("A{n}") };
        let planned = Planned {
            kind: WaveKind::PutWall,
            account: "acc".into(),
            zone: String::new(),
            members: members.iter().map(member).collect(),
        };
        let made = Made { warehouse: "w1", cut_off: None, printer: None, actor: "person-1" };
        let make = async |db: &Native| make(db, self.moment(), made, std::slice::from_ref(&planned)).await;
        Ok(transaction(&self.db, &make).await?.remove(0))
    }

    async fn steer(&self, wave: &str, event: WaveEvent) -> Steered {
        transaction(&self.db, async |db| steer(db, self.moment(), "person-1", wave, event, None).await).await.unwrap()
    }

    /// Draws the label of each of these packages, as flow-book does, whatever order its lanes take.
    async fn draw(&self, numbers: &[u32]) {
        let due = labels::due(&self.db, Millis(2_000_000), "acc", 100).await.unwrap();
        for n in numbers {
            let due = due.iter().find(|due| due.package == format!("k{n}")).unwrap();
            let (wish, printer) = (due.wish.clone().unwrap(), due.printer.clone().unwrap());
            assert_eq!(due.slot, format!("A{n}"), "the slot stands on the label");
            samples::job(&self.db, &format!("j{n}"), &format!("w{n}"), (&wish.batch, wish.seq, wish.of), "sha")
                .await
                .unwrap();
            samples::strict(&self.db, &wish.batch).await.unwrap();
            assert_eq!(printer.id, "p1");
            let done = "UPDATE package SET work = '' WHERE id = ?1";
            self.db.run(done, &[due.package.as_str().into()]).await.unwrap();
            self.db.run("DELETE FROM print_wish WHERE package = ?1", &[due.package.as_str().into()]).await.unwrap();
        }
    }

    async fn waiting(&self) -> Vec<String> {
        let rooms = [Room { printer: "p1".into(), room: 50 }];
        print::waiting(&self.db, "b1", &rooms, &[], 50).await.unwrap()
    }

    async fn one(&self, wave: &str) -> Wave {
        one(&self.db, wave).await.unwrap().unwrap()
    }

    async fn sql(&self, statement: &str) {
        self.db.run(statement, &[]).await.unwrap();
    }
}

fn free() -> Asked<'static> {
    Asked { warehouse: "w1", limit: 100, ..Asked::default() }
}

#[test]
fn a_parcel_is_in_one_open_wave_at_most_whoever_builds() {
    block_on(async {
        let house = House::new(3).await;
        assert_eq!(candidates(&house.db, free()).await.unwrap().len(), 3);
        let first = house.wave(&[1, 2]).await.unwrap();
        let left = candidates(&house.db, free()).await.unwrap();
        assert_eq!(left.iter().map(|parcel| parcel.package.as_str()).collect::<Vec<_>>(), ["k3"]);
        assert!(matches!(house.wave(&[2, 3]).await, Err(StoreError::Constraint(_))));
        assert_eq!(house.steer(&first, WaveEvent::Close).await, Steered::Done(Default::default()));
        house.wave(&[2, 3]).await.expect("a closed wave lets its parcels go");
    });
}

#[test]
fn what_is_held_cancelled_refunded_or_on_paper_gets_into_no_wave() {
    block_on(async {
        let house = House::new(5).await;
        for statement in [
            "INSERT INTO hold (order_id, handle, reason, detail, at)
             SELECT order_id, 'h', 'person', '', 0 FROM package_order WHERE package = 'k1'",
            "UPDATE orders SET channel_state = 'cancelled' WHERE id IN (
                 SELECT order_id FROM package_order WHERE package = 'k2')",
            "UPDATE order_line SET refund_state = 'asked' WHERE id IN (
                 SELECT order_line FROM package_line WHERE package = 'k3')",
        ] {
            house.sql(statement).await;
        }
        samples::job(&house.db, "j4", "w4", ("w4", 1, 1), "sha").await.unwrap();
        let free = candidates(&house.db, free()).await.unwrap();
        assert_eq!(free.iter().map(|parcel| parcel.package.as_str()).collect::<Vec<_>>(), ["k5"]);
    });
}

#[test]
fn waves_built_together_print_in_the_order_in_which_they_were_built() {
    block_on(async {
        let house = House::new(4).await;
        let planned = [1, 2, 3, 4].map(|n| Planned {
            kind: WaveKind::SinglePiece,
            account: "acc".into(),
            zone: String::new(),
            members: vec![Member { package: format!("k{n}"), slot: String::new() }],
        });
        let made = Made { warehouse: "w1", cut_off: None, printer: None, actor: "person-1" };
        let make = async |db: &Native| make(db, house.moment(), made, &planned).await;
        let batches = transaction(&house.db, &make).await.unwrap();
        assert!(batches.is_sorted(), "batches are printed by their ids: {batches:?}");
    });
}

#[test]
fn who_waits_for_waves_no_longer_draws_what_is_in_none() {
    block_on(async {
        let house = House::new(3).await;
        house.wave(&[1]).await.unwrap();
        samples::job(&house.db, "j2", "w2", ("w2", 1, 1), "sha").await.unwrap();
        for wait in [true, false] {
            let lanes = async |db: &Native| labels_wait(db, house.moment(), "person-1", "w1", wait).await;
            let lanes = transaction(&house.db, &lanes).await.unwrap().unwrap();
            assert_eq!(lanes.len(), usize::from(!wait));
        }
        let due = labels::due(&house.db, Millis(2_000_000), "acc", 9).await.unwrap();
        assert_eq!(due.iter().map(|due| due.package.as_str()).collect::<Vec<_>>(), ["k3"]);
    });
}

#[test]
fn what_is_held_refunded_or_cancelled_falls_out_and_its_slot_stays_empty() {
    block_on(async {
        let house = House::new(5).await;
        let wave = house.wave(&[1, 2, 3, 4, 5]).await.unwrap();
        house.steer(&wave, WaveEvent::Print).await;
        house.draw(&[1, 2, 3, 4]).await;
        house
            .sql(
                "INSERT INTO hold (order_id, handle, reason, detail, at)
                 SELECT order_id, 'h', 'person', '', 0 FROM package_order WHERE package = 'k1'",
            )
            .await;
        house.sql("UPDATE package SET status = 'cancelled' WHERE id = 'k2'").await;
        house
            .sql(
                "UPDATE order_line SET refund_state = 'asked' WHERE id IN (
                     SELECT order_line FROM package_line WHERE package IN ('k3', 'k5'))",
            )
            .await;
        // Even before anybody looks, a held parcel gets no paper.
        assert!(!house.waiting().await.contains(&"j1".to_owned()));
        assert_eq!(tend(&house.db, house.moment()).await, Ok(4));
        assert_eq!(tend(&house.db, house.moment()).await, Ok(0), "nothing is written twice");
        let seen = house.one(&wave).await;
        let out: Vec<(&str, &str, &str)> = seen
            .members
            .iter()
            .map(|member| (member.slot.as_str(), member.package.as_str(), member.left_out.as_str()))
            .collect();
        let wanted = [
            ("A1", "k1", "held"),
            ("A2", "k2", "cancelled"),
            ("A3", "k3", "refund"),
            ("A4", "k4", ""),
            ("A5", "k5", "refund"),
        ];
        assert_eq!(out, wanted);
        assert_eq!((seen.counts.parcels, seen.counts.left_out), (1, 4));
        assert_eq!(house.waiting().await, ["j4"], "what fell out is not printed");
        assert!(labels::due(&house.db, Millis(2_000_000), "acc", 9).await.unwrap().is_empty(), "nor drawn");
        let sheets = sheets(&house.db, &wave).await.unwrap().unwrap();
        assert_eq!(sheets.empty, ["A1", "A2", "A3", "A5"]);
        // Released, it may go with another wave: what was queued was never started.
        house.sql("DELETE FROM hold").await;
        let free: Vec<String> =
            candidates(&house.db, free()).await.unwrap().into_iter().map(|parcel| parcel.package).collect();
        assert_eq!(free, ["k1"]);
    });
}

#[test]
fn a_stopped_wave_starts_nothing_more_and_goes_on_with_what_was_not_printed() {
    block_on(async {
        let house = House::new(3).await;
        let wave = house.wave(&[1, 2, 3]).await.unwrap();
        assert_eq!(house.steer(&wave, WaveEvent::Stop).await, Steered::Conflict(huidan_domain::WaveState::Planned));
        house.steer(&wave, WaveEvent::Print).await;
        house.draw(&[1, 2, 3]).await;
        let moment = house.moment();
        let first = print::claim(&house.db, moment, "b1", &["j1".to_owned(), "j2".to_owned()]).await.unwrap();
        let held: Vec<Held> = first.iter().map(|job| Held { id: job.id.clone(), lease: job.lease.clone() }).collect();
        house.steer(&wave, WaveEvent::Stop).await;
        assert!(house.waiting().await.is_empty(), "neither what waits nor what a lost answer carried");
        let stopped = print::stopped(&house.db, &held).await.unwrap();
        assert_eq!(stopped.len(), 2, "what the bridge holds is asked back");
        // The bridge had sent the first; it gives the second back.
        let line = |held: &Held, phase| print::Line {
            id: held.id.clone(),
            lease: held.lease.clone(),
            phase,
            detail: String::new(),
        };
        let lines = [line(&held[0], print::Phase::Done), line(&held[1], print::Phase::NeverStarted)];
        transaction(&house.db, async |db| print::report(db, moment, "b1", &lines).await).await.unwrap();
        assert!(house.waiting().await.is_empty());
        house.steer(&wave, WaveEvent::Resume).await;
        assert!(
            labels::due(&house.db, Millis(2_000_000), "acc", 9).await.unwrap().is_empty(),
            "nothing is drawn twice"
        );
        assert_eq!(house.waiting().await, ["j2", "j3"]);
        assert_eq!(house.one(&wave).await.counts.printed, 1);
    });
}

#[test]
fn labels_leave_in_the_order_of_the_wave_however_they_were_drawn_and_numbered() {
    block_on(async {
        let house = House::new(3).await;
        house.package(4).await;
        // The fourth has no number yet, and the third's lane is slower.
        let wave = house.wave(&[1, 4, 2, 3]).await.unwrap();
        house.steer(&wave, WaveEvent::Print).await;
        house.draw(&[1, 3]).await;
        assert_eq!(house.waiting().await, ["j1"], "the last one waits for those before it");
        house.draw(&[2]).await;
        assert_eq!(house.waiting().await, ["j1"], "nor is a number waited for past its place");
        samples::number(&house.db, "w4", "k4", "HD00000004").await.unwrap();
        house.sql("UPDATE package SET work = 'render' WHERE id = 'k4'").await;
        assert_eq!(house.waiting().await, ["j1"]);
        house.draw(&[4]).await;
        assert_eq!(house.waiting().await, ["j1", "j4", "j2", "j3"]);
        let rooms = [Room { printer: "p1".into(), room: 2 }];
        let first = print::waiting(&house.db, "b1", &rooms, &[], 50).await.unwrap();
        assert_eq!(first, ["j1", "j4"], "and where there is room for two, the first two");
    });
}

#[test]
fn a_wave_is_over_when_all_of_it_is_packed() {
    block_on(async {
        let house = House::new(2).await;
        let wave = house.wave(&[1, 2]).await.unwrap();
        house.steer(&wave, WaveEvent::Print).await;
        house.sql("UPDATE package SET status = 'verified' WHERE id = 'k1'").await;
        assert_eq!(tend(&house.db, house.moment()).await, Ok(0));
        house.sql("UPDATE package SET status = 'handed_over' WHERE id = 'k2'").await;
        assert_eq!(tend(&house.db, house.moment()).await, Ok(1));
        let seen = house.one(&wave).await;
        assert_eq!((seen.state.as_str(), seen.counts.verified), ("done", 2));
        assert_eq!(house.steer(&wave, WaveEvent::Print).await, Steered::Conflict(huidan_domain::WaveState::Done));
    });
}

#[test]
fn a_list_is_queued_once_for_each_copy() {
    block_on(async {
        let house = House::new(1).await;
        let wave = house.wave(&[1]).await.unwrap();
        let printer = printer(&house.db, "w1", None).await.unwrap().unwrap();
        let paper = |page: u32| PaperJob { subject: format!("{wave}/{page}"), sha: "sha".into(), bytes: 3 };
        let papers = [paper(1), paper(2)];
        let queue = async |copy: u32| {
            let what = (wave.as_str(), "pick_list", copy);
            transaction(&house.db, async |db| {
                queue_papers(db, house.moment(), "person-1", what, &printer, &papers).await
            })
            .await
            .unwrap()
        };
        assert_eq!((queue(1).await, queue(1).await, queue(2).await), (2, 0, 2));
    });
}
