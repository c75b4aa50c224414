//! Pushed messages: the body is Base64 of AES-CBC, and nothing is signed.
//!
//! That a body opens with the application's key to the platform's own envelope tells that somebody who has the key
//! sealed it once. It does not tell that nobody changed or repeated it since, so a message is a hint and never an
//! order: what it names is fetched.

use bytes::Bytes;
use huidan_channel::Event;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Account, Proof, Refusal, Reply, Said, Unverified, Verified, Webhook, cipher, sign};

/// What the name of every event begins with.
const FAMILY: &str = "kwaishop_";
/// The platform seals every message with the same vector.
const VECTOR: [u8; 16] = [0; 16];

/// Compares what a body opens to with what only the platform's envelope holds. Every failure looks alike from outside,
/// so that nobody learns by trying where the padding of a forgery ends.
pub(crate) fn verify(hook: Webhook<Unverified>, shop: &Account) -> Result<Webhook<Verified>, Refusal> {
    let proof = opened(hook.signed_bytes(), shop).and_then(|text| evidence(&text, shop)).ok_or(Refusal::Signature)?;
    Ok(hook.accept(proof))
}

fn opened(body: &[u8], shop: &Account) -> Option<Vec<u8>> {
    let key = sign::from_base64(shop.credentials.optional("msg_secret")?)?;
    let sealed = sign::from_base64(std::str::from_utf8(body).ok()?.trim())?;
    cipher::open_cbc(&key, &VECTOR, &sealed, 16)
}

fn evidence(text: &[u8], shop: &Account) -> Option<Proof> {
    let envelope = Json::parse(text).and_then(|json| json.object()).ok()?;
    if let Some(app) = envelope.get("appKey") {
        sign::same(shop.credentials.optional("app_key")?, &app.text().ok()?)?;
    }
    // The heartbeat by which the platform tries the address holds nothing but this.
    if let Some(test) = envelope.get("test").filter(|test| test.raw() == "true") {
        return sign::same("true", test.raw());
    }
    let event = envelope.text("event").ok()?;
    sign::same(FAMILY, event.get(..FAMILY.len())?)
}

/// The order that a message names; nothing for a heartbeat or a topic of no interest.
pub(crate) fn take(hook: &Webhook<Verified>, shop: &Account) -> Result<Vec<Event>, Wrong> {
    let text = opened(hook.body(), shop).ok_or_else(|| Wrong::at("", "does not open with the shop's msg_secret"))?;
    let envelope = Json::parse(&text)?.object()?;
    let topic = envelope.text("event")?;
    let of_orders = topic.starts_with("kwaishop_order_") || topic.starts_with("kwaishop_aftersales_");
    if envelope.flag("test")? || !of_orders {
        return Ok(Vec::new());
    }
    let info = envelope.text("info")?;
    let Some(ext_id) = order_of(&topic, &envelope, &info)? else { return Ok(Vec::new()) };
    let event_id = match envelope.id("eventId") {
        Ok(id) if !id.is_empty() => id,
        _ => sign::hex(&sign::sha256(&[&text])),
    };
    let seller = envelope.text("openId")?;
    Ok(vec![Event { event_id, topic, ext_id, complete: false, document: Bytes::from(info), seller }])
}

/// `info` is JSON inside a string. It calls the order `oid` or `orderId`; where it does neither, the envelope's
/// `bizId` is the order, except for an after-sale, where it is the refund.
fn order_of(topic: &str, envelope: &Object<'_>, info: &str) -> Result<Option<String>, Wrong> {
    if !info.is_empty() {
        let inside = |wrong: Wrong| Wrong::at(format!("info.{}", wrong.field), wrong.detail);
        let info = Json::parse(info.as_bytes()).and_then(|json| json.object()).map_err(inside)?;
        if let Some(id) = info.get("oid").or_else(|| info.get("orderId")) {
            return id.id().map(Some).map_err(inside);
        }
    }
    match envelope.get("bizId").filter(|_| topic.starts_with("kwaishop_order_")) {
        Some(id) => id.id().map(Some),
        None => Ok(None),
    }
}

/// A message that is not acknowledged is sent five times more, within two hours, and an address that does not answer is
/// switched off. So what cannot be read is acknowledged: the list finds the order.
pub(crate) fn answer(said: &Said) -> Reply {
    let (status, result) = match said {
        Said::Stored | Said::Malformed(_) | Said::Refused(Refusal::Ping) => (http::StatusCode::OK, 1),
        Said::Refused(Refusal::Signature | Refusal::Stale | Refusal::UnknownAccount) => {
            (http::StatusCode::UNAUTHORIZED, 0)
        }
        Said::TooLarge => (http::StatusCode::PAYLOAD_TOO_LARGE, 0),
        Said::Busy => (http::StatusCode::SERVICE_UNAVAILABLE, 0),
    };
    let mut reply = Reply::new(Bytes::from(format!("{{\"result\":{result}}}")));
    *reply.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json;charset=utf-8");
    reply.headers_mut().insert(http::header::CONTENT_TYPE, json);
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use huidan_exchange::Credentials;

    const SEALED: &str = "toKOWfsEk0pUDe6dmuVsAsQb4szEAyoaLiMQnDkNbdfmPzMRvLVI0vPmCPF79I3RZZC7CzK+lMrPF1d5MwLfp3NFxLYF6wqtwqN2lfaFF4PoaMytXGcsjvZsVnPUWWi1oilkyur4WBmzkrsBrPkwETHUBqP07e69OJrmTAc7t6ItqRycNtqV0OUIVf7qeWBP3SbNChvtfsKPyVIcjeEOOysgPImS+/1euys490WccQPW3omp6rkYYwW3yRr4J1qcvb4zND53fScALcmHO9hBdQ==";
    const TEXT: &str = r#"{"eventId":"1","msgId":"2","bizId":2607602240240301,"event":"kwaishop_order_paySuccess","info":"{\"oid\":2607602240240301,\"sellerId\":1,\"status\":30,\"updateTime\":1700000000000}","test":false}"#;

    #[test]
    fn the_vector_opens() {
        let values = [("msg_secret".to_owned(), "MDEyMzQ1Njc4OWFiY2RlZg==".to_owned())];
        let shop = Account {
            id: "shop-1".to_owned(),
            gateway: String::new(),
            base_url: None,
            origins: std::collections::BTreeMap::new(),
            credentials: Credentials::new(values.into()),
        };
        assert_eq!(opened(SEALED.as_bytes(), &shop).unwrap(), TEXT.as_bytes());
        assert!(evidence(TEXT.as_bytes(), &shop).is_some());
    }
}
