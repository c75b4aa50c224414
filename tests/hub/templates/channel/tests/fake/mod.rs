//! The platform in memory, written from its protocol and not from the adapter: it answers as documented, and keeps what
//! it was told. Its orders are those of the window in the tests, 1 to 3, and the one of the first sample.

use huidan_exchange::{Reply, Request};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The order that can be fetched.
pub(crate) const ORDER: &str = "9007199254740995";
/// The token that lets in.
pub(crate) const TOKEN: &str = "token-of-the-tests";

/// What it keeps.
pub(crate) struct Platform {
    /// The order.
    pub(crate) order: Value,
    /// How many pieces of it left.
    pub(crate) shipped: u64,
    /// Stock by SKU.
    pub(crate) stock: BTreeMap<String, u64>,
    /// How often it was written to.
    pub(crate) writes: usize,
    /// Ids of the orders in the window, one a page; one that changes leaves it.
    pub(crate) listed: Vec<&'static str>,
}

impl Default for Platform {
    fn default() -> Self {
        let order = serde_json::from_str(include_str!("../samples/paid.json")).unwrap();
        Self { order, shipped: 0, stock: BTreeMap::new(), writes: 0, listed: vec!["1", "2", "3"] }
    }
}

impl Platform {
    /// Answers a request.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(request.headers()["authorization"], format!("Bearer {TOKEN}"));
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        self.writes += usize::from(request.method() != "GET");
        let path = request.uri().path().strip_prefix("/v1/").unwrap();
        match (request.method().as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
            ("GET", ["orders"]) => self.list(request.uri().query().unwrap()),
            ("GET", ["orders", ORDER]) => reply(200, json!({ "order": self.order }).to_string()),
            ("POST", ["orders", ORDER, "shipments"]) => self.ship(&body),
            ("PUT", ["orders", ORDER, "shipments", old]) => self.replace(old, &body),
            ("PUT", ["stock"]) => self.set(&body),
            _ => reply(404, r#"{"error":"order_not_found"}"#),
        }
    }

    /// One order a page.
    fn list(&self, query: &str) -> Reply {
        let asked = "updated_from=2026-11-21T00%3A00%3A00Z&updated_to=2026-11-21T09%3A00%3A01Z&status=any&per_page=100";
        let page: usize = query.strip_prefix(asked).unwrap().strip_prefix("&page=").unwrap().parse().unwrap();
        let order = |id: &&str| include_str!("../samples/paid.json").replace(ORDER, id);
        let orders = self.listed.get(page - 1).map(order).unwrap_or_default();
        reply(200, format!(r#"{{"pages":{},"orders":[{orders}]}}"#, self.listed.len()))
    }

    /// The order is shipped when all of its pieces are.
    fn ship(&mut self, body: &Value) -> Reply {
        if self.order["status"] == "cancelled" {
            return reply(409, r#"{"error":"order_cancelled"}"#);
        }
        let sum =
            |lines: &Value| lines.as_array().unwrap().iter().map(|line| line["qty"].as_u64().unwrap()).sum::<u64>();
        self.shipped += sum(&body["lines"]);
        let all = sum(&self.order["lines"]);
        assert!(self.shipped <= all, "more left than were bought");
        self.order["status"] = if self.shipped == all { "shipped" } else { "part_shipped" }.into();
        let shipment = json!({ "carrier": body["carrier"], "number": body["number"] });
        self.order["shipments"].as_array_mut().unwrap().push(shipment.clone());
        reply(201, json!({ "shipment": shipment }).to_string())
    }

    fn replace(&mut self, old: &str, body: &Value) -> Reply {
        let shipments = self.order["shipments"].as_array_mut().unwrap();
        let shipment = shipments.iter_mut().find(|shipment| shipment["number"] == old).unwrap();
        *shipment = json!({ "carrier": body["carrier"], "number": body["number"] });
        reply(200, json!({ "shipment": shipment }).to_string())
    }

    fn set(&mut self, body: &Value) -> Reply {
        let mut results = Vec::new();
        for item in body["items"].as_array().unwrap() {
            let sku = item["sku"].as_str().unwrap();
            let known = sku != "GONE";
            if known {
                self.stock.insert(sku.to_owned(), item["available"].as_u64().unwrap());
            }
            results.push(json!({ "sku": sku, "result": if known { "set" } else { "sku_not_found" } }));
        }
        reply(200, json!({ "items": results }).to_string())
    }
}
