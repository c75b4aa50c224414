//! An after-sale, and what it means for the goods.

use huidan_domain::{Millis, RefundState};
use huidan_exchange::json::{Json, Wrong};

/// An after-sale as the list or the detail call tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sale {
    /// `returnsId`.
    pub(crate) id: String,
    /// `updatedAt`.
    pub(crate) changed: Option<Millis>,
    /// `skus[]`: which variant, how many; empty where only the list told of it.
    pub(crate) skus: Vec<(String, u32)>,
    status: String,
    kind: String,
    refund: String,
}

/// What an after-sale means for its goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Means {
    /// Nothing: taken back, closed, about money alone, or served by another parcel.
    Nothing,
    /// This.
    State(RefundState),
    /// A word that nobody here knows: the goods stay.
    Unknown(String),
}

/// Reads one.
pub(crate) fn read(json: &Json<'_>) -> Result<Sale, Wrong> {
    let sale = json.object()?;
    let mut skus = Vec::new();
    for sku in sale.list("skus")? {
        let sku = sku.object()?;
        skus.push((sku.need("skuId")?.id()?, sku.need("appliedCount")?.whole()?));
    }
    let changed: Option<i64> = sale.get("updatedAt").map(|at| at.whole()).transpose()?;
    Ok(Sale {
        id: sale.need("returnsId")?.id()?,
        changed: changed.filter(|&at| at > 0).map(Millis),
        skus,
        status: sale.need("status")?.id()?,
        kind: sale.id("returnType")?,
        refund: sale.id("refundStatus")?,
    })
}

impl Sale {
    /// Whether it touches goods, so that one must know which.
    pub(crate) fn concerns_goods(&self) -> bool {
        !matches!(self.means(), Means::Nothing | Means::State(RefundState::Refused))
    }

    /// Whether it is still under way.
    pub(crate) fn open(&self) -> bool {
        !matches!(self.status.as_str(), "4" | "5" | "6" | "9" | "9001")
    }

    /// What it means for its goods.
    pub(crate) fn means(&self) -> Means {
        // Price protection gives money back and leaves the goods where they are.
        if self.kind == "6" {
            return Means::Nothing;
        }
        Means::State(match self.status.as_str() {
            "1" | "11" | "14" => RefundState::Requested,
            "2" => RefundState::Agreed,
            "3" => RefundState::ReturnInTransit,
            "12" | "13" => RefundState::Received,
            // An exchange that is done was served by an order of its own (type 5).
            "4" if self.kind == "2" => return Means::Nothing,
            // Done is not paid back yet where the money has a word of its own that says otherwise.
            "4" if matches!(self.refund.as_str(), "" | "2") => RefundState::Refunded,
            "4" => RefundState::Agreed,
            "5" | "6" => return Means::Nothing,
            "9" | "9001" => RefundState::Refused,
            unknown => return Means::Unknown(unknown.to_owned()),
        })
    }
}
