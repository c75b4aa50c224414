use crate::{Hold, Money, SkuQty};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Our id.
    pub id: String,
    /// Its shop.
    pub shop: String,
    /// Its channel.
    pub channel: String,
    /// The channel's id.
    pub ext_id: String,
    /// The number that people see at the channel.
    pub number: String,
    /// `unpaid`, `held`, `to_plan`, `to_ship`, `part_shipped`, `shipped`, `completed`, `cancelled`: derived.
    pub status: String,
    /// Money.
    pub pay_state: String,
    /// Life at the channel, in our words or the channel's own where we have none.
    pub channel_state: String,
    /// `new`, `auto_ok`, `needs_human`, `approved`.
    pub review_state: String,
    /// Why it waits.
    pub holds: Vec<Hold>,
    /// The worst of its lines.
    pub refund_state: String,
    /// When the buyer ordered.
    pub placed_at: String,
    /// When the buyer paid.
    pub paid_at: Option<String>,
    /// Ship by.
    pub ship_by: Option<String>,
    /// What the buyer pays in all.
    pub total: Money,
    /// Lines.
    pub lines: Vec<OrderLine>,
    /// To whom.
    pub receiver: OrderReceiver,
    /// The buyer's words.
    pub buyer_remark: String,
    /// The seller's note.
    pub seller_remark: String,
    /// Marks.
    pub tags: Vec<String>,
    /// Our ids of its packages.
    pub packages: Vec<String>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderLine {
    /// Our id.
    pub id: String,
    /// The channel's id.
    pub ext_line_id: String,
    /// The channel's id of the variant.
    pub ext_sku: String,
    /// Title.
    pub title: String,
    /// How many.
    pub qty: u32,
    /// Price of one.
    pub unit_price: Money,
    /// What one of it is made of; empty while unknown.
    pub skus: Vec<SkuQty>,
    /// Refund of this line.
    pub refund_state: String,
}

/// To whom an order goes. Masked for who has no need to know.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderReceiver {
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Country.
    pub country: String,
    /// Province.
    pub province: String,
    /// City.
    pub city: String,
    /// District.
    pub district: String,
    /// Everything below the district.
    pub address: String,
    /// Postal code.
    pub postcode: String,
    /// The platform's handle of an encrypted receiver.
    pub token: Option<String>,
}

impl std::fmt::Debug for OrderReceiver {
    /// Shows where, never whom.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrderReceiver").field("province", &self.province).finish_non_exhaustive()
    }
}

/// How to ask for orders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskOrders {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// `-placed_at` (newest first, unless told) or `placed_at`.
    pub sort: Option<String>,
    /// Of this status.
    pub status: Option<String>,
    /// Of this shop.
    pub shop: Option<String>,
    /// Of this channel.
    pub channel: Option<String>,
    /// With this id at the channel.
    pub ext_id: Option<String>,
    /// Placed at or after.
    pub from: Option<String>,
    /// Placed before.
    pub to: Option<String>,
    /// `csv` or `xlsx` for a spreadsheet of up to 10,000 of them.
    pub format: Option<String>,
}

/// Why a person holds an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldOrder {
    /// In a sentence.
    #[serde(default)]
    pub detail: String,
}

/// A note to an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The seller's note; replaces the one before. It stays here, the channel is not told.
    #[serde(default)]
    pub seller_remark: Option<String>,
    /// Marks; replace those before.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
}

/// What became of a spreadsheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// How many were taken in.
    pub taken: u32,
    /// Of those, how many were there already just so.
    pub known: u32,
    /// What is wrong with which row.
    pub problems: Vec<RowProblem>,
}

/// What a spreadsheet of orders is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OrderImport {
    /// Nothing was taken in: it was only looked at.
    Look(Box<super::ImportLook>),
    /// It was taken in.
    Done(Imported),
}

/// What is wrong with a row of a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowProblem {
    /// Counted from 1, the heading included.
    pub row: u32,
    /// The column's heading.
    pub column: String,
    /// What is wrong and what to do.
    pub detail: String,
}

/// Which orders to read again from their stored documents: those named, or those of a shop (of all shops without one)
/// that their channel changed since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Our ids, 100 at most.
    #[serde(default)]
    pub orders: Vec<String>,
    /// A shop.
    #[serde(default)]
    pub shop: Option<String>,
    /// RFC 3339; from the beginning without it.
    #[serde(default)]
    pub since: Option<String>,
    /// `next` of the answer before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// What reading again came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replayed {
    /// Orders that were to be read again.
    pub orders: usize,
    /// Those of them that could be read; the others stay as they are.
    pub read: usize,
    /// To go on with; `null` at the end.
    pub next: Option<String>,
}
