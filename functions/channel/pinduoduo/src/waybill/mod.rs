//! Pinduoduo's waybill service: numbers of many carriers, taken with the ciphertext of its own orders as it is. The
//! paper comes out as print data that only the platform's own print component can open.

mod book;
mod manifest;
mod message;

use huidan_carrier::{Booked, Cancelled, Carrier, Manifest, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::{Call, CallError, Next};

/// The waybill service. It works with the rights of the shop that its account names.
#[derive(Debug, Clone, Copy)]
pub struct PinduoduoWaybill;

impl Carrier for PinduoduoWaybill {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        book::book(call, parcel)
    }

    fn query(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        let _ = (call, parcel);
        Err(book::cannot_be_asked())
    }

    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, _claim: &str) -> Result<Next<Cancelled>, CallError> {
        book::cancel(call, number)
    }
}
