//! Being let into a shop: the platform's page, and tokens.

use huidan_channel::{Grant, Granted};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Account, Call, CallError, Effect, Next, Reply, Request, fault, pairs, redact, unreadable};
use std::collections::BTreeMap;

/// The page on which a person lets us in.
pub(crate) fn page(shop: &Account, state: &str, back_to: &str) -> Result<String, CallError> {
    let query = pairs::to_form([
        ("app_key", shop.credentials.need("app_key")?),
        ("response_type", "code"),
        ("redirect_uri", back_to),
        ("state", state),
        ("scope", "snsapi_base"),
    ]);
    Ok(format!("{}/oauth2/to_login?{query}", shop.origin("auth")?))
}

/// Asks for a token and reads it.
pub(crate) fn grant(call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
    match call.replies.first() {
        None => ask(call, by).map(Next::Send),
        Some(reply) => read(reply, by).map(Next::Done),
    }
}

/// The platform documents this as a `GET`; the address is that of its own server for tokens and of nobody else.
fn ask(call: &Call<'_>, by: &Grant) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (path, kind, name, value) = match by {
        Grant::Code { code, .. } => ("access_token", "authorization_code", "code", code.as_str()),
        Grant::Renewal => ("refresh_token", "refresh_token", "refresh_token", credentials.need("refresh_token")?),
    };
    let query = pairs::to_form([
        ("app_key", credentials.need("app_key")?),
        ("app_secret", credentials.need("app_secret")?),
        ("grant_type", kind),
        (name, value),
    ]);
    let address = format!("{}/oauth2/{path}?{query}", call.account.origin("auth")?);
    http::Request::get(address).body(bytes::Bytes::new()).map_err(|_| CallError::Credentials {
        field: "auth".to_owned(),
        detail: "授权地址不是有效的网址 / the address for tokens is no address".to_owned(),
    })
}

fn read(reply: &Reply, by: &Grant) -> Result<Granted, CallError> {
    // A code and a refresh token may be used up by an answer that was lost.
    let effect = Effect::Counts;
    if let Some(error) = fault(reply, effect, field(by)) {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let answer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    if answer.get("access_token").is_none() {
        return Err(refused(&answer, by).unwrap_or_else(lost));
    }
    granted(&answer).map_err(lost)
}

fn granted(answer: &Object<'_>) -> Result<Granted, Wrong> {
    let mut credentials = BTreeMap::from([("access_token".to_owned(), answer.need("access_token")?.text()?)]);
    let refresh = answer.text("refresh_token")?;
    if !refresh.is_empty() {
        credentials.insert("refresh_token".to_owned(), refresh);
    }
    let lives_s = answer.get("expires_in").map(|seconds| seconds.whole()).transpose()?;
    Ok(Granted { credentials, lives_s })
}

/// What the platform says instead of a token: a person has to let us in again.
fn refused(answer: &Object<'_>, by: &Grant) -> Result<CallError, Wrong> {
    let code = answer.need("code")?.id()?;
    let words = redact(&answer.text("msg")?, &[]);
    Ok(CallError::Credentials { field: field(by).to_owned(), detail: format!("{words}（{code}）") })
}

fn field(by: &Grant) -> &'static str {
    match by {
        Grant::Code { .. } => "app_secret",
        Grant::Renewal => "refresh_token",
    }
}
