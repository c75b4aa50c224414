use crate::{ChannelState, PackageStatus, PayState, named::named};

named! {
    /// What a person sees of an order: derived, never stored as a truth of its own.
    OrderStatus {
        /// The money is not there.
        Unpaid = "unpaid",
        /// Something holds it.
        Held = "held",
        /// Waits to be planned.
        ToPlan = "to_plan",
        /// Planned, not handed over.
        ToShip = "to_ship",
        /// Some packages are handed over.
        PartShipped = "part_shipped",
        /// All packages are handed over.
        Shipped = "shipped",
        /// All are delivered, or the channel says it is finished.
        Completed = "completed",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

/// What the display status is derived from.
#[derive(Debug, Clone)]
pub struct DisplayFacts<'a> {
    /// Money.
    pub pay: PayState,
    /// Life at the channel; an unknown word counts as open.
    pub channel: Option<ChannelState>,
    /// Whether any hold stands.
    pub held: bool,
    /// Status of each package that is not cancelled.
    pub packages: &'a [PackageStatus],
    /// Whether every quantity to ship is in some package.
    pub fully_planned: bool,
}

/// The one place where sub-states become the word on the screen.
pub fn display_status(facts: &DisplayFacts<'_>) -> OrderStatus {
    let live = || facts.packages.iter().filter(|status| **status != PackageStatus::Cancelled);
    let left = live().filter(|status| status.left_the_house()).count();
    let all_left = left > 0 && left == live().count() && facts.fully_planned;
    let ended = |status: &&PackageStatus| matches!(status, PackageStatus::Delivered | PackageStatus::Returned);
    if all_left {
        return if live().filter(ended).count() == left { OrderStatus::Completed } else { OrderStatus::Shipped };
    }
    if left > 0 {
        return OrderStatus::PartShipped;
    }
    match facts.channel {
        Some(ChannelState::Cancelled) => return OrderStatus::Cancelled,
        Some(ChannelState::Completed) => return OrderStatus::Completed,
        Some(ChannelState::Shipped) if live().count() == 0 => return OrderStatus::Shipped,
        _ => {}
    }
    match facts.pay {
        PayState::Refunded => OrderStatus::Cancelled,
        PayState::Unpaid | PayState::DepositPaid => OrderStatus::Unpaid,
        PayState::Paid | PayState::PartiallyRefunded if facts.held => OrderStatus::Held,
        PayState::Paid | PayState::PartiallyRefunded if facts.fully_planned => OrderStatus::ToShip,
        PayState::Paid | PayState::PartiallyRefunded => OrderStatus::ToPlan,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(pay: PayState, packages: &[PackageStatus]) -> DisplayFacts<'_> {
        DisplayFacts {
            pay,
            channel: Some(ChannelState::Open),
            held: false,
            packages,
            fully_planned: !packages.is_empty(),
        }
    }

    #[test]
    fn the_word_follows_the_sub_states() {
        use PackageStatus as P;
        assert_eq!(display_status(&facts(PayState::Unpaid, &[])), OrderStatus::Unpaid);
        assert_eq!(display_status(&facts(PayState::Paid, &[])), OrderStatus::ToPlan);
        assert_eq!(display_status(&facts(PayState::Paid, &[P::Printed])), OrderStatus::ToShip);
        assert_eq!(display_status(&facts(PayState::Paid, &[P::Printed, P::HandedOver])), OrderStatus::PartShipped);
        assert_eq!(display_status(&facts(PayState::Paid, &[P::InTransit, P::Delivered])), OrderStatus::Shipped);
        assert_eq!(display_status(&facts(PayState::Paid, &[P::Delivered])), OrderStatus::Completed);
    }

    #[test]
    fn a_cancelled_package_counts_for_nothing() {
        use PackageStatus as P;
        let mut seen = facts(PayState::Paid, &[P::Cancelled, P::Delivered]);
        assert_eq!(display_status(&seen), OrderStatus::Completed);
        seen.packages = &[P::Cancelled];
        seen.fully_planned = false;
        assert_eq!(display_status(&seen), OrderStatus::ToPlan);
    }

    #[test]
    fn what_left_the_house_is_never_shown_as_cancelled() {
        let mut seen = facts(PayState::Refunded, &[PackageStatus::InTransit]);
        seen.channel = Some(ChannelState::Cancelled);
        assert_eq!(display_status(&seen), OrderStatus::Shipped);
    }
}
