//! Calls to the gateway: plain HTTP with a token in a header; JSON both ways.

use crate::errors::{self, Refused};
use bytes::Bytes;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, time, unreadable};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What a path may hold unescaped.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The platform wants to know who asks.
const AGENT: &str = concat!("Huidan/", env!("CARGO_PKG_VERSION"), " (Language=Rust)");

/// What was answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// The body.
    Given(Object<'a>),
    /// It understood and refused.
    Refused(Refused),
}

/// An id or a code of the seller as a part of a path.
pub(crate) fn in_path(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// The shop's own token.
pub(crate) fn token<'a>(call: &Call<'a>) -> Result<&'a str, CallError> {
    call.account.credentials.need("access_token")
}

/// A `GET`.
pub(crate) fn get(call: &Call<'_>, path: &str, token: &str) -> Result<Request, CallError> {
    request(call, http::Method::GET, path, token, None)
}

/// A call with a body.
pub(crate) fn send(call: &Call<'_>, method: http::Method, path: &str, body: &Value) -> Result<Request, CallError> {
    request(call, method, path, token(call)?, Some(body))
}

fn request(
    call: &Call<'_>,
    method: http::Method,
    path: &str,
    token: &str,
    body: Option<&Value>,
) -> Result<Request, CallError> {
    let wrong =
        |field: &str, detail: &str| CallError::Credentials { field: field.to_owned(), detail: detail.to_owned() };
    let token = http::HeaderValue::from_str(token)
        .map_err(|_| wrong("access_token", "令牌含有不能发送的字符 / the token cannot be sent as a header"))?;
    let address = format!("{}{path}", gateway(call)?);
    let builder = http::Request::builder()
        .method(method)
        .uri(address)
        .header("x-amz-access-token", token)
        .header("x-amz-date", stamp(call))
        .header(http::header::USER_AGENT, AGENT)
        .header(http::header::ACCEPT, "application/json");
    let built = match body {
        Some(body) => {
            builder.header(http::header::CONTENT_TYPE, "application/json").body(Bytes::from(body.to_string()))
        }
        None => builder.body(Bytes::new()),
    };
    built.map_err(|_| wrong("base_url", "网关地址不是有效的网址 / the gateway's address is no address"))
}

/// The gateway of the shop's region.
fn gateway<'a>(call: &Call<'a>) -> Result<&'a str, CallError> {
    match call.account.credentials.optional("region").unwrap_or("na") {
        "na" => Ok(&call.account.gateway),
        region @ ("eu" | "fe") => call.account.origin(region),
        _ => Err(CallError::Credentials {
            field: "region".to_owned(),
            detail: "应为 na、eu 或 fe / must be na, eu or fe".to_owned(),
        }),
    }
}

/// `20261121T080005Z`.
fn stamp(call: &Call<'_>) -> String {
    time::to_rfc3339(call.now).replace(['-', ':'], "")
}

/// Opens an answer. Only a 2xx with a body that says no error is one.
pub(crate) fn answer(reply: &Reply, effect: Effect) -> Result<Answer<'_>, CallError> {
    if !reply.status().is_success() {
        return errors::failure(reply, effect).map(Answer::Refused);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let body = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    match body.get("errors").is_some_and(|errors| errors.raw() != "[]") {
        true => errors::failure(reply, effect).map(Answer::Refused),
        false => Ok(Answer::Given(body)),
    }
}

/// The same for answers whose inside is called `payload`.
pub(crate) fn payload(reply: &Reply, effect: Effect) -> Result<Answer<'_>, CallError> {
    match answer(reply, effect)? {
        Answer::Given(body) => body
            .need("payload")
            .and_then(|inside| inside.object())
            .map(Answer::Given)
            .map_err(|wrong| unreadable(&wrong, effect)),
        refused @ Answer::Refused(_) => Ok(refused),
    }
}
