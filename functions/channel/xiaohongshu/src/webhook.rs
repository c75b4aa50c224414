//! Pushes: an array of messages to one address per application.
//!
//! How they are signed is known from one receiver only and never covers the body: so a push is never more than a hint,
//! upon which the order is fetched. Nothing here relies on pushes coming at all.

use crate::sign;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use huidan_channel::Event;
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook};
use serde_json::json;

/// How far a push's time may be from ours, in seconds. The body is unsigned: what was overheard once could be sent
/// again with other orders in it, for so long and no longer.
const WINDOW_S: i64 = 600;

/// Rebuilds the signed text from our own address as it was called and two of the headers.
pub(crate) fn verify(hook: Webhook<Unverified>, shop: &Account, now: Millis) -> Result<Webhook<Verified>, Refusal> {
    let secret = shop.credentials.optional("app_secret").ok_or(Refusal::Signature)?;
    let header = |name: &str| hook.header(name).filter(|value| !value.is_empty()).ok_or(Refusal::Signature);
    let (app_key, timestamp, given) = (header("app-key")?, header("timestamp")?, header("sign")?);
    let at: i64 = timestamp.parse().map_err(|_| Refusal::Signature)?;
    let (path, query) = hook.path_and_query().split_once('?').unwrap_or((hook.path_and_query(), ""));
    let called =
        query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let expected = sign::of_pairs(path, called.chain([("app-key", app_key), ("timestamp", timestamp)]), secret);
    let proof = huidan_exchange::sign::same(&expected, given).ok_or(Refusal::Signature)?;
    if now.0.div_euclid(1000).abs_diff(at) > WINDOW_S.unsigned_abs() {
        return Err(Refusal::Stale);
    }
    Ok(hook.accept(proof))
}

/// One hint per message that is about an order; messages about goods and new kinds are of no interest.
pub(crate) fn take(hook: &Webhook<Verified>) -> Result<Vec<Event>, Wrong> {
    let mut events = Vec::new();
    for message in Json::parse(hook.body())?.list()? {
        let fields = message.object()?;
        let tag = fields.need("msgTag")?.text()?;
        if ["msg_fulfillment_", "msg_after_sale_"].iter().any(|about| tag.starts_with(about)) {
            let hint = hint(&message, &fields, tag)?;
            if events.iter().all(|known: &Event| known.event_id != hint.event_id) {
                events.push(hint);
            }
        }
    }
    Ok(events)
}

/// The platform numbers no messages: the same text is the same message. It sends some states twice, with another time
/// of change; the second time is a hint of its own.
fn hint(message: &Json<'_>, fields: &Object<'_>, tag: String) -> Result<Event, Wrong> {
    let (seller, data) = (fields.id("sellerId")?, fields.need("data")?);
    let text = if data.raw().starts_with('"') { data.text()? } else { data.raw().to_owned() };
    let inside = |wrong: Wrong| Wrong::at(format!("{}.{}", data.place(), wrong.field), wrong.detail);
    let ext_id = Json::parse(text.as_bytes())
        .and_then(|json| json.object())
        .and_then(|data| data.need("orderId")?.id())
        .map_err(inside)?;
    let digest = huidan_exchange::sign::sha256(&[tag.as_bytes(), b"\n", seller.as_bytes(), b"\n", text.as_bytes()]);
    Ok(Event {
        event_id: huidan_exchange::sign::hex(&digest),
        topic: tag,
        ext_id,
        complete: false,
        document: Bytes::copy_from_slice(message.raw().as_bytes()),
        seller,
    })
}

/// In the platform's own form; what is not acknowledged it may push again.
pub(crate) fn answer(said: &Said) -> Reply {
    let (status, body) = match said {
        // The platform's page shows the acknowledgement in exactly this order of fields.
        Said::Stored => (StatusCode::OK, r#"{"success":true,"error_code":0,"error_msg":""}"#.to_owned()),
        Said::Refused(_) => (StatusCode::UNAUTHORIZED, no(401, "sign")),
        Said::Malformed(what) => (StatusCode::BAD_REQUEST, no(400, what)),
        Said::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, no(413, "too large")),
        Said::Busy => (StatusCode::SERVICE_UNAVAILABLE, no(503, "busy")),
    };
    let mut reply = Reply::new(Bytes::from(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    reply
}

fn no(code: u16, words: &str) -> String {
    json!({"success": false, "error_code": code, "error_msg": words}).to_string()
}
