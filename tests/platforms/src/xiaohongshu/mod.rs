//! Xiaohongshu's gateway.

use crate::clock;
use crate::order::Platform;
use crate::push::{Next, Outcome, Push};
use crate::server::{Answer, Call, Face, with_type};
use crate::tokens::{Life, ShopTokens, Tokens};
use crate::world::{Event, World};
use serde::Serialize;

const ME: Platform = Platform::Xiaohongshu;

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
}

impl Default for Options {
    fn default() -> Self {
        Options {
            app_key: "simxhsapp".to_owned(),
            app_secret: "simulated-xhs-secret".to_owned(),
            shops: vec![ShopTokens::made_up("xiaohongshu", "汇单小红书示例店")],
            token_seconds: 86400,
        }
    }
}

/// What it keeps besides orders and stock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Tokens,
    pub(crate) target: Option<String>,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.xiaohongshu;
        let life = Life { access_s: options.token_seconds, refresh_s: 30 * 86_400, single_use: true };
        State { tokens: Tokens::new("xiaohongshu", life, &options.shops, clock::now_ms()), target: None }
    }
}

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

fn operation(call: &Call) -> String {
    call.path.clone()
}

fn handle(_world: &mut World, _call: &Call) -> Answer {
    with_type(404, "text/plain", "not found")
}

/// "Too often", with how many seconds where the platform says so.
fn limited(_world: &World, _call: &Call, _seconds: Option<u32>) -> Answer {
    with_type(429, "text/plain", "too often")
}

/// Every access token ends; the call is answered as the platform answers one with an ended token.
fn expired(world: &mut World, call: &Call) -> Answer {
    world.xiaohongshu.tokens.expire();
    handle(world, call)
}

/// Tells the seller's service what happened to an order.
pub(crate) fn tell(_world: &mut World, _id: i64, _event: Event) {}

/// What comes after an attempt to push.
pub(crate) fn after_attempt(_world: &World, _attempt: u32, outcome: &Outcome) -> Next {
    if outcome.success() { Next::Done } else { Next::GiveUp }
}

/// Each attempt is signed anew.
pub(crate) fn headers(_world: &mut World, push: &Push) -> Vec<(&'static str, String)> {
    push.headers.clone()
}
