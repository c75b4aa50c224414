//! A web site that follows `PROTOCOL.md`, in memory, its signatures checked from the text of the protocol.

use huidan_exchange::{Reply, Request, sign};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Its only order.
pub(crate) const ORDER: &str = "9007199254740995";

/// What it keeps.
#[derive(Default)]
pub(crate) struct Site {
    nonces: BTreeSet<String>,
    /// Shipments by reference.
    pub(crate) shipments: BTreeMap<String, Value>,
    /// Stock by SKU: version and number.
    pub(crate) stock: BTreeMap<String, (u64, u64)>,
}

impl Site {
    /// Answers a request.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        self.check(request);
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let path = request.uri().path().strip_prefix("/api/huidan/v1/").unwrap();
        match (request.method().as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
            ("GET", ["orders"]) => orders(request.uri().query().unwrap()),
            ("GET", ["orders", ORDER]) => {
                reply(200, format!(r#"{{"order":{}}}"#, include_str!("../samples/paid.json")))
            }
            ("PUT", ["orders", ORDER, "shipments", reference]) => self.ship(reference, &body),
            ("PUT", ["stock", sku]) => self.set(sku, &body),
            _ => reply(404, r#"{"ok":false,"error":"not found"}"#),
        }
    }

    fn check(&mut self, request: &Request) {
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        let (timestamp, nonce) = (header("huidan-timestamp"), header("huidan-nonce"));
        assert!((8..=64).contains(&nonce.len()) && self.nonces.insert(nonce.clone()), "a nonce is used twice");
        assert_eq!(timestamp, "1795251600");
        let said = format!(
            "{timestamp}.{nonce}.{} {}.{}",
            request.method(),
            request.uri().path_and_query().unwrap(),
            String::from_utf8(request.body().to_vec()).unwrap()
        );
        let expected = format!("v1={}", sign::hex(&sign::hmac_sha256(b"hush-hush-hush", &[said.as_bytes()])));
        assert_eq!(header("huidan-signature"), expected);
    }

    fn ship(&mut self, reference: &str, body: &Value) -> Reply {
        let known = self.shipments.get(reference).is_some_and(|known| known == body);
        if !self.shipments.is_empty() && !self.shipments.contains_key(reference) {
            return reply(409, r#"{"ok":false,"error":"already_shipped"}"#);
        }
        self.shipments.insert(reference.to_owned(), body.clone());
        reply(200, json!({"ok": true, "already": known}).to_string())
    }

    fn set(&mut self, sku: &str, body: &Value) -> Reply {
        if sku == "GONE" {
            return reply(404, r#"{"ok":false,"error":"no such sku"}"#);
        }
        let (version, available) = (body["version"].as_u64().unwrap(), body["available"].as_u64().unwrap());
        let last = self.stock.entry(sku.to_owned()).or_insert((0, 0));
        if version > last.0 {
            *last = (version, available);
        }
        reply(200, r#"{"ok":true}"#)
    }
}

/// Two pages.
fn orders(query: &str) -> Reply {
    let window = "updated_from=2026-11-21T00%3A00%3A00Z&updated_to=2026-11-21T09%3A00%3A01Z&limit=100";
    let order = |id: &str| include_str!("../samples/paid.json").replace(ORDER, id);
    match query.strip_prefix(window).unwrap() {
        "" => reply(200, format!(r#"{{"orders":[{},{}],"next":"a b&c"}}"#, order("1"), order("2"))),
        "&cursor=a+b%26c" => reply(200, format!(r#"{{"orders":[{}],"next":null}}"#, order("3"))),
        other => panic!("{other} is no cursor"),
    }
}
