//! What an order costs, from the signed webhook to the print job, and that a batch costs no more than one.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use huidan_cost::{Cost, Costs, Counted};
use huidan_exchange::sign;
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring};
use huidan_testkit::world::{TestWorld, block_on};
use huidan_wire::step::{Draft, Proposal};
use huidan_world::{Incoming, World, adapter, put_access, serve};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SECRET: &str = "a-long-random-secret-of-the-shop";

/// A house with one shop, one warehouse with counted stock, one range of numbers and one printer.
struct House {
    world: TestWorld,
    costs: Costs,
    orders: u32,
}

impl House {
    async fn new() -> Self {
        let (world, costs) = (TestWorld::new(3), Costs::default());
        world.set("normalize_steps", "normalize-sku,normalize-address,normalize-remark");
        world.set("route_steps", "route-review,route-warehouse,route-carrier");
        let house = Self { world, costs, orders: 0 };
        house.furnish();
        house.set_up().await;
        house
    }

    fn furnish(&self) {
        self.function("channel-own-shop", async |world, request| {
            adapter::channel(&world, request, &channel_own_shop::OwnShop).await
        });
        self.function("carrier-own-numbers", async |world, request| {
            adapter::carrier(&world, request, &carrier_own_numbers::OwnNumbers, &()).await
        });
        self.function("flow-intake", async |world, request| flow_intake::serve(&world, request).await);
        self.function("flow-plan", async |world, request| flow_plan::serve(&world, request).await);
        self.function("flow-book", async |world, request| flow_book::serve(&world, request).await);
        self.function("normalize-sku", async |_, request| serve::step::<Draft>(&request, &normalize_sku::Sku));
        self.function("normalize-address", async |_, request| {
            serve::step::<Draft>(&request, &normalize_address::Address)
        });
        self.function("normalize-remark", async |_, request| serve::step::<Draft>(&request, &normalize_remark::Remark));
        self.function("route-review", async |_, request| serve::step::<Proposal>(&request, &route_review::Review));
        self.function("route-warehouse", async |_, request| {
            serve::step::<Proposal>(&request, &route_warehouse::Warehouse)
        });
        self.function("route-carrier", async |_, request| serve::step::<Proposal>(&request, &route_carrier::Carrier));
    }

    fn function(&self, name: &'static str, work: impl AsyncFn(Counted, Incoming) -> huidan_world::Outgoing + 'static) {
        let costs = self.costs.clone();
        self.world
            .component(name, async move |world, request| work(Counted::new(world, name, costs.clone()), request).await);
    }

    async fn set_secret(&self, secret: &str) {
        let edge = self.world.connection(Which::Edge);
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        let secret = BTreeMap::from([("webhook_secret".to_owned(), secret.to_owned())]);
        let moment = self.world.moment();
        put_access(&edge, moment, &keys, "shop", "s1", "own-shop", "live", None, &secret).await.unwrap();
    }

    /// What the channel says to a webhook, and what it cost.
    async fn knock(&self, webhook: Incoming) -> (u16, Cost) {
        let answer = self.world.request("channel-own-shop", webhook).await;
        (answer.status().as_u16(), self.costs.take().remove("channel-own-shop").unwrap())
    }

    async fn set_up(&self) {
        let (edge, main) = (self.world.connection(Which::Edge), self.world.connection(Which::Main));
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        let secret = BTreeMap::from([("webhook_secret".to_owned(), SECRET.to_owned())]);
        let range = [("prefix", "HD"), ("from", "100000001"), ("to", "100999999")];
        let range = range.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (role, id, adapter, credentials) in
            [("shop", "s1", "own-shop", secret), ("carrier", "c1", "own-numbers", range)]
        {
            let moment = self.world.moment();
            put_access(&edge, moment, &keys, role, id, adapter, "live", None, &credentials).await.unwrap();
        }
        let sender = json!({"name": "仓", "phone": "13800100001", "province": "浙江省", "city": "杭州市",
            "district": "余杭区", "street": "1 号"});
        for statement in [
            "INSERT INTO shop (id, channel, name, mode, environment, created_at)
             VALUES ('s1', 'own-shop', 'S', 'live', 'live', 0)",
            "INSERT INTO printer (id, name, lang, dpi, width_mm, height_mm) VALUES ('p1', 'p1', 'zpl', 203, 100, 150)",
            "INSERT INTO warehouse (id, name, position, sender, printer) VALUES ('w1', 'W', 0, ?1, 'p1')",
            "INSERT INTO carrier_account (id, carrier, name, environment, position)
             VALUES ('c1', 'own-numbers', 'N', 'live', 0)",
            "INSERT INTO sku (code, title, weight_g) VALUES ('TEA-250', '茶', 300)",
            "INSERT INTO stock (sku, warehouse, on_hand) VALUES ('TEA-250', 'w1', 100000)",
        ] {
            let values = if statement.contains("?1") { vec![sender.to_string().into()] } else { Vec::new() };
            main.run(statement, &values).await.unwrap();
        }
    }

    /// Sends so many signed orders, and lets the house work until nothing is left; answers what the webhooks cost, and
    /// the rest.
    async fn orders(&mut self, count: u32) -> (Cost, BTreeMap<String, Cost>) {
        for _ in 0..count {
            self.orders += 1;
            let answer = self.world.request("channel-own-shop", self.webhook()).await;
            assert_eq!(answer.status(), http::StatusCode::OK);
        }
        let webhooks = self.costs.take().remove("channel-own-shop").unwrap();
        self.world.settle().await;
        let main = self.world.connection(Which::Main);
        let jobs = main.run("SELECT count(*) FROM print_job WHERE state = 'queued'", &[]).await.unwrap();
        assert_eq!(jobs.first().unwrap().int(0), Ok(i64::from(self.orders)), "every order is a job");
        (webhooks, self.costs.take())
    }

    fn webhook(&self) -> Incoming {
        self.signed_by(SECRET)
    }

    fn signed_by(&self, secret: &str) -> Incoming {
        let order: Value = json!({"id": self.orders.to_string(), "updated_at": "2026-11-21T16:00:00+08:00",
            "placed_at": "2026-11-21T15:59:00+08:00", "paid_at": "2026-11-21T16:00:00+08:00", "status": "paid",
            "currency": "CNY", "total": "128.00", "shipping": "8.00", "buyer_remark": "", "seller_remark": "",
            "lines": [{"id": "1", "sku": "TEA-250", "title": "茶", "spec": "罐装", "qty": 1, "unit_price": "120.00"}],
            "receiver": {"name": "王小明", "phone": "13800138000", "country": "CN", "province": "浙江省",
                "city": "杭州市", "district": "西湖区", "address": "文三路 1 号", "postcode": "310000"}});
        let event = format!("evt-{}", self.orders);
        let body = json!({"event_id": event, "event": "order.saved", "order": order}).to_string();
        let (time, nonce) = ((self.world.moment().now.0 / 1000).to_string(), format!("nonce-{:06}", self.orders));
        let said = format!("{time}.{nonce}.{body}");
        let signature = sign::hex(&sign::hmac_sha256(secret.as_bytes(), &[said.as_bytes()]));
        http::Request::post("http://house/webhook/own-shop/s1")
            .header("huidan-timestamp", time)
            .header("huidan-nonce", nonce)
            .header("huidan-signature", format!("v1={signature}"))
            .body(body.into())
            .unwrap()
    }
}

/// What an instance remembers, it remembers by thread.
fn in_an_instance_of_its_own(work: impl FnOnce() + Send + 'static) {
    std::thread::spawn(work).join().unwrap();
}

#[test]
fn a_webhook_is_one_read_and_one_durable_write_and_the_next_of_its_shop_is_the_write_alone() {
    in_an_instance_of_its_own(|| {
        block_on(async {
            let mut house = House::new().await;
            let (webhook, _) = house.orders(1).await;
            assert_eq!(webhook, Cost { statements: 2, commits: 1, calls: 0 });
            let (webhooks, _) = house.orders(10).await;
            assert_eq!(webhooks, Cost { statements: 10, commits: 10, calls: 0 });
        });
    });
}

#[test]
fn a_shop_that_was_seen_before_is_believed_only_while_its_secret_is_the_same() {
    in_an_instance_of_its_own(|| {
        block_on(async {
            let mut house = House::new().await;
            house.orders(1).await;
            assert_eq!(house.knock(house.webhook()).await.0, 200, "a repeat");
            house.set_secret("another-long-random-secret").await;
            house.orders = 2;
            let (status, cost) = house.knock(house.webhook()).await;
            assert_eq!((status, cost.statements), (401, 2), "the old secret, found out by the statement that stores");
            assert_eq!(house.knock(house.signed_by("another-long-random-secret")).await.0, 200);
            let edge = house.world.connection(Which::Edge);
            let rows = edge.run("SELECT event_id FROM inbox ORDER BY id", &[]).await.unwrap();
            let events: Vec<_> = rows.iter().map(|row| row.string(0).unwrap()).collect();
            assert_eq!(events, ["evt-1", "evt-2"]);
            assert_eq!(house.knock(house.signed_by("nobody's")).await.0, 401);
        });
    });
}

#[test]
fn a_batch_of_orders_costs_the_flows_as_much_as_one() {
    block_on(async {
        let mut house = House::new().await;
        let (_, one) = house.orders(1).await;
        let (_, hundred) = house.orders(100).await;
        assert_eq!(one, hundred);
    });
}

#[test]
fn one_order_alone_stays_below_a_hundred_statements_and_fifteen_commits() {
    block_on(async {
        let (webhook, rest) = House::new().await.orders(1).await;
        let all = || std::iter::once(&webhook).chain(rest.values());
        let statements: u32 = all().map(|cost| cost.statements).sum();
        let commits: u32 = all().map(|cost| cost.commits).sum();
        println!("{statements} statements, {commits} commits: {rest:?}");
        assert!(statements <= 100, "{statements}: {rest:?}");
        assert!(commits <= 15, "{commits}: {rest:?}");
    });
}
