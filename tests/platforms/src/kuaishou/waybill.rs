//! Kuaishou's own waybills: booked with the cipher text of the order. The same trade and package get the same number.

use super::{ME, Refused, business, invalid, shape};
use crate::ebill::{self, Bill, Wanted};
use crate::fiction::Receiver;
use crate::fields::{list, part, text};
use crate::world::World;
use serde_json::{Value, json};

const PER_CALL: usize = 10;
const CARRIERS: &[&str] = &["SF", "YTO", "ZTO", "STO", "YUNDA", "JTSD", "JT", "EMS", "POSTB", "JD", "DBKD", "DANNIAO"];

/// Opens the order's cipher text; a mask, a text of another order or clear text is refused.
fn receiver(world: &World, shop: &str, order: &str, row: &Value) -> Result<Receiver, String> {
    let (contract, address) = (part(row, "receiverContract"), part(row, "receiverAddress"));
    let known = world.orders.iter().find(|o| o.platform == ME && o.shop == shop && o.text_id() == order);
    let known = known.ok_or("交易订单不存在")?;
    if !matches!(shape::status(known), 30 | 40) {
        return Err("订单状态不支持取号".to_owned());
    }
    let opened = (
        shape::opened(order, "name", &text(&contract, "name")),
        shape::opened(order, "mobile", &text(&contract, "mobile")),
        shape::opened(order, "address", &text(&address, "detailAddress")),
    );
    let (Some(name), Some(phone), Some(detail)) = opened else {
        return Err("收件人密文与订单不匹配".to_owned());
    };
    Ok(Receiver {
        name,
        phone,
        address: detail,
        province: text(&address, "provinceName"),
        city: text(&address, "cityName"),
        district: text(&address, "districtName"),
        postcode: known.receiver.postcode.clone(),
    })
}

fn wanted(world: &World, shop: &str, row: &Value) -> Result<Wanted, String> {
    let (carrier, order, package) =
        (text(row, "expressCompanyCode"), text(row, "tradeOrderCode"), text(row, "packageCode"));
    if !CARRIERS.contains(&carrier.as_str()) {
        return Err("expressCompanyCode 无效".to_owned());
    }
    for name in ["requestId", "merchantCode", "tradeOrderCode", "packageCode", "orderChannel", "templateUrl"] {
        if text(row, name).is_empty() {
            return Err(format!("{name} 不能为空"));
        }
    }
    let (contract, address) = (part(row, "senderContract"), part(row, "senderAddress"));
    let complete = ["provinceName", "cityName", "detailAddress"].iter().all(|n| !text(&address, n).is_empty());
    if text(&contract, "name").is_empty() || !complete || list(row, "itemList").is_empty() {
        return Err("寄件人或货品信息不完整".to_owned());
    }
    let receiver = receiver(world, shop, &order, row)?;
    let key = format!("{order}/{package}");
    Ok(Wanted { shop: shop.to_owned(), carrier, key, package, orders: vec![order], receiver })
}

fn printed(bill: &Bill) -> Value {
    let (encrypted, signature) = ebill::print_data(ME, bill);
    json!({"waybillCode": bill.number, "parentWaybillCode": "", "waybillPackageCode": bill.package, "printData": encrypted, "signature": signature,
        "key": "1", "version": "1.0"})
}

/// `open.express.ebill.get`: each package has an outcome of its own.
pub(super) fn get(world: &mut World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let rows = list(param, "getEbillOrderRequest");
    if rows.is_empty() || rows.len() > PER_CALL {
        return Err(invalid("getEbillOrderRequest"));
    }
    let mut answers = Vec::new();
    for row in &rows {
        let request = text(row, "requestId");
        let given =
            wanted(world, shop, row).and_then(|w| ebill::book(world, ME, w).map_err(|_| "电子面单余额不足".to_owned()));
        answers.push(match given {
            Ok((bill, _)) => json!({"requestId": request, "data": [printed(&bill)], "baseResponse": {"result": 1, "message": "success", "success": true}}),
            Err(why) => {
                world.refuse(ME, "open.express.ebill.get", &why, false);
                json!({"requestId": request, "data": [], "baseResponse": {"result": 5_001, "message": why, "success": false}})
            }
        });
    }
    Ok(answers.into())
}

/// `open.express.ebill.cancel`.
pub(super) fn cancel(world: &mut World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let (carrier, number) = (text(param, "expressCompanyCode"), text(param, "waybillCode"));
    if carrier.is_empty() || number.is_empty() {
        return Err(invalid("waybillCode"));
    }
    ebill::cancel(world, ME, shop, &number).map_err(|why| match why {
        ebill::Refused::Cancelled => business(5_003, "面单已取消"),
        ebill::Refused::PickedUp => business(5_004, "包裹已揽收，不能取消"),
        ebill::Refused::NotFound | ebill::Refused::NoQuota => business(5_002, "面单不存在"),
    })?;
    Ok(json!({}))
}

/// Branches the shop has numbers at, and how many.
pub(super) fn subscribed(world: &World, param: &Value) -> Value {
    let left = world.kuaishou.bills.left;
    json!([{"netSiteCode": "310001", "netSiteName": "杭州良渚网点", "availableQuantity": left, "usedQuantity": world.options.kuaishou.quota - left,
        "allocatedQuantity": world.options.kuaishou.quota, "cancelQuantity": 0, "expressCompanyCode": text(param, "expressCompanyCode"), "expressCompanyType": 2,
        "settleAccount": "", "senderAddress": [{"provinceName": "浙江省", "cityName": "杭州市", "districtName": "余杭区", "streetName": "", "detailAddress": "良渚街道 1 号仓"}]}])
}

pub(super) fn templates() -> Value {
    let template = |code: &&str| {
        json!({"templateId": format!("{code}-76x130"), "templateName": "一联单 76×130", "expressCompanyCode": code, "templateType": 1,
            "templateUrl": format!("https://s2-11673.kwimgs.com/kos/nlav11673/{code}.xml")})
    };
    CARRIERS.iter().map(template).collect()
}
