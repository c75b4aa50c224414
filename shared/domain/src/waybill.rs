use crate::{Move, named::named};

/// A waybill number: 6 to 40 of `A-Z a-z 0-9 -`, which is what every carrier's numbers and Code 128 readers agree on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WaybillNo(String);

impl WaybillNo {
    /// Takes a number as a carrier gave it, without surrounding space.
    ///
    /// # Errors
    /// The text, when it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let number = text.trim();
        let good = (6..=40).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if good { Ok(Self(number.to_owned())) } else { Err(text.to_owned()) }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for WaybillNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

named! {
    /// The life of a waybill number, from the claim before the call to the carrier's first scan; aside: giving it back.
    WaybillState {
        /// Claimed; the carrier is being asked, or the answer was lost.
        Calling = "calling",
        /// The carrier gave the number.
        Issued = "issued",
        /// On paper.
        Printed = "printed",
        /// Scanned at the bench.
        Verified = "verified",
        /// Given to the carrier.
        HandedOver = "handed_over",
        /// The carrier scanned it.
        Traced = "traced",
        /// To be given back.
        VoidWanted = "void_wanted",
        /// The carrier is being asked to take it back.
        Voiding = "voiding",
        /// The carrier took it back.
        Voided = "voided",
        /// The carrier's balance shows it again.
        Reclaimed = "reclaimed",
        /// The carrier will not take it back.
        VoidRefused = "void_refused",
        /// A person argues with the carrier.
        Dispute = "dispute",
        /// The carrier never gave a number for this claim.
        Refused = "refused",
    }
}

named! {
    /// What happens to a waybill.
    WaybillEvent {
        /// The carrier's answer carried a number.
        Issue = "issue",
        /// The carrier said no, or knows nothing of the claim.
        Refuse = "refuse",
        /// The paper came out.
        Print = "print",
        /// The bench scan was right.
        Verify = "verify",
        /// It left the house.
        HandOver = "hand_over",
        /// The carrier scanned it.
        Trace = "trace",
        /// Somebody wants it given back.
        WantVoid = "want_void",
        /// The carrier is being asked.
        BeginVoid = "begin_void",
        /// The carrier took it back.
        ConfirmVoid = "confirm_void",
        /// The carrier will not.
        RefuseVoid = "refuse_void",
        /// The balance shows it again.
        Reclaim = "reclaim",
        /// A person argues.
        OpenDispute = "open_dispute",
    }
}

impl WaybillState {
    /// Whether the number is spoken for: a new attempt for the same package must wait until this one is void.
    pub const fn holds_the_package(self) -> bool {
        !matches!(self, Self::Voided | Self::Reclaimed | Self::Refused)
    }

    /// The life cycle.
    pub const fn on(self, event: WaybillEvent) -> Move<Self> {
        use WaybillEvent as E;
        use WaybillState as S;
        match event {
            E::Issue => match self {
                S::Calling => Move::To(S::Issued),
                S::Refused | S::Voided | S::Reclaimed => Move::Conflict,
                S::Issued
                | S::Printed
                | S::Verified
                | S::HandedOver
                | S::Traced
                | S::VoidWanted
                | S::Voiding
                | S::VoidRefused
                | S::Dispute => Move::AlreadyThere,
            },
            E::Refuse => match self {
                S::Calling => Move::To(S::Refused),
                S::Refused => Move::AlreadyThere,
                S::Issued
                | S::Printed
                | S::Verified
                | S::HandedOver
                | S::Traced
                | S::VoidWanted
                | S::Voiding
                | S::Voided
                | S::Reclaimed
                | S::VoidRefused
                | S::Dispute => Move::Conflict,
            },
            E::Print => self.forward(S::Printed),
            E::Verify => self.forward(S::Verified),
            E::HandOver => self.forward(S::HandedOver),
            E::Trace => match self {
                S::VoidWanted | S::Voiding | S::Voided | S::VoidRefused => Move::To(S::Dispute),
                S::Dispute => Move::AlreadyThere,
                S::Calling
                | S::Issued
                | S::Printed
                | S::Verified
                | S::HandedOver
                | S::Traced
                | S::Reclaimed
                | S::Refused => self.forward(S::Traced),
            },
            E::WantVoid => match self {
                S::Issued | S::Printed | S::Verified => Move::To(S::VoidWanted),
                S::VoidWanted | S::Voiding | S::Voided | S::Reclaimed => Move::AlreadyThere,
                S::Calling | S::HandedOver | S::Traced | S::VoidRefused | S::Dispute | S::Refused => Move::Conflict,
            },
            E::BeginVoid => match self {
                S::VoidWanted => Move::To(S::Voiding),
                S::Voiding | S::Voided | S::Reclaimed => Move::AlreadyThere,
                S::Calling
                | S::Issued
                | S::Printed
                | S::Verified
                | S::HandedOver
                | S::Traced
                | S::VoidRefused
                | S::Dispute
                | S::Refused => Move::Conflict,
            },
            E::ConfirmVoid => match self {
                S::VoidWanted | S::Voiding | S::VoidRefused => Move::To(S::Voided),
                S::Voided | S::Reclaimed => Move::AlreadyThere,
                S::Calling
                | S::Issued
                | S::Printed
                | S::Verified
                | S::HandedOver
                | S::Traced
                | S::Dispute
                | S::Refused => Move::Conflict,
            },
            E::RefuseVoid => match self {
                S::VoidWanted | S::Voiding => Move::To(S::VoidRefused),
                S::VoidRefused | S::Dispute => Move::AlreadyThere,
                S::Calling
                | S::Issued
                | S::Printed
                | S::Verified
                | S::HandedOver
                | S::Traced
                | S::Voided
                | S::Reclaimed
                | S::Refused => Move::Conflict,
            },
            E::Reclaim => match self {
                S::Voided => Move::To(S::Reclaimed),
                S::Reclaimed => Move::AlreadyThere,
                S::Calling
                | S::Issued
                | S::Printed
                | S::Verified
                | S::HandedOver
                | S::Traced
                | S::VoidWanted
                | S::Voiding
                | S::VoidRefused
                | S::Dispute
                | S::Refused => Move::Conflict,
            },
            E::OpenDispute => match self {
                S::VoidRefused => Move::To(S::Dispute),
                S::Dispute => Move::AlreadyThere,
                S::Calling
                | S::Issued
                | S::Printed
                | S::Verified
                | S::HandedOver
                | S::Traced
                | S::VoidWanted
                | S::Voiding
                | S::Voided
                | S::Reclaimed
                | S::Refused => Move::Conflict,
            },
        }
    }

    /// The main road `issued → printed → verified → handed_over → traced`, on which later facts overtake earlier ones.
    const fn forward(self, to: Self) -> Move<Self> {
        match (self.milestone(), to.milestone()) {
            (Some(here), Some(there)) if here < there => Move::To(to),
            (Some(_), Some(_)) => Move::AlreadyThere,
            _ => Move::Conflict,
        }
    }

    const fn milestone(self) -> Option<u8> {
        match self {
            Self::Issued => Some(1),
            Self::Printed => Some(2),
            Self::Verified => Some(3),
            Self::HandedOver => Some(4),
            Self::Traced => Some(5),
            Self::Calling
            | Self::VoidWanted
            | Self::Voiding
            | Self::Voided
            | Self::Reclaimed
            | Self::VoidRefused
            | Self::Dispute
            | Self::Refused => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_event_never_moves_a_waybill_twice() {
        for &state in WaybillState::ALL {
            for &event in WaybillEvent::ALL {
                if let Move::To(next) = state.on(event) {
                    assert_eq!(next.on(event), Move::AlreadyThere, "{state} --{event}--> {next}");
                }
            }
        }
    }

    #[test]
    fn a_number_under_way_is_never_given_back() {
        for state in [WaybillState::HandedOver, WaybillState::Traced, WaybillState::Calling] {
            assert_eq!(state.on(WaybillEvent::WantVoid), Move::Conflict, "{state}");
        }
    }

    #[test]
    fn a_scan_of_a_number_that_was_given_back_opens_a_dispute() {
        for state in [WaybillState::VoidWanted, WaybillState::Voiding, WaybillState::Voided] {
            assert_eq!(state.on(WaybillEvent::Trace), Move::To(WaybillState::Dispute), "{state}");
        }
    }

    #[test]
    fn numbers_hold_only_what_scanners_read() {
        assert_eq!(WaybillNo::parse(" SF1234567890 ").unwrap().as_str(), "SF1234567890");
        for bad in ["", "12345", "SF12^XA34", "顺丰123456", &"1".repeat(41)] {
            assert!(WaybillNo::parse(bad).is_err(), "{bad}");
        }
    }
}
