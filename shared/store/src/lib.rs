//! The store: schema, migrations, sealing and **every** SQL statement of Huidan, over the small [`Db`] trait.
//!
//! Statements that run for every order take a whole batch at once (`json_each`), because a component pays for each
//! crossing into the host. Nothing outside this crate writes SQL.

pub mod access;
pub mod breaker;
mod db;
pub mod facts;
pub mod inbox;
mod json;
mod log;
mod moment;
#[cfg(all(feature = "native", not(target_family = "wasm")))]
pub mod native;
pub mod orders;
pub mod outbox;
pub mod plan;
pub mod quarantine;
pub mod runner;
pub mod schedule;
pub mod schema;
mod seal;
pub mod shops;
pub mod track;

pub use db::{Db, Row, Rows, StoreError, Value, transaction};
pub use log::{Entry, Logged, append, page as log_page, verify as verify_log};
pub use moment::Moment;
pub use seal::{Chance, Keyring};
