//! Cainiao's waybill service (reached through Taobao's gateway), its print data, and the LINK trace push.

mod print_data;
mod trace;

pub(crate) use print_data::open;
pub(crate) use trace::{advance, after_attempt};

use crate::fiction::Receiver;
use crate::ledger::Waybill;
use crate::order::Platform;
use crate::taobao::trades::oaid;
use crate::taobao::{Params, Refused, given, invalid, missing, remote, required};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Cainiao;
const PACKAGES_PER_CALL: usize = 10;
const TRADES_PER_PACKAGE: usize = 100;
/// Carrier codes, and how a number of theirs begins.
const CARRIERS: &[(&str, &str)] = &[
    ("YTO", "YT"),
    ("ZTO", "7"),
    ("STO", "77"),
    ("YUNDA", "43"),
    ("SF", "SF"),
    ("POSTB", "98"),
    ("EMS", "10"),
    ("HTKY", "JT"),
    ("DBKD", "DPK"),
    ("LE04284890", "JDV"),
];

/// What the service keeps.
#[derive(Debug, Default)]
pub(crate) struct State {
    given: BTreeMap<String, Given>,
    used: BTreeMap<String, i64>,
    cancelled: BTreeMap<String, i64>,
    /// Where LINK traces are pushed.
    pub(crate) target: Option<String>,
    traces: BTreeMap<String, Vec<Value>>,
}

#[derive(Clone, Debug)]
struct Given {
    shop: String,
    carrier: String,
    object_id: String,
    package: String,
    orders: Vec<String>,
    cancelled: bool,
    print_data: String,
    number: String,
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A list, plain or nested the way TOP nests it.
fn list(value: &Value, name: &str) -> Vec<Value> {
    match value.get(name) {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::Object(inner)) => inner.values().find_map(|v| v.as_array().cloned()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn refuse(code: &str, why: &str) -> Refused {
    remote(&format!("isv.{code}"), why)
}

pub(crate) fn get(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let name = "param_waybill_cloud_print_apply_new_request";
    let request: Value = serde_json::from_str(required(params, name)?).map_err(|e| invalid(name, &e.to_string()))?;
    let carrier = text(&request, "cp_code");
    if !CARRIERS.iter().any(|c| c.0 == carrier) {
        return Err(refuse("cp-code-not-exist", "物流公司编码不存在"));
    }
    let sender = request.get("sender").cloned().unwrap_or_default();
    let address = sender.get("address").cloned().unwrap_or_default();
    let reachable = !text(&sender, "mobile").is_empty() || !text(&sender, "phone").is_empty();
    if text(&sender, "name").is_empty()
        || !reachable
        || text(&address, "province").is_empty()
        || text(&address, "detail").is_empty()
    {
        return Err(refuse("sender-invalid", "发货人姓名、电话、地址不能为空"));
    }
    let packages = list(&request, "trade_order_info_dtos");
    if packages.is_empty() || packages.len() > PACKAGES_PER_CALL {
        return Err(invalid("trade_order_info_dtos", "每次 1 到 10 个包裹"));
    }
    let mut wanted = Vec::new();
    for package in &packages {
        wanted.push(read_package(world, shop, &carrier, package)?);
    }
    let mut answers = Vec::new();
    for (package, receiver) in wanted {
        answers.push(give(world, package, receiver)?);
    }
    Ok(json!({"modules": {"waybill_cloud_print_response": answers}}))
}

fn read_package(world: &World, shop: &str, carrier: &str, package: &Value) -> Result<(Given, Receiver), Refused> {
    let object_id = text(package, "object_id");
    if object_id.is_empty() {
        return Err(missing("object_id"));
    }
    if text(package, "template_url").is_empty() {
        return Err(missing("template_url"));
    }
    let info = package.get("order_info").cloned().unwrap_or_default();
    let orders: Vec<String> =
        list(&info, "trade_order_list").iter().filter_map(|o| o.as_str().map(str::to_owned)).collect();
    if orders.is_empty() || orders.len() > TRADES_PER_PACKAGE {
        return Err(invalid("trade_order_list", "每个包裹 1 到 100 个订单"));
    }
    let contents = package.get("package_info").cloned().unwrap_or_default();
    let items = list(&contents, "items");
    if items.is_empty() || items.len() > 100 {
        return Err(invalid("package_info.items", "每个包裹 1 到 100 种商品"));
    }
    if carrier == "SF" && text(&contents, "goods_description").is_empty() {
        return Err(missing("goods_description"));
    }
    let recipient = package.get("recipient").cloned().unwrap_or_default();
    let receiver = receiver(world, &orders, &recipient)?;
    let id = contents.get("id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).unwrap_or_default();
    let template = text(package, "template_url");
    let given = Given {
        shop: shop.to_owned(),
        carrier: carrier.to_owned(),
        object_id,
        package: id,
        orders,
        cancelled: false,
        print_data: template,
        number: String::new(),
    };
    Ok((given, receiver))
}

/// Opens an OAID of one of the package's trades, or takes a receiver in clear; a mask is refused.
fn receiver(world: &World, orders: &[String], recipient: &Value) -> Result<Receiver, Refused> {
    let token = text(recipient, "oaid");
    if !token.is_empty() {
        let of_trade = |o: &&crate::order::Order| {
            o.platform == Platform::Taobao && orders.contains(&o.id.to_string()) && oaid(world, o.id) == token
        };
        let found = world.orders.iter().find(of_trade).map(|o| o.receiver.clone());
        return found.ok_or_else(|| refuse("oaid-invalid", "OAID 与订单不匹配"));
    }
    let address = recipient.get("address").cloned().unwrap_or_default();
    let phone = [text(recipient, "mobile"), text(recipient, "phone")].into_iter().find(|p| !p.is_empty());
    let receiver = Receiver {
        name: text(recipient, "name"),
        phone: phone.unwrap_or_default(),
        province: text(&address, "province"),
        city: text(&address, "city"),
        district: text(&address, "district"),
        address: text(&address, "detail"),
        postcode: String::new(),
    };
    let parts = [&receiver.name, &receiver.phone, &receiver.province, &receiver.address];
    if parts.iter().any(|p| p.is_empty()) {
        return Err(refuse("recipient-invalid", "收件人姓名、电话、地址不能为空"));
    }
    if parts.iter().any(|p| p.contains('*')) {
        return Err(refuse("recipient-masked", "收件人信息已脱敏，请传 oaid"));
    }
    Ok(receiver)
}

fn give(world: &mut World, mut wanted: Given, receiver: Receiver) -> Result<Value, Refused> {
    let same = |g: &&Given| {
        let same_package = !g.package.is_empty() && g.package == wanted.package && g.orders == wanted.orders;
        !g.cancelled
            && g.shop == wanted.shop
            && g.carrier == wanted.carrier
            && (g.object_id == wanted.object_id || same_package)
    };
    if let Some(before) = world.cainiao.given.values().find(same).cloned() {
        for waybill in world.waybills.iter_mut().filter(|w| w.platform == ME && w.number == before.number) {
            waybill.repeats += 1;
        }
        return Ok(shape(&before, &wanted.object_id));
    }
    if quota_left(world, &wanted.carrier) <= 0 {
        return Err(refuse("waybill-quota-not-enough", "电子面单余额不足"));
    }
    let prefix = CARRIERS.iter().find(|c| c.0 == wanted.carrier).map_or("", |c| c.1);
    let width = if wanted.carrier == "SF" { 13 } else { 14 - prefix.len().min(4) };
    wanted.number = format!("{prefix}{:0width$}", 310_000_000 + world.next() * 7);
    let template = std::mem::take(&mut wanted.print_data);
    wanted.print_data = print_data::seal(world, &wanted, &receiver, &template);
    *world.cainiao.used.entry(wanted.carrier.clone()).or_default() += 1;
    let at_ms = world.now(ME);
    world.waybills.push(Waybill {
        platform: ME,
        carrier: wanted.carrier.clone(),
        number: wanted.number.clone(),
        key: wanted.object_id.clone(),
        package: wanted.package.clone(),
        orders: wanted.orders.clone(),
        repeats: 0,
        cancelled: false,
        receiver,
        at_ms,
    });
    let shown = shape(&wanted, &wanted.object_id);
    world.cainiao.given.insert(wanted.number.clone(), wanted);
    Ok(shown)
}

fn quota_left(world: &World, carrier: &str) -> i64 {
    world.options.cainiao.quota - world.cainiao.used.get(carrier).copied().unwrap_or_default()
}

fn shape(given: &Given, object_id: &str) -> Value {
    json!({"object_id": object_id, "waybill_code": given.number, "print_data": given.print_data, "cp_code": given.carrier,
        "real_cp_code": given.carrier})
}

pub(crate) fn cancel(world: &mut World, params: &Params) -> Result<Value, Refused> {
    let (carrier, number) = (required(params, "cp_code")?.to_owned(), required(params, "waybill_code")?.to_owned());
    let on_the_way = world.cainiao.traces.contains_key(&number);
    let Some(given) = world.cainiao.given.get_mut(&number).filter(|g| g.carrier == carrier) else {
        return Err(refuse("waybill-not-exist", "电子面单不存在"));
    };
    if given.cancelled {
        return Err(refuse("waybill-already-cancelled", "电子面单已取消"));
    }
    if on_the_way {
        return Err(refuse("waybill-picked-up", "包裹已揽收，不能取消"));
    }
    given.cancelled = true;
    *world.cainiao.used.entry(carrier.clone()).or_default() -= 1;
    *world.cainiao.cancelled.entry(carrier).or_default() += 1;
    for waybill in world.waybills.iter_mut().filter(|w| w.platform == ME && w.number == number) {
        waybill.cancelled = true;
    }
    Ok(json!({"cancel_result": true}))
}

pub(crate) fn search(world: &World, params: &Params) -> Result<Value, Refused> {
    let asked = given(params, "cp_code");
    let branches = CARRIERS.iter().filter(|c| asked.is_empty() || c.0 == asked).map(|(code, _)| {
        let used = world.cainiao.used.get(*code).copied().unwrap_or_default();
        let account = json!({"branch_code": format!("{code}001"), "branch_name": "杭州良渚网点", "branch_status": 0,
            "quantity": quota_left(world, code), "allocated_quantity": used, "print_quantity": 0,
            "cancel_quantity": world.cainiao.cancelled.get(*code).copied().unwrap_or_default(),
            "shipp_address_cols": {"address_dto": [{"province": "浙江省", "city": "杭州市", "district": "余杭区", "town": "", "detail": "良渚街道 1 号仓"}]}});
        json!({"cp_code": code, "cp_type": 1, "branch_account_cols": {"waybill_branch_account": [account]}})
    });
    Ok(json!({"waybill_apply_subscription_cols": {"waybill_apply_subscription_info": branches.collect::<Vec<_>>()}}))
}

fn rows(params: &Params) -> Result<Vec<Value>, Refused> {
    let rows: Value =
        serde_json::from_str(required(params, "param_list")?).map_err(|e| invalid("param_list", &e.to_string()))?;
    Ok(rows.as_array().cloned().unwrap_or_else(|| vec![rows]))
}

fn found(object_id: &str, given: Option<&Given>) -> Value {
    match given {
        Some(given) => {
            json!({"success": true, "object_id": object_id, "waybill_cloud_print_response": shape(given, &given.object_id)})
        }
        None => {
            json!({"success": false, "object_id": object_id, "error_code": "WAYBILL_NOT_EXIST", "error_message": "电子面单不存在"})
        }
    }
}

fn results(rows: Vec<Value>) -> Value {
    json!({"modules": {"waybill_cloud_print_with_result_desc_response": rows}})
}

pub(crate) fn query_by_waybill(world: &World, params: &Params) -> Result<Value, Refused> {
    let answer = |row: &Value| {
        let given = world.cainiao.given.get(&text(row, "waybill_code"));
        found(&text(row, "object_id"), given.filter(|g| g.carrier == text(row, "cp_code") && !g.cancelled))
    };
    Ok(results(rows(params)?.iter().map(answer).collect()))
}

/// By the caller's trade (`biz_sub_code`): every live number of it.
pub(crate) fn query_by_trade(world: &World, params: &Params) -> Result<Value, Refused> {
    let mut answers = Vec::new();
    for row in rows(params)? {
        let (trade, object_id) = (text(&row, "biz_sub_code"), text(&row, "object_id"));
        let live: Vec<&Given> =
            world.cainiao.given.values().filter(|g| !g.cancelled && g.orders.contains(&trade)).collect();
        if live.is_empty() {
            answers.push(found(&object_id, None));
        }
        answers.extend(live.into_iter().map(|g| found(&object_id, Some(g))));
    }
    Ok(results(answers))
}

pub(crate) fn templates() -> Value {
    let all = CARRIERS.iter().zip(101..).map(|((code, _), id)| {
        json!({"cp_code": code, "standard_templates": {"standard_template_do": [{"standard_template_id": id,
            "standard_template_name": format!("{code} 标准快递面单 76×130"), "standard_waybill_type": 6,
            "standard_template_url": format!("http://cloudprint.cainiao.com/template/standard/{id}")}]}})
    });
    json!({"result": {"success": true, "datas": {"standard_template_result": all.collect::<Vec<_>>()}}})
}
