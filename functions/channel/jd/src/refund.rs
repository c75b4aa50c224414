//! Requests to cancel an order that is paid. The platform cancels whole orders, so all lines share what they say.

use huidan_domain::{Millis, RefundState};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::time;

/// The last word on cancelling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cancelling {
    /// The platform's number of the state; empty where nobody asked.
    word: String,
}

/// The states of a request (`status`).
const STATES: &[(&str, RefundState)] = &[
    ("0", RefundState::Requested),
    ("1", RefundState::Agreed),
    ("2", RefundState::Refused),
    // The platform's finance agreed: money is on its way and not back.
    ("3", RefundState::Agreed),
    // Finance refused what the seller agreed to: not settled, so it goes on stopping.
    ("4", RefundState::Requested),
    ("5", RefundState::Agreed),
    // The parcel is being stopped on its way, or was.
    ("6", RefundState::ReturnInTransit),
    ("7", RefundState::ReturnInTransit),
    // It could not be stopped and goes to the buyer.
    ("8", RefundState::Refused),
    ("9", RefundState::Refunded),
    ("10", RefundState::Requested),
    // The buyer took it back.
    ("11", RefundState::None),
];

impl Cancelling {
    /// From all requests about an order: the newest counts.
    pub(crate) fn of(requests: &[Json<'_>]) -> Result<Self, Wrong> {
        let mut newest: Option<((Option<Millis>, u64), String)> = None;
        for request in requests {
            let request = request.object()?;
            let applied = time::local(&request.text("applyTime")?, time::CHINA);
            let key = (applied, request.get("id").and_then(|id| id.whole().ok()).unwrap_or(0));
            let word = request.need("status")?.id()?;
            if newest.as_ref().is_none_or(|(known, _)| key >= *known) {
                newest = Some((key, word));
            }
        }
        Ok(Self { word: newest.map(|(_, word)| word).unwrap_or_default() })
    }

    /// What it means for the lines; a word nobody here knows stops them.
    pub(crate) fn state(&self) -> RefundState {
        self.known().unwrap_or(RefundState::Requested)
    }

    /// The word, where nobody here knows it.
    pub(crate) fn unknown(&self) -> Option<&str> {
        self.known().is_none().then_some(self.word.as_str())
    }

    fn known(&self) -> Option<RefundState> {
        if self.word.is_empty() {
            return Some(RefundState::None);
        }
        STATES.iter().find(|(word, _)| *word == self.word).map(|(_, state)| *state)
    }
}
