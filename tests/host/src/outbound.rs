//! Requests that guests send: to each other in process, or out over pooled connections, if their component may.

use std::error::Error as _;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderName, Request, Response, StatusCode, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::Handle;
use tokio::time::{Sleep, sleep, timeout};
use tower_service::Service;
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::component::{Origin, Registry, empty};
use crate::front;
use crate::guest::Grants;
use crate::hosts::chained_component;
use crate::route::Match;

/// What a guest waits for at each step if it names no limit of its own; Spin's default.
const PATIENCE: Duration = Duration::from_secs(600);
/// A connection that nobody used for this long is closed.
const IDLE: Duration = Duration::from_secs(30);
/// Idle connections kept per origin.
const IDLE_PER_ORIGIN: usize = 8;

tokio::task_local! {
    /// The connector gets no word about the request it is for, but it is called in the request's task.
    static CONNECT_PATIENCE: Duration;
}

/// The network as all components share it.
pub(crate) struct Network {
    client: Client<Patient, WasiBody>,
    /// Where components serve each other.
    behind: Handle,
    /// Set once the components are up.
    pub(crate) registry: OnceLock<Weak<Registry>>,
}

impl Network {
    /// A client with pooled connections, the roots of trust that browsers have, and no delays. What components send each
    /// other is served on `behind`.
    pub(crate) fn new(behind: Handle) -> Self {
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        http.enforce_http(false);
        let https = hyper_rustls::HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_ORIGIN)
            .build(Patient(https));
        Self { client, behind, registry: OnceLock::new() }
    }
}

/// One component's way out.
#[derive(Clone)]
pub(crate) struct Outbound {
    grants: Arc<Grants>,
    network: Arc<Network>,
}

type Sent = (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl Outbound {
    /// The way out that `grants` leaves.
    pub(crate) fn new(grants: Arc<Grants>, network: Arc<Network>) -> Self {
        Self { grants, network }
    }

    pub(crate) fn grants(&self) -> &Arc<Grants> {
        &self.grants
    }

    async fn send(self, mut request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>, Error> {
        if !self.grants.hosts.allow(request.uri()) {
            let (scheme, host) = (request.uri().scheme_str(), request.uri().host());
            tracing::warn!(component = self.grants.id, ?scheme, ?host, "not in allowed_outbound_hosts");
            return Err(Error::HttpRequestDenied);
        }
        // The URI says it; the client sets it anew.
        request.headers_mut().remove(HOST);
        let first_byte = options.first_byte_timeout.unwrap_or(PATIENCE);
        if let Some(id) = chained_component(request.uri()) {
            let id = id.to_owned();
            return timeout(first_byte, self.chain(&id, request)).await.map_err(|_| Error::ConnectionReadTimeout)?;
        }
        let connect = options.connect_timeout.unwrap_or(PATIENCE);
        let sent = CONNECT_PATIENCE.scope(connect, self.network.client.request(request));
        let response = timeout(first_byte.saturating_add(connect), sent)
            .await
            .map_err(|_| Error::ConnectionReadTimeout)?
            .map_err(|e| told(&e))?;
        let between = options.between_bytes_timeout.unwrap_or(PATIENCE);
        Ok(response.map(|body| Steady { body, between, sleep: None }.boxed_unsync()))
    }

    async fn chain(&self, id: &str, mut request: Request<WasiBody>) -> Result<Response<WasiBody>, Error> {
        let registry = self.network.registry.get().and_then(Weak::upgrade);
        let Some(registry) = registry.filter(|r| r.get(id).is_some()) else {
            return Err(Error::InternalError(Some(format!("no component {id:?} with an HTTP trigger"))));
        };
        let path = request.uri().path().to_owned();
        Match::chained(id, &path).set_headers(&mut request, ([0, 0, 0, 0], 0).into());
        let id = id.to_owned();
        let called = async move {
            match registry.get(&id) {
                Some(component) => component.call(request, Origin::Chained).await,
                None => empty(StatusCode::NOT_FOUND),
            }
        };
        if !front::is_here() {
            return Ok(called.await);
        }
        front::elsewhere(&self.network.behind, called).await.map_err(|e| Error::InternalError(Some(e.to_string())))
    }
}

impl WasiHttpHooks for Outbound {
    /// As by default, without making a closure for each header.
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        DEFAULT_FORBIDDEN_HEADERS.contains(name)
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let outbound = self.clone();
        Box::new(async move {
            let response = outbound.send(request, options.unwrap_or_default()).await?;
            let nothing_more: Box<dyn Future<Output = _> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((response, nothing_more))
        })
    }
}

/// Wasi's word for what the client says.
fn told(error: &hyper_util::client::legacy::Error) -> Error {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<tokio::time::error::Elapsed>() {
            return Error::ConnectionTimeout;
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::InvalidCertificate(_) => Error::TlsCertificateError,
                _ => Error::TlsProtocolError,
            };
        }
        if cause.to_string().starts_with("dns error") {
            return Error::DnsError { rcode: Some("address not available".into()), info_code: None };
        }
        source = cause.source();
    }
    if error.is_connect() { Error::ConnectionRefused } else { Error::ConnectionTerminated }
}

/// A connector that gives up in time.
#[derive(Clone)]
struct Patient(HttpsConnector<HttpConnector>);

impl Service<Uri> for Patient {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let patience = CONNECT_PATIENCE.try_with(|p| *p).unwrap_or(PATIENCE);
        let connecting = self.0.call(uri);
        Box::pin(async move { timeout(patience, connecting).await? })
    }
}

/// A response's body that may not pause for too long.
struct Steady {
    body: Incoming,
    between: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Body for Steady {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.sleep = None;
            return Poll::Ready(frame.map(|f| f.map_err(Error::from)));
        }
        let between = self.between;
        let waiting = self.sleep.get_or_insert_with(|| Box::pin(sleep(between)));
        waiting.as_mut().poll(context).map(|()| Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
