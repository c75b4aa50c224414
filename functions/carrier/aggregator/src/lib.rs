//! Parcels of any carrier, watched through one of the international tracking services: EasyPost, AfterShip, 17TRACK or
//! TrackingMore, as the account's `provider` says. Nothing is booked here.

mod aftership;
mod api;
mod company;
mod easypost;
mod manifest;
mod provider;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod track17;
mod trackingmore;
mod webhook;

use huidan_carrier::common::unsupported;
use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel, Scan, Tracked};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The carrier.
#[derive(Debug, Clone, Copy)]
pub struct Aggregator;

impl Carrier for Aggregator {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, _call: &Call<'_>, _parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        Err(unsupported("book"))
    }

    fn cancel(&self, _call: &Call<'_>, _number: &WaybillNo, _claim: &str) -> Result<Next<Cancelled>, CallError> {
        Err(unsupported("cancel"))
    }

    fn track(&self, call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
        provider::track(call, parcels)
    }

    fn subscribe(&self, call: &Call<'_>, parcel: &Tracked, _push_to: &str) -> Result<Next<()>, CallError> {
        provider::subscribe(call, parcel)
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
