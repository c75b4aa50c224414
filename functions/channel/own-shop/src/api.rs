//! One signed call to the site and what its reply amounts to.

use crate::sign::{NONCE, SIGNATURE, TIMESTAMP, signature};
use bytes::Bytes;
use http::{Method, Uri, header};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, unclear};
use serde_json::Value;
use url::form_urlencoded;

/// Whether the site can be called: a shop without an address only sends.
pub(crate) fn is_reachable(call: &Call<'_>) -> bool {
    call.account.home().is_ok()
}

/// A signed request below `/huidan/v1`.
pub(crate) fn request(call: &Call<'_>, method: Method, path: &str, body: Option<Value>) -> Result<Request, CallError> {
    let base = call.account.home()?;
    let secret = call.account.credentials.need("webhook_secret")?;
    let wrong = || CallError::Credentials {
        field: "base_url".to_owned(),
        detail: "不是有效的网址 / is no address".to_owned(),
    };
    let uri: Uri = format!("{base}/huidan/v1/{path}").parse().map_err(|_| wrong())?;
    let asked = uri.path_and_query().map(ToString::to_string).ok_or_else(wrong)?;
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let timestamp = call.now.0.div_euclid(1000).to_string();
    // Each request of an operation has a nonce of its own.
    let nonce = format!("{}-{}", call.nonce, call.replies.len());
    let said: [&[u8]; 5] = [method.as_str().as_bytes(), b" ", asked.as_bytes(), b".", body.as_bytes()];
    let signed = signature(secret, &timestamp, &nonce, &said);
    let mut request = http::Request::builder().method(method).uri(uri);
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request
        .header(TIMESTAMP, timestamp)
        .header(NONCE, nonce)
        .header(SIGNATURE, signed)
        .body(Bytes::from(body))
        .map_err(|_| wrong())
}

/// What the site said.
pub(crate) enum Answer<'a> {
    /// 2xx with this.
    Yes(Json<'a>),
    /// 404: it has no such thing.
    Missing,
    /// 409: it understood and will not; the text is its `error`.
    Conflict(String),
}

/// What a reply amounts to.
pub(crate) fn answer(reply: &Reply) -> Result<Answer<'_>, CallError> {
    if let Some(error) = fault(reply, Effect::Harmless, "webhook_secret") {
        return Err(error);
    }
    let json = Json::parse(reply.body());
    if reply.status().is_success() {
        return json.map(Answer::Yes).map_err(|wrong| unreadable(&wrong));
    }
    let said = json.and_then(|json| json.object()?.text("error"));
    match (reply.status().as_u16(), said) {
        (404, Ok(_)) => Ok(Answer::Missing),
        (409, said) => Ok(Answer::Conflict(said.unwrap_or_default())),
        // A page of the web site and not an answer of the protocol.
        (404, Err(_)) => Err(CallError::Credentials {
            field: "base_url".to_owned(),
            detail: "该地址没有 /huidan/v1 接口 / there is no /huidan/v1 at this address".to_owned(),
        }),
        (status, said) => Err(CallError::Rejected {
            code: format!("http_{status}"),
            remedy: huidan_exchange::redact(&said.unwrap_or_default(), &[]),
        }),
    }
}

/// Whether an answer says `{"ok":true}`.
pub(crate) fn says_ok(json: &Json<'_>) -> Result<bool, Wrong> {
    json.object()?.need("ok")?.flag()
}

/// An answer that is not what it should be. Every call of the protocol may be repeated.
pub(crate) fn unreadable(wrong: &Wrong) -> CallError {
    unclear(Effect::Harmless, format!("unreadable answer: {wrong}"))
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
