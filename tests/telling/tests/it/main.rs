//! Shipments told to simulated platforms by the real functions, when all goes well and when it does not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot set itself up has failed"
)]

mod changes;
mod conflicts;
mod deadlines;
mod house;
mod looks;
mod parcels;
mod table;
mod troubles;
