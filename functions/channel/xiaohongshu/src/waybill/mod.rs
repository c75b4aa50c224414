//! The platform's own waybills (`express.*EbillOrder*`, version 2): encrypted receivers go in by ciphertext and handle,
//! the paper comes out as print data that only the platform's print component can open.

mod book;
mod manifest;
mod message;

use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::{Call, CallError, Next};

/// The waybill service.
#[derive(Debug, Clone, Copy)]
pub struct XiaohongshuWaybill;

impl Carrier for XiaohongshuWaybill {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    /// The platform finds a waybill by its number and by nothing else.
    fn query(&self, _call: &Call<'_>, _parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        Err(CallError::Unknown {
            detail: "平台不能按包裹查询单号，请在千帆的电子面单记录中核对 / the platform cannot be asked by parcel: look into the \
                     waybill records of its back office"
                .to_owned(),
        })
    }

    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, _claim: &str) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, number)
    }
}
