//! What a carrier's answer means for a claim.

use crate::document::{self, ToKeep};
use huidan_carrier::{Booked, Paper};
use huidan_domain::{Millis, WaybillNo};
use huidan_store::labels::print_data_seal_name;
use huidan_store::waybills::{Drawn, Given, GivenChild, Outcome};
use huidan_store::{Keyring, Moment, StoreError};
use huidan_wire::call::{Answer, EXISTS, Failure};
use std::cell::RefCell;

/// The first wait after a failure, in milliseconds; it doubles with each further one.
const FIRST_MS: i64 = 2_000;
/// The longest wait, in milliseconds.
const LONGEST_MS: i64 = 300_000;

/// What one answer says of the carrier itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Health {
    /// It works.
    Well,
    /// It fails; why.
    Ill(String),
    /// Its settings are wrong; why.
    Trouble(String),
}

/// When to try again after so many calls.
pub(crate) fn again(now: Millis, calls: u32, after_s: Option<u32>) -> Millis {
    let wait = after_s.map_or_else(|| (FIRST_MS << calls.min(10)).min(LONGEST_MS), |s| i64::from(s) * 1000);
    Millis(now.0 + wait)
}

/// Where print data and documents are sealed and by what.
pub(crate) struct Seals<'a> {
    /// The label key.
    pub(crate) keys: &'a Keyring,
    /// Now, and chance.
    pub(crate) moment: Moment<'a>,
    /// Documents to keep before their numbers are stored.
    pub(crate) documents: RefCell<Vec<ToKeep>>,
}

impl<'a> Seals<'a> {
    /// With this key.
    pub(crate) fn new(keys: &'a Keyring, moment: Moment<'a>) -> Self {
        Self { keys, moment, documents: RefCell::default() }
    }
}

/// What an answer to `book` means. Only an answer with a number is a number; only `rejected`, `credentials`,
/// `transient` and `limited` mean that certainly none was taken.
pub(crate) fn of_booking(
    seals: &Seals<'_>,
    waybill: &str,
    calls: u32,
    answer: Answer<Booked>,
) -> Result<(Outcome, Health), StoreError> {
    let now = seals.moment.now;
    let failure = match answer {
        Answer::Done(booked) => return issued(seals, waybill, booked).map(|outcome| (outcome, Health::Well)),
        Answer::Failed(failure) => failure,
    };
    let again_at = again(now, calls, failure.after_s);
    let reason = sentence(&failure);
    Ok(match failure.kind.as_str() {
        "rejected" => (Outcome::Refused(reason), Health::Well),
        "credentials" => (Outcome::NotSent { reason: reason.clone(), again_at }, Health::Trouble(reason)),
        "transient" | "limited" => (Outcome::NotSent { reason: reason.clone(), again_at }, Health::Ill(reason)),
        _ if failure.code == EXISTS => (Outcome::Hidden { reason: reason.clone(), again_at }, Health::Ill(reason)),
        _ => (Outcome::Unclear { reason: reason.clone(), again_at }, Health::Ill(reason)),
    })
}

/// What an answer to `query` means: the number, or that the carrier knows nothing of the claim. That it knows nothing
/// *yet* is possible while a call may still be under way, so it is believed only once `certain`.
pub(crate) fn of_query(
    seals: &Seals<'_>,
    waybill: &str,
    calls: u32,
    certain: bool,
    answer: Answer<Option<Booked>>,
) -> Result<(Outcome, Health), StoreError> {
    let again_at = again(seals.moment.now, calls, None);
    match answer {
        Answer::Done(Some(booked)) => issued(seals, waybill, booked).map(|outcome| (outcome, Health::Well)),
        Answer::Done(None) if certain => Ok((Outcome::NothingThere, Health::Well)),
        Answer::Done(None) => {
            let reason = "承运商还没有这一单，稍后再查 / the carrier does not know the claim yet: asked again soon";
            Ok((Outcome::Unclear { reason: reason.to_owned(), again_at }, Health::Well))
        }
        Answer::Failed(failure) => {
            let reason = sentence(&failure);
            let again_at = again(seals.moment.now, calls, failure.after_s);
            Ok(match failure.kind.as_str() {
                "rejected" => (Outcome::AskPerson(ask(&reason)), Health::Well),
                "credentials" => (Outcome::Unclear { reason: reason.clone(), again_at }, Health::Trouble(reason)),
                _ => (Outcome::Unclear { reason: reason.clone(), again_at }, Health::Ill(reason)),
            })
        }
    }
}

/// The sentence that leaves a claim to a person.
pub(crate) fn ask(reason: &str) -> String {
    format!(
        "取号结果不明，请到承运商后台查询后回答（{reason}）/ nobody can tell whether a number was taken: look it up at \
         the carrier and answer here"
    )
}

fn issued(seals: &Seals<'_>, waybill: &str, booked: Booked) -> Result<Outcome, StoreError> {
    let Ok(number) = WaybillNo::parse(&booked.number) else {
        return Ok(Outcome::AskPerson(ask("应答的单号无法使用 / the number in the answer is none")));
    };
    let mut children = Vec::with_capacity(booked.children.len());
    for (child, seq) in booked.children.into_iter().zip(2_u32..) {
        let Ok(number) = WaybillNo::parse(&child.number) else {
            return Ok(Outcome::AskPerson(ask("应答的子单号无法使用 / a child's number in the answer is none")));
        };
        let (print_data, document) = paper(seals, waybill, &format!("{waybill}/{seq}"), child.paper)?;
        children.push(GivenChild { number, print_data, document });
    }
    let (print_data, document) = paper(seals, waybill, waybill, booked.paper)?;
    Ok(Outcome::Issued(Box::new(Given {
        number,
        routing: booked.routing,
        by: booked.by,
        print_data,
        document,
        reference: booked.reference,
        children,
    })))
}

/// How the paper of a piece is made: a platform's print data, sealed under the piece's name, or the carrier's own
/// document.
pub(crate) fn paper(
    seals: &Seals<'_>,
    waybill: &str,
    piece: &str,
    paper: Paper,
) -> Result<(Option<Vec<u8>>, Option<Drawn>), StoreError> {
    Ok(match paper {
        Paper::Hub => (None, None),
        Paper::Document { media, base64 } => {
            let (drawn, kept) = document::drawn(seals.keys, seals.moment.chance, waybill, media, &base64)?;
            seals.documents.borrow_mut().extend(kept);
            (None, Some(drawn))
        }
        Paper::PlatformTask { print_data } => {
            let name = print_data_seal_name(piece);
            (Some(seals.keys.seal(seals.moment.chance, &name, print_data.as_bytes())?), None)
        }
    })
}

/// A failure in words, for a person.
pub(crate) fn sentence(failure: &Failure) -> String {
    match failure.code.as_str() {
        "" => failure.detail.clone(),
        code => format!("{code}: {}", failure.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use huidan_testkit::world::TestWorld;
    use huidan_world::World;

    fn failed<T>(kind: &str) -> Answer<T> {
        Answer::Failed(Failure { kind: kind.into(), code: String::new(), detail: "x".into(), after_s: None })
    }

    #[test]
    fn only_what_certainly_took_no_number_is_let_go_and_anything_unsure_is_asked_for() {
        let world = TestWorld::new(1);
        let keys = Keyring::derived("k", "label");
        let seals = Seals::new(&keys, world.moment());
        for (kind, released) in [
            ("rejected", true),
            ("credentials", true),
            ("transient", true),
            ("limited", true),
            ("unknown", false),
            ("a word of tomorrow", false),
        ] {
            let (outcome, _) = of_booking(&seals, "w", 1, failed(kind)).unwrap();
            let sure = matches!(outcome, Outcome::Refused(_) | Outcome::NotSent { .. });
            assert_eq!(sure, released, "{kind}: {outcome:?}");
            let (outcome, _) = of_query(&seals, "w", 1, true, failed(kind)).unwrap();
            assert!(matches!(outcome, Outcome::Unclear { .. } | Outcome::AskPerson(_)), "{kind}: {outcome:?}");
        }
    }

    #[test]
    fn an_unknown_claim_is_believed_only_when_no_call_can_be_under_way() {
        let world = TestWorld::new(1);
        let keys = Keyring::derived("k", "label");
        let seals = Seals::new(&keys, world.moment());
        let none = || Answer::Done(None);
        assert!(matches!(of_query(&seals, "w", 1, false, none()).unwrap().0, Outcome::Unclear { .. }));
        assert_eq!(of_query(&seals, "w", 1, true, none()).unwrap().0, Outcome::NothingThere);
    }

    #[test]
    fn waits_double_up_to_a_limit_and_the_carriers_own_word_wins() {
        let at = |calls, after_s| again(Millis(0), calls, after_s).0;
        assert_eq!((at(1, None), at(2, None), at(30, None), at(30, Some(7))), (4_000, 8_000, LONGEST_MS, 7_000));
    }
}
