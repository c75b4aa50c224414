//! The push: a form whose `sign` covers the text of its `param` and the salt of the subscription. Every push holds all
//! scans of its number.

use crate::{read, sign};
use huidan_carrier::Scan;
use huidan_carrier::common::{JSON, acknowledged};
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign::same};

/// Compares the signature; it is documented in capitals and seen in small letters.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let salt = account.credentials.optional("salt").ok_or(Refusal::Signature)?;
    let field = |name| pairs::from_form(push.signed_bytes(), name).ok_or(Refusal::Signature);
    let expected = sign::push(&field("param")?, salt);
    let proof = same(&expected, &field("sign")?.to_ascii_uppercase()).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// The scans, and after `abort` the news that the number is watched no more.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let param = pairs::from_form(push.body(), "param").ok_or("param: is missing")?;
    pushed(&param).map_err(|wrong| format!("param: {wrong}"))
}

fn pushed(param: &str) -> Result<Vec<Scan>, Wrong> {
    let push = Json::parse(param.as_bytes())?.object()?;
    let status = push.need("status")?.text()?;
    let last = push.need("lastResult")?.object()?;
    if status != "abort" {
        return read::scans(&last);
    }
    let number = last.need("nu")?.id()?;
    let mut scans = if has_rows(&last)? { read::scans(&last)? } else { Vec::new() };
    // A push that ends a watch bears no time; where nothing was ever heard of the number there is none at all.
    let at = scans.iter().map(|scan| scan.at).max().unwrap_or(Millis(0));
    scans.push(read::unwatched(&number, at, &status, &reason(&push, &last)?));
    Ok(scans)
}

fn has_rows(result: &Object<'_>) -> Result<bool, Wrong> {
    Ok(!result.list("data")?.is_empty())
}

fn reason(push: &Object<'_>, last: &Object<'_>) -> Result<String, Wrong> {
    let words = push.text("message")?;
    if words.is_empty() { last.text("message") } else { Ok(words) }
}

/// What is not acknowledged comes three times more, 35 minutes apart.
pub(crate) fn answer(said: &Said) -> Reply {
    let stored = r#"{"result":true,"returnCode":"200","message":"成功"}"#;
    acknowledged(said, JSON, stored, r#"{"result":false,"returnCode":"500","message":"失败"}"#)
}
