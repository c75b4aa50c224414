//! WeChat Shop (微信小店): one shared token for each app, lists of order ids, sealed events after the address proved
//! itself, waybills of its own. Numbers of errors are WeChat's where they are common to its interfaces or of waybills;
//! those of refused business are made up.

mod hooks;
mod orders;
mod shape;
mod ship;
mod token;
mod waybill;

pub(crate) use hooks::{after_attempt, connect, tell, traced};

use crate::clock;
use crate::ebill::Book;
use crate::fields::{int, text};
use crate::news::Told;
use crate::order::Platform;
use crate::rate::Rate;
use crate::server::{Answer, Call, Face, json, with_type};
use crate::tokens::{Access, Life, ShopTokens, Tokens};
use crate::world::World;
use hooks::Letterbox;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::WechatShop;
const ROOT: &str = "/channels/ec/";

/// What it starts with. Secrets are made up; they open nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Options {
    /// The app.
    pub app_id: String,
    /// Gets tokens.
    pub app_secret: String,
    /// Signs events.
    pub message_token: String,
    /// Seals events: 43 characters.
    pub encoding_aes_key: String,
    /// The shop, by the name that events are addressed to, and the token it starts with; there are no refresh tokens.
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
            app_id: "wxsim0000000001".to_owned(),
            app_secret: "simulated-wechat-secret".to_owned(),
            message_token: "simulatedtoken".to_owned(),
            encoding_aes_key: "c2ltdWxhdGVkd2VjaGF0c2hvcGVuY29kaW5nYWVza2V".to_owned(),
            shops: vec![ShopTokens::made_up("wechat", "gh_sim000000001")],
            token_seconds: 7_200,
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
    letterbox: Letterbox,
    /// Waybill orders that have no number yet, by their id.
    asked: BTreeMap<String, Value>,
    told: Told,
    rate: Rate,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.wechat_shop;
        let life = Life { access_s: options.token_seconds, refresh_s: options.token_seconds, single_use: true };
        State {
            tokens: Tokens::new("wechat", life, &options.shops, clock::now_ms()),
            target: None,
            bills: Book::new(options.quota),
            letterbox: Letterbox::default(),
            asked: BTreeMap::new(),
            told: Told::default(),
            rate: Rate::default(),
        }
    }
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

/// A refused call.
#[derive(Debug)]
struct Refused {
    errcode: i64,
    errmsg: String,
}

fn refused(errcode: i64, errmsg: &str) -> Refused {
    Refused { errcode, errmsg: errmsg.to_owned() }
}

/// A missing or wrong parameter.
fn invalid(name: &str, why: &str) -> Refused {
    refused(10_020_052, &format!("参数有误 {name}: {why}"))
}

fn required(body: &Value, name: &str) -> Result<String, Refused> {
    let given = text(body, name);
    if given.is_empty() { Err(invalid(name, "不能为空")) } else { Ok(given) }
}

fn operation(call: &Call) -> String {
    call.path.strip_prefix(ROOT).unwrap_or(&call.path).to_owned()
}

fn envelope(world: &World, result: Result<Value, Refused>) -> Answer {
    let body = match result {
        Ok(Value::Object(mut fields)) => {
            fields.insert("errcode".to_owned(), json!(0));
            fields.insert("errmsg".to_owned(), json!("ok"));
            Value::Object(fields)
        }
        Ok(_) => json!({"errcode": 0, "errmsg": "ok"}),
        Err(r) => json!({"errcode": r.errcode, "errmsg": format!("{} rid: sim-{:x}", r.errmsg, world.requests_seen())}),
    };
    json(200, &body)
}

/// "Too often": the platform does not say for how long.
fn limited(world: &World, _: &Call, _: Option<u32>) -> Answer {
    envelope(world, Err(refused(45_009, "reach max api daily quota limit")))
}

/// Every access token ends; the call is answered as the platform answers one with an ended token.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.wechat_shop.tokens.expire();
    handle(world, call)
}

fn handle(world: &mut World, call: &Call) -> Answer {
    match (call.method.as_str(), call.path.as_str()) {
        ("GET", "/cgi-bin/token") => return token::plain(world, call),
        ("POST", "/cgi-bin/stable_token") => return token::stable(world, call),
        ("POST", path) if path.starts_with(ROOT) => {}
        _ => return with_type(404, "text/plain", "not found"),
    }
    let operation = operation(call);
    let result = admit(world, call, &operation).and_then(|(shop, body)| dispatch(world, &shop, &operation, &body));
    if let Err(refused) = &result {
        let of_token = matches!(refused.errcode, 40_001 | 41_001 | 42_001);
        world.refuse(ME, &operation, &format!("{} {}", refused.errcode, refused.errmsg), of_token);
    }
    envelope(world, result)
}

/// Token and form; gives the shop and the body.
fn admit(world: &mut World, call: &Call, operation: &str) -> Result<(String, Value), Refused> {
    let token = call.query_value("access_token").unwrap_or_default();
    if token.is_empty() {
        return Err(refused(41_001, "access_token missing"));
    }
    let shop = match world.wechat_shop.tokens.open(&token, world.now(ME)) {
        Access::Shop(shop) => shop,
        Access::Expired => return Err(refused(42_001, "access_token expired")),
        Access::Unknown => return Err(refused(40_001, "invalid credential, access_token is invalid or not latest")),
    };
    let body = if call.body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(&call.body) };
    let body: Value = body.map_err(|_| refused(47_001, "data format error"))?;
    let (now, limit) = (world.now(ME), world.options.wechat_shop.per_second);
    if world.wechat_shop.rate.over(&shop, operation, now, limit) {
        return Err(refused(45_011, "api minute-quota reach limit  mustslower  retry next minute"));
    }
    Ok((shop, body))
}

fn dispatch(world: &mut World, shop: &str, operation: &str, body: &Value) -> Result<Value, Refused> {
    match operation {
        "order/list/get" => orders::list(world, shop, body),
        "order/get" => orders::get(world, shop, body),
        "aftersale/getaftersalelist" => orders::after_sales(world, shop, body),
        "aftersale/getaftersaleorder" => orders::after_sale(world, shop, body),
        "order/delivery/send" => ship::send(world, shop, body),
        "order/deliveryinfo/update" => ship::update(world, shop, body),
        "order/deliverycompanylist/get" | "order/deliverycompanylist/new/get" => Ok(ship::companies()),
        "product/stock/update" => stock_update(world, body),
        "product/stock/get" => stock_get(world, body),
        "logistics/ewaybill/biz/order/precreate" => waybill::precreate(world, shop, body),
        "logistics/ewaybill/biz/order/create" => waybill::create(world, shop, body),
        "logistics/ewaybill/biz/order/get" => waybill::get(world, shop, body),
        "logistics/ewaybill/biz/order/cancel" => waybill::cancel(world, shop, body),
        "logistics/ewaybill/biz/print/get" => waybill::print(world, shop, body),
        "logistics/ewaybill/biz/order/print" => Ok(json!({})),
        "logistics/ewaybill/biz/account/get" => Ok(waybill::accounts(world, shop, body)),
        "logistics/ewaybill/biz/delivery/get" => Ok(waybill::carriers(shop)),
        // Opening receivers is a right that this seller does not have.
        "order/sensitiveinfo/decode" => Err(refused(48_001, "api unauthorized")),
        _ => Err(refused(48_001, "api unauthorized")),
    }
}

/// The merchant's code of a variant.
fn variant(world: &World, body: &Value) -> Result<String, Refused> {
    let named = (required(body, "product_id")?, required(body, "sku_id")?);
    let found = world.goods.iter().find(|g| g.listing(ME) == named);
    found.map(|g| g.sku.clone()).ok_or_else(|| refused(10_020_010, "商品或 SKU 不存在"))
}

fn stock_update(world: &mut World, body: &Value) -> Result<Value, Refused> {
    let code = variant(world, body)?;
    let number = int(body, "num").filter(|n| *n >= 0).ok_or_else(|| invalid("num", "应为非负整数"))?;
    let now = world.stock_of(ME, &code);
    let level = match int(body, "diff_type") {
        Some(1) => now + number,
        Some(2) => now - number,
        Some(3) => number,
        _ => return Err(invalid("diff_type", "1 增加 2 减少 3 设置")),
    };
    if level < 0 {
        return Err(refused(10_020_011, "库存不足"));
    }
    world.set_stock(ME, &code, level);
    Ok(json!({}))
}

fn stock_get(world: &World, body: &Value) -> Result<Value, Refused> {
    let level = world.stock_of(ME, &variant(world, body)?);
    Ok(
        json!({"data": {"normal_stock_num": level, "limited_discount_stock_num": 0, "warehouse_stock": [], "total_stock_num": level}}),
    )
}
