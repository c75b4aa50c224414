//! A house of the real functions, run natively, between simulated platforms.

use crate::Without;
use crate::plan::{BEGIN_MS, DAY_MS, Deed, Plan, REFUND, REST_MS};
use bytes::Bytes;
use channel_amazon::Amazon;
use channel_douyin::Douyin;
use channel_jd::Jd;
use channel_kuaishou::Kuaishou;
use channel_own_shop::OwnShop;
use channel_pinduoduo::Pinduoduo;
use channel_shopify::Shopify;
use channel_taobao::Taobao;
use channel_wechat_shop::WechatShop;
use channel_woocommerce::WooCommerce;
use channel_xiaohongshu::Xiaohongshu;
use huidan_channel::Channel;
use huidan_exchange::Request;
use huidan_platforms::{Delivery, Modify, Options, Platform, Still, demo};
use huidan_testkit::world::{START, TestWorld};
use huidan_wire::call::Read1;
use huidan_world::{Incoming, Outgoing, SendError, World, adapter, serve as front};
use serde_json::Value as Json;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The heartbeat, in milliseconds; the embedded host's own is as long or shorter.
const BEAT_MS: i64 = 15_000;
const ADMIN: &str = "admin-token-of-the-day";

/// The house.
pub(crate) struct House {
    pub(crate) world: TestWorld,
    pub(crate) platforms: Rc<RefCell<Still>>,
    /// The orders by their number in the plan.
    placed: HashMap<usize, (Platform, i64)>,
    without: Without,
    /// The shops as they were entered, by channel.
    shops: Vec<Json>,
    /// Hosts that answer garbage.
    garbage: Rc<RefCell<HashSet<String>>>,
    /// What the hub said of its shops when it was looked at.
    pub(crate) seen: Vec<Json>,
}

impl House {
    pub(crate) async fn new(plan: &Plan, without: Without) -> Self {
        let seed = plan.seed;
        let options = Options { seed, speed: 1, ..Options::default() };
        let platforms = Rc::new(RefCell::new(Still::new(options, BEGIN_MS)));
        let world = TestWorld::bare(seed);
        world.pass(BEGIN_MS - START.0).await;
        world.set("admin_token", ADMIN);
        world.set("normalize_steps", "normalize-sku,normalize-address,normalize-remark");
        functions(&world, without);
        let mut house = Self {
            world,
            platforms,
            placed: HashMap::new(),
            without,
            shops: Vec::new(),
            garbage: Rc::default(),
            seen: Vec::new(),
        };
        house.connect();
        house.beat().await;
        house.set_up(&plan.channels).await;
        house
    }

    /// Platforms hear and speak by their simulated addresses.
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
        let garbage = Rc::clone(&self.garbage);
        self.world.outside(async move |request: Request| {
            let platforms = platforms.borrow();
            platforms.set_now(world.moment().now.0);
            let spoils = request.uri().host().is_some_and(|host| garbage.borrow().contains(host));
            let mut answer = platforms.answer(request).ok_or(SendError::Lost)?;
            if spoils {
                *answer.body_mut() = Bytes::from_static(b"[{\"id\":{},\"<html>");
            }
            Ok(answer)
        });
    }

    /// The shops, by the API.
    async fn set_up(&mut self, channels: &[Platform]) {
        let shops = demo::shops(self.platforms.borrow().running());
        for shop in shops {
            let channel = shop.get("channel").and_then(serde_json::Value::as_str).unwrap_or_default();
            if !channels.iter().any(|platform| platform.name() == channel) {
                continue;
            }
            self.ask(http::Method::POST, "shops", &shop).await;
            self.shops.push(shop);
        }
    }

    async fn ask(&self, method: http::Method, path: &str, body: &Json) -> Json {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://hub/api/v1/{path}"))
            .header("authorization", format!("Bearer {ADMIN}"))
            .header("content-type", "application/json")
            .body(if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) })
            .unwrap();
        let answer = self.world.request("console-api", request).await;
        let said = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(answer.status().is_success(), "{path} is refused: {said}");
        serde_json::from_str(&said).unwrap_or_default()
    }

    /// A person enters another secret, or the right one again.
    async fn enter(&self, platform: Platform, secret: Option<&str>) {
        let shop = self.shops.iter().find(|shop| shop["channel"] == platform.name()).unwrap();
        let mut credentials = shop["credentials"].clone();
        if let Some(secret) = secret {
            credentials["app_secret"] = secret.into();
        }
        let path = format!("shops/{}", shop["id"].as_str().unwrap_or_default());
        self.ask(http::Method::PATCH, &path, &serde_json::json!({ "credentials": credentials })).await;
    }

    fn now(&self) -> i64 {
        self.world.moment().now.0
    }

    /// Lives through the plan and the rest after it.
    pub(crate) async fn live(&mut self, plan: &Plan) {
        let mut deeds = plan.deeds.iter().peekable();
        let end = BEGIN_MS + DAY_MS + REST_MS;
        let mut beat = self.now();
        while self.now() < end {
            let next_deed = deeds.peek().map_or(i64::MAX, |(at, _)| *at);
            let next_push = self.platforms.borrow().next_due().unwrap_or(i64::MAX);
            let next = beat.min(next_deed).min(next_push).max(self.now());
            self.world.pass(next - self.now()).await;
            self.platforms.borrow().set_now(self.now());
            while let Some((_, deed)) = deeds.next_if(|(at, _)| *at <= self.now()) {
                match deed {
                    Deed::Secret(platform, secret) => self.enter(*platform, *secret).await,
                    Deed::Look => {
                        let seen = self.ask(http::Method::GET, "shops?limit=50", &Json::Null).await;
                        self.seen.extend(seen["items"].as_array().cloned().unwrap_or_default());
                    }
                    _ => self.happen(deed),
                }
            }
            self.deliver().await;
            if self.now() >= beat {
                self.beat().await;
                beat = self.now() + BEAT_MS;
            }
            self.world.settle().await;
        }
    }

    async fn beat(&self) {
        let tick = http::Request::post("http://hub/tick").body(Bytes::new()).unwrap();
        let answer = self.world.request("flow-clock", tick).await;
        assert!(answer.status().is_success(), "the heartbeat fails");
    }

    fn happen(&mut self, deed: &Deed) {
        let platforms = self.platforms.borrow();
        let running = platforms.running();
        let of = |number: &usize| self.placed.get(number).copied().unwrap();
        match deed {
            Deed::Place(number, platform, new) => {
                let id = running.place(*platform, new).unwrap();
                self.placed.insert(*number, (*platform, id));
            }
            Deed::Pay(number) => running.pay(of(number).0, of(number).1).unwrap(),
            Deed::Cancel(number) => running.cancel(of(number).0, of(number).1).unwrap(),
            Deed::Modify(number) => {
                let change = Modify { remark: Some("请发顺丰".to_owned()), ..Modify::default() };
                running.modify(of(number).0, of(number).1, change).unwrap();
            }
            Deed::Refund(number) => running.refund(of(number).0, of(number).1, &[], REFUND).unwrap(),
            Deed::Fault(platform, fault) => running.fault(*platform, fault.clone()),
            Deed::Garbage(platform, begins) => {
                let host = format!("{}.sim", platform.name());
                match begins {
                    true => self.garbage.borrow_mut().insert(host),
                    false => self.garbage.borrow_mut().remove(&host),
                };
            }
            Deed::Secret(..) | Deed::Look => {}
        }
    }

    async fn deliver(&self) {
        let due = self.platforms.borrow_mut().due(self.now());
        for delivery in due {
            let answer = self.post(&delivery).await;
            let now = self.now();
            self.platforms.borrow_mut().delivered(now, delivery, Some(&answer));
        }
    }

    async fn post(&self, delivery: &Delivery) -> Outgoing {
        let path = delivery.url.strip_prefix("http://hub").unwrap_or(&delivery.url);
        let channel = path.split('/').nth(2).unwrap_or_default();
        // A platform that tries an address before it uses it asks for it without a body.
        let method = if delivery.body.is_empty() { http::Method::GET } else { http::Method::POST };
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in &delivery.headers {
            request = request.header(*name, value);
        }
        let request = request.body(delivery.body.clone()).unwrap();
        self.world.request(&format!("channel-{channel}"), request).await
    }

    /// Whether every document was an order of its own.
    pub(crate) fn splits(&self) -> bool {
        self.without == Without::Dedupe
    }
}

fn functions(world: &TestWorld, without: Without) {
    channel(world, "channel-amazon", Amazon, without);
    channel(world, "channel-douyin", Douyin, without);
    channel(world, "channel-jd", Jd, without);
    channel(world, "channel-kuaishou", Kuaishou, without);
    channel(world, "channel-own-shop", OwnShop, without);
    channel(world, "channel-pinduoduo", Pinduoduo, without);
    channel(world, "channel-shopify", Shopify, without);
    channel(world, "channel-taobao", Taobao, without);
    channel(world, "channel-wechat-shop", WechatShop, without);
    channel(world, "channel-woocommerce", WooCommerce, without);
    channel(world, "channel-xiaohongshu", Xiaohongshu, without);
    world.component("console-api", async |world, request| console_api::serve(&world, request).await);
    world.component("flow-clock", async |world, request| flow_clock::serve(&world, request).await);
    world.component("flow-intake", async move |world, request: Incoming| {
        if without == Without::Polling && front::lane(&request).starts_with("pull/") {
            return front::json(http::StatusCode::OK, &true);
        }
        flow_intake::serve(&world, request).await
    });
    // Where nothing is told apart everything listed would count as missing.
    if without == Without::Nothing {
        world.component("flow-reconcile", async |world, request| flow_reconcile::serve(&world, request).await);
    }
    world.component("normalize-sku", async |_, request| front::step(&request, &normalize_sku::Sku));
    world.component("normalize-address", async |_, request| front::step(&request, &normalize_address::Address));
    world.component("normalize-remark", async |_, request| front::step(&request, &normalize_remark::Remark));
}

/// A channel; without dedupe each document that it reads gets an order's id of its own.
fn channel<C: Channel + Copy + 'static>(world: &TestWorld, name: &str, channel: C, without: Without) {
    let read = Rc::new(Cell::new(0_u64));
    world.component(name, async move |world, request: Incoming| {
        let reads = request.uri().path() == "/call/read";
        let answer = adapter::channel(&world, request, &channel).await;
        if !reads || without != Without::Dedupe {
            return answer;
        }
        let mut readings: Vec<Read1> = serde_json::from_slice(answer.body()).unwrap();
        for reading in &mut readings {
            if let Read1::Order(order) = reading {
                read.set(read.get() + 1);
                order.ext_id = format!("{}#{}", order.ext_id, read.get());
            }
        }
        front::json(http::StatusCode::OK, &readings)
    });
}
