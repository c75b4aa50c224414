//! The trace push: a form whose `data_digest` signs its `data`, one node per push, not in the order of events.

use crate::{read, sign};
use huidan_carrier::{Scan, common};
use huidan_exchange::json::Json;
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign::same};

/// Compares the digest.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let secret = account.credentials.optional("app_secret").ok_or(Refusal::Signature)?;
    let field = |name| pairs::from_form(push.signed_bytes(), name).ok_or(Refusal::Signature);
    let expected = sign::digest(&field("data")?, secret);
    let proof = same(&expected, &field("data_digest")?).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// The node in a push. What is pushed without an action (of other kinds than traces) holds none. `msg_type` is not looked
/// at: nothing signs it.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let data = pairs::from_form(push.body(), "data").ok_or("data: is missing")?;
    let node = Json::parse(data.as_bytes()).and_then(|json| json.object()).map_err(|wrong| format!("data: {wrong}"))?;
    if !node.has("action") && !node.has("scanType") {
        return Ok(Vec::new());
    }
    read::pushed(&node).map(|scan| vec![scan]).map_err(|wrong| format!("data: {wrong}"))
}

/// What is not acknowledged may be pushed again.
pub(crate) fn answer(said: &Said) -> Reply {
    common::acknowledged(
        said,
        common::JSON,
        r#"{"message":"","result":"success","status":true,"statusCode":"0"}"#,
        r#"{"message":"not stored","result":"fail","status":false,"statusCode":"1"}"#,
    )
}
