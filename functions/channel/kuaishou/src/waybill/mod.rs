//! The platform's own waybill service: it takes receivers as the order has them encrypted, and gives print data that
//! only its print component opens.

mod book;
mod manifest;
mod message;

use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::{Call, CallError, Next, rejected};

/// The waybill service, with the rights of one of the platform's shops.
#[derive(Debug, Clone, Copy)]
pub struct KuaishouWaybill;

impl Carrier for KuaishouWaybill {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    /// The platform has no such question: a repeat of the booking gives the first number.
    fn query(&self, _call: &Call<'_>, _parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        Err(rejected(
            "query_unsupported",
            "快手没有查询取号结果的接口，重新取号会得到同一单号 / Kuaishou cannot be asked: booking again gives the \
                     same number",
        ))
    }

    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, _claim: &str) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, number)
    }
}
