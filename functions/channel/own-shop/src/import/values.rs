//! Cells as values; what is wrong is said in both languages with the remedy, and never with the content.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use huidan_domain::{Currency, Millis};
use huidan_exchange::time;
use rust_decimal::{Decimal, RoundingStrategy};

/// What is wrong with a cell and what to do.
pub(super) type Remedy = &'static str;

pub(super) const LOST: Remedy = "数字过长，已被表格软件改写，请把该列设为文本格式后重新导出 / the spreadsheet changed this long number: format the column as text and export again";
pub(super) const BROKEN: Remedy = "单元格是公式错误，请改为值 / the cell holds a formula's error: enter the value";
const FORMULA: Remedy =
    "单元格是公式，请复制后选择性粘贴为值 / the cell holds a formula: copy it and paste it as a value";
const AMOUNT: Remedy = "不是金额，应如 128.00 / is no amount such as 128.00";
const WHOLE: Remedy = "不是 1 到 100000 的整数 / is no whole number from 1 to 100000";
const TIME: Remedy = "不是可识别的时间，应如 2026-11-21 16:00:05 / is no time such as 2026-11-21 16:00:05";
const MONEY_CODE: Remedy = "不是货币代码，应如 CNY / is no currency code such as CNY";

/// A code or number that must not lose a digit.
pub(super) fn code(text: &str) -> Result<&str, Remedy> {
    if text.starts_with('=') {
        return Err(FORMULA);
    }
    if is_scientific(text) || was_rounded(text) { Err(LOST) } else { Ok(text) }
}

/// `1.23E+18`.
fn is_scientific(text: &str) -> bool {
    let Some((digits, power)) = text.split_once(['E', 'e']) else { return false };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    number(digits) && (digits.contains('.') || power.starts_with('+')) && number(power.trim_start_matches('+'))
}

/// A spreadsheet keeps 15 digits and writes zeros for the others.
fn was_rounded(text: &str) -> bool {
    let digits = text.len() >= 17 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.bytes().skip(15).all(|byte| byte == b'0')
}

/// Words.
pub(super) fn words(text: &str) -> Result<&str, Remedy> {
    if text.starts_with('=') { Err(FORMULA) } else { Ok(text) }
}

/// An amount. Spreadsheets keep amounts as floats: what differs from the minor unit by less than a millionth is
/// rounded to it, what differs by more is wrong.
pub(super) fn amount(text: &str, currency: Currency) -> Result<Decimal, Remedy> {
    let bare: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '¥' | '￥' | '$' | '€' | '£')).collect();
    let bare = ["CNY", "RMB", "CN", "USD", "US", "HK"].iter().find_map(|mark| bare.strip_prefix(mark)).unwrap_or(&bare);
    let bare = bare.strip_suffix('元').unwrap_or(bare);
    let plain = if is_grouped(bare) { bare.replace(',', "") } else { bare.to_owned() };
    let exact = Decimal::from_str_exact(&plain).map_err(|_| AMOUNT)?;
    let rounded = exact.round_dp_with_strategy(currency.exponent(), RoundingStrategy::MidpointAwayFromZero);
    let good = (exact - rounded).abs() < Decimal::new(1, 6) && !rounded.is_sign_negative();
    if good { Ok(rounded) } else { Err(AMOUNT) }
}

/// `1,234,567.89`: commas before every third digit and nowhere else.
fn is_grouped(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default().len();
    let mut rest = groups.peekable();
    rest.peek().is_some() && (1..=3).contains(&first) && rest.all(|group| group.len() == 3)
}

/// How many.
pub(super) fn quantity(text: &str) -> Result<u32, Remedy> {
    let plain = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00")).unwrap_or(text);
    plain.parse().ok().filter(|qty| (1..=100_000).contains(qty)).ok_or(WHOLE)
}

/// A currency; without a word it is the yuan.
pub(super) fn currency(text: &str) -> Result<Currency, Remedy> {
    match text {
        "" | "人民币" | "元" | "RMB" | "rmb" | "¥" | "￥" => Ok(Currency::CNY),
        code => Currency::parse(&code.to_ascii_uppercase()).map_err(|_| MONEY_CODE),
    }
}

/// An instant; without an offset it is China's time. A date whose day and month could be each other is none.
pub(super) fn instant(text: &str) -> Result<Millis, Remedy> {
    const WITH_OFFSET: [&str; 3] = ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%z"];
    const WITH_TIME: [&str; 22] = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y/%m/%d %H:%M:%S",
        "%Y/%m/%d %H:%M",
        "%Y.%m.%d %H:%M:%S",
        "%Y.%m.%d %H:%M",
        "%Y年%m月%d日 %H:%M:%S",
        "%Y年%m月%d日 %H:%M",
        "%Y年%m月%d日%H:%M:%S",
        "%Y年%m月%d日%H:%M",
        "%Y年%m月%d日 %H时%M分%S秒",
        "%Y年%m月%d日%H时%M分%S秒",
        "%Y年%m月%d日%H时%M分",
        "%Y-%m-%d %I:%M:%S %p",
        "%Y/%m/%d %I:%M:%S %p",
        "%b %d, %Y %H:%M:%S",
        "%b %d, %Y %H:%M",
        "%b %d, %Y %I:%M %p",
        "%d %b %Y %H:%M:%S",
        "%d %b %Y %H:%M",
    ];
    const DAY: [&str; 6] = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%b %d, %Y", "%d %b %Y"];
    if let Some(at) = time::rfc3339(text) {
        return Ok(at);
    }
    let with_offset = |form: &&str| DateTime::parse_from_str(text, form).ok();
    if let Some(at) = WITH_OFFSET.iter().find_map(with_offset) {
        return Ok(Millis(at.timestamp_millis()));
    }
    let local = WITH_TIME.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let day = || DAY.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok()?.and_hms_opt(0, 0, 0));
    let local = local.or_else(day).or_else(|| digits_alone(text)).or_else(|| serial(text));
    let local = local.filter(|at| (2000..2100).contains(&at.year())).ok_or(TIME)?;
    Ok(Millis(local.and_utc().timestamp_millis()).plus_seconds(-i64::from(time::CHINA) * 3600))
}

/// `20261121160005` and `20261121`.
fn digits_alone(text: &str) -> Option<NaiveDateTime> {
    let (day, clock) = match text.len() {
        8 => (text, "000000"),
        14 => text.split_at_checked(8)?,
        _ => return None,
    };
    NaiveDateTime::parse_from_str(&format!("{day} {clock}"), "%Y%m%d %H%M%S").ok()
}

/// A spreadsheet's own count of days, the clock behind the point: `46347.6667`.
fn serial(text: &str) -> Option<NaiveDateTime> {
    let days = Decimal::from_str_exact(text).ok()?;
    // From the year 2000 to the year 2100; smaller numbers are hardly dates.
    if days < Decimal::from(36_526) || days > Decimal::from(73_050) {
        return None;
    }
    let seconds = (days.checked_mul(Decimal::from(86_400))?).round();
    let since = TimeDelta::try_seconds(i64::try_from(seconds).ok()?)?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?.checked_add_signed(since)
}

/// The protocol's word for a status; what nobody knows stays as it is and is kept as such.
pub(super) fn status(text: &str) -> &str {
    match text.to_ascii_lowercase().as_str() {
        ""
        | "已付款"
        | "已支付"
        | "待发货"
        | "待出库"
        | "等待出库"
        | "备货中"
        | "买家已付款"
        | "等待卖家发货"
        | "买家已付款，等待卖家发货"
        | "买家已付款,等待卖家发货"
        | "已付款，待发货"
        | "待配货"
        | "待打单"
        | "paid"
        | "processing"
        | "wait_seller_send_goods" => "paid",
        "待付款" | "未付款" | "待支付" | "等待买家付款" | "unpaid" | "pending" | "on-hold" => "unpaid",
        "已发货"
        | "待收货"
        | "卖家已发货"
        | "卖家已发货，等待买家确认"
        | "已发货，待签收"
        | "已发货,待签收"
        | "等待确认收货"
        | "shipped"
        | "fulfilled" => "shipped",
        "已完成" | "交易成功" | "已签收" | "已收货" | "完成" | "completed" | "delivered" => "completed",
        "已取消" | "交易关闭" | "已关闭" | "cancelled" | "canceled" | "voided" => "cancelled",
        "退款中" | "refunding" => "refunding",
        "已退款" | "退款成功" | "未发货，退款成功" | "未发货,退款成功" | "refunded" => "refunded",
        _ => text,
    }
}

/// What a column about refunds says of a line; `None` where nothing is asked for. Any word we do not know counts as a
/// refund that is asked for.
pub(super) fn refund(text: &str) -> Option<&'static str> {
    match text {
        ""
        | "-"
        | "--"
        | "/"
        | "无"
        | "无售后"
        | "无售后或售后取消"
        | "没有申请退款"
        | "未申请退款"
        | "未退款"
        | "售后关闭"
        | "退款关闭"
        | "none"
        | "None" => None,
        "退款成功" | "已退款" | "已全额退款" | "售后完成" | "refunded" => Some("refunded"),
        _ => Some("refunding"),
    }
}

/// What a column about shipping says, where it is more than that nothing has left.
pub(super) fn ship_status(text: &str) -> Option<&str> {
    match text.to_ascii_lowercase().as_str() {
        "" | "-" | "unfulfilled" | "未发货" | "待发货" | "备货中" | "pending" | "null" => None,
        "fulfilled" | "已发货" | "已出库" | "已签收" | "shipped" | "delivered" => Some("shipped"),
        // Half of it, or a word nobody knows: a person looks.
        _ => Some(text),
    }
}

/// Whether a cell holds more than a dash.
pub(super) fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric) && !matches!(text, "无" | "null" | "None")
}

/// Whether a platform starred it out.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains(['*', '＊'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_a_spreadsheet_changed_are_refused() {
        for spoilt in ["1.23E+18", "1E+18", "6.90123E12", "1234567890123450000", "=A1"] {
            assert!(code(spoilt).is_err(), "{spoilt}");
        }
        for good in ["1234567890123456789", "TEA-250", "10001", "2E1", "SIZE-2e3", "123456789012340000000000001", "E+5"]
        {
            assert_eq!(code(good), Ok(good));
        }
    }

    #[test]
    fn amounts_are_read_as_people_write_them_and_never_guessed() {
        let read = |text: &str| amount(text, Currency::CNY).map(|amount| amount.to_string());
        for (text, amount) in [
            ("128", "128"),
            ("¥1,234,567.89", "1234567.89"),
            ("30.299999999999997", "30.30"),
            ("0.1元", "0.1"),
            (" 409.94 ", "409.94"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(amount), "{text}");
        }
        for wrong in ["", "12,5", "1.234,50", "12.345", "-3", "1e3", "二十"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_chinas_unless_they_say_otherwise() {
        let at = Millis(1_795_248_005_000);
        for text in ["2026-11-21 16:00:05", "2026/11/21 16:00:05", "2026年11月21日 16:00:05", "2026-11-21T08:00:05Z"]
        {
            assert_eq!(instant(text), Ok(at), "{text}");
        }
        assert_eq!(instant("2026/1/2 3:04"), Ok(Millis(1_767_294_240_000)));
        assert_eq!(instant("2026-11-21"), Ok(Millis(1_795_190_400_000)));
        for text in [
            "46347.66672454",
            "20261121160005",
            "2026-11-21 16:00:05 +0800",
            "2026-11-21 16:00:05.0",
            "Nov 21, 2026 16:00:05",
            "2026年11月21日16时00分05秒",
            "2026-11-21 04:00:05 PM",
        ] {
            assert_eq!(instant(text), Ok(at), "{text}");
        }
        for wrong in ["", "11/21/2026", "26-11-21", "yesterday", "2026-02-30", "12345", "13800138000", "99999999"] {
            assert!(instant(wrong).is_err(), "{wrong}");
        }
    }
}
