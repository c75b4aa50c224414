//! ZTO: the gateway and the push of traces.

use crate::clock::beijing;
use crate::express::{
    self, Names, NoCancel, NoIntercept, NoNumber, Outgoing, Pusher, Scan, ScanKind, Told, Wanted, Watch, often, who,
};
use crate::fields::{int, part, text};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const ME: Platform = Platform::Zto;

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: false, watched: false, say, acknowledged, gap_s: often };

const RECEIVER: Names = Names {
    name: &["receiverName"],
    phone: &["receiverMobile", "receiverPhone"],
    province: &["receiverProvince"],
    city: &["receiverCity"],
    district: &["receiverDistrict"],
    address: &["receiverAddress"],
};
const SENDER: Names = Names {
    name: &["senderName"],
    phone: &["senderMobile", "senderPhone"],
    province: &["senderProvince"],
    city: &["senderCity"],
    district: &["senderDistrict"],
    address: &["senderAddress"],
};

fn operation(call: &Call) -> String {
    call.path.trim_start_matches('/').to_owned()
}

/// HTTP 200 for errors too.
fn failure(code: &str, message: &str) -> Answer {
    json(200, &json!({"result": null, "message": message, "status": false, "statusCode": code}))
}

fn success(result: Value) -> Answer {
    json(200, &json!({"result": result, "message": "请求成功", "status": true, "statusCode": "SYS000"}))
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    failure("S206", "调用次数超过配额")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "x-dataDigest", true);
    failure("S211", "签名错误")
}

fn handle(world: &mut World, call: &Call) -> Answer {
    let operation = operation(call);
    if call.method != "POST" {
        return json(405, &json!({"message": "Method Not Allowed"}));
    }
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    let (key, digest) = (call.header("x-appKey"), call.header("x-dataDigest"));
    if key.is_empty() || digest.is_empty() {
        return refused(world, &operation, "S208", "缺少参数 x-appKey 或 x-dataDigest");
    }
    if key != world.options.zto.app_key {
        return refused(world, &operation, "S210", "应用未绑定");
    }
    let body = String::from_utf8_lossy(&call.body).into_owned();
    if digest != sign::raw_md5(&body, &world.options.zto.app_secret) {
        return expired(world, call);
    }
    let Ok(body) = serde_json::from_str::<Value>(&body) else {
        return refused(world, &operation, "S208", "报文不是 JSON");
    };
    match operation.as_str() {
        "zto.open.createOrder" => create(world, &body),
        "zto.open.cancelPreOrder" => cancel(world, &body),
        "zto.open.getOrderInfo" => info(world, &body),
        "zto.open.order.print" | "zto.print.batchCloudPrint" => print(world, &operation, &body),
        "thirdcenter.createIntercept" => intercept(world, &body),
        "zto.open.queryAvailableBalanceNew" => balance(world, &body),
        "zto.merchant.waybill.track.query" => query(world, &body),
        "zto.merchant.waybill.track.subsrcibe" => subscribe(world, &body),
        _ => refused(world, &operation, "S207", "未知的 API"),
    }
}

fn refused(world: &mut World, operation: &str, code: &str, why: &str) -> Answer {
    world.refuse(ME, operation, why, false);
    failure(code, why)
}

fn create(world: &mut World, body: &Value) -> Answer {
    let op = "zto.open.createOrder";
    let key = text(body, "partnerOrderCode");
    let missing = ["partnerType", "orderType", "partnerOrderCode"].into_iter().find(|n| text(body, n).is_empty());
    if let Some(missing) = missing {
        return refused(world, op, "S208", &format!("缺少参数 {missing}"));
    }
    let account = part(body, "accountInfo");
    let (id, password) = (text(&account, "accountId"), text(&account, "accountPassword"));
    let (known, secret) = (world.options.zto.customer.clone(), world.options.zto.password.clone());
    // Only an order without a number from the account's stock does without the account.
    if text(body, "orderType") != "3" && (id != known || (!password.is_empty() && password != secret)) {
        return refused(world, op, "E404", "电子面单账号不存在");
    }
    let to = who(&part(body, "senderInfo"), &SENDER).and_then(|_| who(&part(body, "receiveInfo"), &RECEIVER));
    let receiver = match to {
        Ok(receiver) => receiver,
        Err(why) => return refused(world, op, "S208", &why),
    };
    let wanted = Wanted { key: key.clone(), package: String::new(), carrier: "zto".to_owned(), receiver, pieces: 1 };
    match express::book(world, ME, &wanted) {
        Ok(given) => success(booked(world, &given.first(), &key)),
        Err(NoNumber::Empty) => refused(world, op, "E405", "电子面单余量不足"),
        Err(NoNumber::Repeated) => refused(world, op, "E406", "订单号重复"),
        Err(NoNumber::Cancelled) => refused(world, op, "E407", "订单已取消"),
    }
}

fn order_code(number: &str) -> String {
    format!("ZO{number}")
}

fn booked(world: &World, number: &str, key: &str) -> Value {
    let to = express::by_number(world, number).map(|p| p.receiver.clone()).unwrap_or_default();
    json!({"billCode": number, "orderCode": order_code(number), "partnerOrderCode": key, "siteCode": "57101",
        "siteName": "杭州良渚", "signBillInfo": null, "verifyCode": "1024",
        "bigMarkInfo": {"mark": format!("571- {}", to.city.trim_end_matches('市')), "bagAddr": format!("{}包", to.city)}})
}

/// By either of the two codes.
fn number(body: &Value) -> String {
    let bill = text(body, "billCode");
    if bill.is_empty() { text(body, "orderCode").trim_start_matches("ZO").to_owned() } else { bill }
}

fn cancel(world: &mut World, body: &Value) -> Answer {
    let op = "zto.open.cancelPreOrder";
    if !matches!(int(body, "cancelType"), Some(1..=7)) {
        return refused(world, op, "S208", "cancelType 须为 1 到 7");
    }
    match express::cancel(world, ME, &number(body)) {
        Ok(()) => success(Value::Null),
        Err(NoCancel::Unknown) => refused(world, op, "E416", "不是中通单号"),
        Err(NoCancel::Already) => refused(world, op, "E407", "订单已取消"),
        Err(NoCancel::Travelling) => refused(world, op, "E408", "快件已揽收，不能取消"),
    }
}

fn info(world: &mut World, body: &Value) -> Answer {
    let key = text(body, "partnerOrderCode");
    let found = express::by_key(world, ME, &key).or_else(|| express::by_number(world, &number(body)));
    match found.filter(|p| p.platform == ME).cloned() {
        Some(parcel) => {
            let mut result = booked(world, &parcel.number, &parcel.key);
            let status = if parcel.cancelled {
                "CANCEL"
            } else if parcel.scans.is_empty() {
                "CREATED"
            } else {
                "GOT"
            };
            if let Some(all) = result.as_object_mut() {
                all.insert("orderStatus".to_owned(), json!(status));
            }
            success(result)
        }
        None => refused(world, "zto.open.getOrderInfo", "E403", "订单不存在"),
    }
}

/// One bill, or a list of them for the cloud printer.
fn print(world: &mut World, operation: &str, body: &Value) -> Answer {
    let list = crate::fields::list(body, "printInfos");
    let asked: Vec<String> = if list.is_empty() { vec![number(body)] } else { list.iter().map(number).collect() };
    let known = |n: &&String| express::by_number(world, n).is_some_and(|p| p.platform == ME && !p.cancelled);
    let (good, bad): (Vec<&String>, Vec<&String>) = asked.iter().partition(known);
    if operation == "zto.print.batchCloudPrint" {
        let bad: Vec<Value> = bad.iter().map(|n| json!({"billCode": n, "errorMsg": "不是中通单号"})).collect();
        return success(json!({"printSuccessList": good, "printErrorList": bad}));
    }
    match good.first() {
        Some(first) => {
            let data = booked(world, first, "");
            success(json!({"billCode": first, "printData": data}))
        }
        None => refused(world, operation, "E416", "不是中通单号"),
    }
}

/// What is left of the account's numbers. The description does not tell its fields; a public client asks and reads it so.
fn balance(world: &mut World, body: &Value) -> Answer {
    if text(body, "partner") != world.options.zto.customer {
        return refused(world, "zto.open.queryAvailableBalanceNew", "E404", "电子面单账号不存在");
    }
    success(json!({"available": express::left(world, ME), "recovery": 0}))
}

fn intercept(world: &mut World, body: &Value) -> Answer {
    let op = "thirdcenter.createIntercept";
    match express::intercept(world, ME, &number(body)) {
        Ok(()) => success(Value::Null),
        Err(NoIntercept::Unknown) => refused(world, op, "E416", "不是中通单号"),
        Err(NoIntercept::Arrived) => refused(world, op, "E420", "快件已签收，不能拦截"),
        Err(NoIntercept::Already) => refused(world, op, "E421", "拦截件已存在"),
    }
}

/// Four digits, or none: whose phone it is, the description does not say.
fn phone_fits(body: &Value) -> bool {
    let asked = text(body, "mobilePhone");
    asked.is_empty() || (asked.len() == 4 && asked.bytes().all(|b| b.is_ascii_digit()))
}

fn query(world: &mut World, body: &Value) -> Answer {
    let number = text(body, "billCode");
    if !phone_fits(body) {
        return refused(world, "zto.merchant.waybill.track.query", "E409", "手机号校验失败");
    }
    let scans = express::scans_of(world, &number);
    let rows = scans.iter().map(|s| {
        json!({"billCode": number, "scanType": asked_code(s), "scanDate": s.at_ms, "desc": s.words,
            "scanSite": {"name": s.place, "city": s.city}})
    });
    success(Value::Array(rows.collect()))
}

fn subscribe(world: &mut World, body: &Value) -> Answer {
    let number = text(body, "billCode");
    if number.is_empty() {
        return refused(world, "zto.merchant.waybill.track.subsrcibe", "S208", "缺少参数 billCode");
    }
    express::watch(world, Watch::new(ME, &number, "zto"));
    success(Value::Null)
}

/// The push's word.
fn pushed_code(scan: &Scan) -> &'static str {
    match scan.kind {
        ScanKind::PickedUp => "GOT",
        ScanKind::Departed => "DEPARTURE",
        ScanKind::Arrived => "ARRIVAL",
        ScanKind::OutForDelivery => "DISPATCH",
        ScanKind::AtStation => "INBOUND",
        ScanKind::Problem | ScanKind::Refused => "PROBLEM",
        ScanKind::Returning => "RETURN_SCAN",
        ScanKind::Returned => "RETURN_SIGN",
        ScanKind::Signed if scan.from_station => "DEPARTURE_SIGNED",
        ScanKind::Signed => "SIGNED",
    }
}

/// The query's word: `ARRIVAL` means a locker here.
fn asked_code(scan: &Scan) -> &'static str {
    match scan.kind {
        ScanKind::PickedUp => "收件",
        ScanKind::Departed => "发件",
        ScanKind::Arrived => "到件",
        ScanKind::OutForDelivery => "派件",
        ScanKind::AtStation => "ARRIVAL",
        ScanKind::Problem | ScanKind::Refused => "问题件",
        ScanKind::Returning | ScanKind::Returned => "退件",
        ScanKind::Signed if scan.from_station => "SIGNED",
        ScanKind::Signed => "签收",
    }
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(scan) = told.new else { return Vec::new() };
    let options = &world.options.zto;
    let signer = if scan.kind == ScanKind::Signed { "本人" } else { "" };
    let data = json!({"billCode": told.parcel.number, "actionTime": beijing(scan.at_ms), "action": pushed_code(scan),
        "desc": scan.words, "city": scan.city, "dist": "", "facilityCode": "57101", "facilityName": scan.place,
        "facilityContactPhone": "", "courier": "", "courierPhone": "", "expressSigner": signer, "address": "",
        "nextNodeCode": "", "nextNodeName": "", "nextCity": "", "comName": "", "comCode": ""})
    .to_string();
    let digest = sign::raw_md5(&data, &options.app_secret);
    let fields =
        [("data", data.as_str()), ("data_digest", &digest), ("msg_type", "Traces"), ("company_id", &options.app_key)];
    vec![Outgoing::form("Traces", &fields)]
}

fn acknowledged(outcome: &Outcome) -> bool {
    let said = serde_json::from_slice::<Value>(&outcome.body).unwrap_or_default();
    outcome.success() && said.get("status") == Some(&Value::Bool(true)) && text(&said, "result") == "success"
}
