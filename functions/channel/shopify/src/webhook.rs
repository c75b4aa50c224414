//! Webhooks: <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>.

use bytes::Bytes;
use huidan_channel::Event;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, sign};

/// Base64 of HMAC-SHA256 over the raw body. No time is signed: what comes twice is told by its id, what comes late by
/// the order's own `updated_at`.
pub(crate) fn verify(hook: Webhook<Unverified>, shop: &Account) -> Result<Webhook<Verified>, Refusal> {
    let secret = shop.credentials.optional("webhook_secret").ok_or(Refusal::Signature)?;
    let expected = sign::base64(&sign::hmac_sha256(secret.as_bytes(), &[hook.signed_bytes()]));
    let given = hook.header("x-shopify-hmac-sha256").unwrap_or_default();
    let proof = sign::same(&expected, given).ok_or(Refusal::Signature)?;
    if of_another_shop(&hook, shop) {
        return Err(Refusal::UnknownAccount);
    }
    Ok(hook.accept(proof))
}

/// One app's secret signs for every shop that installed it, so the shop is compared too, where its address shows it.
fn of_another_shop(hook: &Webhook<Unverified>, shop: &Account) -> bool {
    let home = shop.base_url.as_deref().unwrap_or_default();
    let host = home.split("://").last().unwrap_or_default();
    let sent_by = hook.header("x-shopify-shop-domain").unwrap_or_default();
    host.ends_with(".myshopify.com") && !sent_by.is_empty() && !host.eq_ignore_ascii_case(sent_by)
}

/// Order topics carry the whole order; what only names one is a hint.
pub(crate) fn take(hook: &Webhook<Verified>) -> Result<Vec<Event>, Wrong> {
    let topic = hook.header("x-shopify-topic").unwrap_or_default();
    let complete = matches!(
        topic,
        "orders/create"
            | "orders/updated"
            | "orders/paid"
            | "orders/cancelled"
            | "orders/fulfilled"
            | "orders/partially_fulfilled"
    );
    let body = Json::parse(hook.body())?.object()?;
    let Some(ext_id) = order_of(topic, complete, &body)? else { return Ok(Vec::new()) };
    let event_id = match hook.header("x-shopify-webhook-id").filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None => sign::hex(&sign::sha256(&[topic.as_bytes(), b"\n", hook.body()])),
    };
    let document = Bytes::clone(hook.body());
    Ok(vec![Event { event_id, topic: topic.to_owned(), ext_id, complete, document, seller: String::new() }])
}

fn order_of(topic: &str, complete: bool, body: &Object<'_>) -> Result<Option<String>, Wrong> {
    match topic {
        _ if complete => body.need("id")?.id().map(Some),
        "orders/delete" => body.need("id")?.id().map(Some),
        "orders/edited" => body.object("order_edit")?.need("order_id")?.id().map(Some),
        "refunds/create" | "fulfillments/create" | "fulfillments/update" => body.need("order_id")?.id().map(Some),
        _ => Ok(None),
    }
}

/// Shopify looks at the status alone. A proven body that cannot be read is acknowledged: eight failures in a row would
/// make Shopify delete the subscription, and the list finds the order.
pub(crate) fn answer(said: &Said) -> Reply {
    let status = match said {
        Said::Stored | Said::Malformed(_) | Said::Refused(Refusal::Ping) => http::StatusCode::OK,
        Said::Refused(Refusal::Signature | Refusal::Stale | Refusal::UnknownAccount) => http::StatusCode::UNAUTHORIZED,
        Said::TooLarge => http::StatusCode::PAYLOAD_TOO_LARGE,
        Said::Busy => http::StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut reply = Reply::new(Bytes::new());
    *reply.status_mut() = status;
    if status == http::StatusCode::SERVICE_UNAVAILABLE {
        reply.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
    }
    reply
}
