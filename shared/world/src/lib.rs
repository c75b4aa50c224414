//! What a function may reach, as one port: [`World`]. In a component it is Spin; in tests it is native.
//!
//! Over it stands the work that every function of a kind shares: serving an adapter's webhooks and calls, serving a
//! step, running a flow's lane. So a function's own crate holds only what is its own, and all of it runs natively.

mod account;
pub mod adapter;
pub mod buyer;
pub mod company;
mod egress;
mod known;
mod lane;
pub mod serve;
pub mod steps;

pub use account::{credentials, put_access};
pub use egress::{Egress, EgressError};
pub use known::known_channel;
pub use lane::{Begun, Turn, work, work_beside};

use bytes::Bytes;
use huidan_store::{Db, Moment, StoreError};
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;

/// A request as it came in, its body read.
pub type Incoming = http::Request<Bytes>;
/// An answer.
pub type Outgoing = http::Response<Bytes>;

/// Why another function gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Which function.
    pub component: String,
    /// What happened.
    pub why: Why,
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No answer within the limit; it may still be at work.
    Timeout,
    /// It answered with another status than 200.
    Status(u16),
    /// It could not be reached, or crashed.
    Crashed,
    /// Its answer is no such JSON.
    Unreadable,
}

impl std::fmt::Display for Missed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { component, why } = self;
        match why {
            Why::Timeout => write!(f, "{component} 未及时应答 / did not answer in time"),
            Why::Status(status) => write!(f, "{component} 应答 {status} / answered {status}"),
            Why::Crashed => write!(f, "{component} 崩溃或不可达 / crashed or is not there"),
            Why::Unreadable => write!(f, "{component} 的应答无法读取 / gave an unreadable answer"),
        }
    }
}

impl std::error::Error for Missed {}

/// Why a request to the outside brought no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// The settings do not allow this host; certainly nothing was sent.
    Refused(EgressError),
    /// No connection; certainly nothing was sent.
    NotConnected,
    /// Sent, or perhaps sent, and no reply came.
    Lost,
}

/// What a function may reach. What it is not granted answers with an error.
#[allow(async_fn_in_trait, reason = "components are single-threaded; no Send is wanted")]
pub trait World {
    /// A connection to one of the databases.
    type Db: Db;

    /// Works on the `edge` database. The connection is given back only when the work went well.
    fn edge<T>(
        &self,
        work: impl AsyncFn(&Self::Db) -> Result<T, StoreError>,
    ) -> impl Future<Output = Result<T, StoreError>>;

    /// Works on the `main` database.
    fn main<T>(
        &self,
        work: impl AsyncFn(&Self::Db) -> Result<T, StoreError>,
    ) -> impl Future<Output = Result<T, StoreError>>;

    /// Now, and chance.
    fn moment(&self) -> Moment<'_>;

    /// Waits so many milliseconds.
    fn sleep(&self, ms: u64) -> impl Future<Output = ()>;

    /// A setting; `None` when it is not set or empty.
    fn variable(&self, name: &str) -> impl Future<Output = Option<String>>;

    /// Calls another function: `POST http://<component>.spin.internal<path>` with JSON, within a limit in milliseconds.
    fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        component: &str,
        path: &str,
        body: &Q,
        limit_ms: u64,
    ) -> impl Future<Output = Result<A, Missed>>;

    /// Passes a request on to another function as it is (path, headers, body) and adds no internal token: for who
    /// acts in a visitor's name and has no rights of their own. Any status is an answer.
    fn ask(&self, component: &str, request: Incoming, limit_ms: u64) -> impl Future<Output = Result<Outgoing, Missed>>;

    /// Wakes a lane of a flow and does not wait for it. Never the only way that work gets done: the schedule comes by
    /// as well.
    fn wake(&self, flow: &str, lane: &str);

    /// Sends a request to the outside, within a limit in milliseconds.
    fn send(
        &self,
        request: huidan_exchange::Request,
        limit_ms: u64,
    ) -> impl Future<Output = Result<huidan_exchange::Reply, SendError>>;

    /// A sealed label by its SHA-256.
    fn label(&self, sha: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;

    /// Keeps a sealed label; durable when it returns.
    fn keep_label(&self, sha: &str, sealed: Vec<u8>) -> impl Future<Output = Result<(), StoreError>>;

    /// Forgets a label.
    fn drop_label(&self, sha: &str) -> impl Future<Output = Result<(), StoreError>>;

    /// A line for the log: codes and ids, never personal data.
    fn log(&self, line: std::fmt::Arguments<'_>);
}
