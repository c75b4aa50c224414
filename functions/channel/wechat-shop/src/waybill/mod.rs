//! WeChat's waybills (微信小店电子面单): they take a masked receiver as it is, with the order's id.

mod apply;
mod book;
mod manifest;

use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::{Call, CallError, Next};

/// The waybill service.
#[derive(Debug, Clone, Copy)]
pub struct WechatShopWaybill;

impl Carrier for WechatShopWaybill {
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
}
