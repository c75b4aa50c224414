//! What the platform pushes.

use crate::read;
use bytes::Bytes;
use huidan_channel::Event;
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, sign};

/// Header of the time, in seconds since 1970.
const TIMESTAMP: &str = "x-timestamp";
/// Header of the signature: lower-case hex of HMAC-SHA256 over the time, a dot and the raw body.
const SIGNATURE: &str = "x-signature";
/// How far a push's time may be from ours, in seconds.
const WINDOW_S: i64 = 300;

/// Signature first, time second: only who knows the secret learns that the time is wrong.
pub(crate) fn verify(hook: Webhook<Unverified>, shop: &Account, now: Millis) -> Result<Webhook<Verified>, Refusal> {
    let secret = shop.credentials.optional("webhook_secret").ok_or(Refusal::Signature)?;
    let timestamp = hook.header(TIMESTAMP).unwrap_or_default();
    let signed = sign::hmac_sha256(secret.as_bytes(), &[timestamp.as_bytes(), b".", hook.signed_bytes()]);
    let given = hook.header(SIGNATURE).unwrap_or_default();
    let proof = sign::same(&sign::hex(&signed), given).ok_or(Refusal::Signature)?;
    let at: i64 = timestamp.parse().map_err(|_| Refusal::Signature)?;
    if now.0.div_euclid(1000).abs_diff(at) > WINDOW_S.unsigned_abs() {
        return Err(Refusal::Stale);
    }
    Ok(hook.accept(proof))
}

/// `order.saved` carries the order whole; of what else happened to an order only its id is told, and it is fetched.
pub(crate) fn take(hook: &Webhook<Verified>) -> Result<Vec<Event>, Wrong> {
    let json = Json::parse(hook.body())?;
    let body = json.object()?;
    let event_id = body.need("event_id")?.id()?;
    let topic = body.need("topic")?.text()?;
    let (ext_id, document) = match topic.as_str() {
        read::SAVED => {
            let order = body.need("order")?;
            (order.object()?.need("id")?.id()?, order.raw())
        }
        "order.deleted" | "refund.changed" => (body.need("order_id")?.id()?, json.raw()),
        _ => return Ok(Vec::new()),
    };
    let complete = topic == read::SAVED;
    let document = Bytes::copy_from_slice(document.as_bytes());
    Ok(vec![Event { event_id, topic, ext_id, complete, document, seller: String::new() }])
}

/// The platform looks at the status alone, and sends again what is not answered by 2xx.
pub(crate) fn answer(said: &Said) -> Reply {
    let status = match said {
        Said::Stored | Said::Refused(Refusal::Ping) => http::StatusCode::OK,
        Said::Refused(Refusal::Signature | Refusal::Stale | Refusal::UnknownAccount) => http::StatusCode::UNAUTHORIZED,
        Said::Malformed(_) => http::StatusCode::BAD_REQUEST,
        Said::TooLarge => http::StatusCode::PAYLOAD_TOO_LARGE,
        Said::Busy => http::StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut reply = Reply::new(Bytes::new());
    *reply.status_mut() = status;
    reply
}
