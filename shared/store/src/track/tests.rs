#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's report")]

use super::*;
use crate::native::Native;
use crate::{Chance, Moment, schema, transaction};
use futures::executor::block_on;
use std::cell::Cell;

mod scans;

struct Dice(Cell<u64>);
impl Chance for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0.set(self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
            *byte = self.0.get().to_le_bytes()[6];
        }
    }
}

const HOUR: i64 = 3_600_000;

/// A house with parcels handed over at hour 0 to a carrier `x`, from Hangzhou to Guangzhou.
struct House {
    db: Native,
    dice: Dice,
    scans: Cell<u32>,
}

impl House {
    fn new(parcels: usize) -> Self {
        let db = Native::in_memory().unwrap();
        block_on(async {
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            for statement in [
                "INSERT INTO shop (id, channel, name, mode, environment, created_at)
                 VALUES ('s1', 'own-shop', 'S', 'live', 'live', 0)",
                r#"INSERT INTO warehouse (id, name, position, sender)
                 VALUES ('w1', 'W', 0, '{"province":"浙江省","city":"杭州市","phone":"13800100001"}')"#,
                "INSERT INTO carrier_account (id, carrier, name, environment, position) VALUES ('c1', 'x', 'X', 'live', 0)",
                "INSERT INTO carrier_account (id, carrier, name, environment, position) VALUES ('k1', 'k', 'K', 'live', 1)",
            ] {
                db.run(statement, &[]).await.unwrap();
            }
        });
        let house = Self { db, dice: Dice(Cell::new(7)), scans: Cell::default() };
        (0..parcels).for_each(|n| house.parcel(n, "handed_over"));
        house
    }

    fn run(&self, statement: &str) {
        block_on(self.db.run(statement, &[])).unwrap();
    }

    fn parcel(&self, n: usize, status: &str) {
        self.run(&format!(
            "INSERT INTO orders (id, shop, channel, ext_id, number, version_at, version_hash, status, pay_state,
                 channel_state, review_state, refund_state, placed_at, total_minor, currency, receiver, receiver_hash,
                 country, province, city, district, encrypted, buyer_remark, seller_remark, created_at, updated_at)
             VALUES ('o{n}', 's1', 'own-shop', 'e{n}', 'n{n}', 0, '', 'shipped', 'paid', 'open', 'auto_ok', 'none', 0, 1,
                 'CNY', x'', x'', 'CN', '广东省', '广州市', '天河区', 0, '', '', 0, 0)"
        ));
        self.run(&format!(
            "INSERT INTO package (id, shop, channel, warehouse, account, service, status, weight_g, waybill, receiver_hash,
                 trace, created_at, updated_at)
             VALUES ('p{n}', 's1', 'own-shop', 'w1', 'c1', '', '{status}', 500, 'b{n}', x'', '[]', 0, 0)"
        ));
        self.run(&format!("INSERT INTO package_order (package, order_id) VALUES ('p{n}', 'o{n}')"));
        self.run(&format!(
            "INSERT INTO waybill (id, package, attempt, fence, account, carrier, claim, state, number, claimed_at, issued_at)
             VALUES ('b{n}', 'p{n}', 1, 1, 'c1', 'x', 'q{n}', 'handed_over', 'NO{n:06}', 0, 0)"
        ));
    }

    fn at(&self, hours: i64) -> Moment<'_> {
        Moment::new(Millis(hours * HOUR), &self.dice)
    }

    /// A scan of parcel `n`, heard of through an account of `carrier` when it happens.
    fn heard(&self, carrier: &str, n: usize, kind: &str, hours: i64, place: &str) {
        self.scans.set(self.scans.get() + 1);
        let scan = NewScan {
            number: format!("NO{n:06}"),
            key: format!("k{}", self.scans.get()),
            account: if carrier == "x" { "c1" } else { "k1" }.to_owned(),
            at: hours * HOUR,
            kind: kind.to_owned(),
            code: kind.to_owned(),
            text: String::new(),
            place: place.to_owned(),
        };
        let scans = [scan];
        block_on(transaction(&self.db, async |db| merge(db, self.at(hours), carrier, &scans).await)).unwrap();
    }

    fn scan(&self, n: usize, kind: &str, hours: i64, place: &str) {
        self.heard("x", n, kind, hours, place);
    }

    fn look(&self, hours: i64) -> usize {
        block_on(transaction(&self.db, async |db| late(db, self.at(hours), &[]).await)).unwrap().late
    }

    fn rows(&self, statement: &str) -> Vec<String> {
        block_on(self.db.run(statement, &[])).unwrap().iter().map(|row| row.string(0).unwrap()).collect()
    }

    fn open(&self) -> Vec<String> {
        self.rows("SELECT package || ' ' || kind FROM exception WHERE state = 'open' ORDER BY package, kind")
    }

    fn told(&self) -> Vec<String> {
        self.rows("SELECT topic FROM news ORDER BY at, key")
    }

    fn alarm(&self, n: usize) -> String {
        self.rows(&format!("SELECT alarm FROM package WHERE id = 'p{n}'")).remove(0)
    }
}

#[test]
fn silence_raises_one_exception_and_the_next_scan_ends_it() {
    let house = House::new(1);
    assert_eq!((house.look(23), house.open()), (0, vec![]));
    assert_eq!(house.look(24), 1, "nobody picked it up within the default of a day");
    assert_eq!((house.look(30), house.look(60)), (0, 0), "once");
    assert_eq!((house.open(), house.alarm(0)), (vec!["p0 not_picked_up".to_owned()], "not_picked_up".to_owned()));
    house.scan(0, "picked_up", 61, "杭州");
    assert_eq!((house.open(), house.alarm(0)), (vec![], String::new()));
    assert_eq!(house.look(61 + 48), 1, "a later silence is another exception");
    assert_eq!(house.told(), ["parcel.not_picked_up", "parcel.stalled"]);
}

#[test]
fn a_lane_that_learnt_its_pace_is_late_long_before_the_default() {
    let house = House::new(31);
    for n in 0..30 {
        house.scan(n, "picked_up", 2, "杭州");
        house.scan(n, "moving", 5, "杭州转运中心");
        house.scan(n, "moving", 20 + i64::try_from(n % 4).unwrap(), "广州转运中心");
        house.scan(n, "signed", 40, "广州市");
    }
    house.scan(30, "picked_up", 102, "杭州");
    house.scan(30, "moving", 105, "杭州转运中心");
    let late_at = (105..105 + 48).find(|hours| house.look(*hours) == 1).unwrap();
    assert!((105 + 18..105 + 36).contains(&late_at), "after {} h", late_at - 105);
    assert_eq!(house.open(), ["p30 stalled"]);
}

#[test]
fn a_hub_where_nothing_moves_is_one_incident_that_ends_with_its_last_parcel() {
    let house = House::new(40);
    for n in 0..40 {
        house.scan(n, "picked_up", 2, "杭州");
        house.scan(n, "moving", 5, "杭州转运中心");
    }
    assert_eq!(house.look(5 + 48), 40);
    assert_eq!(house.told(), ["incident.opened"], "and not forty tickets");
    assert_eq!(house.rows("SELECT DISTINCT incident FROM exception").len(), 1);
    for n in 0..40 {
        assert_eq!(house.rows("SELECT state FROM incident"), ["open"], "after {n}");
        house.scan(n, "moving", 60, "广州转运中心");
    }
    assert_eq!(house.rows("SELECT state || ' ' || closed_by FROM incident"), ["closed news"]);
}

#[test]
fn an_incident_names_the_way_where_most_go_to_one_province_and_else_the_hub() {
    for (elsewhere, goal, in_it) in [(2, "广东省", "10"), (6, "", "12")] {
        let house = House::new(12);
        for n in 12 - elsewhere..12 {
            house.run(&format!("UPDATE orders SET province = '四川省', city = '成都市' WHERE id = 'o{n}'"));
        }
        (0..12).for_each(|n| house.scan(n, "moving", 5, "杭州转运中心"));
        assert_eq!(house.look(5 + 48), 12);
        assert_eq!(house.rows("SELECT place || ' ' || goal FROM incident"), [format!("杭州转运中心 {goal}")]);
        assert_eq!(house.rows("SELECT '' || count(*) FROM exception WHERE incident IS NOT NULL"), [in_it]);
    }
}

#[test]
fn what_was_raised_before_it_was_clear_becomes_a_part_of_the_incident() {
    let house = House::new(13);
    (0..13).for_each(|n| house.scan(n, "moving", if n < 3 { 5 } else { 9 }, "杭州转运中心"));
    assert_eq!((house.look(5 + 48), house.told().len()), (3, 3), "three are no outage");
    assert_eq!((house.look(9 + 48), house.told().len()), (10, 4), "one more message, of the incident");
    assert_eq!(house.rows("SELECT count(*) || ' ' || count(incident) FROM exception"), ["13 13"]);
}

#[test]
fn parcels_stuck_here_and_there_are_no_incident() {
    let house = House::new(20);
    for n in 0..20 {
        house.scan(n, "picked_up", 2, "杭州");
        house.scan(n, "moving", 5, &format!("枢纽{}", n / 4));
    }
    assert_eq!((house.look(5 + 48), house.rows("SELECT id FROM incident").len()), (20, 0));
    assert_eq!(house.told().len(), 20);
}

#[test]
fn parcels_that_are_stuck_one_by_one_over_days_are_no_outage() {
    let house = House::new(10);
    let hours = |n: usize| 10 * i64::try_from(n).unwrap();
    (0..10).for_each(|n| house.scan(n, "moving", hours(n), "杭州转运中心"));
    (0..10).for_each(|n| assert_eq!(house.look(hours(n) + 48), 1));
    assert_eq!(house.rows("SELECT id FROM incident"), Vec::<String>::new());
}

#[test]
fn closing_an_incident_closes_its_exceptions_and_what_packages_show() {
    let house = House::new(10);
    (0..10).for_each(|n| house.scan(n, "moving", 5, "杭州转运中心"));
    house.look(5 + 48);
    let id = house.rows("SELECT id FROM incident").remove(0);
    let close = async |db: &Native| tickets::close_incident(db, house.at(54), "ming", &id).await;
    assert!(block_on(transaction(&house.db, close)).unwrap());
    assert!(!block_on(transaction(&house.db, close)).unwrap(), "once");
    assert_eq!((house.open(), house.alarm(3)), (vec![], String::new()));
}

#[test]
fn scans_older_than_the_label_are_an_exception_and_move_nothing() {
    let house = House::new(1);
    house.scan(0, "signed", -45 * 24, "成都市");
    assert_eq!(house.open(), ["p0 reused_number"]);
    assert_eq!(house.rows("SELECT status FROM package"), ["handed_over"]);
    house.scan(0, "signed", -45 * 24, "成都市");
    assert_eq!(house.open().len(), 1, "however many of them there are");
}

#[test]
fn who_watches_may_tell_of_anothers_parcel_and_nobody_else_may() {
    let house = House::new(2);
    house.heard("k", 0, "picked_up", 3, "");
    assert_eq!(house.rows("SELECT status FROM package WHERE id = 'p0'"), ["handed_over"], "nobody asked k to watch");
    let duty = [("c1".to_owned(), "k1".to_owned(), "k".to_owned())];
    block_on(watches::plant(&house.db, Millis(0), &duty)).unwrap();
    house.heard("k", 1, "picked_up", 3, "");
    assert_eq!(house.rows("SELECT status FROM package WHERE id = 'p1'"), ["in_transit"]);
}

fn claimed(house: &House, hours: i64) -> (String, Vec<watches::Wanted>) {
    block_on(watches::lease(&house.db, house.at(hours), "k1", 60_000, 20)).unwrap()
}

fn settled(house: &House, hours: i64, lease: &str, outcomes: &[(watches::Wanted, watches::Outcome)]) {
    block_on(watches::settle(&house.db, house.at(hours), lease, outcomes)).unwrap();
}

#[test]
fn a_watch_is_claimed_once_and_an_ended_one_is_asked_for_again_before_anybody_is_told() {
    let house = House::new(1);
    let duty = [("c1".to_owned(), "k1".to_owned(), "k".to_owned())];
    block_on(watches::plant(&house.db, Millis(0), &duty)).unwrap();
    block_on(watches::plant(&house.db, Millis(0), &duty)).unwrap();
    let (lease, mut wanted) = claimed(&house, 1);
    assert_eq!((wanted.len(), wanted[0].by.as_str()), (1, "x"));
    assert!(claimed(&house, 1).1.is_empty(), "the claim holds");
    settled(&house, 1, &lease, &[(wanted.remove(0), watches::Outcome::Watching)]);
    assert_eq!(block_on(watches::due(&house.db, Millis(90 * HOUR))).unwrap(), Vec::<String>::new());

    house.heard("k", 0, "unwatched", 72, "");
    assert_eq!(house.open(), Vec::<String>::new());
    let (lease, mut wanted) = claimed(&house, 73);
    assert_eq!((wanted.len(), wanted[0].rounds), (1, 1));
    settled(&house, 73, &lease, &[(wanted.remove(0), watches::Outcome::Nobody("600".into()))]);
    assert_eq!(house.open(), ["p0 unwatched"], "nobody will");
    house.scan(0, "picked_up", 80, "");
    assert_eq!(house.open(), Vec::<String>::new());
}

#[test]
fn an_end_told_by_an_account_that_no_longer_watches_bothers_nobody() {
    let house = House::new(1);
    house.run(
        "INSERT INTO carrier_account (id, carrier, name, environment, position) VALUES ('k2', 'k', 'K', 'live', 2)",
    );
    let duty = [("c1".to_owned(), "k1".to_owned(), "k".to_owned())];
    block_on(watches::plant(&house.db, Millis(0), &duty)).unwrap();
    house.run("UPDATE watch SET account = 'k2', state = 'watching'");
    house.heard("k", 0, "unwatched", 72, "");
    assert_eq!((house.open(), house.rows("SELECT state FROM watch")), (vec![], vec!["watching".to_owned()]));
    house.run("UPDATE watch SET state = 'nobody'");
    house.heard("k", 0, "unwatched", 73, "");
    assert_eq!(house.open(), ["p0 unwatched"]);
}

#[test]
fn who_lost_the_claim_of_a_watch_changes_nothing() {
    let house = House::new(1);
    let duty = [("c1".to_owned(), "k1".to_owned(), "k".to_owned())];
    block_on(watches::plant(&house.db, Millis(0), &duty)).unwrap();
    let (late, mut wanted) = claimed(&house, 1);
    let (lease, mut again) = claimed(&house, 2);
    settled(&house, 2, &late, &[(wanted.remove(0), watches::Outcome::Nobody("600".into()))]);
    assert_eq!((house.rows("SELECT state FROM watch"), house.open()), (vec!["calling".to_owned()], vec![]));
    settled(&house, 2, &lease, &[(again.remove(0), watches::Outcome::Watching)]);
    assert_eq!(house.rows("SELECT state FROM watch"), ["watching"]);
}

#[test]
fn what_fails_is_asked_for_later_and_then_elsewhere() {
    let house = House::new(1);
    let duty = [("c1".to_owned(), "k1".to_owned(), "k".to_owned())];
    block_on(watches::plant(&house.db, Millis(0), &duty)).unwrap();
    let (lease, mut wanted) = claimed(&house, 0);
    settled(&house, 0, &lease, &[(wanted.remove(0), watches::Outcome::Again("busy".into()))]);
    assert!(claimed(&house, 0).1.is_empty(), "not at once");
    let (lease, mut wanted) = claimed(&house, 1);
    assert_eq!(wanted[0].tries, 1);
    let elsewhere = watches::Outcome::Elsewhere("k2".into(), "m".into(), "600".into());
    settled(&house, 1, &lease, &[(wanted.remove(0), elsewhere)]);
    assert_eq!(block_on(watches::due(&house.db, Millis(2 * HOUR))).unwrap(), ["k2"]);
    assert_eq!(house.rows("SELECT tried FROM watch"), [r#"["k1"]"#], "who would not");
}

#[test]
fn a_buyer_chooses_once_within_a_week_and_only_while_it_is_asked() {
    let house = House::new(2);
    house.look(24);
    let of = |n: usize| house.rows(&format!("SELECT id FROM exception WHERE package = 'p{n}'")).remove(0);
    let make = |hours: i64, sha: &[u8], n: usize| {
        block_on(buyers::make(&house.db, house.at(hours), "ming", sha, None, Some(&of(n)))).unwrap()
    };
    let choose = |hours: i64, sha: &[u8], choice: &str| {
        block_on(buyers::choose(&house.db, house.at(hours), sha, choice)).unwrap()
    };
    use buyers::{Chosen, Opened};
    assert!(make(25, b"first", 0).is_some() && make(26, b"second", 0).is_some());
    assert_eq!(choose(27, b"first", "wait"), Chosen::Gone, "a newer link takes the older one's place");
    assert_eq!(choose(27, b"second", "give me everything"), Chosen::Gone);
    assert_eq!(choose(27, b"second", "resend"), Chosen::Taken);
    assert_eq!(choose(28, b"second", "refund"), Chosen::Before);
    assert_eq!(house.rows("SELECT wants FROM exception WHERE package = 'p0'"), ["resend"]);
    assert!(house.told().contains(&"parcel.buyer_chose".to_owned()));

    make(25, b"other", 1);
    let Opened::Shown(seen) = block_on(buyers::open(&house.db, Millis(26 * HOUR), b"other")).unwrap() else { panic!() };
    assert_eq!((seen.asks.as_deref(), seen.number_tail.as_str()), (Some("not_picked_up"), "0001"));
    assert_eq!(choose(25 + 7 * 24, b"other", "wait"), Chosen::Gone, "after a week");
    assert_eq!(block_on(buyers::open(&house.db, Millis(0), b"nobody's")).unwrap(), Opened::Gone);
    let often = (0..40).map(|_| block_on(buyers::open(&house.db, Millis(30 * HOUR), b"other")).unwrap());
    assert!(often.into_iter().any(|opened| opened == Opened::TooOften));
    house.scan(1, "picked_up", 31, "");
    assert_eq!(choose(32, b"other", "refund"), Chosen::Gone, "the parcel moves: nothing is asked any more");
    assert!(make(33, b"late", 1).is_none(), "nor may it be asked anew");
}

#[test]
fn a_parcel_is_stopped_at_most_once_but_for_what_never_reached_the_carrier() {
    let house = House::new(1);
    house.look(24);
    let id = house.rows("SELECT id FROM exception").remove(0);
    let begin = || block_on(intercepts::begin(&house.db, house.at(25), "ming", &id)).unwrap();
    let intercepts::Begun::Claimed(claimed) = begin() else { panic!() };
    assert_eq!(begin(), intercepts::Begun::Already("calling".into(), String::new()));
    let settle = |state: &str| {
        block_on(intercepts::settle(&house.db, house.at(25), "ming", &claimed, state, "why")).unwrap();
    };
    settle("failed");
    assert!(matches!(begin(), intercepts::Begun::Claimed(_)));
    settle("accepted");
    assert_eq!(begin(), intercepts::Begun::Already("accepted".into(), "why".into()));
    settle("failed");
    assert_eq!(begin(), intercepts::Begun::Already("accepted".into(), "why".into()), "what was settled stays");
}
