//! What the hub answers.

use super::{CODE, Shared};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime};

pub(super) async fn pair(State(memory): Shared, Json(body): Json<Value>) -> Response {
    let mut memory = memory.lock().unwrap();
    if body["code"] != CODE {
        return StatusCode::NOT_FOUND.into_response();
    }
    let token = format!("token-{}", memory.tokens.len());
    memory.tokens.push(token.clone());
    Json(json!({ "bridge": "bridge-1", "token": token })).into_response()
}

pub(super) async fn claim(State(memory): Shared, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let wait = Duration::from_secs(body["wait"].as_u64().unwrap());
    assert!(wait <= Duration::from_secs(20), "the contract allows 20 s");
    let end = Instant::now() + wait;
    let mut held = None;
    loop {
        {
            let mut memory = memory.lock().unwrap();
            if held.is_none() {
                if let Err(response) = memory.knows(&headers) {
                    return *response;
                }
                memory.claims += 1;
                memory.printers = body["printers"].clone();
            }
            memory.expire();
            let renewed = held.get_or_insert_with(|| memory.renew(&body));
            let jobs = memory.lease(&body);
            if !jobs.is_empty() && memory.loses_answers > 0 {
                memory.loses_answers -= 1;
                return StatusCode::BAD_GATEWAY.into_response();
            }
            if !jobs.is_empty() || Instant::now() >= end {
                let mut headers = HeaderMap::new();
                let date = DateTime::<Utc>::from(SystemTime::now()) + chrono::Duration::minutes(memory.ahead);
                headers.insert("date", date.format("%a, %d %b %Y %H:%M:%S GMT").to_string().parse().unwrap());
                return (headers, Json(json!({ "jobs": jobs, "held": renewed, "printers": memory.twins })))
                    .into_response();
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn label(State(memory): Shared, headers: HeaderMap, Path(sha256): Path<String>) -> Response {
    let mut memory = memory.lock().unwrap();
    if let Err(response) = memory.knows(&headers) {
        return *response;
    }
    match memory.labels.get(&sha256) {
        Some(label) => Bytes::from(label.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn report(State(memory): Shared, headers: HeaderMap, Json(lines): Json<Vec<Value>>) -> Response {
    let mut memory = memory.lock().unwrap();
    if let Err(response) = memory.knows(&headers) {
        return *response;
    }
    memory.expire();
    let states: Vec<Value> = lines.iter().map(|line| memory.hear(line)).collect();
    Json(states).into_response()
}

pub(super) async fn seen(State(memory): Shared, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let mut memory = memory.lock().unwrap();
    if let Err(response) = memory.knows(&headers) {
        return *response;
    }
    memory.seen.push(body);
    Json(memory.says.clone()).into_response()
}
