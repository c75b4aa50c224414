//! Douyin's shop gateway (抖店): signed JSON calls, orders with encrypted receivers, messages in arrays, waybills of its
//! own. Numbers of errors below 60000 stand in other people's code; the sub codes of refused business are made up.

mod hooks;
mod orders;
mod shape;
mod ship;
mod stock;
mod waybill;

pub(crate) use hooks::{after_attempt, connect, tell};

use crate::clock;
use crate::consent;
use crate::ebill::Book;
use crate::fields::{text, yes};
use crate::news::Told;
use crate::order::Platform;
use crate::rate::Rate;
use crate::seal;
use crate::server::{Answer, Call, Face, json, with_type};
use crate::tokens::{self, Access, Life, ShopTokens, Tokens};
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Douyin;
const WINDOW_MS: i64 = 10 * 60_000;
const DAY_S: i64 = 86_400;

/// What it starts with. Secrets are made up; they open nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Options {
    /// The app.
    pub app_key: String,
    /// Signs calls and messages.
    pub app_secret: String,
    /// The shops that agreed to the app, by `shop_id`.
    pub shops: Vec<ShopTokens>,
    /// How long an access token lives, seconds.
    pub token_seconds: i64,
    /// Calls a second of one shop and interface; 0 is any number, since what holds in life is not documented.
    pub per_second: u32,
    /// Waybill numbers that are left.
    pub quota: i64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            app_key: "7000000000000000001".to_owned(),
            app_secret: "simulated-douyin-secret".to_owned(),
            shops: vec![ShopTokens::made_up("douyin", "4463798")],
            token_seconds: 7 * DAY_S,
            per_second: 0,
            quota: 100_000,
        }
    }
}

/// What it keeps besides orders and stock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Tokens,
    pub(crate) target: Option<String>,
    pub(crate) bills: Book,
    told: Told,
    /// Messages that wait for the next one, to be sent with it.
    held: Vec<(String, String)>,
    rate: Rate,
    /// Answers by the `request_id` of a shipment.
    answered: BTreeMap<String, Value>,
    /// Stock writes by increment that were done.
    increments: Vec<String>,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.douyin;
        let life = Life { access_s: options.token_seconds, refresh_s: 14 * DAY_S, single_use: true };
        State {
            tokens: Tokens::new("douyin", life, &options.shops, clock::now_ms()),
            target: None,
            bills: Book::new(options.quota),
            told: Told::default(),
            held: Vec::new(),
            rate: Rate::default(),
            answered: BTreeMap::new(),
            increments: Vec::new(),
        }
    }
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

/// A refused call.
#[derive(Debug)]
struct Refused {
    code: i64,
    sub_code: String,
    sub_msg: String,
}

fn refused(code: i64, sub_code: &str, sub_msg: &str) -> Refused {
    Refused { code, sub_code: sub_code.to_owned(), sub_msg: sub_msg.to_owned() }
}

fn missing(name: &str) -> Refused {
    refused(40_002, &format!("isv.parameter-missing:{name}"), &format!("{name} 不能为空"))
}

fn invalid(name: &str, why: &str) -> Refused {
    refused(40_004, &format!("isv.parameter-invalid:{name}"), why)
}

/// Refused by the service behind the gateway.
fn business(number: i64, why: &str) -> Refused {
    refused(50_002, &format!("isv.business-failed:{number}"), why)
}

fn message(code: i64) -> &'static str {
    match code {
        10_000 => "success",
        30_001..=30_999 => "权限不足",
        40_001 | 40_002 => "缺少必选参数",
        40_003 | 40_004 => "非法的参数",
        60_000 => "超过限流限制",
        _ => "业务处理失败",
    }
}

fn required(params: &Value, name: &str) -> Result<String, Refused> {
    let given = text(params, name);
    if given.is_empty() { Err(missing(name)) } else { Ok(given) }
}

fn method(call: &Call) -> String {
    let named = call.query_value("method").unwrap_or_default();
    if named.is_empty() { call.parts().join(".") } else { named }
}

fn operation(call: &Call) -> String {
    method(call)
}

fn envelope(world: &World, result: Result<Value, Refused>) -> Answer {
    let log_id = format!("2026{:028X}", world.requests_seen());
    let body = match result {
        Ok(data) => {
            json!({"log_id": log_id, "code": 10_000, "msg": message(10_000), "sub_code": "", "sub_msg": "", "data": data})
        }
        Err(r) => {
            json!({"log_id": log_id, "code": r.code, "msg": message(r.code), "sub_code": r.sub_code, "sub_msg": r.sub_msg, "data": null})
        }
    };
    json(200, &body)
}

/// "Too often": the platform does not say for how long.
fn limited(world: &World, _: &Call, _: Option<u32>) -> Answer {
    envelope(world, Err(refused(60_000, "isv.api-limit", "接口请求过于频繁，请稍后再试")))
}

/// Every access token ends; the call is answered as the platform answers one with an ended token.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.douyin.tokens.expire();
    handle(world, call)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    // In life the page knows the address from the app's settings; here it must be told.
    if call.path == "/authorize" {
        return consent::page(world, ME, call, "code", None)
            .unwrap_or_else(|| with_type(404, "text/html", "not found"));
    }
    let method = method(call);
    let result = admit(world, call, &method).and_then(|(shop, params)| dispatch(world, &shop, &method, &params));
    if let Err(refused) = &result {
        let of_signature = matches!(refused.code, 40_001 | 40_003);
        let why = format!("{} {} {}", refused.code, refused.sub_code, refused.sub_msg);
        world.refuse(ME, &method, &why, of_signature);
    }
    envelope(world, result)
}

/// JSON as it must be signed and sent: keys sorted at every depth, nothing between, nothing escaped for HTML.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            let inner: Vec<String> =
                sorted.into_iter().map(|(k, v)| format!("{}:{}", json!(k), canonical(v))).collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// The gateway's own checks; gives the shop that the token opens and the business parameters.
fn admit(world: &mut World, call: &Call, method: &str) -> Result<(String, Value), Refused> {
    let query: BTreeMap<String, String> = call.query_pairs().into_iter().collect();
    let given = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let param_json = match given("param_json") {
        "" if call.body.is_empty() => "{}".to_owned(),
        "" => String::from_utf8(call.body.to_vec()).unwrap_or_default(),
        in_query => in_query.to_owned(),
    };
    if call.path != format!("/{}", method.replace('.', "/")) {
        return Err(refused(40_003, "isv.method-invalid", "method 与请求路径不一致"));
    }
    for (name, sub_code) in [("app_key", "isv.app-id-missing"), ("sign", "isv.signature-missing")] {
        if given(name).is_empty() {
            return Err(refused(40_001, sub_code, &format!("{name} 不能为空")));
        }
    }
    if given("app_key") != world.options.douyin.app_key {
        return Err(refused(40_003, "isv.app-id-invalid", "app_key 不正确"));
    }
    if given("v") != "2" {
        return Err(refused(40_003, "isv.version-invalid", "v 应为 2"));
    }
    let timestamp = given("timestamp");
    let sent = timestamp.parse::<i64>().ok().map(|s| s * 1_000).or_else(|| clock::parse_beijing(timestamp));
    if sent.is_none_or(|sent| (world.now(ME) - sent).abs() > WINDOW_MS) {
        return Err(refused(40_003, "isv.timestamp-invalid", "timestamp 与服务器时间相差超过 10 分钟"));
    }
    let params: Value = serde_json::from_str(&param_json)
        .map_err(|_| refused(40_003, "isv.parameter-format-invalid", "业务参数 json 解析失败"))?;
    // The text is signed as it is, and it must be the one that every SDK would make of these parameters.
    let signed = seal::doudian_text(given("app_key"), method, &param_json, timestamp);
    let expected = seal::doudian(&world.options.douyin.app_secret, &signed, given("sign_method"));
    if expected.as_deref() != Some(given("sign")) || canonical(&params) != param_json {
        return Err(refused(40_003, "isv.signature-invalid", "签名校验失败"));
    }
    if method.starts_with("token.") {
        return Ok((String::new(), params));
    }
    let shop = shop_of(world, given("access_token"))?;
    let (now, limit) = (world.now(ME), world.options.douyin.per_second);
    if world.douyin.rate.over(&shop, method, now, limit) {
        return Err(refused(60_000, "isv.api-limit", "接口请求过于频繁，请稍后再试"));
    }
    Ok((shop, params))
}

fn shop_of(world: &World, token: &str) -> Result<String, Refused> {
    if token.is_empty() {
        return Err(refused(40_001, "isv.access-token-missing", "access_token 不能为空"));
    }
    match world.douyin.tokens.open(token, world.now(ME)) {
        Access::Shop(shop) => Ok(shop),
        Access::Expired => Err(refused(40_003, "isv.access-token-expired", "access_token 已过期")),
        Access::Unknown => Err(refused(40_003, "isv.access-token-no-existed", "access_token 不存在")),
    }
}

fn dispatch(world: &mut World, shop: &str, method: &str, params: &Value) -> Result<Value, Refused> {
    match method {
        "token.create" => token_create(world, params),
        "token.refresh" => token_refresh(world, params),
        "order.searchList" => orders::search(world, shop, params),
        "order.orderDetail" => orders::detail(world, shop, params),
        "afterSale.List" => orders::after_sales(world, shop, params),
        "afterSale.Detail" => orders::after_sale(world, shop, params),
        "order.logisticsCompanyList" => Ok(ship::companies()),
        "order.logisticsAdd" => ship::whole(world, shop, params),
        "order.logisticsAddSinglePack" => ship::single_pack(world, shop, params),
        "order.logisticsAddMultiPack" => ship::multi_pack(world, shop, params),
        "order.logisticsEdit" => ship::edit(world, shop, params),
        "order.logisticsEditByPack" => ship::edit_pack(world, shop, params),
        "sku.syncStock" => stock::sync(world, params),
        "sku.syncStockBatch" => stock::sync_batch(world, params),
        "logistics.newCreateOrder" => waybill::create(world, shop, params),
        "logistics.waybillApply" => waybill::apply(world, shop, params),
        "logistics.cancelOrder" => waybill::cancel(world, shop, params),
        "logistics.templateList" => Ok(waybill::templates()),
        "logistics.listShopNetsite" => Ok(waybill::sites(world, params)),
        // Opening receivers is a right that this seller does not have.
        "order.batchDecrypt" => Err(refused(30_002, "isv.insufficient-permissions", "应用没有解密权限")),
        _ => Err(refused(30_001, "isv.method-no-permission", "应用没有该接口的权限")),
    }
}

fn pair(world: &World, tokens: &ShopTokens) -> Value {
    let shop_id: i64 = tokens.shop.parse().unwrap_or_default();
    json!({"access_token": tokens.access_token, "expires_in": world.douyin.tokens.access_seconds(), "refresh_token": tokens.refresh_token,
        "shop_id": shop_id, "shop_name": "汇单抖音示例店", "scope": "SCOPE", "authority_id": tokens.shop, "auth_subject_type": "SHOP"})
}

fn token_create(world: &mut World, params: &Value) -> Result<Value, Refused> {
    let now = world.now(ME);
    let given = match text(params, "grant_type").as_str() {
        "authorization_code" => world.douyin.tokens.by_code(&required(params, "code")?, now),
        // The seller's own app needs no page: the shop's id is enough.
        "authorization_self" if yes(params, "test_shop") || !text(params, "shop_id").is_empty() => {
            let code = world.douyin.tokens.agree(&text(params, "shop_id"), now).unwrap_or_default();
            world.douyin.tokens.by_code(&code, now)
        }
        "authorization_self" => return Err(missing("shop_id")),
        _ => return Err(invalid("grant_type", "authorization_code 或 authorization_self")),
    };
    tokens::note(world, ME, "code", &given);
    let tokens =
        given.map_err(|_| refused(50_002, "isv.business-failed:31009", "生成 token 失败，code 无效或已过期"))?;
    Ok(pair(world, &tokens))
}

fn token_refresh(world: &mut World, params: &Value) -> Result<Value, Refused> {
    if text(params, "grant_type") != "refresh_token" {
        return Err(invalid("grant_type", "refresh_token"));
    }
    let now = world.now(ME);
    let given = world.douyin.tokens.refresh(&required(params, "refresh_token")?, now);
    tokens::note(world, ME, "refresh", &given);
    let tokens = given.map_err(|why| match why {
        tokens::Refused::Expired => {
            refused(50_001, "dop.token-generate-failed:token-expired", "生成 token 失败，refresh_token 已过期")
        }
        tokens::Refused::Unknown | tokens::Refused::Used => {
            refused(50_001, "dop.token-generate-failed:token-invalid", "生成 token 失败，refresh_token 不存在")
        }
    })?;
    Ok(pair(world, &tokens))
}
