//! YTO: the adapters, the older trace query and the push of traces.

mod pdf;

use crate::clock::beijing;
use crate::express::{
    self, Names, NoCancel, NoIntercept, NoNumber, Outgoing, Pusher, Scan, ScanKind, Told, Wanted, Watch, often, who,
};
use crate::fields::text;
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const ME: Platform = Platform::Yto;
const TRACE: &str = "yto.Marketing.WaybillTrace";

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: false, watched: false, say, acknowledged, gap_s: often };

const NAMES: Names = Names {
    name: &["recipientName"],
    phone: &["recipientMobile", "recipientPhone"],
    province: &["recipientProvinceName"],
    city: &["recipientCityName"],
    district: &["recipientCountyName"],
    address: &["recipientAddress"],
};

const SENDER: Names = Names {
    name: &["senderName"],
    phone: &["senderMobile", "senderPhone"],
    province: &["senderProvinceName"],
    city: &["senderCityName"],
    district: &["senderCountyName"],
    address: &["senderAddress"],
};

fn operation(call: &Call) -> String {
    match call.parts().as_slice() {
        ["open", method, ..] => (*method).to_owned(),
        ["service", "waybill_query", ..] => TRACE.to_owned(),
        _ => call.path.clone(),
    }
}

fn failure(code: &str, message: &str) -> Answer {
    json(200, &json!({"success": "false", "code": code, "message": message}))
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    failure("S05", "请求过于频繁")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "sign", true);
    failure("S02", "签名校验失败")
}

/// What a call signed: parameters, method, version.
struct Signed {
    param: String,
    method: String,
    version: &'static str,
    sign: String,
    timestamp: String,
}

fn signed(call: &Call) -> Option<Signed> {
    match call.parts().as_slice() {
        ["open", method, "v1", _suffix, _customer] => {
            let body: Value = serde_json::from_slice(&call.body).ok()?;
            // The parameters are a text that holds JSON: that very text is signed.
            let param = body.get("param")?.as_str()?.to_owned();
            let (sign, timestamp) = (text(&body, "sign"), text(&body, "timestamp"));
            Some(Signed { param, method: (*method).to_owned(), version: "v1", sign, timestamp })
        }
        ["service", "waybill_query", "v1", _suffix] => {
            let form = call.form();
            let field = |name: &str| form.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()).unwrap_or_default();
            (field("method") == TRACE && field("v") == "1.01").then(|| Signed {
                param: field("param"),
                method: TRACE.to_owned(),
                version: "1.01",
                sign: field("sign"),
                timestamp: field("timestamp"),
            })
        }
        _ => None,
    }
}

fn handle(world: &mut World, call: &Call) -> Answer {
    let operation = operation(call);
    let Some(asked) = signed(call).filter(|_| call.method == "POST") else {
        world.refuse(ME, &operation, "not a call of this interface", false);
        return failure("S01", "请求报文不合法");
    };
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    let data = format!("{}{}{}", asked.param, asked.method, asked.version);
    if asked.sign != sign::raw_md5(&data, &world.options.yto.app_secret) {
        return expired(world, call);
    }
    let customer = call.parts().get(4).map(|c| (*c).to_owned());
    if customer.is_some_and(|c| c != world.options.yto.customer) || asked.timestamp.parse::<i64>().is_err() {
        world.refuse(ME, &operation, "customer code or timestamp", false);
        return failure("S03", "客户编码或时间戳不合法");
    }
    let Ok(param) = serde_json::from_str::<Value>(&asked.param) else {
        return failure("S01", "param 不是 JSON");
    };
    match asked.method.as_str() {
        "privacy_create_adapter" => create(world, &param),
        "korder_cancel_adapter" => cancel(world, &param),
        "waybill_print_adapter" => print(world, &param),
        "track_query_adapter" => traces(world, &text(&param, "Number")),
        TRACE => traces(world, &text(&param, "NUMBER")),
        "subscribe_adapter" => subscribe(world, &param),
        "wanted_report_adapter" => wanted(world, &param),
        _ => failure("S04", "接口不存在或未授权"),
    }
}

fn refused(world: &mut World, operation: &str, code: &str, why: &str) -> Answer {
    world.refuse(ME, operation, why, false);
    failure(code, why)
}

fn create(world: &mut World, param: &Value) -> Answer {
    let key = text(param, "logisticsNo");
    if key.is_empty() || key.chars().count() > 64 {
        return refused(world, "privacy_create_adapter", "1001", "logisticsNo 不能为空");
    }
    let receiver = match who(param, &SENDER).and_then(|_| who(param, &NAMES)) {
        Ok(receiver) => receiver,
        Err(why) => return refused(world, "privacy_create_adapter", "1001", &why),
    };
    let package = text(param, "cstOrderNo");
    let wanted = Wanted { key: key.clone(), package, carrier: "yto".to_owned(), receiver, pieces: 1 };
    let number = match express::book(world, ME, &wanted) {
        Ok(given) => given.first(),
        Err(NoNumber::Empty) => return refused(world, "privacy_create_adapter", "1006", "电子面单余额不足"),
        Err(NoNumber::Repeated) => return refused(world, "privacy_create_adapter", "1004", "物流订单号重复"),
        Err(NoNumber::Cancelled) => return refused(world, "privacy_create_adapter", "1005", "订单已取消"),
    };
    let codes = json!({"logisticsNo": key, "mailNo": number, "waybillNo": number, "shortAddress": short(&number)});
    let mut reply = json!({"success": "true", "code": "200", "message": "成功", "data": codes});
    if let (Some(all), Some(more)) = (reply.as_object_mut(), codes.as_object()) {
        all.extend(more.clone());
    }
    json(200, &reply)
}

/// 三段码.
fn short(number: &str) -> String {
    let tail: String = number.chars().rev().take(3).collect();
    format!("571-{tail}-001")
}

fn cancel(world: &mut World, param: &Value) -> Answer {
    let key = text(param, "logisticsNo");
    let number = express::by_key(world, ME, &key).map(|p| p.number.clone()).unwrap_or_default();
    let op = "korder_cancel_adapter";
    match express::cancel(world, ME, &number) {
        Ok(()) => json(200, &json!({"success": "true", "code": "200", "message": "成功", "logisticsNo": key})),
        Err(NoCancel::Unknown) => refused(world, op, "1002", "订单不存在"),
        Err(NoCancel::Already) => refused(world, op, "1005", "订单已取消"),
        Err(NoCancel::Travelling) => refused(world, op, "1003", "快件已揽收，不能取消"),
    }
}

fn print(world: &mut World, param: &Value) -> Answer {
    let number = text(param, "waybillNo");
    let known = express::by_number(world, &number).filter(|p| p.platform == ME && !p.cancelled);
    let Some(parcel) = known else {
        return refused(world, "waybill_print_adapter", "1002", "运单号不存在");
    };
    let Some(pdf) = pdf::label(&parcel.number, &short(&parcel.number), &parcel.key) else {
        return failure("1009", "面单生成失败");
    };
    let data = json!({"waybillNo": number, "pdfBase64": STANDARD.encode(pdf)});
    json(200, &json!({"success": "true", "code": "200", "message": "成功", "data": data}))
}

/// A parcel is called back. Its fields are described nowhere; clients send a number and why.
fn wanted(world: &mut World, param: &Value) -> Answer {
    let op = "wanted_report_adapter";
    match express::intercept(world, ME, &text(param, "waybillNo")) {
        Ok(()) => json(200, &json!({"statusCode": 0, "statusMessage": "success"})),
        Err(NoIntercept::Unknown) => refused(world, op, "1002", "运单号不存在"),
        Err(NoIntercept::Arrived) => refused(world, op, "1003", "快件已签收，不能拦截"),
        Err(NoIntercept::Already) => refused(world, op, "1005", "快件已拦截"),
    }
}

/// The description does not say where the number stands: at the top, or in the classic envelope.
fn subscribe(world: &mut World, param: &Value) -> Answer {
    let envelope = text(param, "logistics_interface");
    let inner: Value = serde_json::from_str(&envelope).unwrap_or_default();
    let param = if envelope.is_empty() { param } else { &inner };
    let number = [text(param, "waybillNo"), text(param, "Number"), text(param, "mailNo")];
    let Some(number) = number.into_iter().find(|n| !n.is_empty()) else {
        return refused(world, "subscribe_adapter", "1001", "waybillNo 不能为空");
    };
    express::watch(world, Watch::new(ME, &number, "yto"));
    json(200, &json!({"success": "true", "code": "200", "message": "成功"}))
}

fn traces(world: &World, number: &str) -> Answer {
    let scans = express::scans_of(world, number);
    if scans.is_empty() {
        // They call it a success.
        return json(200, &json!({"map": {}, "code": "1001", "success": "true", "message": "查询结果为空。"}));
    }
    let rows = scans.iter().map(|s| {
        json!({"waybill_No": number, "upload_Time": beijing(s.at_ms), "infoContent": code(s.kind),
            "processInfo": s.words, "city": s.city, "district": "", "weight": ""})
    });
    json(200, &Value::Array(rows.collect()))
}

fn code(kind: ScanKind) -> &'static str {
    match kind {
        ScanKind::PickedUp => "GOT",
        ScanKind::Departed => "DEPARTURE",
        ScanKind::Arrived => "ARRIVAL",
        ScanKind::OutForDelivery => "SENT_SCAN",
        ScanKind::AtStation => "INBOUND",
        ScanKind::Problem | ScanKind::Refused => "FAILED",
        ScanKind::Returning => "TMS_RETURN",
        ScanKind::Signed | ScanKind::Returned => "SIGNED",
    }
}

fn xml(told: &Told, scan: &Scan) -> String {
    let e = |t: &str| quick_xml::escape::escape(t).into_owned();
    format!(
        "<UpdateInfo><logisticProviderID>YTO</logisticProviderID><clientID>HUIDAN</clientID><mailNo>{}</mailNo>\
         <txLogisticID>{}</txLogisticID><infoType>STATUS</infoType><infoContent>{}</infoContent><remark>{}</remark>\
         <acceptTime>{}</acceptTime><city>{}</city></UpdateInfo>",
        e(&told.parcel.number),
        e(&told.parcel.key),
        code(scan.kind),
        e(&scan.words),
        beijing(scan.at_ms),
        e(&scan.city),
    )
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(scan) = told.new else { return Vec::new() };
    let options = &world.options.yto;
    let xml = xml(told, scan);
    let digest = sign::raw_md5(&xml, &options.push_secret);
    let fields = [("logistics_interface", xml.as_str()), ("data_digest", &digest), ("clientId", &options.app_key)];
    vec![Outgoing::form("STATUS", &fields)]
}

/// Only XML that says so, with the type that the console asks for.
fn acknowledged(outcome: &Outcome) -> bool {
    let said = String::from_utf8_lossy(&outcome.body);
    outcome.success() && said.trim_start().starts_with('<') && said.contains("<success>true</success>")
}
