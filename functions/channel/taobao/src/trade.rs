//! A trade's document, as it stands there.

use crate::list::{entries, id};
use huidan_domain::{Currency, Millis, Money};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::time;

/// A line of a trade (`orders[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// `oid`.
    pub(crate) oid: String,
    /// `num_iid`.
    pub(crate) item: String,
    /// `sku_id`; empty for an item without variants.
    pub(crate) sku: String,
    /// `outer_sku_id`, or the item's `outer_iid`.
    pub(crate) outer_code: String,
    /// `title`.
    pub(crate) title: String,
    /// `sku_properties_name`.
    pub(crate) spec: String,
    /// `num`.
    pub(crate) qty: u32,
    /// `price`.
    pub(crate) price: Money,
    /// `status`; empty where the line does not say.
    pub(crate) status: String,
    /// `refund_status`; empty for none.
    pub(crate) refund: String,
    /// `invoice_no`: the waybill number.
    pub(crate) waybill: String,
    /// `is_free_gift`.
    pub(crate) gift: bool,
    /// `shipping_type`.
    pub(crate) shipping_type: String,
    /// `delivery_time`, or else `estimate_con_time`.
    pub(crate) ship_by: Option<Millis>,
}

impl Line {
    /// Whether the line left, by its own status or by its number.
    pub(crate) fn shipped(&self) -> bool {
        let left = ["WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED"].contains(&self.status.as_str());
        left || !self.waybill.is_empty()
    }

    /// Whether the line ended without anything to ship.
    pub(crate) fn closed(&self) -> bool {
        self.status.starts_with("TRADE_CLOSED")
    }
}

/// The document itself, whether or not an answer's envelope is still around it.
pub(crate) fn unwrapped<'a>(document: &Json<'a>) -> Result<Object<'a>, Wrong> {
    let outer = document.object()?;
    let outer = match outer.get("trade_fullinfo_get_response") {
        Some(envelope) => envelope.object()?,
        None => outer,
    };
    match outer.get("trade") {
        Some(trade) => trade.object(),
        None => Ok(outer),
    }
}

/// The lines. A trade of one line may carry its goods itself.
pub(crate) fn lines(trade: &Object<'_>) -> Result<Vec<Line>, Wrong> {
    let listed = entries(trade, "orders", "order")?;
    if listed.is_empty() {
        return Ok(vec![line(trade, "tid")?]);
    }
    listed.iter().map(|one| line(&one.object()?, "oid")).collect()
}

fn line(object: &Object<'_>, key: &str) -> Result<Line, Wrong> {
    let or = |first: &str, second: &str| {
        object.text(first).and_then(|text| if text.is_empty() { object.text(second) } else { Ok(text) })
    };
    Ok(Line {
        oid: id(object, key)?,
        item: object.id("num_iid")?,
        sku: sku(object)?,
        outer_code: or("outer_sku_id", "outer_iid")?,
        title: object.text("title")?,
        spec: object.text("sku_properties_name")?,
        qty: object.need("num")?.whole()?,
        price: object.need("price")?.money(Currency::CNY)?,
        status: object.text("status")?,
        refund: object.text("refund_status")?,
        waybill: object.text("invoice_no")?.trim().to_owned(),
        gift: gift(object)?,
        shipping_type: object.text("shipping_type")?,
        ship_by: earliest(object, ["delivery_time", "estimate_con_time"])?,
    })
}

/// `sku_id` is empty text or 0 for an item without variants.
fn sku(object: &Object<'_>) -> Result<String, Wrong> {
    match object.get("sku_id") {
        Some(value) if value.raw() == "\"\"" => Ok(String::new()),
        Some(value) => value.id().map(|id| if id == "0" { String::new() } else { id }),
        None => Ok(String::new()),
    }
}

fn gift(object: &Object<'_>) -> Result<bool, Wrong> {
    object.get("is_free_gift").map_or(Ok(false), |value| match value.raw().trim_matches('"') {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(value.wrong("is neither true nor false")),
    })
}

/// A time that must be one where it is written at all.
pub(crate) fn instant(object: &Object<'_>, name: &str) -> Result<Option<Millis>, Wrong> {
    let text = object.text(name)?;
    if text.is_empty() {
        return Ok(None);
    }
    time::local(&text, time::CHINA).map(Some).ok_or_else(|| object.wrong(name, "is no time"))
}

/// The first of these that is a time, or a day (then its end). What else the platform writes there (such as "within 48
/// hours") sets no date and is no reason to leave an order unread.
pub(crate) fn earliest<const N: usize>(object: &Object<'_>, names: [&str; N]) -> Result<Option<Millis>, Wrong> {
    for name in names {
        let text = object.text(name)?;
        let at =
            time::local(&text, time::CHINA).or_else(|| time::local(&format!("{} 23:59:59", text.trim()), time::CHINA));
        if at.is_some() {
            return Ok(at);
        }
    }
    Ok(None)
}
