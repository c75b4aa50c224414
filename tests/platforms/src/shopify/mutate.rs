//! The mutations.

use super::ME;
use super::graphql::Field;
use super::query::{subscription, undefined};
use super::shape::{self, gid, id_of};
use crate::ledger::Confirmation;
use crate::order::Shipment;
use crate::world::{Event, World};
use serde_json::{Map, Value, json};

type Outcome = Result<Value, Value>;

/// Runs one root field of a mutation; `Err` is the entry for `errors[]`.
pub(super) fn run(world: &mut World, version: &str, field: &Field) -> Outcome {
    match field.name.as_str() {
        "fulfillmentCreate" | "fulfillmentCreateV2" => fulfillment_create(world, field),
        "fulfillmentTrackingInfoUpdate" | "fulfillmentTrackingInfoUpdateV2" => tracking_update(world, field),
        "inventorySetQuantities" => idempotent(world, version, field, set_quantities),
        "inventoryAdjustQuantities" => idempotent(world, version, field, adjust_quantities),
        "webhookSubscriptionCreate" => webhook_create(world, field),
        "webhookSubscriptionDelete" => webhook_delete(world, field),
        other => Err(undefined(other, "Mutation")),
    }
}

fn error(message: &str, code: &str) -> Value {
    json!({"message": message, "extensions": {"code": code}})
}

fn user_error(field: &[&str], message: &str, code: Option<&str>) -> Value {
    json!([{"__typename": "UserError", "field": field, "message": message, "code": code}])
}

/// The keys an input object may have; any other is refused like a field that the schema does not have.
fn only(input: &Value, kind: &str, known: &[&str]) -> Result<(), Value> {
    let unknown = input.as_object().and_then(|o| o.keys().find(|k| !known.contains(&k.as_str())));
    match unknown {
        Some(key) => Err(error(
            &format!(
                "Variable or argument of type {kind} was provided invalid value for {key} (Field is not defined on {kind})"
            ),
            "INVALID_VARIABLE",
        )),
        None => Ok(()),
    }
}

fn items<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    value.get(name).and_then(Value::as_array).map(|a| a.iter().collect()).unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

const TRACKING: &[&str] = &["company", "number", "numbers", "url", "urls"];

/// Company and number of a `FulfillmentTrackingInput`.
fn tracking(info: &Value) -> Result<(String, String), Value> {
    only(info, "FulfillmentTrackingInput", TRACKING)?;
    let first = items(info, "numbers").first().and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let number = text(info, "number");
    Ok((text(info, "company"), if number.is_empty() { first } else { number }))
}

fn fulfillment_create(world: &mut World, field: &Field) -> Outcome {
    let Some(input) = field.args.get("fulfillment").cloned() else {
        return Err(error(
            "Field 'fulfillmentCreate' is missing required arguments: fulfillment",
            "missingRequiredArguments",
        ));
    };
    only(
        &input,
        "FulfillmentInput",
        &["lineItemsByFulfillmentOrder", "trackingInfo", "notifyCustomer", "originAddress"],
    )?;
    let (company, number) = tracking(input.get("trackingInfo").unwrap_or(&Value::Null))?;
    let mut lines = Vec::new();
    let mut of = None;
    for row in items(&input, "lineItemsByFulfillmentOrder") {
        only(row, "FulfillmentOrderLineItemsInput", &["fulfillmentOrderId", "fulfillmentOrderLineItems"])?;
        match rows_of(world, row) {
            Ok((order, mut more)) => {
                of = Some(order);
                lines.append(&mut more);
            }
            Err(message) => return Ok(refused(&message)),
        }
    }
    let Some(order_id) = of else { return Ok(refused("Fulfillment order does not exist.")) };
    let shipment = Shipment {
        id: 9_607_199_254_740_993 + world.next(),
        reference: String::new(),
        carrier: company,
        number,
        lines,
        at_ms: world.now(ME),
    };
    world.confirm(ME, order_id, shipment.clone(), "create");
    let shown = world.order(ME, order_id).map(|o| shape::fulfillment(o, &shipment));
    Ok(json!({"__typename": "FulfillmentCreatePayload", "fulfillment": shown, "userErrors": []}))
}

fn refused(message: &str) -> Value {
    json!({"__typename": "FulfillmentCreatePayload", "fulfillment": null,
        "userErrors": user_error(&["fulfillment", "lineItemsByFulfillmentOrder"], message, None)})
}

/// The order and the pieces that one row of `lineItemsByFulfillmentOrder` asks to ship, or why not.
fn rows_of(world: &World, row: &Value) -> Result<(i64, Vec<(i64, i64)>), String> {
    let id = id_of(&text(row, "fulfillmentOrderId"), "FulfillmentOrder").ok_or("Fulfillment order does not exist.")?;
    let order = world.orders.iter().find(|o| o.platform == ME && shape::fulfillment_order_id(o) == id);
    let order = order.ok_or("Fulfillment order does not exist.")?;
    let status = shape::fulfillment_order_status(order);
    if !matches!(status, "OPEN" | "IN_PROGRESS") {
        return Err(format!("Fulfillment order {id} has an unfulfillable status= {}.", status.to_lowercase()));
    }
    let asked = items(row, "fulfillmentOrderLineItems");
    if asked.is_empty() {
        return Ok((order.id, order.lines.iter().filter(|l| l.open() > 0).map(|l| (l.id, l.open())).collect()));
    }
    let mut lines = Vec::new();
    for item in asked {
        let wanted = id_of(&text(item, "id"), "FulfillmentOrderLineItem");
        let line = order.lines.iter().find(|l| Some(shape::fulfillment_line_id(l)) == wanted);
        let line = line.ok_or("Fulfillment order line item does not exist.")?;
        let quantity = item.get("quantity").and_then(Value::as_i64).unwrap_or_default();
        if quantity < 1 || quantity > line.open() {
            return Err("Invalid fulfillment order line item quantity requested.".to_owned());
        }
        lines.push((line.id, quantity));
    }
    Ok((order.id, lines))
}

fn tracking_update(world: &mut World, field: &Field) -> Outcome {
    let id = field.text("fulfillmentId").and_then(|id| id_of(id, "Fulfillment"));
    let info = field.args.get("trackingInfoInput").cloned().unwrap_or(Value::Null);
    let (carrier, number) = tracking(&info)?;
    let found =
        world.orders.iter().find(|o| o.platform == ME && o.shipments.iter().any(|s| Some(s.id) == id)).map(|o| o.id);
    let Some(order_id) = found else {
        return Ok(json!({"__typename": "FulfillmentTrackingInfoUpdatePayload", "fulfillment": null,
            "userErrors": user_error(&["fulfillmentId"], "Fulfillment does not exist.", None)}));
    };
    let mut shown = Value::Null;
    let _ = world.change(ME, order_id, Event::Changed, |order, _| {
        if let Some(shipment) = order.shipments.iter_mut().find(|s| Some(s.id) == id) {
            shipment.carrier.clone_from(&carrier);
            shipment.number.clone_from(&number);
        }
    });
    if let Some((order, shipment)) =
        world.order(ME, order_id).and_then(|o| Some((o, o.shipments.iter().find(|s| Some(s.id) == id)?)))
    {
        shown = shape::fulfillment(order, shipment);
        let at_ms = world.now(ME);
        let lines = shipment.lines.clone();
        world.confirmations.push(Confirmation {
            platform: ME,
            order: order_id,
            carrier,
            number,
            lines,
            kind: "update",
            at_ms,
        });
    }
    Ok(json!({"__typename": "FulfillmentTrackingInfoUpdatePayload", "fulfillment": shown, "userErrors": []}))
}

/// From 2026-04 inventory mutations must carry `@idempotent(key:)`; the same key answers the same again.
fn idempotent(
    world: &mut World,
    version: &str,
    field: &Field,
    run: fn(&mut World, &str, &Value) -> Outcome,
) -> Outcome {
    let input = field.args.get("input").cloned().unwrap_or(Value::Null);
    let key =
        field.directives.iter().find(|d| d.0 == "idempotent").and_then(|d| d.1.get("key")).and_then(Value::as_str);
    let Some(key) = key.map(|k| format!("{}:{k}", field.name)) else {
        if version >= "2026-04" {
            return Err(error(
                "The @idempotent directive is required for this mutation but was not provided.",
                "BAD_REQUEST",
            ));
        }
        return run(world, version, &input);
    };
    if let Some((given, answer)) = world.shopify.idempotent.get(&key) {
        if *given == input {
            return Ok(answer.clone());
        }
        return Ok(inventory_payload(
            None,
            &user_error(
                &["input"],
                "The same idempotency key cannot be used with different operation parameters.",
                Some("IDEMPOTENCY_KEY_PARAMETER_MISMATCH"),
            ),
        ));
    }
    let answer = run(world, version, &input)?;
    world.shopify.idempotent.insert(key, (input, answer.clone()));
    Ok(answer)
}

fn inventory_payload(changes: Option<Vec<Value>>, errors: &Value) -> Value {
    let group = changes.map(|changes| {
        json!({"__typename": "InventoryAdjustmentGroup", "id": gid("InventoryAdjustmentGroup", 1), "reason": "correction",
            "createdAt": "2026-01-01T00:00:00Z", "referenceDocumentUri": null, "changes": changes})
    });
    json!({"__typename": "InventorySetQuantitiesPayload", "inventoryAdjustmentGroup": group, "userErrors": errors})
}

fn row_target(world: &World, row: &Value, index: usize) -> Result<String, Value> {
    let path = |name: &str| vec!["input".to_owned(), "quantities".to_owned(), index.to_string(), name.to_owned()];
    let fail = |name: &str, message: &str, code: &str| {
        let field = path(name);
        let field: Vec<&str> = field.iter().map(String::as_str).collect();
        inventory_payload(None, &user_error(&field, message, Some(code)))
    };
    let item = id_of(&text(row, "inventoryItemId"), "InventoryItem");
    let good = world.goods.iter().find(|g| Some(g.shopify_inventory()) == item);
    let good = good.ok_or_else(|| {
        fail("inventoryItemId", "The specified inventory item could not be found.", "INVALID_INVENTORY_ITEM")
    })?;
    if id_of(&text(row, "locationId"), "Location") != Some(shape::LOCATION) {
        return Err(fail("locationId", "The specified location could not be found.", "INVALID_LOCATION"));
    }
    Ok(good.sku.clone())
}

fn set_quantities(world: &mut World, version: &str, input: &Value) -> Outcome {
    let from_2026_04 = version >= "2026-04";
    let known: &[&str] = if from_2026_04 {
        &["name", "reason", "referenceDocumentUri", "quantities"]
    } else {
        &["name", "reason", "referenceDocumentUri", "quantities", "ignoreCompareQuantity"]
    };
    only(input, "InventorySetQuantitiesInput", known)?;
    let plain = |field: &str, message: &str, code: &str| {
        Ok(inventory_payload(None, &user_error(&["input", field], message, Some(code))))
    };
    if !matches!(text(input, "name").as_str(), "available" | "on_hand") {
        return plain("name", "The quantity name must be either 'available' or 'on_hand'.", "INVALID_NAME");
    }
    if text(input, "reason") != "correction" && !REASONS.contains(&text(input, "reason").as_str()) {
        return plain("reason", "The specified reason is invalid.", "INVALID_REASON");
    }
    let ignore = input.get("ignoreCompareQuantity").and_then(Value::as_bool).unwrap_or(false);
    let mut writes = Vec::new();
    for (index, row) in items(input, "quantities").into_iter().enumerate() {
        let compared = if from_2026_04 { "changeFromQuantity" } else { "compareQuantity" };
        // `changeFromQuantity` is an option of 2026-01, and all there is from 2026-04.
        let row_keys = ["inventoryItemId", "locationId", "quantity", "changeFromQuantity", compared];
        only(row, "InventoryQuantityInput", &row_keys)?;
        let given = row.get(compared).or_else(|| row.get("changeFromQuantity"));
        if from_2026_04 && given.is_none() {
            return Err(error(
                "InventoryQuantityInput: changeFromQuantity must be given, or be null to skip the check",
                "BAD_REQUEST",
            ));
        }
        if !from_2026_04 && !ignore && given.is_none_or(Value::is_null) {
            return plain(
                "ignoreCompareQuantity",
                "The compareQuantity argument must be given to each quantity or ignored using ignoreCompareQuantity.",
                "COMPARE_QUANTITY_REQUIRED",
            );
        }
        let sku = match row_target(world, row, index) {
            Ok(sku) => sku,
            Err(payload) => return Ok(payload),
        };
        if !ignore && given.and_then(Value::as_i64).is_some_and(|from| from != world.stock_of(ME, &sku)) {
            let code = if from_2026_04 { "CHANGE_FROM_QUANTITY_STALE" } else { "COMPARE_QUANTITY_STALE" };
            return plain("quantities", &format!("The {compared} value does not match persisted value."), code);
        }
        let Some(quantity) = row.get("quantity").and_then(Value::as_i64) else {
            return Err(error("InventoryQuantityInput: quantity is required", "INVALID_VARIABLE"));
        };
        writes.push((sku, quantity));
    }
    Ok(apply(world, writes))
}

const REASONS: &[&str] =
    &["cycle_count_available", "damaged", "movement_created", "other", "promotion", "received", "restock", "shrinkage"];

fn apply(world: &mut World, writes: Vec<(String, i64)>) -> Value {
    let mut changes = Vec::new();
    for (sku, quantity) in writes {
        let delta = quantity - world.stock_of(ME, &sku);
        world.set_stock(ME, &sku, quantity);
        changes.push(json!({"__typename": "InventoryChange", "name": "available", "delta": delta, "quantityAfterChange": quantity,
            "ledgerDocumentUri": null, "location": shape::location()}));
    }
    inventory_payload(Some(changes), &json!([]))
}

fn adjust_quantities(world: &mut World, version: &str, input: &Value) -> Outcome {
    only(input, "InventoryAdjustQuantitiesInput", &["name", "reason", "referenceDocumentUri", "changes"])?;
    let mut writes = Vec::new();
    for (index, row) in items(input, "changes").into_iter().enumerate() {
        if version >= "2026-04" && row.get("changeFromQuantity").is_none() {
            return Err(error(
                "InventoryChangeInput: changeFromQuantity must be given, or be null to skip the check",
                "BAD_REQUEST",
            ));
        }
        match row_target(world, row, index) {
            Ok(sku) => {
                let now = world.stock_of(ME, &sku);
                writes.push((sku, now + row.get("delta").and_then(Value::as_i64).unwrap_or_default()));
            }
            Err(payload) => return Ok(payload),
        }
    }
    Ok(apply(world, writes))
}

fn webhook_create(world: &mut World, field: &Field) -> Outcome {
    let topic = field.text("topic").unwrap_or_default().to_lowercase().replacen('_', "/", 1);
    let input = field.args.get("webhookSubscription").cloned().unwrap_or(Value::Object(Map::new()));
    let url = ["uri", "callbackUrl"].iter().map(|k| text(&input, k)).find(|u| !u.is_empty()).unwrap_or_default();
    let taken = world.shopify.subscriptions.values().any(|s| s.topic == topic && s.url == url);
    if url.is_empty() || taken {
        let message = if taken { "Address for this topic has already been taken" } else { "Address can't be blank" };
        return Ok(json!({"__typename": "WebhookSubscriptionCreatePayload", "webhookSubscription": null,
            "userErrors": user_error(&["webhookSubscription", "callbackUrl"], message, None)}));
    }
    let id = super::subscribe(world, &topic, &url);
    Ok(
        json!({"__typename": "WebhookSubscriptionCreatePayload", "webhookSubscription": subscription(id, &topic, &url), "userErrors": []}),
    )
}

fn webhook_delete(world: &mut World, field: &Field) -> Outcome {
    let id = field.text("id").and_then(|id| id_of(id, "WebhookSubscription"));
    let gone = id.and_then(|id| world.shopify.subscriptions.remove(&id));
    let errors =
        if gone.is_some() { json!([]) } else { user_error(&["id"], "Webhook subscription does not exist", None) };
    Ok(
        json!({"__typename": "WebhookSubscriptionDeletePayload", "deletedWebhookSubscriptionId": field.text("id"), "userErrors": errors}),
    )
}
