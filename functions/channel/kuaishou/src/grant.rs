//! Being let into a shop. A refresh token works once: each renewal brings the next one.

use crate::meaning::{self, Meaning};
use huidan_channel::{Grant, Granted};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{
    Account, Call, CallError, Effect, Next, Reply, Request, fault, pairs, redact, unclear, unreadable,
};
use std::collections::BTreeMap;

const SCOPE: &str = "merchant_order,merchant_refund,merchant_item,merchant_logistics";

/// The page on which the shop's owner lets the application in.
pub(crate) fn page(shop: &Account, state: &str, back_to: &str) -> Result<String, CallError> {
    let query = pairs::to_form([
        ("app_id", shop.credentials.need("app_key")?),
        ("redirect_uri", back_to),
        ("scope", shop.credentials.optional("scope").unwrap_or(SCOPE)),
        ("response_type", "code"),
        ("state", state),
    ]);
    Ok(format!("{}/oauth/authorize?{query}", shop.origin("page")?))
}

/// A token for the code, or for the refresh token.
pub(crate) fn grant(call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
    match call.replies.first() {
        None => request(call, by).map(Next::Send),
        Some(reply) => granted(call, reply, by).map(Next::Done),
    }
}

/// The code goes by `GET` and the renewal by `POST`, as the platform's page has it.
fn request(call: &Call<'_>, by: &Grant) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (app, secret) = (credentials.need("app_key")?, credentials.need("app_secret")?);
    let gateway = &call.account.gateway;
    match by {
        Grant::Code { code, .. } => {
            let query =
                pairs::to_form([("app_id", app), ("app_secret", secret), ("grant_type", "code"), ("code", code)]);
            http::Request::get(format!("{gateway}/oauth2/access_token?{query}")).body(bytes::Bytes::new()).map_err(
                |_| CallError::Credentials {
                    field: "base_url".to_owned(),
                    detail: "网关地址不是有效的网址 / the gateway's address is no address".to_owned(),
                },
            )
        }
        Grant::Renewal => pairs::post_form(
            &format!("{gateway}/oauth2/refresh_token"),
            [
                ("app_id", app),
                ("app_secret", secret),
                ("grant_type", "refresh_token"),
                ("refresh_token", credentials.need("refresh_token")?),
            ],
        ),
    }
}

/// What is lost here is lost for good: the code and the refresh token are used up either way.
fn granted(call: &Call<'_>, reply: &Reply, by: &Grant) -> Result<Granted, CallError> {
    if let Some(error) = fault(reply, Effect::Counts, "app_secret") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Counts);
    let given = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let result = given.need("result").and_then(|result| result.id()).map_err(lost)?;
    if result != "1" {
        return Err(refused(call, &given, &result, by));
    }
    let mut credentials = BTreeMap::new();
    for name in ["access_token", "refresh_token"] {
        let token = given.need(name).and_then(|token| token.id()).map_err(lost)?;
        credentials.insert(name.to_owned(), token);
    }
    // A renewal may leave it out.
    let open_id = given.text("open_id").map_err(lost)?;
    if !open_id.is_empty() {
        credentials.insert("open_id".to_owned(), open_id);
    }
    let lives_s = given.get("expires_in").map(|seconds| seconds.whole()).transpose().map_err(lost)?;
    Ok(Granted { credentials, lives_s })
}

fn refused(call: &Call<'_>, given: &Object<'_>, result: &str, by: &Grant) -> CallError {
    let credentials = &call.account.credentials;
    let secrets = ["app_secret", "refresh_token"].map(|name| credentials.optional(name).unwrap_or_default());
    let said = |name: &str| given.text(name).unwrap_or_default();
    let words = redact(&format!("{} {}", said("error"), said("error_msg")), &secrets);
    let detail = format!("{}（{result}）", words.trim());
    let field = match (meaning::of(&[result], &words), by) {
        (Some(Meaning::Failing), _) => return unclear(Effect::Counts, detail),
        (Some(Meaning::Limited), _) => return CallError::Limited { after_s: None },
        (Some(Meaning::Key), _) => "app_key",
        (_, Grant::Code { .. }) => "code",
        (_, Grant::Renewal) => "refresh_token",
    };
    CallError::Credentials { field: field.to_owned(), detail }
}
