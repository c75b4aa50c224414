//! What of a cell may be shown before anybody has said what it is.

use super::content;
use huidan_channel::ImportField as Field;

/// Personal data so far that a person recognises it: the first letters of words, the ends of a number.
pub(super) fn personal(text: &str) -> String {
    let length = text.chars().count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let (head, tail) = match length {
        0 => return String::new(),
        _ if digits >= 7 && digits * 2 >= length => (3, 2),
        1..=4 => (1, 0),
        _ => (2, 0),
    };
    let head: String = text.chars().take(head).collect();
    let tail: String = text.chars().skip(length.saturating_sub(tail)).collect();
    format!("{head}***{tail}")
}

/// An address: as far as the city.
pub(super) fn address(text: &str) -> String {
    let head: String = text.chars().take(6.min(text.chars().count() / 2)).collect();
    if head.is_empty() { String::new() } else { format!("{head}***") }
}

/// A cell of a column that may hold this or something else.
pub(super) fn sample(field: Option<Field>, text: &str) -> String {
    let harmless = match field {
        Some(
            Field::Status
            | Field::ShipStatus
            | Field::RefundStatus
            | Field::PlacedAt
            | Field::PaidAt
            | Field::Country
            | Field::Province
            | Field::City
            | Field::Sku
            | Field::Title
            | Field::Spec
            | Field::Qty
            | Field::UnitPrice
            | Field::LineTotal
            | Field::Shipping
            | Field::Total
            | Field::Currency,
        ) => !content::has_mobile(text),
        Some(Field::OrderNo | Field::Waybill) => !content::is_mobile(text),
        _ => {
            content::fits(Field::PlacedAt, text) == Some(true)
                || (text.len() <= 6 && content::fits(Field::Total, text) == Some(true))
        }
    };
    if harmless { text.chars().take(40).collect() } else { personal(text) }
}
