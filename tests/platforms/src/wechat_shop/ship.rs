//! Telling WeChat Shop that goods are on their way.

use super::orders::find;
use super::{ME, Refused, invalid, refused, required, shape};
use crate::fields::{int, list, text};
use crate::order::{Line, Order, Shipment};
use crate::world::{Event, World};
use serde_json::{Value, json};

const COMPANIES: &[(&str, &str)] = &[
    ("SF", "顺丰速运"),
    ("YTO", "圆通速递"),
    ("ZTO", "中通快递"),
    ("STO", "申通快递"),
    ("YD", "韵达快递"),
    ("YUNDA", "韵达快递"),
    ("JTSD", "极兔速递"),
    ("YZPY", "邮政快递包裹"),
    ("EMS", "EMS"),
    ("JD", "京东快递"),
    ("DBL", "德邦快递"),
    ("OTHER", "其他"),
];

pub(super) fn company_name(code: &str) -> &'static str {
    COMPANIES.iter().find(|c| c.0 == code).map_or("", |c| c.1)
}

pub(super) fn companies() -> Value {
    json!({"company_list": COMPANIES.iter().map(|(id, name)| json!({"delivery_id": id, "delivery_name": name})).collect::<Vec<_>>()})
}

struct Parcel {
    carrier: String,
    number: String,
    lines: Vec<(i64, i64)>,
}

/// A parcel of the list; `open` says how many pieces of a line it may carry.
fn parcel(order: &Order, row: &Value, open: fn(&Line) -> i64) -> Result<Parcel, Refused> {
    if int(row, "deliver_type") != Some(1) {
        return Err(invalid("deliver_type", "1 自寄快递"));
    }
    let (carrier, number) = (required(row, "delivery_id")?, required(row, "waybill_id")?);
    if company_name(&carrier).is_empty() {
        return Err(invalid("delivery_id", "快递公司不存在"));
    }
    let fits = (5..=40).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !fits {
        return Err(invalid("waybill_id", "快递单号不符合规则"));
    }
    let mut lines = Vec::new();
    for good in list(row, "product_infos") {
        let named = (text(&good, "product_id"), text(&good, "sku_id"));
        let line = order.lines.iter().find(|l| l.good.listing(ME) == named);
        let line = line.ok_or_else(|| invalid("product_infos", "商品不在订单中"))?;
        let pieces = int(&good, "product_cnt").filter(|n| *n >= 1 && *n <= open(line));
        lines.push((line.id, pieces.ok_or_else(|| refused(10_020_053, "发货数量超过可发数量"))?));
    }
    if lines.is_empty() { Err(invalid("product_infos", "不能为空")) } else { Ok(Parcel { carrier, number, lines }) }
}

/// `order/delivery/send`.
pub(super) fn send(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, body)?.clone();
    if !matches!(shape::status(&order), 20 | 21) {
        return Err(refused(10_020_054, "订单状态不支持发货"));
    }
    if order.tagged("hold") {
        return Err(refused(10_020_055, "地址修改审核中，不能发货"));
    }
    let rows = list(body, "delivery_list");
    if rows.is_empty() {
        return Err(invalid("delivery_list", "不能为空"));
    }
    let (mut parcels, mut left) = (Vec::new(), order.clone());
    for row in &rows {
        let parcel = parcel(&left, row, Line::open)?;
        for (id, pieces) in &parcel.lines {
            if let Some(line) = left.lines.iter_mut().find(|l| l.id == *id) {
                line.shipped += pieces;
            }
        }
        parcels.push(parcel);
    }
    for Parcel { carrier, number, lines } in parcels {
        let (id, at_ms) = (world.next(), world.now(ME));
        world.confirm(ME, order.id, Shipment { id, reference: String::new(), carrier, number, lines, at_ms }, "create");
    }
    Ok(json!({}))
}

/// `order/deliveryinfo/update`: the whole list anew, for an order that is wholly on its way.
pub(super) fn update(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, body)?.clone();
    if shape::status(&order) != 30 {
        return Err(refused(10_020_056, "订单状态不支持修改物流信息"));
    }
    let mut parcels = Vec::new();
    for row in list(body, "delivery_list") {
        parcels.push(parcel(&order, &row, |l| l.shipped)?);
    }
    let covered = |l: &Line| parcels.iter().flat_map(|p| &p.lines).filter(|x| x.0 == l.id).map(|x| x.1).sum::<i64>();
    if order.lines.iter().any(|l| covered(l) != l.shipped) {
        return Err(invalid("delivery_list", "应包含全部已发货的商品"));
    }
    let (mut kept, at_ms) = (Vec::new(), world.now(ME));
    for Parcel { carrier, number, lines } in parcels {
        let known = order.shipments.iter().find(|s| s.number == number && s.carrier == carrier).cloned();
        let id = world.next();
        let shipment = Shipment { id, reference: String::new(), carrier, number, lines, at_ms };
        if known.is_none() {
            world.confirm(ME, order.id, shipment.clone(), "update");
        }
        kept.push(known.unwrap_or(shipment));
    }
    let _ = world.change(ME, order.id, Event::Changed, |order, _| order.shipments = kept);
    Ok(json!({}))
}
