use crate::database::{self, SpinDb};
use crate::outbound::{self, Failed};
use bytes::Bytes;
use huidan_domain::Millis;
use huidan_exchange::{Reply, Request};
use huidan_store::schema::Which;
use huidan_store::{Chance, Moment, StoreError};
use huidan_wire::{TOKEN_HEADER, VERSION, VERSION_HEADER};
use huidan_world::{Incoming, Missed, Outgoing, SendError, Why, World};
use serde::{Serialize, de::DeserializeOwned};
use spin_sdk::key_value::Store;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The world of a component.
#[derive(Debug, Clone, Copy)]
pub struct Spin {
    migrating: bool,
}

impl Spin {
    /// For everybody who waits for the database to be at the version they know.
    pub(crate) const fn waiting() -> Self {
        Self { migrating: false }
    }

    /// For flow-clock, which brings it there.
    pub(crate) const fn migrating() -> Self {
        Self { migrating: true }
    }
}

struct Random;

impl Chance for Random {
    fn fill(&self, bytes: &mut [u8]) {
        // The host's generator does not fail; where it did, a nonce of zeros must not be used, so trap.
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}

thread_local! {
    // Settings do not change while an instance lives.
    static SETTINGS: RefCell<HashMap<String, Option<String>>> = RefCell::default();
    // Wakes under way; `true` when another was wanted meanwhile. Fifty webhooks at once wake the conductor twice, not
    // fifty times.
    static WAKES: RefCell<HashMap<(String, String), bool>> = RefCell::default();
}

/// How long a wake may take before it is given up; the work itself goes on.
const WAKE_LIMIT_MS: u64 = 60_000;

/// How long an instance rests after a wake, in milliseconds: what comes meanwhile is woken for together. The first wake
/// goes at once; under a stream of webhooks each one alone would ask the conductor, only to hear that it is at work. As long
/// as a lane rests between its turns: an earlier wake would find it at rest.
const WAKE_REST_MS: u64 = 25;

impl World for Spin {
    type Db = SpinDb;

    async fn edge<T>(&self, work: impl AsyncFn(&SpinDb) -> Result<T, StoreError>) -> Result<T, StoreError> {
        database::with(Which::Edge, self.migrating, work).await
    }

    async fn main<T>(&self, work: impl AsyncFn(&SpinDb) -> Result<T, StoreError>) -> Result<T, StoreError> {
        database::with(Which::Main, self.migrating, work).await
    }

    fn moment(&self) -> Moment<'_> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment::new(Millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX)), &Random)
    }

    async fn sleep(&self, ms: u64) {
        // What this task has just spawned, such as a wake, is not polled before this task has waited for something and
        // come back; it must not be kept for the whole pause.
        spin_sdk::wasip3::wit_bindgen::yield_async().await;
        spin_sdk::time::sleep(Duration::from_millis(ms)).await;
    }

    async fn variable(&self, name: &str) -> Option<String> {
        if let Some(known) = SETTINGS.with_borrow(|known| known.get(name).cloned()) {
            return known;
        }
        let value = spin_sdk::variables::get(name).await.ok().filter(|value| !value.is_empty());
        SETTINGS.with_borrow_mut(|known| known.insert(name.to_owned(), value.clone()));
        value
    }

    async fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        component: &str,
        path: &str,
        body: &Q,
        limit_ms: u64,
    ) -> Result<A, Missed> {
        let missed = |why| Missed { component: component.to_owned(), why };
        let body = serde_json::to_vec(body).map_err(|_| missed(Why::Unreadable))?;
        let request = self.internal(component, path, Bytes::from(body)).await.ok_or_else(|| missed(Why::Crashed))?;
        let reply = outbound::send(request, limit_ms).await.map_err(|failed| match failed {
            Failed::Timeout => missed(Why::Timeout),
            Failed::NotConnected | Failed::Lost => missed(Why::Crashed),
        })?;
        match reply.status().as_u16() {
            200 => serde_json::from_slice(reply.body()).map_err(|_| missed(Why::Unreadable)),
            status => Err(missed(Why::Status(status))),
        }
    }

    async fn ask(&self, component: &str, mut request: Incoming, limit_ms: u64) -> Result<Outgoing, Missed> {
        let missed = |why| Missed { component: component.to_owned(), why };
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let address = format!("http://{component}.spin.internal{path}");
        *request.uri_mut() = address.parse().map_err(|_| missed(Why::Crashed))?;
        outbound::send(request, limit_ms).await.map_err(|failed| match failed {
            Failed::Timeout => missed(Why::Timeout),
            Failed::NotConnected | Failed::Lost => missed(Why::Crashed),
        })
    }

    fn wake(&self, flow: &str, lane: &str) {
        let key = (flow.to_owned(), lane.to_owned());
        let under_way = WAKES.with_borrow_mut(|wakes| match wakes.get_mut(&key) {
            Some(again) => {
                *again = true;
                true
            }
            None => {
                wakes.insert(key.clone(), false);
                false
            }
        });
        if under_way {
            return;
        }
        let world = *self;
        spin_sdk::wasip3::spawn(async move {
            loop {
                if let Some(request) = world.internal(&key.0, &format!("/wake?lane={}", key.1), Bytes::new()).await {
                    // A lost wake is made good by the schedule.
                    let _ = outbound::send(request, WAKE_LIMIT_MS).await;
                }
                spin_sdk::time::sleep(Duration::from_millis(WAKE_REST_MS)).await;
                let again = WAKES.with_borrow_mut(|wakes| match wakes.remove(&key) {
                    Some(true) => {
                        wakes.insert(key.clone(), false);
                        true
                    }
                    _ => false,
                });
                if !again {
                    return;
                }
            }
        });
    }

    async fn send(&self, request: Request, limit_ms: u64) -> Result<Reply, SendError> {
        outbound::send(request, limit_ms).await.map_err(|failed| match failed {
            Failed::NotConnected => SendError::NotConnected,
            Failed::Lost | Failed::Timeout => SendError::Lost,
        })
    }

    async fn label(&self, sha: &str) -> Result<Option<Vec<u8>>, StoreError> {
        labels().await?.get(sha).await.map_err(|error| StoreError::Database(error.to_string()))
    }

    async fn keep_label(&self, sha: &str, sealed: Vec<u8>) -> Result<(), StoreError> {
        labels().await?.set(sha, sealed).await.map_err(|error| StoreError::Database(error.to_string()))
    }

    async fn drop_label(&self, sha: &str) -> Result<(), StoreError> {
        labels().await?.delete(sha).await.map_err(|error| StoreError::Database(error.to_string()))
    }

    fn log(&self, line: std::fmt::Arguments<'_>) {
        eprintln!("{line}");
    }
}

impl Spin {
    async fn internal(&self, component: &str, path: &str, body: Bytes) -> Option<Request> {
        let token = self.variable("internal_token").await.unwrap_or_default();
        http::Request::post(format!("http://{component}.spin.internal{path}"))
            .header("content-type", "application/json")
            .header(VERSION_HEADER, VERSION)
            .header(TOKEN_HEADER, token)
            .body(body)
            .ok()
    }
}

async fn labels() -> Result<Store, StoreError> {
    Store::open("labels").await.map_err(|error| StoreError::Database(error.to_string()))
}
