//! The simulators without sockets, under a clock that a test moves: a day passes as fast as it can be computed, and the
//! same seed gives the same day. For one thread only.

use crate::push::{Next, Outcome, Push, attempted, leaves};
use crate::server::{Call, answered, met};
use crate::world::{Shared, World, lock};
use crate::{Addresses, FACES, Options, Running, clock, express};
use bytes::Bytes;
use http::{Request, Response};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// A retry never comes at the very same instant, in milliseconds.
const RETRY_LEAST_MS: u64 = 1;

/// The simulators, standing still until the test moves the clock.
#[derive(Debug)]
pub struct Still {
    running: Running,
    queue: UnboundedReceiver<Push>,
    waiting: BTreeMap<(i64, u64), Waiting>,
    counter: u64,
}

#[derive(Debug)]
struct Waiting {
    push: Push,
    attempt: u32,
    index: usize,
}

/// A webhook on its way. Hand it back with what was answered.
#[derive(Debug)]
pub struct Delivery {
    /// To where.
    pub url: String,
    /// With which headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Bytes,
    waiting: Waiting,
}

impl Still {
    /// All of them, at an instant. Platform `x` is at `http://x.sim`.
    pub fn new(options: Options, now_ms: i64) -> Still {
        clock::set(now_ms);
        let (sender, queue) = mpsc::unbounded_channel();
        let world: Shared = Arc::new(Mutex::new(World::new(options, sender)));
        let origins = FACES.iter().enumerate().map(|(at, face)| origin(at, face.platform.name())).collect();
        let running = Running { world, addresses: Addresses::of(origins), tasks: Vec::new() };
        Still { running, queue, waiting: BTreeMap::new(), counter: 0 }
    }

    /// It is this instant now.
    pub fn set_now(&self, now_ms: i64) {
        clock::set(now_ms);
    }

    /// The handle by which orders are placed and faults made.
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// What a platform answers; `None` when the connection is cut, before or after the call had its effect.
    pub fn answer(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let host = parts.uri.host().unwrap_or_default().to_owned();
        let at = FACES.iter().enumerate().position(|(at, face)| {
            origin(at, face.platform.name()).strip_prefix("http://").is_some_and(|known| known == host)
        })?;
        let face = *FACES.get(at)?;
        let call = Call {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
            host,
        };
        let mut world = lock(&self.running.world);
        let (operation, verdict) = met(&mut world, &call, face);
        if verdict.outage {
            world.count(face.platform, &operation, "outage");
            return None;
        }
        let answer = answered(&mut world, &call, face, &operation, &verdict);
        // Half an answer is none to who waits for all of it.
        (!verdict.lost && !verdict.half).then_some(answer)
    }

    /// The webhooks that are to be delivered by now, in order.
    pub fn due(&mut self, now_ms: i64) -> Vec<Delivery> {
        express::tick(&mut lock(&self.running.world));
        while let Ok(push) = self.queue.try_recv() {
            let (copies, wait_ms, index) = leaves(&mut lock(&self.running.world), &push);
            for _ in 0..copies {
                self.wait(now_ms, wait_ms, Waiting { push: push.clone(), attempt: 0, index });
            }
        }
        let later = self.waiting.split_off(&(now_ms + 1, 0));
        let due = std::mem::replace(&mut self.waiting, later);
        let mut world = lock(&self.running.world);
        due.into_values()
            .map(|waiting| Delivery {
                url: waiting.push.url.clone(),
                headers: world.headers(&waiting.push),
                body: waiting.push.body.clone(),
                waiting,
            })
            .collect()
    }

    /// When the next webhook is to be delivered, or the next parcel is scanned.
    pub fn next_due(&self) -> Option<i64> {
        let scan = express::next_due(&lock(&self.running.world));
        self.waiting.keys().next().map(|(at, _)| *at).into_iter().chain(scan).min()
    }

    /// What was answered to a webhook; `None` for nothing.
    pub fn delivered(&mut self, now_ms: i64, delivery: Delivery, answer: Option<&Response<Bytes>>) {
        let outcome = answer.map_or_else(Outcome::default, |answer| Outcome {
            status: answer.status().as_u16(),
            retry_after: None,
            body: answer.body().clone(),
        });
        let Waiting { push, attempt, index } = delivery.waiting;
        let attempt = attempt + 1;
        let next = attempted(&mut lock(&self.running.world), &push, index, attempt, &outcome);
        if let Next::Retry(after) = next {
            let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX).max(RETRY_LEAST_MS);
            self.wait(now_ms, after_ms, Waiting { push, attempt, index });
        }
    }

    fn wait(&mut self, now_ms: i64, wait_ms: u64, waiting: Waiting) {
        self.counter += 1;
        let at = now_ms.saturating_add(i64::try_from(wait_ms).unwrap_or(i64::MAX));
        self.waiting.insert((at, self.counter), waiting);
    }
}

/// Two faces of one platform have addresses of their own.
fn origin(at: usize, name: &str) -> String {
    let first = FACES.iter().position(|face| face.platform.name() == name);
    if first == Some(at) { format!("http://{name}.sim") } else { format!("http://{name}-{at}.sim") }
}
