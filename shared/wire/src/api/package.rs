use super::{Event, PrintJob};
use crate::step::Trace;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A package: what goes into one parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// Our id.
    pub id: String,
    /// The orders in it.
    pub orders: Vec<String>,
    /// Shop of the first of them.
    pub shop: String,
    /// Its channel.
    pub channel: String,
    /// From where.
    pub warehouse: String,
    /// With whom, such as `sf`.
    pub carrier: String,
    /// Our id of the carrier account.
    pub account: String,
    /// The carrier's product.
    pub service: String,
    /// The number, once there is one.
    pub waybill: Option<String>,
    /// State of the number: `calling`, `issued`, …
    pub waybill_state: Option<String>,
    /// Rises whenever paper becomes stale; stands on the paper.
    pub fence: i64,
    /// `planned`, `numbered`, `printed`, `verified`, `handed_over`, `in_transit`, `delivered`, `returned`, `lost`,
    /// `cancelled`.
    pub status: String,
    /// What goes in.
    pub lines: Vec<PackageLine>,
    /// Grams; 0 when unknown.
    pub weight_g: u32,
    /// How many pieces travel under its number.
    pub pieces: u32,
    /// The numbers of the further pieces, once there are any.
    pub children: Vec<String>,
    /// Why it goes from there with them: each rule, each condition, pass or fail.
    pub trace: Vec<Trace>,
    /// What it waits for; empty when nothing.
    pub waits_for: String,
    /// What a person should look at on its way; empty when nothing.
    pub alarm: String,
    /// Where the picture of its label is.
    pub label: Option<String>,
    /// Its print jobs.
    pub jobs: Vec<PrintJob>,
    /// What happened to it, oldest first; only for one package.
    pub events: Vec<Event>,
    /// When it was planned.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

/// Something that goes into a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageLine {
    /// The order.
    pub order: String,
    /// Our id of the order's line.
    pub line: String,
    /// Our goods.
    pub sku: String,
    /// How many pieces.
    pub qty: u32,
    /// The goods' title, or the channel's.
    pub title: String,
}

/// How to ask for packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPackages {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// `-created_at` (newest first, unless told) or `created_at`.
    pub sort: Option<String>,
    /// Of this status.
    pub status: Option<String>,
    /// Of this shop.
    pub shop: Option<String>,
    /// From this warehouse.
    pub warehouse: Option<String>,
    /// With this carrier.
    pub carrier: Option<String>,
    /// With this number.
    pub waybill: Option<String>,
    /// Of this order.
    pub order: Option<String>,
    /// Planned at or after.
    pub from: Option<String>,
    /// Planned before.
    pub to: Option<String>,
    /// `csv` or `xlsx` for a spreadsheet of up to 10,000 of them.
    pub format: Option<String>,
}

/// A package leaves the house.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ship {
    /// The fence on the paper, so that stale paper is refused.
    #[serde(default)]
    pub fence: Option<i64>,
}

/// Which packages to print: those named, or those that a filter finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintSome {
    /// These, in this order.
    #[serde(default)]
    pub packages: Option<Vec<String>>,
    /// All that this finds; 200 at most, oldest first.
    #[serde(default)]
    pub filter: Option<AskPackages>,
}

/// What was queued.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Printed {
    /// Packages whose paper is queued now or was queued before.
    pub packages: Vec<String>,
    /// Packages that cannot be printed, and why.
    pub refused: Vec<super::Named>,
}
