//! The LINK gateway's push: a form whose `data_digest` signs its `logistics_interface`.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use huidan_exchange::{Account, Refusal, Reply, Said, Unverified, Verified, Webhook, pairs, sign};

/// Compares the digest.
pub(crate) fn verify(push: Webhook<Unverified>, account: &Account) -> Result<Webhook<Verified>, Refusal> {
    let secret = account.credentials.optional("link_secret").ok_or(Refusal::Signature)?;
    let field = |name| pairs::from_form(push.signed_bytes(), name).ok_or(Refusal::Signature);
    let expected = digest(&field("logistics_interface")?, secret);
    let proof = sign::same(&expected, &field("data_digest")?).ok_or(Refusal::Signature)?;
    Ok(push.accept(proof))
}

/// `data_digest`: base64 of the raw MD5 over the text and the secret.
fn digest(text: &str, secret: &str) -> String {
    sign::base64(&sign::md5(&[text.as_bytes(), secret.as_bytes()]))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_push_is_signed_over_its_text() {
        let text = r#"{"mailNo":"YT8800000000001","cpCode":"YTO","traces":[]}"#;
        assert_eq!(digest(text, "link-secret"), "ZLb1mHlb45QA9PNzrgB9dg==", "computed apart");
    }
}
