//! What both shapes share: the words of the statuses, refunds, names.

use huidan_channel::{full_name, with_company};
use huidan_domain::{ChannelState, LineKind, PayState, Receiver, RefundState};
use std::collections::HashMap;

/// Whether the money is there, and a reason to wait where the word is one nobody knows.
///
/// `authorized` is reserved and not yet taken: a seller who ships on it captures first.
pub(super) fn pay(word: &str) -> (PayState, Option<String>) {
    match word.to_ascii_lowercase().as_str() {
        "paid" => (PayState::Paid, None),
        "partially_refunded" => (PayState::PartiallyRefunded, None),
        "refunded" => (PayState::Refunded, None),
        "partially_paid" => (PayState::DepositPaid, None),
        "" | "pending" | "authorized" | "expired" | "voided" => (PayState::Unpaid, None),
        other => (PayState::Unpaid, Some(format!("付款状态未知 / unknown financial status: {other}"))),
    }
}

/// The order's life, and Shopify's own reason to wait.
pub(super) fn state(cancelled: bool, word: &str) -> (Result<ChannelState, String>, Option<String>) {
    if cancelled {
        return (Ok(ChannelState::Cancelled), None);
    }
    match word.to_ascii_lowercase().as_str() {
        "" | "unfulfilled" | "open" | "pending_fulfillment" | "in_progress" | "request_declined" => {
            (Ok(ChannelState::Open), None)
        }
        "on_hold" => (Ok(ChannelState::Open), Some("Shopify 已暂停履约 / on hold at Shopify".to_owned())),
        "scheduled" => {
            (Ok(ChannelState::Open), Some("Shopify 预定稍后发货 / scheduled for later at Shopify".to_owned()))
        }
        "partial" | "partially_fulfilled" => (Ok(ChannelState::PartShipped), None),
        "fulfilled" => (Ok(ChannelState::Shipped), None),
        "restocked" => (Ok(ChannelState::Cancelled), None),
        _ => (Err(word.to_owned()), None),
    }
}

/// The reasons to wait as one sentence.
pub(super) fn must_wait(test: bool, reasons: [Option<String>; 2]) -> Option<String> {
    let test = test.then(|| "测试订单 / test order".to_owned());
    let all: Vec<String> = std::iter::once(test).chain(reasons).flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Whether a fulfilment of this status stands.
pub(super) fn stands(status: &str) -> bool {
    !matches!(status.to_ascii_lowercase().as_str(), "cancelled" | "error" | "failure")
}

/// What kind of line it is.
pub(super) fn kind(requires_shipping: bool, gift_card: bool) -> LineKind {
    if gift_card || !requires_shipping { LineKind::Virtual } else { LineKind::Sale }
}

/// How many of each line were refunded, by the line's id.
#[derive(Default)]
pub(super) struct Refunds(HashMap<String, Refunded>);

#[derive(Default, Clone, Copy)]
struct Refunded {
    all: u32,
    /// Of those, the ones that had been shipped and came back.
    returned: u32,
}

impl Refunds {
    /// Adds a refund line.
    pub(super) fn add(&mut self, line: String, qty: u32, restock: &str) {
        let line = self.0.entry(line).or_default();
        line.all = line.all.saturating_add(qty);
        if restock.eq_ignore_ascii_case("return") {
            line.returned = line.returned.saturating_add(qty);
        }
    }

    /// The line's refund, and how many of it need no shipping any more: refunded before they left, or taken off the
    /// order by an edit (then `current` is less than what the refunds leave).
    pub(super) fn of(&self, line: &str, qty: u32, current: Option<u32>) -> (RefundState, u32) {
        let Refunded { all, returned } = self.0.get(line).copied().unwrap_or_default();
        let edited = current.map_or(0, |current| qty.saturating_sub(current).saturating_sub(all));
        let gone = all.saturating_add(edited).min(qty);
        let state = if qty > 0 && gone == qty { RefundState::Refunded } else { RefundState::None };
        (state, gone.saturating_sub(returned))
    }
}

/// The parts of an address that need a decision.
pub(super) struct Address {
    pub(super) first: String,
    pub(super) last: String,
    pub(super) name: String,
    pub(super) company: String,
    pub(super) lines: [String; 2],
    pub(super) city: String,
    pub(super) province: String,
    pub(super) zip: String,
    pub(super) country: String,
    pub(super) phone: String,
    pub(super) email: String,
}

impl Address {
    /// As a receiver. Shopify has no field for a district.
    pub(super) fn receiver(self) -> Receiver {
        let name = with_company(full_name(&self.first, &self.last, &self.name), &self.company);
        let [first, second] = self.lines.map(|line| line.trim().to_owned());
        let street = if second.is_empty() { first } else { format!("{first} {second}") };
        Receiver {
            name,
            phone: self.phone,
            email: self.email,
            country: self.country,
            province: self.province,
            city: self.city,
            street: street.trim().to_owned(),
            postcode: self.zip,
            ..Receiver::default()
        }
    }
}

/// Shopify calls the only variant of an item without variants so.
pub(super) fn spec(variant_title: String) -> String {
    if variant_title == "Default Title" { String::new() } else { variant_title }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refunded_before_it_left_needs_no_shipping() {
        let mut refunds = Refunds::default();
        refunds.add("1".into(), 1, "no_restock");
        refunds.add("2".into(), 2, "return");
        refunds.add("3".into(), 2, "CANCEL");
        assert_eq!(refunds.of("1", 3, Some(2)), (RefundState::None, 1));
        assert_eq!(refunds.of("2", 2, Some(0)), (RefundState::Refunded, 0), "it left and came back");
        assert_eq!(refunds.of("3", 2, Some(0)), (RefundState::Refunded, 2));
        assert_eq!(refunds.of("4", 5, Some(3)), (RefundState::None, 2), "an edit took two off");
        assert_eq!(refunds.of("5", 5, None), (RefundState::None, 0));
    }

    #[test]
    fn an_unknown_financial_status_never_counts_as_paid() {
        let (state, reason) = pay("ZZ_NEW");
        assert_eq!(state, PayState::Unpaid);
        assert!(reason.unwrap().contains("zz_new"));
    }
}
