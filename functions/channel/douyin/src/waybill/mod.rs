//! The platform's own waybills: cipher texts go in as they are, the paper comes out as data that only the platform's
//! print component can open.

mod book;
mod manifest;
mod message;

use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::{Call, CallError, Next, rejected};

/// The waybill service of Douyin's shops.
#[derive(Debug, Clone, Copy)]
pub struct DouyinWaybill;

impl Carrier for DouyinWaybill {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    /// Nothing answers this question; the same claim booked again gives the first number.
    fn query(&self, _call: &Call<'_>, _parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        Err(rejected(
            "query_unsupported",
            "抖店没有按订单查询面单的接口，重复取号会返回原单号 / no call asks for a number; booking again gives the first one",
        ))
    }

    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, _claim: &str) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, number)
    }
}
