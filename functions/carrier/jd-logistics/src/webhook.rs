//! The trace push. No signature was seen in real ones, so the secret at the end of the path is what proves it.

use crate::read;
use huidan_carrier::{Scan, common};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, sign};

/// Compares the path's secret with the account's.
pub(crate) fn verify(
    push: Webhook<Unverified>,
    account: &Account,
    secret: Option<&str>,
) -> Result<Webhook<Verified>, Refusal> {
    let expected = account.credentials.optional("push_secret").unwrap_or_default();
    let proof = sign::same(expected, secret.unwrap_or_default()).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// The scans in a push.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    read::pushed(push.body()).map_err(|wrong| wrong.to_string())
}

/// What is not acknowledged may be pushed again.
pub(crate) fn answer(said: &Said) -> Reply {
    common::acknowledged(said, common::JSON, r#"{"code":"0","msg":"success"}"#, r#"{"code":"1","msg":"not stored"}"#)
}
