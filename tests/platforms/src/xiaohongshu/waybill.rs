//! Xiaohongshu's own waybills: booked with cipher text or with `openAddressId`, printed by Cainiao's component.

use super::{ME, Refused, invalid, refused, required, shape, ship};
use crate::ebill::{self, Bill, Wanted};
use crate::fiction::Receiver;
use crate::fields::{list, part, text};
use crate::world::World;
use serde_json::{Value, json};

const PER_CALL: usize = 10;
const DIRECT: &[&str] = &["shunfeng", "sf", "jd", "ems", "youzhengguonei", "debangkuaidi"];

/// Opens `openAddressId` or cipher text of the order; a mask or a text of another order is refused.
fn receiver(world: &World, shop: &str, order: &str, recipient: &Value) -> Result<Receiver, String> {
    let known = world.orders.iter().find(|o| o.platform == ME && o.shop == shop && o.text_id() == order);
    let known = known.ok_or("订单不存在")?;
    if !matches!(shape::status(known), 2 | 4 | 5 | 6) {
        return Err("订单状态不支持取号".to_owned());
    }
    let (address, named) = (part(recipient, "address"), text(recipient, "openAddressId"));
    if !named.is_empty() && text(recipient, "name").is_empty() {
        let same = named == shape::open_address_id(known);
        return if same { Ok(known.receiver.clone()) } else { Err("openAddressId 与订单不匹配".to_owned()) };
    }
    let phone = [text(recipient, "mobile"), text(recipient, "phone")].into_iter().find(|p| !p.is_empty());
    let opened = (
        shape::opened(order, "name", &text(recipient, "name")),
        shape::opened(order, "phone", &phone.unwrap_or_default()),
        shape::opened(order, "address", &text(&address, "detail")),
    );
    let (Some(name), Some(phone), Some(detail)) = opened else {
        return Err("收件人密文与订单不匹配".to_owned());
    };
    Ok(Receiver {
        name,
        phone,
        address: detail,
        province: text(&address, "province"),
        city: text(&address, "city"),
        district: text(&address, "district"),
        postcode: known.receiver.postcode.clone(),
    })
}

fn wanted(world: &World, shop: &str, carrier: &str, row: &Value) -> Result<Wanted, String> {
    let (info, contents) = (part(row, "orderInfo"), part(row, "packageInfo"));
    let orders: Vec<String> =
        list(&info, "tradeOrderList").iter().filter_map(|o| o.as_str().map(str::to_owned)).collect();
    let order = [text(&info, "xhsOrderId"), orders.first().cloned().unwrap_or_default()];
    let order = order.into_iter().find(|o| !o.is_empty()).ok_or("tradeOrderList 不能为空")?;
    let (object, package) = (text(row, "objectId"), text(&contents, "id"));
    if object.is_empty() || object.len() > 40 || package.is_empty() || text(row, "templateId").is_empty() {
        return Err("objectId、packageInfo.id、templateId 不能为空".to_owned());
    }
    if list(&contents, "items").is_empty() {
        return Err("packageInfo.items 不能为空".to_owned());
    }
    let receiver = receiver(world, shop, &order, &part(row, "recipient"))?;
    let key = format!("{order}/{package}");
    Ok(Wanted { shop: shop.to_owned(), carrier: carrier.to_owned(), key, package, orders: vec![order], receiver })
}

/// Print data in the form of the component: a text of JSON.
fn printed(bill: &Bill) -> String {
    let (encrypted, signature) = ebill::print_data(ME, bill);
    json!({"encryptedData": encrypted, "signature": signature, "templateURL": "http://cloudprint.cainiao.com/template/standard/644703",
        "ver": "waybill_print_xiaohongshu_secret"})
    .to_string()
}

/// `express.createEbillOrders`: each package has an outcome of its own.
pub(super) fn create(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let carrier = required(body, "cpCode")?;
    required(body, "sellerName")?;
    if !ship::company_known(&carrier) {
        return Err(invalid("cpCode", "快递公司编码不存在"));
    }
    required(body, if DIRECT.contains(&carrier.as_str()) { "customerCode" } else { "branchCode" })?;
    let sender = part(body, "sender");
    let address = part(&sender, "address");
    let complete = ["province", "city", "detail"].iter().all(|n| !text(&address, n).is_empty());
    let reachable = !text(&sender, "mobile").is_empty() || !text(&sender, "phone").is_empty();
    if text(&sender, "name").is_empty() || !complete || !reachable {
        return Err(invalid("sender", "寄件人信息不完整"));
    }
    let rows = list(body, "tradeOrderInfoList");
    if rows.is_empty() || rows.len() > PER_CALL {
        return Err(invalid("tradeOrderInfoList", "一次 1 到 10 个包裹"));
    }
    let mut answers = Vec::new();
    for row in &rows {
        let object = text(row, "objectId");
        let given = wanted(world, shop, &carrier, row)
            .and_then(|w| ebill::book(world, ME, w).map_err(|_| "电子面单余额不足".to_owned()));
        answers.push(match given {
            Ok((bill, _)) => json!({"objectId": object, "success": true, "waybillCode": bill.number, "shortWaybillCode": "", "parentWaybillCode": "",
                "printData": printed(&bill), "customerPrintData": "", "extraInfo": "", "cpCode": carrier, "errorCode": 0, "errorMsg": ""}),
            Err(why) => {
                world.refuse(ME, "express.createEbillOrders", &why, false);
                json!({"objectId": object, "success": false, "waybillCode": "", "printData": "", "errorCode": 6_001, "errorMsg": why})
            }
        });
    }
    Ok(json!({"tradeOrderInfoList": answers, "subErrorCode": ""}))
}

pub(super) fn query(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let (carrier, number) = (required(body, "cpCode")?, required(body, "waybillCode")?);
    let found = world.xiaohongshu.bills.find(&number);
    let bill = found.filter(|b| b.shop == shop && b.carrier == carrier && !b.cancelled);
    let bill = bill.ok_or_else(|| refused(6_002, "面单不存在"))?;
    Ok(
        json!({"waybillCode": bill.number, "printData": printed(bill), "parentWaybillCode": "", "extraInfo": "", "cpCode": carrier, "customerPrintData": ""}),
    )
}

pub(super) fn cancel(world: &mut World, shop: &str, body: &Value) -> Result<Value, Refused> {
    required(body, "cpCode")?;
    let number = required(body, "waybillCode")?;
    ebill::cancel(world, ME, shop, &number).map_err(|why| match why {
        ebill::Refused::Cancelled => refused(6_003, "面单已取消"),
        ebill::Refused::PickedUp => refused(6_004, "包裹已揽收，不能取消"),
        ebill::Refused::NotFound | ebill::Refused::NoQuota => refused(6_002, "面单不存在"),
    })?;
    Ok(json!({"subErrorCode": ""}))
}

/// Branches the shop has numbers at, and how many.
pub(super) fn subscribed(world: &World, body: &Value) -> Value {
    let left = world.xiaohongshu.bills.left;
    let used = world.options.xiaohongshu.quota - left;
    json!({"subscribeList": [{"cpCode": text(body, "cpCode"), "cpName": "", "cpType": 2, "customerCode": "", "brandCode": "",
        "branchList": [{"branchCode": "310001", "branchName": "杭州良渚网点"}],
        "usage": {"quantity": left, "allocatedQuantity": used, "cancelQuantity": 0, "recycledQuantity": 0},
        "senderAddressList": [{"address": {"province": "浙江省", "city": "杭州市", "district": "余杭区", "town": "", "detail": "良渚街道 1 号仓"}}]}]})
}

pub(super) fn templates(body: &Value) -> Value {
    json!({"templateList": [{"id": 644_703, "templateType": 1, "templateName": "一联单 76×130", "cpCode": text(body, "cpCode"),
        "standardTemplateUrl": "http://cloudprint.cainiao.com/template/standard/644703", "customerTemplateUrl": ""}]})
}
