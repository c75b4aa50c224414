//! Orders as the models describe them. One that is pending has neither a price nor an address.

use super::{Caller, ME};
use crate::clock::rfc3339_utc;
use crate::order::{Line, Order, Refund, Shipment, Stage, decimal};
use crate::sign;
use crate::world::World;
use serde_json::{Map, Value, json};

/// Fulfilled by Amazon: placed with the tag `fba`.
pub(super) fn by_amazon(o: &Order) -> bool {
    o.tagged("fba")
}

pub(super) fn status(o: &Order) -> &'static str {
    match o.stage {
        Stage::Cancelled => "Canceled",
        Stage::Unpaid => "Pending",
        _ if o.refunded() && !o.partly_shipped() => "Canceled",
        _ if o.fully_shipped() => "Shipped",
        Stage::Completed => "Shipped",
        Stage::Paid if o.partly_shipped() => "PartiallyShipped",
        Stage::Paid => "Unshipped",
    }
}

fn money(o: &Order, hundredths: i64) -> Value {
    json!({"CurrencyCode": o.currency, "Amount": decimal(hundredths)})
}

/// Where it goes: the whole of it only for who may know.
pub(super) fn address(o: &Order, whole: bool) -> Value {
    let r = &o.receiver;
    let chinese = r.province.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let mut shown = json!({"City": r.city, "StateOrRegion": r.province, "PostalCode": r.postcode,
        "CountryCode": if chinese { "CN" } else { "US" }});
    if let (true, Some(shown)) = (whole, shown.as_object_mut()) {
        shown.insert("Name".to_owned(), r.name.clone().into());
        shown.insert("AddressLine1".to_owned(), r.address.clone().into());
        shown.insert("Phone".to_owned(), r.phone.clone().into());
        if !r.district.is_empty() {
            shown.insert("District".to_owned(), r.district.clone().into());
        }
    }
    shown
}

pub(super) fn buyer(o: &Order, whole: bool) -> Value {
    let mail = format!("{}@marketplace.amazon.com", sign::opaque("buyer", &o.receiver.phone).to_lowercase());
    if whole { json!({"BuyerEmail": mail, "BuyerName": o.receiver.name}) } else { json!({}) }
}

pub(super) fn order(world: &World, o: &Order, caller: &Caller) -> Value {
    let hour = 3_600_000;
    let count = |shipped: bool| -> i64 { o.lines.iter().map(|l| if shipped { l.shipped } else { l.open() }).sum() };
    let mut shown = json!({
        "AmazonOrderId": o.text_id(), "SellerOrderId": o.text_id(), "PurchaseDate": rfc3339_utc(o.created_ms),
        "LastUpdateDate": rfc3339_utc(o.modified_ms), "OrderStatus": status(o),
        "FulfillmentChannel": if by_amazon(o) { "AFN" } else { "MFN" }, "SalesChannel": "Amazon.com",
        "ShipServiceLevel": "Std US D2D Dom", "NumberOfItemsShipped": count(true), "NumberOfItemsUnshipped": count(false),
        "PaymentMethod": "Other", "PaymentMethodDetails": ["Standard"], "MarketplaceId": world.options.amazon.marketplace,
        "ShipmentServiceLevelCategory": "Standard", "OrderType": "StandardOrder", "IsBusinessOrder": false, "IsPrime": false,
        "IsReplacementOrder": "false", "IsISPU": false, "HasRegulatedItems": false, "IsPremiumOrder": false,
        "IsGlobalExpressEnabled": false, "IsSoldByAB": false,
    });
    let mut more = Map::new();
    if o.stage != Stage::Unpaid {
        more.insert("OrderTotal".to_owned(), money(o, o.total()));
        more.insert("ShippingAddress".to_owned(), address(o, caller.restricted));
        more.insert("BuyerInfo".to_owned(), buyer(o, caller.restricted));
        let paid = o.paid_ms.unwrap_or(o.created_ms);
        let dates = [
            ("EarliestShipDate", 0),
            ("LatestShipDate", 48),
            ("EarliestDeliveryDate", 72),
            ("LatestDeliveryDate", 168),
        ];
        for (name, hours) in dates {
            more.insert(name.to_owned(), rfc3339_utc(paid + hours * hour).into());
        }
    }
    if let Some(shown) = shown.as_object_mut() {
        shown.extend(more);
    }
    shown
}

/// As the successor writes an order.
pub(super) fn successor(world: &World, o: &Order, included: &[&str]) -> Value {
    let item = |l: &Line| {
        json!({"orderItemId": l.id.to_string(), "quantityOrdered": l.qty,
            "product": {"asin": l.good.listing(ME).0, "sellerSku": l.good.sku, "title": l.good.title}})
    };
    let mut shown = json!({"orderId": o.text_id(), "createdTime": rfc3339_utc(o.created_ms),
        "lastUpdatedTime": rfc3339_utc(o.modified_ms),
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": world.options.amazon.marketplace, "marketplaceName": "Amazon.com"},
        "orderItems": o.lines.iter().map(item).collect::<Vec<_>>()});
    let Some(fields) = shown.as_object_mut() else { return shown };
    if included.contains(&"FULFILLMENT") {
        let state = match status(o) {
            "Canceled" => "CANCELLED",
            "Pending" => "PENDING",
            "PartiallyShipped" => "PARTIALLY_SHIPPED",
            "Shipped" => "SHIPPED",
            _ => "UNSHIPPED",
        };
        let by = if by_amazon(o) { "AMAZON" } else { "MERCHANT" };
        fields.insert("fulfillment".to_owned(), json!({"fulfillmentStatus": state, "fulfilledBy": by}));
    }
    if included.contains(&"PACKAGES") {
        let package = |s: &Shipment| {
            let items = s.lines.iter().map(|(id, qty)| json!({"orderItemId": id.to_string(), "quantity": qty}));
            json!({"packageReferenceId": s.reference, "carrier": s.carrier, "trackingNumber": s.number,
                "shipTime": rfc3339_utc(s.at_ms), "packageStatus": {"status": "IN_TRANSIT"},
                "packageItems": items.collect::<Vec<_>>()})
        };
        fields.insert("packages".to_owned(), o.shipments.iter().map(package).collect());
    }
    shown
}

pub(super) fn item(o: &Order, l: &Line) -> Value {
    let mut shown = json!({
        "ASIN": l.good.listing(ME).0, "SellerSKU": l.good.sku, "OrderItemId": l.id.to_string(),
        "Title": format!("{} {}", l.good.title, l.good.spec).trim(), "QuantityOrdered": l.qty, "QuantityShipped": l.shipped,
        "IsGift": "false", "SerialNumberRequired": false, "IsTransparency": false,
        "ProductInfo": {"NumberOfItems": "1"},
    });
    let first = o.lines.first().is_some_and(|f| f.id == l.id);
    let Some(fields) = shown.as_object_mut() else { return shown };
    if o.stage != Stage::Unpaid {
        fields.insert("ItemPrice".to_owned(), money(o, l.amount()));
        // Freight is shown where it is paid.
        fields.insert("ShippingPrice".to_owned(), money(o, if first { o.shipping } else { 0 }));
        for name in ["ItemTax", "ShippingTax", "PromotionDiscount", "PromotionDiscountTax"] {
            fields.insert(name.to_owned(), money(o, 0));
        }
    }
    if l.refund == Refund::Requested {
        let asked = json!({"IsBuyerRequestedCancel": "true", "BuyerCancelReason": "Ordered by mistake"});
        fields.insert("BuyerRequestedCancel".to_owned(), asked);
    }
    shown
}
