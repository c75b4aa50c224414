use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use huidan_exchange::{Reply, Said};

/// Nothing is pushed to this channel: orders are listed. Who posts all the same is answered in the form in which
/// Taobao's own calls to sellers (奇门) are answered.
pub(crate) fn answer(said: &Said) -> Reply {
    let (status, flag, code) = match said {
        Said::Stored => (StatusCode::OK, "success", "0"),
        Said::Refused(_) => (StatusCode::UNAUTHORIZED, "failure", "sign-check-failure"),
        Said::Malformed(_) => (StatusCode::BAD_REQUEST, "failure", "invalid-body"),
        Said::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "failure", "too-large"),
        Said::Busy => (StatusCode::SERVICE_UNAVAILABLE, "failure", "busy"),
    };
    let body = format!("<response><flag>{flag}</flag><code>{code}</code><message></message></response>");
    let mut reply = Reply::new(Bytes::from(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=utf-8"));
    reply
}
