//! `STO_TRACE_PLATFORM_PUSH`: the gateway's form in the other direction, one node per push. A timeout makes the platform
//! push again.

use crate::{read, sign};
use huidan_carrier::{Scan, common};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign::same};

/// Compares the digest.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let secret = account.credentials.optional("secret_key").ok_or(Refusal::Signature)?;
    let field = |name| pairs::from_form(push.signed_bytes(), name).ok_or(Refusal::Signature);
    let expected = sign::digest(&field("content")?, secret);
    let proof = same(&expected, &field("data_digest")?).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// The node in a push.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let content = pairs::from_form(push.body(), "content").ok_or("content: is missing")?;
    read::pushed(&content).map(|scan| vec![scan]).map_err(|wrong| format!("content: {wrong}"))
}

/// `needRetry` asks for the same push once more.
pub(crate) fn answer(said: &Said) -> Reply {
    common::acknowledged(
        said,
        common::JSON,
        r#"{"success":"true","errorCode":"","errorMsg":"","needRetry":"false","data":""}"#,
        r#"{"success":"false","errorCode":"S07","errorMsg":"not stored","needRetry":"true","data":""}"#,
    )
}
