//! J&T Express China: orders, traces and their push.

use crate::clock::beijing;
use crate::express::{self, Names, NoCancel, NoNumber, Outgoing, Pusher, Scan, ScanKind, Told, Wanted, often, who};
use crate::fields::{part, text};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const ME: Platform = Platform::Jtexpress;
const ROOT: &str = "/webopenplatformapi/api/";
/// How far a call's time may be off; the description does not say.
const WINDOW_MS: i64 = 10 * 60_000;
const NAMES: Names = Names {
    name: &["name"],
    phone: &["mobile", "phone"],
    province: &["prov", "province"],
    city: &["city"],
    district: &["area", "district"],
    address: &["address"],
};

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: false, watched: false, say, acknowledged, gap_s: often };

fn operation(call: &Call) -> String {
    call.path.strip_prefix(ROOT).unwrap_or(&call.path).to_owned()
}

fn failure(code: &str, message: &str) -> Answer {
    json(200, &json!({"code": code, "msg": message, "data": null}))
}

fn success(data: Value) -> Answer {
    json(200, &json!({"code": "1", "msg": "success", "data": data}))
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    failure("145003060", "请求过于频繁")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "digest", true);
    failure("145003030", "headers签名失败")
}

fn refused(world: &mut World, operation: &str, code: &str, why: &str) -> Answer {
    world.refuse(ME, operation, why, false);
    failure(code, why)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    let operation = operation(call);
    if call.method != "POST" || !call.path.starts_with(ROOT) {
        return json(404, &json!({"msg": "Not Found"}));
    }
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    let content = call.form().into_iter().find(|(k, _)| k == "bizContent").map(|(_, v)| v).unwrap_or_default();
    let options = &world.options.jtexpress;
    let at = call.header("timestamp").parse::<i64>().ok();
    let late = at.is_none_or(|at| (at - world.now(ME)).abs() > WINDOW_MS);
    let right = call.header("digest") == sign::raw_md5(&content, &options.app_secret);
    if call.header("apiAccount") != options.app_key || !right {
        return expired(world, call);
    }
    if late {
        world.refuse(ME, &operation, "timestamp", true);
        return failure("145003012", "timestamp不合法");
    }
    let Ok(content) = serde_json::from_str::<Value>(&content) else {
        return refused(world, &operation, "145003050", "bizContent 不是 JSON");
    };
    match operation.as_str() {
        "order/addOrder" => create(world, &content),
        "order/cancelOrder" => cancel(world, &content),
        "order/getOrders" => info(world, &content),
        "logistics/trace" => traces(world, &content),
        _ => refused(world, &operation, "145003051", "接口不存在"),
    }
}

/// The body's own digest is not looked at: how it is made, nobody could say for sure.
fn customer(world: &World, content: &Value) -> bool {
    text(content, "customerCode") == world.options.jtexpress.customer
}

fn create(world: &mut World, content: &Value) -> Answer {
    let op = "order/addOrder";
    if !customer(world, content) {
        return refused(world, op, "121003001", "客户编码或业务签名错误");
    }
    let key = text(content, "txlogisticId");
    if key.is_empty() {
        return refused(world, op, "121003002", "txlogisticId 不能为空");
    }
    let receiver = match who(&part(content, "sender"), &NAMES).and_then(|_| who(&part(content, "receiver"), &NAMES)) {
        Ok(receiver) => receiver,
        Err(why) => return refused(world, op, "121003002", &why),
    };
    let wanted =
        Wanted { key: key.clone(), package: String::new(), carrier: "jtexpress".to_owned(), receiver, pieces: 1 };
    match express::book(world, ME, &wanted) {
        Ok(given) => success(booked(&given.first(), &key)),
        Err(NoNumber::Empty) => refused(world, op, "121003003", "电子面单余额不足"),
        Err(NoNumber::Repeated) => refused(world, op, "121003004", "客户订单号重复"),
        Err(NoNumber::Cancelled) => refused(world, op, "121003005", "订单已取消"),
    }
}

fn booked(number: &str, key: &str) -> Value {
    json!({"txlogisticId": key, "billCode": number, "sortingCode": "571-F33 012", "lastCenterName": "杭州转运中心",
        "sumFreight": "8.00"})
}

fn cancel(world: &mut World, content: &Value) -> Answer {
    let op = "order/cancelOrder";
    if !customer(world, content) {
        return refused(world, op, "121003001", "客户编码或业务签名错误");
    }
    let key = text(content, "txlogisticId");
    let number =
        express::by_key(world, ME, &key).map(|p| p.number.clone()).unwrap_or_else(|| text(content, "billCode"));
    match express::cancel(world, ME, &number) {
        Ok(()) => success(json!({"txlogisticId": key, "billCode": number})),
        Err(NoCancel::Unknown) => refused(world, op, "121003006", "订单不存在"),
        Err(NoCancel::Already) => refused(world, op, "121003005", "订单已取消"),
        Err(NoCancel::Travelling) => refused(world, op, "121003007", "订单已取件，不能取消"),
    }
}

/// An order by our id: from memory, as all of J&T's orders.
fn info(world: &mut World, content: &Value) -> Answer {
    let asked: Vec<String> = match content.get("serialNumber") {
        Some(Value::Array(all)) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => vec![text(content, "txlogisticId")],
    };
    let found = asked.iter().filter_map(|key| express::by_key(world, ME, key));
    let rows: Vec<Value> = found
        .map(|p| {
            let status = if p.cancelled {
                "104"
            } else if p.scans.is_empty() {
                "100"
            } else {
                "103"
            };
            json!({"txlogisticId": p.key, "billCode": p.number, "orderStatus": status, "sortingCode": "571-F33 012"})
        })
        .collect();
    success(Value::Array(rows))
}

fn traces(world: &World, content: &Value) -> Answer {
    let rows: Vec<Value> = text(content, "billCodes")
        .split(',')
        .map(str::trim)
        .filter(|n| !n.is_empty())
        .map(|number| {
            let details: Vec<Value> = express::scans_of(world, number).iter().map(detail).collect();
            json!({"billCode": number, "details": details})
        })
        .collect();
    success(Value::Array(rows))
}

/// Scan type and the kind of problem.
fn codes(scan: &Scan) -> (&'static str, &'static str) {
    match scan.kind {
        ScanKind::PickedUp => ("1", ""),
        ScanKind::Departed => ("3", ""),
        ScanKind::Arrived => ("4", ""),
        ScanKind::OutForDelivery => ("9", ""),
        ScanKind::AtStation => ("6", ""),
        ScanKind::Problem => ("11", "A1"),
        ScanKind::Refused => ("11", "A2"),
        ScanKind::Returning => ("14", ""),
        ScanKind::Signed if scan.from_station => ("8", ""),
        ScanKind::Signed | ScanKind::Returned => ("10", ""),
    }
}

fn detail(scan: &Scan) -> Value {
    let (kind, problem) = codes(scan);
    json!({"scanTime": beijing(scan.at_ms), "desc": scan.words, "scanType": kind, "problemType": problem,
        "scanNetworkName": scan.place, "scanNetworkCity": scan.city, "scanNetworkId": 571, "scanByCode": "",
        "staffName": "", "staffContact": ""})
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(scan) = told.new else { return Vec::new() };
    let options = &world.options.jtexpress;
    let content =
        json!({"billCode": told.parcel.number, "txlogisticId": told.parcel.key, "details": [detail(scan)]}).to_string();
    let digest = sign::raw_md5(&content, &options.app_secret);
    let outgoing = Outgoing::form("trace", &[("bizContent", content.as_str())]);
    let outgoing = outgoing.with("apiAccount", options.app_key.clone()).with("digest", digest);
    vec![outgoing.with("timestamp", world.now(ME).to_string())]
}

fn acknowledged(outcome: &Outcome) -> bool {
    let said = serde_json::from_slice::<Value>(&outcome.body).unwrap_or_default();
    outcome.success() && text(&said, "code") == "1"
}
