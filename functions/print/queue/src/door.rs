//! Who may come in, and how one is turned away.

use bytes::Bytes;
use http::{StatusCode, header};
use huidan_store::StoreError;
use huidan_store::bridges::{self, Bridge};
use huidan_world::{Incoming, Outgoing, World};
use serde::de::DeserializeOwned;

/// Longest body read: a report of 200 lines is a few ten kilobytes.
const BODY_LIMIT: usize = 1 << 20;

/// The bridge whose token the request bears.
pub(crate) async fn bridge<W: World>(world: &W, request: &Incoming) -> Result<Option<Bridge>, StoreError> {
    let said = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = said.and_then(|said| said.strip_prefix("Bearer ")).map(str::trim).filter(|t| !t.is_empty())
    else {
        return Ok(None);
    };
    world.main(async |db| bridges::of_token(db, token).await).await
}

/// Reads a JSON body.
pub(crate) fn body<T: DeserializeOwned>(request: &Incoming) -> Result<T, Outgoing> {
    if request.body().len() > BODY_LIMIT {
        return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "内容太大 / the body is too large"));
    }
    serde_json::from_slice(request.body())
        .map_err(|error| refuse(StatusCode::BAD_REQUEST, "body", &format!("line {}: {error}", error.line())))
}

/// Problem details (RFC 9457) with a stable code and a sentence for a person.
pub(crate) fn refuse(status: StatusCode, code: &str, sentence: &str) -> Outgoing {
    let problem = serde_json::json!({
        "type": "about:blank", "title": status.canonical_reason().unwrap_or_default(), "status": status.as_u16(),
        "code": code, "detail": sentence,
    });
    let mut response = Outgoing::new(Bytes::from(problem.to_string()));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
