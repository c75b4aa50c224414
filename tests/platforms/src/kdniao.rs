//! KDNiao: e-waybills of other carriers, query, subscription and its push of the full list.

use crate::clock;
use crate::clock::beijing;
use crate::express::{
    self, Names, NoCancel, NoNumber, Outgoing, Pusher, Scan, ScanKind, Told, Wanted, Watch, often, who,
};
use crate::fields::{int, part, text};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const ME: Platform = Platform::Kdniao;
/// They break the label.
const BROKEN: [char; 9] = ['\'', '"', '#', '&', '+', '<', '>', '%', '\\'];
const CARRIERS: [&str; 12] = ["SF", "ZTO", "STO", "YTO", "YD", "HTKY", "EMS", "YZPY", "JD", "DBL", "UC", "JTSD"];
const NAMES: Names = Names {
    name: &["Name"],
    phone: &["Mobile", "Tel"],
    province: &["ProvinceName"],
    city: &["CityName"],
    district: &["ExpAreaName"],
    address: &["Address"],
};

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: true, watched: true, say, acknowledged, gap_s: often };

fn field(call: &Call, name: &str) -> String {
    call.form().into_iter().find(|(k, _)| k == name).map(|(_, v)| v).unwrap_or_default()
}

fn operation(call: &Call) -> String {
    let kind = field(call, "RequestType");
    if kind.is_empty() { call.path.clone() } else { kind }
}

fn failure(world: &World, code: &str, reason: &str) -> Answer {
    let id = &world.options.kdniao.app_key;
    json(200, &json!({"EBusinessID": id, "Success": false, "ResultCode": code, "Reason": reason}))
}

fn limited(world: &World, _: &Call, _: Option<u32>) -> Answer {
    failure(world, "105", "接口调用超过频率限制")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "DataSign", true);
    failure(world, "104", "数据签名验证失败")
}

fn refused(world: &mut World, operation: &str, code: &str, why: &str) -> Answer {
    world.refuse(ME, operation, why, false);
    failure(world, code, why)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.method != "POST" {
        return json(405, &json!({"Reason": "Method Not Allowed"}));
    }
    let operation = operation(call);
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    let data = field(call, "RequestData");
    let options = &world.options.kdniao;
    if field(call, "DataType") != "2" || data.is_empty() {
        return refused(world, &operation, "101", "缺少参数 RequestData 或 DataType");
    }
    if field(call, "EBusinessID") != options.app_key
        || field(call, "DataSign") != sign::kdniao(&data, &options.app_secret)
    {
        return expired(world, call);
    }
    let Ok(data) = serde_json::from_str::<Value>(&data) else {
        return refused(world, &operation, "103", "RequestData 格式有误");
    };
    let path = call.path.to_ascii_lowercase();
    let order = path == "/api/eorderservice";
    let dist = path == "/api/dist";
    let asked = path == "/ebusiness/ebusinessorderhandle.aspx";
    // The sandbox takes all of them at one address.
    let sandbox = path == "/kdniaosandbox/gateway/exterfaceinvoke.json";
    match operation.as_str() {
        "1007" if order || sandbox => waybill(world, &data),
        "1147" | "1004" if order || asked || sandbox => cancel(world, &data),
        "1002" | "8001" | "8002" if asked || sandbox => query(world, &data),
        "1008" | "8008" if dist || sandbox => subscribe(world, &operation, &data),
        "2002" if asked || sandbox => recognise(world, &data),
        _ => refused(world, &operation, "105", "不支持的接口指令"),
    }
}

fn waybill(world: &mut World, data: &Value) -> Answer {
    let missing = ["OrderCode", "ShipperCode", "PayType", "ExpType"].into_iter().find(|n| text(data, n).is_empty());
    if let Some(missing) = missing {
        return refused(world, "1007", "101", &format!("缺少必要参数 {missing}"));
    }
    let carrier = text(data, "ShipperCode");
    if !CARRIERS.contains(&carrier.as_str()) {
        return refused(world, "1007", "102", "不支持的快递公司编码");
    }
    if text(data, "CustomerName") != world.options.kdniao.customer {
        return refused(world, "1007", "104", "电子面单客户账号错误");
    }
    let to = who(&part(data, "Sender"), &NAMES).and_then(|_| who(&part(data, "Receiver"), &NAMES));
    let receiver = match to {
        Ok(receiver) if receiver.address.contains(BROKEN) || receiver.name.contains(BROKEN) => {
            return refused(world, "1007", "103", "地址或姓名含有特殊字符");
        }
        Ok(receiver) => receiver,
        Err(why) => return refused(world, "1007", "102", &why),
    };
    let key = text(data, "OrderCode");
    let package = text(data, "ThrOrderCode");
    let pieces = int(data, "Quantity").unwrap_or(1);
    let wanted = Wanted { key: key.clone(), package, carrier: carrier.clone(), receiver, pieces };
    match express::book(world, ME, &wanted) {
        Ok(given) => {
            let number = given.first();
            if text(data, "IsSubscribe") != "0" {
                let order = text(data, "Callback");
                express::watch(world, Watch { order, ..Watch::new(ME, &number, &carrier) });
            }
            json(200, &booked(world, data, &given.numbers, "100", "成功"))
        }
        Err(NoNumber::Repeated) => {
            // The number that the order has is told with the refusal.
            let number = express::by_key(world, ME, &key).map(|p| p.number.clone()).unwrap_or_default();
            world.refuse(ME, "1007", "OrderCode again", false);
            let numbers = express::pieces(world, &number);
            json(200, &booked(world, data, &numbers, "106", "该订单号已下单成功"))
        }
        Err(NoNumber::Empty) => refused(world, "1007", "105", "电子面单余额不足"),
        Err(NoNumber::Cancelled) => refused(world, "1007", "105", "该订单号已取消"),
    }
}

fn booked(world: &World, data: &Value, numbers: &[String], code: &str, reason: &str) -> Value {
    let number = numbers.first().cloned().unwrap_or_default();
    let template = text(data, "IsReturnPrintTemplate") == "1" && code == "100";
    let page = |n: &String| html(n, &part(data, "Receiver"));
    let order = json!({"OrderCode": text(data, "OrderCode"), "ShipperCode": text(data, "ShipperCode"),
        "LogisticCode": number, "MarkDestination": "571-01", "OriginCode": "571", "OriginName": "杭州",
        "DestinatioCode": "571", "DestinatioName": "目的地", "PackageCode": "571001", "PackageName": "杭州集包"});
    let mut all = json!({"EBusinessID": world.options.kdniao.app_key, "Success": code == "100", "ResultCode": code,
        "Reason": reason, "UniquerRequestNumber": format!("sim-{number}"), "Order": order,
        "EstimatedDeliveryTime": null, "SubCount": numbers.len().saturating_sub(1),
        "SubOrders": numbers.iter().skip(1).collect::<Vec<_>>()});
    if let (true, Some(all)) = (template, all.as_object_mut()) {
        all.insert("PrintTemplate".to_owned(), json!(page(&number)));
        let subs: Vec<String> = numbers.iter().skip(1).map(page).collect();
        all.insert("SubPrintTemplates".to_owned(), json!(subs));
    }
    all
}

fn html(number: &str, to: &Value) -> String {
    let e = |t: String| quick_xml::escape::escape(t.as_str()).into_owned();
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body><div class=\"mark\">571-01</div>\
         <div class=\"code\">{number}</div><div class=\"to\">{} {} {}{}{}{}</div></body></html>",
        e(text(to, "Name")),
        e(text(to, "Mobile")),
        e(text(to, "ProvinceName")),
        e(text(to, "CityName")),
        e(text(to, "ExpAreaName")),
        e(text(to, "Address"))
    )
}

fn cancel(world: &mut World, data: &Value) -> Answer {
    let number = text(data, "ExpNo");
    let number = if number.is_empty() { text(data, "LogisticCode") } else { number };
    let by_key = || express::by_key(world, ME, &text(data, "OrderCode")).map(|p| p.number.clone());
    let number = if number.is_empty() { by_key().unwrap_or_default() } else { number };
    match express::cancel(world, ME, &number) {
        Ok(()) => {
            express::unwatch(world, ME, &number);
            let id = &world.options.kdniao.app_key;
            json(200, &json!({"EBusinessID": id, "Success": true, "ResultCode": "100", "Reason": "成功"}))
        }
        Err(NoCancel::Unknown) => refused(world, "1147", "105", "单号不存在"),
        Err(NoCancel::Already) => refused(world, "1147", "105", "单号已取消"),
        Err(NoCancel::Travelling) => refused(world, "1147", "105", "快件已揽收，不能取消"),
    }
}

fn query(world: &mut World, data: &Value) -> Answer {
    let (carrier, number) = (text(data, "ShipperCode"), text(data, "LogisticCode"));
    if carrier.is_empty() || number.is_empty() {
        return refused(world, "1002", "101", "缺少必要参数 ShipperCode 或 LogisticCode");
    }
    if matches!(carrier.as_str(), "SF" | "ZTO") && text(data, "CustomerName").len() != 4 {
        return refused(world, "1002", "102", "CustomerName 须为手机号后四位");
    }
    let scans = express::scans_of(world, &number);
    let mut all = traced(&carrier, &number, &text(data, "OrderCode"), &scans);
    if let Some(all) = all.as_object_mut() {
        all.insert("EBusinessID".to_owned(), json!(world.options.kdniao.app_key));
    }
    json(200, &all)
}

fn subscribe(world: &mut World, operation: &str, data: &Value) -> Answer {
    let (carrier, number) = (text(data, "ShipperCode"), text(data, "LogisticCode"));
    if carrier.is_empty() || number.is_empty() {
        return refused(world, operation, "101", "缺少必要参数 ShipperCode 或 LogisticCode");
    }
    let order = text(data, "CallBack");
    express::watch(world, Watch { order, ..Watch::new(ME, &number, &carrier) });
    let now = beijing(world.now(ME));
    let id = &world.options.kdniao.app_key;
    json(
        200,
        &json!({"EBusinessID": id, "UpdateTime": now, "Success": true, "Reason": "", "EstimatedDeliveryTime": ""}),
    )
}

fn recognise(world: &World, data: &Value) -> Answer {
    let number = text(data, "LogisticCode");
    let shippers: Vec<Value> = express::by_number(world, &number)
        .map(|p| json!({"ShipperCode": p.carrier.to_ascii_uppercase(), "ShipperName": p.carrier}))
        .into_iter()
        .collect();
    let id = &world.options.kdniao.app_key;
    json(200, &json!({"EBusinessID": id, "LogisticCode": number, "Success": true, "Code": "100", "Shippers": shippers}))
}

/// State and its finer kind.
fn codes(scan: &Scan) -> (&'static str, &'static str) {
    match scan.kind {
        ScanKind::PickedUp => ("1", "1"),
        ScanKind::Departed => ("2", "2"),
        ScanKind::Arrived => ("2", "204"),
        ScanKind::OutForDelivery => ("2", "202"),
        ScanKind::AtStation => ("2", "211"),
        ScanKind::Problem => ("4", "405"),
        ScanKind::Refused => ("4", "404"),
        ScanKind::Returning => ("4", "407"),
        ScanKind::Returned => ("4", "406"),
        ScanKind::Signed if scan.from_station => ("3", "311"),
        ScanKind::Signed => ("3", "301"),
    }
}

/// Oldest first.
fn traced(carrier: &str, number: &str, order: &str, scans: &[Scan]) -> Value {
    let (state, fine) = scans.last().map_or(("0", "401"), codes);
    let rows: Vec<Value> = scans
        .iter()
        .map(|s| {
            json!({"AcceptTime": beijing(s.at_ms), "AcceptStation": s.words, "Remark": "", "Location": s.city,
                "Action": codes(s).1})
        })
        .collect();
    let city = scans.last().map(|s| s.city.clone()).unwrap_or_default();
    json!({"OrderCode": order, "ShipperCode": carrier, "LogisticCode": number, "Success": true,
        "Reason": if scans.is_empty() { "暂无轨迹信息" } else { "" }, "State": state, "StateEx": fine, "Location": city,
        "Traces": rows})
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(watch) = told.watch else { return Vec::new() };
    let options = &world.options.kdniao;
    let mut one = traced(&watch.carrier, &watch.number, &told.parcel.key, &told.scans);
    if let Some(all) = one.as_object_mut() {
        all.insert("EBusinessID".to_owned(), json!(options.app_key));
        all.insert("CallBack".to_owned(), json!(watch.order));
        all.insert("EstimatedDeliveryTime".to_owned(), json!(""));
    }
    let now = beijing(clock::now_ms());
    let data = json!({"EBusinessID": options.app_key, "PushTime": now, "Count": "1", "Data": [one]}).to_string();
    let digest = sign::kdniao(&data, &options.app_secret);
    vec![Outgoing::form("102", &[("RequestData", data.as_str()), ("DataSign", &digest), ("RequestType", "102")])]
}

fn acknowledged(outcome: &Outcome) -> bool {
    let said = serde_json::from_slice::<Value>(&outcome.body).unwrap_or_default();
    outcome.success() && said.get("Success") == Some(&Value::Bool(true)) && !text(&said, "EBusinessID").is_empty()
}
