//! The words of the statuses: <https://woocommerce.com/document/managing-orders/#order-statuses>.

use huidan_domain::{ChannelState, PayState};

/// Whether the money is there. `processing` and `completed` are paid, also where the buyer pays on delivery; else only
/// a time of payment says so, also under a status that a plugin made.
pub(super) fn pay(status: &str, has_paid_at: bool, some_refunded: bool) -> PayState {
    let paid = match status {
        "refunded" => return PayState::Refunded,
        "processing" | "completed" => true,
        _ => has_paid_at,
    };
    match (paid, some_refunded) {
        (true, true) => PayState::PartiallyRefunded,
        (true, false) => PayState::Paid,
        (false, _) => PayState::Unpaid,
    }
}

/// The order's life. `completed` is what a shop sets when the parcel leaves.
pub(super) fn state(status: &str) -> Result<ChannelState, String> {
    match status {
        "pending" | "processing" | "on-hold" | "failed" | "checkout-draft" => Ok(ChannelState::Open),
        "completed" => Ok(ChannelState::Shipped),
        "cancelled" | "refunded" | "trash" => Ok(ChannelState::Cancelled),
        other => Err(other.to_owned()),
    }
}

/// Why the order must not leave yet although paid.
pub(super) fn must_wait(status: &str, refunds_unseen: bool, pays_on_delivery: bool) -> Option<String> {
    let reasons = [
        (status == "on-hold", "店铺已暂停该订单 / the shop put this order on hold"),
        (
            refunds_unseen && status == "processing",
            "有部分退款但不知是哪些商品，请核对 / something was refunded and it is not known what: look at the shop",
        ),
        (
            pays_on_delivery && status == "processing",
            "货到付款：面单不含代收金额，请人工处理 / cash on delivery: the waybill would not collect it, a person must see to it",
        ),
    ];
    let all: Vec<&str> = reasons.into_iter().filter_map(|(applies, why)| applies.then_some(why)).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shops_word_or_a_time_of_payment_makes_an_order_paid() {
        for (status, has_paid_at, some_refunded, pay_state) in [
            ("processing", false, false, PayState::Paid),
            ("completed", true, true, PayState::PartiallyRefunded),
            ("pending", false, false, PayState::Unpaid),
            ("failed", false, false, PayState::Unpaid),
            ("zz-custom", true, false, PayState::Paid),
            ("zz-custom", false, false, PayState::Unpaid),
            ("refunded", true, true, PayState::Refunded),
        ] {
            assert_eq!(pay(status, has_paid_at, some_refunded), pay_state, "{status}");
        }
    }

    #[test]
    fn what_a_parcel_could_get_wrong_waits_for_a_person() {
        assert!(must_wait("processing", false, false).is_none());
        assert!(must_wait("on-hold", false, false).unwrap().contains("hold"));
        assert!(must_wait("processing", true, false).unwrap().contains("refunded"));
        assert!(must_wait("processing", false, true).unwrap().contains("delivery"));
        assert!(must_wait("completed", true, true).is_none());
    }
}
