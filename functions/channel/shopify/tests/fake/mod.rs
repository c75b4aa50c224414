//! A Shopify of one order, in memory: it answers what the documentation says and keeps what it was told.

use huidan_exchange::{Reply, Request};
use huidan_testkit::reply;
use serde_json::{Value, json};

/// Its only order that can be asked for whole.
pub(crate) const ORDER: &str = "9007199254740995";
const LINE: &str = "gid://shopify/LineItem/866550311766439021";

/// What it keeps.
#[derive(Default)]
pub(crate) struct Shop {
    /// Number told, by fulfilment.
    pub(crate) numbers: Vec<String>,
    /// Every request's variables and query, oldest first.
    pub(crate) heard: Vec<(String, Value)>,
}

impl Shop {
    /// Answers a request.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(request.headers()["x-shopify-access-token"], "shpat_1234567890");
        assert!(request.uri().path().ends_with("/graphql.json"));
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let (query, variables) = (body["query"].as_str().unwrap().to_owned(), body["variables"].clone());
        let operation = query.split([' ', '(']).nth(1).unwrap().to_owned();
        self.heard.push((query, variables.clone()));
        let data = match operation.as_str() {
            "HuidanOrders" => orders(&variables),
            "HuidanOrder" => order(&variables),
            "HuidanShipped" => self.shipped(),
            "HuidanShip" => self.ship(&variables),
            "HuidanChange" => self.change(&variables),
            "HuidanItems" => items(&variables),
            "HuidanStock" => json!({"inventorySetQuantities": {"inventoryAdjustmentGroup": null, "userErrors": []}}),
            other => panic!("{other} is no operation this shop knows"),
        };
        reply(200, json!({ "data": data }).to_string())
    }

    fn shipped(&self) -> Value {
        let told = self.numbers.iter().enumerate();
        let fulfillments: Vec<Value> = told
            .map(|(index, number)| {
                json!({"id": format!("gid://shopify/Fulfillment/{index}"), "status": "SUCCESS", "trackingInfo": [{"number": number}]})
            })
            .collect();
        let open = self.numbers.is_empty();
        json!({"order": {"cancelledAt": null, "fulfillments": fulfillments, "fulfillmentOrders": {
        "pageInfo": {"hasNextPage": false, "endCursor": null},
        "nodes": [
            {"id": "gid://shopify/FulfillmentOrder/1", "status": "CLOSED", "assignedLocation": {"location": null},
             "lineItems": {"pageInfo": {"hasNextPage": false}, "nodes": []}},
            {"id": "gid://shopify/FulfillmentOrder/2", "status": if open { "OPEN" } else { "CLOSED" },
             "assignedLocation": {"location": {"id": "gid://shopify/Location/7"}},
             "lineItems": {"pageInfo": {"hasNextPage": false}, "nodes": [
                {"id": "gid://shopify/FulfillmentOrderLineItem/22", "remainingQuantity": if open { 2 } else { 0 },
                 "lineItem": {"id": LINE}}]}}
        ]}}})
    }

    fn ship(&mut self, variables: &Value) -> Value {
        let input = &variables["f0"];
        let part = &input["lineItemsByFulfillmentOrder"][0];
        assert_eq!(part["fulfillmentOrderId"], "gid://shopify/FulfillmentOrder/2");
        assert_eq!(
            part["fulfillmentOrderLineItems"],
            json!([{"id": "gid://shopify/FulfillmentOrderLineItem/22", "quantity": 2}])
        );
        self.numbers.push(input["trackingInfo"]["number"].as_str().unwrap().to_owned());
        json!({"fulfillmentCreate": {"fulfillment": {"id": "gid://shopify/Fulfillment/0"}, "userErrors": []}})
    }

    fn change(&mut self, variables: &Value) -> Value {
        let index: usize = variables["id"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
        self.numbers[index] = variables["info"]["number"].as_str().unwrap().to_owned();
        json!({"fulfillmentTrackingInfoUpdate": {"fulfillment": {"id": variables["id"]}, "userErrors": []}})
    }
}

/// Two pages: the cursor of the first is the second's.
fn orders(variables: &Value) -> Value {
    let query = variables["query"].as_str().unwrap();
    assert_eq!(query, "updated_at:>='2026-11-21T00:00:00Z' updated_at:<='2026-11-21T09:00:00Z' status:any");
    let node = |id: &str| json!({"id": format!("gid://shopify/Order/{id}"), "updatedAt": "2026-11-21T08:00:05Z"});
    match variables["after"].as_str() {
        None => {
            json!({"orders": {"pageInfo": {"hasNextPage": true, "endCursor": "c1"}, "nodes": [node("1"), node(ORDER)]}})
        }
        Some("c1") => json!({"orders": {"pageInfo": {"hasNextPage": false, "endCursor": "c2"}, "nodes": [node("3")]}}),
        other => panic!("{other:?} is no cursor"),
    }
}

fn order(variables: &Value) -> Value {
    let nodes: Value = serde_json::from_str(include_str!("../samples/graphql-two-pages.json")).unwrap();
    match (variables["id"].as_str(), variables["after"].as_str()) {
        (Some("gid://shopify/Order/9007199254740995"), None) => json!({"order": nodes[0]}),
        (Some("gid://shopify/Order/9007199254740995"), Some("bGFzdA==")) => json!({"order": nodes[1]}),
        _ => json!({"order": null}),
    }
}

fn items(variables: &Value) -> Value {
    let nodes: Vec<Value> = variables["ids"].as_array().unwrap().iter().map(|id| {
        json!({"id": id, "inventoryItem": {"id": format!("gid://shopify/InventoryItem/{}", id.as_str().unwrap().rsplit('/').next().unwrap())}})
    }).collect();
    let by_code = match variables["codes"].as_str().unwrap() {
        "" => json!([]),
        "sku:\"TEA \\\"A\\\"\"" => {
            json!([{"sku": "TEA \"A\"", "inventoryItem": {"id": "gid://shopify/InventoryItem/99"}}])
        }
        other => panic!("{other} is no search this shop knows"),
    };
    let locations = json!([{"id": "gid://shopify/Location/6", "isActive": false}, {"id": "gid://shopify/Location/7", "isActive": true}]);
    json!({"nodes": nodes, "productVariants": {"nodes": by_code}, "locations": {"nodes": locations}})
}
