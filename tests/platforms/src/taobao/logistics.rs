//! Telling Taobao that goods are on their way.

use super::trades::{of_shop, status};
use super::{ME, Params, Refused, given, invalid, missing, remote, required};
use crate::fields::{int, list, text};
use crate::order::Shipment;
use crate::world::{Event, World};
use serde_json::{Value, json};

/// Id, code and name of the carriers that Taobao knows here.
const COMPANIES: &[(i64, &str, &str)] = &[
    (505, "SF", "顺丰速运"),
    (101, "YTO", "圆通速递"),
    (500, "ZTO", "中通快递"),
    (100, "STO", "申通快递"),
    (102, "YUNDA", "韵达快递"),
    (2, "EMS", "EMS"),
    (1, "POST", "中国邮政"),
    (200_734, "HTKY", "极兔速递"),
    (1_137, "OTHER", "其他"),
];

pub(super) fn companies() -> Value {
    let all = COMPANIES.iter().map(|(id, code, name)| json!({"id": id, "code": code, "name": name, "reg_mail_no": ""}));
    json!({"logistics_companies": {"logistics_company": all.collect::<Vec<_>>()}})
}

/// Whether a number looks like one of this carrier.
fn fits(company: &str, number: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match company {
        "SF" => {
            number.strip_prefix("SF").is_some_and(|rest| rest.len() >= 10 && digits(rest))
                || (number.len() == 12 && digits(number))
        }
        "ZTO" | "STO" | "YUNDA" => (12..=15).contains(&number.len()) && digits(number),
        "YTO" => number.len() >= 10 && number.bytes().all(|b| b.is_ascii_alphanumeric()),
        _ => (5..=30).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
    }
}

fn shipped(body: bool) -> Value {
    json!({"shipping": {"is_success": body}})
}

/// `logistics.offline.send`, and `logistics.online.send` with `online`.
pub(super) fn send(world: &mut World, shop: &str, params: &Params, online: bool) -> Result<Value, Refused> {
    let order = of_shop(world, shop, params)?.clone();
    let company = required(params, "company_code")?.to_owned();
    if !COMPANIES.iter().any(|c| c.1 == company) {
        return Err(invalid("company_code", "物流公司编码不存在"));
    }
    if !matches!(status(&order), "WAIT_SELLER_SEND_GOODS" | "SELLER_CONSIGNED_PART") {
        return Err(remote("isv.logistics-offline-service-error:B04", "当前订单状态不支持发货"));
    }
    let number = given(params, "out_sid").to_owned();
    if number.is_empty() {
        if !online {
            return Err(missing("out_sid"));
        }
        // Nothing changes until the number is told by logistics.online.confirm.
        world.taobao.waiting_online.insert(order.id, company);
        return Ok(shipped(true));
    }
    if !fits(&company, &number) {
        return Err(remote("isv.logistics-offline-service-error:P38", "运单号不符合规则或已经被使用"));
    }
    let lines = pieces(&order, params)?;
    let shipment =
        Shipment { id: world.next(), reference: String::new(), carrier: company, number, lines, at_ms: world.now(ME) };
    world.confirm(ME, order.id, shipment, "create");
    Ok(shipped(true))
}

/// Line ids and pieces that this call ships: the named sub orders, or all that is open.
fn pieces(order: &crate::order::Order, params: &Params) -> Result<Vec<(i64, i64)>, Refused> {
    let split = given(params, "is_split") == "1";
    let named = given(params, "sub_tid");
    if split && named.is_empty() {
        return Err(missing("sub_tid"));
    }
    if named.is_empty() {
        return Ok(order.lines.iter().filter(|l| l.open() > 0).map(|l| (l.id, l.open())).collect());
    }
    let mut lines = Vec::new();
    for id in named.split(',') {
        let line = id.trim().parse().ok().and_then(|id| order.line(id));
        match line {
            Some(line) if line.open() > 0 => lines.push((line.id, line.open())),
            Some(_) => return Err(remote("isv.logistics-offline-service-error:B04", "子订单状态不支持发货")),
            None => return Err(invalid("sub_tid", "子订单不存在")),
        }
    }
    Ok(lines)
}

/// `logistics.consign.resend`: another number for what was shipped, of all of it or of the named sub orders.
pub(super) fn resend(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let order = of_shop(world, shop, params)?.clone();
    let (company, number) = carrier(params)?;
    let named: Vec<i64> = given(params, "sub_tid").split(',').filter_map(|id| id.trim().parse().ok()).collect();
    let meant = |shipment: &&Shipment| named.is_empty() || shipment.lines.iter().any(|line| named.contains(&line.0));
    let old: Vec<Shipment> = order.shipments.iter().filter(meant).cloned().collect();
    if old.is_empty() {
        return Err(remote("isv.logistics-consign-resend-service-error:B04", "订单未发货，不能修改物流"));
    }
    for mut shipment in old {
        (shipment.carrier, shipment.number) = (company.clone(), number.clone());
        let changed = shipment.clone();
        world.confirm(ME, order.id, shipment, "update");
        let _ = world.change(ME, order.id, Event::Changed, |order, _| {
            for kept in order.shipments.iter_mut().filter(|kept| kept.id == changed.id) {
                kept.clone_from(&changed);
            }
        });
    }
    Ok(shipped(true))
}

/// Company and number that are named and fit each other.
fn carrier(params: &Params) -> Result<(String, String), Refused> {
    let (company, number) = (required(params, "company_code")?, required(params, "out_sid")?);
    known(company, number)?;
    Ok((company.to_owned(), number.to_owned()))
}

fn known(company: &str, number: &str) -> Result<(), Refused> {
    if !COMPANIES.iter().any(|c| c.1 == company) {
        return Err(invalid("company_code", "物流公司编码不存在"));
    }
    match fits(company, number) {
        true => Ok(()),
        false => Err(remote("isv.logistics-offline-service-error:P38", "运单号不符合规则或已经被使用")),
    }
}

/// `ascp.logistics.offline.send` with `consign_type` 1: pieces of sub orders.
pub(super) fn send_part(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let order = of_shop(world, shop, params)?.clone();
    if given(params, "consign_type") != "1" {
        return Err(invalid("consign_type", "仅支持部分发货"));
    }
    if !matches!(status(&order), "WAIT_SELLER_SEND_GOODS" | "SELLER_CONSIGNED_PART") {
        return Err(remote("isv.logistics-offline-service-error:B04", "当前订单状态不支持发货"));
    }
    let parcels: Vec<Value> = serde_json::from_str(required(params, "consign_pkgs")?)
        .map_err(|_| invalid("consign_pkgs", "不是合法的 JSON"))?;
    for parcel in &parcels {
        let (company, number) = (text(parcel, "company_code"), text(parcel, "out_sid"));
        known(&company, &number)?;
        let mut lines = Vec::new();
        for row in list(parcel, "goods") {
            let line = int(&row, "sub_tid").and_then(|id| order.line(id));
            let line = line.ok_or_else(|| invalid("sub_tid", "子订单不存在"))?;
            let pieces = int(&row, "num").unwrap_or_default();
            if pieces < 1 || pieces > line.open() {
                return Err(remote("isv.logistics-offline-service-error:B04", "发货数量超过可发数量"));
            }
            lines.push((line.id, pieces));
        }
        let (id, at_ms) = (world.next(), world.now(ME));
        let made = Shipment { id, reference: String::new(), carrier: company, number, lines, at_ms };
        world.confirm(ME, order.id, made, "create");
    }
    Ok(json!({"result": {"success": true}}))
}

pub(super) fn confirm_online(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let order = of_shop(world, shop, params)?.clone();
    let number = required(params, "out_sid")?.to_owned();
    let Some(carrier) = world.taobao.waiting_online.remove(&order.id) else {
        return Err(remote("isv.logistics-online-service-error:S01", "没有待确认的在线发货"));
    };
    let lines = order.lines.iter().filter(|l| l.open() > 0).map(|l| (l.id, l.open())).collect();
    let shipment =
        Shipment { id: world.next(), reference: String::new(), carrier, number, lines, at_ms: world.now(ME) };
    world.confirm(ME, order.id, shipment, "create");
    Ok(shipped(true))
}
