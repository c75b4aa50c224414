//! The HTTP side that all simulators share: read the whole call, let the faults have their way, answer.

use crate::faults::Verdict;
use crate::order::Platform;
use crate::world::{Shared, World, lock};
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// A call, read to its end.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) host: String,
}

impl Call {
    /// A header as text, or empty.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
    /// The query's pairs, decoded.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }
    /// One query parameter.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        self.query_pairs().into_iter().find(|(k, _)| k == name).map(|(_, v)| v)
    }
    /// The body's form fields, decoded.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }
    /// Path and query as they stood on the request line.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
    /// The path's parts.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.path.split('/').filter(|p| !p.is_empty()).collect()
    }
}

/// An answer, whole.
pub(crate) type Answer = Response<Bytes>;

/// JSON with a status.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> Answer {
    with_type(status, "application/json; charset=utf-8", body.to_string())
}

/// Any text with a status and a type.
pub(crate) fn with_type(status: u16, content_type: &str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut answer, "content-type", content_type);
    answer
}

/// Sets a header; a value that HTTP cannot carry is left out.
pub(crate) fn set(answer: &mut Answer, name: &'static str, value: &str) {
    if let Ok(value) = value.parse() {
        answer.headers_mut().insert(name, value);
    }
}

/// How one platform answers.
#[derive(Clone, Copy)]
pub(crate) struct Face {
    pub(crate) platform: Platform,
    /// A short name of what is called, for faults and counters.
    pub(crate) operation: fn(&Call) -> String,
    pub(crate) handle: fn(&mut World, &Call) -> Answer,
    /// "Too often", the platform's way; with seconds where it says how long.
    pub(crate) limited: fn(&World, &Call, Option<u32>) -> Answer,
    /// The platform's answer to an access token that has ended; where tokens are refreshed, all end.
    pub(crate) expired: fn(&mut World, &Call) -> Answer,
}

type Body = BoxBody<Bytes, io::Error>;

fn whole(bytes: Bytes) -> Body {
    http_body_util::Full::new(bytes).map_err(|never| match never {}).boxed()
}

fn half(bytes: &Bytes) -> Body {
    let first = bytes.slice(..bytes.len() / 2);
    let frames = vec![Ok(Frame::data(first)), Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut"))];
    BodyExt::boxed(StreamBody::new(stream::iter(frames)))
}

/// Serves one platform until the listener is dropped with its task.
pub(crate) async fn serve(listener: TcpListener, world: Shared, face: Face) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(connection(stream, world.clone(), face));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, world: Shared, face: Face) {
    let service = service_fn(move |request| answer(request, world.clone(), face));
    // A connection that ends in an error is what a fault asked for, or the caller's own hanging up.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, world: Shared, face: Face) -> io::Result<Response<Body>> {
    let call = read(request).await?;
    let (operation, verdict) = met(&mut lock(&world), &call, face);
    if verdict.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(verdict.delay_ms)).await;
    }
    if verdict.outage {
        lock(&world).count(face.platform, &operation, "outage");
        return Err(io::Error::new(io::ErrorKind::ConnectionReset, "outage on request"));
    }
    let answer = answered(&mut lock(&world), &call, face, &operation, &verdict);
    if verdict.lost {
        return Err(io::Error::new(io::ErrorKind::ConnectionReset, "answer lost on request"));
    }
    let (mut parts, body) = answer.into_parts();
    if verdict.half {
        parts.headers.insert(http::header::CONTENT_LENGTH, body.len().into());
        return Ok(Response::from_parts(parts, half(&body)));
    }
    Ok(Response::from_parts(parts, whole(body)))
}

/// A call's operation and what the faults make of it.
pub(crate) fn met(world: &mut World, call: &Call, face: Face) -> (String, Verdict) {
    let operation = (face.operation)(call);
    let now = world.now(face.platform);
    let mut verdict = world.faults(face.platform).meet(&operation, now);
    verdict.delay_ms = verdict.delay_ms.max(crate::express::latency(world, face.platform));
    (operation, verdict)
}

/// Answers a call that no outage meets, and counts it.
pub(crate) fn answered(world: &mut World, call: &Call, face: Face, operation: &str, verdict: &Verdict) -> Answer {
    let answer = decide(world, call, face, verdict);
    let said = if verdict.lost { "lost".to_owned() } else { answer.status().as_u16().to_string() };
    world.count(face.platform, operation, &said);
    world.shift(face.platform, verdict.modify);
    answer
}

fn decide(world: &mut World, call: &Call, face: Face, verdict: &Verdict) -> Answer {
    if let Some(status) = verdict.status {
        return with_type(status, "text/html", "<html><body><h1>simulated fault</h1></body></html>");
    }
    if let Some(seconds) = verdict.limit {
        return (face.limited)(world, call, seconds);
    }
    if verdict.expired {
        return (face.expired)(world, call);
    }
    (face.handle)(world, call)
}

pub(crate) async fn read(request: Request<Incoming>) -> io::Result<Call> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let host = parts.headers.get("host").and_then(|h| h.to_str().ok()).unwrap_or_default().to_owned();
    Ok(Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        host,
    })
}
