use super::{Operation, Subject};
use crate::{Caller, drive};
use huidan_carrier::{Carrier, Intercept, Tracked};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Reply, Request};

/// The number that operations on a booked parcel speak of.
pub(super) const NUMBER: &str = "AB1234567890123";
/// Where the hub takes the pushes of the account.
pub(super) const PUSH_TO: &str = "https://hub.example/track/carrier/c1/0f9e8d7c6b5a4938";

/// A parcel that is asked about or watched.
pub(super) fn tracked(by: &str) -> Tracked {
    Tracked { phone_tail: "8000".to_owned(), ..Tracked::new(NUMBER, by) }
}

/// Runs an operation; what it gives is of no interest beyond its being given.
pub(super) fn run<C: Carrier>(
    subject: &Subject<'_, C>,
    caller: &Caller,
    operation: Operation,
    answer: impl FnMut(&Request) -> Reply,
) -> Result<String, CallError> {
    let number = WaybillNo::parse(NUMBER).expect("a number");
    let (carrier, parcel) = (subject.carrier, subject.parcel);
    let watched = tracked(carrier.manifest().id);
    match operation {
        Operation::Book => drive(caller, |call| carrier.book(call, parcel), answer).map(|it| format!("{it:?}")),
        Operation::Query => drive(caller, |call| carrier.query(call, parcel), answer).map(|it| format!("{it:?}")),
        Operation::Cancel => {
            drive(caller, |call| carrier.cancel(call, &number, &parcel.claim), answer).map(|it| format!("{it:?}"))
        }
        Operation::Update => {
            drive(caller, |call| carrier.update(call, &number, parcel), answer).map(|it| format!("{it:?}"))
        }
        Operation::Price => drive(caller, |call| carrier.price(call, parcel), answer).map(|it| format!("{it:?}")),
        Operation::Balance => drive(caller, |call| carrier.balance(call), answer).map(|it| format!("{it:?}")),
        Operation::Track => drive(caller, |call| carrier.track(call, std::slice::from_ref(&watched)), answer)
            .map(|it| format!("{it:?}")),
        Operation::Subscribe => {
            drive(caller, |call| carrier.subscribe(call, &watched, PUSH_TO), answer).map(|()| "subscribed".to_owned())
        }
        Operation::Intercept => {
            let (claim, back) = (parcel.claim.as_str(), Intercept::Return);
            drive(caller, |call| carrier.intercept(call, &number, claim, &back), answer).map(|it| format!("{it:?}"))
        }
    }
}
