//! Webhooks and pushes: one delivery each, with the retries of the platform that sends it.

use crate::ledger::PushSeen;
use crate::order::Platform;
use crate::world::{Shared, World, lock};
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::time::Duration;
use tokio::sync::mpsc;

/// Shopify's documented limits; those of the others are not documented, the same are used.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
const WHOLE_LIMIT: Duration = Duration::from_secs(5);

/// Who decides about an attempt's outcome.
#[derive(Clone, Debug)]
pub(crate) enum Policy {
    /// Shopify's subscription with this id.
    Shopify(i64),
    /// WooCommerce's webhook with this id.
    Woo(i64),
    /// WooCommerce's ping on saving a webhook: nothing follows from its answer.
    WooPing,
    /// A site of the seller's own.
    OwnShop,
    /// SF's route push.
    SfRoute,
    /// Cainiao LINK.
    Link,
    /// The channel's own module decides.
    Channel,
}

/// One delivery.
#[derive(Clone, Debug)]
pub(crate) struct Push {
    pub(crate) platform: Platform,
    pub(crate) topic: String,
    pub(crate) about: String,
    pub(crate) delivery: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) policy: Policy,
}

impl Push {
    /// An address that is only asked for its words gets no body.
    pub(crate) fn method(&self) -> Method {
        if self.body.is_empty() { Method::GET } else { Method::POST }
    }
}

/// What comes after an attempt.
pub(crate) enum Next {
    Done,
    Retry(Duration),
    GiveUp,
}

/// An attempt's outcome: status (0 for none), `Retry-After` if given, body.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Bytes,
}

impl Outcome {
    pub(crate) fn success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What [`client`] makes.
pub(crate) type Http = Client<HttpConnector, Full<Bytes>>;

/// A plain HTTP client with the limits above.
pub(crate) fn client() -> Http {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_LIMIT));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

/// One call; `None` when nothing came back within the limit.
pub(crate) async fn send(
    http: &Http,
    method: Method,
    url: &str,
    headers: &[(&'static str, String)],
    body: Bytes,
) -> Option<Outcome> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(body)).ok()?;
    let answer = async {
        let answer = http.request(request).await.ok()?;
        let status = answer.status().as_u16();
        let retry_after =
            answer.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some(Outcome { status, retry_after, body })
    };
    tokio::time::timeout(WHOLE_LIMIT, answer).await.ok().flatten()
}

/// Takes pushes off the queue and delivers each, under the platform's webhook faults.
pub(crate) async fn deliver_all(world: Shared, mut queue: mpsc::UnboundedReceiver<Push>) {
    let http = client();
    while let Some(push) = queue.recv().await {
        let (copies, wait_ms, index) = leaves(&mut lock(&world), &push);
        for _ in 0..copies {
            tokio::spawn(deliver(world.clone(), http.clone(), push.clone(), index, wait_ms));
        }
    }
}

/// What the faults make of a push: how many leave, after how many milliseconds, and its place in the ledger.
pub(crate) fn leaves(world: &mut World, push: &Push) -> (usize, u64, usize) {
    let faults = world.faults(push.platform).delivery;
    let dropped = world.rng.u8(0..100) < faults.drop_percent;
    let twice = world.rng.u8(0..100) < faults.duplicate_percent;
    let shuffle = if faults.shuffle { world.rng.u64(0..500) } else { 0 };
    let late_ms = faults.late_seconds.saturating_mul(1_000) / u64::from(world.options.speed.max(1));
    let late_ms = if late_ms == 0 { 0 } else { world.rng.u64(0..late_ms) };
    let seen = PushSeen {
        platform: push.platform,
        topic: push.topic.clone(),
        about: push.about.clone(),
        delivery: push.delivery.clone(),
        attempts: Vec::new(),
        wrong_acks: 0,
        outcome: if dropped { "dropped" } else { "pending" },
    };
    world.pushes.push(seen);
    let copies = if dropped { 0 } else { 1 + usize::from(twice) };
    (copies, faults.delay_ms + shuffle + late_ms, world.pushes.len() - 1)
}

/// What follows from an attempt's outcome, by the platform's rules; written into the ledger.
pub(crate) fn attempted(world: &mut World, push: &Push, index: usize, attempt: u32, outcome: &Outcome) -> Next {
    let next = world.after_attempt(push, attempt, outcome);
    if let Some(seen) = world.pushes.get_mut(index) {
        seen.attempts.push(outcome.status);
        seen.wrong_acks += u32::from(outcome.success() && !matches!(next, Next::Done));
        seen.outcome = match next {
            Next::Done => "acknowledged",
            Next::Retry(_) => "pending",
            Next::GiveUp => "given_up",
        };
    }
    next
}

async fn deliver(world: Shared, http: Http, push: Push, index: usize, wait_ms: u64) {
    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let headers = lock(&world).headers(&push);
        let outcome = send(&http, push.method(), &push.url, &headers, push.body.clone()).await.unwrap_or_default();
        let next = attempted(&mut lock(&world), &push, index, attempt, &outcome);
        match next {
            Next::Retry(after) => tokio::time::sleep(after).await,
            Next::Done | Next::GiveUp => return,
        }
    }
}
