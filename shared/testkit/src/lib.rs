//! For tests only: the contract that every adapter passes, as plain functions that the adapter's own test calls.
//!
//! A check reports by panicking, which is how a test fails.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a library of tests: a panic is its report"
)]

mod account;
pub mod carrier;
pub mod channel;
mod drive;
pub mod golden;
mod json_text;
pub mod notice;
mod seed;
mod vectors;
pub mod world;

pub use account::{account, values};
pub use drive::{Caller, drive, rejected, reply};
pub use seed::{FixedClock, Seeded};
pub use vectors::{Vector, vectors};
