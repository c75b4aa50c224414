//! SF Express through its open platform (丰桥): numbers, cancelling, routes, the route push.

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

use huidan_carrier::{Booked, Cancelled, Carrier, Intercept, Intercepted, Manifest, Parcel, Quote, Scan, Tracked};
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

    fn update(&self, call: &Call<'_>, number: &WaybillNo, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::update(call, number, parcel)
    }

    fn price(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Vec<Quote>>, CallError> {
        later::price(call, parcel)
    }

    fn track(&self, call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
        read::track(call, parcels)
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

    fn answer(&self, said: &Said, asked: &http::HeaderMap) -> Reply {
        webhook::answer(said, asked)
    }
}
