use crate::web::{Reply, call, form};
use huidan_platforms::{
    AmazonOptions, Fault, NewLine, NewOrder, Options, Platform, Platforms, Receiver, Refund, Running, When,
};
use serde_json::{Value, json};

const AT: Platform = Platform::Amazon;
const MARKET: &str = "ATVPDKIKX0DER";

async fn start() -> Running {
    let amazon = AmazonOptions { refill_times: 100_000, ..AmazonOptions::default() };
    Platforms::start(Options { amazon, ..Options::default() }).await.unwrap()
}

fn instant(ahead_s: i64) -> String {
    let at = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()) + chrono::Duration::seconds(ahead_s);
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn token(running: &Running) -> String {
    running.shop_tokens(AT, "A1SIMSELLER").unwrap().access_token
}

async fn with(running: &Running, token: &str, method: &str, path: &str, body: Value) -> Reply {
    let date = instant(0).replace(['-', ':'], "");
    let headers = [
        ("x-amz-access-token", token),
        ("x-amz-date", date.as_str()),
        ("user-agent", "Huidan/0.1 (Language=Rust)"),
        ("content-type", "application/json"),
    ];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    call(method, &format!("{}{path}", running.addresses().amazon), &headers, body).await
}

async fn ask(running: &Running, method: &str, path: &str, body: Value) -> Reply {
    with(running, &token(running), method, path, body).await
}

fn list_path(more: &[(&str, &str)]) -> String {
    let (from, to) = (instant(-600), instant(60));
    let mut pairs = vec![("MarketplaceIds", MARKET), ("LastUpdatedAfter", &from), ("LastUpdatedBefore", &to)];
    pairs.extend_from_slice(more);
    format!("/orders/v0/orders?{}", form(&pairs))
}

pub(crate) async fn list(running: &Running, more: &[(&str, &str)]) -> Value {
    ask(running, "GET", &list_path(more), Value::Null).await.json()["payload"].clone()
}

pub(crate) fn ids(payload: &Value) -> Vec<String> {
    payload["Orders"].as_array().unwrap().iter().map(|o| o["AmazonOrderId"].as_str().unwrap().to_owned()).collect()
}

fn order_of(skus: &[&str]) -> NewOrder {
    let lines = skus.iter().map(|s| NewLine { sku: (*s).to_owned(), qty: 2, unit_price: None, title: None }).collect();
    NewOrder { lines: Some(lines), ..NewOrder::default() }
}

fn place(running: &Running, order: &NewOrder) -> (i64, String) {
    let id = running.place(AT, order).unwrap();
    (id, running.ledger().orders.last().unwrap().text_id.clone())
}

fn code(reply: &Reply) -> String {
    reply.json()["errors"][0]["code"].as_str().unwrap_or_default().to_owned()
}

async fn lwa(running: &Running, more: &[(&str, &str)]) -> Reply {
    let options = running.options().amazon;
    let mut pairs = vec![("client_id", options.client_id.as_str()), ("client_secret", options.client_secret.as_str())];
    pairs.extend_from_slice(more);
    let headers = [("content-type", "application/x-www-form-urlencoded;charset=UTF-8")];
    call("POST", &format!("{}/auth/o2/token", running.addresses().amazon), &headers, form(&pairs)).await
}

#[tokio::test]
async fn calls_without_their_headers_are_refused() {
    let running = start().await;
    let url = format!("{}{}", running.addresses().amazon, list_path(&[]));
    let (token, date) = (token(&running), instant(0).replace(['-', ':'], ""));
    type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);
    let cases: [Case<'_>; 4] = [
        (&[("user-agent", "x"), ("x-amz-date", &date)], 403, "Unauthorized"),
        (&[("user-agent", "x"), ("x-amz-date", &date), ("x-amz-access-token", "nobody")], 403, "Unauthorized"),
        (&[("user-agent", "x"), ("x-amz-access-token", &token)], 400, "InvalidInput"),
        (&[("x-amz-date", &date), ("x-amz-access-token", &token)], 400, "InvalidInput"),
    ];
    for (headers, status, expected) in cases {
        let reply = call("GET", &url, headers, "").await;
        assert_eq!((reply.status, code(&reply).as_str()), (status, expected), "{headers:?}");
    }
    assert_eq!(ask(&running, "GET", "/no/such", Value::Null).await.status, 404);
    assert_eq!(running.ledger().bad_signatures.len(), 2);
}

#[tokio::test]
async fn an_access_token_lasts_an_hour_and_the_refresh_token_stays() {
    let running = start().await;
    let shop = running.options().amazon.shops[0].clone();
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", shop.refresh_token.as_str())];
    running.fault(AT, Fault::TokenExpired { when: When::default() });
    for _ in 0..2 {
        let reply = with(&running, &shop.access_token, "GET", &list_path(&[]), Value::Null).await;
        assert_eq!((reply.status, code(&reply).as_str()), (403, "Unauthorized"));
    }
    for _ in 0..2 {
        let new = lwa(&running, &refresh).await.json();
        assert_eq!((&new["expires_in"], &new["token_type"]), (&json!(3_600), &json!("bearer")));
        assert_eq!(new["refresh_token"], shop.refresh_token, "it is not used up");
        assert_eq!(list(&running, &[]).await["Orders"], json!([]));
    }
    let wrong = lwa(&running, &[("grant_type", "refresh_token"), ("refresh_token", "Atzr|nobody")]).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (400, &json!("invalid_grant")));
    let stranger = lwa(&running, &[("client_secret", "wrong"), refresh[0], refresh[1]]).await;
    assert_eq!((stranger.status, &stranger.json()["error"]), (401, &json!("invalid_client")));
    let code = running.authorise(AT, &shop.shop).unwrap();
    let by_code = lwa(&running, &[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert!(by_code.json()["refresh_token"].is_string());
}

#[tokio::test]
async fn an_order_goes_from_pending_to_shipped() {
    let running = start().await;
    let (id, number) = place(&running, &NewOrder { paid: Some(false), ..order_of(&["TEA-250", "CUP-WHITE"]) });
    let parts: Vec<usize> = number.split('-').map(str::len).collect();
    assert_eq!(parts, [3, 7, 7], "{number}");
    let pending = list(&running, &[]).await["Orders"][0].clone();
    assert_eq!(pending["OrderStatus"], "Pending");
    assert!(pending.get("OrderTotal").is_none() && pending.get("ShippingAddress").is_none());
    let items = ask(&running, "GET", &format!("/orders/v0/orders/{number}/orderItems"), Value::Null).await.json();
    assert!(items["payload"]["OrderItems"][0].get("ItemPrice").is_none());
    running.pay(AT, id).unwrap();
    let order = list(&running, &[]).await["Orders"][0].clone();
    assert_eq!((&order["OrderStatus"], &order["FulfillmentChannel"]), (&json!("Unshipped"), &json!("MFN")));
    assert_eq!(order["OrderTotal"], json!({"CurrencyCode": "USD", "Amount": "318.00"}));
    let items = ask(&running, "GET", &format!("/orders/v0/orders/{number}/orderItems"), Value::Null).await.json();
    let items = items["payload"]["OrderItems"].clone();
    assert_eq!((&items[0]["SellerSKU"], &items[0]["QuantityOrdered"]), (&json!("TEA-250"), &json!(2)));
    assert_eq!(items[0]["ItemPrice"]["Amount"], "240.00");
    let package = |reference: &str, number: &str, item: &Value, quantity: i64| {
        json!({"marketplaceId": MARKET, "packageDetail": {"packageReferenceId": reference, "carrierCode": "Other",
            "carrierName": "SF", "shippingMethod": "Standard", "trackingNumber": number, "shipDate": instant(0),
            "orderItems": [{"orderItemId": item["OrderItemId"], "quantity": quantity}]}})
    };
    let path = format!("/orders/v0/orders/{number}/shipmentConfirmation");
    let told = ask(&running, "POST", &path, package("1", "SF1", &items[0], 2)).await;
    assert_eq!((told.status, told.body.len()), (204, 0));
    assert_eq!(list(&running, &[]).await["Orders"][0]["OrderStatus"], "PartiallyShipped");
    assert_eq!(ask(&running, "POST", &path, package("1", "SF1", &items[0], 2)).await.status, 204, "a retry");
    assert_eq!(ask(&running, "POST", &path, package("1", "SF9", &items[0], 2)).await.status, 204, "another number");
    assert_eq!(code(&ask(&running, "POST", &path, package("2", "SF2", &items[1], 3)).await), "InvalidInput");
    assert_eq!(code(&ask(&running, "POST", &path, package("p-2", "SF2", &items[1], 2)).await), "InvalidInput");
    assert_eq!(ask(&running, "POST", &path, package("2", "SF2", &items[1], 2)).await.status, 204);
    assert_eq!(list(&running, &[]).await["Orders"][0]["OrderStatus"], "Shipped");
    let path = format!("/orders/2026-01-01/orders/{number}?includedData=FULFILLMENT,PACKAGES");
    let order = ask(&running, "GET", &path, Value::Null).await.json()["order"].clone();
    assert_eq!(order["fulfillment"]["fulfillmentStatus"], "SHIPPED", "{order}");
    let parcels = order["packages"].as_array().unwrap().iter();
    let parcels: Vec<(&str, &str)> = parcels
        .map(|one| (one["packageReferenceId"].as_str().unwrap(), one["trackingNumber"].as_str().unwrap()))
        .collect();
    assert_eq!(parcels, [("1", "SF9"), ("2", "SF2")]);
    assert_eq!(order["packages"][0]["packageItems"][0]["quantity"], 2);
    let plain = ask(&running, "GET", &format!("/orders/2026-01-01/orders/{number}"), Value::Null).await.json();
    assert!(plain["order"].get("packages").is_none(), "only what was asked for: {plain}");
    let told: Vec<(&str, String)> = running.ledger().confirmations.iter().map(|c| (c.kind, c.number.clone())).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(k, n)| (*k, n.as_str())).collect();
    assert_eq!(told, [("create", "SF1"), ("repeat", "SF1"), ("update", "SF9"), ("create", "SF2")]);
}

#[tokio::test]
async fn a_buyer_is_shown_to_a_restricted_token_of_that_path_only() {
    let running = start().await;
    let (_, number) = place(&running, &NewOrder { receiver: Some(Receiver::default()), ..order_of(&["TEA-250"]) });
    let person = Receiver::default();
    let plain = list(&running, &[]).await;
    for secret in [&person.name, &person.phone, &person.address] {
        assert!(!plain.to_string().contains(secret), "{secret}");
    }
    assert_eq!(plain["Orders"][0]["ShippingAddress"]["City"], "杭州市");
    let address = format!("/orders/v0/orders/{number}/address");
    assert_eq!(ask(&running, "GET", &address, Value::Null).await.status, 403);
    let wanted = json!({"restrictedResources": [{"method": "GET", "path": "/orders/v0/orders/{orderId}/address"}]});
    let given = ask(&running, "POST", "/tokens/2021-03-01/restrictedDataToken", wanted).await.json();
    let token = given["restrictedDataToken"].as_str().unwrap();
    let shown = with(&running, token, "GET", &address, Value::Null).await.json();
    assert_eq!(shown["payload"]["ShippingAddress"]["Name"], person.name);
    assert_eq!(shown["payload"]["ShippingAddress"]["CountryCode"], "CN");
    assert_eq!(with(&running, token, "GET", &list_path(&[]), Value::Null).await.status, 403);
}

#[tokio::test]
async fn the_list_goes_on_where_it_stopped_though_orders_are_modified() {
    let running = start().await;
    let placed: Vec<(i64, String)> = (0..5).map(|_| place(&running, &NewOrder::default())).collect();
    let at = |n: usize| placed[n].1.clone();
    let first = list(&running, &[("MaxResultsPerPage", "2")]).await;
    assert_eq!(ids(&first), [at(0), at(1)]);
    running.touch(AT, placed[0].0).unwrap();
    let next = first["NextToken"].as_str().unwrap();
    let second = list(&running, &[("NextToken", next)]).await;
    assert_eq!(ids(&second), [at(2), at(3)], "nothing is left out");
    let third = list(&running, &[("NextToken", second["NextToken"].as_str().unwrap())]).await;
    assert_eq!(ids(&third), [at(4), at(0)], "what was modified comes again");
    assert!(third.get("NextToken").is_none());
    let bad: [&[(&str, &str)]; 5] = [
        &[("MarketplaceIds", "")],
        &[("CreatedAfter", "2026-01-01T00:00:00Z")],
        &[("LastUpdatedAfter", "yesterday")],
        &[("MaxResultsPerPage", "101")],
        &[("OrderStatuses", "Gone")],
    ];
    for more in bad {
        assert_eq!(ask(&running, "GET", &list_path(more), Value::Null).await.status, 400, "{more:?}");
    }
}

#[tokio::test]
async fn amazons_own_parcels_and_cancelled_orders_are_not_the_sellers_to_ship() {
    let running = start().await;
    let (_, fba) = place(&running, &NewOrder { tags: vec!["fba".to_owned()], ..order_of(&["TEA-250"]) });
    let (asked, asked_number) = place(&running, &order_of(&["TEA-250"]));
    running.refund(AT, asked, &[], Refund::Requested).unwrap();
    let items = ask(&running, "GET", &format!("/orders/v0/orders/{asked_number}/orderItems"), Value::Null).await.json();
    assert_eq!(items["payload"]["OrderItems"][0]["BuyerRequestedCancel"]["IsBuyerRequestedCancel"], "true");
    running.cancel(AT, asked).unwrap();
    let afn = list(&running, &[("FulfillmentChannels", "AFN")]).await;
    assert_eq!(ids(&afn), std::slice::from_ref(&fba));
    for number in [&fba, &asked_number] {
        let items = ask(&running, "GET", &format!("/orders/v0/orders/{number}/orderItems"), Value::Null).await.json();
        let item = items["payload"]["OrderItems"][0]["OrderItemId"].clone();
        let body = json!({"marketplaceId": MARKET, "packageDetail": {"packageReferenceId": "1", "carrierCode": "UPS",
            "trackingNumber": "1Z1", "shipDate": instant(0), "orderItems": [{"orderItemId": item, "quantity": 1}]}});
        let path = format!("/orders/v0/orders/{number}/shipmentConfirmation");
        assert_eq!(ask(&running, "POST", &path, body).await.status, 400);
    }
}

#[tokio::test]
async fn orders_can_be_listed_twenty_times_and_then_once_a_minute() {
    let running = Platforms::start(Options::default()).await.unwrap();
    for _ in 0..20 {
        let reply = ask(&running, "GET", &list_path(&[]), Value::Null).await;
        assert_eq!((reply.status, reply.header("x-amzn-ratelimit-limit")), (200, "0.0167"));
    }
    let reply = ask(&running, "GET", &list_path(&[]), Value::Null).await;
    assert_eq!((reply.status, code(&reply).as_str()), (429, "QuotaExceeded"));
    running.fault(AT, Fault::LimitWithoutHint { when: When::default() });
    let silent = ask(&running, "GET", &list_path(&[]), Value::Null).await;
    assert_eq!((silent.status, silent.header("x-amzn-ratelimit-limit")), (429, ""));
}

fn patches(quantity: i64) -> Value {
    json!([{"op": "replace", "path": "/attributes/fulfillment_availability",
        "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": quantity}]}])
}

#[tokio::test]
async fn stock_is_an_attribute_of_the_listing() {
    let running = start().await;
    let path = |sku: &str| format!("/listings/2021-08-01/items/A1SIMSELLER/{sku}?marketplaceIds={MARKET}");
    let set =
        ask(&running, "PATCH", &path("TEA%2D250"), json!({"productType": "PRODUCT", "patches": patches(12)})).await;
    assert_eq!((set.status, &set.json()["status"]), (200, &json!("ACCEPTED")));
    assert_eq!(running.ledger().stock["amazon"]["TEA-250"], 12);
    let below =
        ask(&running, "PATCH", &path("TEA-250"), json!({"productType": "PRODUCT", "patches": patches(-1)})).await;
    assert_eq!((&below.json()["status"], below.json()["issues"].as_array().unwrap().len()), (&json!("INVALID"), 1));
    let unknown = ask(&running, "PATCH", &path("NOPE"), json!({"productType": "PRODUCT", "patches": patches(1)})).await;
    assert_eq!(unknown.status, 404);
    let shown = ask(&running, "GET", &path("TEA-250"), Value::Null).await.json();
    assert_eq!(shown["fulfillmentAvailability"][0]["quantity"], 12);
}

#[tokio::test]
async fn a_feed_is_worked_on_by_and_by_and_says_what_came_of_each_message() {
    let running = start().await;
    let kind = json!({"contentType": "application/json; charset=UTF-8"});
    let document = ask(&running, "POST", "/feeds/2021-06-30/documents", kind).await.json();
    let feed = json!({"header": {"sellerId": "A1SIMSELLER", "version": "2.0", "issueLocale": "en_US"}, "messages": [
        {"messageId": 1, "sku": "TEA-250", "operationType": "PATCH", "productType": "PRODUCT", "patches": patches(5)},
        {"messageId": 2, "sku": "NOPE", "operationType": "PATCH", "productType": "PRODUCT", "patches": patches(5)}]});
    let url = document["url"].as_str().unwrap();
    let other = call("PUT", url, &[("content-type", "text/plain")], feed.to_string()).await;
    assert_eq!(other.status, 403, "the type must be the one that was announced");
    let put = call("PUT", url, &[("content-type", "application/json; charset=UTF-8")], feed.to_string()).await;
    assert_eq!(put.status, 200);
    let body = json!({"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKET], "inputFeedDocumentId": document["feedDocumentId"]});
    let made = ask(&running, "POST", "/feeds/2021-06-30/feeds", body).await;
    assert_eq!(made.status, 202);
    let path = format!("/feeds/2021-06-30/feeds/{}", made.json()["feedId"].as_str().unwrap());
    let mut states = Vec::new();
    let mut result = Value::Null;
    for _ in 0..3 {
        let feed = ask(&running, "GET", &path, Value::Null).await.json();
        states.push(feed["processingStatus"].as_str().unwrap().to_owned());
        result = feed["resultFeedDocumentId"].clone();
    }
    assert_eq!(states, ["IN_QUEUE", "IN_PROGRESS", "DONE"]);
    let path = format!("/feeds/2021-06-30/documents/{}", result.as_str().unwrap());
    let report = ask(&running, "GET", &path, Value::Null).await.json();
    let report = call("GET", report["url"].as_str().unwrap(), &[], "").await.json();
    assert_eq!((&report["summary"]["messagesAccepted"], &report["issues"][0]["messageId"]), (&json!(1), &json!(2)));
    assert_eq!(running.ledger().stock["amazon"]["TEA-250"], 5);
}
