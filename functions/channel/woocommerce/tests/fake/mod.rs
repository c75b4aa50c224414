//! A WooCommerce of one order, in memory: it answers what the documentation says and keeps what it was told.

use huidan_exchange::{Reply, Request};
use huidan_testkit::reply;
use serde_json::{Value, json};

/// Its only order.
pub(crate) const ORDER: &str = "9007199254740995";

/// What it keeps.
pub(crate) struct Shop {
    /// The order.
    pub(crate) order: Value,
    /// Notes and whether the customer got them.
    pub(crate) notes: Vec<(String, bool)>,
    /// Every request's method, path and body.
    pub(crate) heard: Vec<(String, Value)>,
}

impl Default for Shop {
    fn default() -> Self {
        let order = serde_json::from_str(include_str!("../samples/processing.json")).unwrap();
        Self { order, notes: Vec::new(), heard: Vec::new() }
    }
}

impl Shop {
    /// Answers a request.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(request.headers()["authorization"], "Basic Y2tfMTIzNDU2OmNzXzEyMzQ1Ng==");
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let path = request.uri().path_and_query().unwrap().as_str().strip_prefix("/wp-json/wc/v3/").unwrap().to_owned();
        let what = format!("{} {path}", request.method());
        self.heard.push((what.clone(), body.clone()));
        let path = path.split('?').next().unwrap();
        match (request.method().as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
            ("GET", ["orders"]) => orders(&what),
            ("GET", ["orders", ORDER]) => reply(200, self.order.to_string()),
            ("PUT", ["orders", ORDER]) => self.update(&body),
            ("POST", ["orders", ORDER, "notes"]) => {
                self.notes.push((body["note"].as_str().unwrap().to_owned(), body["customer_note"].as_bool().unwrap()));
                reply(201, json!({"id": 281, "note": body["note"]}).to_string())
            }
            ("GET", ["products"]) => {
                assert!(what.contains("sku=TEA%26%20A"), "{what}");
                reply(200, json!([{"id": 77, "parent_id": 70}]).to_string())
            }
            ("PUT", ["products", "93", "variations", "9007199254740997"] | ["products", "22"] | ["products", "70", "variations", "77"]) => {
                assert_eq!(body["manage_stock"], true);
                reply(200, json!({"id": 1, "manage_stock": true, "stock_quantity": body["stock_quantity"]}).to_string())
            }
            _ => reply(404, json!({"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}).to_string()),
        }
    }

    fn update(&mut self, body: &Value) -> Reply {
        if let Some(status) = body.get("status") {
            self.order["status"] = status.clone();
        }
        let all = self.order["meta_data"].as_array_mut().unwrap();
        for meta in body["meta_data"].as_array().unwrap() {
            match all.iter_mut().find(|known| known["key"] == meta["key"]) {
                Some(known) => known["value"] = meta["value"].clone(),
                None => all.push(json!({"id": 20_000 + all.len(), "key": meta["key"], "value": meta["value"]})),
            }
        }
        reply(200, self.order.to_string())
    }
}

/// Three pages of one order each.
fn orders(what: &str) -> Reply {
    let window = "modified_after=2026-11-20T23%3A59%3A59&modified_before=2026-11-21T09%3A00%3A01&dates_are_gmt=true";
    assert!(what.contains(window), "{what}");
    assert!(what.contains("status=any&orderby=id&order=asc&per_page=100"), "{what}");
    let number = what.rsplit("&page=").next().unwrap();
    let order = include_str!("../samples/processing.json").replace(ORDER, &format!("100{number}"));
    let mut page = reply(200, format!("[{order}]"));
    page.headers_mut().insert("x-wp-totalpages", http::HeaderValue::from_static("3"));
    page
}
