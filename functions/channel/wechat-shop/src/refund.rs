//! What after-sales make of a line. Every status of WeChat stands here by name.

use crate::order::Line;
use huidan_domain::RefundState;
use huidan_exchange::json::{Json, Object, Wrong};

/// An after-sale, of one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AfterSale {
    /// `status`.
    status: String,
    /// `product_id`.
    product: String,
    /// `sku_id`.
    sku: String,
    /// `count`.
    count: u32,
}

/// What it comes to for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    /// The furthest of what is open; else whether all went back.
    pub(crate) state: RefundState,
    /// How many went back.
    pub(crate) pieces: u32,
    /// A status that nobody here knows.
    pub(crate) unknown: Option<String>,
}

/// A seller who pays part of the price back sells the goods all the same.
const PRICE_DIFFERENCE: &str = "REFUND_PRICE_DIFF";

/// The after-sales of a document; the gifts that go back with what they came with are after-sales of their own.
pub(crate) fn after_sales(listed: &[Json<'_>]) -> Result<Vec<AfterSale>, Wrong> {
    let mut found = Vec::new();
    for one in listed {
        let one = one.object()?;
        if one.text("sub_type")? == PRICE_DIFFERENCE {
            continue;
        }
        let status = one.need("status")?.text()?;
        let product = one.object("product_info")?;
        found.push(after_sale(&status, &product)?);
        for gift in product.list("gift_product_list")? {
            found.push(after_sale(&status, &gift.object()?)?);
        }
    }
    Ok(found)
}

fn after_sale(status: &str, of: &Object<'_>) -> Result<AfterSale, Wrong> {
    Ok(AfterSale {
        status: status.to_owned(),
        product: of.id("product_id")?,
        sku: of.id("sku_id")?,
        count: of.get("count").map_or(Ok(0), |count| count.whole())?,
    })
}

/// <https://developers.weixin.qq.com/doc/store/shop/notify/aftersale_callback/channels_ec_aftersale_update>
fn known(status: &str) -> Option<RefundState> {
    match status {
        // Taken back, run out, or goods against goods: nothing more will happen.
        "USER_CANCELD" | "RETURN_CLOSED" | "MERCHANT_EXCHANGE_SUCCESS" => Some(RefundState::None),
        "MERCHANT_PROCESSING"
        | "PLATFORM_PROCESSING"
        | "USER_WAIT_CONFIRM"
        | "USER_WAIT_CONFIRM_UPDATE"
        | "USER_WAIT_HANDLE_MERCHANT_AFTER_SALE"
        // The seller would not send the other goods: mostly WeChat steps in.
        | "MERCHANT_REJECT_RESHIP" => Some(RefundState::Requested),
        // The last: WeChat stepped in and closed it against the buyer.
        "MERCHANT_REJECT_REFUND" | "MERCHANT_REJECT_RETURN" | "MERCHANT_REJECT_EXCHANGE" | "MERCHANT_FAIL" => {
            Some(RefundState::Refused)
        }
        // Agreed, and the money did not go through yet.
        "USER_WAIT_RETURN"
        | "WAIT_PACKAGE_INTERCEPT"
        | "PLATFORM_REFUNDING"
        | "PLATFORM_REFUND_FAIL"
        | "MERCHANT_OVERDUE_REFUND"
        | "MERCHANT_REFUND_RETRY_FAIL" => Some(RefundState::Agreed),
        "MERCHANT_WAIT_RECEIPT" => Some(RefundState::ReturnInTransit),
        // The goods are back and others are on their way to the buyer.
        "USER_WAIT_RECEIPT" => Some(RefundState::Received),
        "MERCHANT_REFUND_SUCCESS" | "MERCHANT_RETURN_SUCCESS" => Some(RefundState::Refunded),
        _ => None,
    }
}

/// How far an open after-sale is; `None` for what is over.
fn progress(state: RefundState) -> Option<u8> {
    match state {
        RefundState::Requested => Some(1),
        RefundState::Agreed => Some(2),
        RefundState::ReturnInTransit => Some(3),
        RefundState::Received => Some(4),
        RefundState::None | RefundState::Refused | RefundState::Refunded => None,
    }
}

/// What the after-sales come to for a line. An unknown word stops it like a request. Where WeChat counts pieces in
/// after-sale and shows no after-sale of them, its count is believed.
pub(crate) fn of(line: &Line, after_sales: &[AfterSale]) -> Refund {
    let ours: Vec<&AfterSale> =
        after_sales.iter().filter(|one| one.sku == line.sku && one.product == line.product).collect();
    let unknown = ours.iter().find(|one| known(&one.status).is_none()).map(|one| one.status.clone());
    let states = || ours.iter().map(|one| known(&one.status).unwrap_or(RefundState::Requested));
    let done = ours.iter().filter(|one| known(&one.status) == Some(RefundState::Refunded));
    let counted = done.fold(0_u32, |sum, one| sum.saturating_add(one.count));
    let pieces = if ours.is_empty() { line.after_sold } else { counted }.min(line.qty);
    let open = states().filter(|state| progress(*state).is_some()).max_by_key(|state| progress(*state));
    let open = open.or((line.on_after_sale > 0).then_some(RefundState::Requested));
    let state = match open {
        Some(open) => open,
        None if pieces > 0 && pieces == line.qty => RefundState::Refunded,
        None if pieces == 0 && states().any(|state| state == RefundState::Refused) => RefundState::Refused,
        None => RefundState::None,
    };
    Refund { state, pieces, unknown }
}
