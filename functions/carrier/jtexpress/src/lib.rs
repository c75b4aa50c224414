//! J&T Express China (极兔) through its open platform: numbers, cancelling, balance, traces asked for and pushed.

mod api;
mod book;
mod manifest;
mod message;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod webhook;

use huidan_carrier::{Balance, Booked, Cancelled, Carrier, Manifest, Parcel, Scan, Tracked};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The carrier.
#[derive(Debug, Clone, Copy)]
pub struct JtExpress;

impl Carrier for JtExpress {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    fn query(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        book::query(call, parcel)
    }

    fn cancel(&self, call: &Call<'_>, _number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, claim)
    }

    fn balance(&self, call: &Call<'_>) -> Result<Next<Vec<Balance>>, CallError> {
        book::balance(call)
    }

    fn track(&self, call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
        read::track(call, parcels)
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
