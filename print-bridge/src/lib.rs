//! The print bridge: leases jobs from a Huidan hub, journals them to disk, prints each at most once, and reports.
//!
//! A label that is missing is seen at the bench; a second waybill with one tracking number is not. So the bridge never
//! prints a job twice by itself. What it promises rests on three things:
//!
//! 1. the [`journal`] commits `sending`, synced to disk, before the first byte of a label leaves;
//! 2. a [`driver`] says `failed` only when certainly nothing came out, and `unconfirmed` whenever it does not know;
//! 3. nothing starts without a lease that is good by the hub's clock ([`lane`], [`claim`]).
//!
//! A job the bridge never started is given back (`failed` with `requeue`), for the hub to queue again; everything else
//! is a person's decision.
//!
//! One task claims, one reports, and one per printer prints; they share the [`desk`]. Labels are held in memory only.

pub mod attached;
pub mod backoff;
pub mod board;
pub mod claim;
pub mod cli;
pub mod clock;
pub mod desk;
pub mod discover;
pub mod driver;
pub mod failpoint;
pub mod hub;
pub mod journal;
pub mod lane;
pub mod notify;
pub mod page;
pub mod protocol;
pub mod raster;
pub mod recover;
pub mod report;
pub mod run;
pub mod service;
pub mod state;
pub mod status;
pub mod target;
pub mod test_page;
pub mod worker;
