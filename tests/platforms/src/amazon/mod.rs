//! Amazon's Selling Partner API, and its token service at the same address. Envelopes of errors are from memory, and so
//! are the fields of one order of the Orders API of 2026-01-01; its list is not here.

mod bucket;
mod feeds;
mod listings;
mod orders;
mod shape;
mod shipment;

use crate::clock;
use crate::consent;
use crate::order::Platform;
use crate::server::{Answer, Call, Face, json, set, with_type};
use crate::sign;
use crate::tokens::{self, Access, Life, ShopTokens, Tokens};
use crate::world::World;
use bucket::{Bucket, Plan};
use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Amazon;
const AMZ_DATE: &str = "%Y%m%dT%H%M%SZ";
const REFRESH_SECONDS: i64 = 365 * 86_400;
const RESTRICTED_SECONDS: i64 = 3_600;

/// What it starts with. Secrets are made up; they open nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Options {
    /// The app.
    pub client_id: String,
    /// Opens the token service.
    pub client_secret: String,
    /// The sellers that agreed to the app.
    pub shops: Vec<ShopTokens>,
    /// The marketplace of all of them.
    pub marketplace: String,
    /// How long an access token lives, seconds.
    pub token_seconds: i64,
    /// How much faster than in life the buckets fill again; 1 is as in life, where orders can be listed once a minute
    /// after the first twenty times.
    pub refill_times: i64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            client_id: "amzn1.application-oa2-client.sim".to_owned(),
            client_secret: "simulated-amazon-secret".to_owned(),
            shops: vec![ShopTokens::made_up("Atzr", "A1SIMSELLER")],
            marketplace: "ATVPDKIKX0DER".to_owned(),
            token_seconds: 3_600,
            refill_times: 1,
        }
    }
}

/// A token that opens buyers' data at one path.
#[derive(Clone, Debug)]
struct Restricted {
    shop: String,
    paths: Vec<String>,
    until_ms: i64,
}

/// What it keeps besides orders and stock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Tokens,
    restricted: BTreeMap<String, Restricted>,
    buckets: BTreeMap<(String, &'static str), Bucket>,
    feeds: feeds::Feeds,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.amazon;
        let life = Life { access_s: options.token_seconds, refresh_s: REFRESH_SECONDS, single_use: false };
        State {
            tokens: Tokens::new("Atza", life, &options.shops, clock::now_ms()),
            restricted: BTreeMap::new(),
            buckets: BTreeMap::new(),
            feeds: feeds::Feeds::default(),
        }
    }
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

/// `errors[]` with a status.
#[derive(Debug)]
struct Refused {
    status: u16,
    code: &'static str,
    message: String,
    /// Of the caller's identity, not of what was asked.
    identity: bool,
}

fn refused(status: u16, code: &'static str, message: &str) -> Refused {
    Refused { status, code, message: message.to_owned(), identity: false }
}

fn invalid(message: &str) -> Refused {
    refused(400, "InvalidInput", message)
}

fn unauthorised(message: &str) -> Refused {
    Refused { identity: true, ..refused(403, "Unauthorized", message) }
}

/// Whose call it is, and whether buyers' data may be shown.
struct Caller {
    shop: String,
    restricted: bool,
}

/// The operation's name in the models.
fn name(call: &Call) -> &'static str {
    match (call.method.as_str(), call.parts().as_slice()) {
        ("POST", ["auth", "o2", "token"]) => "token",
        ("GET", ["orders", "v0", "orders"]) => "getOrders",
        ("GET", ["orders", "v0", "orders", _]) => "getOrder",
        ("GET", ["orders", "v0", "orders", _, "orderItems"]) => "getOrderItems",
        ("GET", ["orders", "v0", "orders", _, "address"]) => "getOrderAddress",
        ("GET", ["orders", "v0", "orders", _, "buyerInfo"]) => "getOrderBuyerInfo",
        ("GET", ["orders", "2026-01-01", "orders", _]) => "getOrder2026",
        ("POST", ["orders", "v0", "orders", _, "shipmentConfirmation"]) => "confirmShipment",
        ("POST", ["tokens", "2021-03-01", "restrictedDataToken"]) => "createRestrictedDataToken",
        ("PATCH", ["listings", "2021-08-01", "items", _, _]) => "patchListingsItem",
        ("GET", ["listings", "2021-08-01", "items", _, _]) => "getListingsItem",
        ("POST", ["feeds", "2021-06-30", "documents"]) => "createFeedDocument",
        ("GET", ["feeds", "2021-06-30", "documents", _]) => "getFeedDocument",
        ("POST", ["feeds", "2021-06-30", "feeds"]) => "createFeed",
        ("GET", ["feeds", "2021-06-30", "feeds", _]) => "getFeed",
        ("PUT" | "GET", ["feed-documents", _]) => "feedDocument",
        _ => "unknown",
    }
}

fn operation(call: &Call) -> String {
    let name = name(call);
    if name == "unknown" { format!("{} {}", call.method, call.path) } else { name.to_owned() }
}

fn handle(world: &mut World, call: &Call) -> Answer {
    let name = name(call);
    match name {
        "unknown" => {
            // The seller's page, which is not the API's but stands here.
            return consent::page(world, ME, call, "spapi_oauth_code", Some("selling_partner_id"))
                .unwrap_or_else(|| render(world, call, Err(refused(404, "NotFound", "The resource does not exist."))));
        }
        "token" => return token(world, call),
        // Whoever has the address may use it, for a while.
        "feedDocument" => return feeds::document(world, call),
        _ => {}
    }
    let result = caller(world, call).and_then(|caller| {
        take(world, &caller.shop, name)?;
        dispatch(world, call, name, &caller)
    });
    render(world, call, result)
}

/// Headers, then the token; a restricted one opens its own paths only.
fn caller(world: &World, call: &Call) -> Result<Caller, Refused> {
    if call.header("user-agent").is_empty() {
        return Err(invalid("User-Agent is missing."));
    }
    let date = call.header("x-amz-date");
    if NaiveDateTime::parse_from_str(date, AMZ_DATE).is_err() {
        return Err(invalid("x-amz-date is missing or not of the form yyyyMMddTHHmmssZ."));
    }
    let token = call.header("x-amz-access-token");
    if token.is_empty() {
        return Err(unauthorised("Access to requested resource is denied. The access token is missing."));
    }
    let now = world.now(ME);
    if let Some(restricted) = world.amazon.restricted.get(token) {
        if now >= restricted.until_ms {
            return Err(unauthorised("The restricted data token you provided has expired."));
        }
        if !restricted.paths.iter().any(|path| opens(path, &call.path)) {
            return Err(unauthorised("The restricted data token does not cover this path."));
        }
        return Ok(Caller { shop: restricted.shop.clone(), restricted: true });
    }
    match world.amazon.tokens.open(token, now) {
        Access::Shop(shop) => Ok(Caller { shop, restricted: false }),
        Access::Expired => Err(unauthorised("The access token you provided has expired.")),
        Access::Unknown => Err(unauthorised("The access token you provided is revoked, malformed or invalid.")),
    }
}

/// `{orderId}` in a granted path stands for any.
fn opens(granted: &str, path: &str) -> bool {
    let (granted, path): (Vec<&str>, Vec<&str>) = (granted.split('/').collect(), path.split('/').collect());
    granted.len() == path.len() && granted.iter().zip(&path).all(|(g, p)| g == p || g.starts_with('{'))
}

fn take(world: &mut World, shop: &str, name: &'static str) -> Result<(), Refused> {
    let (plan, times, now) = (Plan::of(name), world.options.amazon.refill_times, clock::now_ms());
    let bucket = world.amazon.buckets.entry((shop.to_owned(), name)).or_insert_with(|| Bucket::full(plan, now));
    if bucket.take(plan, times, now) { Ok(()) } else { Err(too_often()) }
}

fn too_often() -> Refused {
    refused(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
}

fn dispatch(world: &mut World, call: &Call, name: &str, caller: &Caller) -> Result<Answer, Refused> {
    let id = call.parts().get(3).copied().unwrap_or_default();
    match name {
        "getOrders" => orders::list(world, call, caller),
        "getOrder" => orders::one(world, caller, id),
        "getOrder2026" => orders::successor(world, call, caller, id),
        "getOrderItems" => orders::items(world, caller, id),
        "getOrderAddress" => orders::address(world, caller, id),
        "getOrderBuyerInfo" => orders::buyer(world, caller, id),
        "confirmShipment" => shipment::confirm(world, call, caller, id),
        "createRestrictedDataToken" => restrict(world, call, caller),
        "patchListingsItem" => listings::patch(world, call, caller),
        "getListingsItem" => listings::get(world, call, caller),
        "createFeedDocument" => feeds::create_document(world, call),
        "getFeedDocument" => feeds::get_document(world, call, id),
        "createFeed" => feeds::create(world, call, caller),
        "getFeed" => feeds::get(world, caller, id),
        _ => Err(refused(404, "NotFound", "The resource does not exist.")),
    }
}

/// A token for buyers' data at the named paths.
fn restrict(world: &mut World, call: &Call, caller: &Caller) -> Result<Answer, Refused> {
    let body = body(call)?;
    let named = crate::fields::list(&body, "restrictedResources");
    let paths: Vec<String> = named.iter().map(|r| crate::fields::text(r, "path")).collect();
    if paths.is_empty() || paths.len() > 50 || paths.iter().any(|p| !p.starts_with("/orders/v0/orders")) {
        return Err(invalid("restrictedResources: 1 to 50 resources of operations that are restricted."));
    }
    let token = format!("Atz.sprdt|{}", sign::opaque("restricted", &format!("{}{}", caller.shop, world.next())));
    let until_ms = world.now(ME) + RESTRICTED_SECONDS * 1_000;
    world.amazon.restricted.insert(token.clone(), Restricted { shop: caller.shop.clone(), paths, until_ms });
    Ok(json(200, &json!({"restrictedDataToken": token, "expiresIn": RESTRICTED_SECONDS})))
}

fn body(call: &Call) -> Result<Value, Refused> {
    let read: Option<Value> = serde_json::from_slice(&call.body).ok();
    read.filter(Value::is_object).ok_or_else(|| invalid("The body is not a JSON object."))
}

fn render(world: &mut World, call: &Call, result: Result<Answer, Refused>) -> Answer {
    let name = name(call);
    let mut answer = match result {
        Ok(answer) => answer,
        Err(refused) => {
            world.refuse(ME, &operation(call), &format!("{} {}", refused.code, refused.message), refused.identity);
            errors(&refused)
        }
    };
    set(&mut answer, "x-amzn-requestid", &format!("sim-{:09x}", world.requests_seen()));
    if answer.status() != 403 {
        set(&mut answer, "x-amzn-ratelimit-limit", &Plan::of(name).text());
    }
    answer
}

fn errors(refused: &Refused) -> Answer {
    let error = json!({"code": refused.code, "message": refused.message, "details": ""});
    json(refused.status, &json!({"errors": [error]}))
}

/// With a hint the header says how often one may call; without, there is no header.
fn limited(_: &World, _: &Call, seconds: Option<u32>) -> Answer {
    let mut answer = errors(&too_often());
    if let Some(seconds) = seconds {
        set(&mut answer, "x-amzn-ratelimit-limit", &bucket::per_second(1_000_000 / i64::from(seconds.max(1))));
    }
    answer
}

/// Every access token ends, restricted ones too; the call is answered as one with an ended token.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.amazon.tokens.expire();
    for restricted in world.amazon.restricted.values_mut() {
        restricted.until_ms = i64::MIN;
    }
    handle(world, call)
}

/// Login with Amazon: a refresh token works as often as one likes and stays the same.
fn token(world: &mut World, call: &Call) -> Answer {
    let form: BTreeMap<String, String> = call.form().into_iter().collect();
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let fail = |status: u16, error: &str, why: &str| json(status, &json!({"error": error, "error_description": why}));
    if !call.header("content-type").starts_with("application/x-www-form-urlencoded") {
        return fail(400, "invalid_request", "The request is not a form");
    }
    let options = &world.options.amazon;
    if given("client_id") != options.client_id || given("client_secret") != options.client_secret {
        world.refuse(ME, "token", "invalid_client", true);
        return fail(401, "invalid_client", "Client authentication failed");
    }
    let now = world.now(ME);
    let (how, outcome) = match given("grant_type") {
        "authorization_code" => ("code", world.amazon.tokens.by_code(given("code"), now)),
        "refresh_token" => ("refresh", world.amazon.tokens.refresh(given("refresh_token"), now)),
        _ => return fail(400, "unsupported_grant_type", "The authorization grant type is not supported"),
    };
    tokens::note(world, ME, how, &outcome);
    match outcome {
        Ok(given) => json(
            200,
            &json!({"access_token": given.access_token, "refresh_token": given.refresh_token, "token_type": "bearer",
                "expires_in": world.amazon.tokens.access_seconds()}),
        ),
        Err(_) => {
            world.refuse(ME, "token", "invalid_grant", true);
            fail(400, "invalid_grant", "The request has an invalid grant parameter")
        }
    }
}

/// 204.
fn nothing() -> Answer {
    with_type(204, "application/json", "")
}
