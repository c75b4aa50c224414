use crate::web::{Hub, Reply, call, until};
use huidan_platforms::{NewLine, NewOrder, Options, Platform, Platforms, Running, Targets, sign};
use serde_json::{Value, json};

const AT: Platform = Platform::Shopify;

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

async fn graphql_at(running: &Running, version: &str, query: &str, variables: Value) -> Value {
    let url = format!("{}/admin/api/{version}/graphql.json", running.addresses().shopify);
    let token = running.options().shopify.access_token;
    let headers = [("x-shopify-access-token", token.as_str()), ("content-type", "application/json")];
    let reply = call("POST", &url, &headers, json!({"query": query, "variables": variables}).to_string()).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

async fn graphql(running: &Running, query: &str, variables: Value) -> Value {
    graphql_at(running, "2026-10", query, variables).await
}

async fn rest(running: &Running, target: &str) -> Reply {
    let url = if target.starts_with("http") {
        target.to_owned()
    } else {
        format!("{}/admin/api/2025-01/{target}", running.addresses().shopify)
    };
    let token = running.options().shopify.access_token;
    call("GET", &url, &[("x-shopify-access-token", &token)], "").await
}

fn order_of(sku: &str, qty: i64) -> NewOrder {
    let line = NewLine { sku: sku.to_owned(), qty, unit_price: None, title: None };
    NewOrder { lines: Some(vec![line]), ..NewOrder::default() }
}

#[tokio::test]
async fn a_wrong_token_is_refused_with_401_and_noted() {
    let running = start().await;
    let url = format!("{}/admin/api/2026-10/graphql.json", running.addresses().shopify);
    let reply = call("POST", &url, &[("x-shopify-access-token", "wrong")], "{\"query\":\"{shop{name}}\"}").await;
    assert_eq!(reply.status, 401);
    assert!(reply.json()["errors"].as_str().unwrap().starts_with("[API] Invalid API key"));
    assert_eq!(running.ledger().bad_signatures.len(), 1);
}

#[tokio::test]
async fn orders_page_by_cursor_in_the_order_of_their_change() {
    let running = start().await;
    let ids: Vec<i64> = (0..5).map(|_| running.place(AT, &NewOrder::default()).unwrap()).collect();
    running.touch(AT, ids[0]).unwrap();
    let query = "query($q:String,$after:String){orders(first:2,query:$q,sortKey:UPDATED_AT,after:$after){edges{cursor node{legacyResourceId updatedAt}} pageInfo{hasNextPage endCursor}}}";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer =
            graphql(&running, query, json!({"q": "updated_at:>='2020-01-01T00:00:00Z'", "after": after})).await;
        let orders = &answer["data"]["orders"];
        for edge in orders["edges"].as_array().unwrap() {
            seen.push(edge["node"]["legacyResourceId"].as_str().unwrap().parse::<i64>().unwrap());
        }
        after = orders["pageInfo"]["endCursor"].clone();
        if orders["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen, [ids[1], ids[2], ids[3], ids[4], ids[0]]);
    assert!(ids[0] > 1 << 53, "ids are beyond what a double holds");
    let none = graphql(&running, query, json!({"q": "updated_at:>='2100-01-01T00:00:00Z'", "after": null})).await;
    assert_eq!(none["data"]["orders"]["edges"], json!([]));
}

#[tokio::test]
async fn arguments_may_stand_in_the_query_and_fragments_and_aliases_work() {
    let running = start().await;
    let id = running.place(AT, &order_of("TEA-250", 2)).unwrap();
    let query = format!(
        "query{{ mine: order(id:\"gid://shopify/Order/{id}\"){{ ...parts }} }} fragment parts on Order {{ name shippingAddress{{city}} lineItems(first:5){{nodes{{sku quantity variant{{inventoryItem{{id}}}}}}}} }}"
    );
    let answer = graphql(&running, &query, json!({})).await;
    let order = &answer["data"]["mine"];
    assert_eq!(order["lineItems"]["nodes"][0]["sku"], "TEA-250");
    assert_eq!(order["lineItems"]["nodes"][0]["quantity"], 2);
}

#[tokio::test]
async fn a_field_that_is_not_in_the_schema_refuses_the_whole_document() {
    let running = start().await;
    running.place(AT, &NewOrder::default()).unwrap();
    let answer = graphql(&running, "{orders(first:1){nodes{id trackingNumber}}}", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "undefinedField");
    assert!(answer.get("data").is_none());
    let answer = graphql(&running, "{orders{nodes{id}}}", json!({})).await;
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("first or last"));
}

const FULFILMENT_ORDERS: &str = "query($id:ID!){order(id:$id){fulfillmentOrders(first:10){nodes{id status assignedLocation{location{id}} lineItems(first:50){nodes{id remainingQuantity lineItem{id}}}}}}}";
const CREATE: &str = "mutation($f:FulfillmentInput!){fulfillmentCreate(fulfillment:$f){fulfillment{id status trackingInfo{number company}} userErrors{field message}}}";

#[tokio::test]
async fn a_shipment_is_told_in_two_calls_and_too_much_is_a_user_error() {
    let running = start().await;
    let id = running.place(AT, &order_of("TEA-250", 3)).unwrap();
    let gid = format!("gid://shopify/Order/{id}");
    let answer = graphql(&running, FULFILMENT_ORDERS, json!({"id": gid})).await;
    let fo = &answer["data"]["order"]["fulfillmentOrders"]["nodes"][0];
    assert_eq!(fo["status"], "OPEN");
    let ship = |quantity: i64| {
        json!({"f": {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": fo["id"],
            "fulfillmentOrderLineItems": [{"id": fo["lineItems"]["nodes"][0]["id"], "quantity": quantity}]}],
            "trackingInfo": {"company": "SF Express", "number": "SF1"}, "notifyCustomer": false}})
    };
    let part = graphql(&running, CREATE, ship(2)).await;
    assert_eq!(part["data"]["fulfillmentCreate"]["userErrors"], json!([]));
    let after = graphql(&running, FULFILMENT_ORDERS, json!({"id": gid})).await;
    let now = &after["data"]["order"]["fulfillmentOrders"]["nodes"][0];
    assert_eq!(
        (&now["status"], &now["lineItems"]["nodes"][0]["remainingQuantity"]),
        (&json!("IN_PROGRESS"), &json!(1))
    );
    let more = graphql(&running, CREATE, ship(2)).await;
    assert_eq!(
        more["data"]["fulfillmentCreate"]["userErrors"][0]["message"],
        "Invalid fulfillment order line item quantity requested."
    );
    graphql(&running, CREATE, ship(1)).await;
    let closed = graphql(&running, CREATE, ship(1)).await;
    assert!(
        closed["data"]["fulfillmentCreate"]["userErrors"][0]["message"].as_str().unwrap().contains("unfulfillable")
    );
    assert_eq!(running.ledger().confirmations.len(), 2);
    let fulfilment = part["data"]["fulfillmentCreate"]["fulfillment"]["id"].clone();
    let update = "mutation($id:ID!,$t:FulfillmentTrackingInput!){fulfillmentTrackingInfoUpdate(fulfillmentId:$id,trackingInfoInput:$t){fulfillment{trackingInfo{number}} userErrors{message}}}";
    let changed =
        graphql(&running, update, json!({"id": fulfilment, "t": {"company": "SF Express", "number": "SF2"}})).await;
    assert_eq!(changed["data"]["fulfillmentTrackingInfoUpdate"]["fulfillment"]["trackingInfo"][0]["number"], "SF2");
    assert_eq!(running.ledger().confirmations.last().unwrap().kind, "update");
}

#[tokio::test]
async fn a_cancelled_order_cannot_be_shipped() {
    let running = start().await;
    let id = running.place(AT, &NewOrder::default()).unwrap();
    let answer = graphql(&running, FULFILMENT_ORDERS, json!({"id": format!("gid://shopify/Order/{id}")})).await;
    let fo = answer["data"]["order"]["fulfillmentOrders"]["nodes"][0]["id"].clone();
    running.cancel(AT, id).unwrap();
    let input =
        json!({"f": {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": fo}], "trackingInfo": {"number": "SF1"}}});
    let refused = graphql(&running, CREATE, input).await;
    assert!(refused["data"]["fulfillmentCreate"]["fulfillment"].is_null());
    assert!(running.ledger().confirmations.is_empty());
}

async fn stock_ids(running: &Running) -> (Value, Value) {
    let query = "query($q:String){productVariants(first:5,query:$q){nodes{id sku inventoryItem{id}}} locations(first:1){nodes{id}}}";
    let answer = graphql(running, query, json!({"q": "sku:'TEA-250'"})).await;
    let variants = answer["data"]["productVariants"]["nodes"].as_array().unwrap().clone();
    assert_eq!(variants.len(), 1);
    (variants[0]["inventoryItem"]["id"].clone(), answer["data"]["locations"]["nodes"][0]["id"].clone())
}

fn set(directive: &str) -> String {
    format!(
        "mutation($i:InventorySetQuantitiesInput!){{inventorySetQuantities(input:$i){directive}{{inventoryAdjustmentGroup{{id}} userErrors{{code field message}}}}}}"
    )
}

#[tokio::test]
async fn from_2026_04_stock_needs_an_idempotency_key_and_the_level_it_starts_from() {
    let running = start().await;
    let (item, place) = stock_ids(&running).await;
    let input = |row: Value| {
        let mut base = json!({"inventoryItemId": item, "locationId": place, "quantity": 7});
        base.as_object_mut().unwrap().extend(row.as_object().unwrap().clone());
        json!({"i": {"name": "available", "reason": "correction", "quantities": [base]}})
    };
    let checked = || input(json!({"changeFromQuantity": 500}));
    let bare = graphql(&running, &set(""), checked()).await;
    assert!(bare["errors"][0]["message"].as_str().unwrap().contains("@idempotent"));
    let key = "@idempotent(key:\"6f0c5a53-7d8b-4b0a-9d3c-0c5b1a2f3e4d\")";
    let missing = graphql(&running, &set(key), input(json!({}))).await;
    assert!(missing["errors"][0]["message"].as_str().unwrap().contains("changeFromQuantity"));
    let old = graphql(&running, &set(key), input(json!({"changeFromQuantity": null, "compareQuantity": 1}))).await;
    assert!(old["errors"][0]["message"].as_str().unwrap().contains("compareQuantity"));
    let stale = graphql(&running, &set("@idempotent(key:\"k2\")"), input(json!({"changeFromQuantity": 3}))).await;
    assert_eq!(stale["data"]["inventorySetQuantities"]["userErrors"][0]["code"], "CHANGE_FROM_QUANTITY_STALE");
    let done = graphql(&running, &set(key), checked()).await;
    assert_eq!(done["data"]["inventorySetQuantities"]["userErrors"], json!([]));
    let again = graphql(&running, &set(key), checked()).await;
    assert_eq!(again["data"]["inventorySetQuantities"]["userErrors"], json!([]));
    assert_eq!(running.ledger().stock_writes.len(), 1, "the same key takes effect once");
    let other = graphql(&running, &set(key), input(json!({"changeFromQuantity": null}))).await;
    assert_eq!(other["data"]["inventorySetQuantities"]["userErrors"][0]["code"], "IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    assert_eq!(running.ledger().stock["shopify"]["TEA-250"], 7);
}

#[tokio::test]
async fn before_2026_04_the_old_comparison_holds() {
    let running = start().await;
    let (item, place) = stock_ids(&running).await;
    let row = json!({"inventoryItemId": item, "locationId": place, "quantity": 7});
    let plain = json!({"i": {"name": "available", "reason": "correction", "quantities": [row]}});
    let required = graphql_at(&running, "2025-10", &set(""), plain.clone()).await;
    assert_eq!(required["data"]["inventorySetQuantities"]["userErrors"][0]["code"], "COMPARE_QUANTITY_REQUIRED");
    let mut ignoring = plain;
    ignoring["i"]["ignoreCompareQuantity"] = json!(true);
    let done = graphql_at(&running, "2025-10", &set(""), ignoring.clone()).await;
    assert_eq!(done["data"]["inventorySetQuantities"]["userErrors"], json!([]));
    let now = graphql(&running, &set("@idempotent(key:\"k\")"), ignoring).await;
    assert!(now["errors"][0]["message"].as_str().unwrap().contains("ignoreCompareQuantity"));
}

#[tokio::test]
async fn too_many_points_are_throttled_with_the_state_of_the_bucket() {
    let mut options = Options::default();
    options.shopify.restore_per_second = 1;
    let running = Platforms::start(options).await.unwrap();
    let query = "{orders(first:100,sortKey:UPDATED_AT){nodes{id}}}";
    let mut last = Value::Null;
    for _ in 0..30 {
        last = graphql(&running, query, json!({})).await;
        if last.get("errors").is_some() {
            break;
        }
    }
    assert_eq!(last["errors"][0]["extensions"]["code"], "THROTTLED");
    let status = &last["extensions"]["cost"]["throttleStatus"];
    assert!(status["currentlyAvailable"].as_i64() < last["extensions"]["cost"]["requestedQueryCost"].as_i64());
    assert_eq!(status["restoreRate"], 1);
}

#[tokio::test]
async fn rest_pages_by_link_and_the_bucket_overflows_into_429() {
    let running = start().await;
    let ids: Vec<i64> = (0..5).map(|_| running.place(AT, &NewOrder::default()).unwrap()).collect();
    let mut seen = Vec::new();
    let mut next =
        "orders.json?status=any&limit=2&order=updated_at%20asc&updated_at_min=2020-01-01T00:00:00%2B08:00".to_owned();
    loop {
        let reply = rest(&running, &next).await;
        assert_eq!(reply.status, 200);
        assert!(reply.header("x-shopify-shop-api-call-limit").ends_with("/40"));
        seen.extend(reply.json()["orders"].as_array().unwrap().iter().map(|o| o["id"].as_i64().unwrap()));
        let Some(link) = reply.header("link").strip_prefix('<').and_then(|l| l.split_once(">; rel=\"next\"")) else {
            break;
        };
        next = link.0.to_owned();
    }
    assert_eq!(seen, ids);
    assert_eq!(rest(&running, &format!("orders/{}.json", ids[0])).await.json()["order"]["id"], ids[0]);
    let mut refused = None;
    for _ in 0..60 {
        let reply = rest(&running, "orders/1.json").await;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
    }
    assert_eq!(refused.expect("the bucket overflows").header("retry-after"), "2.0");
}

#[tokio::test]
async fn webhooks_carry_every_header_and_a_signature_over_the_raw_body() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { shopify: Some(hub.url.clone()), ..Targets::default() });
    let id = running.place(AT, &NewOrder::default()).unwrap();
    let got = hub.wait(3).await;
    for push in &got {
        assert_eq!(
            push.header("x-shopify-hmac-sha256"),
            sign::webhook(&running.options().shopify.client_secret, &push.body)
        );
        for name in [
            "x-shopify-topic",
            "x-shopify-shop-domain",
            "x-shopify-api-version",
            "x-shopify-webhook-id",
            "x-shopify-event-id",
            "x-shopify-triggered-at",
        ] {
            assert!(!push.header(name).is_empty(), "{name}");
        }
        assert_eq!(push.json()["id"].as_i64(), Some(id));
        assert_eq!(push.json()["admin_graphql_api_id"], format!("gid://shopify/Order/{id}"));
    }
    let mut topics: Vec<&str> = got.iter().map(|g| g.header("x-shopify-topic")).collect();
    topics.sort_unstable();
    assert_eq!(topics, ["orders/create", "orders/paid", "orders/updated"]);
}

#[tokio::test]
async fn a_webhook_is_tried_nine_times_and_then_the_subscription_is_gone() {
    let running = Platforms::start(Options { speed: 100_000, ..Options::default() }).await.unwrap();
    let hub = Hub::start().await;
    hub.answer(500, "no");
    let query = "mutation($u:URL!){webhookSubscriptionCreate(topic:ORDERS_CREATE,webhookSubscription:{callbackUrl:$u,format:JSON}){webhookSubscription{id topic} userErrors{message}}}";
    let made = graphql(&running, query, json!({"u": hub.url})).await;
    assert_eq!(made["data"]["webhookSubscriptionCreate"]["webhookSubscription"]["topic"], "ORDERS_CREATE");
    running.place(AT, &NewOrder::default()).unwrap();
    let got = hub.wait(9).await;
    let first = got[0].header("x-shopify-webhook-id").to_owned();
    assert!(
        got.iter().all(|g| g.header("x-shopify-webhook-id") == first && g.body == got[0].body),
        "the same delivery"
    );
    until(|| running.ledger().pushes[0].outcome == "given_up").await;
    let left = graphql(&running, "{webhookSubscriptions(first:10){nodes{id}}}", json!({})).await;
    assert_eq!(left["data"]["webhookSubscriptions"]["nodes"], json!([]));
    assert_eq!(hub.got().len(), 9);
}
