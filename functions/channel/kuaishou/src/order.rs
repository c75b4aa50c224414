//! An order's document, as it stands there: one line of goods, and gifts as orders of their own inside it.

use huidan_domain::{Currency, Millis, Money};
use huidan_exchange::json::{Json, Object, Wrong};

/// The order's own line, or a gift's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// `oid`: calls name the line by it.
    pub(crate) oid: String,
    /// `status`, such as `30`.
    pub(crate) status: String,
    /// `itemId`.
    pub(crate) item: String,
    /// `skuId`; empty for an item without variants.
    pub(crate) sku: String,
    /// `skuNick`: the code that the seller wrote.
    pub(crate) outer_code: String,
    /// `itemTitle`.
    pub(crate) title: String,
    /// `skuDesc`.
    pub(crate) spec: String,
    /// `num`.
    pub(crate) qty: u32,
    /// `price`.
    pub(crate) price: Money,
    /// `sendTime` is set.
    pub(crate) sent: bool,
    /// Whether it is a gift.
    pub(crate) gift: bool,
    /// `orderLogisticsInfo`.
    pub(crate) parcels: Vec<Parcel>,
    /// `splitDeliveryOrder`: it is shipped piece by piece.
    pub(crate) split: bool,
    /// `deliveryNum`: how many were shipped so.
    pub(crate) delivered: u32,
    /// `deliveryStatus` says that some of it is still to be shipped.
    pub(crate) part: bool,
}

/// A number that the platform shows for a line. It may show one before the line is shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    /// `logisticsId`; empty where the platform does not say.
    pub(crate) id: String,
    /// `expressNo`.
    pub(crate) number: String,
}

impl Line {
    /// Whether it left, all of it or some. One that was sent back and paid back is closed with its time of sending.
    pub(crate) fn shipped(&self) -> bool {
        matches!(self.status.as_str(), "40" | "50" | "70") || (self.closed() && self.sent)
    }

    /// Whether some of it left and some is still to be shipped.
    pub(crate) fn partly(&self) -> bool {
        self.shipped() && (self.part || (self.split && self.delivered < self.qty))
    }

    /// Whether it ended without anything to ship.
    pub(crate) fn closed(&self) -> bool {
        self.status == "80"
    }

    /// The numbers it was shipped under.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &str> {
        self.parcels.iter().filter(|_| self.shipped()).map(|parcel| parcel.number.as_str())
    }
}

/// The order itself, whether or not an answer's envelope is still around it.
pub(crate) fn unwrapped<'a>(document: &Json<'a>) -> Result<Object<'a>, Wrong> {
    let outer = document.object()?;
    match outer.get("data") {
        Some(data) if !outer.has("orderBaseInfo") => data.object(),
        _ => Ok(outer),
    }
}

/// The lines, the order's own first.
pub(crate) fn lines(order: &Object<'_>) -> Result<Vec<Line>, Wrong> {
    let base = order.need("orderBaseInfo")?.object()?;
    let status = base.need("status")?.id()?;
    let parts = Parts {
        item: order.need("orderItemInfo")?.object()?,
        parcels: order.list("orderLogisticsInfo")?,
        delivery: order.object("orderDeliveryInfo")?,
        base,
    };
    let mut lines = vec![line(&parts, &status, false)?];
    for gift in order.list("subOrderInfo")? {
        let gift = gift.object()?;
        let parts = Parts {
            base: gift.need("subOrderBaseInfo")?.object()?,
            item: gift.need("subOrderItemInfo")?.object()?,
            parcels: gift.list("subOrderLogisticsInfo")?,
            delivery: gift.object("subOrderDeliveryInfo")?,
        };
        lines.push(line(&parts, &status, true)?);
    }
    Ok(lines)
}

struct Parts<'a> {
    base: Object<'a>,
    item: Object<'a>,
    parcels: Vec<Json<'a>>,
    delivery: Object<'a>,
}

fn line(parts: &Parts<'_>, of_order: &str, gift: bool) -> Result<Line, Wrong> {
    let (base, item, delivery) = (&parts.base, &parts.item, &parts.delivery);
    let code = item.text("skuNick")?;
    Ok(Line {
        oid: base.need("oid")?.id()?,
        status: base.get("status").map_or_else(|| Ok(of_order.to_owned()), |status| status.id())?,
        item: item.need("itemId")?.id()?,
        sku: some(item.id("skuId")?),
        outer_code: if code.is_empty() { first_text(item, "goodsCode")? } else { code },
        title: item.text("itemTitle")?,
        spec: item.text("skuDesc")?,
        qty: item.need("num")?.whole()?,
        price: match item.get("price") {
            None if gift => fen(0),
            _ => fen(item.need("price")?.whole()?),
        },
        sent: instant(base, "sendTime")?.is_some(),
        gift,
        parcels: parts.parcels.iter().map(parcel).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect(),
        split: delivery.flag("splitDeliveryOrder")?,
        delivered: delivery.get("deliveryNum").map_or(Ok(0), |delivered| delivered.whole())?,
        part: delivery.get("deliveryStatus").is_some_and(|status| status.raw() == "10"),
    })
}

fn parcel(json: &Json<'_>) -> Result<Option<Parcel>, Wrong> {
    let parcel = json.object()?;
    let number = parcel.text("expressNo")?.trim().to_owned();
    Ok((!number.is_empty()).then_some(Parcel { id: some(parcel.id("logisticsId")?), number }))
}

/// A text, or the first of several.
fn first_text(object: &Object<'_>, name: &str) -> Result<String, Wrong> {
    match object.get(name) {
        Some(several) if several.raw().starts_with('[') => {
            several.list()?.first().map_or_else(|| Ok(String::new()), |first| first.text())
        }
        _ => object.text(name),
    }
}

/// The platform writes 0 for an id that is not there.
fn some(id: String) -> String {
    if id == "0" { String::new() } else { id }
}

/// An amount in fen.
pub(crate) fn fen(amount: i64) -> Money {
    Money::from_minor(amount, Currency::CNY)
}

/// Milliseconds since 1970; `None` for 0, by which the platform says never.
pub(crate) fn instant(object: &Object<'_>, name: &str) -> Result<Option<Millis>, Wrong> {
    let at: i64 = object.get(name).map_or(Ok(0), |at| at.whole())?;
    Ok((at > 0).then_some(Millis(at)))
}
