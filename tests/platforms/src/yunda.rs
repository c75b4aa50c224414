//! Yunda: account orders, the trace query that wants a subscription first, and the push of traces.

use crate::clock::beijing;
use crate::express::{
    self, Names, NoCancel, NoNumber, Outgoing, Pusher, Scan, ScanKind, Told, Wanted, Watch, often, who,
};
use crate::fields::{list, part, text, yes};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const ME: Platform = Platform::Yunda;
const ACCOUNT: &str = "/openapi-api/v1/accountOrder/";
const LOGISTICS: &str = "/openapi/outer/logictis/";
const NAMES: Names = Names {
    name: &["name"],
    phone: &["mobile", "phone"],
    province: &["province"],
    city: &["city"],
    district: &["county"],
    address: &["address"],
};

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: false, watched: false, say, acknowledged, gap_s: often };

fn operation(call: &Call) -> String {
    call.path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn failure(code: &str, message: &str) -> Answer {
    json(200, &json!({"result": false, "code": code, "message": message, "data": null}))
}

fn success(data: Value) -> Answer {
    json(200, &json!({"result": true, "code": "0000", "message": "请求成功", "data": data}))
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    failure("1009", "请求频率超限")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "sign", true);
    failure("1003", "签名错误")
}

fn refused(world: &mut World, operation: &str, code: &str, why: &str) -> Answer {
    world.refuse(ME, operation, why, false);
    failure(code, why)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.method != "POST" {
        return json(405, &json!({"message": "Method Not Allowed"}));
    }
    let operation = operation(call);
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    let options = &world.options.yunda;
    let body = String::from_utf8_lossy(&call.body).into_owned();
    // Compared as it is written: lower-case hex.
    let right = call.header("sign") == sign::yunda(&body, &options.app_secret);
    if call.header("app-key") != options.app_key || !right {
        return expired(world, call);
    }
    if call.header("req-time").parse::<i64>().is_err() {
        return refused(world, &operation, "1002", "req-time 不合法");
    }
    let Ok(body) = serde_json::from_str::<Value>(&body) else {
        return refused(world, &operation, "1001", "报文不是 JSON");
    };
    if let Some(what) = call.path.strip_prefix(ACCOUNT) {
        let what = what.to_owned();
        return account_order(world, &what, &body);
    }
    match call.path.strip_prefix(LOGISTICS) {
        Some("subscribe") => subscribe(world, &body),
        Some("query") => query(world, &body),
        _ => refused(world, &operation, "1004", "接口不存在"),
    }
}

fn account_order(world: &mut World, what: &str, body: &Value) -> Answer {
    let options = &world.options.yunda;
    let known = text(body, "appid") == options.app_key
        && text(body, "partner_id") == options.customer
        && text(body, "secret") == options.password;
    if !known {
        return refused(world, what, "1005", "白马账号或密码错误");
    }
    let one: fn(&mut World, &Value) -> Value = match what {
        "createBmOrder" => create,
        "cancelBmOrder" => cancel,
        "updateBmOrder" => update,
        "bmPrint" => print,
        _ => return refused(world, what, "1004", "接口不存在"),
    };
    let orders = list(body, "orders");
    if orders.is_empty() {
        return refused(world, what, "1001", "orders 不能为空");
    }
    let rows: Vec<Value> = orders.iter().map(|order| one(world, order)).collect();
    for row in rows.iter().filter(|row| text(row, "status") != "1") {
        let why = text(row, "msg");
        world.refuse(ME, what, &why, false);
    }
    success(Value::Array(rows))
}

/// A row's own success is a status of 1.
fn bad(key: &str, why: &str) -> Value {
    json!({"order_serial_no": key, "mail_no": "", "pdf_info": "", "status": "0", "msg": why})
}

fn good(key: &str, number: &str) -> Value {
    let info = json!([[{"mailno": number, "position": "571", "position_no": "571-01", "package_wdjc": "杭州集包",
        "package_wd": "571001", "mailno_barcode": number}]]);
    json!({"order_serial_no": key, "mail_no": number, "pdf_info": info.to_string(), "status": "1", "msg": "创建成功"})
}

fn create(world: &mut World, order: &Value) -> Value {
    let key = text(order, "order_serial_no");
    if key.is_empty() {
        return bad(&key, "order_serial_no 不能为空");
    }
    let receiver = match who(&part(order, "sender"), &NAMES).and_then(|_| who(&part(order, "receiver"), &NAMES)) {
        Ok(receiver) => receiver,
        Err(why) => return bad(&key, &why),
    };
    let package = text(order, "khddh");
    let wanted = Wanted { key: key.clone(), package, carrier: "yunda".to_owned(), receiver, pieces: 1 };
    match express::book(world, ME, &wanted) {
        Ok(given) => good(&key, &given.first()),
        Err(NoNumber::Empty) => bad(&key, "电子面单余额不足"),
        Err(NoNumber::Repeated) => bad(&key, "订单号重复"),
        Err(NoNumber::Cancelled) => bad(&key, "订单已取消"),
    }
}

/// The number of a row, by itself or by its order.
fn number(world: &World, order: &Value) -> (String, String) {
    let (key, number) = (text(order, "order_serial_no"), text(order, "mailno"));
    if !number.is_empty() {
        return (key, number);
    }
    let found = express::by_key(world, ME, &key).map(|p| p.number.clone()).unwrap_or_default();
    (key, found)
}

fn why(no: NoCancel) -> &'static str {
    match no {
        NoCancel::Unknown => "订单不存在",
        NoCancel::Already => "订单已取消",
        NoCancel::Travelling => "快件已揽收",
    }
}

fn done(key: &str, number: &str) -> Value {
    json!({"order_serial_no": key, "mail_no": number, "status": "1", "msg": "成功"})
}

fn cancel(world: &mut World, order: &Value) -> Value {
    let (key, number) = number(world, order);
    match express::cancel(world, ME, &number) {
        Ok(()) => done(&key, &number),
        Err(no) => bad(&key, why(no)),
    }
}

fn update(world: &mut World, order: &Value) -> Value {
    let (key, number) = number(world, order);
    let receiver = match who(&part(order, "receiver"), &NAMES) {
        Ok(receiver) => receiver,
        Err(why) => return bad(&key, &why),
    };
    match express::readdress(world, ME, &number, &receiver) {
        // Whether its answer holds what the label needs is not described: it does for an order.
        Ok(()) => good(&key, &number),
        Err(no) => bad(&key, why(no)),
    }
}

fn print(world: &mut World, order: &Value) -> Value {
    let (key, number) = number(world, order);
    match express::by_number(world, &number).filter(|p| p.platform == ME && !p.cancelled) {
        Some(parcel) => good(&parcel.key, &number),
        None => bad(&key, "订单不存在"),
    }
}

fn subscribe(world: &mut World, body: &Value) -> Answer {
    let numbers: Vec<String> = match list(body, "orders").as_slice() {
        [] => vec![text(body, "mailno")],
        many => many.iter().map(|one| text(one, "mailno")).collect(),
    };
    if numbers.iter().any(String::is_empty) {
        return refused(world, "subscribe", "1001", "mailno 不能为空");
    }
    for number in numbers {
        express::watch(world, Watch::new(ME, &number, "yunda"));
    }
    success(Value::Null)
}

fn query(world: &mut World, body: &Value) -> Answer {
    let number = text(body, "mailno");
    if express::watch_of(world, ME, &number).is_none() {
        return refused(world, "query", "1006", "运单未订阅");
    }
    let scans = express::scans_of(world, &number);
    let status = scans.last().map_or("", |s| status(s.kind));
    let steps: Vec<Value> = scans.iter().map(|s| step(s, &number)).collect();
    success(json!({"mailno": number, "status": status, "steps": steps}))
}

fn status(kind: ScanKind) -> &'static str {
    match kind {
        ScanKind::PickedUp => "GOT",
        ScanKind::Signed => "SIGNED",
        ScanKind::Returning | ScanKind::Returned => "RETURN",
        ScanKind::Problem | ScanKind::Refused => "SIGNFAIL",
        _ => "TRANSIT",
    }
}

fn action(scan: &Scan) -> &'static str {
    match scan.kind {
        ScanKind::PickedUp => "GOT",
        ScanKind::Departed => "DEPARTURE",
        ScanKind::Arrived => "ARRIVAL",
        ScanKind::OutForDelivery => "SENT",
        ScanKind::AtStation => "INBOUND",
        ScanKind::Problem => "SIGNFAIL",
        ScanKind::Refused => "REJECTION",
        ScanKind::Returning => "RETURN",
        ScanKind::Signed | ScanKind::Returned => "SIGNED",
    }
}

fn step(scan: &Scan, number: &str) -> Value {
    json!({"mailno": number, "time": beijing(scan.at_ms), "station": "571001", "station_name": scan.place,
        "station_type": 1, "action": action(scan), "city": scan.city, "next_name": "", "description": scan.words,
        "phone": "", "signer": ""})
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(scan) = told.new else { return Vec::new() };
    let options = &world.options.yunda;
    let mut node = step(scan, &told.parcel.number);
    if let Some(all) = node.as_object_mut() {
        all.insert("status".to_owned(), json!(status(scan.kind)));
    }
    let outgoing = Outgoing::json("trace", &node);
    let signed = sign::yunda(&outgoing.body, &options.app_secret);
    let time = world.now(ME).to_string();
    vec![outgoing.with("app-key", options.app_key.clone()).with("req-time", time).with("sign", signed)]
}

fn acknowledged(outcome: &Outcome) -> bool {
    let said = serde_json::from_slice::<Value>(&outcome.body).unwrap_or_default();
    outcome.success() && yes(&said, "result") && matches!(text(&said, "code").as_str(), "0000" | "0")
}
