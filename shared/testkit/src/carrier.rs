//! The contract of a carrier: what every adapter of that port must keep.
//!
//! An adapter's own test brings the documented samples; what must hold of them stands here, once for all.

mod push;

pub use push::{Push, acknowledges, keeps_unknown_codes, reads_push, refuses_every_push, refuses_forged_pushes};

use crate::{Caller, drive};
use huidan_carrier::{Booked, Carrier, Parcel, UnknownOutcome};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Credentials, Next, Reply, Request};
use std::collections::BTreeMap;

/// An adapter with an account and a parcel that can be booked.
#[derive(Debug)]
pub struct Subject<'a, C: Carrier> {
    /// The adapter.
    pub carrier: &'a C,
    /// An account with every credential set.
    pub caller: &'a Caller,
    /// A parcel with every field set.
    pub parcel: &'a Parcel,
}

/// An operation of the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// [`Carrier::book`].
    Book,
    /// [`Carrier::query`].
    Query,
    /// [`Carrier::cancel`].
    Cancel,
    /// [`Carrier::track`].
    Track,
}

/// A documented error: what the carrier answers, and what that must become.
#[derive(Debug, Clone)]
pub struct Fault {
    /// To which operation.
    pub to: Operation,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// [`CallError::kind`] of what it becomes.
    pub kind: &'static str,
    /// The code of a rejection or the field of a credential; empty for the other kinds.
    pub code: &'static str,
}

/// The manifest says what can be true of a carrier.
///
/// # Panics
/// When it does not.
pub fn declares_itself(carrier: &impl Carrier) {
    let manifest = carrier.manifest();
    let name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    assert!(name(manifest.id), "the id is a folder's name: {}", manifest.id);
    assert!(!manifest.zh.is_empty() && !manifest.en.is_empty(), "it has a name in both languages");
    for gateway in [manifest.gateway, manifest.sandbox] {
        let origin = gateway.strip_prefix("https://").is_some_and(|host| !host.contains('/'));
        assert!(gateway.is_empty() || origin, "{gateway} is an origin without a path");
    }
    assert!(manifest.pushes || !manifest.secret_path, "only a carrier that pushes has a secret path");
    for (index, field) in manifest.credentials.iter().enumerate() {
        assert!(!field.zh.is_empty() && !field.en.is_empty(), "{} is explained in both languages", field.name);
        assert!(
            manifest.credentials[..index].iter().all(|other| other.name != field.name),
            "{} stands twice",
            field.name
        );
    }
}

/// Without a needed credential nothing is sent, and the error names the field.
///
/// # Panics
/// When something is sent or another field is named.
pub fn names_missing_credentials<C: Carrier>(subject: &Subject<'_, C>, values: &BTreeMap<String, String>) {
    for field in subject.carrier.manifest().credentials.iter().filter(|field| field.needed) {
        let mut fewer = values.clone();
        fewer.remove(field.name).unwrap_or_else(|| panic!("the test's account has {}", field.name));
        let account = Account { credentials: Credentials::new(fewer), ..subject.caller.account.clone() };
        let caller = Caller { account, now: subject.caller.now };
        match run(subject, &caller, Operation::Book, |_| panic!("a request went out without {}", field.name)) {
            Err(CallError::Credentials { field: named, .. }) => assert_eq!(named, field.name),
            other => panic!("without {}: {other:?}", field.name),
        }
    }
}

/// Booking with these answers, in their order, gives this.
///
/// # Panics
/// When it gives something else, or a number that is none.
pub fn books<C: Carrier>(subject: &Subject<'_, C>, answers: &[Reply], expected: &Booked) {
    let mut answers = answers.iter();
    let booked = drive(
        subject.caller,
        |call| subject.carrier.book(call, subject.parcel),
        |_| answers.next().expect("no more requests than there are answers").clone(),
    );
    let booked = booked.unwrap_or_else(|error| panic!("booking failed: {error}"));
    assert!(answers.next().is_none(), "every answer was asked for");
    WaybillNo::parse(&booked.number).expect("what was booked is a waybill number");
    assert_eq!(&booked, expected);
}

/// The same claim sends the same words at another time and with another nonce, so that the carrier can see the repeat.
/// `words` takes what the claim governs out of a request: not its time, not its nonce, not its signature.
///
/// # Panics
/// When the repeat differs, or another claim does not.
pub fn repeats_itself<C: Carrier>(subject: &Subject<'_, C>, words: impl Fn(&Request) -> String) {
    let first = |parcel: &Parcel, at: i64, nonce: &str| {
        let now = Millis(subject.caller.now.0 + at);
        let call = Call { account: &subject.caller.account, now, nonce, replies: &[] };
        match subject.carrier.book(&call, parcel) {
            Ok(Next::Send(request)) => words(&request),
            Ok(Next::Done(booked)) => format!("{booked:?}"),
            Err(error) => panic!("booking failed: {error}"),
        }
    };
    let once = first(subject.parcel, 0, &"0".repeat(32));
    assert_eq!(once, first(subject.parcel, 3_600_000, &"f".repeat(32)), "the repeat says something else");
    let mut other = subject.parcel.clone();
    other.claim = "ZZZZZZZZZZZZZZZZZZZZZZZZZZ".into();
    other.serial = other.serial.map(|serial| serial + 1);
    assert_ne!(once, first(&other, 0, &"0".repeat(32)), "another claim says the same");
}

/// A booking whose answer was lost is found again in the way that the manifest declares. `repeated` is what the carrier
/// answers to the repeat or the question, `unknown` what it answers to the question about a claim it never saw.
///
/// # Panics
/// When the number is not found again, or one is made up.
pub fn resolves_a_lost_answer<C: Carrier>(
    subject: &Subject<'_, C>,
    repeated: &Reply,
    unknown: Option<&Reply>,
    expected: &Booked,
) {
    let query = |answer: &Reply| {
        drive(subject.caller, |call| subject.carrier.query(call, subject.parcel), |_| answer.clone())
            .unwrap_or_else(|error| panic!("the question failed: {error}"))
    };
    match subject.carrier.manifest().unknown_outcome {
        UnknownOutcome::SafeRepeat => books_again(subject, repeated, expected),
        UnknownOutcome::Query => assert_eq!(query(repeated).as_ref(), Some(expected)),
        UnknownOutcome::Person => {}
    }
    if let Some(unknown) = unknown {
        assert_eq!(query(unknown), None, "a claim the carrier never saw has no number");
    }
}

fn books_again<C: Carrier>(subject: &Subject<'_, C>, repeated: &Reply, expected: &Booked) {
    let again = drive(subject.caller, |call| subject.carrier.book(call, subject.parcel), |_| repeated.clone());
    assert_eq!(again.as_ref(), Ok(expected), "the repeat gives the first number");
}

/// A mobile number that an operation without a parcel cannot know, and must recognise by its shape.
const STRANGER: &str = "13911112222";

/// Every documented error becomes what it should, and says nothing of the receiver or the secrets although the carrier
/// repeats all of them (`{echo}` in a body stands for the receiver).
///
/// # Panics
/// When one does not, or does.
pub fn maps_errors<C: Carrier>(subject: &Subject<'_, C>, secrets: &[&str], faults: &[Fault]) {
    let receiver = &subject.parcel.receiver;
    let private = [receiver.name.as_str(), receiver.phone.as_str(), receiver.street.as_str()].join(" ");
    for fault in faults {
        let knows_parcel = matches!(fault.to, Operation::Book | Operation::Query);
        let echo = if knows_parcel { private.as_str() } else { STRANGER };
        let answer = crate::reply(fault.status, fault.body.replace("{echo}", echo));
        let error = run(subject, subject.caller, fault.to, |_| answer.clone()).err();
        let error = error.unwrap_or_else(|| panic!("{fault:?} was taken for success"));
        assert_eq!(error.kind(), fault.kind, "{fault:?} became {error:?}");
        let code = match &error {
            CallError::Credentials { field, .. } => field.as_str(),
            CallError::Rejected { code, .. } => code.as_str(),
            CallError::Transient { .. } | CallError::Limited { .. } | CallError::Unknown { .. } => "",
        };
        assert_eq!(code, fault.code, "{fault:?} became {error:?}");
        let said = format!("{error} {error:?}");
        let receiver = [receiver.name.as_str(), receiver.phone.as_str(), receiver.street.as_str(), STRANGER];
        for secret in receiver.iter().chain(secrets).filter(|secret| !secret.is_empty()) {
            assert!(!said.contains(secret), "{fault:?}: the error tells {secret:?}");
        }
    }
}

/// A good answer cut at any byte, or replaced by something that is none, is never taken for success and never breaks
/// anything; where the operation books, the outcome stays open.
///
/// # Panics
/// When it is taken for success.
pub fn doubts_spoilt_answers<C: Carrier>(subject: &Subject<'_, C>, to: Operation, good: &Reply) {
    let body = good.body();
    let mut spoilt: Vec<Vec<u8>> = (0..body.len()).map(|cut| body[..cut].to_vec()).collect();
    spoilt.extend([b"<html>502</html>".to_vec(), b"null".to_vec(), b"{}".to_vec(), b"[]".to_vec(), vec![0xff; 40]]);
    for answer in spoilt {
        let shown = answer.len();
        match run(subject, subject.caller, to, |_| crate::reply(200, answer.clone())) {
            Err(CallError::Unknown { .. }) => {}
            Err(CallError::Transient { .. }) if to != Operation::Book => {}
            other => panic!("{to:?}: an answer of {shown} bytes that is none gave {other:?}"),
        }
    }
}

/// Nothing of the receiver and no secret stands in an address or a header, where proxies and logs would keep it.
///
/// # Panics
/// When something does.
pub fn keeps_addresses_clean<C: Carrier>(subject: &Subject<'_, C>, secrets: &[&str], answer: &Reply) {
    let receiver = &subject.parcel.receiver;
    for operation in [Operation::Book, Operation::Query, Operation::Cancel, Operation::Track] {
        let _ = run(subject, subject.caller, operation, |request| {
            let outside = format!("{} {:?}", request.uri(), request.headers());
            let private = [receiver.name.as_str(), receiver.phone.as_str(), receiver.street.as_str()];
            for secret in private.iter().chain(secrets).filter(|secret| !secret.is_empty()) {
                assert!(!outside.contains(secret), "{operation:?} shows {secret:?}: {outside}");
            }
            answer.clone()
        });
    }
}

/// Runs an operation; what it gives is of no interest beyond its being given.
fn run<C: Carrier>(
    subject: &Subject<'_, C>,
    caller: &Caller,
    operation: Operation,
    answer: impl FnMut(&Request) -> Reply,
) -> Result<String, CallError> {
    let number = WaybillNo::parse("AB1234567890123").expect("a number");
    let (carrier, parcel) = (subject.carrier, subject.parcel);
    match operation {
        Operation::Book => drive(caller, |call| carrier.book(call, parcel), answer).map(|it| format!("{it:?}")),
        Operation::Query => drive(caller, |call| carrier.query(call, parcel), answer).map(|it| format!("{it:?}")),
        Operation::Cancel => {
            drive(caller, |call| carrier.cancel(call, &number, &parcel.claim), answer).map(|it| format!("{it:?}"))
        }
        Operation::Track => {
            drive(caller, |call| carrier.track(call, std::slice::from_ref(&number)), answer).map(|it| format!("{it:?}"))
        }
    }
}
