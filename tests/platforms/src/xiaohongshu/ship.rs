//! Telling Xiaohongshu that goods are on their way.

use super::orders::find;
use super::{ME, Refused, invalid, refused, required, shape};
use crate::fields::{int, list, text, yes};
use crate::order::{Order, Shipment};
use crate::world::{Event, World};
use serde_json::{Value, json};

const COMPANIES: &[(&str, &str)] = &[
    ("shunfeng", "顺丰速运"),
    ("yuantong", "圆通速递"),
    ("zhongtong", "中通快递"),
    ("shentong", "申通快递"),
    ("yunda", "韵达快递"),
    ("jtexpress", "极兔速递"),
    ("youzhengguonei", "邮政快递包裹"),
    ("ems", "EMS"),
    ("jd", "京东物流"),
    ("debangkuaidi", "德邦快递"),
    ("sf", "顺丰速运"),
    ("yto", "圆通速递"),
    ("zto", "中通快递"),
    ("sto", "申通快递"),
    ("other", "其他"),
];

pub(super) fn company_known(code: &str) -> bool {
    COMPANIES.iter().any(|c| c.0 == code)
}

pub(super) fn companies() -> Value {
    let all = COMPANIES.iter().zip(1..).map(|((code, name), id)| {
        json!({"expressCompanyId": id, "expressCompanyCode": code, "expressCompanyName": name, "comment": ""})
    });
    json!({"expressCompanyInfos": all.collect::<Vec<_>>()})
}

/// Carrier and number.
fn carrier(body: &Value) -> Result<(String, String), Refused> {
    let (company, number) = (required(body, "expressCompanyCode")?, required(body, "expressNo")?);
    if !company_known(&company) {
        return Err(invalid("expressCompanyCode", "快递公司编码不存在"));
    }
    let fits = (5..=40).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok((company, number)) } else { Err(invalid("expressNo", "快递单号不符合规则")) }
}

/// The lines that a parcel carries: the named variants, or all that is open.
fn pieces(order: &Order, body: &Value) -> Result<Vec<(i64, i64)>, Refused> {
    let named: Vec<String> = list(body, "skuIdList").iter().filter_map(|s| s.as_str().map(str::to_owned)).collect();
    if yes(body, "unpack") && named.is_empty() {
        return Err(invalid("skuIdList", "拆包发货时必填"));
    }
    let chosen = order.lines.iter().filter(|l| !yes(body, "unpack") || named.contains(&l.good.listing(ME).1));
    let lines: Vec<(i64, i64)> = chosen.filter(|l| l.open() > 0).map(|l| (l.id, l.open())).collect();
    if lines.is_empty() { Err(refused(5_003, "没有可发货的商品")) } else { Ok(lines) }
}

/// `order.orderDeliver`.
pub(super) fn deliver(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, &required(body, "orderId")?)?.clone();
    let (carrier, number) = carrier(body)?;
    if int(body, "deliveringTime").is_none_or(|at| (at - world.now(ME)).abs() > 3 * 86_400_000) {
        return Err(invalid("deliveringTime", "毫秒时间戳"));
    }
    if !matches!(shape::status(&order), 4 | 5) {
        return Err(refused(5_004, "订单状态不允许发货"));
    }
    if order.refunding() {
        return Err(refused(5_005, "订单正在申请取消，不允许发货"));
    }
    let lines = pieces(&order, body)?;
    let (id, at_ms) = (world.next(), world.now(ME));
    let shipment = Shipment { id, reference: String::new(), carrier, number, lines, at_ms };
    world.confirm(ME, order.id, shipment, "create");
    Ok(json!({}))
}

/// `order.modifyOrderExpressInfo`: another number for a parcel, named by its old number where there are several.
pub(super) fn modify(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, &required(body, "orderId")?)?.clone();
    let (carrier, number) = carrier(body)?;
    let old = text(body, "oldExpressNo");
    if old.is_empty() && order.shipments.len() > 1 {
        return Err(invalid("oldExpressNo", "拆包订单必填"));
    }
    let chosen = order.shipments.iter().find(|s| old.is_empty() || s.number == old);
    let mut shipment = chosen.cloned().ok_or_else(|| refused(5_006, "订单没有已发货的包裹"))?;
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
