//! WeChat Shop's own waybills: an id first, then a number for it, once. The receiver is the order's own, behind the mask
//! that the order shows.

use super::{ME, Refused, invalid, refused, required, shape};
use crate::ebill::{self, Bill, Wanted};
use crate::fields::{list, part, text};
use crate::order::Order;
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const CARRIERS: &[(&str, &str)] = &[
    ("SF", "顺丰速运"),
    ("YTO", "圆通速递"),
    ("ZTO", "中通快递"),
    ("STO", "申通快递"),
    ("YUNDA", "韵达快递"),
    ("JTSD", "极兔速递"),
    ("EMS", "EMS"),
    ("JD", "京东快递"),
];

fn account_id(shop: &str) -> String {
    format!("acct-{shop}")
}

/// The order that the first row names, by its id or by its token.
fn order<'a>(world: &'a World, shop: &str, body: &Value) -> Result<&'a Order, Refused> {
    let rows = list(body, "ec_order_list");
    let row = rows.first().ok_or_else(|| invalid("ec_order_list", "不能为空"))?;
    if list(row, "goods_list").is_empty() {
        return Err(invalid("goods_list", "不能为空"));
    }
    let (id, code) = (text(row, "ec_order_id"), text(row, "ewaybill_order_code"));
    let named = |o: &&Order| {
        o.platform == ME && o.shop == shop && (o.text_id() == id || !code.is_empty() && shape::waybill_code(o) == code)
    };
    world.orders.iter().find(named).ok_or_else(|| refused(10_025_020, "订单不存在或不属于店铺"))
}

fn complete(address: &Value) -> bool {
    ["name", "mobile", "province", "city", "county", "address"].iter().all(|n| !text(address, n).is_empty())
}

/// What both calls must have.
fn checked<'a>(world: &'a World, shop: &str, body: &Value) -> Result<&'a Order, Refused> {
    let carrier = required(body, "delivery_id")?;
    if !CARRIERS.iter().any(|c| c.0 == carrier) {
        return Err(refused(10_025_001, "快递公司不支持"));
    }
    if required(body, "ewaybill_acct_id")? != account_id(shop) {
        return Err(refused(10_025_002, "电子面单账号不存在"));
    }
    required(body, "shop_id")?;
    let (sender, receiver) = (part(body, "sender"), part(body, "receiver"));
    if !complete(&sender) || !complete(&receiver) {
        return Err(invalid("sender", "寄件人、收件人信息不完整"));
    }
    let order = order(world, shop, body)?;
    let (name, phone, detail) = shape::masks(order);
    let shown = (name, phone, detail, order.receiver.province.clone(), order.receiver.city.clone());
    let given = |name: &str| text(&receiver, name);
    if shown != (given("name"), given("mobile"), given("address"), given("province"), given("city")) {
        return Err(refused(10_025_021, "收件人信息与订单不一致"));
    }
    if !matches!(shape::status(order), 20 | 21 | 30) {
        return Err(refused(10_025_022, "订单状态不支持取号"));
    }
    Ok(order)
}

pub(super) fn precreate(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    checked(world, shop, body)?;
    let id = (5_200_000_i64 + world.next()).to_string();
    world.wechat_shop.asked.insert(id.clone(), json!({"shop": shop, "delivery_id": text(body, "delivery_id")}));
    Ok(json!({"ewaybill_order_id": id}))
}

/// Print data: Base64 of what the component reads.
fn printed(bill: &Bill) -> String {
    let (encrypted, signature) = ebill::print_data(ME, bill);
    STANDARD.encode(json!({"encryptedData": encrypted, "signature": signature, "templateURL": "single"}).to_string())
}

pub(super) fn create(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let id = required(body, "ewaybill_order_id")?;
    let asked = world.wechat_shop.asked.get(&id).cloned();
    let asked = asked
        .filter(|a| text(a, "shop") == shop)
        .ok_or_else(|| refused(10_025_010, "电子面单订单不存在,请确认面单ID"))?;
    if bill(world, shop, &id).is_some() {
        return Err(refused(10_025_019, "电子面单已存在"));
    }
    let carrier = required(body, "delivery_id")?;
    if carrier != text(&asked, "delivery_id") {
        return Err(invalid("delivery_id", "与预取号不一致"));
    }
    let order = checked(world, shop, body)?;
    let (receiver, orders) = (order.receiver.clone(), vec![order.text_id()]);
    let wanted = Wanted { shop: shop.to_owned(), carrier, key: id.clone(), package: String::new(), orders, receiver };
    let (bill, _) = ebill::book(world, ME, wanted).map_err(|_| refused(10_025_011, "电子面单余额不足"))?;
    Ok(
        json!({"ewaybill_order_id": id, "waybill_id": bill.number, "delivery_error_msg": "", "print_info": printed(&bill),
        "waybill_id_list": [{"waybill_type": 1, "waybill_id": bill.number, "create_time": world.now(ME) / 1_000}]}),
    )
}

/// The bill of an id, cancelled or not.
fn bill<'a>(world: &'a World, shop: &str, id: &str) -> Option<&'a Bill> {
    world.wechat_shop.bills.bills.iter().find(|b| b.shop == shop && b.key == id)
}

fn required_bill<'a>(world: &'a World, shop: &str, body: &Value) -> Result<&'a Bill, Refused> {
    let id = required(body, "ewaybill_order_id")?;
    bill(world, shop, &id).ok_or_else(|| refused(10_025_010, "电子面单订单不存在,请确认面单ID"))
}

pub(super) fn get(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let bill = required_bill(world, shop, body)?;
    // 1 has a number, 2 is cancelled.
    Ok(json!({"order_info": {"ewaybill_order_id": bill.key, "waybill_id": bill.number, "delivery_id": bill.carrier,
        "ewaybill_status": if bill.cancelled { 2 } else { 1 }, "ec_order_list": bill.orders.iter().map(|o| json!({"ec_order_id": o})).collect::<Vec<_>>()}}))
}

pub(super) fn print(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    required(body, "template_id")?;
    let bill = required_bill(world, shop, body)?;
    if bill.cancelled {
        return Err(refused(10_025_012, "电子面单已取消"));
    }
    Ok(json!({"print_info": printed(bill)}))
}

pub(super) fn cancel(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let bill = required_bill(world, shop, body)?;
    let (number, carrier) = (bill.number.clone(), bill.carrier.clone());
    if required(body, "delivery_id")? != carrier || required(body, "waybill_id")? != number {
        return Err(invalid("waybill_id", "与面单不一致"));
    }
    ebill::cancel(world, ME, shop, &number).map_err(|why| match why {
        ebill::Refused::Cancelled => refused(10_025_012, "电子面单已取消"),
        ebill::Refused::PickedUp => refused(10_025_013, "包裹已揽收，不能取消"),
        ebill::Refused::NotFound | ebill::Refused::NoQuota => refused(10_025_010, "电子面单订单不存在,请确认面单ID"),
    })?;
    Ok(json!({"delivery_error_msg": ""}))
}

/// Accounts at the carriers' branches, and how many numbers are left.
pub(super) fn accounts(world: &World, shop: &str, body: &Value) -> Value {
    let asked = text(body, "delivery_id");
    let left = world.wechat_shop.bills.left;
    let of = |code: &str| {
        json!({"delivery_id": code, "company_type": 1, "shop_id": shop, "acct_id": account_id(shop), "acct_type": 0, "status": 3, "available": left,
            "allocated": world.options.wechat_shop.quota - left, "cancel": 0, "recycled": 0, "monthly_card": "", "site_info": {"delivery_id": code, "site_code": "310001",
            "site_status": 1, "site_name": "杭州良渚网点", "address": {"province_name": "浙江省", "city_name": "杭州市", "district_name": "余杭区", "street_name": "", "detail_address": "良渚街道 1 号仓"}},
            "sender_address": {"province": "浙江省", "city": "杭州市", "county": "余杭区", "street": "", "address": "良渚街道 1 号仓"}})
    };
    let rows: Vec<Value> = CARRIERS.iter().filter(|c| asked.is_empty() || c.0 == asked).map(|c| of(c.0)).collect();
    json!({"total_num": rows.len(), "account_list": rows})
}

pub(super) fn carriers(shop: &str) -> Value {
    json!({"shop_id": shop, "list": CARRIERS.iter().map(|(id, name)| json!({"delivery_id": id, "delivery_name": name, "status": 3})).collect::<Vec<_>>()})
}
