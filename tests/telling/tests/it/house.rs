//! A house with one shop of a simulated platform, from the order to the word back.

use bytes::Bytes;
use http::{Method, StatusCode};
use huidan_channel::{Channel, Shipment, ShipmentLine};
use huidan_domain::Millis;
use huidan_exchange::{Request, sign};
use huidan_flow::Step;
use huidan_platforms::ledger::Confirmation;
use huidan_platforms::{NewLine, NewOrder, Options, Platform, Still, demo};
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring};
use huidan_testkit::world::{START, TestWorld};
use huidan_wire::call::For;
use huidan_wire::step::{Draft, Facts, Proposal};
use huidan_world::{Incoming, SendError, World, adapter, put_access, serve};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// When the tests begin: 2026-11-20 09:00 in China.
const BEGIN_MS: i64 = 1_795_136_400_000;
/// The heartbeat, in milliseconds.
const BEAT_MS: i64 = 20_000;

pub(crate) struct House {
    pub(crate) world: TestWorld,
    pub(crate) platforms: Rc<RefCell<Still>>,
    pub(crate) platform: Platform,
    pub(crate) shop: String,
    /// Whether each piece goes in a package of its own.
    pub(crate) splits: Rc<Cell<bool>>,
}

/// Puts each piece into a package of its own, where the test says so.
struct Split(Rc<Cell<bool>>);

impl Step<Proposal> for Split {
    fn name(&self) -> &'static str {
        "route-split"
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn run(&self, _: Millis, subjects: Vec<Proposal>, _: &Facts) -> Vec<Proposal> {
        if !self.0.get() {
            return subjects;
        }
        let pieces = |subject: &Proposal| {
            let mut parts = Vec::new();
            for line in &subject.lines {
                for _ in 0..line.qty {
                    let mut part = subject.clone();
                    let mut line = line.clone();
                    line.qty = 1;
                    part.lines = vec![line];
                    parts.push(part);
                }
            }
            parts
        };
        subjects.iter().flat_map(pieces).collect()
    }
}

impl House {
    pub(crate) async fn new(platform: Platform) -> Self {
        let options = Options { seed: 11, speed: 1, ..Options::default() };
        let platforms = Rc::new(RefCell::new(Still::new(options, BEGIN_MS)));
        let world = TestWorld::bare(5);
        world.pass(BEGIN_MS - START.0).await;
        world.set("admin_token", "owner");
        world.set("normalize_steps", "normalize-sku,normalize-address");
        world.set("route_steps", "route-split,route-warehouse,route-carrier");
        let splits = Rc::new(Cell::new(false));
        let house = Self { world, platforms, platform, shop: String::new(), splits };
        house.furnish();
        house.connect();
        house.beat().await;
        house.set_up().await
    }

    fn furnish(&self) {
        let world = &self.world;
        match self.platform {
            Platform::Amazon => channel(world, channel_amazon::Amazon),
            Platform::Douyin => channel(world, channel_douyin::Douyin),
            Platform::Jd => channel(world, channel_jd::Jd),
            Platform::OwnShop => channel(world, channel_own_shop::OwnShop),
            Platform::Shopify => channel(world, channel_shopify::Shopify),
            Platform::Taobao => channel(world, channel_taobao::Taobao),
            Platform::Xiaohongshu => channel(world, channel_xiaohongshu::Xiaohongshu),
            other => panic!("no channel for {other:?}"),
        }
        // Numbers for encrypted receivers too, as a platform's own waybill service gives them.
        world.component("carrier-own-numbers", async |world, request: Incoming| {
            let request = request.map(|body| without_tokens(&body));
            adapter::carrier(&world, request, &carrier_own_numbers::OwnNumbers, &()).await
        });
        world.component("console-api", async |world, request| console_api::serve(&world, request).await);
        world.component("flow-clock", async |world, request| flow_clock::serve(&world, request).await);
        world.component("flow-intake", async |world, request| flow_intake::serve(&world, request).await);
        world.component("flow-plan", async |world, request| flow_plan::serve(&world, request).await);
        world.component("flow-book", async |world, request| flow_book::serve(&world, request).await);
        world.component("flow-deliver", async |world, request| flow_deliver::serve(&world, request).await);
        world.component("normalize-sku", async |_, request| serve::step::<Draft>(&request, &normalize_sku::Sku));
        world.component("normalize-address", async |_, request| {
            serve::step::<Draft>(&request, &normalize_address::Address)
        });
        world.component("route-warehouse", async |_, request| {
            serve::step::<Proposal>(&request, &route_warehouse::Warehouse)
        });
        world.component("route-carrier", async |_, request| serve::step::<Proposal>(&request, &route_carrier::Carrier));
        let splits = Rc::clone(&self.splits);
        world.component("route-split", async move |_, request| {
            serve::step::<Proposal>(&request, &Split(Rc::clone(&splits)))
        });
    }

    fn connect(&self) {
        let platforms = self.platforms.borrow();
        let running = platforms.running();
        let mut private = Vec::new();
        for (name, value) in demo::variables(running.addresses()) {
            if let Some(variable) = name.strip_prefix("SPIN_VARIABLE_") {
                self.world.set(&variable.to_lowercase(), &value);
            }
            private.push(value);
        }
        self.world.set("allow_private_hosts", &private.join(","));
        running.connect(&demo::targets("http://hub"));
        drop(platforms);
        let (platforms, world) = (Rc::clone(&self.platforms), self.world.clone());
        self.world.outside(async move |request: Request| {
            let platforms = platforms.borrow();
            platforms.set_now(world.moment().now.0);
            platforms.answer(request).ok_or(SendError::Lost)
        });
    }

    async fn set_up(mut self) -> Self {
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        let range = [("prefix", "HD"), ("from", "100000001"), ("to", "100999999")];
        let range = range.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let (edge, main) = (self.world.connection(Which::Edge), self.world.connection(Which::Main));
        let moment = self.world.moment();
        put_access(&edge, moment, &keys, "carrier", "c1", "own-numbers", "live", None, &range).await.unwrap();
        let sender = json!({"name": "仓", "phone": "13800100001", "province": "浙江省", "city": "杭州市",
            "district": "余杭区", "street": "1 号"})
        .to_string();
        let takes = json!([self.platform.name()]).to_string();
        for (statement, values) in [
            (
                "INSERT INTO printer (id, name, lang, dpi, width_mm, height_mm)
                 VALUES ('p1', 'p1', 'zpl', 203, 100, 150)",
                vec![],
            ),
            (
                "INSERT INTO warehouse (id, name, position, sender, printer) VALUES ('w1', '杭州仓', 0, ?1, 'p1')",
                vec![sender.into()],
            ),
            (
                "INSERT INTO carrier_account (id, carrier, name, environment, position, takes_tokens_of)
                 VALUES ('c1', 'own-numbers', '自有单号', 'live', 0, ?1)",
                vec![takes.into()],
            ),
            ("INSERT INTO sku (code, title, weight_g) VALUES ('TEA-250', '茶', 300), ('CUP-1', '杯', 200)", vec![]),
        ] {
            main.run(statement, &values).await.unwrap();
        }
        let shops = demo::shops(self.platforms.borrow().running());
        let shop = shops.into_iter().find(|shop| shop["channel"] == self.platform.name()).unwrap();
        self.shop = shop["id"].as_str().unwrap().to_owned();
        let (status, said) = self.ask(Method::POST, "shops", shop).await;
        assert_eq!(status, StatusCode::CREATED, "{said}");
        if let Some(code) = self.code() {
            self.rule(json!({"carriers": {"own-numbers": code}})).await;
        }
        self
    }

    /// The platform's code of a carrier that it does not know by name.
    fn code(&self) -> Option<&'static str> {
        match self.platform {
            Platform::Taobao => Some("OTHER"),
            Platform::Douyin => Some("qita"),
            Platform::Xiaohongshu => Some("zto"),
            Platform::Jd => Some("1499"),
            _ => None,
        }
    }

    pub(crate) async fn rule(&self, rule: Value) {
        let (status, said) = self.ask(Method::PUT, &format!("shops/{}/telling", self.shop), rule).await;
        assert_eq!(status, StatusCode::OK, "{said}");
    }

    /// The rule with the carrier's code, and more.
    pub(crate) async fn rule_with(&self, mut rule: Value) {
        if let Some(code) = self.code() {
            rule["carriers"] = json!({"own-numbers": code});
        }
        self.rule(rule).await;
    }

    pub(crate) async fn beat(&self) {
        let tick = http::Request::post("http://hub/tick").body(Bytes::new()).unwrap();
        assert_eq!(self.world.request("flow-clock", tick).await.status(), StatusCode::OK);
        self.world.settle().await;
    }

    /// Lives for so many minutes.
    pub(crate) async fn run(&self, minutes: i64) {
        self.run_by(minutes, BEAT_MS).await;
    }

    /// The same for hours, with a slower heartbeat.
    pub(crate) async fn run_hours(&self, hours: i64) {
        self.run_by(hours * 60, 60_000).await;
    }

    async fn run_by(&self, minutes: i64, beat: i64) {
        let end = self.now() + minutes * 60_000;
        while self.now() < end {
            self.world.pass(beat).await;
            self.platforms.borrow().set_now(self.now());
            let due = self.platforms.borrow_mut().due(self.now());
            for delivery in due {
                let path = delivery.url.strip_prefix("http://hub").unwrap_or(&delivery.url).to_owned();
                let channel = path.split('/').nth(2).unwrap_or_default().to_owned();
                let method = if delivery.body.is_empty() { Method::GET } else { Method::POST };
                let mut request = http::Request::builder().method(method).uri(path);
                for (name, value) in &delivery.headers {
                    request = request.header(*name, value);
                }
                let request = request.body(delivery.body.clone()).unwrap();
                let answer = match channel == self.platform.name() {
                    true => self.world.request(&format!("channel-{channel}"), request).await,
                    false => http::Response::new(Bytes::new()),
                };
                self.platforms.borrow_mut().delivered(self.now(), delivery, Some(&answer));
            }
            self.beat().await;
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.world.moment().now.0
    }

    /// Places a paid order of these goods and waits until its packages have numbers. Answers the platform's id and ours.
    pub(crate) async fn order(&self, goods: &[(&str, i64)]) -> (i64, String) {
        let line = |(sku, qty): &(&str, i64)| NewLine {
            sku: (*sku).to_owned(),
            qty: *qty,
            unit_price: Some("12.00".to_owned()),
            title: Some("茶".to_owned()),
        };
        let new = NewOrder {
            lines: Some(goods.iter().map(line).collect()),
            remark: Some(String::new()),
            ..NewOrder::default()
        };
        let known = self.orders().await.len();
        let id = self.platforms.borrow().running().place(self.platform, &new).unwrap();
        for _ in 0..12 {
            self.run(1).await;
            let orders = self.orders().await;
            if orders.len() > known && orders.iter().all(|order| order["packages"] != json!([])) {
                self.world.settle().await;
                let newest = orders.into_iter().max_by_key(|order| order["placed_at"].to_string()).unwrap();
                return (id, newest["id"].as_str().unwrap().to_owned());
            }
        }
        panic!("the order did not come: {:?} {:?}", self.orders().await, self.world.logged());
    }

    pub(crate) async fn orders(&self) -> Vec<Value> {
        self.get("orders?limit=200").await["items"].as_array().unwrap().clone()
    }

    /// The packages of an order that are not cancelled, oldest first.
    pub(crate) async fn packages(&self, order: &str) -> Vec<Value> {
        let all = self.get(&format!("packages?order={order}&sort=created_at")).await;
        all["items"].as_array().unwrap().iter().filter(|package| package["status"] != "cancelled").cloned().collect()
    }

    /// A package leaves.
    pub(crate) async fn ship(&self, package: &Value) {
        let path = format!("packages/{}/ship", package["id"].as_str().unwrap());
        let (status, said) = self.ask(Method::POST, &path, json!({})).await;
        assert_eq!(status, StatusCode::OK, "{said}");
        self.world.settle().await;
    }

    /// Every package of an order leaves.
    pub(crate) async fn ship_all(&self, order: &str) -> Vec<String> {
        let packages = self.packages(order).await;
        assert!(!packages.is_empty());
        for package in &packages {
            self.ship(package).await;
        }
        packages.iter().map(|package| package["waybill"].as_str().unwrap().to_owned()).collect()
    }

    /// The label of every package of an order comes out.
    pub(crate) async fn print_all(&self, order: &str) -> Vec<String> {
        let packages = self.packages(order).await;
        let now = self.world.moment().now;
        for package in &packages {
            let id = package["id"].as_str().unwrap();
            let main = self.world.connection(Which::Main);
            main.run("UPDATE package SET status = 'printed', updated_at = ?2 WHERE id = ?1", &[id.into(), now.into()])
                .await
                .unwrap();
            main.run("UPDATE waybill SET state = 'printed' WHERE package = ?1 AND state = 'issued'", &[id.into()])
                .await
                .unwrap();
        }
        packages.iter().map(|package| package["waybill"].as_str().unwrap().to_owned()).collect()
    }

    /// How telling an order's parcels stands, oldest first.
    pub(crate) async fn tellings(&self, order: &str) -> Vec<Value> {
        self.get(&format!("tellings?order={order}")).await["items"].as_array().unwrap().clone()
    }

    /// The states of the same.
    pub(crate) async fn states(&self, order: &str) -> Vec<String> {
        self.tellings(order).await.iter().map(|telling| telling["state"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn gauge(&self, name: &str) -> i64 {
        self.get("gauges").await[name].as_i64().unwrap()
    }

    /// What the platform was told of an order, in order.
    pub(crate) fn told(&self, id: i64) -> Vec<Confirmation> {
        let ledger = self.platforms.borrow().running().ledger();
        ledger.confirmations.into_iter().filter(|told| told.order == id).collect()
    }

    /// The numbers that the platform shows of an order now.
    pub(crate) fn shown(&self, id: i64) -> Vec<String> {
        let ledger = self.platforms.borrow().running().ledger();
        let order = ledger.orders.iter().find(|seen| seen.order.id == id).unwrap();
        order.order.shipments.iter().map(|shipment| shipment.number.clone()).collect()
    }

    /// Somebody tells the platform of the whole order by another way, with this number.
    pub(crate) async fn told_elsewhere(&self, order: &str, number: &str) {
        let order = self.get(&format!("orders/{order}")).await;
        let line = |line: &Value| ShipmentLine {
            ext_line_id: line["ext_line_id"].as_str().unwrap().to_owned(),
            qty: u32::try_from(line["qty"].as_u64().unwrap()).unwrap(),
            whole: true,
        };
        let subject = Shipment {
            ext_id: order["ext_id"].as_str().unwrap().to_owned(),
            parcel: "by-hand".to_owned(),
            carrier: "ems".to_owned(),
            carrier_name: "EMS".to_owned(),
            carrier_code: None,
            waybill: number.to_owned(),
            replaces: None,
            lines: order["lines"].as_array().unwrap().iter().map(line).collect(),
            completes: true,
        };
        let asked = For { account: self.shop.clone(), subject };
        let component = format!("channel-{}", self.platform.name());
        let answer = self.world.post(&component, "/call/confirm", &asked).await;
        let said = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(said.contains("told"), "{said}");
    }

    /// Topics of the news so far.
    pub(crate) async fn news(&self) -> Vec<String> {
        let rows = self.world.connection(Which::Main).run("SELECT topic FROM news ORDER BY seq", &[]).await.unwrap();
        rows.iter().map(|row| row.string(0).unwrap()).collect()
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let request = http::Request::builder().method(method).uri(format!("http://house/api/v1/{path}"));
        let request = request.header("authorization", "Bearer owner").body(body).unwrap();
        let answer = self.world.request("console-api", request).await;
        (answer.status(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// A deed about what was told.
    pub(crate) async fn decide(&self, telling: &Value, act: &str) -> (StatusCode, Value) {
        let id = telling["id"].as_str().unwrap().replace('/', "%2F");
        let answer = self.ask(Method::POST, &format!("outbox/{id}/{act}"), json!({})).await;
        self.world.settle().await;
        answer
    }
}

fn without_tokens(body: &Bytes) -> Bytes {
    fn clear(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if let Some(token) = fields.get_mut("token") {
                    *token = Value::Null;
                }
                fields.values_mut().for_each(clear);
            }
            Value::Array(items) => items.iter_mut().for_each(clear),
            _ => {}
        }
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    clear(&mut value);
    Bytes::from(value.to_string())
}

fn channel<C: Channel + Copy + 'static>(world: &TestWorld, channel: C) {
    let name = format!("channel-{}", channel.manifest().id);
    world.component(&name, async move |world, request: Incoming| adapter::channel(&world, request, &channel).await);
}
