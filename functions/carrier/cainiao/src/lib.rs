//! Cainiao waybills through Taobao's gateway: receivers that the platform encrypts go in by their token, and the paper
//! comes out as print data that only the platform's own print component can open.

mod book;
mod manifest;
mod message;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod webhook;

use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel, Scan};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};
use huidan_top::Gateway;

/// Its gateway, which is Taobao's.
const TOP: Gateway = Gateway { names: ("菜鸟", "Cainiao"), session: "session", left_out: "" };

/// The carrier.
#[derive(Debug, Clone, Copy)]
pub struct Cainiao;

impl Carrier for Cainiao {
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
        book::cancel(call, number)
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
        read::read(push)
    }

    fn answer(&self, said: &Said, _asked: &http::HeaderMap) -> Reply {
        webhook::answer(said)
    }
}
