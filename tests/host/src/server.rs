//! The listener: connections in, routed requests to components, answers out.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::uri::Scheme;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout, timeout_at};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::component::{Counted, Origin, Registry, empty};
use crate::front::{self, Front};
use crate::route::{Router, absolute};

/// A request's head must be here within this, so that slow senders hold nothing but a socket.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);
/// A short body likewise.
const BODY_PATIENCE: Duration = Duration::from_secs(30);
/// The longest head.
const LONGEST_HEAD: usize = 64 << 10;
/// Bodies up to this are read before a guest is bothered; longer ones flow through.
const SHORT_BODY: u64 = 256 << 10;
/// Answers up to this go out in one piece if they are whole soon.
const SHORT_ANSWER: usize = 64 << 10;
/// "Soon": head and body in one packet instead of two is worth waiting no longer than this.
const SOON: Duration = Duration::from_millis(2);
/// A request that found the house full waits no longer than this for its turn.
const QUEUE_PATIENCE: Duration = Duration::from_secs(30);
/// How long open requests may go on after the signal to stop.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);

const WELL_KNOWN: &str = "/.well-known/spin/";

/// What the server knows.
pub(crate) struct Server {
    pub(crate) router: Router,
    /// For what components send each other; each front thread has one of its own.
    pub(crate) registry: Arc<Registry>,
    /// Where that happens.
    pub(crate) behind: Handle,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) places: Arc<Semaphore>,
    pub(crate) waiting: Arc<AtomicUsize>,
    pub(crate) most_waiting: usize,
}

impl Server {
    /// Accepts connections until `stop` says so, each front thread in turn, then lets open requests finish.
    pub(crate) async fn run(
        self: Arc<Self>,
        listener: std::net::TcpListener,
        fronts: Vec<Front>,
        mut stop: watch::Receiver<bool>,
    ) {
        let listener = match TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(problem) => return tracing::error!(%problem, "cannot listen"),
        };
        let graceful = GracefulShutdown::new();
        let mut turn = fronts.iter().cycle();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            match accepted {
                Ok((stream, client)) => {
                    if let Some(front) = turn.next() {
                        self.clone().connection(stream, client, front, &graceful);
                    }
                }
                Err(problem) => {
                    // Out of file descriptors, most likely: others must close before the next can come.
                    tracing::warn!(%problem, "cannot accept a connection");
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(listener);
        let finished = async {
            graceful.shutdown().await;
            while self.registry.at_work() > 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        if timeout(DRAIN, finished).await.is_err() {
            tracing::warn!("requests were still open after {} s", DRAIN.as_secs());
        }
    }

    fn connection(self: Arc<Self>, stream: TcpStream, client: SocketAddr, front: &Front, graceful: &GracefulShutdown) {
        // Without it, an answer's body waits for the acknowledgement of its head: 40 ms.
        let _ = stream.set_nodelay(true);
        let Ok(stream) = stream.into_std() else { return };
        let registry = front.registry.clone();
        let watcher = graceful.watcher();
        front.runtime.spawn(async move {
            // Its readiness is told to the thread that serves it.
            let Ok(stream) = TcpStream::from_std(stream) else { return };
            let service = service_fn(move |request| {
                let (server, registry) = (self.clone(), registry.clone());
                async move { Ok::<_, std::convert::Infallible>(server.serve(request, client, &registry).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_PATIENCE)
                .max_buf_size(LONGEST_HEAD)
                .serve_connection(TokioIo::new(stream), service);
            if let Err(problem) = watcher.watch(connection).await {
                tracing::debug!(%problem, "connection ended");
            }
        });
    }

    async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        client: SocketAddr,
        registry: &Registry,
    ) -> Response<WasiBody> {
        if let Some(name) = request.uri().path().strip_prefix(WELL_KNOWN) {
            return self.well_known(name);
        }
        // Before it takes a place: whoever sends slowly keeps nobody from working.
        let request = match short_body_first(request).await {
            Ok(request) => request,
            Err(status) => return empty(status),
        };
        let Some(place) = self.place().await else {
            let mut full = empty(StatusCode::SERVICE_UNAVAILABLE);
            full.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            return full;
        };
        let answer = match front::is_held() {
            true => self.route_behind(request, client).await,
            false => self.route(request, client, registry, Origin::Outside).await,
        };
        whole_if_soon(answer, place).await
    }

    /// Serves a request from outside on the other threads.
    async fn route_behind(self: Arc<Self>, request: Request<WasiBody>, client: SocketAddr) -> Response<WasiBody> {
        let behind = self.behind.clone();
        let answered = async move { self.route(request, client, &self.registry, Origin::Outside).await };
        match front::elsewhere(&behind, answered).await {
            Ok(answer) => answer,
            Err(problem) => {
                tracing::error!(%problem, "request failed");
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// Gives `request` to the component whose route it fits, of those in `registry`.
    pub(crate) async fn route(
        &self,
        mut request: Request<WasiBody>,
        client: SocketAddr,
        registry: &Registry,
        origin: Origin,
    ) -> Response<WasiBody> {
        let Some(found) = self.router.find(request.uri().path()) else { return empty(StatusCode::NOT_FOUND) };
        if let Err(problem) = absolute(&mut request, Scheme::HTTP) {
            tracing::debug!(problem, "request refused");
            return empty(StatusCode::BAD_REQUEST);
        }
        found.set_headers(&mut request, client);
        match registry.get(&found.component) {
            Some(component) => component.call(request, origin).await,
            None => empty(StatusCode::NOT_FOUND),
        }
    }

    /// A place at work; `None` if too many are waiting for one already.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        if self.waiting.load(Ordering::Relaxed) >= self.most_waiting {
            return None;
        }
        let _counted = Counted::new(&self.waiting);
        timeout(QUEUE_PATIENCE, self.places.clone().acquire_owned()).await.ok()?.ok()
    }

    fn well_known(&self, name: &str) -> Response<WasiBody> {
        match name {
            "health" => text("OK".into()),
            "info" => {
                let info = serde_json::json!({ "name": self.name, "version": self.version });
                let mut response = text(info.to_string());
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            _ => empty(StatusCode::NOT_FOUND),
        }
    }
}

fn text(text: String) -> Response<WasiBody> {
    Response::new(full(text.into()))
}

fn full(bytes: Bytes) -> WasiBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// Reads a body whose sender says that it is short.
async fn short_body_first(request: Request<Incoming>) -> Result<Request<WasiBody>, StatusCode> {
    let short = request.body().size_hint().exact().is_some_and(|length| length <= SHORT_BODY);
    if !short {
        return Ok(request.map(|body| body.map_err(Error::from).boxed_unsync()));
    }
    let (head, body) = request.into_parts();
    match timeout(BODY_PATIENCE, body.collect()).await {
        Ok(Ok(body)) => Ok(Request::from_parts(head, full(body.to_bytes()))),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Makes a short answer one piece. Its place at work is given up with the answer's end.
async fn whole_if_soon(response: Response<WasiBody>, place: OwnedSemaphorePermit) -> Response<WasiBody> {
    let (mut head, mut body) = response.into_parts();
    let deadline = tokio::time::Instant::now() + SOON;
    let mut begun = BytesMut::new();
    let mut first = Vec::new();
    while begun.len() <= SHORT_ANSWER {
        match timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => begun.extend_from_slice(&data),
                Err(other) => {
                    first.push(Ok(other));
                    break;
                }
            },
            Ok(Some(Err(error))) => {
                first.push(Err(error));
                break;
            }
            Ok(None) => {
                head.headers.remove(http::header::TRANSFER_ENCODING);
                if !head.headers.contains_key(CONTENT_LENGTH) && may_have_length(head.status) {
                    head.headers.insert(CONTENT_LENGTH, begun.len().into());
                }
                return Response::from_parts(head, full(begun.freeze()));
            }
            Err(_) => break,
        }
    }
    let begun = (!begun.is_empty()).then(|| Ok(Frame::data(begun.freeze())));
    let first = futures::stream::iter(begun.into_iter().chain(first));
    let rest = http_body_util::BodyStream::new(Placed { body, _place: place });
    let whole = futures::StreamExt::chain(first, rest);
    Response::from_parts(head, StreamBody::new(whole).boxed_unsync())
}

fn may_have_length(status: StatusCode) -> bool {
    !status.is_informational() && status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED
}

/// A body that holds its request's place until it is out.
struct Placed {
    body: WasiBody,
    _place: OwnedSemaphorePermit,
}

impl http_body::Body for Placed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}
