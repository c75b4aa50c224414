//! Orders that the site sends.

use crate::read;
use crate::sign::{NONCE, SIGNATURE, TIMESTAMP, is_nonce, signature};
use bytes::Bytes;
use huidan_channel::Event;
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, sign};
use serde_json::json;

/// How far a message's time may be from ours, in seconds.
const WINDOW_S: i64 = 300;

/// Signature first, time second: only who knows the secret learns that his clock is wrong.
pub(crate) fn verify(hook: Webhook<Unverified>, shop: &Account, now: Millis) -> Result<Webhook<Verified>, Refusal> {
    // A secret of spaces is none: everybody could sign with it.
    let secret = shop.credentials.optional("webhook_secret").filter(|secret| !secret.trim().is_empty());
    let secret = secret.ok_or(Refusal::Signature)?;
    let header = |name: &str| hook.header(name).unwrap_or_default();
    let (timestamp, nonce) = (header(TIMESTAMP), header(NONCE));
    if timestamp.len() > 12 || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) || !is_nonce(nonce) {
        return Err(Refusal::Signature);
    }
    let at: i64 = timestamp.parse().map_err(|_| Refusal::Signature)?;
    let expected = signature(secret, timestamp, nonce, &[hook.signed_bytes()]);
    let proof = sign::same(&expected, header(SIGNATURE)).ok_or(Refusal::Signature)?;
    if now.0.div_euclid(1000).abs_diff(at) > WINDOW_S.unsigned_abs() {
        return Err(Refusal::Stale);
    }
    Ok(hook.accept(proof))
}

/// The order is read at once, so that a developer hears with the answer what is wrong with it.
pub(crate) fn take(hook: &Webhook<Verified>) -> Result<Vec<Event>, Wrong> {
    let body = Json::parse(hook.body())?.object()?;
    let event_id = body.need("event_id")?.id()?;
    let event = body.need("event")?;
    let topic = match event.text()?.as_str() {
        "order.saved" => read::SAVED,
        "order.cancelled" => read::CANCELLED,
        _ => return Err(event.wrong("is neither order.saved nor order.cancelled")),
    };
    let order = body.need("order")?;
    let facts = read::order(&order.object()?, topic)?;
    let document = Bytes::copy_from_slice(order.raw().as_bytes());
    Ok(vec![Event {
        event_id,
        topic: topic.to_owned(),
        ext_id: facts.ext_id,
        complete: true,
        document,
        seller: String::new(),
    }])
}

/// In the words of `PROTOCOL.md`.
pub(crate) fn answer(said: &Said) -> Reply {
    let (status, body) = match said {
        Said::Stored => (200, json!({ "ok": true })),
        Said::Refused(Refusal::Signature | Refusal::Stale | Refusal::UnknownAccount | Refusal::Ping) => {
            (401, json!({ "ok": false, "error": "signature" }))
        }
        Said::Malformed(what) => (400, json!({ "ok": false, "error": what })),
        Said::TooLarge => (413, json!({ "ok": false, "error": "longer than 1 MiB" })),
        Said::Busy => (503, json!({ "ok": false, "error": "busy" })),
    };
    let mut reply = Reply::new(Bytes::from(body.to_string()));
    *reply.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    if status == 503 {
        headers.insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
    }
    reply
}
