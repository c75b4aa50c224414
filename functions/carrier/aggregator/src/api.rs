//! What all four services have in common: JSON, a key in a header, and statuses that mean what they say.

use bytes::Bytes;
use http::{HeaderValue, Method};
use huidan_carrier::common::written;
use huidan_carrier::{Scan, ScanKind};
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, redact, unclear};
use serde_json::Value;

/// What a code of a service means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It is as it was asked to be, and was so before.
    Stands,
    /// Nothing is known of the number.
    Nothing,
    /// The key is wrong, or not allowed this.
    Key,
    /// The package is used up.
    Limited,
    /// The service itself failed.
    Later,
}

/// A call with the account's key in the header `name`; `shown` makes the header's value of it.
pub(crate) fn request(
    call: &Call<'_>,
    (method, url): (Method, String),
    (name, shown): (&'static str, fn(&str) -> String),
    body: Option<&Value>,
) -> Result<Request, CallError> {
    let bad = |field: &str| CallError::Credentials {
        field: field.to_owned(),
        detail: "含有不能发送的字符 / holds what cannot be sent".to_owned(),
    };
    let mut key =
        HeaderValue::from_str(&shown(call.account.credentials.need("api_key")?)).map_err(|_| bad("api_key"))?;
    key.set_sensitive(true);
    let content = body.map(written).transpose()?.map(Bytes::from).unwrap_or_default();
    http::Request::builder()
        .method(method)
        .uri(url)
        .header(name, key)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(content)
        .map_err(|_| bad("base_url"))
}

/// A key as it is.
pub(crate) fn bare(key: &str) -> String {
    key.to_owned()
}

/// The document of an answer. 402 is how a service says that the package is used up.
pub(crate) fn opened(reply: &Reply) -> Result<Object<'_>, CallError> {
    if reply.status().as_u16() == 402 {
        return Err(CallError::Limited { after_s: None });
    }
    if let Some(error) = fault(reply, Effect::Harmless, "api_key") {
        return Err(error);
    }
    Json::parse(reply.body()).and_then(|json| json.object()).map_err(|wrong| unreadable(&wrong))
}

/// A code that is no success, as an error.
pub(crate) fn failed(service: &str, code: &str, words: &str, table: &[(&str, Meaning)]) -> CallError {
    let words = redact(words, &[]);
    match table.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning) {
        Some(Meaning::Key) => CallError::Credentials {
            field: "api_key".to_owned(),
            detail: format!("{service} 拒绝：{words}（{code}）/ {service} refuses: {words} ({code})"),
        },
        Some(Meaning::Limited) => CallError::Limited { after_s: None },
        Some(Meaning::Later) => unclear(Effect::Harmless, format!("{service} {code}: {words}")),
        Some(Meaning::Stands | Meaning::Nothing) | None => CallError::Rejected {
            code: code.to_owned(),
            remedy: format!("{service}：{words}（{code}）/ {service} says: {words} ({code})"),
        },
    }
}

/// Whether a code has that meaning.
pub(crate) fn means(code: &str, meaning: Meaning, table: &[(&str, Meaning)]) -> bool {
    table.contains(&(code, meaning))
}

/// An answer that is none.
pub(crate) fn unreadable(wrong: &Wrong) -> CallError {
    huidan_exchange::unreadable(wrong, Effect::Harmless)
}

/// The news that nobody watches a number any more, told once for every reason; dated by what was heard last.
pub(crate) fn unwatched(number: &str, code: &str, reason: &str, scans: &[Scan]) -> Scan {
    Scan {
        number: number.to_owned(),
        event_id: format!("unwatched/{code}"),
        at: scans.iter().map(|scan| scan.at).max().unwrap_or(Millis(0)),
        kind: ScanKind::Unwatched,
        code: code.to_owned(),
        text: reason.to_owned(),
        place: String::new(),
    }
}
