//! What a booking sends, and what it will not send.

use super::Subject;
use crate::{Caller, drive, rejected};
use huidan_carrier::{Carrier, Parcel};
use huidan_exchange::{Reply, Request};

/// The first request of a booking; every one is answered so, and what comes of it does not matter.
///
/// # Panics
/// When nothing is sent.
pub fn sent(carrier: &impl Carrier, caller: &Caller, parcel: &Parcel, answer: &Reply) -> Request {
    let mut first = None;
    let booked = drive(
        caller,
        |call| carrier.book(call, parcel),
        |request| {
            first.get_or_insert_with(|| request.clone());
            answer.clone()
        },
    );
    first.unwrap_or_else(|| panic!("nothing was sent: {booked:?}"))
}

/// The code of the refusal that meets the subject's parcel when it is changed so.
///
/// # Panics
/// When it is not refused, or something is sent before.
pub fn refuses_unsent<C: Carrier>(subject: &Subject<'_, C>, change: impl FnOnce(&mut Parcel)) -> String {
    let mut parcel = subject.parcel.clone();
    change(&mut parcel);
    let booked = drive(subject.caller, |call| subject.carrier.book(call, &parcel), |_| panic!("something was sent"));
    rejected(&booked).unwrap_or_else(|| panic!("it is not refused: {booked:?}")).to_owned()
}
