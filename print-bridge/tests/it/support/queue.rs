//! A queue that speaks IPP, with the moods of real ones.

use std::{
    io::{Cursor, Read as _},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::IntoResponse, routing::post};
use ipp::{
    attribute::{IppAttribute, IppAttributes},
    model::{DelimiterTag, IppVersion, StatusCode},
    parser::IppParser,
    reader::IppReader,
    request::IppRequestResponse,
    value::{IppName, IppValue},
};

/// What becomes of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Processing for as many milliseconds, then completed.
    Completes(u64),
    /// Stays in the queue.
    Stays,
    /// Ended; whether the queue says that it never began.
    Aborted { never_started: bool },
    /// Not taken: this IPP status.
    Refused(u16),
    /// Taken, and no answer.
    Mute,
}

/// One job as the queue has it.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) name: String,
    pub(crate) format: String,
    pub(crate) bytes: Vec<u8>,
    at: std::time::Instant,
}

/// The queue's memory.
pub(crate) struct Queue {
    pub(crate) address: SocketAddr,
    pub(crate) fate: Fate,
    /// `printer-state-reasons`.
    pub(crate) reason: &'static str,
    pub(crate) jobs: Vec<Taken>,
}

pub(crate) type Shared = Arc<Mutex<Queue>>;

pub(crate) async fn queue(fate: Fate) -> Shared {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shared = Arc::new(Mutex::new(Queue { address, fate, reason: "none", jobs: Vec::new() }));
    let routes = Router::new()
        .route("/ipp/print", post(serve))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(Arc::clone(&shared));
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    shared
}

pub(crate) fn target(queue: &Shared) -> String {
    format!("ipp://{}/ipp/print", queue.lock().unwrap().address)
}

/// The bytes of every job, in the order they were taken.
pub(crate) fn paper(queue: &Shared) -> Vec<Vec<u8>> {
    queue.lock().unwrap().jobs.iter().map(|job| job.bytes.clone()).collect()
}

fn text(attributes: &IppAttributes, name: &str) -> String {
    let value = attributes.groups().iter().find_map(|group| group.get(name)).map(IppAttribute::value);
    match value {
        Some(IppValue::NameWithoutLanguage(text)) => text.as_str().to_owned(),
        Some(IppValue::MimeMediaType(text)) => text.as_str().to_owned(),
        Some(IppValue::Integer(number)) => number.to_string(),
        other => panic!("{name}: {other:?}"),
    }
}

async fn serve(State(queue): State<Shared>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    assert_eq!(headers["content-type"], "application/ipp");
    let mut request = IppParser::new(IppReader::new(Cursor::new(body))).parse().unwrap();
    let mut rest = Vec::new();
    request.payload_mut().read_to_end(&mut rest).unwrap();
    let attributes = request.attributes();
    let answer = match request.header().operation_or_status {
        0x0002 => print(&queue, attributes, &rest),
        0x0009 => job(&queue, text(attributes, "job-id").parse().unwrap()),
        0x000b => printer(&queue),
        other => panic!("operation {other:#x}"),
    };
    match answer {
        Some(answer) => answer.to_bytes(),
        None => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            Bytes::new()
        }
    }
}

fn answer(status: StatusCode, group: DelimiterTag, values: Vec<(&str, IppValue)>) -> IppRequestResponse {
    let mut answer = IppRequestResponse::new_response(IppVersion::v1_1(), status, 1).unwrap();
    for (name, value) in values {
        let name: IppName = name.to_owned().try_into().unwrap();
        answer.attributes_mut().add(group, IppAttribute::new(name, value));
    }
    answer
}

fn print(queue: &Shared, attributes: &IppAttributes, bytes: &[u8]) -> Option<IppRequestResponse> {
    let mut queue = queue.lock().unwrap();
    if let Fate::Refused(status) = queue.fate {
        let mut refused = answer(StatusCode::SuccessfulOk, DelimiterTag::JobAttributes, vec![]);
        refused.header_mut().operation_or_status = i16::try_from(status).unwrap();
        return Some(refused);
    }
    queue.jobs.push(Taken {
        name: text(attributes, "job-name"),
        format: text(attributes, "document-format"),
        bytes: bytes.to_vec(),
        at: std::time::Instant::now(),
    });
    if queue.fate == Fate::Mute {
        return None;
    }
    let id = i32::try_from(queue.jobs.len()).unwrap();
    Some(answer(StatusCode::SuccessfulOk, DelimiterTag::JobAttributes, vec![("job-id", IppValue::Integer(id))]))
}

fn job(queue: &Shared, id: usize) -> Option<IppRequestResponse> {
    let queue = queue.lock().unwrap();
    let began = IppValue::Integer(7);
    let (state, began) = match queue.fate {
        Fate::Completes(after) if queue.jobs[id - 1].at.elapsed() >= Duration::from_millis(after) => (9, began),
        Fate::Aborted { never_started: true } => (7, IppValue::NoValue),
        Fate::Aborted { never_started: false } => (8, began),
        _ => (5, began),
    };
    let values = vec![("job-state", IppValue::Enum(state)), ("time-at-processing", began)];
    Some(answer(StatusCode::SuccessfulOk, DelimiterTag::JobAttributes, values))
}

fn printer(queue: &Shared) -> Option<IppRequestResponse> {
    let reason = IppValue::new_keyword(queue.lock().unwrap().reason).unwrap();
    let formats = ["application/octet-stream", "application/vnd.zebra-zpl"];
    let formats = formats.map(|format| IppValue::new_mime_media_type(format).unwrap()).to_vec();
    let values = vec![
        ("printer-state", IppValue::Enum(3)),
        ("printer-state-reasons", reason),
        ("printer-is-accepting-jobs", IppValue::Boolean(true)),
        ("document-format-supported", IppValue::Array(formats)),
    ];
    Some(answer(StatusCode::SuccessfulOk, DelimiterTag::PrinterAttributes, values))
}
