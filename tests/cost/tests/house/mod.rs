//! A house with an own shop whose web site answers, from the webhook to the label and the word back to the site.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what goes wrong in a helper ends the test")]

use bytes::Bytes;
use http::{Method, StatusCode};
use huidan_exchange::{Reply, Request, sign};
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring};
use huidan_testkit::world::TestWorld;
use huidan_wire::step::{Draft, Proposal};
use huidan_world::{World, adapter, put_access, serve};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

const SECRET: &str = "a-long-random-secret-of-the-shop";
const SITE: &str = "https://shop.example.com";

/// The shop's web site.
#[derive(Default)]
pub struct Site {
    /// Its orders, as they stand there.
    pub orders: BTreeMap<String, Value>,
    /// The shipments it was told, by their paths.
    pub told: Vec<String>,
    /// The orders it was asked for.
    pub asked: Vec<String>,
    /// Whether it answers nothing.
    pub down: bool,
}

impl Site {
    fn answer(&mut self, request: &Request) -> Reply {
        let path = request.uri().path().to_owned();
        let (status, body) = match path.strip_prefix("/huidan/v1/orders/") {
            _ if self.down => (StatusCode::SERVICE_UNAVAILABLE, json!({})),
            Some(rest) if request.method() == Method::PUT => {
                self.told.push(rest.to_owned());
                let id = rest.split('/').next().unwrap_or_default().to_owned();
                if let Some(order) = self.orders.get_mut(&id) {
                    order["status"] = json!("shipped");
                }
                (StatusCode::OK, json!({"ok": true}))
            }
            Some(id) => {
                self.asked.push(id.to_owned());
                match self.orders.get(id) {
                    Some(order) => (StatusCode::OK, json!({ "order": order })),
                    None => (StatusCode::NOT_FOUND, json!({"ok": false, "error": "no such order"})),
                }
            }
            None => (StatusCode::OK, json!({"orders": [], "next": null, "ok": true})),
        };
        let mut reply = Reply::new(Bytes::from(body.to_string()));
        *reply.status_mut() = status;
        reply
    }
}

/// One shop, one warehouse with counted stock, one range of numbers, one printer.
pub struct House {
    pub world: TestWorld,
    pub site: Rc<RefCell<Site>>,
    sent: RefCell<u32>,
}

impl House {
    /// A house whose shop is in a mode; with a web site, or one that only sends.
    pub async fn new(mode: &str, site: bool) -> Self {
        let world = TestWorld::bare(3);
        world.set("admin_token", "owner");
        world.set("normalize_steps", "normalize-sku,normalize-address");
        world.set("route_steps", "route-review,route-warehouse,route-carrier");
        let house = Self { world, site: Rc::default(), sent: RefCell::default() };
        house.furnish();
        house.tick().await;
        house.set_up(mode, site.then_some(SITE)).await;
        house
    }

    fn furnish(&self) {
        let world = &self.world;
        world.component("channel-own-shop", async |world, request| {
            adapter::channel(&world, request, &channel_own_shop::OwnShop).await
        });
        world.component("carrier-own-numbers", async |world, request| {
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
        world.component("route-review", async |_, request| serve::step::<Proposal>(&request, &route_review::Review));
        world.component("route-warehouse", async |_, request| {
            serve::step::<Proposal>(&request, &route_warehouse::Warehouse)
        });
        world.component("route-carrier", async |_, request| serve::step::<Proposal>(&request, &route_carrier::Carrier));
        let site = Rc::clone(&self.site);
        world.outside(async move |request| Ok(site.borrow_mut().answer(&request)));
    }

    async fn set_up(&self, mode: &str, site: Option<&str>) {
        let (edge, main) = (self.world.connection(Which::Edge), self.world.connection(Which::Main));
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        let secret = BTreeMap::from([("webhook_secret".to_owned(), SECRET.to_owned())]);
        let range = [("prefix", "HD"), ("from", "100000001"), ("to", "100999999")];
        let range = range.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (role, id, adapter, url, credentials) in
            [("shop", "s1", "own-shop", site, secret), ("carrier", "c1", "own-numbers", None, range)]
        {
            let moment = self.world.moment();
            put_access(&edge, moment, &keys, role, id, adapter, "live", url, &credentials).await.unwrap();
        }
        let sender = json!({"name": "仓", "phone": "13800100001", "province": "浙江省", "city": "杭州市",
            "district": "余杭区", "street": "1 号"})
        .to_string();
        let now = self.world.moment().now;
        for (statement, values) in [
            (
                "INSERT INTO shop (id, channel, name, mode, environment, base_url, created_at)
                 VALUES ('s1', 'own-shop', 'S', ?1, 'live', ?2, ?3)",
                vec![mode.into(), site.into(), now.into()],
            ),
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
                "INSERT INTO carrier_account (id, carrier, name, environment, position)
                 VALUES ('c1', 'own-numbers', '自有单号', 'live', 0)",
                vec![],
            ),
            ("INSERT INTO sku (code, title, weight_g) VALUES ('TEA-250', '茶', 300)", vec![]),
            ("INSERT INTO stock (sku, warehouse, on_hand) VALUES ('TEA-250', 'w1', 3)", vec![]),
        ] {
            main.run(statement, &values).await.unwrap();
        }
    }

    /// A heartbeat.
    pub async fn tick(&self) {
        let tick = http::Request::get("http://house/tick").body(Bytes::new()).unwrap();
        assert_eq!(self.world.request("flow-clock", tick).await.status(), StatusCode::OK);
    }

    /// An order of one piece as the site has it.
    pub fn order(&self, id: &str, sku: &str) -> Value {
        json!({"id": id, "updated_at": "2026-11-21T16:00:00+08:00",
            "placed_at": "2026-11-21T15:59:00+08:00", "paid_at": "2026-11-21T16:00:00+08:00", "status": "paid",
            "currency": "CNY", "total": "128.00", "shipping": "8.00", "buyer_remark": "", "seller_remark": "",
            "lines": [{"id": "L1", "sku": sku, "title": "茶", "spec": "罐装", "qty": 1, "unit_price": "120.00"}],
            "receiver": {"name": "王小明", "phone": "13800138000", "country": "CN", "province": "浙江省",
                "city": "杭州市", "district": "西湖区", "address": "文三路 1 号", "postcode": "310000"}})
    }

    /// The site has an order and sends it; the house works until nothing is left.
    pub async fn arrives(&self, order: Value) {
        self.site.borrow_mut().orders.insert(order["id"].as_str().unwrap().to_owned(), order.clone());
        *self.sent.borrow_mut() += 1;
        let sent = *self.sent.borrow();
        let body = json!({"event_id": format!("evt-{sent}"), "event": "order.saved", "order": order}).to_string();
        let (time, nonce) = ((self.world.moment().now.0 / 1000).to_string(), format!("nonce-{sent:06}"));
        let said = format!("{time}.{nonce}.{body}");
        let signature = sign::hex(&sign::hmac_sha256(SECRET.as_bytes(), &[said.as_bytes()]));
        let request = http::Request::post("http://house/webhook/own-shop/s1")
            .header("huidan-timestamp", time)
            .header("huidan-nonce", nonce)
            .header("huidan-signature", format!("v1={signature}"))
            .body(body.into())
            .unwrap();
        assert_eq!(self.world.request("channel-own-shop", request).await.status(), StatusCode::OK);
        self.world.settle().await;
    }

    /// The seller ships an order by hand, in the site's back office; nobody tells us.
    pub fn shipped_by_hand(&self, id: &str) {
        let mut site = self.site.borrow_mut();
        let order = site.orders.get_mut(id).unwrap();
        order["status"] = json!("shipped");
        order["updated_at"] = json!("2026-11-21T17:00:00+08:00");
    }

    /// Asks the API.
    pub async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let request = http::Request::builder().method(method).uri(format!("http://house/api/v1/{path}"));
        let request = request.header("authorization", "Bearer owner").body(body).unwrap();
        let answer = self.world.request("console-api", request).await;
        (answer.status(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// Puts the shop into a mode a minute later, and lets the house work until nothing is left.
    pub async fn goes(&self, mode: &str) {
        self.world.pass(60_000).await;
        let (status, shop) = self.ask(Method::PATCH, "shops/s1", json!({ "mode": mode })).await;
        assert_eq!((status, &shop["mode"]), (StatusCode::OK, &json!(mode)), "{shop}");
        self.world.settle().await;
    }

    /// A number out of the main database.
    pub async fn count(&self, statement: &str) -> i64 {
        let rows = self.world.connection(Which::Main).run(statement, &[]).await.unwrap();
        rows.first().unwrap().int(0).unwrap()
    }

    /// The order of a number at the site, as the API shows it.
    pub async fn order_of(&self, ext_id: &str) -> Value {
        self.get(&format!("orders?ext_id={ext_id}")).await["items"][0].clone()
    }

    /// Numbers that were ever taken for an order.
    pub async fn numbers(&self, ext_id: &str) -> i64 {
        self.count(&format!(
            "SELECT count(*) FROM waybill AS w JOIN package_order AS po ON po.package = w.package
             JOIN orders AS o ON o.id = po.order_id WHERE o.ext_id = '{ext_id}'"
        ))
        .await
    }
}
