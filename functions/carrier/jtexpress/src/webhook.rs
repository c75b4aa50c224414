//! The push: a form whose `bizContent` is signed in a header, as calls are.

use crate::{read, sign};
use huidan_carrier::Scan;
use huidan_carrier::common::{JSON, acknowledged};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign::same};

/// Compares the signature.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let key = account.credentials.optional("private_key").ok_or(Refusal::Signature)?;
    let content = pairs::from_form(push.signed_bytes(), "bizContent").ok_or(Refusal::Signature)?;
    let proof = same(&sign::header(&content, key), push.header("digest").unwrap_or_default());
    Ok(push.accept(proof.ok_or(Refusal::Signature)?))
}

/// The scans of one number, or of several.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let content = pairs::from_form(push.body(), "bizContent").ok_or("bizContent: is missing")?;
    pushed(&content).map_err(|wrong| format!("bizContent: {wrong}"))
}

fn pushed(content: &str) -> Result<Vec<Scan>, Wrong> {
    let content = Json::parse(content.as_bytes())?;
    let parcels = if content.raw().starts_with('[') { content.list()? } else { vec![content] };
    let mut scans = Vec::new();
    for parcel in parcels {
        scans.extend(read::of_parcel(&parcel.object()?)?);
    }
    Ok(scans)
}

/// What is not acknowledged is pushed again.
pub(crate) fn answer(said: &Said) -> Reply {
    let stored = r#"{"code":"1","msg":"success","data":"SUCCESS"}"#;
    acknowledged(said, JSON, stored, r#"{"code":"0","msg":"fail","data":"FAIL"}"#)
}
