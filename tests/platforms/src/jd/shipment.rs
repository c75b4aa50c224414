//! Telling JD that goods are on their way: one call for the whole order, with all its numbers.

use super::orders::{of_shop, state};
use super::{ME, Refused, required};
use crate::ledger::Confirmation;
use crate::order::{Order, Shipment};
use crate::world::{Event, World};
use serde_json::{Value, json};

/// JD's number of a carrier and its name.
const COMPANIES: &[(i64, &str)] = &[
    (467, "顺丰速运"),
    (1499, "中通速递"),
    (463, "圆通快递"),
    (470, "申通快递"),
    (1327, "韵达快递"),
    (465, "邮政 EMS"),
    (3046, "德邦快递"),
    (2087, "京东快递"),
    (1274, "厂家自送"),
];

pub(super) fn companies() -> Value {
    let rows = COMPANIES.iter().map(|(id, name)| {
        json!({"logistics_id": id.to_string(), "logistics_name": name, "logistics_remark": "", "sequence": "0"})
    });
    json!({"logistics_companies": {"logistics_list": rows.collect::<Vec<_>>()}})
}

fn outcome(code: i64, zh: &str, en: &str) -> Value {
    json!({"sopjosshipment_result": {"success": code == 0, "numberCode": code, "chineseErrCode": zh, "englishErrCode": en}})
}

fn done() -> Value {
    outcome(0, "成功", "success")
}

/// Carriers and numbers of a call, in parallel; the refusal otherwise.
fn parcels(carriers: &str, numbers: &str) -> Result<Vec<(String, String)>, Value> {
    let (carriers, numbers): (Vec<&str>, Vec<&str>) = (carriers.split('|').collect(), numbers.split('|').collect());
    if carriers.len() != numbers.len() {
        return Err(outcome(10_400_003, "物流公司与运单号个数不一致", "carriers and numbers differ in count"));
    }
    let known = |id: &&str| COMPANIES.iter().any(|c| c.0.to_string() == **id);
    if !carriers.iter().all(known) {
        return Err(outcome(10_400_004, "物流公司不存在", "no such carrier"));
    }
    let fits = |n: &str| (5..=30).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let mut rows = Vec::new();
    for (carrier, numbers) in carriers.iter().zip(numbers) {
        for number in numbers.split(',') {
            if !fits(number) {
                return Err(outcome(10_400_005, "运单号不符合规则", "not a waybill number"));
            }
            rows.push(((*carrier).to_owned(), number.to_owned()));
        }
    }
    Ok(rows)
}

/// The first parcel is booked with all goods: JD is not told what lies in which.
fn shipments(world: &mut World, order: &Order, rows: Vec<(String, String)>) -> Vec<Shipment> {
    let at_ms = world.now(ME);
    let mut lines: Vec<(i64, i64)> = order.lines.iter().filter(|l| l.open() > 0).map(|l| (l.id, l.open())).collect();
    rows.into_iter()
        .map(|(carrier, number)| {
            let (id, reference) = (world.next(), String::new());
            Shipment { id, reference, carrier, number, lines: std::mem::take(&mut lines), at_ms }
        })
        .collect()
}

pub(super) fn ship(world: &mut World, shop: &str, business: &Value) -> Result<Value, Refused> {
    let order = of_shop(world, shop, business, "orderId")?.clone();
    let rows = match parcels(&required(business, "logiCoprId")?, &required(business, "logiNo")?) {
        Ok(rows) => rows,
        Err(outcome) => return Ok(outcome),
    };
    match state(&order) {
        "WAIT_SELLER_STOCK_OUT" => {}
        "WAIT_GOODS_RECEIVE_CONFIRM" | "FINISHED_L" => {
            return Ok(outcome(10_400_011, "订单已出库，不能重复出库", "already shipped"));
        }
        other => return Ok(outcome(10_400_012, &format!("订单状态 {other} 不允许出库"), "state forbids shipping")),
    }
    for shipment in shipments(world, &order, rows) {
        world.confirm(ME, order.id, shipment, "create");
    }
    Ok(done())
}

/// Other numbers for an order that is on its way; its parameters are from memory.
pub(super) fn update(world: &mut World, shop: &str, business: &Value) -> Result<Value, Refused> {
    let order = of_shop(world, shop, business, "order_id")?.clone();
    let rows = match parcels(&required(business, "logistics_id")?, &required(business, "waybill")?) {
        Ok(rows) => rows,
        Err(outcome) => return Ok(outcome),
    };
    if state(&order) != "WAIT_GOODS_RECEIVE_CONFIRM" {
        return Ok(outcome(10_400_013, "订单未出库，不能修改运单号", "not shipped yet"));
    }
    let lines: Vec<(i64, i64)> = order.shipments.iter().flat_map(|s| s.lines.clone()).collect();
    let mut made = shipments(world, &order, rows);
    if let Some(first) = made.first_mut() {
        first.lines = lines;
    }
    for s in &made {
        let (carrier, number, lines) = (s.carrier.clone(), s.number.clone(), s.lines.clone());
        let told =
            Confirmation { platform: ME, order: order.id, carrier, number, lines, kind: "update", at_ms: s.at_ms };
        world.confirmations.push(told);
    }
    let _ = world.change(ME, order.id, Event::Shipped, |order, _| order.shipments = made);
    Ok(done())
}
