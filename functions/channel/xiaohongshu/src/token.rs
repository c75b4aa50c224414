//! Being let into a shop: the page, the code, the renewal.
//!
//! A renewal more than half an hour before the end gives the same token back with the time that it has left; only then
//! a new one comes. So what counts is the time of the end that the platform names.

use crate::api::{self, Answer};
use huidan_channel::{Grant, Granted};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Account, Call, CallError, Effect, Next, Request, pairs, unclear, unreadable};
use serde_json::json;
use std::collections::BTreeMap;

/// Where the shop's main account lets the application in.
pub(crate) fn page(shop: &Account, state: &str, back_to: &str) -> Result<String, CallError> {
    let query =
        pairs::to_form([("appId", shop.credentials.need("app_id")?), ("redirectUri", back_to), ("state", state)]);
    Ok(format!("{}/ark/authorization?{query}", shop.gateway))
}

/// Gets a token, or the next one.
pub(crate) fn grant(call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
    let Some(reply) = call.replies.first() else { return ask(call, by).map(Next::Send) };
    // Its answer lost, a renewal may have used the refresh token up.
    let effect = Effect::Counts;
    match api::answer(reply, effect, &[]).map_err(of_the_refresh_token)? {
        Answer::Refused(refused) => Err(CallError::Credentials {
            field: "refresh_token".to_owned(),
            detail: format!("请重新授权 / authorise again: {}（{}）", refused.words, refused.code),
        }),
        Answer::Given(None) => Err(unclear(effect, "应答没有 data / an answer without data")),
        Answer::Given(Some(data)) => {
            let lost = |wrong: Wrong| unreadable(&wrong, effect);
            granted(call, &data.object().map_err(lost)?).map_err(lost)?.map(Next::Done)
        }
    }
}

fn ask(call: &Call<'_>, by: &Grant) -> Result<Request, CallError> {
    match by {
        Grant::Code { code, .. } => api::request_for_token(call, "oauth.getAccessToken", json!({ "code": code })),
        Grant::Renewal => {
            let token = call.account.credentials.need("refresh_token")?;
            api::request_for_token(call, "oauth.refreshToken", json!({ "refreshToken": token }))
        }
    }
}

/// No call here carries an access token: what is said of one is said of the refresh token or the code.
fn of_the_refresh_token(error: CallError) -> CallError {
    match error {
        CallError::Credentials { field, detail } if field == "access_token" => {
            CallError::Credentials { field: "refresh_token".to_owned(), detail }
        }
        other => other,
    }
}

fn granted(call: &Call<'_>, data: &Object<'_>) -> Result<Result<Granted, CallError>, Wrong> {
    let seller = data.need("sellerId")?.id()?;
    let known = call.account.credentials.optional("seller_id");
    if known.is_some_and(|known| known != seller) {
        return Ok(Err(CallError::Credentials {
            field: "seller_id".to_owned(),
            detail: "授权的是另一家店铺，请用本店主账号登录后重新授权 / another shop was authorised: log in with this shop's \
                     main account and begin again"
                .to_owned(),
        }));
    }
    let ends_at: i64 = data.need("accessTokenExpiresAt")?.whole()?;
    let credentials = BTreeMap::from([
        ("access_token".to_owned(), data.need("accessToken")?.id()?),
        ("refresh_token".to_owned(), data.need("refreshToken")?.id()?),
        ("seller_id".to_owned(), seller),
    ]);
    let left = ends_at.saturating_sub(call.now.0).div_euclid(1000);
    Ok(Ok(Granted { credentials, lives_s: (left > 0).then_some(left) }))
}
