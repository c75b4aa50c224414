//! The token of calls. WeChat knows one per app, and a new one of the plain call ends the old one everywhere; the
//! stable call gives the same to everybody until it ends.

use crate::api;
use huidan_channel::{Grant, Granted};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Effect, Next, rejected, unreadable};
use serde_json::json;

const STABLE: &str = "/cgi-bin/stable_token";

/// The app's own credentials are all that is asked for; there is no page.
pub(crate) fn grant(call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
    if matches!(by, Grant::Code { .. }) {
        return Err(rejected(
            "no_grant_page",
            "微信小店没有授权页面，请填写 AppID 与 AppSecret / a WeChat shop has no such page: enter AppID and AppSecret",
        ));
    }
    let Some(reply) = call.replies.first() else {
        let credentials = &call.account.credentials;
        let body = json!({
            "grant_type": "client_credential",
            "appid": credentials.need("appid")?,
            "secret": credentials.need("secret")?,
            "force_refresh": false,
        });
        return api::bare(call, STABLE, &body).map(Next::Send);
    };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let envelope = api::opened(reply, Effect::Harmless)?;
    // A token comes without a code; a code comes without a token.
    if let Some(code) = envelope.get("errcode") {
        let code: i64 = code.whole().map_err(lost)?;
        if code != 0 {
            return Err(api::failure(call, &envelope, code, Effect::Harmless, &[])?.rejected());
        }
    }
    let token = envelope.need("access_token").and_then(|token| token.id()).map_err(lost)?;
    let lives_s: i64 = envelope.need("expires_in").and_then(|life| life.whole()).map_err(lost)?;
    Ok(Next::Done(Granted { credentials: [("access_token".to_owned(), token)].into(), lives_s: Some(lives_s) }))
}
