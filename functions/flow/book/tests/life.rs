//! What becomes of numbers that are not used: given back, counted again, argued about, swept and shown.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]
#![allow(unreachable_pub, dead_code, reason = "the house is shared by several tests")]

mod house;

use house::{House, Say, failure};
use huidan_domain::WaybillNo;
use huidan_store::schema::Which;
use huidan_store::waybills::{self, SettledAs};
use huidan_store::{Db, StoreError, transaction};
use huidan_testkit::world::block_on;
use huidan_wire::api::{UnusedWaybills, WaybillOutcome};
use huidan_world::World;
use serde_json::json;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

impl House {
    async fn run(&self, statement: &str) {
        self.world.connection(Which::Main).run(statement, &[]).await.unwrap();
    }

    async fn one(&self, statement: &str) -> i64 {
        self.world.connection(Which::Main).run(statement, &[]).await.unwrap().first().unwrap().int(0).unwrap()
    }

    /// The states of all numbers, by package and attempt.
    async fn states(&self) -> Vec<String> {
        self.waybills().await.into_iter().map(|waybill| waybill.state).collect()
    }

    async fn sweep(&self) {
        self.world.wake("flow-book", "sweep/numbers");
        self.world.settle().await;
    }

    async fn unused(&self) -> UnusedWaybills {
        let now = self.world.moment().now;
        self.world.main(async |db| waybills::unused(db, now).await).await.unwrap()
    }

    async fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.unused().await.items.into_iter().map(|number| number.kind).collect();
        kinds.sort();
        kinds
    }

    async fn write<T>(
        &self,
        work: impl AsyncFn(&<huidan_testkit::world::TestWorld as World>::Db) -> Result<T, StoreError>,
    ) -> T {
        self.world.main(async |db| transaction(db, &work).await).await.unwrap()
    }

    async fn cancel(&self, package: &str) {
        let moment = self.world.moment();
        let lanes =
            self.write(async |db| huidan_store::plan::cancel_packages(db, moment, [package].into_iter()).await).await;
        assert_eq!(lanes.len(), 1);
        self.wake().await;
    }

    async fn void(&self, package: &str) {
        let asked = json!({ "package": package, "actor": "person-1" });
        assert_eq!(self.world.post("flow-book", "/void", &asked).await.status(), 200);
    }

    async fn settle(&self, waybill: &str, outcome: WaybillOutcome) -> SettledAs {
        let moment = self.world.moment();
        self.write(async |db| waybills::settle_dispute(db, moment, "person-1", waybill, (outcome, "")).await).await
    }
}

#[test]
fn a_number_that_was_given_back_is_counted_again_on_the_carriers_day_and_may_be_given_out_again() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.carrier.borrow_mut().one_number = true;
        house.wake().await;
        house.cancel("k001").await;
        assert_eq!(house.states().await, ["voided"]);
        house.world.pass(14 * DAY).await;
        house.sweep().await;
        assert_eq!(house.states().await, ["voided"], "not before its fifteen days are over");
        house.world.pass(2 * DAY).await;
        house.sweep().await;
        assert_eq!(house.states().await, ["reclaimed"]);
        house.package("k002", huidan_store::samples::receiver()).await;
        house.wake().await;
        assert_eq!(house.states().await, ["reclaimed", "issued"], "the same number, another life");
    });
}

#[test]
fn a_number_of_a_carrier_that_counts_none_again_is_money_lost() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.run("UPDATE carrier_account SET number_fen = 35, reclaim_days = NULL").await;
        house.wake().await;
        house.run("UPDATE package SET status = 'cancelled', work = 'void'").await;
        house.wake().await;
        house.run("UPDATE waybill SET reclaim_at = NULL").await;
        let account = house.unused().await.accounts.remove(0);
        assert_eq!((account.unused, account.lost, account.lost_fen), (0, 1, Some(35)));
    });
}

#[test]
fn a_refused_number_is_a_persons_and_its_end_frees_the_package() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.run("UPDATE carrier_account SET number_fen = 35").await;
        house.wake().await;
        house.carrier.borrow_mut().cancel_says = Some(failure("rejected"));
        house.void("k001").await;
        assert_eq!(house.states().await, ["void_wanted"], "marked before anybody is asked");
        house.world.settle().await;
        assert_eq!(house.states().await, ["void_refused"]);
        let seen = house.unused().await;
        assert_eq!((seen.items[0].kind.as_str(), seen.items[0].price_fen), ("disputed", Some(35)));
        assert!(seen.items[0].reason.contains("the carrier says rejected"), "{seen:?}");
        assert_eq!((seen.accounts[0].disputed, seen.accounts[0].open_fen), (1, Some(35)));
        house.world.pass(HOUR).await;
        house.sweep().await;
        assert_eq!(house.states().await, ["dispute"]);
        assert_eq!(house.one("SELECT count(*) FROM news WHERE topic = 'waybill.disputed'").await, 1, "told once");
        let waybill = house.waybills().await.remove(0).id;
        assert_eq!(house.settle(&waybill, WaybillOutcome::Credited).await, SettledAs::Done);
        assert_eq!(house.settle(&waybill, WaybillOutcome::Credited).await, SettledAs::Already);
        assert!(house.kinds().await.is_empty());
        let moment = house.world.moment();
        let lane = house.write(async |db| waybills::want_number(db, moment, "k001", "person-1").await).await;
        assert_eq!(lane.as_deref(), Some("acc"));
        house.wake().await;
        assert_eq!(house.states().await, ["dispute", "issued"], "the package has another number");
        let second = house.waybills().await.remove(1).id;
        assert_eq!(house.settle(&second, WaybillOutcome::Lost).await, SettledAs::NoDispute);
    });
}

#[test]
fn a_refused_number_that_the_carrier_scanned_is_in_dispute_at_once() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.wake().await;
        house.carrier.borrow_mut().cancel_says = Some(failure("rejected"));
        house
            .run(
                "INSERT INTO scan (number, key, account, at, kind, code, text, place, received_at, used)
                 SELECT number, 'k', 'acc', 0, 'other', '', '', '', 0, 1 FROM waybill",
            )
            .await;
        house.void("k001").await;
        house.world.settle().await;
        assert_eq!(house.states().await, ["dispute"]);
    });
}

#[test]
fn a_dead_number_that_nobody_is_at_is_swept_once_and_not_before_its_time() {
    block_on(async {
        let house = House::new("query", 2).await;
        house.wake().await;
        house.sweep().await;
        // As if the word that it is to go back had been lost.
        house.run("UPDATE package SET status = 'cancelled', work = '' WHERE id = 'k001'").await;
        house.world.pass(2 * DAY).await;
        house.sweep().await;
        assert_eq!(house.states().await, ["issued", "issued"], "48 hours are not 72");
        house.world.pass(26 * HOUR).await;
        assert_eq!(house.kinds().await, ["dead", "idle"]);
        house.sweep().await;
        assert_eq!(house.states().await, ["voided", "issued"], "and the living package keeps its number");
        house.sweep().await;
        assert_eq!(house.carrier.borrow().taken_back.len(), 1);
        assert_eq!(house.one("SELECT count(*) FROM number_sweep").await, 3, "one for each day");
        assert_eq!(house.one("SELECT count(*) FROM news WHERE topic = 'waybill.idle'").await, 1);
        assert_eq!(house.kinds().await, ["idle"]);
    });
}

#[test]
fn a_sweep_waits_for_the_warehouses_own_night() {
    block_on(async {
        let house = House::new("query", 1).await;
        // 16:00 in Hangzhou; a house that was never swept is swept at once.
        let swept = async || {
            house.sweep().await;
            house.one("SELECT count(*) FROM number_sweep").await
        };
        assert_eq!(swept().await, 1);
        house.world.pass(8 * HOUR + HOUR / 2).await;
        assert_eq!(swept().await, 1, "half past midnight");
        house.world.pass(HOUR).await;
        assert_eq!(swept().await, 2, "half past one");
        house.world.pass(20 * HOUR).await;
        assert_eq!(swept().await, 2, "in the evening");
        house.run("UPDATE warehouse SET zone = '-05:00'").await;
        assert_eq!(swept().await, 2, "the morning of a day that was swept");
        house.world.pass(26 * HOUR).await;
        assert_eq!(swept().await, 3, "a house that was off at night is swept by day");
    });
}

#[test]
fn what_exists_and_is_not_shown_is_never_claimed_anew_but_left_to_a_person_after_a_day() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.carrier.borrow_mut().next.push_back(Say::Exists);
        house.carrier.borrow_mut().hides = true;
        house.wake().await;
        let mut looks = 0;
        for _ in 0..3 * 24 {
            house.world.pass(HOUR / 3).await;
            house.wake().await;
            looks += 1;
        }
        let seen = house.waybills().await;
        assert_eq!((seen.len(), seen[0].state.as_str()), (1, "calling"), "{looks} looks");
        house.minutes(10).await;
        assert!(house.packages().await[0].waits_for.contains("look it up at the carrier"));
        assert_eq!(house.carrier.borrow().given.len(), 1, "one number was charged");
        let number = WaybillNo::parse(house.carrier.borrow().given.values().next().unwrap()).unwrap();
        let moment = house.world.moment();
        house.write(async |db| waybills::answer(db, moment, "person-1", &seen[0].id, Some(number.clone())).await).await;
        house.wake().await;
        assert_eq!((house.states().await, house.jobs().await.len()), (vec!["issued".to_owned()], 1));
    });
}

#[test]
fn what_exists_and_is_shown_a_little_later_is_taken() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.carrier.borrow_mut().next.push_back(Say::Exists);
        house.carrier.borrow_mut().hides = true;
        house.wake().await;
        house.minutes(20).await;
        house.carrier.borrow_mut().hides = false;
        house.minutes(10).await;
        assert_eq!(house.states().await, ["issued"]);
        assert_eq!(house.carrier.borrow().given.len(), 1);
    });
}

#[test]
fn a_balance_that_lost_more_than_was_taken_is_an_alarm_and_one_that_does_not_last_is_another() {
    block_on(async {
        let house = House::new("query", 0).await;
        let ask = async |left: u64| {
            house.carrier.borrow_mut().balance = Some(left);
            house.world.pass(HOUR).await;
            let answer = house.world.post("flow-book", "/balance", &json!({ "account": "acc" })).await;
            assert_eq!(answer.status(), 200);
            let now = house.world.moment().now;
            let numbers = house.world.main(async |db| waybills::numbers(db, now, "acc").await).await.unwrap().unwrap();
            let alarms: Vec<String> = numbers.alarms.into_iter().map(|alarm| alarm.id).collect();
            (numbers.looks[0].expected, numbers.looks[0].difference, numbers.looks[0].reclaimed, alarms)
        };
        assert_eq!(ask(100).await, (None, None, 0, Vec::new()), "the first look has nothing to compare with");
        for package in ["k001", "k002", "k003"] {
            house.package(package, huidan_store::samples::receiver()).await;
        }
        house.wake().await;
        assert_eq!(ask(97).await, (Some(97), Some(0), 0, Vec::new()));
        assert_eq!(ask(90).await, (Some(97), Some(-7), 0, vec!["missing".to_owned()]));
        assert_eq!(ask(90).await, (Some(90), Some(0), 0, Vec::new()), "it is told once and over with the next look");
        assert_eq!(ask(500).await, (Some(90), Some(410), 0, Vec::new()), "some were bought");
        // Two are given back; the carrier counts one of them again.
        house.run("UPDATE carrier_account SET reclaim_days = 0").await;
        house.cancel("k001").await;
        house.cancel("k002").await;
        assert_eq!(ask(501).await, (Some(501), Some(0), 1, Vec::new()));
        assert_eq!(house.states().await, ["reclaimed", "voided", "issued"]);
        assert_eq!(ask(4).await.3, ["low", "missing"]);
        assert_eq!(house.one("SELECT count(*) FROM news WHERE topic LIKE 'waybill.balance%'").await, 3);
    });
}
