//! The store: schema, migrations, sealing and **every** SQL statement of Huidan, over the small [`Db`] trait.
//!
//! Statements that run for every order take a whole batch at once (`json_each`), because a component pays for each
//! crossing into the host. Nothing outside this crate writes SQL.

pub mod access;
pub mod breaker;
pub mod bridges;
pub mod budget;
pub mod console;
mod db;
pub mod facts;
pub mod inbox;
mod json;
pub mod labels;
mod log;
pub mod mode;
mod moment;
#[cfg(all(feature = "native", not(target_family = "wasm")))]
pub mod native;
pub mod notices;
pub mod orders;
pub mod outbox;
pub mod plan;
pub mod print;
pub mod quarantine;
pub mod reconcile;
pub mod runner;
#[cfg(all(feature = "native", not(target_family = "wasm")))]
pub mod samples;
pub mod schedule;
pub mod schema;
mod seal;
pub mod shops;
pub mod tokens;
pub mod track;
pub mod waves;
pub mod waybills;

pub use db::{Db, Row, Rows, StoreError, Value, transaction};
pub use log::{Entry, Logged, append, page as log_page, verify as verify_log};
pub use moment::Moment;
pub use seal::{Chance, Keyring};
