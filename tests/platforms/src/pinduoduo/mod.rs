//! Pinduoduo's gateway.

use crate::clock;
use crate::order::Platform;
use crate::server::{Answer, Call, Face, with_type};
use crate::tokens::{Life, ShopTokens, Tokens};
use crate::world::World;
use serde::Serialize;

const ME: Platform = Platform::Pinduoduo;

/// What it starts with. Secrets are made up; they open nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Options {
    /// The app.
    pub client_id: String,
    /// Signs calls.
    pub client_secret: String,
    /// The shops that agreed to the app.
    pub shops: Vec<ShopTokens>,
    /// How long an access token lives, seconds.
    pub token_seconds: i64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            client_id: "pddsimclient".to_owned(),
            client_secret: "simulated-pdd-secret".to_owned(),
            shops: vec![ShopTokens::made_up("pinduoduo", "100200300")],
            token_seconds: 86400,
        }
    }
}

/// What it keeps besides orders and stock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Tokens,
}

impl State {
    pub(crate) fn new(options: &crate::Options) -> State {
        let options = &options.pinduoduo;
        let life = Life { access_s: options.token_seconds, refresh_s: 30 * 86_400, single_use: true };
        State { tokens: Tokens::new("pinduoduo", life, &options.shops, clock::now_ms()) }
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
    world.pinduoduo.tokens.expire();
    handle(world, call)
}
