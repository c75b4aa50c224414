//! The app's one token: whoever asks for another ends it for everybody else a little later.

use super::{ME, refused};
use crate::fields::{text, yes};
use crate::server::{Answer, Call, json};
use crate::tokens::{self, ShopTokens};
use crate::world::World;
use serde_json::{Value, json};

/// How long the token before still opens calls.
const GRACE_MS: i64 = 5 * 60_000;

fn made(world: &World, tokens: &ShopTokens) -> Answer {
    json(200, &json!({"access_token": tokens.access_token, "expires_in": world.wechat_shop.tokens.access_seconds()}))
}

fn refuse(world: &mut World, call: &Call, errcode: i64, errmsg: &str) -> Answer {
    world.refuse(ME, &call.path, &format!("{errcode} {errmsg}"), true);
    super::envelope(world, Err(refused(errcode, errmsg)))
}

/// Why the caller is not the app.
fn stranger(world: &World, grant: &str, app_id: &str, secret: &str) -> Option<(i64, &'static str)> {
    let options = &world.options.wechat_shop;
    if grant != "client_credential" {
        return Some((40_002, "invalid grant_type"));
    }
    if app_id != options.app_id {
        return Some((40_013, "invalid appid"));
    }
    (secret != options.app_secret).then_some((40_125, "invalid appsecret"))
}

fn fresh(world: &mut World) -> Option<ShopTokens> {
    let now = world.now(ME);
    let shop = world.options.wechat_shop.shops.first()?.shop.clone();
    let code = world.wechat_shop.tokens.agree(&shop, now)?;
    let given = world.wechat_shop.tokens.by_code(&code, now);
    tokens::note(world, ME, "code", &given);
    let given = given.ok()?;
    world.wechat_shop.tokens.end_older(&given, now + GRACE_MS);
    Some(given)
}

/// `GET /cgi-bin/token`: another token each time.
pub(super) fn plain(world: &mut World, call: &Call) -> Answer {
    let given = |name: &str| call.query_value(name).unwrap_or_default();
    if let Some((errcode, errmsg)) = stranger(world, &given("grant_type"), &given("appid"), &given("secret")) {
        return refuse(world, call, errcode, errmsg);
    }
    match fresh(world) {
        Some(tokens) => made(world, &tokens),
        None => refuse(world, call, -1, "system error"),
    }
}

/// `POST /cgi-bin/stable_token`: the same token while it lives, unless it is forced.
pub(super) fn stable(world: &mut World, call: &Call) -> Answer {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let stranger = stranger(world, &text(&body, "grant_type"), &text(&body, "appid"), &text(&body, "secret"));
    if let Some((errcode, errmsg)) = stranger {
        return refuse(world, call, errcode, errmsg);
    }
    let shop = world.options.wechat_shop.shops.first().map(|s| s.shop.clone()).unwrap_or_default();
    let now = world.now(ME);
    if !yes(&body, "force_refresh")
        && let Some((tokens, left_s)) = world.wechat_shop.tokens.living(&shop, now)
    {
        return json(200, &json!({"access_token": tokens.access_token, "expires_in": left_s}));
    }
    match fresh(world) {
        Some(tokens) => made(world, &tokens),
        None => refuse(world, call, -1, "system error"),
    }
}
