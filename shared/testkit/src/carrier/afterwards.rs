//! What a carrier may have beside numbers: each is declared in its manifest and then works, or is not and says so.

use super::run::{NUMBER, PUSH_TO, run};
use super::{Operation, Subject};
use crate::{drive, golden};
use huidan_carrier::{Balance, Booked, Cancelled, Carrier, Intercept, Intercepted, Quote, Scan, Tracked};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Next, Reply, Request};
use std::cell::Cell;
use std::path::Path;

/// What the manifest declares asks the carrier, and what it does not is rejected as `<operation>_unsupported` without
/// asking anybody: a watcher (`books` is false) never sends a booking. For one whose every operation asks the carrier;
/// where numbers come from the account's own range, [`rejects_what_it_has_not`] is the whole of it.
///
/// # Panics
/// When something else happens.
pub fn has_what_it_declares<C: Carrier>(subject: &Subject<'_, C>) {
    rejects_what_it_has_not(subject);
    let declared = Operation::ALL.into_iter().filter(|operation| operation.declared(subject.carrier));
    for operation in declared {
        // A watcher may ask about the parcels of some carriers only; its own samples show that it asks.
        if subject.carrier.manifest().watches_others && matches!(operation, Operation::Track | Operation::Subscribe) {
            continue;
        }
        let asked = Cell::new(0);
        let outcome = run(subject, subject.caller, operation, |_| {
            asked.set(asked.get() + 1);
            crate::reply(503, "")
        });
        let name = operation.name();
        assert!(asked.get() > 0, "{name} is declared and asks nobody: {outcome:?}");
        assert!(matches!(outcome, Err(CallError::Transient { .. } | CallError::Unknown { .. })), "{name}: {outcome:?}");
    }
}

/// What the manifest does not declare is rejected as `<operation>_unsupported` without asking anybody.
///
/// # Panics
/// When something else happens. A booking carrier that repeats, or leaves a lost answer to a person, declares nothing of
/// its `query`: it is not looked at here.
pub fn rejects_what_it_has_not<C: Carrier>(subject: &Subject<'_, C>) {
    for operation in Operation::ALL.into_iter().filter(|operation| !operation.declared(subject.carrier)) {
        if operation == Operation::Query && subject.carrier.manifest().books {
            continue;
        }
        let name = operation.name();
        match run(subject, subject.caller, operation, |_| panic!("{name} is not declared and sends something")) {
            Err(CallError::Rejected { code, remedy }) => {
                assert_eq!(code, format!("{name}_unsupported"));
                assert!(!remedy.is_empty(), "{name}: a person is told what to do instead");
            }
            other => panic!("{name} is not declared and gave {other:?}"),
        }
    }
}

/// Giving a number back works, and so does giving it back again.
///
/// # Panics
/// When one does not, or a claim's number is not named.
pub fn cancels<C: Carrier>(subject: &Subject<'_, C>, done: &[Reply], again: &[Reply]) {
    for (answers, expected) in [(done, Cancelled::Done), (again, Cancelled::AlreadyGone)] {
        let number = number();
        let cancelled = in_order(subject, answers, |call| subject.carrier.cancel(call, &number, &subject.parcel.claim));
        assert_eq!(cancelled, Ok(expected));
    }
}

/// Changing a booked parcel with these answers keeps its number and gives this.
///
/// # Panics
/// When it does not, or the number changes.
pub fn updates<C: Carrier>(subject: &Subject<'_, C>, answers: &[Reply], expected: &Booked) {
    let number = WaybillNo::parse(&expected.number).expect("a number");
    let updated = in_order(subject, answers, |call| subject.carrier.update(call, &number, subject.parcel));
    assert_eq!(updated.as_ref(), Ok(expected));
}

/// The prices of the parcel are these, cheapest first, and nothing is booked: asking twice asks the same way.
///
/// # Panics
/// When they are others or out of order.
pub fn prices<C: Carrier>(subject: &Subject<'_, C>, answers: &[Reply], expected: &[Quote]) {
    let quotes = in_order(subject, answers, |call| subject.carrier.price(call, subject.parcel)).expect("the prices");
    assert_eq!(quotes, expected);
    let dearer = quotes.windows(2).find(|pair| pair[0].price.amount > pair[1].price.amount);
    assert!(dearer.is_none(), "the cheapest comes first: {dearer:?}");
}

/// What is left of numbers and money is this.
///
/// # Panics
/// When it is something else, or a line says nothing.
pub fn balances<C: Carrier>(subject: &Subject<'_, C>, answers: &[Reply], expected: &[Balance]) {
    let left = in_order(subject, answers, |call| subject.carrier.balance(call)).expect("the balance");
    assert_eq!(left, expected);
    for line in left {
        assert!(line.numbers.is_some() || line.money.is_some(), "{line:?} tells of nothing");
    }
}

/// A subscription is taken, and one that stands already is success too. What was sent last is given, for the test to
/// look at.
///
/// # Panics
/// When one is not.
pub fn subscribes<C: Carrier>(
    subject: &Subject<'_, C>,
    parcel: &Tracked,
    fresh: &Reply,
    standing: &[Reply],
) -> Request {
    let mut sent = None;
    for answer in std::iter::once(fresh).chain(standing) {
        let outcome = drive(
            subject.caller,
            |call| subject.carrier.subscribe(call, parcel, PUSH_TO),
            |request| {
                sent = Some(request.clone());
                answer.clone()
            },
        );
        assert_eq!(outcome, Ok(()), "a subscription, or one that stands already, is success");
    }
    sent.expect("a subscription asks the carrier")
}

/// A parcel on its way is stopped or redirected: with the first answers the wish is taken, with the others it stood
/// already.
///
/// # Panics
/// When it is not.
pub fn intercepts<C: Carrier>(subject: &Subject<'_, C>, wish: &Intercept, accepted: &[Reply], standing: &[Reply]) {
    let outcomes = [(accepted, Intercepted::Accepted), (standing, Intercepted::AlreadyAsked)];
    for (answers, expected) in outcomes.into_iter().filter(|(answers, _)| !answers.is_empty()) {
        let number = number();
        let claim = subject.parcel.claim.as_str();
        let outcome = in_order(subject, answers, |call| subject.carrier.intercept(call, &number, claim, wish));
        assert_eq!(outcome, Ok(expected));
    }
}

/// The scans of these parcels are read as the golden file says, and all of them belong to parcels that were asked for.
///
/// # Panics
/// When they are not.
pub fn tracks<C: Carrier>(subject: &Subject<'_, C>, parcels: &[Tracked], answers: &[Reply], file: impl AsRef<Path>) {
    assert!(parcels.len() <= subject.carrier.manifest().track_batch, "more parcels than the manifest allows");
    let scans: Vec<Scan> =
        in_order(subject, answers, |call| subject.carrier.track(call, parcels)).expect("the scans are read");
    for scan in &scans {
        assert!(parcels.iter().any(|parcel| parcel.number == scan.number), "nobody asked for {}", scan.number);
    }
    golden::golden_json(file, &scans);
}

/// Runs an operation whose requests get these answers in their order, every one of them.
fn in_order<C: Carrier, T>(
    subject: &Subject<'_, C>,
    answers: &[Reply],
    operation: impl Fn(&huidan_exchange::Call<'_>) -> Result<Next<T>, CallError>,
) -> Result<T, CallError> {
    let mut left = answers.iter();
    let answer = |_: &Request| left.next().expect("no more requests than there are answers").clone();
    let outcome = drive(subject.caller, operation, answer);
    assert!(left.next().is_none(), "every answer was asked for");
    outcome
}

fn number() -> WaybillNo {
    WaybillNo::parse(NUMBER).expect("a number")
}
