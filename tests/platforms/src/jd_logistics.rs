//! JD logistics: orders, print data, traces, and the push that comes only after a subscription.

use crate::clock::{beijing, parse_beijing};
use crate::express::{
    self, Names, NoCancel, NoIntercept, NoNumber, Outgoing, Pusher, Scan, ScanKind, Told, Wanted, Watch, often, who,
};
use crate::fields::{int, list, part, text};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const ME: Platform = Platform::JdLogistics;
/// How far a call's time may be off; the description does not say.
const WINDOW_MS: i64 = 10 * 60_000;
const NAMES: Names = Names {
    name: &["name"],
    phone: &["mobile", "phone"],
    province: &[],
    city: &[],
    district: &[],
    address: &["fullAddress"],
};

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: false, watched: true, say, acknowledged, gap_s: often };

fn operation(call: &Call) -> String {
    call.path.clone()
}

fn failure(code: i64, message: &str) -> Answer {
    json(200, &json!({"code": code, "msg": message, "success": false, "requestId": "sim", "mills": 1, "data": null}))
}

fn success(data: Value) -> Answer {
    json(200, &json!({"code": 0, "msg": "成功", "success": true, "requestId": "sim", "mills": 1, "data": data}))
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    failure(429, "请求过于频繁")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "access_token", true);
    failure(19, "access_token 已失效")
}

fn refused(world: &mut World, operation: &str, code: i64, why: &str) -> Answer {
    world.refuse(ME, operation, why, false);
    failure(code, why)
}

/// What is wrong with a call's signature, token or time.
fn unsigned(world: &World, call: &Call) -> Option<(i64, &'static str)> {
    let options = &world.options.jd_logistics;
    let query = |name: &str| call.query_value(name).unwrap_or_default();
    if query("app_key") != options.app_key {
        return Some((17, "app_key 不存在"));
    }
    if query("access_token") != options.token {
        return Some((19, "access_token 已失效"));
    }
    let hours = call.header("lop-tz").parse::<i64>().unwrap_or(8);
    let at = parse_beijing(&query("timestamp")).map(|ms| ms + (8 - hours) * 3_600_000);
    if at.is_none_or(|at| (at - world.now(ME)).abs() > WINDOW_MS) {
        return Some((22, "timestamp 不合法"));
    }
    let body = String::from_utf8_lossy(&call.body);
    let text = sign::jd_logistics_text(
        &options.app_secret,
        &options.token,
        &options.app_key,
        &call.path,
        &body,
        &query("timestamp"),
    );
    let expected = sign::jd_logistics(&query("algorithm"), &text, &options.app_secret);
    let given = query("sign");
    // The official sample prints upper-case hex, other clients lower: both are taken.
    let same = |e: &String| *e == given || (query("algorithm") == "md5-salt" && e.eq_ignore_ascii_case(&given));
    if query("v") != "2.0" || !expected.as_ref().is_some_and(same) {
        return Some((21, "签名错误"));
    }
    None
}

fn handle(world: &mut World, call: &Call) -> Answer {
    let operation = operation(call);
    if call.method != "POST" {
        return json(405, &json!({"msg": "Method Not Allowed"}));
    }
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    if let Some((code, why)) = unsigned(world, call) {
        world.refuse(ME, &operation, why, true);
        return failure(code, why);
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let Some(first) = body.as_array().and_then(|all| all.first()).cloned() else {
        return refused(world, &operation, 1, "请求体须为数组");
    };
    let domain = call.query_value("LOP-DN").unwrap_or_default();
    match (domain.as_str(), operation.as_str()) {
        ("ECAP", "/ecap/v1/orders/precheck") => precheck(world, &first),
        ("ECAP", "/ecap/v1/orders/create") => create(world, &first),
        ("ECAP", "/ecap/v1/orders/cancel") => cancel(world, &first),
        ("ECAP", "/ecap/v1/orders/modify") => modify(world, &first),
        ("ECAP", "/ecap/v1/orders/trace/query") => traces(world, &text(&first, "waybillCode")),
        ("ECAP", "/ecap/v1/orders/trace/subscribe") => subscribe(world, &first),
        ("ECAP", "/ecap/v1/orders/actualfee/query") => fee(world, &first),
        ("Tracking_JD", "/jd/tracking/query") => traces(world, &text(&first, "referenceNumber")),
        ("jdcloudprint", "/PullDataService/pullData") => pull(world, &first),
        _ => refused(world, &operation, 2, "接口或域不存在"),
    }
}

fn read(world: &World, order: &Value) -> Result<crate::Receiver, String> {
    if text(order, "customerCode") != world.options.jd_logistics.customer {
        return Err("customerCode 不存在".to_owned());
    }
    if list(order, "cargoes").is_empty() {
        return Err("cargoes 不能为空".to_owned());
    }
    if text(&part(order, "productsReq"), "productCode").is_empty() {
        return Err("productCode 不能为空".to_owned());
    }
    who(&part(order, "senderContact"), &NAMES)?;
    let mut receiver = who(&part(order, "receiverContact"), &NAMES)?;
    // One text holds the whole address.
    receiver.city = "收件城市".to_owned();
    Ok(receiver)
}

fn precheck(world: &mut World, order: &Value) -> Answer {
    match read(world, order) {
        Ok(_) => success(json!({"totalFreightStandard": "13.00", "shipmentInfo": {"deliveryPromiseTime": null}})),
        Err(why) => refused(world, "/ecap/v1/orders/precheck", 3, &why),
    }
}

fn create(world: &mut World, order: &Value) -> Answer {
    let op = "/ecap/v1/orders/create";
    let key = text(order, "orderId");
    if key.is_empty() || !matches!(int(order, "orderOrigin"), Some(0..=5)) {
        return refused(world, op, 3, "orderId 或 orderOrigin 不能为空");
    }
    let receiver = match read(world, order) {
        Ok(receiver) => receiver,
        Err(why) => return refused(world, op, 3, &why),
    };
    let pieces = list(order, "cargoes").iter().filter_map(|c| int(c, "quantity")).sum::<i64>().max(1);
    let wanted = Wanted { key: key.clone(), package: String::new(), carrier: "jd".to_owned(), receiver, pieces: 1 };
    let given = match express::book(world, ME, &wanted) {
        Ok(given) => given,
        Err(NoNumber::Empty) => return refused(world, op, 4, "运单号余额不足"),
        Err(NoNumber::Repeated) => return refused(world, op, 5, "商家订单号已被使用"),
        Err(NoNumber::Cancelled) => return refused(world, op, 6, "订单已取消"),
    };
    world.express.packages.entry(given.first()).or_insert(pieces);
    let mut reply = json!({"code": 0, "msg": "成功", "success": true, "requestId": "sim", "mills": 1,
        "data": data(&given.first(), &key, pieces)});
    if let (true, Some(all)) = (given.repeat, reply.as_object_mut()) {
        all.insert("subCode".to_owned(), json!("0_0001"));
        all.insert("subMsg".to_owned(), json!("商家订单号已被使用"));
    }
    json(200, &reply)
}

fn order_code(number: &str) -> String {
    format!("EO{}", number.trim_start_matches("JDV"))
}

fn data(number: &str, key: &str, pieces: i64) -> Value {
    let presort = json!({"siteId": 571, "siteName": "杭州良渚站", "road": "F33", "sourceSortCenterName": "杭州分拣中心",
        "targetSortCenterName": "目的分拣中心", "sourceCrossCode": "12", "targetCrossCode": "34"});
    json!({"waybillCode": number, "orderCode": order_code(number), "orderId": key, "pickupPromiseTime": null,
        "deliveryPromiseTime": null, "freightPre": null, "packageCount": pieces, "presortResult": presort})
}

/// By number, by their order or by ours.
fn number(world: &World, order: &Value) -> String {
    let number = text(order, "waybillCode");
    if !number.is_empty() {
        return number;
    }
    let theirs = text(order, "orderCode");
    if let Some(rest) = theirs.strip_prefix("EO") {
        return format!("JDV{rest}");
    }
    express::by_key(world, ME, &text(order, "orderId")).map(|p| p.number.clone()).unwrap_or_default()
}

fn why(no: NoCancel) -> (i64, &'static str) {
    match no {
        NoCancel::Unknown => (7, "运单不存在"),
        NoCancel::Already => (6, "订单已取消"),
        NoCancel::Travelling => (8, "快件已揽收"),
    }
}

fn cancel(world: &mut World, order: &Value) -> Answer {
    let number = number(world, order);
    match express::cancel(world, ME, &number) {
        Ok(()) => success(json!({"waybillCode": number, "resultType": 1})),
        // Once it is collected the platform tries to bring it back.
        Err(NoCancel::Travelling) => match express::intercept(world, ME, &number) {
            Ok(()) => success(json!({"waybillCode": number, "resultType": 2})),
            Err(NoIntercept::Already) => refused(world, "/ecap/v1/orders/cancel", 9, "快件拦截中"),
            Err(NoIntercept::Arrived | NoIntercept::Unknown) => {
                refused(world, "/ecap/v1/orders/cancel", 8, "快件已妥投，不能拦截")
            }
        },
        Err(no) => {
            let (code, why) = why(no);
            refused(world, "/ecap/v1/orders/cancel", code, why)
        }
    }
}

fn modify(world: &mut World, order: &Value) -> Answer {
    let number = number(world, order);
    let receiver = match who(&part(order, "receiverContact"), &NAMES) {
        Ok(receiver) => receiver,
        Err(why) => return refused(world, "/ecap/v1/orders/modify", 3, &why),
    };
    match express::readdress(world, ME, &number, &receiver) {
        Ok(()) => success(json!({"waybillCode": number})),
        Err(no) => {
            let (code, why) = why(no);
            refused(world, "/ecap/v1/orders/modify", code, why)
        }
    }
}

fn fee(world: &mut World, order: &Value) -> Answer {
    let number = number(world, order);
    match express::by_number(world, &number).filter(|p| p.platform == ME) {
        Some(_) => success(json!({"waybillCode": number, "sumMoney": "13.00", "calWeight": "1.00"})),
        None => refused(world, "/ecap/v1/orders/actualfee/query", 7, "运单不存在"),
    }
}

fn subscribe(world: &mut World, order: &Value) -> Answer {
    let number = number(world, order);
    if number.is_empty() || text(order, "customerCode") != world.options.jd_logistics.customer {
        return refused(world, "/ecap/v1/orders/trace/subscribe", 3, "waybillCode 或 customerCode 不合法");
    }
    express::watch(world, Watch::new(ME, &number, "jd"));
    success(json!("订阅成功"))
}

fn pull(world: &mut World, asked: &Value) -> Answer {
    let mut numbers: Vec<String> = list(asked, "wayBillInfos").iter().map(|w| number(world, w)).collect();
    if numbers.is_empty() {
        numbers.push(number(world, asked));
    }
    let known = |n: &&String| express::by_number(world, n).is_some_and(|p| p.platform == ME && !p.cancelled);
    if !numbers.iter().all(|n| known(&n)) {
        return refused(world, "/PullDataService/pullData", 7, "运单不存在");
    }
    let rows: Vec<Value> = numbers.iter().flat_map(|n| print_data(world, n)).collect();
    json(200, &json!({"code": 1, "message": "成功", "objectId": text(asked, "objectId"), "printDatas": rows}))
}

/// One for each package of a number.
fn print_data(world: &World, number: &str) -> Vec<Value> {
    let to = express::by_number(world, number).map(|p| p.receiver.clone()).unwrap_or_default();
    let plain = json!({"waybillCode": number, "receiver": to.name, "address": to.address}).to_string();
    // Sealed in life; for their print component alone.
    let sealed = STANDARD.encode(plain);
    let count = world.express.packages.get(number).copied().unwrap_or(1);
    (1..=count)
        .map(|n| {
            json!({"packageCode": format!("{number}-{n}-{count}-"), "waybillCode": number,
                "printData": {"perPrintData": sealed}})
        })
        .collect()
}

fn traces(world: &mut World, number: &str) -> Answer {
    if express::by_number(world, number).is_none() {
        return refused(world, "trace/query", 7, "运单不存在");
    }
    let rows: Vec<Value> = express::scans_of(world, number).iter().map(|s| node(world, s, number)).collect();
    success(json!({"traceDetails": rows}))
}

/// Category, its name, and state.
fn codes(kind: ScanKind) -> (i64, &'static str, &'static str) {
    match kind {
        ScanKind::PickedUp => (420, "已揽收", "200001"),
        ScanKind::Departed => (430, "运输中", "10054"),
        ScanKind::Arrived => (430, "运输中", "10032"),
        ScanKind::OutForDelivery => (440, "派送中", "11000"),
        ScanKind::AtStation => (430, "运输中", "200051"),
        ScanKind::Problem => (403, "暂存", "10036"),
        ScanKind::Refused => (530, "拒收", "10035"),
        ScanKind::Returning => (430, "运输中", "200033"),
        ScanKind::Returned => (500, "终止", "200035"),
        ScanKind::Signed => (510, "妥投", "10034"),
    }
}

fn node(world: &World, scan: &Scan, number: &str) -> Value {
    let (category, name, state) = codes(scan.kind);
    let key = express::by_number(world, number).map(|p| p.key.clone()).unwrap_or_default();
    json!({"waybillCode": number, "orderId": key, "category": category, "categoryName": name, "state": state,
        "scanType": category.to_string(), "operationTitle": name, "operationRemark": scan.words,
        "operationTime": beijing(scan.at_ms), "operateSite": scan.place, "operateSiteId": 571,
        "routeProvinceName": "", "routeCityName": scan.city, "routeDistrictName": "", "routeAddress": ""})
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(scan) = told.new else { return Vec::new() };
    vec![Outgoing::json("trace", &node(world, scan, &told.parcel.number))]
}

fn acknowledged(outcome: &Outcome) -> bool {
    let said = serde_json::from_slice::<Value>(&outcome.body).unwrap_or_default();
    outcome.success() && text(&said, "code") == "0"
}
