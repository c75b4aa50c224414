//! A client with so many keep-alive connections, each sending its next request when the last one is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, HOST};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::error::Result;
use crate::timing::Times;

/// A request ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    /// Its own headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Its body.
    pub(crate) body: Bytes,
}

/// What a volley came to.
#[derive(Debug)]
pub(crate) struct Fired {
    /// When the first request left.
    pub(crate) began: Instant,
    /// From then to the last answer.
    pub(crate) took: Duration,
    /// From each request to its whole answer.
    pub(crate) times: Times,
}

impl Fired {
    /// Answers per second.
    pub(crate) fn rate(&self) -> f64 {
        self.times.count() as f64 / self.took.as_secs_f64()
    }
}

/// Posts every shot to `path`, over so many connections that are open before the clock starts.
///
/// # Errors
/// A connection broke, or an answer was not 200: a refusal is quick, and would make the figures look better.
pub(crate) async fn fire(to: SocketAddr, path: &str, shots: Vec<Shot>, connections: usize) -> Result<Fired> {
    let shots: Arc<[Shot]> = shots.into();
    let next = Arc::new(AtomicUsize::new(0));
    let start = Arc::new(Barrier::new(connections + 1));
    let mut lanes = JoinSet::new();
    for _ in 0..connections {
        let mut sender = connect(to).await?;
        let (shots, next, start, path) = (shots.clone(), next.clone(), start.clone(), path.to_owned());
        lanes.spawn(async move {
            let mut times = Times::new()?;
            start.wait().await;
            while let Some(shot) = shots.get(next.fetch_add(1, Ordering::Relaxed)) {
                let request = request(to, &path, shot)?;
                let sent = Instant::now();
                post(&mut sender, request).await?;
                times.add(sent.elapsed());
            }
            Result::Ok(times)
        });
    }
    // Before the last of them is let go: on a busy machine the first answers are there before this task goes on.
    let began = Instant::now();
    start.wait().await;
    let mut times = Times::new()?;
    while let Some(lane) = lanes.join_next().await {
        times.append(&lane??)?;
    }
    Ok(Fired { began, took: began.elapsed(), times })
}

/// A connection that stays open.
pub(crate) async fn connect(to: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

fn request(to: SocketAddr, path: &str, shot: &Shot) -> Result<Request<Full<Bytes>>> {
    let mut request = Request::post(path).header(HOST, to.to_string()).header(CONTENT_TYPE, "application/json");
    for (name, value) in &shot.headers {
        request = request.header(*name, value);
    }
    Ok(request.body(Full::new(shot.body.clone()))?)
}

async fn post(sender: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> Result<()> {
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status != http::StatusCode::OK {
        return Err(format!("答复 {status} · answered {status}: {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(())
}
