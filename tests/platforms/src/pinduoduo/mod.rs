//! Pinduoduo's open platform: one URL, signed forms or JSON, an envelope of its own for each API, errors as
//! `error_response` with HTTP 200. Envelopes and codes that the protocol does not name are from memory.

mod orders;
mod shape;
mod shipment;
mod waybill;

use crate::clock;
use crate::consent;
use crate::ebill::Book;
use crate::order::Platform;
use crate::rate::Rate;
use crate::server::{Answer, Call, Face, json, with_type};
use crate::sign;
use crate::tokens::{self, Access, Life, ShopTokens, Tokens};
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Pinduoduo;
const WINDOW_S: i64 = 600;
const REFRESH_SECONDS: i64 = 30 * 86_400;

/// What it starts with. Secrets are made up; they open nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Options {
    /// The app.
    pub client_id: String,
    /// Signs calls.
    pub client_secret: String,
    /// The shops that agreed to the app, by mall id.
    pub shops: Vec<ShopTokens>,
    /// How long an access token lives, seconds.
    pub token_seconds: i64,
    /// Calls of each API that a shop may make in a second; 0 is without limit.
    pub calls_per_second: u32,
    /// Waybill numbers that are left.
    pub quota: i64,
    /// `order_sn_list` holds plain numbers instead of objects: the protocol leaves it open.
    pub plain_numbers: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            client_id: "pddsimclient".to_owned(),
            client_secret: "simulated-pdd-secret".to_owned(),
            shops: vec![ShopTokens::made_up("pdd", "100200300")],
            token_seconds: 86_400,
            calls_per_second: 50,
            quota: 100_000,
            plain_numbers: false,
        }
    }
}

/// What it keeps besides orders and stock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Tokens,
    pub(crate) bills: Book,
    rate: Rate,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.pinduoduo;
        let life = Life { access_s: options.token_seconds, refresh_s: REFRESH_SECONDS, single_use: true };
        let tokens = Tokens::new("pdd", life, &options.shops, clock::now_ms());
        State { tokens, bills: Book::new(options.quota), rate: Rate::default() }
    }
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

/// An `error_response`.
#[derive(Debug)]
struct Refused {
    code: i64,
    msg: String,
    sub_code: &'static str,
    sub_msg: String,
}

fn gate(code: i64, msg: &str) -> Refused {
    Refused { code, msg: msg.to_owned(), sub_code: "", sub_msg: String::new() }
}

/// The service behind the gateway says no.
fn refused(sub_code: &'static str, sub_msg: &str) -> Refused {
    Refused { code: 50_002, msg: "业务服务错误".to_owned(), sub_code, sub_msg: sub_msg.to_owned() }
}

fn missing(name: &str) -> Refused {
    gate(10_001, &format!("参数错误: {name} 不能为空"))
}

fn invalid(name: &str, why: &str) -> Refused {
    gate(10_001, &format!("参数错误: {name} {why}"))
}

/// A call's parameters, business and system alike, as text.
type Params = BTreeMap<String, String>;

fn given<'a>(params: &'a Params, name: &str) -> &'a str {
    params.get(name).map(String::as_str).unwrap_or_default()
}

fn required<'a>(params: &'a Params, name: &str) -> Result<&'a str, Refused> {
    Some(given(params, name)).filter(|v| !v.is_empty()).ok_or_else(|| missing(name))
}

fn number(params: &Params, name: &str) -> Result<i64, Refused> {
    required(params, name)?.parse().map_err(|_| invalid(name, "应为整数"))
}

/// A form or a JSON object; objects within it are signed as the text they are sent as.
fn params(call: &Call) -> Params {
    let mut all: Params = call.query_pairs().into_iter().collect();
    if call.header("content-type").contains("json") {
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        for (name, value) in body.as_object().into_iter().flatten() {
            let text = match value {
                Value::Null => continue,
                Value::String(plain) => plain.clone(),
                other => other.to_string(),
            };
            all.insert(name.clone(), text);
        }
    } else {
        all.extend(call.form());
    }
    all
}

fn operation(call: &Call) -> String {
    match call.path.as_str() {
        "/api/router" => params(call).remove("type").unwrap_or_else(|| call.path.clone()),
        path => path.trim_start_matches('/').to_owned(),
    }
}

fn handle(world: &mut World, call: &Call) -> Answer {
    let params = params(call);
    let result = match call.path.as_str() {
        "/api/router" if call.method == "POST" => {
            admit(world, &params).and_then(|shop| dispatch(world, &shop, &params))
        }
        "/oauth/token" if call.method == "POST" => token(world, &params),
        _ => {
            return consent::page(world, ME, call, "code", None)
                .unwrap_or_else(|| with_type(404, "text/html", "not found"));
        }
    };
    if let Err(refused) = &result {
        let signature = matches!(refused.code, 10_000 | 10_019 | 20_004);
        let why = format!("{} {} {} {}", refused.code, refused.msg, refused.sub_code, refused.sub_msg);
        world.refuse(ME, &operation(call), &why, signature);
    }
    render(world, result)
}

/// The gateway's own checks; gives the shop that the token belongs to, or none for calls about tokens.
fn admit(world: &mut World, params: &Params) -> Result<String, Refused> {
    for name in ["type", "client_id", "timestamp", "sign"] {
        if given(params, name).is_empty() {
            return Err(gate(10_001, &format!("公共参数错误:{name}")));
        }
    }
    let options = &world.options.pinduoduo;
    if given(params, "client_id") != options.client_id {
        return Err(gate(10_001, "公共参数错误:client_id"));
    }
    if !matches!(given(params, "data_type"), "" | "JSON") {
        return Err(gate(10_001, "公共参数错误:data_type"));
    }
    let now = world.now(ME);
    let sent: Option<i64> = given(params, "timestamp").parse().ok();
    if sent.is_none_or(|sent| (now / 1_000 - sent).abs() > WINDOW_S) {
        return Err(gate(10_000, "公共参数错误:timestamp 已过期"));
    }
    if sign::sorted_md5(params, &options.client_secret) != given(params, "sign") {
        return Err(gate(20_004, "签名sign校验失败"));
    }
    if given(params, "type").starts_with("pdd.pop.auth.token.") {
        return Ok(String::new());
    }
    let shop = match world.pinduoduo.tokens.open(given(params, "access_token"), now) {
        Access::Shop(shop) => shop,
        Access::Expired => return Err(gate(10_019, "access_token已过期")),
        Access::Unknown => return Err(gate(10_019, "access_token不存在或已过期")),
    };
    let limit = options.calls_per_second;
    if world.pinduoduo.rate.over(&shop, given(params, "type"), clock::now_ms(), limit) {
        return Err(too_often(None));
    }
    Ok(shop)
}

fn dispatch(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    match given(params, "type") {
        "pdd.pop.auth.token.create" => {
            authorised(world, "code", given(params, "code"), "pop_auth_token_create_response")
        }
        "pdd.pop.auth.token.refresh" => {
            authorised(world, "refresh", given(params, "refresh_token"), "pop_auth_token_refresh_response")
        }
        "pdd.order.number.list.increment.get" => orders::increment(world, shop, params),
        "pdd.order.list.get" => orders::by_confirmation(world, shop, params, "order_list_get_response"),
        "pdd.order.basic.list.get" => orders::by_confirmation(world, shop, params, "order_basic_list_get_response"),
        "pdd.order.information.get" => orders::information(world, shop, params),
        "pdd.order.status.get" => orders::status(world, shop, params),
        "pdd.logistics.companies.get" => Ok(shipment::companies()),
        "pdd.logistics.online.send" => shipment::send(world, shop, params),
        "pdd.order.upload.extra.logistics" => shipment::extra(world, shop, params),
        "pdd.erp.order.sync" => shipment::printed(world, shop, params),
        "pdd.goods.quantity.update" => shipment::quantity(world, params),
        "pdd.waybill.get" => waybill::get(world, shop, params),
        "pdd.waybill.cancel" => waybill::cancel(world, shop, params),
        "pdd.waybill.search" => Ok(waybill::search(world, params)),
        "pdd.waybill.query.by.waybillcode" => waybill::query(world, shop, params),
        "pdd.cloudprint.stdtemplates.get" => Ok(waybill::templates()),
        // Opening receivers is a right that this seller does not have.
        "pdd.open.decrypt.batch" | "pdd.open.decrypt.mask.batch" | "pdd.open.kms.search.batch" => {
            Err(gate(30_000, "没有调用此type接口权限"))
        }
        _ => Err(gate(30_004, "type不合法")),
    }
}

fn authorised(world: &mut World, how: &'static str, token: &str, envelope: &str) -> Result<Value, Refused> {
    let now = world.now(ME);
    let outcome = match how {
        "code" => world.pinduoduo.tokens.by_code(token, now),
        _ => world.pinduoduo.tokens.refresh(token, now),
    };
    tokens::note(world, ME, how, &outcome);
    let given = outcome.map_err(|why| gate(10_019, &format!("{how} 无效或已使用 {why:?}")))?;
    let seconds = world.pinduoduo.tokens.access_seconds();
    Ok(json!({ envelope: {"access_token": given.access_token, "refresh_token": given.refresh_token,
        "expires_in": seconds, "refresh_token_expires_in": REFRESH_SECONDS, "owner_id": given.shop,
        "owner_name": format!("pdd{}", given.shop), "scope": ["pdd.order.information.get"]}}))
}

/// The token service: a code, or a refresh token that works once. It answers without an envelope.
fn token(world: &mut World, params: &Params) -> Result<Value, Refused> {
    let options = &world.options.pinduoduo;
    if given(params, "client_id") != options.client_id || given(params, "client_secret") != options.client_secret {
        return Err(gate(10_000, "client_id 或 client_secret 错误"));
    }
    let answer = match given(params, "grant_type") {
        "authorization_code" => authorised(world, "code", given(params, "code"), "token"),
        "refresh_token" => authorised(world, "refresh", given(params, "refresh_token"), "token"),
        _ => Err(invalid("grant_type", "不支持")),
    };
    Ok(answer?.get("token").cloned().unwrap_or_default())
}

fn render(world: &World, result: Result<Value, Refused>) -> Answer {
    let request_id = format!("sim{:09x}", world.requests_seen());
    let body = match result {
        Ok(mut body) => {
            for inner in body.as_object_mut().into_iter().flat_map(|o| o.values_mut()).filter_map(Value::as_object_mut)
            {
                inner.insert("request_id".to_owned(), request_id.clone().into());
            }
            body
        }
        Err(refused) => {
            let sub_code = Some(refused.sub_code).filter(|c| !c.is_empty());
            json!({"error_response": {"error_code": refused.code, "error_msg": refused.msg, "sub_code": sub_code,
                "sub_msg": refused.sub_msg, "request_id": request_id}})
        }
    };
    json(200, &body)
}

fn too_often(seconds: Option<u32>) -> Refused {
    let wait = seconds.map_or_else(|| "请稍后重试".to_owned(), |s| format!("请 {s} 秒后重试"));
    gate(70_031, &format!("调用过于频繁，{wait}"))
}

fn limited(world: &World, _: &Call, seconds: Option<u32>) -> Answer {
    render(world, Err(too_often(seconds)))
}

/// Every access token ends; the call is answered as one with an ended token.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.pinduoduo.tokens.expire();
    handle(world, call)
}
