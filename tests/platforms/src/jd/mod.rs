//! JD's open platform (JOS): one URL, signed forms whose business parameters are one JSON text, answers under
//! `…_responce`, every value a string. Codes that the protocol does not name are from memory.

mod cancel;
mod orders;
mod shipment;
mod stock;

pub(crate) use orders::split;

use crate::clock;
use crate::consent;
use crate::fields::text;
use crate::order::Platform;
use crate::rate::Rate;
use crate::server::{Answer, Call, Face, json, with_type};
use crate::sign;
use crate::tokens::{self, Access, Life, ShopTokens, Tokens};
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Jd;
const WINDOW_MS: i64 = 10 * 60_000;
const REFRESH_SECONDS: i64 = 30 * 86_400;
const BUSINESS: &str = "360buy_param_json";

/// What it starts with. Secrets are made up; they open nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Options {
    /// The app.
    pub app_key: String,
    /// Signs calls.
    pub app_secret: String,
    /// The shops that agreed to the app.
    pub shops: Vec<ShopTokens>,
    /// How long an access token lives, seconds.
    pub token_seconds: i64,
    /// Calls of each method that a shop may make in a second; 0 is without limit.
    pub calls_per_second: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            app_key: "JDSIMAPPKEY".to_owned(),
            app_secret: "simulated-jd-secret".to_owned(),
            shops: vec![ShopTokens::made_up("jd", "汇单京东示例店")],
            token_seconds: 86_400,
            calls_per_second: 50,
        }
    }
}

/// What it keeps besides orders and stock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Tokens,
    rate: Rate,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.jd;
        let life = Life { access_s: options.token_seconds, refresh_s: REFRESH_SECONDS, single_use: true };
        let tokens = Tokens::new("jd", life, &options.shops, clock::now_ms());
        State { tokens, rate: Rate::default() }
    }
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

/// An `error_response`.
#[derive(Debug)]
struct Refused {
    code: &'static str,
    zh: String,
    en: &'static str,
}

fn refused(code: &'static str, zh: &str, en: &'static str) -> Refused {
    Refused { code, zh: zh.to_owned(), en }
}

/// A business parameter that is missing.
fn missing(name: &str) -> Refused {
    refused("50", &format!("缺少业务参数 {name}"), "Missing business parameter")
}

/// A business parameter that cannot be.
fn invalid(name: &str, why: &str) -> Refused {
    refused("51", &format!("无效业务参数 {name}: {why}"), "Invalid business parameter")
}

type Params = BTreeMap<String, String>;

fn params(call: &Call) -> Params {
    call.query_pairs().into_iter().chain(call.form()).collect()
}

fn given<'a>(params: &'a Params, name: &str) -> &'a str {
    params.get(name).map(String::as_str).unwrap_or_default()
}

/// A business parameter that must not be empty.
fn required(business: &Value, name: &str) -> Result<String, Refused> {
    Some(text(business, name)).filter(|v| !v.is_empty()).ok_or_else(|| missing(name))
}

fn operation(call: &Call) -> String {
    match call.path.as_str() {
        "/routerjson" => params(call).remove("method").unwrap_or_else(|| call.path.clone()),
        path => path.trim_start_matches('/').to_owned(),
    }
}

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.path.as_str() {
        "/routerjson" => gateway(world, call),
        "/oauth2/access_token" | "/oauth2/refresh_token" => token(world, call),
        _ => consent::page(world, ME, call, "code", None).unwrap_or_else(|| with_type(404, "text/html", "not found")),
    }
}

fn gateway(world: &mut World, call: &Call) -> Answer {
    let params = params(call);
    let method = given(&params, "method").to_owned();
    let result = admit(world, &params).and_then(|shop| {
        let business = business(&params)?;
        dispatch(world, &shop, &method, &business)
    });
    if let Err(refused) = &result {
        let why = format!("{} {} {}", refused.code, refused.en, refused.zh);
        world.refuse(ME, &method, &why, matches!(refused.code, "8" | "10" | "19"));
    }
    render(&method, result)
}

/// The gateway's own checks; gives the shop that the token belongs to.
fn admit(world: &mut World, params: &Params) -> Result<String, Refused> {
    let needed = [
        ("method", "12", "缺少方法名参数"),
        ("app_key", "18", "缺少 app_key 参数"),
        ("v", "4", "缺少版本参数"),
        ("timestamp", "7", "缺少时间戳参数"),
        ("sign", "9", "缺少签名参数"),
        ("access_token", "16", "缺少 access_token 参数"),
    ];
    for (name, code, zh) in needed {
        if given(params, name).is_empty() {
            return Err(refused(code, zh, "Missing parameter"));
        }
    }
    let options = &world.options.jd;
    if given(params, "app_key") != options.app_key {
        return Err(refused("17", "无效 app_key", "Invalid app_key"));
    }
    if given(params, "v") != "2.0" {
        return Err(refused("5", "不支持的版本号", "Unsupported version"));
    }
    if !matches!(given(params, "format"), "" | "json") {
        return Err(refused("11", "无效数据格式", "Invalid format"));
    }
    let now = world.now(ME);
    let sent = clock::parse_beijing(given(params, "timestamp"));
    if sent.is_none_or(|sent| (now - sent).abs() > WINDOW_MS) {
        return Err(refused("8", "非法的时间戳参数", "Invalid timestamp"));
    }
    if sign::sorted_md5(params, &options.app_secret) != given(params, "sign") {
        return Err(refused("10", "无效签名", "Invalid signature"));
    }
    let shop = match world.jd.tokens.open(given(params, "access_token"), now) {
        Access::Shop(shop) => shop,
        Access::Expired => return Err(refused("19", "access_token 已过期", "Expired access_token")),
        Access::Unknown => return Err(refused("19", "access_token 不存在", "Invalid access_token")),
    };
    let limit = options.calls_per_second;
    if world.jd.rate.over(&shop, given(params, "method"), clock::now_ms(), limit) {
        return Err(too_often(None));
    }
    Ok(shop)
}

fn business(params: &Params) -> Result<Value, Refused> {
    let read: Option<Value> = serde_json::from_str(given(params, BUSINESS)).ok();
    // Flat parameters are no parameters here.
    read.filter(Value::is_object).ok_or_else(|| invalid(BUSINESS, "应为 JSON 对象，没有参数时传 {}"))
}

fn dispatch(world: &mut World, shop: &str, method: &str, business: &Value) -> Result<Value, Refused> {
    match method {
        "jingdong.pop.order.enSearch" => orders::search(world, shop, business),
        "jingdong.pop.order.enGet" => orders::get(world, shop, business),
        "jingdong.pop.order.notPayOrderInfo" => orders::not_paid(world, shop, business),
        "jingdong.pop.afs.soa.refundapply.queryPageList" => cancel::list(world, shop, business),
        "jingdong.pop.order.shipment" => shipment::ship(world, shop, business),
        "jingdong.order.sop.waybill.update" => shipment::update(world, shop, business),
        "jingdong.delivery.logistics.get" => Ok(shipment::companies()),
        "jingdong.stock.write.updateSkuStock" | "jingdong.ware.stock.sku.set" => stock::set(world, business),
        "jingdong.stock.read.findSkuStock" => stock::read(world, business),
        // In clear, or by another right than this seller has.
        "jingdong.pop.order.search" | "jingdong.pop.order.get" | "jingdong.pop.order.getmobilelist" => {
            Err(refused("2001", "无权调用此 API", "No permission"))
        }
        _ => Err(refused("13", "不存在的方法名", "Invalid method")),
    }
}

fn render(method: &str, result: Result<Value, Refused>) -> Answer {
    let body = match result {
        Ok(Value::Object(mut body)) => {
            body.insert("code".to_owned(), "0".into());
            json!({ (format!("{}_responce", method.replace('.', "_"))): body })
        }
        Ok(other) => other,
        Err(refused) => {
            json!({"error_response": {"code": refused.code, "zh_desc": refused.zh, "en_desc": refused.en}})
        }
    };
    json(200, &body)
}

fn too_often(seconds: Option<u32>) -> Refused {
    let zh = seconds.map_or_else(|| "超过 API 调用频率".to_owned(), |s| format!("超过 API 调用频率，请 {s} 秒后重试"));
    Refused { code: "22", zh, en: "Exceeded call frequency" }
}

fn limited(_: &World, call: &Call, seconds: Option<u32>) -> Answer {
    render(&operation(call), Err(too_often(seconds)))
}

/// Every access token ends; the call is answered as one with an ended token.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.jd.tokens.expire();
    handle(world, call)
}

/// The token service: a code, or a refresh token that works once.
fn token(world: &mut World, call: &Call) -> Answer {
    let params = params(call);
    let options = &world.options.jd;
    if given(&params, "app_key") != options.app_key || given(&params, "app_secret") != options.app_secret {
        world.refuse(ME, &operation(call), "app_key, app_secret", true);
        return json(200, &json!({"code": 402, "msg": "invalid app_key or app_secret"}));
    }
    let now = world.now(ME);
    let (how, outcome) = match given(&params, "grant_type") {
        "authorization_code" => ("code", world.jd.tokens.by_code(given(&params, "code"), now)),
        "refresh_token" => ("refresh", world.jd.tokens.refresh(given(&params, "refresh_token"), now)),
        _ => return json(200, &json!({"code": 400, "msg": "unsupported grant_type"})),
    };
    tokens::note(world, ME, how, &outcome);
    match outcome {
        Ok(given) => json(
            200,
            &json!({"access_token": given.access_token, "refresh_token": given.refresh_token, "code": 0,
                "expires_in": world.jd.tokens.access_seconds(), "scope": "snsapi_base", "token_type": "bearer",
                "time": now.to_string(), "uid": given.shop, "user_nick": given.shop, "open_id": sign::opaque("jd-open-id", &given.shop)}),
        ),
        Err(why) => {
            world.refuse(ME, &operation(call), &format!("{how}: {why:?}"), true);
            json(200, &json!({"code": 401, "msg": format!("{how} {why:?}").to_lowercase()}))
        }
    }
}
