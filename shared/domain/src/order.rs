use crate::{Millis, Money, Receiver, named::named};

named! {
    /// Whether the buyer's money is there.
    PayState {
        /// Nothing paid.
        Unpaid = "unpaid",
        /// A presale's first part is paid.
        DepositPaid = "deposit_paid",
        /// Paid, or payable on delivery.
        Paid = "paid",
        /// Some of it went back.
        PartiallyRefunded = "partially_refunded",
        /// All of it went back.
        Refunded = "refunded",
    }
}

named! {
    /// What the channel says of the order's life there.
    ChannelState {
        /// Neither shipped nor ended.
        Open = "open",
        /// Some lines are shipped there.
        PartShipped = "part_shipped",
        /// Shipped there.
        Shipped = "shipped",
        /// Received and finished there.
        Completed = "completed",
        /// Cancelled or closed there.
        Cancelled = "cancelled",
    }
}

named! {
    /// Our own review.
    ReviewState {
        /// Not looked at yet.
        New = "new",
        /// The rules let it pass.
        AutoOk = "auto_ok",
        /// At least one hold needs a person.
        NeedsHuman = "needs_human",
        /// A person let it pass.
        Approved = "approved",
    }
}

named! {
    /// A refund, per line; of an order: the furthest of its lines.
    RefundState {
        /// None asked for.
        None = "none",
        /// Asked for.
        Requested = "requested",
        /// Refused by the seller.
        Refused = "refused",
        /// Agreed to.
        Agreed = "agreed",
        /// The goods are coming back.
        ReturnInTransit = "return_in_transit",
        /// The goods are back.
        Received = "received",
        /// The money is back.
        Refunded = "refunded",
    }
}

impl RefundState {
    /// Whether goods of such a line must not leave the house.
    pub const fn stops_shipping(self) -> bool {
        !matches!(self, Self::None | Self::Refused)
    }
}

named! {
    /// What kind of line it is.
    LineKind {
        /// Sold.
        Sale = "sale",
        /// Given.
        Gift = "gift",
        /// Nothing to ship (a price difference, a service).
        Virtual = "virtual",
    }
}

/// Which of two readings of an order is newer: the channel's own time of change, then a hash of what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The channel's time of the last change.
    pub at: Millis,
    /// SHA-256 of the document, hex; tells a repeat from a second change at the same instant.
    pub hash: String,
}

impl Version {
    /// Whether both are of the same instant, and different.
    pub fn ties(&self, other: &Self) -> bool {
        self.at == other.at && self.hash != other.hash
    }

    /// Whether this document may be applied over `applied`: later, or as late and different.
    pub fn supersedes(&self, applied: &Self) -> bool {
        self.at > applied.at || self.ties(applied)
    }
}

/// What a channel says of an order. Nothing of it is ours to change, and nothing of ours is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// The channel's id, unique within the shop.
    pub ext_id: String,
    /// The number that buyer and seller see, where it differs from the id.
    pub number: String,
    /// The channel's time of the last change.
    pub updated_at: Millis,
    /// When the buyer ordered.
    pub placed_at: Millis,
    /// When the buyer paid.
    pub paid_at: Option<Millis>,
    /// When the channel wants it shipped at the latest.
    pub ship_by: Option<Millis>,
    /// Money.
    pub pay: PayState,
    /// Life at the channel; `Err` keeps a word nobody here knows.
    pub state: Result<ChannelState, String>,
    /// The channel's own reason why it must not ship yet although paid (a group that is not full, a risk check).
    pub must_wait: Option<String>,
    /// What was bought.
    pub lines: Vec<LineFacts>,
    /// What the buyer pays in all.
    pub total: Money,
    /// To whom.
    pub receiver: Receiver,
    /// The buyer's words.
    pub buyer_remark: String,
    /// The seller's own note at the channel.
    pub seller_remark: String,
    /// Waybill numbers that the channel already knows for it.
    pub waybills: Vec<String>,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// The channel's id of the line.
    pub ext_line_id: String,
    /// The channel's id of the item.
    pub ext_item: String,
    /// The channel's id of the variant; the item's where it has none.
    pub ext_sku: String,
    /// The code that the seller wrote at the channel.
    pub outer_code: String,
    /// Title.
    pub title: String,
    /// Variant in words.
    pub spec: String,
    /// How many were bought.
    pub qty: u32,
    /// Price of one.
    pub unit_price: Money,
    /// Sold, given or virtual.
    pub kind: LineKind,
    /// Refund of this line.
    pub refund: RefundState,
    /// How many of `qty` were refunded or removed before shipping.
    pub refunded_qty: u32,
}

/// A number of one of our own SKUs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SkuQty {
    /// Our code.
    pub sku: String,
    /// How many.
    pub qty: u32,
}

/// A reason why an order waits. An order has a set of them, one per handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Who holds: the step's or rule's name, or `operator`. A step replaces only its own.
    pub handle: String,
    /// Stable code such as `sku_unmapped`.
    pub reason: String,
    /// For a person, without personal data.
    pub detail: String,
}

/// A wish found in a remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Stable code such as `carrier_must`, `carrier_never`, `urgent`, `gift_card`, `address_change`.
    pub code: String,
    /// What it is about (a carrier's id), empty where the code says all.
    pub value: String,
    /// `buyer` or `seller`.
    pub by: String,
    /// The words it was read from.
    pub words: String,
}

/// Something that a normalizing step could not settle: the best value stays, a person decides later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which field, such as `lines[2].sku`.
    pub field: String,
    /// Stable code such as `sku_unmapped`, `address_incomplete`, `phone_invalid`.
    pub code: String,
    /// For a person, without personal data.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(at: i64, hash: &str) -> Version {
        Version { at: Millis(at), hash: hash.into() }
    }

    #[test]
    fn an_older_or_equal_document_never_supersedes() {
        let applied = version(1000, "a");
        assert!(!version(999, "b").supersedes(&applied));
        assert!(!version(1000, "a").supersedes(&applied));
        assert!(version(1000, "b").supersedes(&applied));
        assert!(version(1001, "a").supersedes(&applied));
    }

    #[test]
    fn every_name_reads_back() {
        for state in PayState::ALL {
            assert_eq!(PayState::parse(state.name()).as_ref(), Ok(state));
        }
        for state in RefundState::ALL {
            assert_eq!(RefundState::parse(state.name()).as_ref(), Ok(state));
        }
        assert!(ChannelState::parse("gone").is_err());
    }
}
