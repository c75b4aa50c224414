//! The order as Shopify shows it: by GraphQL, and as the REST resource that webhooks carry too.

use super::graphql::connection;
use crate::clock::rfc3339_beijing;
use crate::clock::rfc3339_utc;
use crate::fiction::Good;
use crate::order::{Line, Order, Refund, Shipment, Stage, decimal};
use serde_json::{Value, json};

/// The only location of the simulated shop; above 2^53 on purpose.
pub(crate) const LOCATION: i64 = 9_707_199_254_740_993;

/// `gid://shopify/<Type>/<id>`.
pub(crate) fn gid(kind: &str, id: i64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The number at the end of a gid of this type; a bare number is no gid.
pub(crate) fn id_of(gid: &str, kind: &str) -> Option<i64> {
    gid.strip_prefix("gid://shopify/")?.strip_prefix(kind)?.strip_prefix('/')?.split('?').next()?.parse().ok()
}

fn money(amount: i64, currency: &str) -> Value {
    let one = |amount: i64| json!({"__typename": "MoneyV2", "amount": decimal(amount), "currencyCode": currency});
    json!({"__typename": "MoneyBag", "shopMoney": one(amount), "presentmentMoney": one(amount)})
}

fn refunded_total(order: &Order) -> i64 {
    order.lines.iter().filter(|l| l.refund == Refund::Done).map(Line::amount).sum()
}

fn financial(order: &Order) -> &'static str {
    match order.stage {
        Stage::Cancelled if order.paid_ms.is_none() => "voided",
        _ if order.refunded() => "refunded",
        _ if refunded_total(order) > 0 => "partially_refunded",
        _ if order.paid_ms.is_some() => "paid",
        _ => "pending",
    }
}

fn fulfilment(order: &Order) -> Option<&'static str> {
    match (order.fully_shipped(), order.partly_shipped()) {
        (true, _) => Some("fulfilled"),
        (false, true) => Some("partial"),
        (false, false) => None,
    }
}

/// The id of an order's only fulfillment order.
pub(crate) fn fulfillment_order_id(order: &Order) -> i64 {
    order.id + 200_000_000_000_000
}

/// The id of a line's place in the fulfillment order.
pub(crate) fn fulfillment_line_id(line: &Line) -> i64 {
    line.id + 100_000_000_000_000
}

/// `OPEN`, `IN_PROGRESS`, `CLOSED` or `CANCELLED`.
pub(crate) fn fulfillment_order_status(order: &Order) -> &'static str {
    match (order.stage, fulfilment(order)) {
        (Stage::Cancelled, _) => "CANCELLED",
        (_, Some("fulfilled")) => "CLOSED",
        (_, Some(_)) => "IN_PROGRESS",
        _ if order.refunded() => "CLOSED",
        _ => "OPEN",
    }
}

fn address(order: &Order) -> Value {
    let r = &order.receiver;
    let (last, first) = split_name(&r.name);
    json!({
        "__typename": "MailingAddress",
        "id": gid("MailingAddress", order.id + 1),
        "name": r.name, "firstName": first, "lastName": last, "company": null,
        "address1": format!("{}{}", r.district, r.address), "address2": null,
        "city": r.city, "province": r.province, "provinceCode": null, "zip": r.postcode,
        "country": "China", "countryCode": "CN", "countryCodeV2": "CN", "phone": r.phone,
        "latitude": null, "longitude": null,
        "formatted": [format!("{}{}{}{}", r.province, r.city, r.district, r.address)],
        "formattedArea": format!("{}{}", r.province, r.city),
    })
}

fn split_name(name: &str) -> (String, String) {
    let at = name.chars().next().map_or(0, char::len_utf8);
    let (last, first) = name.split_at(at);
    (last.to_owned(), first.to_owned())
}

/// A product variant.
pub(crate) fn variant(good: &Good, stock: i64) -> Value {
    json!({
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", good.shopify_variant()),
        "legacyResourceId": good.shopify_variant().to_string(),
        "sku": good.sku, "title": good.spec, "displayName": format!("{} - {}", good.title, good.spec),
        "barcode": null, "price": decimal(good.price), "inventoryQuantity": stock, "inventoryPolicy": "DENY",
        "product": product(good),
        "inventoryItem": inventory_item(good, stock),
    })
}

fn product(good: &Good) -> Value {
    json!({"__typename": "Product", "id": gid("Product", good.shopify_product()),
        "legacyResourceId": good.shopify_product().to_string(), "title": good.title, "handle": good.sku,
        "status": "ACTIVE", "vendor": "汇单示例", "productType": ""})
}

/// An inventory item with its level at the one location.
pub(crate) fn inventory_item(good: &Good, stock: i64) -> Value {
    let quantities: Vec<Value> = ["available", "on_hand"]
        .iter()
        .map(|name| json!({"__typename": "InventoryQuantity", "id": gid("InventoryQuantity", good.index), "name": name, "quantity": stock}))
        .collect();
    let level = json!({
        "__typename": "InventoryLevel", "id": format!("{}?inventory_item_id={}", gid("InventoryLevel", LOCATION), good.shopify_inventory()),
        "location": location(), "quantities": quantities, "isActive": true,
        "item": {"__typename": "InventoryItem", "id": gid("InventoryItem", good.shopify_inventory()), "sku": good.sku},
    });
    json!({
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", good.shopify_inventory()),
        "legacyResourceId": good.shopify_inventory().to_string(),
        "sku": good.sku, "tracked": true, "requiresShipping": true,
        "inventoryLevel": level.clone(), "inventoryLevels": connection(vec![level]),
        "variant": {"__typename": "ProductVariant", "id": gid("ProductVariant", good.shopify_variant()), "sku": good.sku},
    })
}

/// The location.
pub(crate) fn location() -> Value {
    json!({
        "__typename": "Location", "id": gid("Location", LOCATION), "legacyResourceId": LOCATION.to_string(),
        "name": "杭州仓", "isActive": true, "isPrimary": true, "fulfillsOnlineOrders": true,
        "shipsInventory": true, "hasActiveInventory": true,
        "address": {"__typename": "LocationAddress", "countryCode": "CN", "country": "China", "province": "浙江省",
            "city": "杭州市", "address1": "余杭区良渚街道 1 号仓", "address2": null, "zip": "311100", "phone": null},
    })
}

fn line_item(order: &Order, line: &Line) -> Value {
    let c = &order.currency;
    json!({
        "__typename": "LineItem",
        "id": gid("LineItem", line.id),
        "name": format!("{} - {}", line.good.title, line.good.spec),
        "title": line.good.title, "variantTitle": line.good.spec, "sku": line.good.sku, "vendor": "汇单示例",
        "quantity": line.qty, "currentQuantity": if line.refund == Refund::Done { 0 } else { line.qty },
        "fulfillableQuantity": line.open(), "unfulfilledQuantity": line.open(), "nonFulfillableQuantity": 0,
        "refundableQuantity": line.qty, "requiresShipping": true, "isGiftCard": false, "taxable": true,
        "fulfillmentStatus": if line.open() == 0 { "fulfilled" } else { "unfulfilled" },
        "originalUnitPriceSet": money(line.unit_price, c), "discountedUnitPriceSet": money(line.unit_price, c),
        "discountedUnitPriceAfterAllDiscountsSet": money(line.unit_price, c),
        "originalTotalSet": money(line.amount(), c), "discountedTotalSet": money(line.amount(), c),
        "totalDiscountSet": money(0, c), "unfulfilledOriginalTotalSet": money(line.unit_price * line.open(), c),
        "discountAllocations": [], "customAttributes": [], "image": null, "merchantEditable": true, "restockable": true,
        "variant": variant(&line.good, 0), "product": product(&line.good),
    })
}

/// A fulfillment.
pub(crate) fn fulfillment(order: &Order, shipment: &Shipment) -> Value {
    let lines = shipment.lines.iter().filter_map(|(id, qty)| {
        let line = order.line(*id)?;
        Some(json!({"__typename": "FulfillmentLineItem", "id": gid("FulfillmentLineItem", *id), "quantity": qty,
            "lineItem": line_item(order, line)}))
    });
    let tracking = json!({"__typename": "FulfillmentTrackingInfo", "company": shipment.carrier,
        "number": shipment.number, "url": null});
    let tracking = if shipment.number.is_empty() { vec![] } else { vec![tracking] };
    json!({
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", shipment.id), "legacyResourceId": shipment.id.to_string(),
        "name": format!("#{}-F{}", order.number, shipment.id % 100), "status": "SUCCESS", "displayStatus": "FULFILLED",
        "createdAt": rfc3339_utc(shipment.at_ms), "updatedAt": rfc3339_utc(shipment.at_ms),
        "deliveredAt": null, "estimatedDeliveryAt": null, "inTransitAt": null, "requiresShipping": true,
        "totalQuantity": shipment.lines.iter().map(|l| l.1).sum::<i64>(),
        "trackingInfo": tracking, "fulfillmentLineItems": connection(lines.collect()),
        "order": {"__typename": "Order", "id": gid("Order", order.id), "name": format!("#{}", order.number)},
        "location": location(),
    })
}

/// The only fulfillment order of an order.
pub(crate) fn fulfillment_order(order: &Order) -> Value {
    let lines = order.lines.iter().map(|line| {
        json!({"__typename": "FulfillmentOrderLineItem", "id": gid("FulfillmentOrderLineItem", fulfillment_line_id(line)),
            "remainingQuantity": line.open(), "totalQuantity": line.qty, "sku": line.good.sku,
            "productTitle": line.good.title, "variantTitle": line.good.spec, "requiresShipping": true,
            "inventoryItemId": gid("InventoryItem", line.good.shopify_inventory()),
            "lineItem": line_item(order, line), "variant": variant(&line.good, 0)})
    });
    json!({
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", fulfillment_order_id(order)),
        "status": fulfillment_order_status(order), "requestStatus": "UNSUBMITTED",
        "createdAt": rfc3339_utc(order.created_ms), "updatedAt": rfc3339_utc(order.modified_ms), "fulfillAt": null, "fulfillBy": null,
        "orderId": gid("Order", order.id), "orderName": format!("#{}", order.number), "fulfillmentHolds": [], "supportedActions": [],
        "assignedLocation": {"__typename": "FulfillmentOrderAssignedLocation", "name": "杭州仓", "location": location(),
            "countryCode": "CN", "province": "浙江省", "city": "杭州市", "address1": "余杭区良渚街道 1 号仓", "address2": null, "zip": "311100", "phone": null},
        "lineItems": connection(lines.collect()),
        "order": {"__typename": "Order", "id": gid("Order", order.id), "name": format!("#{}", order.number)},
    })
}

/// What lists for comparing show of an order.
pub(crate) fn brief(o: &Order) -> Value {
    json!({"__typename": "Order", "id": gid("Order", o.id), "updatedAt": rfc3339_utc(o.modified_ms)})
}

/// The order for GraphQL, every field; the caller's selection cuts it.
pub(crate) fn order(o: &Order) -> Value {
    let c = &o.currency;
    let refunds: Vec<Value> = if refunded_total(o) == 0 { vec![] } else { vec![refund(o)] };
    let display = match (fulfilment(o), o.stage) {
        (Some("fulfilled"), _) => "FULFILLED",
        (Some(_), _) => "PARTIALLY_FULFILLED",
        _ => "UNFULFILLED",
    };
    let ended = |stage: Stage| if o.stage == stage { o.ended_ms.map(rfc3339_utc) } else { None };
    let paid = if o.paid_ms.is_some() { o.total() } else { 0 };
    let shipping_line = json!({"__typename": "ShippingLine", "id": gid("ShippingLine", o.id + 3), "title": "标准快递",
        "code": "standard", "carrierIdentifier": null, "source": "shopify",
        "originalPriceSet": money(o.shipping, c), "discountedPriceSet": money(o.shipping, c)});
    let (last, first) = split_name(&o.receiver.name);
    let mut shown = json!({
        "__typename": "Order",
        "id": gid("Order", o.id), "legacyResourceId": o.id.to_string(), "name": format!("#{}", o.number),
        "number": o.number, "confirmationNumber": format!("C{}", o.number), "email": null, "phone": null, "poNumber": null,
        "note": if o.buyer_remark.is_empty() { Value::Null } else { o.buyer_remark.clone().into() },
        "tags": [], "test": false, "customAttributes": [], "sourceName": "web", "sourceIdentifier": null,
        "createdAt": rfc3339_utc(o.created_ms), "updatedAt": rfc3339_utc(o.modified_ms),
        "processedAt": rfc3339_utc(o.created_ms), "cancelledAt": ended(Stage::Cancelled),
        "cancelReason": if o.stage == Stage::Cancelled { "CUSTOMER".into() } else { Value::Null },
        "closed": o.stage == Stage::Completed, "closedAt": ended(Stage::Completed), "confirmed": true,
        "currencyCode": c, "presentmentCurrencyCode": c,
        "displayFinancialStatus": financial(o).to_uppercase(), "displayFulfillmentStatus": display,
        "fullyPaid": o.paid_ms.is_some(), "unpaid": o.paid_ms.is_none(), "returnStatus": "NO_RETURN",
        "requiresShipping": true, "fulfillable": o.lines.iter().any(|l| l.open() > 0), "edited": false,
        "paymentGatewayNames": ["bogus"], "taxesIncluded": true,
        "subtotalLineItemsQuantity": o.lines.iter().map(|l| l.qty).sum::<i64>(),
    });
    let more = json!({
        "totalPriceSet": money(o.total(), c), "currentTotalPriceSet": money(o.total() - refunded_total(o), c),
        "originalTotalPriceSet": money(o.total(), c), "subtotalPriceSet": money(o.goods_total(), c),
        "currentSubtotalPriceSet": money(o.goods_total() - refunded_total(o), c),
        "totalShippingPriceSet": money(o.shipping, c), "currentShippingPriceSet": money(o.shipping, c),
        "totalTaxSet": money(0, c), "currentTotalTaxSet": money(0, c), "totalDiscountsSet": money(0, c),
        "currentTotalDiscountsSet": money(0, c), "totalReceivedSet": money(paid, c), "netPaymentSet": money(paid - refunded_total(o), c),
        "totalOutstandingSet": money(o.total() - paid, c), "totalRefundedSet": money(refunded_total(o), c),
        "shippingAddress": address(o), "billingAddress": address(o), "displayAddress": address(o),
        "customer": {"__typename": "Customer", "id": gid("Customer", o.id + 5), "firstName": first, "lastName": last,
            "displayName": o.receiver.name, "email": null, "phone": null},
        "lineItems": connection(o.lines.iter().map(|l| line_item(o, l)).collect()),
        "shippingLine": shipping_line.clone(), "shippingLines": connection(vec![shipping_line]),
        "refunds": refunds, "fulfillments": o.shipments.iter().map(|s| fulfillment(o, s)).collect::<Vec<_>>(),
        "fulfillmentsCount": {"__typename": "Count", "count": o.shipments.len(), "precision": "EXACT"},
        "fulfillmentOrders": connection(vec![fulfillment_order(o)]),
        "transactions": [], "discountCodes": [], "discountCode": null, "cancellation": null, "metafields": connection(vec![]),
    });
    extend(&mut shown, more);
    shown
}

fn extend(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

fn refund(o: &Order) -> Value {
    let lines = o.lines.iter().filter(|l| l.refund == Refund::Done).map(|l| {
        json!({"__typename": "RefundLineItem", "id": gid("RefundLineItem", l.id), "quantity": l.qty, "restockType": "NO_RESTOCK",
            "lineItem": line_item(o, l), "subtotalSet": money(l.amount(), &o.currency), "location": null})
    });
    json!({
        "__typename": "Refund", "id": gid("Refund", o.id + 7), "legacyResourceId": (o.id + 7).to_string(),
        "createdAt": rfc3339_utc(o.modified_ms), "updatedAt": rfc3339_utc(o.modified_ms), "note": null,
        "totalRefundedSet": money(refunded_total(o), &o.currency), "refundLineItems": connection(lines.collect()),
    })
}

/// The order as the REST resource.
pub(crate) fn rest(o: &Order) -> Value {
    let (last, first) = split_name(&o.receiver.name);
    let r = &o.receiver;
    let bag = |amount: i64| {
        let one = json!({"amount": decimal(amount), "currency_code": o.currency});
        json!({"shop_money": one, "presentment_money": one})
    };
    let address = json!({
        "first_name": first, "last_name": last, "name": r.name, "company": null,
        "address1": format!("{}{}", r.district, r.address), "address2": null, "city": r.city, "province": r.province,
        "province_code": null, "zip": r.postcode, "country": "China", "country_code": "CN", "phone": r.phone,
        "latitude": null, "longitude": null,
    });
    let lines: Vec<Value> = o.lines.iter().map(|l| rest_line(o, l)).collect();
    let ended = |stage: Stage| if o.stage == stage { o.ended_ms.map(rfc3339_beijing) } else { None };
    let refunds: Vec<Value> = if refunded_total(o) == 0 { vec![] } else { vec![rest_refund(o)] };
    json!({
        "id": o.id, "admin_graphql_api_id": gid("Order", o.id), "name": format!("#{}", o.number),
        "number": o.number - 1_000, "order_number": o.number, "email": "", "phone": null,
        "created_at": rfc3339_beijing(o.created_ms), "updated_at": rfc3339_beijing(o.modified_ms),
        "processed_at": rfc3339_beijing(o.created_ms), "cancelled_at": ended(Stage::Cancelled),
        "cancel_reason": if o.stage == Stage::Cancelled { "customer".into() } else { Value::Null },
        "closed_at": ended(Stage::Completed), "test": false, "confirmed": true, "buyer_accepts_marketing": false,
        "currency": o.currency, "presentment_currency": o.currency,
        "total_price": decimal(o.total()), "subtotal_price": decimal(o.goods_total()), "total_tax": "0.00",
        "total_discounts": "0.00", "total_line_items_price": decimal(o.goods_total()),
        "current_total_price": decimal(o.total() - refunded_total(o)),
        "current_subtotal_price": decimal(o.goods_total() - refunded_total(o)),
        "total_price_set": bag(o.total()), "total_shipping_price_set": bag(o.shipping),
        "financial_status": financial(o), "fulfillment_status": fulfilment(o),
        "gateway": "bogus", "payment_gateway_names": ["bogus"], "source_name": "web",
        "note": if o.buyer_remark.is_empty() { Value::Null } else { o.buyer_remark.clone().into() },
        "note_attributes": [], "tags": "", "taxes_included": true, "tax_lines": [], "discount_codes": [],
        "shipping_address": address, "billing_address": address,
        "customer": {"id": o.id + 5, "first_name": first, "last_name": last, "email": null, "phone": null},
        "line_items": lines,
        "shipping_lines": [{"id": o.id + 3, "title": "标准快递", "code": "standard", "price": decimal(o.shipping), "source": "shopify"}],
        "refunds": refunds,
        "fulfillments": o.shipments.iter().map(|s| rest_fulfillment(o, s)).collect::<Vec<_>>(),
    })
}

fn rest_line(o: &Order, l: &Line) -> Value {
    json!({
        "id": l.id, "admin_graphql_api_id": gid("LineItem", l.id), "variant_id": l.good.shopify_variant(),
        "product_id": l.good.shopify_product(), "sku": l.good.sku, "title": l.good.title, "variant_title": l.good.spec,
        "name": format!("{} - {}", l.good.title, l.good.spec), "vendor": "汇单示例", "quantity": l.qty,
        "current_quantity": if l.refund == Refund::Done { 0 } else { l.qty }, "fulfillable_quantity": l.open(),
        "price": decimal(l.unit_price), "total_discount": "0.00", "discount_allocations": [], "requires_shipping": true,
        "gift_card": false, "taxable": true, "grams": l.good.weight_g, "properties": [], "tax_lines": [],
        "price_set": {"shop_money": {"amount": decimal(l.unit_price), "currency_code": o.currency},
            "presentment_money": {"amount": decimal(l.unit_price), "currency_code": o.currency}},
        "fulfillment_service": "manual",
        "fulfillment_status": if l.shipped == 0 { Value::Null } else if l.open() == 0 { "fulfilled".into() } else { "partial".into() },
    })
}

fn rest_refund(o: &Order) -> Value {
    let lines = o.lines.iter().filter(|l| l.refund == Refund::Done).map(|l| {
        json!({"id": l.id + 9, "line_item_id": l.id, "quantity": l.qty, "restock_type": "no_restock",
            "subtotal": decimal(l.amount())})
    });
    json!({"id": o.id + 7, "order_id": o.id, "created_at": rfc3339_beijing(o.modified_ms), "note": null,
        "refund_line_items": lines.collect::<Vec<_>>(), "transactions": []})
}

fn rest_fulfillment(o: &Order, s: &Shipment) -> Value {
    json!({"id": s.id, "order_id": o.id, "status": "success", "created_at": rfc3339_beijing(s.at_ms),
        "updated_at": rfc3339_beijing(s.at_ms), "tracking_company": s.carrier, "tracking_number": s.number,
        "tracking_numbers": [s.number], "tracking_url": null, "name": format!("#{}.1", o.number), "location_id": LOCATION,
        "line_items": s.lines.iter().filter_map(|(id, _)| o.line(*id).map(|l| rest_line(o, l))).collect::<Vec<_>>()})
}
