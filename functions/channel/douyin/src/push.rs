//! Pushes: one address per application, an array of messages, signed over the raw body.

use crate::sign;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use huidan_channel::Event;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::sign::{hex, same, sha256};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// Compares `event-sign`. No time is signed: what comes twice is told by its `msg_id`.
pub(crate) fn verify(hook: Webhook<Unverified>, shop: &Account) -> Result<Webhook<Verified>, Refusal> {
    let credential = |field| shop.credentials.optional(field).ok_or(Refusal::Signature);
    let expected = sign::of_push(credential("app_secret")?, credential("app_key")?, hook.signed_bytes());
    let given = hook.header("event-sign").unwrap_or_default().to_ascii_lowercase();
    let proof = same(&expected, &given).ok_or(Refusal::Signature)?;
    Ok(hook.accept(proof))
}

/// The orders that the messages are about. A push never holds a whole order, so each is a hint.
///
/// One message that cannot be read does not keep the others of its batch out: the list finds its order.
pub(crate) fn take(hook: &Webhook<Verified>) -> Result<Vec<Event>, Wrong> {
    let messages = Json::parse(hook.body())?.list()?;
    Ok(messages.iter().filter_map(|message| event(message).ok().flatten()).collect())
}

fn event(message: &Json<'_>) -> Result<Option<Event>, Wrong> {
    let fields = message.object()?;
    let topic = fields.need("tag")?.id()?;
    if !about_an_order(&topic) {
        return Ok(None);
    }
    let data = fields.need("data")?;
    // A string with JSON inside, or rarely the JSON itself.
    let text = if data.raw().starts_with('"') { data.text()? } else { data.raw().to_owned() };
    let data = Json::parse(text.as_bytes())?.object()?;
    let msg_id = fields.id("msg_id")?;
    Ok(Some(Event {
        event_id: if msg_id.is_empty() { hex(&sha256(&[message.raw().as_bytes()])) } else { msg_id },
        topic,
        ext_id: data.need("p_id")?.id()?,
        complete: false,
        document: Bytes::copy_from_slice(message.raw().as_bytes()),
        seller: data.id("shop_id")?,
    }))
}

/// Trade messages are numbered from 100, after-sale messages from 200. `0` is the test that the platform sends when
/// the address is saved, 400 and more are about goods.
fn about_an_order(tag: &str) -> bool {
    tag.parse::<u16>().is_ok_and(|tag| matches!(tag, 100..=299))
}

/// Anything but a success is pushed again. A proven body that cannot be read is acknowledged: it would come for ever,
/// and the list finds the orders.
pub(crate) fn answer(said: &Said) -> Reply {
    let (status, body) = match said {
        Said::Stored | Said::Malformed(_) => (StatusCode::OK, r#"{"code":0,"msg":"success"}"#),
        Said::Refused(Refusal::Signature | Refusal::Stale | Refusal::UnknownAccount | Refusal::Ping) => {
            (StatusCode::UNAUTHORIZED, r#"{"code":10001,"msg":"invalid event-sign"}"#)
        }
        Said::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, r#"{"code":10002,"msg":"too large"}"#),
        Said::Busy => (StatusCode::SERVICE_UNAVAILABLE, r#"{"code":10003,"msg":"busy"}"#),
    };
    let mut reply = Reply::new(Bytes::from_static(body.as_bytes()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    reply
}
