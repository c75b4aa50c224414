//! `POST /zpl?times=N` with waybills as JSON: renders all of them N times and answers how many bytes that were; without
//! `times`, once, and answers the bytes.

use bytes::Bytes;
use huidan_label::{Dpi, Media, Waybill, layout, zpl};
use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn label_probe(request: Request) -> impl IntoResponse {
    let (head, body) = request.into_parts();
    let times = head.uri.query().and_then(|query| query.strip_prefix("times=")).and_then(|times| times.parse().ok());
    let body = body.bytes().await.unwrap_or_default();
    let waybills: Vec<Waybill> = match serde_json::from_slice(&body) {
        Ok(waybills) => waybills,
        Err(problem) => return Bytes::from(format!("not waybills: {problem}")),
    };
    match times {
        Some(times) => Bytes::from(total(&waybills, times).to_string()),
        None => waybills.iter().flat_map(label).collect(),
    }
}

fn total(waybills: &[Waybill], times: u32) -> usize {
    (0..times).flat_map(|_| waybills).map(|waybill| label(waybill).len()).sum()
}

fn label(waybill: &Waybill) -> Vec<u8> {
    zpl(&layout(waybill, Media::W100H150, Dpi::D203))
}
