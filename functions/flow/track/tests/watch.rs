//! Asking and having watched, over a real database: who is asked about which parcel when, and what silence says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's report")]

use huidan_carrier::{Scan, ScanKind};
use huidan_domain::Millis;
use huidan_store::Db;
use huidan_store::schema::Which;
use huidan_testkit::world::{TestWorld, block_on};
use huidan_world::World;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What a carrier answers when it is asked for scans, and to a wish to watch.
#[derive(Clone)]
struct Carrier {
    scans: Rc<RefCell<Vec<Scan>>>,
    watches: Value,
}

impl Carrier {
    fn new(watches: Value) -> Self {
        Self { scans: Rc::default(), watches }
    }
}

struct House(TestWorld);

impl House {
    /// An empty one.
    async fn new() -> Self {
        let world = TestWorld::new(3);
        world.component("flow-track", async |world, request| flow_track::serve(&world, request).await);
        let house = Self(world);
        for statement in [
            "INSERT INTO shop (id, channel, name, mode, environment, created_at)
             VALUES ('s1', 'own-shop', 'S', 'live', 'live', 0)",
            "INSERT INTO warehouse (id, name, position, sender) VALUES ('w1', 'W', 0, '{}')",
        ] {
            house.run(statement).await;
        }
        house
    }

    /// An account of a carrier; the first of them gave the number of a parcel that is handed over now.
    async fn account(&self, id: &str, carrier: &str, can: Value, answers: &Carrier) {
        let (position, now) = (self.rows("SELECT id FROM carrier_account").await.len(), self.0.moment().now.0);
        self.run(&format!(
            "INSERT INTO carrier_account (id, carrier, name, environment, position)
             VALUES ('{id}', '{carrier}', 'N', 'live', {position})"
        ))
        .await;
        if position == 0 {
            self.run(&format!(
                "INSERT INTO package (id, shop, channel, warehouse, account, service, status, weight_g, waybill,
                     receiver_hash, trace, created_at, updated_at)
                 VALUES ('p1', 's1', 'own-shop', 'w1', '{id}', '', 'handed_over', 500, 'b1', x'', '[]', {now}, {now})"
            ))
            .await;
            self.run(&format!(
                "INSERT INTO waybill (id, package, attempt, fence, account, carrier, claim, state, number, claimed_at,
                     issued_at)
                 VALUES ('b1', 'p1', 1, 1, '{id}', '{carrier}', 'q1', 'handed_over', 'NO1', {now}, {now})"
            ))
            .await;
        }
        let mut manifest = json!({
            "id": carrier, "zh": "某快递", "en": "Some", "unknown_outcome": "query", "needs_serial": false,
            "takes_tokens_of": [], "pushes": false, "secret_path": false, "track_batch": 0, "credentials": [],
        });
        manifest.as_object_mut().unwrap().extend(can.as_object().unwrap().clone());
        let answers = answers.clone();
        self.0.answers(&format!("carrier-{carrier}"), move |path, asked| match path {
            "/waybill/manifest" => manifest.clone(),
            "/waybill/track" => json!({ "done": *answers.scans.borrow() }),
            _ => asked["subject"].as_array().unwrap().iter().map(|_| answers.watches.clone()).collect(),
        });
    }

    async fn run(&self, statement: &str) {
        self.0.connection(Which::Main).run(statement, &[]).await.unwrap();
    }

    async fn rows(&self, statement: &str) -> Vec<String> {
        let rows = self.0.connection(Which::Main).run(statement, &[]).await.unwrap();
        rows.iter().map(|row| row.string(0).unwrap()).collect()
    }

    /// Time passes, and the house looks around.
    async fn looks_after(&self, ms: i64) {
        self.0.pass(ms).await;
        self.0.wake("flow-track", "watch");
        self.0.settle().await;
        assert_eq!(self.0.logged(), Vec::<String>::new());
    }

    /// How often a carrier was called so.
    fn asked(&self, carrier: &str, path: &str) -> usize {
        let component = format!("carrier-{carrier}");
        self.0.calls().iter().filter(|(called, at)| *called == component && at.starts_with(path)).count()
    }

    async fn open(&self) -> Vec<String> {
        self.rows("SELECT kind FROM exception WHERE state = 'open' ORDER BY kind").await
    }
}

fn asking() -> Value {
    json!({ "track_batch": 10 })
}

fn watching() -> Value {
    json!({ "pushes": true, "subscribes": true, "watches_others": true, "track_batch": 10 })
}

fn done() -> Value {
    json!({ "done": null })
}

fn failed(kind: &str) -> Value {
    json!({ "failed": { "kind": kind, "code": "600", "detail": "no", "after_s": null } })
}

#[test]
fn a_silent_parcel_is_asked_about_every_two_hours_and_a_watched_one_every_twelve() {
    block_on(async {
        let house = House::new().await;
        house.account("c1", "x", asking(), &Carrier::new(done())).await;
        house.looks_after(HOUR).await;
        assert_eq!(house.asked("x", "/waybill/track"), 0);
        house.looks_after(HOUR + MINUTE).await;
        house.looks_after(MINUTE).await;
        assert_eq!(house.asked("x", "/waybill/track"), 1, "it was just asked about");
        house.looks_after(2 * HOUR + MINUTE).await;
        assert_eq!(house.asked("x", "/waybill/track"), 2);

        house.0.set("public_url", "https://hub.example");
        house.account("k1", "k", watching(), &Carrier::new(done())).await;
        house.run("UPDATE carrier_account SET watched_by = 'k1' WHERE id = 'c1'").await;
        house.looks_after(MINUTE).await;
        assert_eq!(house.rows("SELECT state FROM watch").await, ["watching"]);
        house.looks_after(11 * HOUR).await;
        assert_eq!((house.asked("x", "/waybill/track"), house.asked("k", "/waybill/track")), (2, 0));
        house.looks_after(HOUR + MINUTE).await;
        assert_eq!(house.asked("k", "/waybill/track"), 1, "pushes stop without a word");
    });
}

#[test]
fn silence_of_an_account_that_nobody_can_hear_says_nothing() {
    block_on(async {
        let house = House::new().await;
        house.account("c1", "x", json!({}), &Carrier::new(done())).await;
        house.looks_after(30 * HOUR).await;
        assert_eq!(house.open().await, Vec::<String>::new());
        house.account("c2", "x", asking(), &Carrier::new(done())).await;
        house.looks_after(MINUTE).await;
        assert_eq!(house.open().await, ["not_picked_up"], "of one that can be asked it does");
    });
}

#[test]
fn scans_without_ids_are_told_apart_by_what_they_say_and_an_ended_watch_is_known_from_now() {
    block_on(async {
        let house = House::new().await;
        let carrier = Carrier::new(done());
        house.account("c1", "x", asking(), &carrier).await;
        let at = house.0.moment().now.0 + HOUR;
        let scan = |kind, at, place: &str| Scan {
            number: "NO1".into(),
            event_id: String::new(),
            at: Millis(at),
            kind,
            code: "7".into(),
            text: String::new(),
            place: place.into(),
        };
        *carrier.scans.borrow_mut() = vec![
            scan(ScanKind::Unwatched, 0, ""),
            scan(ScanKind::Moving, at, "广州转运中心"),
            scan(ScanKind::PickedUp, at, "广州"),
        ];
        house.looks_after(2 * HOUR + MINUTE).await;
        let now = house.0.moment().now.0;
        carrier.scans.borrow_mut().remove(0);
        house.looks_after(3 * HOUR + MINUTE).await;
        assert_eq!(house.asked("x", "/waybill/track"), 2);
        let known = "SELECT kind || ' ' || at FROM scan ORDER BY kind";
        let wanted = [format!("moving {at}"), format!("picked_up {at}"), format!("unwatched {now}")];
        assert_eq!(house.rows(known).await, wanted, "each once, however often it is told");
        assert_eq!(house.open().await, ["unwatched"], "and not an earlier life of the number");
    });
}

/// A parcel that `k1` is to watch, and another account that could.
async fn to_be_watched(first: Value, second: Value) -> House {
    let house = House::new().await;
    house.0.set("public_url", "https://hub.example");
    house.account("c1", "x", json!({}), &Carrier::new(done())).await;
    house.account("k1", "k", watching(), &Carrier::new(first)).await;
    house.account("m1", "m", watching(), &Carrier::new(second)).await;
    house.run("UPDATE carrier_account SET watched_by = 'k1' WHERE id = 'c1'").await;
    house
}

#[test]
fn who_refuses_to_watch_is_asked_once_and_a_person_hears_when_nobody_will() {
    block_on(async {
        let house = to_be_watched(failed("rejected"), failed("rejected")).await;
        for _ in 0..4 {
            house.looks_after(MINUTE).await;
        }
        let asked = |carrier| house.asked(carrier, "/waybill/subscribe");
        assert_eq!((asked("k"), asked("m"), asked("x")), (1, 1, 0));
        assert_eq!(house.open().await, ["unwatched"]);
    });
}

#[test]
fn who_cannot_watch_now_is_asked_eight_times_and_then_another() {
    block_on(async {
        let house = to_be_watched(failed("transient"), done()).await;
        let asked = |carrier| house.asked(carrier, "/waybill/subscribe");
        house.looks_after(MINUTE).await;
        house.looks_after(MINUTE / 2).await;
        assert_eq!(asked("k"), 1, "not at once");
        for _ in 0..12 {
            house.looks_after(8 * HOUR).await;
        }
        assert_eq!((asked("k"), asked("m")), (8, 1));
        assert_eq!(house.rows("SELECT account || ' ' || state FROM watch").await, ["m1 watching"]);
    });
}

#[test]
fn whose_watch_ends_again_and_again_is_not_asked_any_more() {
    block_on(async {
        let house = to_be_watched(done(), done()).await;
        for round in 1..=3 {
            house.looks_after(8 * HOUR).await;
            assert_eq!(house.asked("k", "/waybill/subscribe"), round);
            house.run("UPDATE watch SET state = 'wanted', rounds = rounds + 1 WHERE state = 'watching'").await;
        }
        house.looks_after(MINUTE).await;
        assert_eq!((house.asked("k", "/waybill/subscribe"), house.asked("m", "/waybill/subscribe")), (3, 1));
    });
}
