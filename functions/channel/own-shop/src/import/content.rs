//! What the cells of a column look like.

use super::values;
use huidan_channel::ImportField as Field;
use huidan_domain::Currency;

const PROVINCES: &str = "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门";
/// Letters that stand in addresses and hardly in names.
const PLACES: &str = "省市区县镇乡村路街道号栋室楼座弄巷苑园厦店院城场社";

/// Whether a cell may belong to a field; `None` where anything may.
pub(super) fn fits(field: Field, text: &str) -> Option<bool> {
    let yes = match field {
        Field::OrderNo => is_number_like(text, 1),
        Field::Waybill => is_number_like(text, 8),
        Field::PlacedAt | Field::PaidAt => values::instant(text).is_ok(),
        Field::Status | Field::ShipStatus | Field::RefundStatus => letters(text) && !has_digit(text),
        Field::Receiver => has_mobile(text) && count(text) >= 14,
        Field::Name => letters(text) && !has_digit(text) && count(text) <= 40,
        Field::Phone => is_phone(text),
        Field::Country | Field::Province | Field::City | Field::District | Field::Town => {
            letters(text) && count(text) <= 30 && !has_digit(text)
        }
        Field::Region => count(text) >= 4 && han(text) >= 2 && !has_digit(text),
        Field::Address => letters(text) && count(text) >= 2,
        Field::Postcode => has_digit(text) && count(text) <= 10,
        Field::Qty => values::quantity(text).is_ok(),
        Field::UnitPrice | Field::LineTotal | Field::Shipping | Field::Total => {
            values::amount(text, Currency::CNY).is_ok()
        }
        Field::Currency => values::currency(text).is_ok(),
        // What is no mailbox is left out of an order, and holds up neither it nor its file.
        Field::Email
        | Field::AddressMore
        | Field::Sku
        | Field::Title
        | Field::Spec
        | Field::BuyerRemark
        | Field::SellerRemark => return None,
    };
    Some(yes)
}

/// What fields a cell suggests by itself, whatever stands above it. Much narrower than [`fits`].
pub(super) fn suggests(field: Field, text: &str) -> bool {
    match field {
        Field::Receiver => has_mobile(text) && count(text) >= 14 && han(text) >= 8,
        Field::Phone => is_mobile(text),
        Field::Region => is_province(text) && count(text) >= 6 && !has_digit(text) && count(text) <= 24,
        Field::Province => is_province(text) && count(text) <= 8,
        Field::Address => {
            han(text) >= 6 && text.chars().filter(|c| PLACES.contains(*c)).count() >= 3 && has_digit(text)
        }
        Field::PlacedAt => {
            !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && values::instant(text).is_ok()
        }
        Field::Currency => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        Field::OrderNo => is_number_like(text, 10) && !is_mobile(text) && digits(text) >= 8,
        Field::Name => is_person(text),
        Field::Sku => is_number_like(text, 3) && text.bytes().any(|byte| byte.is_ascii_alphabetic()),
        Field::Qty => text.len() <= 3 && values::quantity(text).is_ok(),
        Field::Title => han(text) >= 4 && !is_province(text) && !has_mobile(text),
        _ => false,
    }
}

/// A mobile number, also with what stands before or behind it.
pub(super) fn is_mobile(text: &str) -> bool {
    has_mobile(text) && count(text) <= 22 && han(text) == 0
}

fn is_phone(text: &str) -> bool {
    let shaped = text.chars().all(|c| c.is_ascii_digit() || " -+()*＊转xXeE.#,".contains(c));
    shaped && text.chars().filter(|c| c.is_ascii_digit() || "*＊".contains(*c)).count() >= 5 && count(text) <= 26
}

/// Whether a mobile number stands anywhere in it.
pub(super) fn has_mobile(text: &str) -> bool {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    let bare = |run: &str| run.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(run).to_owned();
    runs.map(bare)
        .any(|run| run.len() == 11 && run.starts_with('1') && !matches!(run.as_bytes().get(1), Some(b'0'..=b'2')))
}

/// A name as people in China have it, or a short one in other letters.
pub(super) fn is_person(text: &str) -> bool {
    let chinese =
        (2..=4).contains(&count(text)) && han(text) == count(text) && !text.chars().any(|c| PLACES.contains(c));
    let latin = text.is_ascii() && text.split_whitespace().count() == 2 && letters(text) && !has_digit(text);
    (chinese || latin) && !is_province(text)
}

/// Whether it begins with a province's name.
pub(super) fn is_province(text: &str) -> bool {
    PROVINCES.split('|').any(|province| text.starts_with(province))
}

/// A long number, also one that a spreadsheet spoilt.
fn is_number_like(text: &str, least: usize) -> bool {
    let shaped = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_#./+=".contains(&byte));
    shaped && has_digit(text) && (least..=64).contains(&text.len())
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn letters(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

fn han(text: &str) -> usize {
    text.chars().filter(|c| ('\u{3400}'..'\u{a000}').contains(c)).count()
}

fn count(text: &str) -> usize {
    text.chars().count()
}
