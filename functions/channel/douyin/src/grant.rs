//! Being let into a shop. A tool application is let in on the platform's page and renews what it got; a self-use
//! application asks for a token of its own shop whenever it needs one.

use crate::api::{self, Answer};
use huidan_channel::{Grant, Granted};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Account, Call, CallError, Effect, Next, Reply, Request, pairs};
use serde_json::json;
use std::collections::BTreeMap;

const CREATE: &str = "token.create";
const REFRESH: &str = "token.refresh";
/// Seconds beyond which a span of life is really the instant of its end: 2001 in seconds since 1970.
const AN_INSTANT: i64 = 1_000_000_000;

/// The page. Where it sends the browser back to stands in the application's own settings at the platform.
pub(crate) fn page(shop: &Account, state: &str) -> Result<Option<String>, CallError> {
    let Some(service) = shop.credentials.optional("service_id") else {
        return match shop.credentials.optional("shop_id") {
            // Nobody need be asked: the application is the shop's own.
            Some(_) => Ok(None),
            None => Err(CallError::Credentials {
                field: "service_id".to_owned(),
                detail:
                    "工具型应用请填写 service_id，自用型应用请填写 shop_id / enter service_id of a tool application or \
                         shop_id for a self-use one"
                        .to_owned(),
            }),
        };
    };
    let query = pairs::to_form([("service_id", service), ("state", state)]);
    Ok(Some(format!("{}/authorize?{query}", shop.origin("auth")?)))
}

/// By the page's code; else by the refresh token; else, for a self-use application, by the shop's id.
pub(crate) fn grant(call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
    let credentials = &call.account.credentials;
    let mut replies = call.replies.iter();
    let own = credentials.optional("service_id").is_none().then(|| credentials.optional("shop_id")).flatten();
    match (by, credentials.optional("refresh_token"), own) {
        (Grant::Code { code, .. }, _, _) => by_code(call, code, replies.next()),
        (Grant::Renewal, Some(token), own) => {
            let parameters = json!({"grant_type": "refresh_token", "refresh_token": token});
            let Some(reply) = replies.next() else {
                return api::request_for_token(call, REFRESH, &parameters).map(Next::Send);
            };
            match (granted(call, reply), own) {
                // It has ended; the application may ask anew without anybody.
                (Err(CallError::Credentials { field, .. }), Some(shop)) if field == "refresh_token" => {
                    by_self(call, shop, replies.next())
                }
                (result, _) => result.map(Next::Done),
            }
        }
        (Grant::Renewal, None, Some(shop)) => by_self(call, shop, replies.next()),
        (Grant::Renewal, None, None) => Err(CallError::Credentials {
            field: "refresh_token".to_owned(),
            detail: "请打开授权页面重新授权 / let the application in again on the platform's page".to_owned(),
        }),
    }
}

fn by_code(call: &Call<'_>, code: &str, reply: Option<&Reply>) -> Result<Next<Granted>, CallError> {
    let ask = || created(call, &json!({"code": code, "grant_type": "authorization_code"}));
    reply.map_or_else(|| ask().map(Next::Send), |reply| granted(call, reply).map(Next::Done))
}

fn by_self(call: &Call<'_>, shop: &str, reply: Option<&Reply>) -> Result<Next<Granted>, CallError> {
    // `code` is wanted even where there is none.
    let ask = || created(call, &json!({"code": "", "grant_type": "authorization_self", "shop_id": shop}));
    reply.map_or_else(|| ask().map(Next::Send), |reply| granted(call, reply).map(Next::Done))
}

fn created(call: &Call<'_>, parameters: &serde_json::Value) -> Result<Request, CallError> {
    api::request_for_token(call, CREATE, parameters)
}

fn granted(call: &Call<'_>, reply: &Reply) -> Result<Granted, CallError> {
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(data) => token(call, &data).map_err(api::lost),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

fn token(call: &Call<'_>, data: &Object<'_>) -> Result<Granted, Wrong> {
    let mut credentials = BTreeMap::new();
    for (name, value) in [
        ("access_token", data.need("access_token")?.id()?),
        ("refresh_token", data.id("refresh_token")?),
        ("shop_id", data.id("shop_id")?),
    ] {
        if !value.is_empty() && value != "0" {
            credentials.insert(name.to_owned(), value);
        }
    }
    let until: Option<i64> = data.get("expires_in").map(|span| span.whole()).transpose()?;
    let now = call.now.0.div_euclid(1000);
    // The platform's pages call it both a span and an instant.
    let lives_s = until.map(|until| if until > AN_INSTANT { until.saturating_sub(now) } else { until });
    Ok(Granted { credentials, lives_s: lives_s.filter(|&span| span > 0) })
}
