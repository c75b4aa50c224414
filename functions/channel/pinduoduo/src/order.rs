//! An order's document, as it stands there.

use crate::amount::yuan;
use crate::api::code_text;
use huidan_domain::{Currency, Millis, Money};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::time;

/// A gift leaves with the order that bears it.
const GIFT_HAS_AN_ORDER: &str = "1";

/// A line: what was bought (`item_list[]`), or a gift that leaves with it (`gift_list[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The platform has no ids of lines: the order's for the first, the variant's for all others.
    pub(crate) id: String,
    /// `goods_id`.
    pub(crate) item: String,
    /// `sku_id`; the item's where there is none.
    pub(crate) sku: String,
    /// `outer_id`, or the item's `outer_goods_id`.
    pub(crate) outer_code: String,
    /// `goods_name`.
    pub(crate) title: String,
    /// `goods_spec`.
    pub(crate) spec: String,
    /// `goods_count`.
    pub(crate) qty: u32,
    /// `goods_price`.
    pub(crate) price: Money,
    /// Whether it is a gift.
    pub(crate) gift: bool,
}

/// The order itself, whether or not an answer's envelope is still around it.
pub(crate) fn unwrapped<'a>(document: &Json<'a>) -> Result<Object<'a>, Wrong> {
    let outer = document.object()?;
    let outer = match outer.get("order_info_get_response") {
        Some(envelope) => envelope.object()?,
        None => outer,
    };
    match outer.get("order_info") {
        Some(order) => order.object(),
        None => Ok(outer),
    }
}

/// A status, which the platform writes as a number; empty where it does not say.
pub(crate) fn word(order: &Object<'_>, name: &str) -> Result<String, Wrong> {
    code_text(order, name)
}

/// Whether the order carries a tag.
pub(crate) fn tagged(order: &Object<'_>, tag: &str) -> Result<bool, Wrong> {
    for one in order.list("order_tag_list")? {
        let one = one.object()?;
        if one.text("name")? == tag && word(&one, "value")? != "0" {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether nothing of it is shipped: card numbers, or the difference paid for another order.
pub(crate) fn virtual_goods(order: &Object<'_>) -> Result<bool, Wrong> {
    let difference = tagged(order, "ship_additional_order")?;
    Ok(difference || !order.list("card_info_list")?.is_empty())
}

/// The lines. A gift for which the platform made an order of its own leaves with that one.
pub(crate) fn lines(order: &Object<'_>) -> Result<Vec<Line>, Wrong> {
    let sn = order.need("order_sn")?.id()?;
    let mut lines = Vec::new();
    for item in order.need("item_list")?.list()? {
        add(&mut lines, &sn, &item.object()?, false)?;
    }
    if lines.is_empty() {
        return Err(order.wrong("item_list", "is empty"));
    }
    if word(order, "gift_order_status")? != GIFT_HAS_AN_ORDER {
        for gift in order.list("gift_list")? {
            let gift = gift.object()?;
            if code_text(&gift, "order_sn")?.is_empty() {
                add(&mut lines, &sn, &gift, true)?;
            }
        }
    }
    Ok(lines)
}

fn add(lines: &mut Vec<Line>, sn: &str, goods: &Object<'_>, gift: bool) -> Result<(), Wrong> {
    let or = |first: &str, second: &str| {
        goods.text(first).and_then(|text| if text.is_empty() { goods.text(second) } else { Ok(text) })
    };
    let item = goods.need("goods_id")?.id()?;
    let sku = match code_text(goods, "sku_id")? {
        none if none.is_empty() || none == "0" => item.clone(),
        sku => sku,
    };
    let id = if lines.is_empty() { sn.to_owned() } else { sku.clone() };
    let taken = lines.iter().any(|line| line.id == id);
    lines.push(Line {
        id: if taken { format!("{id}#{}", lines.len() + 1) } else { id },
        item,
        sku,
        outer_code: or("outer_id", "outer_goods_id")?,
        title: goods.text("goods_name")?,
        spec: goods.text("goods_spec")?,
        qty: goods.need("goods_count")?.whole()?,
        price: match goods.get("goods_price") {
            Some(price) => yuan(&price)?,
            None if gift => Money::from_minor(0, Currency::CNY),
            None => return Err(goods.wrong("goods_price", "is missing")),
        },
        gift,
    });
    Ok(())
}

/// The numbers that the platform knows: the order's own first (empty where it is not shipped), then those of further
/// parcels, gifts and what was sent again.
pub(crate) fn waybills(order: &Object<'_>) -> Result<(String, Vec<String>), Wrong> {
    let main = order.text("tracking_number")?.trim().to_owned();
    let mut further: Vec<String> = Vec::new();
    for list in ["extra_delivery_list", "gift_delivery_list", "resend_delivery_list"] {
        for parcel in order.list(list)? {
            let number = parcel.object()?.text("tracking_number")?.trim().to_owned();
            if !number.is_empty() && number != main && !further.contains(&number) {
                further.push(number);
            }
        }
    }
    Ok((main, further))
}

/// Whether it ended there without a parcel: called off, its group never full, or refunded before it was shipped.
pub(crate) fn closed(order: &Object<'_>) -> Result<bool, Wrong> {
    let (confirm, group) = (word(order, "confirm_status")?, word(order, "group_status")?);
    let refunded = word(order, "refund_status")? == "4" || word(order, "after_sales_status")? == "10";
    let unshipped = word(order, "order_status")? == "1" && waybills(order)?.0.is_empty();
    Ok(confirm == "2" || (confirm != "1" && group == "2") || (refunded && unshipped))
}

/// A time that must be one where it is written at all.
pub(crate) fn instant(order: &Object<'_>, name: &str) -> Result<Option<Millis>, Wrong> {
    let text = order.text(name)?;
    if text.is_empty() {
        return Ok(None);
    }
    time::local(&text, time::CHINA).map(Some).ok_or_else(|| order.wrong(name, "is no time"))
}
