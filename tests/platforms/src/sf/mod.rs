//! SF Express: the service endpoint and the route push.

mod route;

pub use route::Until;
pub(crate) use route::{advance, after_attempt};

use crate::clock::beijing;
use crate::fiction::Receiver;
use crate::ledger::Waybill;
use crate::order::Platform;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use route::Node;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Sf;

/// What SF keeps.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Created orders by the caller's `orderId`.
    orders: BTreeMap<String, Created>,
    /// Where routes are pushed, and whether as a form.
    pub(crate) target: Option<(String, bool)>,
    /// Routes by waybill number.
    routes: BTreeMap<String, Vec<Node>>,
}

#[derive(Clone, Debug)]
struct Created {
    reply: Value,
    numbers: Vec<String>,
    cancelled: bool,
    receiver: Receiver,
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

fn field(call: &Call, name: &str) -> String {
    call.form().into_iter().find(|(k, _)| k == name).map(|(_, v)| v).unwrap_or_default()
}

fn operation(call: &Call) -> String {
    let service = field(call, "serviceCode");
    if service.is_empty() { call.path.clone() } else { service }
}

/// Signed calls have no tokens: what a wrong signature gets.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "expired", true);
    gateway(world, "A1006", "数字签名无效 invalid digest", "")
}

fn limited(world: &World, _: &Call, _: Option<u32>) -> Answer {
    gateway(world, "A1005", "流量受控 traffic limited", "")
}

fn gateway(world: &World, code: &str, message: &str, data: &str) -> Answer {
    let id = format!("{:032X}", world.requests_seen());
    json(200, &json!({"apiResultCode": code, "apiErrorMsg": message, "apiResponseID": id, "apiResultData": data}))
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.path != "/std/service" || call.method != "POST" {
        return json(404, &json!({"error": "Not Found"}));
    }
    if !call.header("content-type").starts_with("application/x-www-form-urlencoded") {
        world.refuse(ME, "form", "not a form", false);
        return gateway(world, "A1001", "必传参数不可为空", "");
    }
    let operation = operation(call);
    let required = ["partnerID", "requestID", "serviceCode", "timestamp", "msgData"];
    if required.iter().any(|name| field(call, name).is_empty()) || field(call, "requestID").len() > 40 {
        world.refuse(ME, &operation, "a required parameter is empty", false);
        return gateway(world, "A1001", "必传参数不可为空", "");
    }
    let options = &world.options.sf;
    let (data, timestamp) = (field(call, "msgData"), field(call, "timestamp"));
    let digest = field(call, "msgDigest");
    let expected = sign::sf(&data, &timestamp, &options.checkword, options.url_encoded_digest);
    // Digest and OAuth token exclude each other; this simulator gives out no tokens.
    let both = !field(call, "accessToken").is_empty();
    if field(call, "partnerID") != options.partner_id || digest != expected || both {
        world.refuse(ME, &operation, "partnerID or msgDigest", true);
        return gateway(world, "A1006", "数字签名无效", "");
    }
    let Ok(data) = serde_json::from_str::<Value>(&data) else {
        return gateway(world, "A1000", "", &failure("S0003", "报文格式有误").to_string());
    };
    let result = match operation.as_str() {
        "EXP_RECE_CREATE_ORDER" => create(world, &data),
        "EXP_RECE_SEARCH_ORDER_RESP" => search(world, &data),
        "EXP_RECE_UPDATE_ORDER" => update(world, &data),
        "EXP_RECE_SEARCH_ROUTES" => routes(world, &data),
        _ => return gateway(world, "A1004", "无对应服务权限", ""),
    };
    if result.get("success") != Some(&Value::Bool(true)) {
        let why = result.get("errorMsg").and_then(Value::as_str).unwrap_or_default().to_owned();
        world.refuse(ME, &operation, &why, false);
    }
    // `apiResultData` is a text that holds JSON.
    gateway(world, "A1000", "", &result.to_string())
}

fn success(data: Value) -> Value {
    json!({"success": true, "errorCode": "S0000", "errorMsg": null, "msgData": data})
}

fn failure(code: &str, message: &str) -> Value {
    json!({"success": false, "errorCode": code, "errorMsg": message, "msgData": null})
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn contact(data: &Value, kind: i64) -> Result<Receiver, String> {
    let all = data.get("contactInfoList").and_then(Value::as_array).cloned().unwrap_or_default();
    let one = all.iter().find(|c| c.get("contactType").and_then(Value::as_i64) == Some(kind));
    let one = one.ok_or_else(|| format!("contactInfoList 缺少 contactType={kind}"))?;
    let phone = [text(one, "mobile"), text(one, "tel")].into_iter().find(|p| !p.is_empty()).unwrap_or_default();
    let who = [text(one, "contact"), text(one, "company")].into_iter().find(|p| !p.is_empty()).unwrap_or_default();
    let receiver = Receiver {
        name: who,
        phone,
        province: text(one, "province"),
        city: text(one, "city"),
        district: text(one, "county"),
        address: text(one, "address"),
        postcode: text(one, "postCode"),
    };
    for (what, value) in [("contact", &receiver.name), ("tel/mobile", &receiver.phone), ("address", &receiver.address)]
    {
        if value.is_empty() {
            return Err(format!("{what} 不能为空 (contactType={kind})"));
        }
        if value.contains('*') {
            return Err(format!("{what} 含脱敏字符 (contactType={kind})"));
        }
    }
    Ok(receiver)
}

fn create(world: &mut World, data: &Value) -> Value {
    let order_id = text(data, "orderId");
    if order_id.is_empty() || order_id.chars().count() > 64 {
        return failure("S0003", "orderId 不能为空且不超过64位");
    }
    if let Some(before) = world.sf.orders.get(&order_id) {
        if before.cancelled {
            return failure("8037", "已消单的订单不能再次下单");
        }
        let reply = before.reply.clone();
        for waybill in world.waybills.iter_mut().filter(|w| w.platform == ME && w.key == order_id) {
            waybill.repeats += 1;
        }
        return success(reply);
    }
    let receiver = match contact(data, 1).and_then(|_| contact(data, 2)) {
        Ok(receiver) => receiver,
        Err(why) => return failure("S0003", &why),
    };
    if data.get("cargoDetails").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        return failure("S0003", "cargoDetails 不能为空");
    }
    if data.get("payMethod").and_then(Value::as_i64).is_none_or(|p| p == 1) && text(data, "monthlyCard").is_empty() {
        return failure("S0003", "寄方付须提供月结卡号 monthlyCard");
    }
    let parcels = data.get("parcelQty").and_then(Value::as_i64).unwrap_or(1).clamp(1, 300);
    let numbers: Vec<String> = (0..parcels).map(|_| format!("SF{}", 1_400_000_000_000 + world.next() * 13)).collect();
    let reply = created(&order_id, &numbers);
    let at_ms = world.now(ME);
    for number in &numbers {
        world.waybills.push(Waybill {
            platform: ME,
            carrier: "SF".to_owned(),
            number: number.clone(),
            key: order_id.clone(),
            package: text(data, "custReferenceNo"),
            orders: Vec::new(),
            repeats: 0,
            cancelled: false,
            receiver: receiver.clone(),
            at_ms,
        });
    }
    world.sf.orders.insert(order_id, Created { reply: reply.clone(), numbers, cancelled: false, receiver });
    success(reply)
}

/// What a created order is answered with.
fn created(order_id: &str, numbers: &[String]) -> Value {
    let kinds =
        numbers.iter().enumerate().map(|(i, n)| json!({"waybillType": if i == 0 { 1 } else { 2 }, "waybillNo": n}));
    let label = json!({"destRouteLabel": "571W-WH", "destTeamCode": "012", "proCode": "T6", "codingMapping": "F33",
        "codingMappingOut": "", "xbFlag": "0", "printFlag": "000000000", "waybillNo": numbers.first(),
        "twoDimensionCode": format!("MMM={{'k1':'571W','k2':'571WH','k3':'012','k4':'T4','k5':'{}'}}", numbers.first().cloned().unwrap_or_default())});
    json!({"orderId": order_id, "originCode": "571", "destCode": "571", "filterResult": 2, "remark": null,
        "waybillNoInfoList": kinds.collect::<Vec<_>>(),
        "routeLabelInfo": [{"code": "1000", "routeLabelData": label, "message": null}]})
}

fn search(world: &World, data: &Value) -> Value {
    match world.sf.orders.get(&text(data, "orderId")) {
        Some(order) if order.cancelled => failure("8037", "已消单"),
        Some(order) => success(order.reply.clone()),
        None => failure("8018", "未获取到订单信息"),
    }
}

fn update(world: &mut World, data: &Value) -> Value {
    let order_id = text(data, "orderId");
    let deal = data.get("dealType").and_then(|d| d.as_i64().or_else(|| d.as_str()?.parse().ok()));
    if !matches!(deal, Some(1 | 2)) {
        return failure("8252", "dealType必须为1或2");
    }
    let Some(order) = world.sf.orders.get(&order_id).cloned() else {
        return failure("8018", "未获取到订单信息");
    };
    if order.cancelled {
        return failure("8037", "已消单");
    }
    if deal == Some(2) {
        if order.numbers.iter().any(|n| world.sf.routes.contains_key(n)) {
            return failure("8253", "快件已收取，不能消单");
        }
        if let Some(order) = world.sf.orders.get_mut(&order_id) {
            order.cancelled = true;
        }
        for waybill in world.waybills.iter_mut().filter(|w| w.platform == ME && w.key == order_id) {
            waybill.cancelled = true;
        }
    }
    let numbers = order.reply.get("waybillNoInfoList").cloned();
    success(json!({"orderId": order_id, "waybillNoInfoList": numbers, "resStatus": 2}))
}

fn routes(world: &World, data: &Value) -> Value {
    let kind = data.get("trackingType").and_then(|k| k.as_i64().or_else(|| k.as_str()?.parse().ok())).unwrap_or(1);
    let asked = data.get("trackingNumber").cloned().unwrap_or_default();
    let asked: Vec<String> = match asked {
        Value::Array(all) => all.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect(),
        Value::String(one) => vec![one],
        _ => return failure("S0003", "trackingNumber 不能为空"),
    };
    let mut found = Vec::new();
    for number in asked {
        let numbers = if kind == 2 {
            world.sf.orders.get(&number).map(|o| o.numbers.clone()).unwrap_or_default()
        } else {
            vec![number]
        };
        for mailno in numbers {
            let nodes = world.sf.routes.get(&mailno).cloned().unwrap_or_default();
            let routes: Vec<Value> = nodes
                .iter()
                .map(|n| json!({"acceptTime": beijing(n.at_ms), "acceptAddress": n.place, "remark": n.remark, "opCode": n.code}))
                .collect();
            found.push(json!({"mailNo": mailno, "routes": routes}));
        }
    }
    success(json!({"routeResps": found}))
}
