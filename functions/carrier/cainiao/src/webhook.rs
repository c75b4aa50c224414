//! The LINK gateway's push: a form whose `data_digest` signs its `logistics_interface`.

use crate::sign;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign::same};

/// Compares the digest.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let secret = account.credentials.optional("link_secret").ok_or(Refusal::Signature)?;
    let field = |name| pairs::from_form(push.signed_bytes(), name).ok_or(Refusal::Signature);
    let expected = sign::link_digest(&field("logistics_interface")?, secret);
    let proof = same(&expected, &field("data_digest")?).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// What is not acknowledged is pushed again.
pub(crate) fn answer(said: &Said) -> Reply {
    let (status, body) = match said {
        Said::Stored => (StatusCode::OK, r#"{"success":true,"errorCode":"","errorMsg":""}"#),
        Said::Refused(_) => {
            (StatusCode::UNAUTHORIZED, r#"{"success":false,"errorCode":"S02","errorMsg":"invalid data_digest"}"#)
        }
        Said::Malformed(_) => {
            (StatusCode::BAD_REQUEST, r#"{"success":false,"errorCode":"S01","errorMsg":"invalid logistics_interface"}"#)
        }
        Said::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, r#"{"success":false,"errorCode":"S05","errorMsg":"too large"}"#)
        }
        Said::Busy => (StatusCode::SERVICE_UNAVAILABLE, r#"{"success":false,"errorCode":"S07","errorMsg":"busy"}"#),
    };
    let mut reply = Reply::new(Bytes::from_static(body.as_bytes()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    reply
}
