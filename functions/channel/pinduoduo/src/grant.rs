//! Being let into a shop.

use crate::api::failure;
use bytes::Bytes;
use huidan_channel::{Grant, Granted};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Account, Call, CallError, Effect, Next, Reply, Request, fault, pairs, unreadable};
use serde_json::json;
use std::collections::BTreeMap;

/// The page on which the shop's main account lets the application in.
pub(crate) fn page(shop: &Account, state: &str, back_to: &str) -> Result<String, CallError> {
    let asked = pairs::to_form([
        ("response_type", "code"),
        ("client_id", shop.credentials.need("client_id")?),
        ("redirect_uri", back_to),
        ("state", state),
    ]);
    Ok(format!("{}/service-market/auth?{asked}", shop.origin("page")?))
}

/// A token for the code, or a new one for the refresh token.
pub(crate) fn grant(call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
    match call.replies.first() {
        None => request(call, by).map(Next::Send),
        Some(reply) => granted(reply, by).map(Next::Done),
    }
}

fn request(call: &Call<'_>, by: &Grant) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (client_id, client_secret) = (credentials.need("client_id")?, credentials.need("client_secret")?);
    let body = match by {
        Grant::Code { code, back_to, .. } => json!({
            "client_id": client_id, "client_secret": client_secret,
            "grant_type": "authorization_code", "code": code, "redirect_uri": back_to,
        }),
        Grant::Renewal => json!({
            "client_id": client_id, "client_secret": client_secret,
            "grant_type": "refresh_token", "refresh_token": credentials.need("refresh_token")?,
        }),
    };
    http::Request::post(format!("{}/oauth/token", call.account.origin("auth")?))
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.to_string()))
        .map_err(|_| CallError::Credentials {
            field: "auth".to_owned(),
            detail: "授权地址不是有效的网址 / the address that gives tokens is no address".to_owned(),
        })
}

fn granted(reply: &Reply, by: &Grant) -> Result<Granted, CallError> {
    // A code or refresh token that was used is gone, whether or not its answer came.
    let effect = Effect::Counts;
    let field = match by {
        Grant::Code { .. } => "code",
        Grant::Renewal => "refresh_token",
    };
    if let Some(error) = fault(reply, effect, field) {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let outer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    if let Some(error) = outer.get("error_response") {
        let said = failure(&error.object().map_err(lost)?, effect, &[]);
        return Err(match said {
            Ok(refused) => again(field, format!("{}（{}）", refused.words, refused.code)),
            Err(CallError::Credentials { field: token, detail }) if token == "access_token" => again(field, detail),
            Err(other) => other,
        });
    }
    opened(&outer).map_err(lost)
}

/// A person has to let us in again.
fn again(field: &str, said: String) -> CallError {
    CallError::Credentials { field: field.to_owned(), detail: format!("请重新授权 / authorise again: {said}") }
}

fn opened(given: &Object<'_>) -> Result<Granted, Wrong> {
    let mut credentials = BTreeMap::new();
    credentials.insert("access_token".to_owned(), given.need("access_token")?.id()?);
    for name in ["refresh_token", "owner_id"] {
        let value = given.id(name)?;
        if !value.is_empty() {
            credentials.insert(name.to_owned(), value);
        }
    }
    let lives_s = given.get("expires_in").map(|seconds| seconds.whole()).transpose()?;
    Ok(Granted { credentials, lives_s })
}
