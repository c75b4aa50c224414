//! Being let into a shop: the platform's page, and tokens of Login with Amazon.

use huidan_channel::{Grant, Granted};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Account, Call, CallError, Effect, Next, Reply, Request, fault, pairs, redact, unclear};
use std::collections::BTreeMap;

/// The page on which a person lets us in. A private application has none: its owner lets himself in at the console
/// and enters the refresh token.
pub(crate) fn page(shop: &Account, state: &str, back_to: &str) -> Result<String, CallError> {
    let mut query =
        vec![("application_id", shop.credentials.need("application_id")?), ("state", state), ("redirect_uri", back_to)];
    if let Some(version) = shop.credentials.optional("application_version") {
        query.push(("version", version));
    }
    Ok(format!("{}/apps/authorize/consent?{}", shop.origin("page")?, pairs::to_form(query)))
}

/// Asks for a token and reads it.
pub(crate) fn grant(call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
    match call.replies.first() {
        None => ask(call, by).map(Next::Send),
        Some(reply) => read(reply, by).map(Next::Done),
    }
}

fn ask(call: &Call<'_>, by: &Grant) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let mut form = match by {
        Grant::Code { code, back_to, .. } => {
            vec![("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", back_to.as_str())]
        }
        Grant::Renewal => {
            vec![("grant_type", "refresh_token"), ("refresh_token", credentials.need("refresh_token")?)]
        }
    };
    form.push(("client_id", credentials.need("client_id")?));
    form.push(("client_secret", credentials.need("client_secret")?));
    pairs::post_form(&format!("{}/auth/o2/token", call.account.origin("auth")?), form)
}

fn read(reply: &Reply, by: &Grant) -> Result<Granted, CallError> {
    // A code works once, so that a lost answer leaves it unknown; a refresh token works for ever.
    let effect = match by {
        Grant::Code { .. } => Effect::Counts,
        Grant::Renewal => Effect::Harmless,
    };
    let body = Json::parse(reply.body()).and_then(|json| json.object());
    if let Some(refused) = body.as_ref().ok().and_then(|body| refused(body, by)) {
        return Err(refused);
    }
    if let Some(error) = fault(reply, effect, "client_secret") {
        return Err(error);
    }
    let granted = body.and_then(|body| granted(&body, by)).map_err(|wrong| wrong.to_string());
    match reply.status().is_success() {
        true => granted.map_err(|wrong| unclear(effect, format!("应答无法读取 / unreadable answer: {wrong}"))),
        false => Err(unclear(effect, format!("HTTP {}", reply.status().as_u16()))),
    }
}

fn granted(answer: &Object<'_>, by: &Grant) -> Result<Granted, Wrong> {
    let mut credentials = BTreeMap::from([("access_token".to_owned(), answer.need("access_token")?.id()?)]);
    let refresh = answer.text("refresh_token")?;
    if !refresh.is_empty() {
        credentials.insert("refresh_token".to_owned(), refresh);
    }
    // Only the page says who the seller is; setting stock needs it.
    if let Grant::Code { more, .. } = by
        && let Some(seller) = more.get("selling_partner_id").filter(|id| is_seller(id))
    {
        credentials.insert("seller_id".to_owned(), seller.clone());
    }
    let lives_s = answer.get("expires_in").map(|seconds| seconds.whole()).transpose()?;
    Ok(Granted { credentials, lives_s })
}

/// A merchant token: it came by way of a browser, and stands in addresses later.
fn is_seller(id: &str) -> bool {
    (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What the platform says instead of a token, in the words of OAuth.
fn refused(answer: &Object<'_>, by: &Grant) -> Option<CallError> {
    let word = answer.text("error").ok().filter(|word| !word.is_empty())?;
    let words = redact(&answer.text("error_description").unwrap_or_default(), &[]);
    let detail = format!("{words} ({word})");
    let field = match (word.as_str(), by) {
        ("invalid_client" | "unauthorized_client", _) => "client_secret",
        ("server_error" | "temporarily_unavailable", _) => {
            return Some(CallError::Transient { after_s: None, detail });
        }
        (_, Grant::Renewal) => "refresh_token",
        (_, Grant::Code { .. }) => "client_id",
    };
    Some(CallError::Credentials { field: field.to_owned(), detail })
}
