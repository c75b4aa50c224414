use bytes::Bytes;
use http::StatusCode;
use huidan_exchange::{Reply, Said};

/// Nobody pushes here; who tries is told so.
pub(crate) fn answer(said: &Said) -> Reply {
    let mut reply = Reply::new(Bytes::new());
    *reply.status_mut() = match said {
        Said::Stored => StatusCode::OK,
        Said::Refused(_) => StatusCode::UNAUTHORIZED,
        Said::Malformed(_) => StatusCode::BAD_REQUEST,
        Said::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Said::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    reply
}
