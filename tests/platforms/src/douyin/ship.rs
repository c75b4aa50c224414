//! Telling Douyin that goods are on their way.

use super::orders::find;
use super::{ME, Refused, business, invalid, required, shape};
use crate::fields::{int, list, text, yes};
use crate::order::{Order, Refund, Shipment};
use crate::world::{Event, World};
use serde_json::{Value, json};

const COMPANIES: &[(&str, &str)] = &[
    ("shunfeng", "顺丰速运"),
    ("yuantong", "圆通快递"),
    ("zhongtong", "中通快递"),
    ("shentong", "申通快递"),
    ("yunda", "韵达快递"),
    ("jtexpress", "极兔速递"),
    ("youzhengguonei", "邮政快递包裹"),
    ("ems", "EMS"),
    ("jd", "京东快递"),
    ("debangwuliu", "德邦"),
    ("debangkuaidi", "德邦快递"),
    ("danniao", "菜鸟速递"),
    ("qita", "其他"),
];

pub(super) fn company_name(code: &str) -> &'static str {
    COMPANIES.iter().find(|c| c.0 == code).map_or("", |c| c.1)
}

pub(super) fn companies() -> Value {
    let all = COMPANIES.iter().zip(1..).map(|((code, name), id)| json!({"id": id, "code": code, "name": name}));
    all.collect()
}

/// Carrier and number of a call or of a parcel in it.
fn carrier(params: &Value) -> Result<(String, String), Refused> {
    let (company, number) = (required(params, "company_code")?, required(params, "logistics_code")?);
    if company_name(&company).is_empty() {
        return Err(invalid("company_code", "物流公司编码不存在"));
    }
    let fits = (5..=40).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok((company, number)) } else { Err(invalid("logistics_code", "运单号不符合规则")) }
}

/// Whether these lines of the order may be shipped; one open refund among them fails the whole call, unless the seller
/// says that it is refused on the way.
fn shippable(world: &mut World, order: &Order, lines: &[(i64, i64)], refuse_refund: bool) -> Result<(), Refused> {
    if !matches!(shape::status(order), 2 | 101) {
        return Err(business(4_001, "当前订单状态不支持发货"));
    }
    let told = |line: &crate::order::Line| lines.iter().any(|(id, _)| *id == line.id);
    let refunding = order.lines.iter().any(|line| line.refund == Refund::Requested && told(line));
    if refunding && !refuse_refund {
        return Err(business(4_002, "订单存在未完结的售后，不能发货"));
    }
    if refunding {
        let _ = world.change(ME, order.id, Event::Changed, |order, _| {
            for line in order.lines.iter_mut().filter(|l| l.refund == Refund::Requested) {
                line.refund = Refund::None;
            }
            order.meta.push((0, "refund_refused".to_owned(), "true".to_owned()));
        });
    }
    Ok(())
}

fn open_lines(order: &Order) -> Vec<(i64, i64)> {
    order.lines.iter().filter(|l| l.open() > 0).map(|l| (l.id, l.open())).collect()
}

/// The pieces a parcel names, or all that is open in these orders.
fn pieces(order: &Order, named: &[Value]) -> Result<Vec<(i64, i64)>, Refused> {
    if named.is_empty() {
        return Ok(open_lines(order));
    }
    let mut lines = Vec::new();
    for row in named {
        let line = int(row, "shipped_order_id").and_then(|id| order.line(id));
        let Some(line) = line else { continue };
        let wanted = int(row, "shipped_num").unwrap_or(line.open());
        if wanted < 1 || wanted > line.open() {
            return Err(business(4_003, "发货数量超过可发数量"));
        }
        lines.push((line.id, wanted));
    }
    Ok(lines)
}

fn book(world: &mut World, order: i64, carrier: (String, String), lines: Vec<(i64, i64)>, reference: &str) -> i64 {
    let id = world.next();
    let at_ms = world.now(ME);
    let (carrier, number) = carrier;
    let shipment = Shipment { id, reference: reference.to_owned(), carrier, number, lines, at_ms };
    world.confirm(ME, order, shipment, "create");
    id
}

/// The whole order in one parcel.
pub(super) fn whole(world: &mut World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, &required(params, "order_id")?)?.clone();
    let carrier = carrier(params)?;
    shippable(world, &order, &open_lines(&order), yes(params, "is_reject_refund"))?;
    let pack = book(world, order.id, carrier, open_lines(&order), "");
    Ok(json!({"pack_id": pack.to_string()}))
}

/// What a `request_id` got before; it is required.
fn answered(world: &World, params: &Value) -> Result<(String, Option<Value>), Refused> {
    let request = required(params, "request_id")?;
    Ok((request.clone(), world.douyin.answered.get(&request).cloned()))
}

/// Several orders, or pieces of them, in one parcel.
pub(super) fn single_pack(world: &mut World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let (request, before) = answered(world, params)?;
    if let Some(before) = before {
        return Ok(before);
    }
    let carrier = carrier(params)?;
    let named = list(params, "shipped_order_info");
    let ids: Vec<String> = match params.get("order_id_list") {
        Some(Value::Array(ids)) => {
            ids.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)).collect()
        }
        _ => text(params, "order_id_list").split(',').filter(|i| !i.is_empty()).map(str::to_owned).collect(),
    };
    let mut parts = Vec::new();
    for id in &ids {
        let order = find(world, shop, id)?.clone();
        let lines = pieces(&order, &named)?;
        parts.push((order, lines));
    }
    if parts.iter().all(|(_, lines)| lines.is_empty()) {
        return Err(business(4_004, "没有可发的商品"));
    }
    for (order, lines) in &parts {
        shippable(world, order, lines, yes(params, "is_reject_refund"))?;
    }
    let mut pack = 0;
    for (order, lines) in parts.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        pack = book(world, order.id, carrier.clone(), lines, &request);
    }
    let answer = json!({"pack_id": pack.to_string()});
    world.douyin.answered.insert(request, answer.clone());
    Ok(answer)
}

/// One order in several parcels.
pub(super) fn multi_pack(world: &mut World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let (request, before) = answered(world, params)?;
    if let Some(before) = before {
        return Ok(before);
    }
    let order = find(world, shop, &required(params, "order_id")?)?.clone();
    let packs = list(params, "pack_list");
    if packs.is_empty() {
        return Err(invalid("pack_list", "至少一个包裹"));
    }
    let (mut parcels, mut left) = (Vec::new(), order.clone());
    for pack in &packs {
        let carrier = carrier(pack)?;
        let lines = pieces(&left, &list(pack, "shipped_order_info"))?;
        if lines.is_empty() {
            return Err(business(4_004, "包裹没有可发的商品"));
        }
        for (id, pieces) in &lines {
            if let Some(line) = left.lines.iter_mut().find(|l| l.id == *id) {
                line.shipped += pieces;
            }
        }
        parcels.push((carrier, lines));
    }
    let all: Vec<(i64, i64)> = parcels.iter().flat_map(|(_, lines)| lines.iter().copied()).collect();
    shippable(world, &order, &all, yes(params, "is_reject_refund"))?;
    let mut made = Vec::new();
    for (carrier, lines) in parcels {
        let number = carrier.1.clone();
        let pack = book(world, order.id, carrier, lines, &request);
        made.push(json!({"pack_id": pack.to_string(), "logistics_code": number}));
    }
    let answer = json!({"pack_list": made});
    world.douyin.answered.insert(request, answer.clone());
    Ok(answer)
}

/// Another number for a parcel; without its id for the order's only one.
fn replace(world: &mut World, order: &Order, pack: Option<i64>, params: &Value) -> Result<Value, Refused> {
    let carrier = carrier(params)?;
    let chosen = match pack {
        Some(id) => order.shipments.iter().find(|s| s.id == id),
        None => order.shipments.first(),
    };
    let mut shipment = chosen.cloned().ok_or_else(|| business(4_005, "订单还没有发货的包裹"))?;
    (shipment.carrier, shipment.number) = carrier;
    let changed = shipment.clone();
    world.confirm(ME, order.id, shipment, "update");
    let _ = world.change(ME, order.id, Event::Changed, |order, _| {
        for kept in order.shipments.iter_mut().filter(|s| s.id == changed.id) {
            kept.clone_from(&changed);
        }
    });
    Ok(Value::Null)
}

pub(super) fn edit(world: &mut World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, &required(params, "order_id")?)?.clone();
    replace(world, &order, None, params)
}

pub(super) fn edit_pack(world: &mut World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, &required(params, "order_id")?)?.clone();
    let pack = int(params, "pack_id").ok_or_else(|| invalid("pack_id", "应为整数"))?;
    replace(world, &order, Some(pack), params)
}
