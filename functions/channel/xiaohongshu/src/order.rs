//! An order's detail, as it stands there.

use huidan_domain::Millis;
use huidan_exchange::json::{Object, Wrong};

/// A line (`skuList[]`). The platform adds equal variants up: a variant is in an order once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// `skuId`: the line's id too.
    pub(crate) sku: String,
    /// `itemId`, or else the variant's.
    pub(crate) item: String,
    /// `erpcode`, or else that of the only part.
    pub(crate) code: String,
    /// `skuName`.
    pub(crate) title: String,
    /// `skuSpec`.
    pub(crate) spec: String,
    /// `skuQuantity`.
    pub(crate) qty: u32,
    /// What all of it costs before any discount, in fen.
    pub(crate) worth: i64,
    /// `skuTag` 1.
    pub(crate) gift: bool,
    /// `deliveryMode` 1: may be delivered without a parcel.
    pub(crate) parcel_free: bool,
    /// `skuAfterSaleStatus`; empty where it is not written.
    pub(crate) after_sale: String,
}

/// A parcel that the platform knows (`simpleDeliveryOrderList[]`), or a part that waits for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    /// `deliveryOrderIndex`; empty where it is not written.
    pub(crate) index: String,
    /// `expressTrackingNo`; empty before it left.
    pub(crate) number: String,
    /// `skuIdList`.
    pub(crate) skus: Vec<String>,
}

/// The lines.
pub(crate) fn lines(order: &Object<'_>) -> Result<Vec<Line>, Wrong> {
    order.need("skuList")?.list()?.iter().map(|line| self::line(&line.object()?)).collect()
}

fn line(line: &Object<'_>) -> Result<Line, Wrong> {
    let sku = line.need("skuId")?.id()?;
    let item = line.id("itemId")?;
    let fen = |name: &str| line.get(name).map_or(Ok(0_i64), |amount| amount.whole());
    let qty: u32 = line.need("skuQuantity")?.whole()?;
    let paid: i64 = line.need("totalPaidAmount")?.whole()?;
    let discounts = fen("totalMerchantDiscount")?.saturating_add(fen("totalRedDiscount")?);
    Ok(Line {
        item: if item.is_empty() { sku.clone() } else { item },
        sku,
        code: code(line)?,
        title: line.text("skuName")?,
        spec: line.text("skuSpec")?,
        qty,
        worth: paid.saturating_add(discounts),
        gift: line.id("skuTag")? == "1",
        parcel_free: line.id("deliveryMode")? == "1",
        after_sale: line.id("skuAfterSaleStatus")?,
    })
}

/// A set has no code of its own at the platform; a variant sold alone has the one of its only part.
fn code(line: &Object<'_>) -> Result<String, Wrong> {
    let own = line.text("erpcode")?;
    match line.list("skuDetailList")?.as_slice() {
        [only] if own.is_empty() => only.object()?.text("erpCode"),
        _ => Ok(own),
    }
}

/// What an order says of its parcels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcels {
    /// `unpack`: it goes in several.
    pub(crate) split: bool,
    /// `expressTrackingNo` of the order itself; empty before it left.
    number: String,
    parts: Vec<Parcel>,
}

/// The parcels.
pub(crate) fn parcels(order: &Object<'_>) -> Result<Parcels, Wrong> {
    let number = |object: &Object<'_>| object.text("expressTrackingNo").map(|number| number.trim().to_owned());
    let mut parts = Vec::new();
    for part in order.list("simpleDeliveryOrderList")? {
        let part = part.object()?;
        let skus = part.list("skuIdList")?.iter().map(|sku| sku.id()).collect::<Result<_, _>>()?;
        parts.push(Parcel { index: part.id("deliveryOrderIndex")?, number: number(&part)?, skus });
    }
    Ok(Parcels { split: order.flag("unpack")?, number: number(order)?, parts })
}

impl Parcels {
    /// The number of the parcel that the variant is in; empty before it left. The order's own number speaks for all of
    /// it only where no parcel names its goods.
    pub(crate) fn number_of(&self, sku: &str) -> &str {
        let told = |part: &&Parcel| !part.number.is_empty() && !part.skus.is_empty();
        let inside = |part: &&Parcel| part.skus.iter().any(|one| one == sku);
        match self.parts.iter().filter(told).find(inside) {
            Some(part) => &part.number,
            None if self.split || self.parts.iter().any(|part| told(&part)) => "",
            None => &self.number,
        }
    }

    /// Every number, once.
    pub(crate) fn numbers(&self) -> Vec<String> {
        let mut numbers: Vec<String> = Vec::new();
        for number in self.parts.iter().map(|part| &part.number).chain([&self.number]) {
            if !number.is_empty() && !numbers.contains(number) {
                numbers.push(number.clone());
            }
        }
        numbers
    }

    /// The index of the only parcel with that number, as an order in several wants to hear it.
    pub(crate) fn index_of(&self, number: &str) -> Option<i64> {
        let mut with = self.parts.iter().filter(|part| part.number == number);
        match (with.next(), with.next()) {
            (Some(only), None) if self.split => only.index.parse().ok(),
            _ => None,
        }
    }
}

/// A time in milliseconds; 0 means none.
pub(crate) fn instant(object: &Object<'_>, name: &str) -> Result<Option<Millis>, Wrong> {
    let at: Option<i64> = object.get(name).map(|at| at.whole()).transpose()?;
    Ok(at.filter(|&at| at > 0).map(Millis))
}
