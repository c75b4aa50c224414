//! The contract of a carrier: what every adapter of that port must keep.
//!
//! An adapter's own test brings the documented samples; what must hold of them stands here, once for all.

mod afterwards;
mod asked;
mod errors;
mod fixture;
mod push;
mod run;

pub use crate::values;
pub use afterwards::{
    balances, cancels, has_what_it_declares, intercepts, prices, rejects_what_it_has_not, subscribes, tracks, updates,
};
pub use asked::{refuses_unsent, sent};
pub use errors::{doubts_spoilt_answers, keeps_addresses_clean, maps_errors};
pub use fixture::{CLAIM, booked, caller, field, head, parcel, pieces, sample, sample_text, sealed, text};
pub use push::{
    Push, acknowledges, acknowledges_exactly, keeps_unknown_codes, reads_push, refuses_every_push,
    refuses_forged_pushes,
};

use crate::{Caller, drive};
use huidan_carrier::{Booked, Carrier, Parcel, UnknownOutcome};
use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Credentials, Next, Reply, Request};
use run::run;
use std::collections::{BTreeMap, BTreeSet};

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

/// Runs a check of the contract over an adapter, an account and a parcel.
pub fn over<C: Carrier, R>(
    carrier: &C,
    caller: &Caller,
    parcel: &Parcel,
    check: impl FnOnce(&Subject<'_, C>) -> R,
) -> R {
    check(&Subject { carrier, caller, parcel })
}

/// It says what it is, has what it says, and names each credential that is missing.
///
/// # Panics
/// When it does not.
pub fn is_what_it_says<C: Carrier>(subject: &Subject<'_, C>, credentials: &BTreeMap<String, String>) {
    declares_itself(subject.carrier);
    names_missing_credentials(subject, credentials);
    has_what_it_declares(subject);
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
    /// [`Carrier::update`].
    Update,
    /// [`Carrier::price`].
    Price,
    /// [`Carrier::balance`].
    Balance,
    /// [`Carrier::track`].
    Track,
    /// [`Carrier::subscribe`].
    Subscribe,
    /// [`Carrier::intercept`].
    Intercept,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 9] = [
        Self::Book,
        Self::Query,
        Self::Cancel,
        Self::Update,
        Self::Price,
        Self::Balance,
        Self::Track,
        Self::Subscribe,
        Self::Intercept,
    ];

    /// As the port calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Query => "query",
            Self::Cancel => "cancel",
            Self::Update => "update",
            Self::Price => "price",
            Self::Balance => "balance",
            Self::Track => "track",
            Self::Subscribe => "subscribe",
            Self::Intercept => "intercept",
        }
    }

    /// Whether the manifest of this carrier declares it. One that books nothing has nothing to ask for or take back, and
    /// one that repeats or leaves a lost answer to a person need not be asked for it.
    pub fn declared(self, carrier: &impl Carrier) -> bool {
        let manifest = carrier.manifest();
        match self {
            Self::Book | Self::Cancel => manifest.books,
            Self::Query => manifest.books && manifest.unknown_outcome == UnknownOutcome::Query,
            Self::Update => manifest.updates,
            Self::Price => manifest.prices,
            Self::Balance => manifest.balances,
            Self::Track => manifest.track_batch > 0,
            Self::Subscribe => manifest.subscribes,
            Self::Intercept => manifest.intercepts,
        }
    }
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
    assert!(manifest.pushes || !manifest.subscribes, "only a carrier that pushes can be subscribed to");
    assert!(manifest.books || manifest.watches_others, "it books, or it watches what others carry");
    assert!(manifest.most_pieces > 0, "a parcel has a piece");
    let of_a_booking = manifest.updates || manifest.needs_serial || manifest.most_pieces > 1;
    assert!(manifest.books || !of_a_booking, "a watcher books nothing, and changes nothing that it booked");
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

/// Booking with these answers, in their order, gives this: one number for every piece, no two of them equal.
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
    assert_eq!(&booked, expected);
    one_number_a_piece(&booked, subject.parcel);
}

fn one_number_a_piece(booked: &Booked, parcel: &Parcel) {
    let numbers: Vec<&str> = std::iter::once(&booked.number)
        .chain(booked.children.iter().map(|child| &child.number))
        .map(String::as_str)
        .collect();
    assert_eq!(numbers.len(), usize::from(parcel.pieces), "one number for every piece");
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "no two pieces share a number");
    for number in numbers {
        WaybillNo::parse(number).expect("what was booked is a waybill number");
    }
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
