//! A house that books at a simulated carrier, whose answers take their time, and prints through a bridge.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what goes wrong in a helper ends the test")]

use crate::house::House;
use futures::FutureExt;
use http::StatusCode;
use huidan_exchange::{Request, sign};
use huidan_platforms::{CarrierOptions, Options, Platform, Still, demo};
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring, bridges};
use huidan_world::{SendError, World, adapter, put_access};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The carriers of the show: one gives a repeated claim its first number, the other is asked.
pub const CARRIERS: [(&str, Platform); 2] = [("yto", Platform::Yto), ("jtexpress", Platform::Jtexpress)];

/// A house, its carrier and its bridge.
pub struct Trade {
    pub house: House,
    pub platforms: Rc<RefCell<Still>>,
    /// The carrier's component.
    pub carrier: String,
    platform: Platform,
    /// How long the carrier takes to answer.
    latency_ms: u64,
    /// How long its next answer is on its way besides.
    pub detour_ms: Rc<Cell<u64>>,
    bridge: String,
    /// How often the bridge was given the paper of each number.
    pub papers: RefCell<BTreeMap<String, u32>>,
}

impl Trade {
    pub async fn new((carrier, platform): (&str, Platform), latency_ms: u64) -> Self {
        let house = House::new("live", false).await;
        let world = house.world.clone();
        let mut options = Options { speed: 1, ..Options::default() };
        // The show counts purchases and not calls a minute.
        options.carrier(platform).unwrap().per_minute = 0;
        let account = options.carrier(platform).unwrap().clone();
        let platforms = Rc::new(RefCell::new(Still::new(options, world.moment().now.0)));
        let mut private = Vec::new();
        for (name, value) in demo::variables(platforms.borrow().running().addresses()) {
            if let Some(variable) = name.strip_prefix("SPIN_VARIABLE_") {
                world.set(&variable.to_lowercase(), &value);
            }
            private.push(value);
        }
        world.set("allow_private_hosts", &private.join(","));
        world.component("carrier-yto", async |world, request| {
            adapter::carrier(&world, request, &carrier_yto::Yto, &()).await
        });
        world.component("carrier-jtexpress", async |world, request| {
            adapter::carrier(&world, request, &carrier_jtexpress::JtExpress, &()).await
        });
        world.component("print-queue", async |world, request| print_queue::serve(&world, request).await);
        let mut trade = Self {
            house,
            platforms,
            carrier: format!("carrier-{carrier}"),
            platform,
            latency_ms,
            detour_ms: Rc::default(),
            bridge: String::new(),
            papers: RefCell::default(),
        };
        trade.connect();
        trade.account(carrier, &account).await;
        trade.pair().await;
        // What the first heartbeats find to do is done before anything is counted.
        trade.beats(2, 31).await;
        trade
    }

    /// Half of the time passes on the way there, half on the way back; the rest of the house goes on meanwhile.
    fn connect(&self) {
        let (platforms, world) = (Rc::clone(&self.platforms), self.house.world.clone());
        let (latency_ms, detour_ms) = (self.latency_ms, Rc::clone(&self.detour_ms));
        self.house.world.outside(async move |request: Request| {
            world.sleep(latency_ms / 2).await;
            let answer = {
                let platforms = platforms.borrow();
                platforms.set_now(world.moment().now.0);
                platforms.answer(request).ok_or(SendError::Lost)
            };
            world.sleep(latency_ms - latency_ms / 2 + detour_ms.take()).await;
            answer
        });
    }

    async fn account(&self, carrier: &str, options: &CarrierOptions) {
        let world = &self.house.world;
        let credentials: &[(&str, &str)] = match carrier {
            "yto" => &[("customer_code", &options.customer), ("secret", &options.app_secret), ("suffix", "simulated")],
            _ => &[
                ("api_account", &options.app_key),
                ("private_key", &options.app_secret),
                ("customer_code", &options.customer),
                ("password", &options.password),
            ],
        };
        let credentials: BTreeMap<String, String> =
            credentials.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let (edge, main) = (world.connection(Which::Edge), world.connection(Which::Main));
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        put_access(&edge, world.moment(), &keys, "carrier", "c2", carrier, "live", None, &credentials).await.unwrap();
        for statement in [
            "UPDATE carrier_account SET active = 0".to_owned(),
            format!(
                "INSERT INTO carrier_account (id, carrier, name, environment, position)
                 VALUES ('c2', '{carrier}', 'C', 'live', 0)"
            ),
            "UPDATE stock SET on_hand = 1000000".to_owned(),
        ] {
            main.run(&statement, &[]).await.unwrap();
        }
    }

    async fn pair(&mut self) {
        let world = &self.house.world;
        let code = world.main(async |db| bridges::new_code(db, world.moment(), "person-1").await).await.unwrap();
        let paired = self.bridge_says("pair", &json!({ "code": code, "name": "pc-1" })).await;
        self.bridge = paired["token"].as_str().unwrap().to_owned();
    }

    async fn bridge_says(&self, route: &str, body: &Value) -> Value {
        let request = http::Request::post(format!("http://house/print/v1/{route}"))
            .header("authorization", format!("Bearer {}", self.bridge))
            .body(body.to_string().into())
            .unwrap();
        let answer = self.house.world.request("print-queue", request).await;
        assert_eq!(answer.status(), StatusCode::OK, "{route}: {}", String::from_utf8_lossy(answer.body()));
        serde_json::from_slice(answer.body()).unwrap()
    }

    /// A bridge takes what there is to print. One that lives prints it and says so; one that is killed has maybe printed
    /// it, and says nothing ever.
    pub async fn bridge(&self, lives: bool) -> usize {
        let printer =
            json!({ "name": "p1", "lang": "zpl", "dpi": 203, "media": "100x150", "status": "ready", "room": 50 });
        let claimed =
            self.bridge_says("claim", &json!({"printers": [printer], "max": 50, "wait": 0, "held": []})).await;
        let jobs = claimed["jobs"].as_array().unwrap();
        for job in jobs {
            *self.papers.borrow_mut().entry(job["sha256"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let done = |job: &Value| json!({ "id": job["id"], "lease": job["lease"], "phase": "done", "detail": "", "requeue": false });
        if lives && !jobs.is_empty() {
            self.bridge_says("report", &jobs.iter().map(done).collect()).await;
        }
        jobs.len()
    }

    /// An order comes in, and the house works until nothing is left, or until it is killed.
    pub fn order(&self, id: &str) {
        let order = self.house.order(id, "TEA-250");
        let _ = self.house.arrives(order).now_or_never();
    }

    /// Time passes, with a heartbeat every so many seconds.
    pub async fn beats(&self, count: u32, every_s: i64) {
        for _ in 0..count {
            self.house.world.pass(every_s * 1000).await;
            self.house.tick().await;
            self.house.world.settle().await;
        }
    }

    /// Every number that the carrier charged, by the claim it was charged for.
    pub fn charged(&self) -> BTreeMap<String, u32> {
        let mut charged = BTreeMap::new();
        for waybill in self.platforms.borrow().running().ledger().waybills {
            if waybill.platform == self.platform {
                *charged.entry(waybill.key).or_default() += 1;
            }
        }
        charged
    }

    /// The packages' claims that were charged: how many numbers each package cost.
    pub async fn cost(&self) -> BTreeMap<String, u32> {
        let charged = self.charged();
        let rows =
            self.house.world.connection(Which::Main).run("SELECT package, claim FROM waybill", &[]).await.unwrap();
        let mut cost: BTreeMap<String, u32> = BTreeMap::new();
        for row in rows.iter() {
            *cost.entry(row.string(0).unwrap()).or_default() += charged.get(row.text(1).unwrap()).copied().unwrap_or(0);
        }
        cost
    }
}
