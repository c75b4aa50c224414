//! A small gateway in the test's memory: opens to its tokens only, and keeps what it is told.

use huidan_exchange::{Reply, Request, pairs};
use huidan_testkit::reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The shop's token.
pub(crate) const TOKEN: &str = "Atza|shop-token";
/// The token that opens receivers.
pub(crate) const OPENER: &str = "Atz.sprdt|opener";
/// Orders in the list, and on a page of it.
pub(crate) const LISTED: usize = 7;
const PAGE: usize = 3;

/// The gateway with its orders.
pub(crate) struct Gateway {
    /// The composed documents, by id.
    pub(crate) orders: BTreeMap<String, Value>,
    /// Stock by SKU.
    pub(crate) stock: BTreeMap<String, u64>,
    /// Method and path of every call.
    pub(crate) called: Vec<String>,
    /// Whether it tells parcels.
    pub(crate) tells_packages: bool,
}

impl Gateway {
    pub(crate) fn new(samples: &[&str]) -> Self {
        let read = |text: &&str| {
            let document: Value = serde_json::from_str(text).unwrap();
            (document["order"]["AmazonOrderId"].as_str().unwrap().to_owned(), document)
        };
        let orders = samples.iter().map(read).collect();
        Self { orders, stock: BTreeMap::new(), called: Vec::new(), tells_packages: true }
    }

    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let path = request.uri().path().to_owned();
        self.called.push(format!("{} {path}", request.method()));
        let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("x-amz-date").unwrap(), "20261121T090000Z");
        assert!(header("user-agent").unwrap().starts_with("Huidan/"));
        let token = header("x-amz-access-token").unwrap();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (request.method().as_str(), parts.as_slice()) {
            ("POST", ["tokens", _, "restrictedDataToken"]) => self.opener(&body(request), &token),
            ("GET", ["orders", "v0", "orders"]) => list(request, &token),
            ("GET", ["orders", "v0", "orders", id]) => self.order(id, &token),
            ("GET", ["orders", "v0", "orders", id, "orderItems"]) => self.items(id, request, &token),
            ("GET", ["orders", "2026-01-01", "orders", id]) => self.packages(id, &token),
            ("POST", ["orders", "v0", "orders", id, "shipmentConfirmation"]) => self.confirm(id, &body(request)),
            ("PATCH", ["listings", _, "items", seller, sku]) => self.patch(seller, sku, &body(request)),
            other => panic!("nobody knows {other:?}"),
        }
    }

    fn opener(&self, asked: &Value, token: &str) -> Reply {
        assert_eq!(token, TOKEN);
        let resources = asked["restrictedResources"].as_array().unwrap();
        assert!(resources.iter().all(|resource| resource["method"] == "GET" && resource["dataElements"].is_array()));
        assert!(resources[0]["dataElements"].as_array().unwrap().contains(&json!("shippingAddress")));
        reply(200, json!({ "restrictedDataToken": OPENER, "expiresIn": 3600 }).to_string())
    }

    /// Without the opener the receiver is left out.
    fn order(&self, id: &str, token: &str) -> Reply {
        let Some(document) = self.orders.get(id) else { return missing() };
        let mut order = document["order"].clone();
        if token != OPENER {
            assert_eq!(token, TOKEN);
            order.as_object_mut().unwrap().retain(|name, _| name != "ShippingAddress" && name != "BuyerInfo");
        }
        reply(200, json!({ "payload": order }).to_string())
    }

    /// One item a page.
    fn items(&self, id: &str, request: &Request, token: &str) -> Reply {
        assert!([OPENER, TOKEN].contains(&token));
        let Some(document) = self.orders.get(id) else { return missing() };
        let items = document["items"].as_array().unwrap();
        let at: usize = query(request, "NextToken").map_or(0, |next| next.trim_start_matches("i+/=").parse().unwrap());
        let mut payload = json!({ "AmazonOrderId": id, "OrderItems": [items[at]] });
        if at + 1 < items.len() {
            payload["NextToken"] = format!("i+/={}", at + 1).into();
        }
        reply(200, json!({ "payload": payload }).to_string())
    }

    fn packages(&self, id: &str, token: &str) -> Reply {
        assert_eq!(token, TOKEN);
        if !self.tells_packages {
            return error(403, "Unauthorized", "Access to requested resource is denied.");
        }
        let Some(document) = self.orders.get(id) else { return missing() };
        let items = document["items"].as_array().unwrap().iter();
        let items: Vec<Value> = items
            .map(|item| json!({ "orderItemId": item["OrderItemId"], "quantityOrdered": item["QuantityOrdered"] }))
            .collect();
        let status = document["order"]["OrderStatus"].as_str().unwrap().to_uppercase().replace("CANCELED", "CANCELLED");
        let order = json!({ "orderId": id, "fulfillment": { "fulfillmentStatus": status }, "salesChannel": { "marketplaceId": document["order"]["MarketplaceId"] },
            "orderItems": items, "packages": document["packages"] });
        reply(200, json!({ "order": order }).to_string())
    }

    /// The same reference changes its parcel; more than was ordered is refused.
    fn confirm(&mut self, id: &str, asked: &Value) -> Reply {
        let Some(document) = self.orders.get_mut(id) else { return missing() };
        assert_eq!(asked["marketplaceId"], document["order"]["MarketplaceId"]);
        let detail = &asked["packageDetail"];
        let reference = detail["packageReferenceId"].as_str().unwrap();
        assert!(reference.parse::<u32>().unwrap() > 0, "a positive number, written as text");
        assert!(detail["carrierCode"] != "Other" || detail["carrierName"] != "", "a carrier without code has a name");
        let parcel = json!({ "packageReferenceId": reference, "packageStatus": { "status": "SHIPPED" },
            "trackingNumber": detail["trackingNumber"], "carrier": [detail["carrierCode"], detail["carrierName"]],
            "packageItems": detail["orderItems"] });
        let mut parcels = document["packages"].as_array().unwrap().clone();
        parcels.retain(|known| known["packageReferenceId"] != reference);
        parcels.push(parcel);
        let counted = |item: &str| -> u64 {
            let all = parcels.iter().flat_map(|parcel| parcel["packageItems"].as_array().unwrap());
            all.filter(|one| one["orderItemId"] == item).map(|one| one["quantity"].as_u64().unwrap()).sum()
        };
        let items = document["items"].as_array().unwrap();
        let too_many =
            |item: &Value| counted(item["OrderItemId"].as_str().unwrap()) > item["QuantityOrdered"].as_u64().unwrap();
        if items.iter().any(too_many) {
            return error(400, "InvalidInput", "The quantity exceeds what is left to ship.");
        }
        let all = items
            .iter()
            .all(|item| counted(item["OrderItemId"].as_str().unwrap()) == item["QuantityOrdered"].as_u64().unwrap());
        document["packages"] = parcels.into();
        document["order"]["OrderStatus"] = if all { "Shipped" } else { "PartiallyShipped" }.into();
        reply(204, "")
    }

    fn patch(&mut self, seller: &str, sku: &str, asked: &Value) -> Reply {
        assert_eq!((seller, &asked["productType"]), ("A1B2C", &json!("PRODUCT")));
        let patch = &asked["patches"][0];
        assert_eq!((&patch["op"], &patch["path"]), (&json!("replace"), &json!("/attributes/fulfillment_availability")));
        assert_eq!(patch["value"][0]["fulfillment_channel_code"], "DEFAULT");
        self.stock.insert(sku.to_owned(), patch["value"][0]["quantity"].as_u64().unwrap());
        reply(200, json!({ "sku": sku, "status": "ACCEPTED", "submissionId": "s", "issues": [] }).to_string())
    }
}

/// The ids that the list holds.
pub(crate) fn listed() -> Vec<String> {
    (0..LISTED).map(|index| format!("902-3159896-{}", 2_000_001 + index)).collect()
}

fn list(request: &Request, token: &str) -> Reply {
    assert_eq!(token, TOKEN);
    assert_eq!(query(request, "MarketplaceIds").unwrap(), "ATVPDKIKX0DER,A2EUQ1WTGCTBG2");
    let at: usize = match query(request, "NextToken") {
        Some(next) => {
            assert!(query(request, "LastUpdatedAfter").is_none(), "the token stands for the whole question");
            next.trim_start_matches("p+/=").parse().unwrap()
        }
        None => {
            assert_eq!(query(request, "LastUpdatedAfter").unwrap(), "2026-11-21T08:00:00Z");
            assert_eq!(query(request, "LastUpdatedBefore").unwrap(), "2026-11-21T08:30:00Z");
            assert_eq!(query(request, "FulfillmentChannels").unwrap(), "MFN");
            0
        }
    };
    let entry = |id: &String| {
        json!({ "AmazonOrderId": id, "LastUpdateDate": "2026-11-21T08:20:00Z", "OrderStatus": "Unshipped",
            "PurchaseDate": "2026-11-21T08:00:00Z" })
    };
    let orders: Vec<Value> = listed().iter().skip(at).take(PAGE).map(entry).collect();
    let mut payload = json!({ "Orders": orders });
    if at + PAGE < LISTED {
        payload["NextToken"] = format!("p+/={}", at + PAGE).into();
    }
    reply(200, json!({ "payload": payload }).to_string())
}

/// A field of an address's query.
pub(crate) fn query(request: &Request, name: &str) -> Option<String> {
    pairs::from_form(request.uri().query().unwrap_or_default().as_bytes(), name)
}

/// A call's body.
pub(crate) fn body(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// An error in the platform's form.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Reply {
    reply(status, json!({ "errors": [{ "code": code, "message": message, "details": "" }] }).to_string())
}

fn missing() -> Reply {
    error(404, "NotFound", "The order was not found.")
}
