//! Telling Amazon that goods are on their way, one package a call.

use super::orders::of_shop;
use super::{Answer, Call, Caller, ME, Refused, body, invalid, nothing, shape};
use crate::clock::parse_iso;
use crate::fields::{int, list, part, text};
use crate::ledger::Confirmation;
use crate::order::{Order, Shipment, Stage};
use crate::world::{Event, World};
use serde_json::Value;

/// A package as told, looked at.
fn package(world: &World, body: &Value) -> Result<(Value, String), Refused> {
    if text(body, "marketplaceId") != world.options.amazon.marketplace {
        return Err(invalid("marketplaceId is missing or not the order's."));
    }
    let detail = part(body, "packageDetail");
    for name in ["packageReferenceId", "carrierCode", "trackingNumber", "shipDate"] {
        if text(&detail, name).is_empty() {
            return Err(invalid(&format!("packageDetail.{name} is missing.")));
        }
    }
    // From memory of the model: only positive numbers.
    if int(&detail, "packageReferenceId").is_none_or(|n| n < 1) {
        return Err(invalid("packageDetail.packageReferenceId: only positive numeric values are supported."));
    }
    if parse_iso(&text(&detail, "shipDate"), 0).is_none() {
        return Err(invalid("packageDetail.shipDate is not in ISO 8601 format."));
    }
    let (code, name) = (text(&detail, "carrierCode"), text(&detail, "carrierName"));
    let other = code.eq_ignore_ascii_case("other");
    if other && name.is_empty() {
        return Err(invalid("packageDetail.carrierName is needed when carrierCode is Other."));
    }
    Ok((detail, if other { name } else { code }))
}

/// Pieces of a package, of what is open or was in this package before.
fn pieces(order: &Order, detail: &Value, before: Option<&Shipment>) -> Result<Vec<(i64, i64)>, Refused> {
    let rows = list(detail, "orderItems");
    if rows.is_empty() {
        return Err(invalid("packageDetail.orderItems is missing."));
    }
    let back = |line: i64| before.iter().flat_map(|s| &s.lines).filter(|l| l.0 == line).map(|l| l.1).sum::<i64>();
    let mut lines = Vec::new();
    for row in &rows {
        let line = int(row, "orderItemId").and_then(|id| order.line(id));
        let line = line.ok_or_else(|| invalid("orderItemId: the order has no such item."))?;
        let qty = int(row, "quantity").unwrap_or_default();
        if qty < 1 || qty > line.open() + back(line.id) {
            return Err(invalid("quantity: more than is left to ship."));
        }
        lines.push((line.id, qty));
    }
    Ok(lines)
}

pub(super) fn confirm(world: &mut World, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refused> {
    let order = of_shop(world, caller, id)?.clone();
    let (detail, carrier) = package(world, &body(call)?)?;
    if shape::by_amazon(&order) {
        return Err(invalid("The order is fulfilled by Amazon."));
    }
    let reference = text(&detail, "packageReferenceId");
    let before = order.shipments.iter().find(|s| s.reference == reference).cloned();
    let shippable = matches!(shape::status(&order), "Unshipped" | "PartiallyShipped") || before.is_some();
    if !shippable || order.stage == Stage::Cancelled {
        return Err(invalid("The order cannot be shipped in its state."));
    }
    let lines = pieces(&order, &detail, before.as_ref())?;
    let (number, at_ms) = (text(&detail, "trackingNumber"), world.now(ME));
    let made = Shipment { id: world.next(), reference, carrier, number, lines, at_ms };
    match before {
        None => world.confirm(ME, order.id, made, "create"),
        Some(before) => replace(world, &order, &before, made),
    }
    Ok(nothing())
}

/// The same package again: a repeat, or another number for it.
fn replace(world: &mut World, order: &Order, before: &Shipment, made: Shipment) {
    let same = before.number == made.number && before.carrier == made.carrier && before.lines == made.lines;
    let kind = if same { "repeat" } else { "update" };
    let (carrier, number, lines) = (made.carrier.clone(), made.number.clone(), made.lines.clone());
    world.confirmations.push(Confirmation {
        platform: ME,
        order: order.id,
        carrier,
        number,
        lines,
        kind,
        at_ms: made.at_ms,
    });
    if same {
        return;
    }
    let _ = world.change(ME, order.id, Event::Shipped, |order, _| {
        for (line, qty) in &before.lines {
            if let Some(line) = order.lines.iter_mut().find(|l| l.id == *line) {
                line.shipped -= qty;
            }
        }
        order.shipments.retain(|s| s.reference != made.reference);
        order.ship(made);
    });
}
