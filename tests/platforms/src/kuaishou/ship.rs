//! Telling Kuaishou that goods are on their way.

use super::orders::find;
use super::{ME, Refused, business, invalid, shape};
use crate::fields::{int, list, text};
use crate::order::{Order, Shipment};
use crate::world::{Event, World};
use serde_json::{Value, json};

/// Carrier code and number; the code is a number here.
fn carrier(param: &Value) -> Result<(String, String), Refused> {
    let code = param.get("expressCode").and_then(Value::as_i64).filter(|c| *c > 0);
    let code = code.ok_or_else(|| invalid("expressCode"))?;
    let number = text(param, "expressNo");
    let fits = (5..=40).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok((code.to_string(), number)) } else { Err(invalid("expressNo")) }
}

fn shippable(order: &Order) -> Result<(), Refused> {
    if shape::status(order) != 30 {
        return Err(business(4_001, "订单状态不支持发货"));
    }
    if order.refunding() {
        return Err(business(4_002, "订单存在进行中的售后"));
    }
    if order.tagged("hold") {
        return Err(business(4_003, "订单存在风险，暂不能发货"));
    }
    Ok(())
}

fn book(world: &mut World, order: i64, carrier: (String, String), lines: Vec<(i64, i64)>, kind: &'static str) {
    let (id, at_ms) = (world.next(), world.now(ME));
    let (carrier, number) = carrier;
    let shipment = Shipment { id, reference: String::new(), carrier, number, lines, at_ms };
    world.confirm(ME, order, shipment, kind);
}

fn open_lines(order: &Order) -> Vec<(i64, i64)> {
    order.lines.iter().filter(|l| l.open() > 0).map(|l| (l.id, l.open())).collect()
}

/// The whole order; the same number told again is a success that changes nothing.
pub(super) fn deliver(world: &mut World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, param, "orderId")?.clone();
    let carrier = carrier(param)?;
    if order.shipments.iter().any(|s| s.number == carrier.1) {
        book(world, order.id, carrier, Vec::new(), "repeat");
        return Ok(json!({}));
    }
    shippable(&order)?;
    let lines = open_lines(&order);
    book(world, order.id, carrier, lines, "create");
    Ok(json!({}))
}

/// One order in several parcels.
pub(super) fn split(world: &mut World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, param, "mainOrderId")?.clone();
    let parcels = list(param, "deliveryItemInfoList");
    if parcels.is_empty() {
        return Err(invalid("deliveryItemInfoList"));
    }
    shippable(&order)?;
    let mut left: i64 = order.lines.iter().map(crate::order::Line::open).sum();
    let mut wanted = Vec::new();
    for parcel in &parcels {
        let pieces: i64 = list(parcel, "deliveryGoodsInfoList")
            .iter()
            .filter(|g| int(g, "oid") == Some(order.id))
            .filter_map(|g| int(g, "deliveryNum"))
            .sum();
        if pieces < 1 || pieces > left {
            return Err(invalid("deliveryNum"));
        }
        left -= pieces;
        wanted.push((carrier(parcel)?, pieces));
    }
    let whole = list(param, "deliveryStatus").iter().any(|s| int(s, "confirmDeliveryStatus") == Some(40));
    if whole && left > 0 {
        return Err(invalid("confirmDeliveryStatus"));
    }
    let line = order.lines.first().map_or(0, |l| l.id);
    for (carrier, pieces) in wanted {
        book(world, order.id, carrier, vec![(line, pieces)], "create");
    }
    Ok(json!({}))
}

/// One more parcel of an order that is on its way.
pub(super) fn append(world: &mut World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, param, "oid")?.clone();
    let carrier = carrier(param)?;
    if shape::status(&order) != 40 {
        return Err(business(4_004, "已发货的订单才能追加包裹"));
    }
    let known = order.shipments.iter().any(|s| s.number == carrier.1);
    book(world, order.id, carrier, Vec::new(), if known { "repeat" } else { "create" });
    Ok(json!({}))
}

/// Another number for a parcel; without its id for the order's first.
pub(super) fn update(world: &mut World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, param, "orderId")?.clone();
    let (carrier, number) = carrier(param)?;
    let wanted = int(param, "logisticsId").filter(|id| *id > 0);
    let chosen = order.shipments.iter().find(|s| wanted.is_none_or(|id| id == s.id));
    let mut shipment = chosen.cloned().ok_or_else(|| business(4_005, "订单没有已发货的包裹"))?;
    (shipment.carrier, shipment.number) = (carrier, number);
    let changed = shipment.clone();
    world.confirm(ME, order.id, shipment, "update");
    let _ = world.change(ME, order.id, Event::Changed, |order, _| {
        for kept in order.shipments.iter_mut().filter(|s| s.id == changed.id) {
            kept.clone_from(&changed);
        }
    });
    Ok(json!({}))
}
