//! STO Express through its open platform: numbers, cancelling, traces, the trace push.

mod api;
mod book;
mod manifest;
mod message;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod webhook;

use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel, Scan, Tracked};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The carrier.
#[derive(Debug, Clone, Copy)]
pub struct Sto;

impl Carrier for Sto {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, number, claim)
    }

    fn track(&self, call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
        read::track(call, parcels)
    }

    fn subscribe(&self, call: &Call<'_>, parcel: &Tracked, _push_to: &str) -> Result<Next<()>, CallError> {
        read::subscribe(call, parcel)
    }

    fn verify(
        &self,
        push: Webhook<Unverified>,
        account: &Account,
        _secret: Option<&str>,
        _now: Millis,
    ) -> Result<Webhook<Verified>, Refusal> {
        webhook::verify(push, account)
    }

    fn read(&self, push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
        webhook::read(push)
    }

    fn answer(&self, said: &Said, _asked: &http::HeaderMap) -> Reply {
        webhook::answer(said)
    }
}
