//! Pushed messages: who sent them, what they announce, what WeChat wants to hear.

use crate::message::{self, Fields};
use bytes::Bytes;
use huidan_channel::Event;
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign};

/// SHA-1 over the sorted texts, one after the other. `signature` is over the parameters alone; that of a sealed message
/// (`msg_signature`) is over its sealed text too. A shop with a key takes sealed messages only: of an open one nothing
/// but the parameters is signed.
pub(crate) fn verify(hook: Webhook<Unverified>, shop: &Account) -> Result<Webhook<Verified>, Refusal> {
    let token = shop.credentials.optional("token").ok_or(Refusal::Signature)?;
    let given = |name: &str| parameter(&hook, name).unwrap_or_default();
    let (timestamp, nonce) = (given("timestamp"), given("nonce"));
    let knock = parameter(&hook, "echostr").is_some();
    let sealed =
        !knock && (shop.credentials.optional("encoding_aes_key").is_some() || hook.query("msg_signature").is_some());
    let (expected, given) = if sealed {
        // The sealed text is looked for before its sender is proven: nothing else says what was signed.
        let fields = Fields::read(hook.signed_bytes()).ok_or(Refusal::Signature)?;
        let encrypt = fields.get("Encrypt").ok_or(Refusal::Signature)?;
        (signature(vec![token, &timestamp, &nonce, encrypt]), given("msg_signature"))
    } else {
        (signature(vec![token, &timestamp, &nonce]), given("signature"))
    };
    if knock && !hook.signed_bytes().is_empty() {
        return Err(Refusal::Signature);
    }
    let proof = sign::same(&expected, &given).ok_or(Refusal::Signature)?;
    Ok(hook.accept(proof))
}

/// Lower-case hex. The order is that of texts, not of numbers.
fn signature(mut texts: Vec<&str>) -> String {
    texts.sort_unstable();
    sign::hex(&sign::sha1(&texts.iter().map(|text| text.as_bytes()).collect::<Vec<_>>()))
}

/// A parameter of the query, decoded.
fn parameter<Trust>(hook: &Webhook<Trust>, name: &str) -> Option<String> {
    let (_, query) = hook.path_and_query().split_once('?')?;
    pairs::from_form(query.as_bytes(), name)
}

/// By `echostr` WeChat tries the address when it is entered: it wants the same text back, bare.
pub(crate) fn echo(hook: &Webhook<Verified>) -> Option<Reply> {
    let text = parameter(hook, "echostr")?;
    let mut reply = Reply::new(Bytes::from(text));
    let plain = http::HeaderValue::from_static("text/plain; charset=utf-8");
    reply.headers_mut().insert(http::header::CONTENT_TYPE, plain);
    Some(reply)
}

/// Where each event keeps the order it is about. Every event is a hint: it tells of the order, not what it is.
fn order_of(event: &str) -> Option<&'static str> {
    match event {
        "channels_ec_aftersale_update" => Some("finder_shop_aftersale_status_update"),
        order if order.starts_with("channels_ec_order_") => Some("order_info"),
        _ => None,
    }
}

/// What a proven message announces.
pub(crate) fn take(hook: &Webhook<Verified>, shop: &Account) -> Result<Vec<Event>, String> {
    if hook.body().is_empty() {
        return Ok(Vec::new());
    }
    let outer = Fields::read(hook.body()).ok_or("消息既不是 JSON 也不是 XML / neither JSON nor XML")?;
    let (message, fields) = match outer.get("Encrypt") {
        None => (hook.body().clone(), outer),
        Some(sealed) => {
            let text = |name: &str| shop.credentials.optional(name).unwrap_or_default();
            let message = message::open(text("encoding_aes_key"), text("appid"), sealed)?;
            let fields =
                Fields::read(&message).ok_or("密文里既不是 JSON 也不是 XML / neither JSON nor XML was sealed")?;
            (message, fields)
        }
    };
    let topic = fields.get("Event").unwrap_or_default();
    let Some(object) = order_of(topic) else { return Ok(Vec::new()) };
    let of = |name: &str| fields.get(&format!("{object}/{name}"));
    let ext_id = of("order_id").ok_or_else(|| format!("{object}.order_id: is missing"))?;
    // WeChat tells repeats by sender, time, event and order; the order says who sent it, and two kinds of news of one
    // second are two events.
    let about = [of("after_sale_order_id"), of("status"), of("type")].map(Option::unwrap_or_default).join("/");
    let event_id = format!("{topic}/{ext_id}/{}/{about}", fields.get("CreateTime").unwrap_or_default());
    Ok(vec![Event {
        event_id,
        topic: topic.to_owned(),
        ext_id: ext_id.to_owned(),
        complete: false,
        document: message,
        seller: String::new(),
    }])
}

/// WeChat wants to read `success` within five seconds, and comes again a few times for everything else.
pub(crate) fn answer(said: &Said) -> Reply {
    let (status, text) = match said {
        Said::Stored | Said::Refused(Refusal::Ping) => (http::StatusCode::OK, "success"),
        Said::Refused(Refusal::Signature | Refusal::Stale) => (http::StatusCode::UNAUTHORIZED, "signature"),
        Said::Refused(Refusal::UnknownAccount) => (http::StatusCode::NOT_FOUND, "no such shop"),
        Said::Malformed(_) => (http::StatusCode::UNPROCESSABLE_ENTITY, "unreadable"),
        Said::TooLarge => (http::StatusCode::PAYLOAD_TOO_LARGE, "too large"),
        Said::Busy => (http::StatusCode::SERVICE_UNAVAILABLE, "busy"),
    };
    let mut reply = Reply::new(Bytes::from_static(text.as_bytes()));
    *reply.status_mut() = status;
    reply
}
