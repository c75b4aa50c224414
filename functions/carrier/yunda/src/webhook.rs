//! The trace push: JSON, signed in a header as our own calls are.

use crate::{read, sign};
use huidan_carrier::{Scan, common};
use huidan_exchange::json::Json;
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, sign::same};

/// Compares the digest over the very bytes.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let secret = account.credentials.optional("app_secret").ok_or(Refusal::Signature)?;
    let expected = sign::digest(push.signed_bytes(), secret);
    let given = push.header("sign").unwrap_or_default().to_ascii_lowercase();
    let proof = same(&expected, &given).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// The scans in a push.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let document = Json::parse(push.body()).and_then(|json| json.object());
    document.and_then(|document| read::pushed(&document)).map_err(|wrong| wrong.to_string())
}

/// What is not acknowledged may be pushed again.
pub(crate) fn answer(said: &Said) -> Reply {
    common::acknowledged(
        said,
        common::JSON,
        r#"{"result":true,"code":"0000","message":"请求成功","data":null}"#,
        r#"{"result":false,"code":"7777","message":"未保存","data":null}"#,
    )
}
