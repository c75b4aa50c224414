//! STO: the link gateway and the push of traces in the same envelope.

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
use serde_json::{Map, Value, json};

const ME: Platform = Platform::Sto;
const NAMES: Names = Names {
    name: &["name"],
    phone: &["mobile", "tel"],
    province: &["province"],
    city: &["city"],
    district: &["area"],
    address: &["address"],
};

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: false, watched: false, say, acknowledged, gap_s: often };

fn field(call: &Call, name: &str) -> String {
    call.form().into_iter().find(|(k, _)| k == name).map(|(_, v)| v).unwrap_or_default()
}

fn operation(call: &Call) -> String {
    let api = field(call, "api_name");
    if api.is_empty() { call.path.clone() } else { api }
}

/// Yes and no are texts.
fn envelope(success: &str, code: &str, message: &str, data: Value) -> Answer {
    let body = json!({"success": success, "errorCode": code, "errorMsg": message, "needRetry": "false",
        "requestId": null, "expInfo": null, "data": data});
    json(200, &body)
}

fn success(data: Value) -> Answer {
    envelope("true", "", "", data)
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    envelope("false", "S11", "流量超过限制", Value::Null)
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "data_digest", true);
    envelope("false", "S02", "签名验证失败", Value::Null)
}

fn refused(world: &mut World, operation: &str, code: &str, why: &str) -> Answer {
    world.refuse(ME, operation, why, false);
    envelope("false", code, why, Value::Null)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.path != "/gateway/link.do" || call.method != "POST" {
        return json(404, &json!({"error": "Not Found"}));
    }
    let operation = operation(call);
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    let required = ["api_name", "content", "from_appkey", "from_code", "to_appkey", "to_code", "data_digest"];
    if let Some(missing) = required.into_iter().find(|name| field(call, name).is_empty()) {
        return refused(world, &operation, "S01", &format!("参数 {missing} 不能为空"));
    }
    let content = field(call, "content");
    let options = &world.options.sto;
    let known = field(call, "from_appkey") == options.app_key;
    if !known || field(call, "data_digest") != sign::raw_md5(&content, &options.app_secret) {
        return expired(world, call);
    }
    let Ok(content) = serde_json::from_str::<Value>(&content) else {
        return refused(world, &operation, "S01", "content 不是 JSON");
    };
    let to = field(call, "to_code");
    let wrong = |right: &str| to != right;
    match operation.as_str() {
        "OMS_EXPRESS_ORDER_CREATE" if wrong("sto_oms") => refused(world, &operation, "S04", "to_code 不存在"),
        "STO_TRACE_QUERY_COMMON" if wrong("sto_trace_query") => refused(world, &operation, "S04", "to_code 不存在"),
        "OMS_EXPRESS_ORDER_CREATE" => create(world, &content),
        "EDI_MODIFY_ORDER_CANCEL" => cancel(world, &content),
        "GET_ORDERDISPATCH_INFO" => info(world, &content),
        "STO_TRACE_QUERY_COMMON" => query(world, &content),
        "STO_TRACE_PLATFORM_SUBSCRIBE" => subscribe(world, &content),
        _ => refused(world, &operation, "S03", "api_name 不存在或未授权"),
    }
}

fn create(world: &mut World, content: &Value) -> Answer {
    let op = "OMS_EXPRESS_ORDER_CREATE";
    let missing = ["orderNo", "orderSource", "billType", "orderType"].into_iter().find(|n| text(content, n).is_empty());
    if let Some(missing) = missing {
        return refused(world, op, "001", &format!("{missing} 不能为空"));
    }
    let customer = part(content, "customer");
    if text(&customer, "customerName") != world.options.sto.customer
        || text(&customer, "sitePwd") != world.options.sto.password
    {
        return refused(world, op, "002", "客户编码或密码错误");
    }
    if part(content, "cargo").is_null() {
        return refused(world, op, "001", "cargo 不能为空");
    }
    let receiver = match who(&part(content, "sender"), &NAMES).and_then(|_| who(&part(content, "receiver"), &NAMES)) {
        Ok(receiver) => receiver,
        Err(why) => return refused(world, op, "001", &why),
    };
    let key = text(content, "orderNo");
    let wanted = Wanted { key: key.clone(), package: String::new(), carrier: "sto".to_owned(), receiver, pieces: 1 };
    match express::book(world, ME, &wanted) {
        Ok(given) => success(booked(&given.first(), &key)),
        Err(NoNumber::Empty) => refused(world, op, "003", "电子面单余额不足"),
        Err(NoNumber::Repeated) => refused(world, op, "004", "订单号重复"),
        Err(NoNumber::Cancelled) => refused(world, op, "005", "订单已取消"),
    }
}

fn booked(number: &str, key: &str) -> Value {
    json!({"orderNo": key, "waybillNo": number, "bigWord": "571-001", "packagePlace": "杭州集包"})
}

fn cancel(world: &mut World, content: &Value) -> Answer {
    let op = "EDI_MODIFY_ORDER_CANCEL";
    match express::cancel(world, ME, &text(content, "billCode")) {
        Ok(()) => success(Value::Null),
        Err(NoCancel::Unknown) => refused(world, op, "006", "运单不存在"),
        Err(NoCancel::Already) => refused(world, op, "005", "订单已取消"),
        Err(NoCancel::Travelling) => refused(world, op, "007", "快件已揽收，不能取消"),
    }
}

fn info(world: &mut World, content: &Value) -> Answer {
    let (key, number) = (text(content, "orderNo"), text(content, "billCode"));
    let found = express::by_key(world, ME, &key).or_else(|| express::by_number(world, &number));
    match found.filter(|p| p.platform == ME).cloned() {
        Some(parcel) => {
            let mut data = booked(&parcel.number, &parcel.key);
            if let Some(all) = data.as_object_mut() {
                all.insert("orderStatus".to_owned(), json!(if parcel.cancelled { "取消" } else { "已下单" }));
            }
            success(data)
        }
        None => refused(world, "GET_ORDERDISPATCH_INFO", "006", "订单不存在"),
    }
}

fn query(world: &World, content: &Value) -> Answer {
    let mut data = Map::new();
    for number in list(content, "waybillNoList").iter().filter_map(Value::as_str) {
        let mut scans = express::scans_of(world, number);
        if text(content, "order") == "desc" {
            scans.reverse();
        }
        let rows = scans.iter().map(|s| {
            json!({"waybillNo": number, "opTime": beijing(s.at_ms), "scanType": scan_type(s), "memo": s.words,
                "opOrgName": s.place, "opOrgCityName": s.city, "issueName": issue(s)})
        });
        data.insert(number.to_owned(), Value::Array(rows.collect()));
    }
    success(Value::Object(data))
}

fn subscribe(world: &mut World, content: &Value) -> Answer {
    let numbers: Vec<String> = match list(content, "subscribeInfoList").as_slice() {
        [] => vec![text(content, "waybillNo")],
        many => many.iter().map(|one| text(one, "waybillNo")).collect(),
    };
    for number in numbers.iter().filter(|n| !n.is_empty()) {
        express::watch(world, Watch::new(ME, number, "sto"));
    }
    success(Value::Null)
}

fn scan_type(scan: &Scan) -> &'static str {
    match scan.kind {
        ScanKind::PickedUp => "收件",
        ScanKind::Departed => "发件",
        ScanKind::Arrived => "到件",
        ScanKind::OutForDelivery => "派件",
        ScanKind::AtStation => "驿站代收",
        ScanKind::Problem | ScanKind::Refused => "问题件",
        ScanKind::Returning => "退回件",
        ScanKind::Signed if scan.from_station => "驿站出库",
        ScanKind::Signed | ScanKind::Returned => "签收",
    }
}

fn issue(scan: &Scan) -> &'static str {
    match scan.kind {
        ScanKind::Problem => "联系不上收件人",
        ScanKind::Refused => "客户拒收",
        _ => "",
    }
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(scan) = told.new else { return Vec::new() };
    let options = &world.options.sto;
    let trace = json!({"outBizCode": scan.id, "opOrgName": scan.place, "opOrgCode": "571001", "opOrgType": "2",
        "opOrgCityName": scan.city, "opOrgProvinceName": "", "opOrgTel": "", "opTime": beijing(scan.at_ms),
        "scanType": scan_type(scan), "opEmpName": "", "opEmpCode": "", "memo": scan.words, "bizEmpName": "",
        "bizEmpCode": "", "bizEmpPhone": "", "bizEmpTel": "", "nextOrgName": "", "nextOrgCode": "",
        "issueName": issue(scan), "signoffPeople": "", "weight": "", "remark": ""});
    let content = json!({"waybillNo": told.parcel.number, "linkCode": told.parcel.key, "trace": trace}).to_string();
    let digest = sign::raw_md5(&content, &options.app_secret);
    let fields = [
        ("api_name", "STO_TRACE_PLATFORM_PUSH"),
        ("content", content.as_str()),
        ("data_digest", &digest),
        ("from_appkey", "sto_trace"),
        ("from_code", "sto_trace"),
        ("to_appkey", &options.app_key),
        ("to_code", &options.app_key),
    ];
    vec![Outgoing::form("STO_TRACE_PLATFORM_PUSH", &fields)]
}

fn acknowledged(outcome: &Outcome) -> bool {
    let said = serde_json::from_slice::<Value>(&outcome.body).unwrap_or_default();
    outcome.success() && yes(&said, "success") && !yes(&said, "needRetry")
}
