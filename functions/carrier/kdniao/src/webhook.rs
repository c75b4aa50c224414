//! The push: a form whose `DataSign` covers the text of its `RequestData`. Every push holds all scans of its numbers.

use crate::{read, sign};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use huidan_carrier::Scan;
use huidan_carrier::common::JSON;
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign::same, time};
use serde_json::json;

/// Compares the signature.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let app_key = account.credentials.optional("app_key").ok_or(Refusal::Signature)?;
    let field = |name| pairs::from_form(push.signed_bytes(), name).ok_or(Refusal::Signature);
    let expected = sign::data(&field("RequestData")?, app_key);
    let proof = same(&expected, &field("DataSign")?).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// The scans. Pushes of other things, such as payments, hold none; what a push is, its signed part says.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let data = pairs::from_form(push.body(), "RequestData").ok_or("RequestData: is missing")?;
    pushed(&data).map_err(|wrong| format!("RequestData: {wrong}"))
}

fn pushed(data: &str) -> Result<Vec<Scan>, Wrong> {
    let mut scans = Vec::new();
    for entry in Json::parse(data.as_bytes())?.object()?.need("Data")?.list()? {
        scans.extend(read::pushed(&entry.object()?)?);
    }
    Ok(scans)
}

/// The acknowledgement names the account and the time of taking it, in the form of KDNiao's own answers.
pub(crate) fn answer(said: &Said, account: Option<&Account>, now: Millis) -> Reply {
    let (status, reason) = match said {
        Said::Stored => (StatusCode::OK, ""),
        Said::Refused(_) => (StatusCode::UNAUTHORIZED, "DataSign"),
        Said::Malformed(_) => (StatusCode::BAD_REQUEST, "RequestData"),
        Said::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too large"),
        Said::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
    };
    let id = account.and_then(|account| account.credentials.optional("ebusiness_id")).unwrap_or_default();
    let (id, at) = (json!(id), json!(time::to_local(now, time::CHINA)));
    let body =
        format!(r#"{{"EBusinessID":{id},"UpdateTime":{at},"Success":{},"Reason":"{reason}"}}"#, *said == Said::Stored);
    let mut reply = Reply::new(Bytes::from(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    reply
}
