//! Xiaohongshu's gateway (小红书): one address, flat JSON whose business part nobody signs, messages in arrays that tell
//! too little, waybills of its own. Its numbers of errors are not in the documents: all are made up, their texts say why;
//! so is the window of ten minutes for a call's timestamp.

mod hooks;
mod orders;
mod shape;
mod ship;
mod waybill;

pub(crate) use hooks::{after_attempt, connect, headers, tell};

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

const ME: Platform = Platform::Xiaohongshu;
const PATH: &str = "/ark/open_api/v3/common_controller";
const WINDOW_MS: i64 = 10 * 60_000;
const DAY_S: i64 = 86_400;

/// What it starts with. Secrets are made up; they open nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Options {
    /// The app: `appId` of calls, `app-key` of messages.
    pub app_key: String,
    /// Signs calls and messages.
    pub app_secret: String,
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
            app_key: "simxhsapp".to_owned(),
            app_secret: "simulated-xhs-secret".to_owned(),
            shops: vec![ShopTokens::made_up("xiaohongshu", "61a2b3c4d5e6f70001000001")],
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
    rate: Rate,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.xiaohongshu;
        let life = Life { access_s: options.token_seconds, refresh_s: 14 * DAY_S, single_use: true };
        State {
            tokens: Tokens::new("xiaohongshu", life, &options.shops, clock::now_ms()),
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
    code: i64,
    why: String,
}

fn refused(code: i64, why: &str) -> Refused {
    Refused { code, why: why.to_owned() }
}

/// A missing or wrong business parameter.
fn invalid(name: &str, why: &str) -> Refused {
    refused(2_001, &format!("参数错误：{name} {why}"))
}

fn required(body: &Value, name: &str) -> Result<String, Refused> {
    let given = text(body, name);
    if given.is_empty() { Err(invalid(name, "不能为空")) } else { Ok(given) }
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.body).unwrap_or_default()
}

fn operation(call: &Call) -> String {
    let method = text(&body(call), "method");
    if method.is_empty() { call.path.clone() } else { method }
}

fn envelope(result: Result<Value, Refused>) -> Answer {
    let body = match result {
        Ok(data) => json!({"success": true, "error_code": 0, "error_msg": "", "data": data}),
        Err(r) => json!({"success": false, "error_code": r.code, "error_msg": r.why}),
    };
    json(200, &body)
}

/// "Too often": the answer of whatever stands before the gateway, with how many seconds where it says so.
fn limited(_: &World, _: &Call, seconds: Option<u32>) -> Answer {
    let mut answer = envelope(Err(refused(429, "请求过于频繁，触发限流")));
    *answer.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
    if let Some(seconds) = seconds {
        set(&mut answer, "retry-after", &seconds.to_string());
    }
    answer
}

/// Every access token ends; the call is answered as the platform answers one with an ended token.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.xiaohongshu.tokens.expire();
    handle(world, call)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.path == "/ark/authorization" {
        return consent::page(world, ME, call, "code", None)
            .unwrap_or_else(|| with_type(404, "text/html", "not found"));
    }
    if call.path != PATH || call.method != "POST" {
        return with_type(404, "text/plain", "not found");
    }
    let body = body(call);
    let method = text(&body, "method");
    let result = admit(world, &body, &method).and_then(|shop| dispatch(world, &shop, &method, &body));
    if let Err(refused) = &result {
        let why = format!("{} {}", refused.code, refused.why);
        world.refuse(ME, &method, &why, (1_001..=1_009).contains(&refused.code));
        if refused.code == 429 {
            return limited(world, call, None);
        }
    }
    envelope(result)
}

/// The gateway's own checks; gives the shop that the token opens.
fn admit(world: &mut World, body: &Value, method: &str) -> Result<String, Refused> {
    for name in ["method", "appId", "timestamp", "version", "sign"] {
        if text(body, name).is_empty() {
            return Err(refused(1_001, &format!("缺少系统参数 {name}")));
        }
    }
    let options = &world.options.xiaohongshu;
    if text(body, "appId") != options.app_key {
        return Err(refused(1_002, "appId 不存在"));
    }
    if text(body, "version") != "2.0" {
        return Err(refused(1_003, "version 应为 2.0"));
    }
    let (timestamp, version) = (text(body, "timestamp"), text(body, "version"));
    let sent = timestamp.parse::<i64>().unwrap_or_default().saturating_mul(1_000);
    if world.now(ME).saturating_sub(sent).abs() > WINDOW_MS {
        return Err(refused(1_004, "timestamp 为秒，与服务器时间相差不能超过 10 分钟"));
    }
    if seal::xiaohongshu(method, &options.app_key, &timestamp, &version, &options.app_secret) != text(body, "sign") {
        return Err(refused(1_005, "签名校验失败"));
    }
    if method.starts_with("oauth.") {
        return Ok(String::new());
    }
    let shop = match world.xiaohongshu.tokens.open(&text(body, "accessToken"), world.now(ME)) {
        Access::Shop(shop) => shop,
        Access::Expired => return Err(refused(1_006, "accessToken 已过期")),
        Access::Unknown => return Err(refused(1_007, "accessToken 不存在")),
    };
    let (now, limit) = (world.now(ME), world.options.xiaohongshu.per_second);
    if world.xiaohongshu.rate.over(&shop, method, now, limit) {
        return Err(refused(429, "请求过于频繁，触发限流"));
    }
    Ok(shop)
}

fn dispatch(world: &mut World, shop: &str, method: &str, body: &Value) -> Result<Value, Refused> {
    match method {
        "oauth.getAccessToken" => token(world, body, "code"),
        "oauth.refreshToken" => token(world, body, "refresh"),
        "order.getOrderList" => orders::list(world, shop, body),
        "order.getOrderDetail" => orders::detail(world, shop, body),
        "order.getOrderReceiverInfo" => orders::receivers(world, shop, body),
        "afterSale.listAfterSaleInfos" => orders::after_sales(world, shop, body),
        "afterSale.getAfterSaleInfo" => orders::after_sale(world, shop, body),
        "order.orderDeliver" => ship::deliver(world, shop, body),
        "order.modifyOrderExpressInfo" => ship::modify(world, shop, body),
        "common.getExpressCompanyList" => Ok(ship::companies()),
        "inventory.getSkuStock" => stock(world, body, |now, _| now),
        "inventory.syncSkuStock" => stock(world, body, |_, qty| qty),
        "inventory.incSkuStock" => stock(world, body, |now, qty| now + qty),
        "express.queryEbillSubscribes" => Ok(waybill::subscribed(world, body)),
        "express.queryEbillTemplates" => Ok(waybill::templates(body)),
        "express.createEbillOrders" => waybill::create(world, shop, body),
        "express.queryEbillOrder" => waybill::query(world, shop, body),
        "express.cancelEbillOrder" => waybill::cancel(world, shop, body),
        // Opening receivers is a right that this seller does not have.
        "data.batchDecrypt" => Err(refused(3_001, "应用没有解密权限")),
        _ => Err(refused(3_002, "没有该接口的权限")),
    }
}

fn token(world: &mut World, body: &Value, how: &'static str) -> Result<Value, Refused> {
    let now = world.now(ME);
    let made = match how {
        "code" => world.xiaohongshu.tokens.by_code(&required(body, "code")?, now),
        _ => world.xiaohongshu.tokens.refresh(&required(body, "refreshToken")?, now),
    };
    tokens::note(world, ME, how, &made);
    let tokens = made.map_err(|why| match why {
        tokens::Refused::Expired => refused(1_008, "code 或 refreshToken 已过期"),
        tokens::Refused::Unknown | tokens::Refused::Used => refused(1_009, "code 或 refreshToken 无效"),
    })?;
    let lives = world.xiaohongshu.tokens.access_seconds() * 1_000;
    Ok(
        json!({"accessToken": tokens.access_token, "accessTokenExpiresAt": now + lives, "refreshToken": tokens.refresh_token,
        "refreshTokenExpiresAt": now + 14 * DAY_S * 1_000, "sellerId": tokens.shop, "sellerName": "汇单小红书示例店"}),
    )
}

/// Stock of a variant: read, set or changed.
fn stock(world: &mut World, body: &Value, change: fn(i64, i64) -> i64) -> Result<Value, Refused> {
    let wanted = required(body, "skuId")?;
    let reads = text(body, "method") == "inventory.getSkuStock";
    let qty = int(body, "qty").or(reads.then_some(0)).ok_or_else(|| invalid("qty", "应为整数"))?;
    let code = world.goods.iter().find(|g| g.listing(ME).1 == wanted).map(|g| g.sku.clone());
    let code = code.ok_or_else(|| refused(4_001, "规格不存在"))?;
    let level = change(world.stock_of(ME, &code), qty);
    if level < 0 {
        return Err(refused(4_002, "库存不能小于 0"));
    }
    if !reads {
        world.set_stock(ME, &code, level);
    }
    Ok(json!({"skuId": wanted, "apiVersion": "V1", "skuStock": {"available": level, "total": level}}))
}
