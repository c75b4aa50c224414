//! Douyin's own waybills: booked with the cipher text of the order, printed by its component.

use super::{ME, Refused, business, invalid, required, shape, ship};
use crate::ebill::{self, Wanted};
use crate::fiction::Receiver;
use crate::fields::{list, part, text};
use crate::world::World;
use serde_json::{Value, json};

const PER_CALL: usize = 10;

fn sender_complete(sender: &Value) -> bool {
    let (address, contact) = (part(sender, "address"), part(sender, "contact"));
    let reachable = !text(&contact, "mobile").is_empty() || !text(&contact, "phone").is_empty();
    let named = ["province_name", "city_name", "detail_address"].iter().all(|n| !text(&address, n).is_empty());
    reachable && named && !text(&contact, "name").is_empty()
}

/// Opens the order's cipher text; a mask, a text of another order or clear text is refused.
fn receiver(world: &World, shop: &str, order: &str, info: &Value) -> Result<Receiver, String> {
    let (address, contact) = (part(info, "address"), part(info, "contact"));
    let known = world.orders.iter().find(|o| o.platform == ME && o.shop == shop && o.text_id() == order);
    let known = known.ok_or("订单不存在")?;
    if !matches!(shape::status(known), 2 | 101 | 3 | 105) {
        return Err("订单状态不支持取号".to_owned());
    }
    let phone = [text(&contact, "mobile"), text(&contact, "phone")].into_iter().find(|p| !p.is_empty());
    let open = |field: &str, hidden: &str| shape::opened(order, field, hidden);
    let opened = (
        open("name", &text(&contact, "name")),
        open("tel", &phone.unwrap_or_default()),
        open("addr", &text(&address, "detail_address")),
    );
    let (Some(name), Some(phone), Some(detail)) = opened else {
        return Err("收件人密文与订单不匹配".to_owned());
    };
    Ok(Receiver {
        name,
        phone,
        address: detail,
        province: text(&address, "province_name"),
        city: text(&address, "city_name"),
        district: text(&address, "district_name"),
        postcode: known.receiver.postcode.clone(),
    })
}

/// `logistics.newCreateOrder`.
pub(super) fn create(world: &mut World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let carrier = required(params, "logistics_code")?;
    if ship::company_name(&carrier).is_empty() {
        return Err(invalid("logistics_code", "物流服务商编码不存在"));
    }
    if !sender_complete(&part(params, "sender_info")) {
        return Err(invalid("sender_info", "寄件人信息不完整"));
    }
    let rows = list(params, "order_infos");
    if rows.is_empty() || rows.len() > PER_CALL {
        return Err(invalid("order_infos", "一次 1 到 10 个订单"));
    }
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    for row in &rows {
        let (order, pack) = (text(row, "order_id"), text(row, "pack_id"));
        let mut orders = vec![order.clone()];
        orders.extend(list(row, "combine_orders").iter().filter_map(|o| o.as_str().map(str::to_owned)));
        orders.dedup();
        let receiver = receiver(world, shop, &order, &part(row, "receiver_info"));
        let wanted = receiver.and_then(|receiver| {
            if list(row, "items").is_empty() {
                return Err("商品明细不能为空".to_owned());
            }
            let key = format!("{order}/{pack}");
            let (shop, carrier, package) = (shop.to_owned(), carrier.clone(), pack.clone());
            Ok(Wanted { shop, carrier, key, package, orders, receiver })
        });
        let given = wanted.and_then(|w| ebill::book(world, ME, w).map_err(|_| "电子面单余额不足".to_owned()));
        match given {
            Ok((bill, _)) => made.push(json!({"order_id": order, "pack_id": pack, "track_no": bill.number, "company": carrier,
                "sort_code": "A1-02-03", "package_center_code": "", "package_center_name": "", "short_address_code": "", "short_address_name": "",
                "extra_resp": "", "sub_waybill_codes": "", "order_channel": "1", "hint_msg": "", "shipping_code": ""})),
            Err(why) => {
                world.refuse(ME, "logistics.newCreateOrder", &why, false);
                failed.push(json!({"order_id": order, "pack_id": pack, "err_code": "190001", "err_msg": why, "order_channel": "1"}));
            }
        }
    }
    Ok(json!({"ebill_infos": made, "err_infos": failed}))
}

/// `logistics.waybillApply`: print data of numbers given before.
pub(super) fn apply(world: &World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let rows = list(params, "waybill_applies");
    if rows.is_empty() || rows.len() > PER_CALL {
        return Err(invalid("waybill_applies", "一次 1 到 10 个运单"));
    }
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    for row in &rows {
        let (carrier, number) = (text(row, "logistics_code"), text(row, "track_no"));
        let bill = world.douyin.bills.find(&number).filter(|b| b.shop == shop && b.carrier == carrier && !b.cancelled);
        let Some(bill) = bill else {
            failed.push(
                json!({"track_no": number, "order_id": "", "err_code": 190_002, "err_msg": "运单号不存在或已取消"}),
            );
            continue;
        };
        let (encrypted, sign) = ebill::print_data(ME, bill);
        made.push(json!({"order_id": bill.orders.first(), "track_no": number, "print_data": encrypted, "sign": sign}));
    }
    Ok(json!({"waybill_infos": made, "err_infos": failed}))
}

/// `logistics.cancelOrder`.
pub(super) fn cancel(world: &mut World, shop: &str, params: &Value) -> Result<Value, Refused> {
    required(params, "logistics_code")?;
    let number = required(params, "track_no")?;
    let result = ebill::cancel(world, ME, shop, &number);
    result.map_err(|why| match why {
        ebill::Refused::Cancelled => business(190_003, "运单已取消"),
        ebill::Refused::PickedUp => business(190_004, "包裹已揽收，不能取消"),
        ebill::Refused::NotFound | ebill::Refused::NoQuota => business(190_002, "运单号不存在"),
    })?;
    Ok(json!({"cancel_result": {"success": true}}))
}

pub(super) fn templates() -> Value {
    let template = |code: &str| {
        json!({"logistics_code": code, "template_infos": [{"template_id": 1, "template_code": format!("{code}_76x130"), "template_name": "一联单 76×130",
            "template_type": 1, "template_url": format!("https://sf3-ttcdn-tos.pstatp.com/obj/template/{code}.xml"), "perview_url": "", "version": 1}]})
    };
    json!({"template_data": (["shunfeng", "yuantong", "zhongtong", "shentong", "yunda", "jtexpress"].map(template))})
}

/// Branches the shop has numbers at, and how many.
pub(super) fn sites(world: &World, params: &Value) -> Value {
    let left = world.douyin.bills.left;
    let used = world.options.douyin.quota - left;
    let carrier = text(params, "logistics_code");
    json!({"netsites": [{"netsite_code": "310001", "netsite_name": "杭州良渚网点", "amount": left.to_string(), "allocated_quantity": used.to_string(),
        "cancelled_quantity": "0", "recycled_quantity": "0", "company": carrier, "company_type": 2,
        "sender_address": [{"country_code": "CHN", "province_name": "浙江省", "city_name": "杭州市", "district_name": "余杭区", "street_name": "", "detail_address": "良渚街道 1 号仓"}]}]})
}
