//! A spreadsheet of orders through the API, the channel and the intake: confirmed, taken in at one stroke, and again for
//! nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use huidan_cost::{Cost, Costs, Counted};
use huidan_store::schema::Which;
use huidan_store::{Db, Value};
use huidan_testkit::world::{TestWorld, block_on};
use huidan_wire::step::Draft;
use huidan_world::{Incoming, Outgoing, adapter, serve};
use serde_json::Value as Json;

/// An old sheet: a title above, a heading that says little, the receiver in one cell, goods below goods, a sum at the end.
fn sheet(orders: u32) -> String {
    let order = |nth: u32| {
        format!(
            "XS20261121{nth:05},46347.66667,王小明 13800138000 浙江省杭州市西湖区文三路 {nth} 号,明前龙井,2,\"￥1,240.00元\"\n,,,茶杯,1,20\n"
        )
    };
    let rows: String = (1..=orders).map(order).collect();
    format!("某某贸易发货单,,,,,\n单号,日期,客户,品名,数量,金额\n{rows}合计,,,,9,9\n")
}

struct House {
    world: TestWorld,
    costs: Costs,
}

impl House {
    async fn new() -> Self {
        let (world, costs) = (TestWorld::new(5), Costs::default());
        world.set("admin_token", "owner");
        world.set("normalize_steps", "normalize-address");
        let house = Self { world, costs };
        house.function("console-api", async |world, request| console_api::serve(&world, request).await);
        house.function("channel-own-shop", async |world, request| match request.uri().path() {
            path if path.starts_with("/call/import") => {
                adapter::import(&world, &request, &channel_own_shop::OwnShop).await
            }
            _ => adapter::channel(&world, request, &channel_own_shop::OwnShop).await,
        });
        house.function("flow-intake", async |world, request| flow_intake::serve(&world, request).await);
        house.function("flow-plan", async |world, request| flow_plan::serve(&world, request).await);
        house.function("normalize-address", async |_, request| {
            serve::step::<Draft>(&request, &normalize_address::Address)
        });
        let shop = "INSERT INTO shop (id, channel, name, mode, environment, created_at)
             VALUES ('s1', 'own-shop', 'S', 'observe', 'live', 0)";
        house.world.connection(Which::Main).run(shop, &[]).await.unwrap();
        house
    }

    fn function(&self, name: &'static str, work: impl AsyncFn(Counted, Incoming) -> Outgoing + 'static) {
        let costs = self.costs.clone();
        self.world
            .component(name, async move |world, request| work(Counted::new(world, name, costs.clone()), request).await);
    }

    /// Sends a file, beside a mapping or alone.
    async fn send(&self, query: &str, file: &str, mapping: Option<&Json>) -> Json {
        let part = |name: &str, more: &str, text: &str| {
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
        };
        let mapping = mapping.map(|mapping| part("mapping", "", &mapping.to_string())).unwrap_or_default();
        let body = format!("{mapping}{}--XX--\r\n", part("file", "; filename=\"o.csv\"", file));
        let request = http::Request::post(format!("http://house/api/v1/orders/import?shop=s1{query}"))
            .header("authorization", "Bearer owner")
            .header("content-type", "multipart/form-data; boundary=XX")
            .body(body.into())
            .unwrap();
        let answer = self.world.request("console-api", request).await;
        serde_json::from_slice(answer.body()).unwrap()
    }

    /// Everything that the orders are, and how often something happened to one.
    async fn orders(&self) -> Vec<(String, i64, i64)> {
        let main = self.world.connection(Which::Main);
        let statement = "SELECT o.ext_id, (SELECT count(*) FROM order_line AS l WHERE l.order_id = o.id), o.version_at
             FROM orders AS o ORDER BY o.ext_id";
        let rows = main.run(statement, &[] as &[Value]).await.unwrap();
        rows.iter().map(|row| (row.string(0).unwrap(), row.int(1).unwrap(), row.int(2).unwrap())).collect()
    }
}

#[test]
fn a_confirmed_sheet_comes_in_whole_and_a_second_time_changes_nothing() {
    block_on(async {
        let house = House::new().await;
        let file = sheet(3);
        let look = house.send("&dry_run=1", &file, None).await;
        assert_eq!((look["orders"].as_u64(), look["from"].as_str()), (Some(3), Some("guessed")), "{look}");
        assert!(!look.to_string().contains("13800138000") && !look.to_string().contains("文三路"), "{look}");
        let refused = house.send("", &file, None).await;
        assert_eq!(refused["code"], "mapping_unconfirmed", "{refused}");
        house.world.settle().await;
        assert!(house.orders().await.is_empty(), "nothing came in by looking");

        let first = house.send("", &file, Some(&look["mapping"])).await;
        assert_eq!((first["taken"].as_u64(), first["known"].as_u64()), (Some(3), Some(0)), "{first}");
        house.world.settle().await;
        let orders = house.orders().await;
        assert_eq!(orders.iter().map(|order| order.1).collect::<Vec<_>>(), [2, 2, 2]);

        house.world.pass(60_000).await;
        let again = house.send("", &file, None).await;
        assert_eq!((again["taken"].as_u64(), again["known"].as_u64()), (Some(3), Some(3)), "by the remembered mapping");
        house.world.settle().await;
        assert_eq!(house.orders().await, orders);
    });
}

#[test]
fn a_hundred_orders_are_stored_by_as_many_statements_as_one() {
    block_on(async {
        let mut costs: Vec<Cost> = Vec::new();
        for count in [1, 100] {
            let house = House::new().await;
            let file = sheet(count);
            let mapping = house.send("&dry_run=1", &file, None).await["mapping"].clone();
            house.costs.take();
            let answer = house.send("", &file, Some(&mapping)).await;
            assert_eq!(answer["taken"], count, "{answer}");
            costs.push(house.costs.take().remove("console-api").unwrap());
        }
        assert_eq!(costs[0], costs[1]);
    });
}
