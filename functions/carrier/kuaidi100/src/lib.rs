//! Kuaidi100 (快递100): one account that takes numbers at many carriers and watches the parcels of all of them.

mod api;
mod book;
mod company;
mod intercept;
mod manifest;
mod message;
mod price;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod watch;
mod webhook;

use huidan_carrier::{Booked, Cancelled, Carrier, Intercept, Intercepted, Manifest, Parcel, Quote, Scan, Tracked};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The carrier.
#[derive(Debug, Clone, Copy)]
pub struct Kuaidi100;

impl Carrier for Kuaidi100 {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    fn query(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        book::query(call, parcel)
    }

    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, _claim: &str) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, number, "")
    }

    fn cancel_by(
        &self,
        call: &Call<'_>,
        number: &WaybillNo,
        _claim: &str,
        reference: &str,
    ) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, number, reference)
    }

    fn price(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Vec<Quote>>, CallError> {
        price::price(call, parcel)
    }

    fn track(&self, call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
        watch::track(call, parcels)
    }

    fn subscribe(&self, call: &Call<'_>, parcel: &Tracked, push_to: &str) -> Result<Next<()>, CallError> {
        watch::subscribe(call, parcel, push_to)
    }

    fn intercept(
        &self,
        call: &Call<'_>,
        number: &WaybillNo,
        claim: &str,
        wish: &Intercept,
    ) -> Result<Next<Intercepted>, CallError> {
        intercept::intercept(call, number, claim, wish)
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
