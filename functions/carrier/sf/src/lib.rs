//! SF Express through its open platform (丰桥): numbers, cancelling, routes, the route push.

mod api;
mod book;
mod manifest;
mod message;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod webhook;

use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel, Scan};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The carrier.
#[derive(Debug, Clone, Copy)]
pub struct Sf;

impl Carrier for Sf {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    fn query(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        book::query(call, parcel)
    }

    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, number, claim)
    }

    fn track(&self, call: &Call<'_>, numbers: &[WaybillNo]) -> Result<Next<Vec<Scan>>, CallError> {
        read::track(call, numbers)
    }

    fn verify(
        &self,
        push: Webhook<Unverified>,
        account: &Account,
        secret: Option<&str>,
        _now: Millis,
    ) -> Result<Webhook<Verified>, Refusal> {
        webhook::verify(push, account, secret)
    }

    fn read(&self, push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
        webhook::read(push)
    }

    fn answer(&self, said: &Said, asked: &http::HeaderMap) -> Reply {
        webhook::answer(said, asked)
    }
}
