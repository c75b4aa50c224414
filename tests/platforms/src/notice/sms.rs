//! Aliyun SMS: `SendSms` with approved signs and templates, limits for each phone, and what was sent.

use super::aliyun::{self, Service, action, failure, params, request_id};
use super::{keep, within};
use crate::clock::beijing;
use crate::order::Platform;
use crate::server::{Answer, Call, Face, json};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Sms;
const MINUTE: i64 = 60_000;

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

fn operation(call: &Call) -> String {
    action(call)
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    failure(503, "Throttling.User", "Request was denied due to user flow control.")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "access key", true);
    failure(404, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
}

fn handle(world: &mut World, call: &Call) -> Answer {
    let options = world.options.sms.clone();
    let service = Service {
        platform: ME,
        version: "2017-05-25",
        key_id: &options.access_key_id,
        secret: &options.access_key_secret,
    };
    if let Err(answer) = aliyun::check(world, call, &service) {
        return answer;
    }
    let params = params(call);
    match action(call).as_str() {
        "SendSms" => send(world, &params),
        "QuerySendDetails" => details(world, &params),
        _ => failure(404, "InvalidAction.NotFound", "Specified api is not found."),
    }
}

/// A business refusal has status 200.
fn refused(world: &mut World, code: &str, message: &str) -> Answer {
    world.refuse(ME, "SendSms", code, false);
    json(200, &json!({"Code": code, "Message": message, "RequestId": request_id(code)}))
}

fn send(world: &mut World, params: &BTreeMap<String, String>) -> Answer {
    let get = |name: &str| params.get(name).cloned().unwrap_or_default();
    let phones: Vec<String> = get("PhoneNumbers").split(',').map(str::to_owned).collect();
    let mobile = |p: &String| p.len() == 11 && p.starts_with('1') && p.bytes().all(|b| b.is_ascii_digit());
    if !phones.iter().all(mobile) {
        return refused(world, "isv.MOBILE_NUMBER_ILLEGAL", "非法手机号");
    }
    let options = world.options.sms.clone();
    if !options.signs.contains(&get("SignName")) {
        return refused(world, "isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法");
    }
    let Some((template, names)) = options.templates.iter().find(|(code, _)| *code == get("TemplateCode")) else {
        return refused(world, "isv.SMS_TEMPLATE_ILLEGAL", "短信模版不合法");
    };
    let given = get("TemplateParam");
    let read: Value = if given.is_empty() { json!({}) } else { serde_json::from_str(&given).unwrap_or_default() };
    let Some(values) = read.as_object() else {
        return refused(world, "isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值");
    };
    if values.values().any(|v| !v.is_string()) {
        return refused(world, "isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值");
    }
    if names.iter().any(|name| !values.contains_key(name)) {
        return refused(world, "isv.TEMPLATE_MISSING_PARAMETERS", "模版缺少变量");
    }
    for phone in &phones {
        if let Some(period) = over(world, phone, options.limits) {
            return refused(world, "isv.BUSINESS_LIMIT_CONTROL", &format!("触发{period}流控Permits"));
        }
    }
    for phone in &phones {
        keep(world, ME, &get("OutId"), phone, template, &given);
    }
    let seed = world.notices.len().to_string();
    json(200, &json!({"Code": "OK", "Message": "OK", "BizId": format!("{seed}^0"), "RequestId": request_id(&seed)}))
}

/// The period whose limit a phone has reached.
fn over(world: &World, phone: &str, limits: [usize; 3]) -> Option<&'static str> {
    let periods = [(MINUTE, "分钟级"), (60 * MINUTE, "小时级"), (24 * 60 * MINUTE, "天级")];
    let reached = |(limit, (ms, _)): &(usize, (i64, &str))| *limit > 0 && within(world, ME, phone, *ms) >= *limit;
    limits.into_iter().zip(periods).find(reached).map(|(_, (_, name))| name)
}

fn details(world: &World, params: &BTreeMap<String, String>) -> Answer {
    let get = |name: &str| params.get(name).cloned().unwrap_or_default();
    let (phone, day) = (get("PhoneNumber"), get("SendDate"));
    let of_day = |at_ms: i64| beijing(at_ms).chars().filter(char::is_ascii_digit).take(8).collect::<String>();
    let rows: Vec<Value> = world
        .notices
        .iter()
        .filter(|n| n.platform == ME && n.to == phone && (day.is_empty() || of_day(n.at_ms) == day))
        .map(|n| {
            json!({"PhoneNum": n.to, "SendStatus": 3, "ErrCode": "DELIVERED", "TemplateCode": n.template,
                "Content": n.text, "OutId": n.key, "SendDate": beijing(n.at_ms), "ReceiveDate": beijing(n.at_ms)})
        })
        .collect();
    json(
        200,
        &json!({"Code": "OK", "Message": "OK", "TotalCount": rows.len().to_string(),
        "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}, "RequestId": request_id("details")}),
    )
}
