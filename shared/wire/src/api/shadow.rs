use crate::Hold;
use crate::step::Trace;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What Huidan would have done in a shop since it was put into `shadow`: the whole in numbers, and a page of its orders,
/// newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shadow {
    /// The whole in numbers.
    pub summary: ShadowSummary,
    /// A page of the orders.
    pub items: Vec<ShadowOrder>,
    /// Pass it as `cursor` for the next page; `null` on the last.
    pub next: Option<String>,
}

/// What would have been done, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowSummary {
    /// Since when: the last time the shop was put into `shadow`; `null` when it never was.
    pub since: Option<String>,
    /// Orders that were planned or would have waited.
    pub orders: u32,
    /// Orders of them that would have become packages.
    pub shipped: u32,
    /// The packages they would have become: numbers taken, labels printed, shipments told.
    pub packages: u32,
    /// Orders of them that would have waited for a person.
    pub waiting: u32,
    /// Why those would have waited; an order may wait for several reasons.
    pub reasons: Vec<ShadowReason>,
}

/// A reason for which orders would have waited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowReason {
    /// Its code, as in an order's holds.
    pub reason: String,
    /// How many orders.
    pub orders: u32,
}

/// What would have been done about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowOrder {
    /// Our id.
    pub id: String,
    /// The channel's id.
    pub ext_id: String,
    /// The number people know it by.
    pub number: String,
    /// When it was placed.
    pub placed_at: String,
    /// What became of it at the channel meanwhile: `open`, `part_shipped`, `shipped`, `completed`, `cancelled`.
    pub channel_state: String,
    /// The packages it would have become; none while it waits.
    pub packages: Vec<ShadowPackage>,
    /// What holds it now.
    pub holds: Vec<Hold>,
    /// Why it waited last, for an order that never became a package and is held no more; empty otherwise.
    pub waited_for: String,
}

/// A package that would have been booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowPackage {
    /// Our id.
    pub id: String,
    /// From where: our id of the warehouse.
    pub warehouse: String,
    /// Its name.
    pub warehouse_name: String,
    /// With whom, such as `sf`.
    pub carrier: String,
    /// Our id of the carrier account.
    pub account: String,
    /// Its name.
    pub account_name: String,
    /// The carrier's product; empty for its usual one.
    pub service: String,
    /// Grams; 0 when unknown.
    pub weight_g: u32,
    /// What would go in.
    pub lines: Vec<ShadowLine>,
    /// Why it would go this way: each rule, each condition, pass or fail.
    pub trace: Vec<Trace>,
    /// What the channel would have been told once it left.
    pub confirm: ShadowConfirm,
}

/// Something that would have gone into a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowLine {
    /// Our goods.
    pub sku: String,
    /// Their title, or the channel's.
    pub title: String,
    /// Pieces.
    pub qty: u32,
}

/// The shipment that a channel would have been told; its number would have come from the carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowConfirm {
    /// The channel's id of the order.
    pub ext_id: String,
    /// The carrier.
    pub carrier: String,
    /// Its name, for channels that ask for one.
    pub carrier_name: String,
    /// The channel's id of each line, and how many of it.
    pub lines: Vec<ShadowConfirmLine>,
    /// Whether it would have completed the order.
    pub completes: bool,
}

/// A line of a shipment that would have been told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShadowConfirmLine {
    /// The channel's id of the line.
    pub ext_line_id: String,
    /// How many of it.
    pub qty: u32,
}
