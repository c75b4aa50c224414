//! What every function's front door shares: the internal token, plain answers, steps, wakes.

use crate::{Incoming, Outgoing, World};
use bytes::Bytes;
use http::{StatusCode, header};
use huidan_exchange::sign;
use huidan_flow::Step;
use huidan_store::StoreError;
use huidan_wire::step::{Batch, StepManifest};
use huidan_wire::{TOKEN_HEADER, VERSION, VERSION_HEADER};
use serde::{Serialize, de::DeserializeOwned};

/// An answer of plain text.
pub fn text(status: StatusCode, body: impl Into<String>) -> Outgoing {
    answer(status, "text/plain; charset=utf-8", body.into().into())
}

/// An answer of JSON.
pub fn json<T: Serialize>(status: StatusCode, body: &T) -> Outgoing {
    match serde_json::to_vec(body) {
        Ok(body) => answer(status, "application/json", body.into()),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "cannot write the answer"),
    }
}

fn answer(status: StatusCode, kind: &'static str, body: Bytes) -> Outgoing {
    let mut response = Outgoing::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}

/// Reads a JSON body.
///
/// # Errors
/// The answer that says what is wrong with it.
pub fn body<T: DeserializeOwned>(request: &Incoming) -> Result<T, Outgoing> {
    serde_json::from_slice(request.body()).map_err(|error| text(StatusCode::BAD_REQUEST, error.to_string()))
}

/// Lets a private call in: the wire's version must be ours, the internal token right.
///
/// # Errors
/// The answer for everybody else.
pub async fn private<W: World>(world: &W, request: &Incoming) -> Result<(), Outgoing> {
    let said = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let expected = world.variable("internal_token").await.unwrap_or_default();
    if sign::same(&expected, said(TOKEN_HEADER)).is_none() {
        return Err(text(StatusCode::FORBIDDEN, "internal token missing or wrong"));
    }
    if said(VERSION_HEADER) != VERSION {
        return Err(text(StatusCode::CONFLICT, "another version of the internal calls"));
    }
    Ok(())
}

/// The answer to a failed store: 503 while it may get better by itself.
pub fn store_failed(error: &StoreError) -> Outgoing {
    match error {
        StoreError::Busy | StoreError::Version { .. } => {
            let mut response = text(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
            response
        }
        _ => text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

/// Serves a step: `/needs` says what it is, `/step` runs a batch. It is granted nothing, so it guards nothing.
pub fn step<T: Serialize + DeserializeOwned>(request: &Incoming, step: &impl Step<T>) -> Outgoing {
    if request.uri().path() == "/needs" {
        let needs = step.needs().iter().map(|&need| need.to_owned()).collect();
        return json(StatusCode::OK, &StepManifest { name: step.name().to_owned(), needs });
    }
    match body::<Batch<T>>(request) {
        Ok(batch) => json(StatusCode::OK, &step.run(huidan_domain::Millis(batch.now), batch.subjects, &batch.facts)),
        Err(refused) => refused,
    }
}

/// The lane that a `POST /wake?lane=…` names; empty for none.
pub fn lane(request: &Incoming) -> String {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "lane").then(|| value.into_owned()))
        .unwrap_or_default()
}
