//! Kuaishou's shop gateway (快手小店): calls signed over seven names, a cursor over orders of one line each, messages as
//! bare cipher text, waybills of its own. Of the results only 1, 24 and 2001 stand in documents; 28 is from memory, the
//! others are made up, and so is the window of ten minutes for a call's timestamp.

mod hooks;
mod orders;
mod shape;
mod ship;
mod waybill;

pub(crate) use hooks::{after_attempt, connect, tell};

use crate::clock;
use crate::consent;
use crate::ebill::Book;
use crate::fields::{int, text};
use crate::news::Told;
use crate::order::Platform;
use crate::rate::Rate;
use crate::seal;
use crate::server::{Answer, Call, Face, json, set, with_type};
use crate::tokens::{self, Access, Life, ShopTokens, Tokens};
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Kuaishou;
const WINDOW_MS: i64 = 10 * 60_000;
const DAY_S: i64 = 86_400;

/// What it starts with. Secrets are made up; they open nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Options {
    /// The app.
    pub app_key: String,
    /// For tokens only.
    pub app_secret: String,
    /// Signs calls.
    pub sign_secret: String,
    /// Seals messages; Base64 of sixteen bytes.
    pub message_secret: String,
    /// The shops that agreed to the app, by `sellerId`.
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
            app_key: "ks123456789".to_owned(),
            app_secret: "simulated-kuaishou-secret".to_owned(),
            sign_secret: "simulated-kuaishou-sign-secret".to_owned(),
            message_secret: "c2ltdWxhdGVkLWtzLW1zZw==".to_owned(),
            shops: vec![ShopTokens::made_up("kuaishou", "2345678901")],
            token_seconds: 2 * DAY_S,
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
    rate: Rate,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.kuaishou;
        let life = Life { access_s: options.token_seconds, refresh_s: 180 * DAY_S, single_use: true };
        State {
            tokens: Tokens::new("kuaishou", life, &options.shops, clock::now_ms()),
            target: None,
            bills: Book::new(options.quota),
            told: Told::default(),
            rate: Rate::default(),
        }
    }
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

/// A refused call.
#[derive(Debug)]
struct Refused {
    result: i64,
    error_msg: &'static str,
    sub_msg: String,
}

fn refused(result: i64, error_msg: &'static str, sub_msg: &str) -> Refused {
    Refused { result, error_msg, sub_msg: sub_msg.to_owned() }
}

/// A wrong or missing business parameter.
fn invalid(name: &str) -> Refused {
    refused(2_001, "PARAM_INVALID", &format!("{name}无效"))
}

/// Refused by the service behind the gateway.
fn business(result: i64, why: &str) -> Refused {
    refused(result, "BIZ_ERROR", why)
}

type Params = BTreeMap<String, String>;

/// The parameters, from the query or the form.
fn params(call: &Call) -> Params {
    call.query_pairs().into_iter().chain(call.form()).collect()
}

fn given<'a>(params: &'a Params, name: &str) -> &'a str {
    params.get(name).map(String::as_str).unwrap_or_default()
}

fn operation(call: &Call) -> String {
    if call.path.starts_with("/oauth2/") { call.path.clone() } else { call.parts().join(".") }
}

fn envelope(world: &World, result: Result<Value, Refused>) -> Answer {
    let request_id = format!("{:024x}", world.requests_seen());
    let body = match result {
        Ok(data) => {
            json!({"result": 1, "code": "1", "msg": "success", "error_msg": "SUCCESS", "sub_code": "", "sub_msg": "",
            "request_id": request_id, "requestId": request_id, "data": data})
        }
        Err(r) => {
            json!({"result": r.result, "code": r.result.to_string(), "msg": r.error_msg, "error_msg": r.error_msg,
            "sub_code": r.result.to_string(), "sub_msg": r.sub_msg, "request_id": request_id, "requestId": request_id})
        }
    };
    json(200, &body)
}

/// "Too often": the answer of whatever stands before the gateway, with how many seconds where it says so.
fn limited(world: &World, _: &Call, seconds: Option<u32>) -> Answer {
    let mut answer = envelope(world, Err(refused(429, "REQUEST_LIMIT", "请求过于频繁，请稍后再试")));
    *answer.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
    if let Some(seconds) = seconds {
        set(&mut answer, "retry-after", &seconds.to_string());
    }
    answer
}

/// Every access token ends; the call is answered as the platform answers one with an ended token.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.kuaishou.tokens.expire();
    handle(world, call)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.path == "/oauth/authorize" {
        return consent::page(world, ME, call, "code", None)
            .unwrap_or_else(|| with_type(404, "text/html", "not found"));
    }
    if call.path.starts_with("/oauth2/") {
        return oauth(world, call);
    }
    let method = operation(call);
    let params = params(call);
    let result = admit(world, call, &method, &params).and_then(|(shop, param)| dispatch(world, &shop, &method, &param));
    if let Err(refused) = &result {
        let why = format!("{} {} {}", refused.result, refused.error_msg, refused.sub_msg);
        world.refuse(ME, &method, &why, refused.result < 100);
        if refused.result == 429 {
            return limited(world, call, None);
        }
    }
    envelope(world, result)
}

/// The gateway's own checks; gives the shop that the token opens and the business parameters.
fn admit(world: &mut World, call: &Call, method: &str, params: &Params) -> Result<(String, Value), Refused> {
    for name in ["appkey", "access_token", "method", "version", "signMethod", "timestamp", "param", "sign"] {
        if given(params, name).is_empty() {
            return Err(refused(20, "PARAM_MISSING", &format!("{name}不能为空")));
        }
    }
    if given(params, "method") != method {
        return Err(refused(20, "METHOD_INVALID", "method 与请求路径不一致"));
    }
    if WRITES.contains(&method) && call.method != "POST" {
        return Err(refused(20, "HTTP_METHOD_INVALID", "该接口只支持 POST"));
    }
    let options = &world.options.kuaishou;
    if given(params, "appkey") != options.app_key || given(params, "version") != "1" {
        return Err(refused(10, "APPKEY_INVALID", "appkey 或 version 无效"));
    }
    let sent: i64 = given(params, "timestamp").parse().unwrap_or_default();
    if (world.now(ME) - sent).abs() > WINDOW_MS {
        return Err(refused(22, "TIMESTAMP_INVALID", "timestamp 为毫秒，与服务器时间相差不能超过 10 分钟"));
    }
    if seal::kuaishou(params, &options.sign_secret).as_deref() != Some(given(params, "sign")) {
        return Err(refused(21, "SIGN_INVALID", "签名校验失败"));
    }
    let param: Value = serde_json::from_str(given(params, "param")).map_err(|_| invalid("param"))?;
    let shop = match world.kuaishou.tokens.open(given(params, "access_token"), world.now(ME)) {
        Access::Shop(shop) => shop,
        Access::Expired => return Err(refused(28, "ACCESS_TOKEN_EXPIRED", "access_token 已过期")),
        Access::Unknown => return Err(refused(24, "AUTHORIZATION_REVOKED", "access_token 无效或授权已取消")),
    };
    let (now, limit) = (world.now(ME), world.options.kuaishou.per_second);
    if world.kuaishou.rate.over(&shop, method, now, limit) {
        return Err(refused(429, "REQUEST_LIMIT", "请求过于频繁，请稍后再试"));
    }
    Ok((shop, param))
}

/// Calls that change something: forms only.
const WRITES: &[&str] = &[
    "open.seller.order.goods.deliver",
    "open.order.goods.split.deliver",
    "open.seller.order.goods.logistics.append",
    "open.seller.order.logistics.update",
    "open.item.sku.stock.update",
];

fn dispatch(world: &mut World, shop: &str, method: &str, param: &Value) -> Result<Value, Refused> {
    match method {
        "open.order.cursor.list" => orders::list(world, shop, param),
        "open.order.detail" => orders::detail(world, shop, param),
        "open.seller.order.refund.pcursor.list" => orders::refunds(world, shop, param),
        "open.seller.order.refund.detail" => orders::refund(world, shop, param),
        "open.seller.order.goods.deliver" => ship::deliver(world, shop, param),
        "open.order.goods.split.deliver" => ship::split(world, shop, param),
        "open.seller.order.goods.logistics.append" => ship::append(world, shop, param),
        "open.seller.order.logistics.update" => ship::update(world, shop, param),
        "open.item.get" => item(world, param),
        "open.item.sku.stock.update" => stock(world, param),
        "open.express.ebill.get" => waybill::get(world, shop, param),
        "open.express.ebill.cancel" => waybill::cancel(world, shop, param),
        "open.express.subscribe.query" => Ok(waybill::subscribed(world, param)),
        "open.express.standard.template.list.get" => Ok(waybill::templates()),
        // Opening receivers is a right that this seller does not have.
        "open.order.decrypt.batch" => Err(business(100_200, "应用没有解密权限")),
        _ => Err(business(100_404, "没有该接口的权限")),
    }
}

/// `open.item.get`, of which the protocol file says nothing; its fields are those of public clients.
fn item(world: &World, param: &Value) -> Result<Value, Refused> {
    let item = text(param, "kwaiItemId");
    let variants = world.goods.iter().map(|good| (good.listing(ME), good)).filter(|((of, _), _)| *of == item);
    let skus: Vec<Value> = variants
        .map(|((_, sku), good)| {
            json!({"kwaiSkuId": sku.parse::<i64>().ok(), "skuStock": world.stock_of(ME, &good.sku), "skuNick": good.sku})
        })
        .collect();
    if skus.is_empty() {
        return Err(business(3_001, "商品或 SKU 不存在"));
    }
    Ok(json!({"kwaiItemId": item.parse::<i64>().ok(), "skuInfos": skus}))
}

/// `open.item.sku.stock.update`: 1 adds, 2 takes away, 3 sets (the last is named, its number is not documented).
fn stock(world: &mut World, param: &Value) -> Result<Value, Refused> {
    let (item, sku) = (text(param, "kwaiItemId"), text(param, "skuId"));
    let number = int(param, "skuChangeStock").filter(|n| *n >= 0).ok_or_else(|| invalid("skuChangeStock"))?;
    let found = world.goods.iter().find(|g| g.listing(ME) == (item.clone(), sku.clone())).map(|g| g.sku.clone());
    let code = found.ok_or_else(|| business(3_001, "商品或 SKU 不存在"))?;
    let now = world.stock_of(ME, &code);
    let level = match int(param, "changeType") {
        Some(1) => now + number,
        Some(2) => now - number,
        Some(3) => number,
        _ => return Err(invalid("changeType")),
    };
    if level < 0 {
        return Err(business(3_002, "库存不足"));
    }
    world.set_stock(ME, &code, level);
    Ok(json!({}))
}

/// The token calls have an envelope of their own.
fn oauth(world: &mut World, call: &Call) -> Answer {
    let params = params(call);
    let options = &world.options.kuaishou;
    let refuse = |error: &str, why: &str| json(200, &json!({"result": 100_200_100, "error": error, "error_msg": why}));
    if given(&params, "app_id") != options.app_key || given(&params, "app_secret") != options.app_secret {
        world.refuse(ME, &call.path, "app_id or app_secret", true);
        return refuse("invalid_client", "app_id 或 app_secret 错误");
    }
    let now = world.now(ME);
    let (how, made) = match (call.path.as_str(), given(&params, "grant_type")) {
        ("/oauth2/access_token", "code") => ("code", world.kuaishou.tokens.by_code(given(&params, "code"), now)),
        ("/oauth2/refresh_token", "refresh_token") => {
            ("refresh", world.kuaishou.tokens.refresh(given(&params, "refresh_token"), now))
        }
        _ => return refuse("unsupported_grant_type", "grant_type 无效"),
    };
    tokens::note(world, ME, how, &made);
    match made {
        Ok(tokens) => json(
            200,
            &json!({"result": 1, "access_token": tokens.access_token, "expires_in": world.kuaishou.tokens.access_seconds(),
                "refresh_token": tokens.refresh_token, "refresh_token_expires_in": 180 * DAY_S, "open_id": shape::open_id(&tokens.shop),
                "scopes": ["merchant_order", "merchant_item", "merchant_logistics", "merchant_refund"]}),
        ),
        Err(_) => refuse("invalid_grant", "code 或 refresh_token 无效、已过期或已使用"),
    }
}
