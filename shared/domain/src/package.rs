use crate::{Move, named::named};

named! {
    /// Where a package is on its way.
    PackageStatus {
        /// Decided, no number yet.
        Planned = "planned",
        /// Has a waybill number.
        Numbered = "numbered",
        /// Its paper is out as far as the bridge knows.
        Printed = "printed",
        /// Scanned at the bench: the right goods under the right paper.
        Verified = "verified",
        /// Given to the carrier.
        HandedOver = "handed_over",
        /// The carrier scanned it.
        InTransit = "in_transit",
        /// At the door.
        Delivered = "delivered",
        /// Back home.
        Returned = "returned",
        /// Given up by the carrier.
        Lost = "lost",
        /// Not to be shipped.
        Cancelled = "cancelled",
    }
}

named! {
    /// What happens to a package.
    PackageEvent {
        /// The carrier gave a number.
        NumberIssued = "number_issued",
        /// The number was given back.
        NumberVoided = "number_voided",
        /// The paper came out.
        PaperOut = "paper_out",
        /// The bench scan was right.
        ScanVerified = "scan_verified",
        /// It left the house.
        HandOver = "hand_over",
        /// A carrier's scan on the way.
        CarrierScan = "carrier_scan",
        /// Signed for.
        SignedFor = "signed_for",
        /// It came back.
        CameBack = "came_back",
        /// The carrier declared it lost.
        DeclaredLost = "declared_lost",
        /// Somebody cancelled it.
        Cancel = "cancel",
    }
}

impl PackageStatus {
    /// Whether it is out of the house.
    pub const fn left_the_house(self) -> bool {
        matches!(self, Self::HandedOver | Self::InTransit | Self::Delivered | Self::Returned | Self::Lost)
    }

    /// The life cycle.
    ///
    /// Facts of the outside world (a carrier's scan, a signature) overtake missed steps of our own, since a parcel
    /// that the carrier scanned has left the house whether or not somebody pressed the button here.
    pub const fn on(self, event: PackageEvent) -> Move<Self> {
        use PackageEvent as E;
        use PackageStatus as S;
        match (self, event) {
            (S::Planned, E::NumberIssued) => Move::To(S::Numbered),
            (S::Numbered | S::Printed | S::Verified, E::NumberIssued) => Move::AlreadyThere,

            (S::Numbered | S::Printed | S::Verified, E::NumberVoided) => Move::To(S::Planned),
            (S::Planned | S::Cancelled, E::NumberVoided) => Move::AlreadyThere,

            (S::Numbered, E::PaperOut) => Move::To(S::Printed),
            (
                S::Printed | S::Verified | S::HandedOver | S::InTransit | S::Delivered | S::Returned | S::Lost,
                E::PaperOut,
            ) => Move::AlreadyThere,

            (S::Numbered | S::Printed, E::ScanVerified) => Move::To(S::Verified),
            (S::Verified | S::HandedOver | S::InTransit | S::Delivered | S::Returned | S::Lost, E::ScanVerified) => {
                Move::AlreadyThere
            }

            (S::Numbered | S::Printed | S::Verified, E::HandOver) => Move::To(S::HandedOver),
            (S::HandedOver | S::InTransit | S::Delivered | S::Returned | S::Lost, E::HandOver) => Move::AlreadyThere,

            (S::Numbered | S::Printed | S::Verified | S::HandedOver | S::Lost, E::CarrierScan) => {
                Move::To(S::InTransit)
            }
            (S::InTransit | S::Delivered | S::Returned, E::CarrierScan) => Move::AlreadyThere,

            (S::Numbered | S::Printed | S::Verified | S::HandedOver | S::InTransit | S::Lost, E::SignedFor) => {
                Move::To(S::Delivered)
            }
            (S::Delivered | S::Returned, E::SignedFor) => Move::AlreadyThere,

            (S::HandedOver | S::InTransit | S::Delivered | S::Lost, E::CameBack) => Move::To(S::Returned),
            (S::Returned, E::CameBack) => Move::AlreadyThere,

            (S::HandedOver | S::InTransit, E::DeclaredLost) => Move::To(S::Lost),
            (S::Lost, E::DeclaredLost) => Move::AlreadyThere,

            (S::Planned | S::Numbered | S::Printed | S::Verified, E::Cancel) => Move::To(S::Cancelled),
            (S::Cancelled, E::Cancel) => Move::AlreadyThere,

            (S::Planned, E::PaperOut | E::ScanVerified | E::HandOver | E::CarrierScan | E::SignedFor | E::CameBack)
            | (S::Planned | S::Numbered | S::Printed | S::Verified, E::DeclaredLost)
            | (S::Numbered | S::Printed | S::Verified, E::CameBack)
            | (
                S::HandedOver | S::InTransit | S::Delivered | S::Returned | S::Lost,
                E::NumberIssued | E::NumberVoided | E::Cancel,
            )
            | (S::Delivered | S::Returned, E::DeclaredLost)
            | (
                S::Cancelled,
                E::NumberIssued
                | E::PaperOut
                | E::ScanVerified
                | E::HandOver
                | E::CarrierScan
                | E::SignedFor
                | E::CameBack
                | E::DeclaredLost,
            ) => Move::Conflict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_event_never_moves_a_package_twice() {
        for &status in PackageStatus::ALL {
            for &event in PackageEvent::ALL {
                if let Move::To(next) = status.on(event) {
                    assert_eq!(next.on(event), Move::AlreadyThere, "{status} --{event}--> {next}");
                }
            }
        }
    }

    #[test]
    fn nothing_that_left_the_house_is_cancelled_or_numbered_anew() {
        for &status in PackageStatus::ALL.iter().filter(|status| status.left_the_house()) {
            for event in [PackageEvent::Cancel, PackageEvent::NumberIssued, PackageEvent::NumberVoided] {
                assert_eq!(status.on(event), Move::Conflict, "{status} {event}");
            }
        }
    }

    #[test]
    fn a_delivered_parcel_stays_delivered_when_an_older_scan_arrives() {
        assert_eq!(PackageStatus::Delivered.on(PackageEvent::CarrierScan), Move::AlreadyThere);
        assert_eq!(PackageStatus::Delivered.on(PackageEvent::CameBack), Move::To(PackageStatus::Returned));
    }
}
