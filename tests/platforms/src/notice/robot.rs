//! The robots of groups: WeCom, DingTalk, Feishu. Each has an address with a token, a limit a minute and its own errors.

use super::{RobotOptions, keep, within};
use crate::fields::{part, text};
use crate::order::Platform;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// DingTalk says nothing more for so long.
const MUTED: i64 = 10 * MINUTE;

pub(crate) const WECOM: Face = Face {
    platform: Platform::Wecom,
    operation,
    handle: wecom,
    limited: |_, _, _| said(45_009, "api freq out of limit"),
    expired: |world, call| refused(world, Platform::Wecom, call, 93_000, "invalid webhook url", true),
};
pub(crate) const DINGTALK: Face = Face {
    platform: Platform::Dingtalk,
    operation,
    handle: dingtalk,
    limited: |_, _, _| said(130_101, "send too fast, exceed 20 times per minute"),
    expired: |world, call| refused(world, Platform::Dingtalk, call, 300_001, "token is not exist", true),
};
pub(crate) const FEISHU: Face = Face {
    platform: Platform::Feishu,
    operation,
    handle: feishu,
    limited: |_, _, _| feishu_said(11_232, "frequency limited psm"),
    expired: |world, call| {
        refused(world, Platform::Feishu, call, 19_001, "param invalid: incoming webhook access token invalid", true)
    },
};

/// The token stays out of ledgers and counters.
fn operation(call: &Call) -> String {
    match call.parts().as_slice() {
        ["open-apis", "bot", "v2", "hook", _] => "/open-apis/bot/v2/hook".to_owned(),
        _ => call.path.clone(),
    }
}

fn said(code: i64, message: &str) -> Answer {
    json(200, &json!({"errcode": code, "errmsg": message}))
}

fn feishu_said(code: i64, message: &str) -> Answer {
    json(200, &json!({"code": code, "msg": message, "data": {}}))
}

fn refused(world: &mut World, at: Platform, call: &Call, code: i64, why: &str, signature: bool) -> Answer {
    world.refuse(at, &operation(call), why, signature);
    if at == Platform::Feishu { feishu_said(code, why) } else { said(code, why) }
}

fn over(world: &World, at: Platform, options: &RobotOptions) -> bool {
    options.per_minute > 0 && within(world, at, &options.token, MINUTE) >= options.per_minute
}

/// The words of a message of a kind, or why it is none.
fn words(body: &Value, kind: &str, field: &str) -> Option<String> {
    let words = text(&part(body, kind), field);
    (!words.is_empty()).then_some(words)
}

fn wecom(world: &mut World, call: &Call) -> Answer {
    let at = Platform::Wecom;
    let options = world.options.wecom.clone();
    if call.path != "/cgi-bin/webhook/send" || call.query_value("key").as_deref() != Some(options.token.as_str()) {
        return refused(world, at, call, 93_000, "invalid webhook url", true);
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let kind = text(&body, "msgtype");
    // Bytes, not characters.
    let (limit, words) = match kind.as_str() {
        "text" => (2_048, words(&body, "text", "content")),
        "markdown" => (4_096, words(&body, "markdown", "content")),
        "news" | "template_card" => (usize::MAX, Some(part(&body, &kind).to_string())),
        _ => return refused(world, at, call, 40_008, "invalid message type", false),
    };
    let Some(words) = words else {
        return refused(world, at, call, 44_004, "empty content", false);
    };
    if words.len() > limit {
        return refused(world, at, call, 40_058, &format!("content exceed max length {limit}"), false);
    }
    if over(world, at, &options) {
        return refused(world, at, call, 45_009, "api freq out of limit", false);
    }
    keep(world, at, "", &options.token, &kind, &words);
    said(0, "ok")
}

fn dingtalk(world: &mut World, call: &Call) -> Answer {
    let at = Platform::Dingtalk;
    let options = world.options.dingtalk.clone();
    let query = |name: &str| call.query_value(name).unwrap_or_default();
    if call.path != "/robot/send" || query("access_token") != options.token {
        return refused(world, at, call, 300_001, "token is not exist", true);
    }
    let now = world.now(at);
    if !options.secret.is_empty() {
        let time = query("timestamp");
        let late = time.parse::<i64>().map_or(true, |t| (now - t).abs() > HOUR);
        if late {
            return refused(world, at, call, 310_000, "invalid timestamp", true);
        }
        if query("sign") != sign::dingtalk(&options.secret, &time) {
            return refused(world, at, call, 310_000, "sign not match", true);
        }
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let kind = text(&body, "msgtype");
    let words = match kind.as_str() {
        "text" => words(&body, "text", "content"),
        "markdown" if text(&part(&body, "markdown"), "title").is_empty() => None,
        "markdown" => words(&body, "markdown", "text"),
        "link" | "actionCard" | "feedCard" => Some(part(&body, &kind).to_string()),
        _ => return refused(world, at, call, 400_105, "unsupported msgtype", false),
    };
    let Some(words) = words else {
        return refused(world, at, call, 40_035, "缺少参数 content", false);
    };
    let robot = (at, options.token.clone());
    if world.notice.muted.get(&robot).is_some_and(|until| now < *until) || over(world, at, &options) {
        world.notice.muted.entry(robot).or_insert(now + MUTED);
        return refused(world, at, call, 130_101, "send too fast, exceed 20 times per minute", false);
    }
    world.notice.muted.remove(&robot);
    keep(world, at, "", &options.token, &kind, &words);
    said(0, "ok")
}

fn feishu(world: &mut World, call: &Call) -> Answer {
    let at = Platform::Feishu;
    let options = world.options.feishu.clone();
    let token = call.path.strip_prefix("/open-apis/bot/v2/hook/").unwrap_or_default();
    if token != options.token {
        return refused(world, at, call, 19_001, "param invalid: incoming webhook access token invalid", true);
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    if !options.secret.is_empty() {
        let time = text(&body, "timestamp");
        // Seconds, here.
        let late = time.parse::<i64>().map_or(true, |t| (world.now(at) - t.saturating_mul(1_000)).abs() > HOUR);
        if late || text(&body, "sign") != sign::feishu(&options.secret, &time) {
            let why = "sign match fail or timestamp is not within one hour from current time";
            return refused(world, at, call, 19_021, why, true);
        }
    }
    let kind = text(&body, "msg_type");
    let words = match kind.as_str() {
        "text" => words(&body, "content", "text"),
        "post" => Some(part(&body, "content").to_string()).filter(|w| w != "null"),
        "interactive" => Some(part(&body, "card").to_string()).filter(|w| w != "null"),
        _ => None,
    };
    let Some(words) = words.filter(|_| call.body.len() <= 20 * 1_024) else {
        return refused(world, at, call, 9_499, "Bad Request", false);
    };
    if over(world, at, &options) || within(world, at, &options.token, 1_000) >= 5 {
        return refused(world, at, call, 11_232, "frequency limited psm", false);
    }
    keep(world, at, "", &options.token, &kind, &words);
    feishu_said(0, "success")
}
