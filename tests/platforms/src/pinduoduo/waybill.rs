//! Pinduoduo's own e-waybills: numbers that are counted, for receivers that stay sealed, with print data for its print
//! component. Only the request's outline is in the protocol; what is answered is from memory.

use super::{ME, Params, Refused, given, invalid, missing, refused, required, shape};
use crate::ebill::{self, Bill, Wanted};
use crate::fiction::Receiver;
use crate::fields::{list, part, text};
use crate::order::Order;
use crate::world::World;
use serde_json::{Value, json};

const PACKAGES_PER_CALL: usize = 10;
const REQUEST: &str = "param_waybill_cloud_print_apply_new_request";
/// Carriers that have signed on.
const CARRIERS: &[&str] = &["SF", "YTO", "ZTO", "STO", "YUNDA", "JTSD", "EMS", "YZXB", "JD"];

fn sender_fits(sender: &Value) -> bool {
    let address = part(sender, "address");
    let reachable = !text(sender, "mobile").is_empty() || !text(sender, "phone").is_empty();
    !text(sender, "name").is_empty()
        && reachable
        && !text(&address, "province").is_empty()
        && !text(&address, "detail").is_empty()
}

pub(super) fn get(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let request: Value =
        serde_json::from_str(required(params, REQUEST)?).map_err(|e| invalid(REQUEST, &e.to_string()))?;
    let carrier = text(&request, "wp_code");
    if !CARRIERS.contains(&carrier.as_str()) {
        return Err(refused("WP_CODE_NOT_EXIST", "快递公司编码不存在或未签约"));
    }
    if !sender_fits(&part(&request, "sender")) {
        return Err(refused("SENDER_INVALID", "发货人姓名、电话、地址不能为空"));
    }
    let packages = list(&request, "trade_order_info_dtos");
    if packages.is_empty() || packages.len() > PACKAGES_PER_CALL {
        return Err(invalid("trade_order_info_dtos", "每次 1 到 10 个包裹"));
    }
    let mut wanted = Vec::new();
    for package in &packages {
        wanted.push((read(world, shop, &carrier, package)?, text(package, "template_url")));
    }
    let mut modules = Vec::new();
    for (wanted, template) in wanted {
        let key = wanted.key.clone();
        let (bill, _) = ebill::book(world, ME, wanted).map_err(|why| match why {
            ebill::Refused::NoQuota => refused("WAYBILL_QUOTA_NOT_ENOUGH", "电子面单余额不足"),
            _ => refused("WAYBILL_NOT_EXIST", "电子面单不存在"),
        })?;
        modules.push(module(&bill, &key, &template));
    }
    Ok(json!({"pdd_waybill_get_response": {"modules": modules}}))
}

fn read(world: &World, shop: &str, carrier: &str, package: &Value) -> Result<Wanted, Refused> {
    let key = text(package, "object_id");
    if key.is_empty() {
        return Err(missing("object_id"));
    }
    if text(package, "template_url").is_empty() {
        return Err(missing("template_url"));
    }
    let info = part(package, "order_info");
    let named = list(&info, "trade_order_list");
    let orders: Vec<String> = named.iter().filter_map(|o| o.as_str().map(str::to_owned)).collect();
    if orders.is_empty() || orders.len() > 100 {
        return Err(invalid("trade_order_list", "每个包裹 1 到 100 个订单"));
    }
    let contents = part(package, "package_info");
    if list(&contents, "items").is_empty() {
        return Err(missing("package_info.items"));
    }
    let ours = text(&info, "order_channels_type") == "PDD";
    let receiver = receiver(world, shop, &orders, &part(package, "recipient"), ours)?;
    let package = text(&contents, "id");
    Ok(Wanted { shop: shop.to_owned(), carrier: carrier.to_owned(), key, package, orders, receiver })
}

/// Opens what an order sealed, or takes what came from another channel in clear; a mask is refused.
fn receiver(world: &World, shop: &str, orders: &[String], recipient: &Value, ours: bool) -> Result<Receiver, Refused> {
    let address = part(recipient, "address");
    let phone =
        [text(recipient, "mobile"), text(recipient, "phone")].into_iter().find(|p| !p.is_empty()).unwrap_or_default();
    let (name, detail) = (text(recipient, "name"), text(&address, "detail"));
    if [&name, &phone, &detail].iter().any(|p| p.is_empty()) || text(&address, "province").is_empty() {
        return Err(refused("RECIPIENT_INVALID", "收件人姓名、电话、地址不能为空"));
    }
    if [&name, &phone, &detail].iter().any(|p| p.contains('*')) {
        return Err(refused("RECIPIENT_MASKED", "收件人信息已脱敏，请传密文"));
    }
    if !ours {
        let plain = |field: &str| text(&address, field);
        let (province, city, district) = (plain("province"), plain("city"), plain("district"));
        return Ok(Receiver { name, phone, province, city, district, address: detail, postcode: String::new() });
    }
    let opened = |o: &&Order| {
        let is = |field: &str, sealed: &str| shape::revealed(world, o, field, sealed).is_some();
        let address = is("receiver_address", &detail) || is("address", &detail);
        is("receiver_name", &name) && is("receiver_phone", &phone) && address
    };
    let of_package = |o: &&Order| o.platform == ME && o.shop == shop && orders.contains(&o.text_id());
    let order = world.orders.iter().filter(of_package).find(opened);
    order.map(|o| o.receiver.clone()).ok_or_else(|| refused("RECIPIENT_NOT_MATCH", "收件人密文与订单不匹配"))
}

/// Print data is one text of JSON; whoever carries it must not write it anew.
fn module(bill: &Bill, object_id: &str, template: &str) -> Value {
    let (encrypted, signature) = ebill::print_data(ME, bill);
    let data = json!({"encryptedData": encrypted, "signature": signature, "templateUrl": template, "ver": "3"});
    json!({"object_id": object_id, "waybill_code": bill.number, "parent_waybill_code": "", "wp_code": bill.carrier,
        "print_data": data.to_string()})
}

pub(super) fn cancel(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let (carrier, number) = (required(params, "wp_code")?, required(params, "waybill_code")?);
    if world.pinduoduo.bills.find(number).is_some_and(|b| b.carrier != carrier) {
        return Err(refused("WAYBILL_NOT_EXIST", "电子面单不存在"));
    }
    ebill::cancel(world, ME, shop, number).map_err(|why| match why {
        ebill::Refused::Cancelled => refused("WAYBILL_ALREADY_CANCELLED", "电子面单已取消"),
        ebill::Refused::PickedUp => refused("WAYBILL_PICKED_UP", "包裹已揽收，不能取消"),
        ebill::Refused::NotFound | ebill::Refused::NoQuota => refused("WAYBILL_NOT_EXIST", "电子面单不存在"),
    })?;
    Ok(json!({"pdd_waybill_cancel_response": {"cancel_result": true}}))
}

pub(super) fn search(world: &World, params: &Params) -> Value {
    let asked = given(params, "wp_code");
    let count = |carrier: &str, cancelled: bool| {
        let of_it = |b: &&Bill| b.carrier == carrier && b.cancelled == cancelled;
        world.pinduoduo.bills.bills.iter().filter(of_it).count()
    };
    let branch = |carrier: &&str| {
        let account = json!({"branch_code": format!("{carrier}001"), "branch_name": "杭州良渚网点", "quantity": world.pinduoduo.bills.left,
            "allocated_quantity": count(carrier, false), "print_quantity": 0, "cancel_quantity": count(carrier, true),
            "shipp_address_cols": [{"province": "浙江省", "city": "杭州市", "district": "余杭区", "detail": "良渚街道 1 号仓"}]});
        json!({"wp_code": carrier, "wp_type": 1, "branch_account_cols": [account]})
    };
    let branches = CARRIERS.iter().filter(|c| asked.is_empty() || **c == asked).map(branch);
    json!({"pdd_waybill_search_response": {"waybill_apply_subscription_cols": branches.collect::<Vec<_>>()}})
}

pub(super) fn query(world: &World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let rows: Value =
        serde_json::from_str(required(params, "param_list")?).map_err(|e| invalid("param_list", &e.to_string()))?;
    let mut modules = Vec::new();
    for row in rows.as_array().cloned().unwrap_or_default() {
        let live = |b: &&Bill| !b.cancelled && b.shop == shop && b.carrier == text(&row, "wp_code");
        let bill = world.pinduoduo.bills.find(&text(&row, "waybill_code")).filter(live);
        let bill = bill.ok_or_else(|| refused("WAYBILL_NOT_EXIST", "电子面单不存在"))?;
        modules.push(module(bill, &bill.key, "https://file-link.pinduoduo.com/template/standard"));
    }
    Ok(json!({"pdd_waybill_query_by_waybillcode_response": {"modules": modules}}))
}

pub(super) fn templates() -> Value {
    let rows = CARRIERS.iter().zip(201..).map(|(code, id)| {
        json!({"wp_code": code, "standard_templates": [{"standard_template_id": id, "standard_waybill_type": 1,
            "standard_template_name": format!("{code} 标准快递面单 76×130"),
            "standard_template_url": format!("https://file-link.pinduoduo.com/template/standard/{id}")}]})
    });
    json!({"pdd_cloudprint_stdtemplates_get_response": {"result": {"datas": rows.collect::<Vec<_>>()}, "success": true}})
}
