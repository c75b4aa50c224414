//! The house: parcels with numbers of our own that two carriers take along, watched by a third party's account; the real
//! tracking, the watcher's real adapter, and behind it what the parcels live through.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what goes wrong in a simulation ends it"
)]

use crate::life::{BEGIN, CARRIERS, DAY, Event, GOALS, HOUR, Life, MINUTE};
use bytes::Bytes;
use huidan_domain::Millis;
use huidan_exchange::{Reply, Request, pairs, sign, time};
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring, native::Native, outbox, transaction};
use huidan_testkit::world::{TestWorld, block_on};
use huidan_world::{World, adapter, put_access};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const SALT: &str = "a-salt-of-our-own-choice";
/// How often the house looks around.
const TICK: i64 = 30 * MINUTE;

/// What the watcher knows: every parcel's scans up to now, and whom it was asked to watch.
#[derive(Default)]
struct Watcher {
    now: i64,
    lives: BTreeMap<String, Rc<Life>>,
    watched: BTreeSet<String>,
    asked: usize,
}

impl Watcher {
    fn answer(&mut self, request: &Request) -> Value {
        let param: Value = serde_json::from_str(&pairs::from_form(request.body(), "param").unwrap()).unwrap();
        if request.uri().path() == "/poll" {
            let number = param["number"].as_str().unwrap().to_owned();
            assert_eq!(param["parameters"]["callbackurl"], "https://hub.example/track/kuaidi100/k1");
            self.asked += 1;
            self.watched.insert(number);
            return json!({ "result": true, "returnCode": "200", "message": "提交成功" });
        }
        let life = &self.lives[param["num"].as_str().unwrap()];
        let result = result(life, self.now);
        if result["data"].as_array().unwrap().is_empty() {
            return json!({ "result": false, "returnCode": "500", "message": "查询无结果" });
        }
        result
    }
}

/// All scans of a parcel up to then, newest first, in the watcher's words.
fn result(life: &Life, now: i64) -> Value {
    let told = |event: &Event| {
        let at = time::to_local(Millis(event.at), time::CHINA);
        let words = format!("【{}】{}", event.place, event.words);
        json!({ "time": at, "ftime": at, "context": words, "statusCode": event.code, "location": event.place })
    };
    let data: Vec<Value> = life.events.iter().filter(|event| event.at <= now).rev().map(told).collect();
    json!({ "message": "ok", "status": "200", "state": "0", "com": "yuantong", "nu": life.number, "data": data })
}

/// What is to be done at an instant.
#[derive(Clone, Copy)]
enum Deed {
    HandOver(usize),
    Push(usize),
    /// The watcher gives up: nothing was heard of the parcel for three days.
    Abort(usize),
}

/// The house.
pub(crate) struct House {
    world: TestWorld,
    main: Native,
    watcher: Rc<RefCell<Watcher>>,
    lives: Vec<Rc<Life>>,
}

/// An alarm as it was raised.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    /// The parcel.
    pub(crate) nth: usize,
    /// What is said to be wrong.
    pub(crate) kind: String,
    /// When it was opened.
    pub(crate) at: i64,
    /// The incident it is a part of.
    pub(crate) incident: Option<String>,
    /// What was known then.
    pub(crate) facts: String,
}

/// An incident as it was raised.
#[derive(Debug, Clone)]
pub(crate) struct Storm {
    /// Its carrier.
    pub(crate) carrier: String,
    /// Its hub.
    pub(crate) place: String,
    /// Where to; empty for all.
    pub(crate) province: String,
    /// When it was opened.
    pub(crate) at: i64,
}

impl House {
    /// A house that will see these parcels.
    pub(crate) fn new(seed: u64, lives: Vec<Life>) -> Self {
        let world = TestWorld::new(seed);
        world.set("public_url", "https://hub.example");
        world.component("carrier-kuaidi100", async |world, request| {
            adapter::carrier(&world, request, &carrier_kuaidi100::Kuaidi100, &()).await
        });
        world.component("flow-track", async |world, request| flow_track::serve(&world, request).await);
        // Numbers of our own: nobody can be asked about them.
        world.answers("carrier-own-numbers", |_, _| manifest());
        let lives: Vec<Rc<Life>> = lives.into_iter().map(Rc::new).collect();
        let by_number = lives.iter().map(|life| (life.number.clone(), Rc::clone(life))).collect();
        let watcher = Rc::new(RefCell::new(Watcher { lives: by_number, ..Watcher::default() }));
        let seen = Rc::clone(&watcher);
        world.outside(async move |request| Ok(Reply::new(Bytes::from(seen.borrow_mut().answer(&request).to_string()))));
        let main = world.connection(Which::Main);
        let house = Self { world, main, watcher, lives };
        block_on(house.set_up());
        house
    }

    async fn set_up(&self) {
        let edge = self.world.connection(Which::Edge);
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        let values = [("key", "test-key"), ("customer", "test-customer"), ("salt", SALT)];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let moment = self.world.moment();
        put_access(&edge, moment, &keys, "carrier", "k1", "kuaidi100", "live", None, &values).await.unwrap();
        let sender = json!({ "province": "浙江省", "city": "杭州市", "phone": "13800100001" }).to_string();
        for (statement, values) in [
            (
                "INSERT INTO shop (id, channel, name, mode, environment, created_at)
                 VALUES ('s1', 'own-shop', 'S', 'observe', 'live', 0)",
                vec![],
            ),
            ("INSERT INTO warehouse (id, name, position, sender) VALUES ('w1', 'W', 0, ?1)", vec![sender.into()]),
            (
                "INSERT INTO carrier_account (id, carrier, name, environment, position, watched_by)
                 VALUES ('c1', 'own-numbers', 'C', 'live', 0, 'k1')",
                vec![],
            ),
            (
                "INSERT INTO carrier_account (id, carrier, name, environment, position, books)
                 VALUES ('k1', 'kuaidi100', 'K', 'live', 1, 0)",
                vec![],
            ),
        ] {
            self.main.run(statement, &values).await.unwrap();
        }
    }

    /// Writes down the orders, packages and numbers of parcels that are packed.
    async fn pack(&self, lives: &[Rc<Life>]) {
        let rows: Vec<Value> = lives
            .iter()
            .map(|life| {
                let (province, city, ..) = GOALS[life.goal];
                json!([life.nth, life.number, province, city, life.by(), life.handed_over_at - HOUR])
            })
            .collect();
        let rows = huidan_store::Value::from(Value::Array(rows).to_string());
        for statement in [
            "INSERT INTO orders (id, shop, channel, ext_id, number, version_at, version_hash, status, pay_state,
                 channel_state, review_state, refund_state, placed_at, total_minor, currency, receiver, receiver_hash,
                 country, province, city, district, encrypted, buyer_remark, seller_remark, created_at, updated_at)
             SELECT 'o' || (value ->> 0), 's1', 'own-shop', value ->> 0, value ->> 0, 0, '', 'to_ship', 'paid', 'open',
                 'auto_ok', 'none', 0, 1, 'CNY', x'', x'', 'CN', value ->> 2, value ->> 3, '', 0, '', '', 0, 0
             FROM json_each(?1)",
            "INSERT INTO package (id, shop, channel, warehouse, account, service, status, weight_g, waybill, receiver_hash,
                 trace, created_at, updated_at)
             SELECT 'p' || (value ->> 0), 's1', 'own-shop', 'w1', 'c1', '', 'verified', 500, 'b' || (value ->> 0), x'',
                 '[]', value ->> 5, value ->> 5
             FROM json_each(?1)",
            "INSERT INTO package_order (package, order_id) SELECT 'p' || (value ->> 0), 'o' || (value ->> 0)
             FROM json_each(?1)",
            "INSERT INTO waybill (id, package, attempt, fence, account, carrier, carried_by, claim, state, number,
                 claimed_at, issued_at)
             SELECT 'b' || (value ->> 0), 'p' || (value ->> 0), 1, 1, 'c1', 'own-numbers', value ->> 4,
                 'q' || (value ->> 0), 'verified', value ->> 1, value ->> 5, value ->> 5
             FROM json_each(?1)",
        ] {
            self.main.run(statement, std::slice::from_ref(&rows)).await.unwrap();
        }
    }

    /// Lives through all of it, and some days more.
    pub(crate) async fn live(&self, daily: usize) {
        let mut deeds: Vec<(i64, Deed)> = Vec::new();
        for life in &self.lives {
            deeds.push((life.handed_over_at, Deed::HandOver(life.nth)));
            let told = |event: &Event| event.told_after.map(|after| (event.at + after, Deed::Push(life.nth)));
            deeds.extend(life.events.iter().filter_map(told));
            let first = life.events.iter().map(|event| event.at).find(|at| *at >= life.handed_over_at);
            if first.is_none_or(|at| at > life.handed_over_at + 3 * DAY) {
                deeds.push((life.handed_over_at + 3 * DAY, Deed::Abort(life.nth)));
            }
        }
        deeds.sort_by_key(|(at, _)| *at);
        let last_handed_over = self.lives.iter().map(|life| life.handed_over_at).max().unwrap_or(BEGIN);
        let (mut deeds, mut packed) = (deeds.into_iter().peekable(), 0);
        let mut tick = BEGIN;
        while tick < last_handed_over + 9 * DAY {
            if (tick - BEGIN) % DAY == 0 && packed < self.lives.len() {
                let some = &self.lives[packed..(packed + daily).min(self.lives.len())];
                packed += some.len();
                self.pack(some).await;
            }
            while let Some((at, deed)) = deeds.next_if(|(at, _)| *at <= tick) {
                self.pass_to(at).await;
                self.happen(deed).await;
            }
            self.pass_to(tick).await;
            self.world.wake("flow-track", "watch");
            self.world.settle().await;
            tick += TICK;
        }
    }

    async fn pass_to(&self, at: i64) {
        let now = self.world.moment().now.0;
        if at > now {
            self.world.pass(at - now).await;
        }
        self.watcher.borrow_mut().now = at.max(now);
    }

    async fn happen(&self, deed: Deed) {
        match deed {
            Deed::HandOver(nth) => {
                let package = format!("p{nth}");
                let moment = self.world.moment();
                transaction(&self.main, async |db| outbox::hand_over(db, moment, "packer", &[&package]).await)
                    .await
                    .unwrap();
            }
            Deed::Push(nth) => self.push(&self.lives[nth], "polling", "").await,
            Deed::Abort(nth) => {
                self.push(&self.lives[nth], "abort", "3天查询无记录").await;
                self.watcher.borrow_mut().watched.remove(&self.lives[nth].number);
            }
        }
    }

    /// The watcher pushes what it knows of a parcel that it was asked to watch.
    async fn push(&self, life: &Life, status: &str, message: &str) {
        let (now, watched) = {
            let watcher = self.watcher.borrow();
            (watcher.now, watcher.watched.contains(&life.number))
        };
        if !watched {
            return;
        }
        let param = json!({ "status": status, "message": message, "lastResult": result(life, now) }).to_string();
        let signature = sign::upper_hex(&sign::md5(&[param.as_bytes(), SALT.as_bytes()]));
        let body = pairs::to_form([("sign", signature.as_str()), ("param", param.as_str())]);
        let request = http::Request::post("https://hub.example/track/kuaidi100/k1")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(body))
            .unwrap();
        let answer = self.world.request("carrier-kuaidi100", request).await;
        let said = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(said.contains("\"200\""), "the push is refused: {said}");
    }

    /// Every alarm that was raised.
    pub(crate) async fn alarms(&self) -> Vec<Alarm> {
        let asked = "SELECT substr(package, 2), kind, opened_at, incident, facts FROM exception ORDER BY opened_at";
        let rows = self.main.run(asked, &[]).await.unwrap();
        rows.iter()
            .map(|row| Alarm {
                nth: row.text(0).unwrap().parse().unwrap(),
                kind: row.string(1).unwrap(),
                at: row.int(2).unwrap(),
                incident: row.maybe_text(3).unwrap().map(str::to_owned),
                facts: row.string(4).unwrap(),
            })
            .collect()
    }

    /// Every incident that was raised.
    pub(crate) async fn storms(&self) -> Vec<Storm> {
        let asked = "SELECT carrier, place, goal, opened_at FROM incident ORDER BY opened_at";
        let rows = self.main.run(asked, &[]).await.unwrap();
        rows.iter()
            .map(|row| Storm {
                carrier: row.string(0).unwrap(),
                place: row.string(1).unwrap(),
                province: row.string(2).unwrap(),
                at: row.int(3).unwrap(),
            })
            .collect()
    }

    /// How often somebody was asked to watch a number.
    pub(crate) fn asked(&self) -> usize {
        self.watcher.borrow().asked
    }

    /// How many paces were learnt, and how large they are together.
    pub(crate) async fn learnt(&self) -> (i64, i64) {
        let rows = self.main.run("SELECT count(*), coalesce(sum(length(counts)), 0) FROM pace", &[]).await.unwrap();
        (rows.first().unwrap().int(0).unwrap(), rows.first().unwrap().int(1).unwrap())
    }

    /// What was told, by topic.
    pub(crate) async fn told(&self) -> BTreeMap<String, i64> {
        let rows = self.main.run("SELECT topic, count(*) FROM news GROUP BY topic", &[]).await.unwrap();
        rows.iter().map(|row| (row.string(0).unwrap(), row.int(1).unwrap())).collect()
    }

    /// Lines that functions logged: nothing should go wrong.
    pub(crate) fn logged(&self) -> Vec<String> {
        self.world.logged()
    }
}

/// A carrier of which nothing is heard, as its component says it.
fn manifest() -> Value {
    let known: BTreeSet<&str> = CARRIERS.iter().map(|carrier| carrier.0).collect();
    assert!(!known.contains("own-numbers"));
    json!({
        "id": "own-numbers", "zh": "自有单号", "en": "Own numbers", "unknown_outcome": "safe_repeat",
        "needs_serial": true, "takes_tokens_of": [], "pushes": false, "secret_path": false, "track_batch": 0,
        "credentials": [],
    })
}
