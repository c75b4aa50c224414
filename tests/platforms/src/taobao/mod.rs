//! Taobao's open platform gateway: one URL, signed form posts, error answers with HTTP 200. Cainiao's waybill service
//! is reached through the same gateway; it stands on a second address so that its faults are its own.

mod goods;
mod logistics;
pub(crate) mod trades;
mod xml;

use crate::cainiao;
use crate::clock;
use crate::order::Platform;
use crate::server::{Answer, Call, Face, json, with_type};
use crate::sign;
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Taobao;
const WINDOW_MS: i64 = 10 * 60_000;

/// What the gateway keeps besides orders and stock.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Trades sent online that still wait for their number.
    pub(crate) waiting_online: BTreeMap<i64, String>,
}

pub(crate) const FACE: Face =
    Face { platform: ME, operation, handle: |world, call| handle(world, call, ME), limited, expired };
pub(crate) const CAINIAO_FACE: Face = Face {
    platform: Platform::Cainiao,
    operation,
    handle: |world, call| handle(world, call, Platform::Cainiao),
    limited,
    expired,
};

/// An `error_response`.
#[derive(Debug)]
pub(crate) struct Refused {
    code: i64,
    msg: &'static str,
    sub_code: String,
    sub_msg: String,
}

/// An error of the gateway itself.
fn gate(code: i64, msg: &'static str) -> Refused {
    Refused { code, msg, sub_code: String::new(), sub_msg: String::new() }
}

/// An error of the service behind it.
pub(crate) fn remote(sub_code: &str, sub_msg: &str) -> Refused {
    Refused { code: 15, msg: "Remote service error", sub_code: sub_code.to_owned(), sub_msg: sub_msg.to_owned() }
}

/// A missing argument.
pub(crate) fn missing(name: &str) -> Refused {
    Refused {
        code: 40,
        msg: "Missing Required Arguments",
        sub_code: format!("isv.missing-parameter:{name}"),
        sub_msg: format!("{name} 不能为空"),
    }
}

/// A wrong argument.
pub(crate) fn invalid(name: &str, why: &str) -> Refused {
    Refused {
        code: 41,
        msg: "Invalid Arguments",
        sub_code: format!("isv.invalid-parameter:{name}"),
        sub_msg: why.to_owned(),
    }
}

/// A call's parameters, business and system alike.
pub(crate) type Params = BTreeMap<String, String>;

/// A parameter that must not be empty.
pub(crate) fn required<'a>(params: &'a Params, name: &str) -> Result<&'a str, Refused> {
    params.get(name).map(String::as_str).filter(|v| !v.is_empty()).ok_or_else(|| missing(name))
}

/// A parameter, or empty.
pub(crate) fn given<'a>(params: &'a Params, name: &str) -> &'a str {
    params.get(name).map(String::as_str).unwrap_or_default()
}

fn params(call: &Call) -> Params {
    call.query_pairs().into_iter().chain(call.form()).collect()
}

fn operation(call: &Call) -> String {
    params(call).remove("method").unwrap_or_else(|| call.path.clone())
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "27 Invalid Session", true);
    render(&params(call), Err(gate(27, "Invalid Session")), &request_id(world))
}

fn limited(world: &World, call: &Call, seconds: Option<u32>) -> Answer {
    let refused = Refused {
        code: 7,
        msg: "App Call Limited",
        sub_code: "accesscontrol.limited-by-app-api-access-count".to_owned(),
        sub_msg: seconds.map_or_else(
            || "App Call Limited".to_owned(),
            |seconds| format!("This ban will last for {seconds} more seconds"),
        ),
    };
    render(&params(call), Err(refused), &request_id(world))
}

fn request_id(world: &World) -> String {
    format!("sim{:09x}", world.requests_seen())
}

fn handle(world: &mut World, call: &Call, at: Platform) -> Answer {
    if call.path != "/router/rest" {
        return with_type(404, "text/html", "not found");
    }
    let params = params(call);
    let result = admit(world, &params, at).and_then(|shop| dispatch(world, &shop, &params));
    if let Err(refused) = &result {
        let signature = matches!(refused.code, 24..=31);
        let why = format!("{} {} {} {}", refused.code, refused.msg, refused.sub_code, refused.sub_msg);
        world.refuse(at, given(&params, "method"), &why, signature);
    }
    render(&params, result, &request_id(world))
}

/// The gateway's own checks; gives the shop that the session belongs to.
fn admit(world: &World, params: &Params, at: Platform) -> Result<String, Refused> {
    let options = &world.options.taobao;
    let checks: [(&str, i64, &'static str); 5] = [
        ("method", 21, "Missing Method"),
        ("app_key", 28, "Missing App Key"),
        ("timestamp", 30, "Missing Timestamp"),
        ("v", 32, "Missing Version"),
        ("sign", 24, "Missing Signature"),
    ];
    for (name, code, msg) in checks {
        if given(params, name).is_empty() {
            return Err(gate(code, msg));
        }
    }
    if given(params, "app_key") != options.app_key {
        return Err(gate(29, "Invalid App Key"));
    }
    if given(params, "v") != "2.0" {
        return Err(gate(33, "Invalid Version"));
    }
    if !matches!(given(params, "format"), "" | "json" | "xml") {
        return Err(gate(23, "Invalid Format"));
    }
    let sent = clock::parse_beijing(given(params, "timestamp")).ok_or_else(|| gate(31, "Invalid Timestamp"))?;
    if (world.now(at) - sent).abs() > WINDOW_MS {
        return Err(gate(31, "Invalid Timestamp"));
    }
    if sign::top(params, &options.app_secret).as_deref() != Some(given(params, "sign")) {
        return Err(gate(25, "Invalid Signature"));
    }
    let session = given(params, "session");
    if session.is_empty() {
        return Err(gate(26, "Missing Session"));
    }
    let shop = options.sessions.iter().find(|s| s.0 == session).map(|s| s.1.clone());
    shop.ok_or_else(|| gate(27, "Invalid Session"))
}

fn dispatch(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    match given(params, "method") {
        "taobao.trades.sold.increment.get" => trades::increment(world, shop, params),
        "taobao.trade.fullinfo.get" => trades::full_info(world, shop, params),
        "taobao.logistics.offline.send" => logistics::send(world, shop, params, false),
        "taobao.logistics.consign.resend" => logistics::resend(world, shop, params),
        "alibaba.ascp.logistics.offline.send" => logistics::send_part(world, shop, params),
        "taobao.logistics.online.send" => logistics::send(world, shop, params, true),
        "taobao.logistics.online.confirm" => logistics::confirm_online(world, shop, params),
        "taobao.logistics.companies.get" => Ok(logistics::companies()),
        "taobao.item.quantity.update" => goods::item_quantity(world, params),
        "taobao.skus.quantity.update" => goods::skus_quantity(world, params),
        "cainiao.waybill.ii.get" => cainiao::get(world, shop, params),
        "cainiao.waybill.ii.cancel" => cainiao::cancel(world, params),
        "cainiao.waybill.ii.search" => cainiao::search(world, params),
        "cainiao.waybill.ii.query.by.waybillcode" => cainiao::query_by_waybill(world, params),
        "cainiao.waybill.ii.query.by.tradecode" => cainiao::query_by_trade(world, params),
        "cainiao.cloudprint.stdtemplates.get" => Ok(cainiao::templates()),
        // Opening receivers is a right that this seller does not have.
        "taobao.top.oaid.decrypt" => Err(gate(11, "Insufficient ISV Permissions")),
        _ => Err(gate(22, "Invalid Method")),
    }
}

fn render(params: &Params, result: Result<Value, Refused>, request_id: &str) -> Answer {
    let simplify = given(params, "simplify") == "true";
    let (name, body) = match result {
        Ok(mut body) => {
            if let Some(fields) = body.as_object_mut() {
                fields.insert("request_id".to_owned(), request_id.into());
            }
            let method = given(params, "method");
            let method = method.strip_prefix("taobao.").unwrap_or(method);
            (format!("{}_response", method.replace('.', "_")), body)
        }
        Err(refused) => {
            let mut body = Map::new();
            body.insert("code".to_owned(), refused.code.into());
            body.insert("msg".to_owned(), refused.msg.into());
            if !refused.sub_code.is_empty() {
                body.insert("sub_code".to_owned(), refused.sub_code.into());
                body.insert("sub_msg".to_owned(), refused.sub_msg.into());
            }
            body.insert("request_id".to_owned(), request_id.into());
            ("error_response".to_owned(), Value::Object(body))
        }
    };
    if given(params, "format") != "json" {
        return with_type(200, "text/xml;charset=UTF-8", xml::document(&name, &body));
    }
    let flat = simplify && name != "error_response";
    json(200, &if flat { simplified(body) } else { json!({ name: body }) })
}

/// Lists without their element's name.
fn simplified(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let value = match value {
                        Value::Object(inner) if inner.len() == 1 && inner.values().all(Value::is_array) => {
                            inner.into_iter().next().map_or(Value::Null, |(_, list)| list)
                        }
                        other => other,
                    };
                    (name, simplified(value))
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(simplified).collect(),
        other => other,
    }
}
