//! The queries.

use super::ME;
use super::graphql::{Field, connection, page};
use super::shape::{self, gid, id_of};
use crate::clock;
use crate::faults;
use crate::fiction::Good;
use crate::order::Order;
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// Answers one root field of a query, or the error entry for `errors[]`.
pub(super) fn run(world: &World, field: &Field) -> Result<Value, Value> {
    match field.name.as_str() {
        "orders" => orders(world, field),
        "order" => Ok(field.text("id").and_then(|id| by_gid(world, id)).unwrap_or(Value::Null)),
        "node" => Ok(field.text("id").and_then(|id| by_gid(world, id)).unwrap_or(Value::Null)),
        "nodes" => Ok(nodes(world, field)),
        "fulfillmentOrder"
        | "fulfillment"
        | "productVariant"
        | "inventoryItem"
        | "location"
        | "webhookSubscription" => Ok(match field.text("id") {
            Some(id) => by_gid(world, id).unwrap_or(Value::Null),
            None if field.name == "location" => shape::location(),
            None => Value::Null,
        }),
        "productVariants" => {
            Ok(connection(goods(world, field).into_iter().map(|g| shape::variant(g, stock(world, g))).collect()))
        }
        "inventoryItems" => {
            Ok(connection(goods(world, field).into_iter().map(|g| shape::inventory_item(g, stock(world, g))).collect()))
        }
        "locations" => Ok(connection(vec![shape::location()])),
        "shop" => Ok(shop(world)),
        "ordersCount" => {
            let count = matching(world, field)?.len();
            Ok(json!({"__typename": "Count", "count": count, "precision": "EXACT"}))
        }
        "webhookSubscriptions" => Ok(connection(subscriptions(world, field))),
        other => Err(undefined(other, "QueryRoot")),
    }
}

/// The error of asking for what is not there.
pub(super) fn undefined(name: &str, kind: &str) -> Value {
    json!({"message": format!("Field '{name}' doesn't exist on type '{kind}'"), "extensions": {"code": "undefinedField", "typeName": kind, "fieldName": name}})
}

fn bad(message: &str) -> Value {
    json!({"message": message, "extensions": {"code": "BAD_REQUEST"}})
}

fn shop(world: &World) -> Value {
    let domain = &world.options.shopify.shop_domain;
    json!({"__typename": "Shop", "id": gid("Shop", 1), "name": "汇单示例店", "myshopifyDomain": domain,
        "currencyCode": "CNY", "ianaTimezone": "Asia/Shanghai", "timezoneOffset": "+0800", "email": "shop@example.com",
        "primaryDomain": {"__typename": "Domain", "host": domain, "url": format!("https://{domain}")},
        "plan": {"__typename": "ShopPlan", "publicDisplayName": "Basic", "partnerDevelopment": true, "shopifyPlus": false}})
}

fn subscriptions(world: &World, field: &Field) -> Vec<Value> {
    let topics: Option<Vec<&str>> =
        field.args.get("topics").and_then(Value::as_array).map(|t| t.iter().filter_map(Value::as_str).collect());
    let all = world.shopify.subscriptions.iter().map(|(id, s)| subscription(*id, &s.topic, &s.url));
    all.filter(|s| {
        topics.as_ref().is_none_or(|t| s.get("topic").and_then(Value::as_str).is_some_and(|x| t.contains(&x)))
    })
    .collect()
}

/// A webhook subscription as GraphQL shows it.
pub(super) fn subscription(id: i64, topic: &str, url: &str) -> Value {
    json!({"__typename": "WebhookSubscription", "id": gid("WebhookSubscription", id),
        "legacyResourceId": id.to_string(), "topic": topic.replace('/', "_").to_uppercase(), "uri": url, "callbackUrl": url,
        "format": "JSON", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "includeFields": [],
        "endpoint": {"__typename": "WebhookHttpEndpoint", "callbackUrl": url}})
}

fn stock(world: &World, good: &Good) -> i64 {
    world.stock_of(ME, &good.sku)
}

fn nodes(world: &World, field: &Field) -> Value {
    let ids = field.args.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
    ids.iter().map(|id| id.as_str().and_then(|id| by_gid(world, id)).unwrap_or(Value::Null)).collect()
}

fn by_gid(world: &World, id: &str) -> Option<Value> {
    let kind = id.strip_prefix("gid://shopify/")?.split('/').next()?;
    let number = id_of(id, kind)?;
    let mut orders = world.orders.iter().filter(|o| o.platform == ME);
    match kind {
        "Order" => orders.find(|o| o.id == number).map(shape::order),
        "FulfillmentOrder" => orders.find(|o| shape::fulfillment_order_id(o) == number).map(shape::fulfillment_order),
        "Fulfillment" => orders.find_map(|o| Some(shape::fulfillment(o, o.shipments.iter().find(|s| s.id == number)?))),
        "ProductVariant" => {
            world.goods.iter().find(|g| g.shopify_variant() == number).map(|g| shape::variant(g, stock(world, g)))
        }
        "InventoryItem" => world
            .goods
            .iter()
            .find(|g| g.shopify_inventory() == number)
            .map(|g| shape::inventory_item(g, stock(world, g))),
        "Location" if number == shape::LOCATION => Some(shape::location()),
        "WebhookSubscription" => {
            world.shopify.subscriptions.get(&number).map(|s| subscription(number, &s.topic, &s.url))
        }
        _ => None,
    }
}

/// `sku:TEA-250`, quoted or not, several by `OR`; without a filter all goods.
fn goods<'a>(world: &'a World, field: &Field) -> Vec<&'a Good> {
    let query = field.text("query").unwrap_or_default();
    let wanted: Vec<String> = terms(query).into_iter().filter(|t| t.0 == "sku").map(|t| t.2).collect();
    world
        .goods
        .iter()
        .filter(|g| query.trim().is_empty() || wanted.iter().any(|w| w.eq_ignore_ascii_case(&g.sku)))
        .collect()
}

/// Terms of Shopify's search syntax: name, comparison, value. Quotes keep colons and blanks together.
fn terms(query: &str) -> Vec<(String, &'static str, String)> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in query.chars().chain([' ']) {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if c == q => quote = None,
            (None, ' ' | '(' | ')') => {
                if let Some((name, value)) = word.split_once(':') {
                    let (comparison, value) = comparison(value);
                    found.push((name.to_owned(), comparison, value.to_owned()));
                }
                word.clear();
            }
            (_, c) => word.push(c),
        }
    }
    found
}

fn comparison(value: &str) -> (&'static str, &str) {
    for sign in [">=", "<=", ">", "<"] {
        if let Some(rest) = value.strip_prefix(sign) {
            return (sign, rest);
        }
    }
    ("=", value)
}

fn holds(left: i64, comparison: &str, right: i64) -> bool {
    match comparison {
        ">=" => left >= right,
        "<=" => left <= right,
        ">" => left > right,
        "<" => left < right,
        _ => left == right,
    }
}

fn matching<'a>(world: &'a World, field: &Field) -> Result<Vec<&'a Order>, Value> {
    let terms = terms(field.text("query").unwrap_or_default());
    let mut orders: Vec<&Order> = world.orders.iter().filter(|o| o.platform == ME).collect();
    for (name, sign, value) in terms {
        // Instants are shown to the second; so are they compared.
        let at =
            || clock::parse_iso(&value, 0).map(|t| t / 1_000).ok_or_else(|| bad(&format!("Invalid date in {name}")));
        match name.as_str() {
            "updated_at" => {
                let at = at()?;
                orders.retain(|o| holds(o.modified_ms / 1_000, sign, at));
            }
            "created_at" | "processed_at" => {
                let at = at()?;
                orders.retain(|o| holds(o.created_ms / 1_000, sign, at));
            }
            "id" => orders.retain(|o| value.parse().is_ok_and(|id| holds(o.id, sign, id))),
            "name" => orders.retain(|o| value.trim_start_matches('#') == o.number.to_string()),
            "financial_status" => orders
                .retain(|o| shape::rest(o).get("financial_status").and_then(Value::as_str) == Some(value.as_str())),
            // Unknown filters are ignored with a warning at Shopify; `status:any` is what remains.
            _ => {}
        }
    }
    Ok(orders)
}

fn orders(world: &World, field: &Field) -> Result<Value, Value> {
    let first =
        field.args.get("first").and_then(Value::as_i64).ok_or_else(|| bad("you must provide one of first or last"))?;
    if !(1..=250).contains(&first) {
        return Err(bad("first must be between 1 and 250"));
    }
    let by_update = field.text("sortKey") == Some("UPDATED_AT");
    let reverse = field.args.get("reverse").and_then(Value::as_bool).unwrap_or(false);
    let key = |o: &Order| if by_update { (o.modified_ms, o.id) } else { (o.id, o.id) };
    let mut orders = matching(world, field)?;
    if field.text("query").is_some_and(|q| q.contains("updated_at")) {
        orders = faults::listed(world, ME, orders);
    }
    orders.sort_by_key(|o| key(o));
    if reverse {
        orders.reverse();
    }
    if let Some(after) = field.args.get("after").filter(|a| !a.is_null()) {
        let after =
            after.as_str().and_then(read_cursor).ok_or_else(|| bad("Invalid cursor for current pagination sort."))?;
        orders.retain(|o| if reverse { key(o) < after } else { key(o) > after });
    }
    let size = usize::try_from(first).unwrap_or(250);
    let more = orders.len() > size;
    // A whole order is much to make where two fields of it are asked for, as lists for comparing do.
    let brief = field.asks_only(&["id", "updatedAt"]);
    let shown = orders.into_iter().take(size).map(|o| {
        let mut node = if brief { shape::brief(o) } else { shape::order(o) };
        if let Some(node) = node.as_object_mut() {
            node.insert("$cursor".to_owned(), write_cursor(key(o)).into());
        }
        node
    });
    Ok(page(shown.collect(), more))
}

fn write_cursor((value, id): (i64, i64)) -> String {
    STANDARD.encode(json!({"last_id": id, "last_value": value}).to_string())
}

fn read_cursor(cursor: &str) -> Option<(i64, i64)> {
    let json: Value = serde_json::from_slice(&STANDARD.decode(cursor).ok()?).ok()?;
    Some((json.get("last_value")?.as_i64()?, json.get("last_id")?.as_i64()?))
}
