//! Kuaidi100: query, subscription with its callback, and e-waybills of other carriers.

use crate::clock::beijing;
use crate::express::{self, Names, NoNumber, Outgoing, Pusher, Scan, ScanKind, Told, Wanted, Watch, who};
use crate::fields::{int, part, text, yes};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const ME: Platform = Platform::Kuaidi100;
/// The same number is not asked about again sooner.
const AGAIN_MS: i64 = 30 * 60_000;
/// How often a number may be subscribed to.
const TIMES: u32 = 4;
const NAMES: Names = Names {
    name: &["name"],
    phone: &["mobile", "tel"],
    province: &[],
    city: &[],
    district: &[],
    address: &["printAddr"],
};

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: true, watched: true, say, acknowledged, gap_s };

/// Three times more, 35 minutes apart.
fn gap_s(attempt: u32) -> Option<u64> {
    (attempt <= 3).then_some(35 * 60)
}

fn operation(call: &Call) -> String {
    call.path.clone()
}

fn failure(code: &str, message: &str) -> Answer {
    json(200, &json!({"result": false, "returnCode": code, "message": message}))
}

fn limited(_: &World, call: &Call, _: Option<u32>) -> Answer {
    if call.path == "/label/order" {
        return label_failure(30_010, "请求过于频繁");
    }
    failure("503", "请求过于频繁")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "sign", true);
    if call.path == "/label/order" {
        return label_failure(30_002, "验证签名失败");
    }
    failure("503", "验证签名失败")
}

fn refused(world: &mut World, operation: &str, code: &str, why: &str) -> Answer {
    world.refuse(ME, operation, why, false);
    failure(code, why)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.method != "POST" {
        return json(405, &json!({"message": "Method Not Allowed"}));
    }
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    let form = call.form();
    let field = |name: &str| form.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let param = field("param");
    let options = world.options.kuaidi100.clone();
    let read = || serde_json::from_str::<Value>(&param).unwrap_or_default();
    match call.path.as_str() {
        "/poll/query.do" => {
            let right = sign::kuaidi100(&[&param, &options.app_key, &options.customer]);
            if field("customer") != options.customer || field("sign") != right {
                return expired(world, call);
            }
            query(world, &read())
        }
        "/poll" => {
            let asked = read();
            // No sign: the key stands inside.
            if field("schema") != "json" || text(&asked, "key") != options.app_key {
                world.refuse(ME, "/poll", "key", true);
                return failure("601", "KEY 已过期");
            }
            subscribe(world, &asked)
        }
        "/label/order" => {
            let right = sign::kuaidi100(&[&param, &field("t"), &options.app_key, &options.token]);
            if field("key") != options.app_key || field("method") != "order" || field("sign") != right {
                return expired(world, call);
            }
            label(world, &read())
        }
        _ => json(404, &json!({"message": "Not Found"})),
    }
}

fn query(world: &mut World, asked: &Value) -> Answer {
    let (com, number) = (text(asked, "com"), text(asked, "num"));
    if com.is_empty() || number.is_empty() || com.chars().any(|c| c.is_ascii_uppercase()) {
        return refused(world, "/poll/query.do", "400", "找不到对应公司");
    }
    let phone = text(asked, "phone");
    if matches!(com.as_str(), "shunfeng" | "zhongtong") && phone.is_empty() {
        return refused(world, "/poll/query.do", "408", "验证码错误：请输入收件人或寄件人手机号");
    }
    let now = world.now(ME);
    let least = AGAIN_MS / i64::from(world.options.speed.max(1));
    if world.express.asked.get(&number).is_some_and(|before| now - before < least) {
        return refused(world, "/poll/query.do", "503", "同一单号查询过于频繁");
    }
    world.express.asked.insert(number.clone(), now);
    let scans = express::scans_of(world, &number);
    if scans.is_empty() {
        return refused(world, "/poll/query.do", "500", "查询无结果，请隔段时间再查");
    }
    json(200, &result(&com, &number, &scans))
}

/// Newest first.
fn result(com: &str, number: &str, scans: &[Scan]) -> Value {
    let newest = scans.last();
    let rows = scans.iter().rev().map(|s| {
        json!({"time": beijing(s.at_ms), "ftime": beijing(s.at_ms), "context": s.words, "status": name(s),
            "statusCode": detail(s), "areaCode": "", "areaName": s.city, "areaCenter": "", "location": s.place})
    });
    let check = newest.is_some_and(|s| matches!(s.kind, ScanKind::Signed | ScanKind::Returned));
    json!({"message": "ok", "state": newest.map_or("0", state), "status": "200", "condition": "F00",
        "ischeck": if check { "1" } else { "0" }, "com": com, "nu": number, "data": rows.collect::<Vec<_>>()})
}

fn state(scan: &Scan) -> &'static str {
    match scan.kind {
        ScanKind::PickedUp => "1",
        ScanKind::Departed | ScanKind::Arrived => "0",
        ScanKind::OutForDelivery | ScanKind::AtStation => "5",
        ScanKind::Problem => "2",
        ScanKind::Refused => "14",
        ScanKind::Returning => "6",
        ScanKind::Returned => "4",
        ScanKind::Signed => "3",
    }
}

fn detail(scan: &Scan) -> &'static str {
    match scan.kind {
        ScanKind::AtStation => "501",
        ScanKind::Signed if scan.from_station => "304",
        ScanKind::Signed => "301",
        ScanKind::Problem => "204",
        _ => state(scan),
    }
}

fn name(scan: &Scan) -> &'static str {
    match scan.kind {
        ScanKind::PickedUp => "揽收",
        ScanKind::Departed | ScanKind::Arrived => "在途",
        ScanKind::OutForDelivery => "派件",
        ScanKind::AtStation => "投柜或驿站",
        ScanKind::Problem => "疑难",
        ScanKind::Refused => "拒签",
        ScanKind::Returning => "退回",
        ScanKind::Returned => "退签",
        ScanKind::Signed => "签收",
    }
}

fn subscribe(world: &mut World, asked: &Value) -> Answer {
    let (company, number) = (text(asked, "company"), text(asked, "number"));
    let parameters = part(asked, "parameters");
    let url = text(&parameters, "callbackurl");
    let auto = text(&parameters, "autoCom") == "1";
    if number.is_empty() || url.is_empty() || (company.is_empty() && !auto) {
        return refused(world, "/poll", "700", "订阅方的订阅数据存在错误（如不支持的快递公司、单号为空）");
    }
    if express::watch_of(world, ME, &number).is_some_and(|w| !w.active && w.times >= TIMES) {
        return refused(world, "/poll", "700", "同一单号一个月内最多订阅 4 次");
    }
    let watch = Watch { url, salt: text(&parameters, "salt"), ..Watch::new(ME, &number, &company) };
    if express::watch(world, watch) {
        json(200, &json!({"result": true, "returnCode": "200", "message": "提交成功"}))
    } else {
        refused(world, "/poll", "501", "重复订阅")
    }
}

fn label_failure(code: i64, message: &str) -> Answer {
    json(200, &json!({"success": false, "code": code, "message": message, "data": null}))
}

fn label(world: &mut World, param: &Value) -> Answer {
    let bad = |world: &mut World, code: i64, why: &str| {
        world.refuse(ME, "/label/order", why, false);
        label_failure(code, why)
    };
    let carrier = text(param, "kuaidicom");
    if carrier.is_empty() || text(param, "partnerId") != world.options.kuaidi100.customer {
        return bad(world, 30_006, "kuaidicom 或 partnerId 不合法");
    }
    let receiver = match who(&part(param, "sendMan"), &NAMES).and_then(|_| who(&part(param, "recMan"), &NAMES)) {
        Ok(receiver) => receiver,
        Err(why) => return bad(world, 30_006, &why),
    };
    // The description names no order id; one that is given is kept, and told apart only where the options say so.
    let key = [text(param, "orderId"), text(param, "thirdOrderId")].into_iter().find(|k| !k.is_empty());
    let key = key.unwrap_or_default();
    let pieces = if yes(param, "needChild") || int(param, "needChild") == Some(1) {
        int(param, "count").unwrap_or(1)
    } else {
        1
    };
    let wanted =
        Wanted { key: key.clone(), package: text(param, "remark"), carrier: carrier.clone(), receiver, pieces };
    let given = match express::book(world, ME, &wanted) {
        Ok(given) => given,
        Err(NoNumber::Empty) => return bad(world, 30_007, "电子面单余额不足"),
        Err(NoNumber::Repeated) => return bad(world, 30_008, "订单号重复"),
        Err(NoNumber::Cancelled) => return bad(world, 30_009, "订单已取消"),
    };
    let number = given.first();
    let url = text(param, "pollCallBackUrl");
    if (yes(param, "needSubscribe") || int(param, "needSubscribe") == Some(1)) && !url.is_empty() {
        express::watch(world, Watch { url, salt: text(param, "salt"), ..Watch::new(ME, &number, &carrier) });
    }
    let data = json!({"taskId": format!("T{number}"), "kuaidinum": number, "kdComOrderNum": key, "bulkpen": "571-01",
        "childNum": given.numbers.iter().skip(1).cloned().collect::<Vec<_>>().join(","),
        "label": drawn(&text(param, "printType"), &number)});
    json(200, &json!({"success": true, "code": 200, "message": "提交成功", "data": data}))
}

fn drawn(kind: &str, number: &str) -> String {
    match kind {
        "HTML" => format!("<!DOCTYPE html><html><body><h1>{number}</h1></body></html>"),
        "IMAGE" => format!("https://label.example/{number}.png"),
        _ => String::new(),
    }
}

fn say(_: &World, told: &Told) -> Vec<Outgoing> {
    let Some(watch) = told.watch else { return Vec::new() };
    let arrived = told.new.is_some_and(|s| matches!(s.kind, ScanKind::Signed | ScanKind::Returned));
    let status = match (told.ended, arrived) {
        ("", true) => "shutdown",
        ("", false) => "polling",
        _ => "abort",
    };
    let param = json!({"status": status, "billstatus": "got", "message": told.ended, "autoCheck": "0", "comOld": "",
        "comNew": "", "lastResult": result(&watch.carrier, &watch.number, &told.scans)})
    .to_string();
    // A salt makes a sign, even an empty one.
    let digest = sign::kuaidi100(&[&param, &watch.salt]);
    vec![Outgoing::form(status, &[("sign", digest.as_str()), ("param", &param)])]
}

fn acknowledged(outcome: &Outcome) -> bool {
    let said = serde_json::from_slice::<Value>(&outcome.body).unwrap_or_default();
    outcome.success() && said.get("result") == Some(&Value::Bool(true)) && text(&said, "returnCode") == "200"
}
