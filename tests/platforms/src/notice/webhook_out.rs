//! Whoever takes the hub's own webhooks: verifies Standard Webhooks signatures and keeps every message it took.

use super::{keep, repeated};
use crate::order::Platform;
use crate::server::{Answer, Call, Face, json, set};
use crate::sign;
use crate::world::World;
use serde_json::json;

const ME: Platform = Platform::WebhookOut;

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

fn operation(call: &Call) -> String {
    call.path.clone()
}

fn limited(_: &World, _: &Call, seconds: Option<u32>) -> Answer {
    let mut answer = json(429, &json!({"error": "too many requests"}));
    if let Some(seconds) = seconds {
        set(&mut answer, "retry-after", &seconds.to_string());
    }
    answer
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "signature", true);
    json(401, &json!({"error": "signature"}))
}

/// What is wrong with a message.
fn wrong(world: &World, call: &Call) -> Option<&'static str> {
    let (id, time) = (call.header("webhook-id"), call.header("webhook-timestamp"));
    let given = call.header("webhook-signature");
    if id.is_empty() || time.is_empty() || given.is_empty() {
        return Some("a header is missing");
    }
    let options = &world.options.webhook_out;
    let now = world.now(ME).div_euclid(1_000);
    if time.parse::<i64>().map_or(true, |at| (now - at).abs() > options.window_s) {
        return Some("webhook-timestamp is too far from now");
    }
    // Any of the signatures by any of the keys: both change one at a time.
    let mut right = options.secrets.iter().filter_map(|s| sign::standard_webhook(s, id, time, &call.body));
    if right.any(|right| given.split(' ').any(|one| one == right)) { None } else { Some("no signature fits") }
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.method != "POST" {
        return json(405, &json!({"error": "only POST"}));
    }
    if let Some(why) = wrong(world, call) {
        world.refuse(ME, &operation(call), why, true);
        return json(401, &json!({"error": why}));
    }
    let id = call.header("webhook-id").to_owned();
    if repeated(world, ME, &id).is_none() {
        let body = String::from_utf8_lossy(&call.body).into_owned();
        let kind = serde_json::from_str::<serde_json::Value>(&body).map(|b| crate::fields::text(&b, "type"));
        keep(world, ME, &id, &call.path, &kind.unwrap_or_default(), &body);
    }
    json(200, &json!({"received": id}))
}
