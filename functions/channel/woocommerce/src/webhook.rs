//! Webhooks: <https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks>. Each is sent once.

use bytes::Bytes;
use huidan_channel::Event;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, sign};

/// Base64 of HMAC-SHA256 over the raw body. No time is signed: what comes twice is told by its id, what comes late by
/// the order's own time of change.
pub(crate) fn verify(hook: Webhook<Unverified>, shop: &Account) -> Result<Webhook<Verified>, Refusal> {
    if is_ping(&hook) {
        return Err(Refusal::Ping);
    }
    let secret = shop.credentials.optional("webhook_secret").ok_or(Refusal::Signature)?;
    let expected = sign::base64(&sign::hmac_sha256(secret.as_bytes(), &[hook.signed_bytes()]));
    let given = hook.header("x-wc-webhook-signature").unwrap_or_default();
    let proof = sign::same(&expected, given).ok_or(Refusal::Signature)?;
    Ok(hook.accept(proof))
}

/// On saving a webhook WooCommerce posts the unsigned form `webhook_id=…` and wants to hear 200, else it will not
/// switch the webhook on. An order is JSON and names its topic; what names none and is a form is only that knock.
fn is_ping(hook: &Webhook<Unverified>) -> bool {
    let form = hook.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    form && hook.header("x-wc-webhook-topic").is_none() && hook.header("x-wc-webhook-signature").is_none()
}

/// The body is the REST representation, whole but for what was refunded of each line.
pub(crate) fn take(hook: &Webhook<Verified>) -> Result<Vec<Event>, Wrong> {
    let topic = hook.header("x-wc-webhook-topic").unwrap_or_default();
    let whole = match topic {
        "order.created" | "order.updated" | "order.restored" => true,
        "order.deleted" => false,
        _ => return Ok(Vec::new()),
    };
    let body = Json::parse(hook.body())?.object()?;
    let complete = whole && body.list("refunds")?.is_empty();
    let event_id = match hook.header("x-wc-webhook-delivery-id").filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None => sign::hex(&sign::sha256(&[topic.as_bytes(), b"\n", hook.body()])),
    };
    let ext_id = body.need("id")?.id()?;
    Ok(vec![Event {
        event_id,
        topic: topic.to_owned(),
        ext_id,
        complete,
        document: Bytes::clone(hook.body()),
        seller: String::new(),
    }])
}

/// WooCommerce looks at the status alone. A proven body that cannot be read is acknowledged: five failures in a row
/// would make WooCommerce switch the webhook off, and the list finds the order.
pub(crate) fn answer(said: &Said) -> Reply {
    let status = match said {
        Said::Stored | Said::Malformed(_) | Said::Refused(Refusal::Ping) => http::StatusCode::OK,
        Said::Refused(Refusal::Signature | Refusal::Stale | Refusal::UnknownAccount) => http::StatusCode::UNAUTHORIZED,
        Said::TooLarge => http::StatusCode::PAYLOAD_TOO_LARGE,
        Said::Busy => http::StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut reply = Reply::new(Bytes::new());
    *reply.status_mut() = status;
    reply
}
