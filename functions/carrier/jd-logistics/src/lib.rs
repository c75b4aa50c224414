//! JD Logistics through its open platform (LOP): numbers, cancelling, intercepting, traces, the trace push.

mod api;
mod book;
mod later;
mod manifest;
mod message;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod webhook;

use huidan_carrier::{Booked, Cancelled, Carrier, Intercept, Intercepted, Manifest, Parcel, Scan, Tracked};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The carrier.
#[derive(Debug, Clone, Copy)]
pub struct JdLogistics;

impl Carrier for JdLogistics {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, _claim: &str) -> Result<Next<Cancelled>, CallError> {
        later::cancel(call, number)
    }

    fn track(&self, call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
        read::track(call, parcels)
    }

    fn subscribe(&self, call: &Call<'_>, parcel: &Tracked, _push_to: &str) -> Result<Next<()>, CallError> {
        later::subscribe(call, parcel)
    }

    fn intercept(
        &self,
        call: &Call<'_>,
        number: &WaybillNo,
        _claim: &str,
        wish: &Intercept,
    ) -> Result<Next<Intercepted>, CallError> {
        later::intercept(call, number, wish)
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

    fn answer(&self, said: &Said, _asked: &http::HeaderMap) -> Reply {
        webhook::answer(said)
    }
}
