use super::UnusedWaybill;
use crate::Hold;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something scanned at a bench.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// What the scanner read: a waybill's number, or the barcode or code of goods.
    pub code: String,
    /// Which bench; each has a parcel of its own in hand.
    pub station: String,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scanned {
    /// `pack` (scan the goods), `verified` (complete: scan the waybill again to hand over), `pieces` (scan the labels of the
    /// further pieces too), `handed_over`, `refused`.
    pub next: String,
    /// Stable code of a refusal: `unknown_code`, `stale_paper`, `cancelled`, `held`, `refund`, `no_parcel`,
    /// `not_in_parcel`, `too_many`, `already_handed_over`.
    pub code: String,
    /// What to do, Chinese.
    pub zh: String,
    /// What to do, English.
    pub en: String,
    /// The package in hand.
    pub package: Option<String>,
    /// Its number.
    pub waybill: Option<String>,
    /// What belongs in the parcel.
    pub lines: Vec<ScanLine>,
}

/// What became of a weight.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Weighed {
    /// `weighed`, `differs` (the parcel is not let out until it is looked after), `waiting` (for the scan of its parcel).
    pub next: String,
    /// The package it is that of.
    pub package: Option<String>,
    /// What the scale said.
    pub grams: u32,
    /// What its goods weigh, where that is known of all of them.
    pub expected_g: Option<u32>,
}

/// Goods that belong in the parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScanLine {
    /// Our code.
    pub sku: String,
    /// For people.
    pub title: String,
    /// How many belong in it.
    pub qty: u32,
    /// How many were scanned.
    pub scanned: u32,
}

/// A piece of paper to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrintJob {
    /// Our id.
    pub id: String,
    /// What is printed: the waybill's id.
    pub subject: String,
    /// The package, where it is one's.
    pub package: Option<String>,
    /// The number on it.
    pub waybill: Option<String>,
    /// What kind of paper.
    pub kind: String,
    /// Which copy, from 1.
    pub copy_no: i64,
    /// Why it is printed again.
    pub reason: String,
    /// Where.
    pub printer: String,
    /// `queued`, `leased`, `sent`, `done`, `failed`, `unconfirmed`, `cancelled`, `expired`.
    pub state: String,
    /// What the bridge said.
    pub detail: String,
    /// When it was queued.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

/// A person's word on an unconfirmed print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// Whether the paper came out; if not, it is printed.
    pub paper: bool,
}

/// Why paper is wanted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reprint {
    /// In a sentence; it is kept, and the paper bears a mark.
    pub reason: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Its place in the log.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What it is about.
    pub entity: String,
    /// Which one.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// State before.
    pub was: String,
    /// State after.
    pub becomes: String,
    /// More.
    pub body: serde_json::Value,
}

/// How to ask for events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskEvents {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// About this kind of thing (`order`, `package`, `shop` …); with `id`.
    pub entity: Option<String>,
    /// About this one.
    pub id: Option<String>,
}

/// What walking the log's chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chain {
    /// Whether every row is as it was written and in its place.
    pub intact: bool,
    /// The first row that is not.
    pub broken_at: Option<i64>,
    /// How many rows were looked at.
    pub rows: i64,
}

/// An id and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// Which one.
    pub id: String,
    /// What about it, Chinese and English.
    pub detail: String,
}

/// Everything that needs a person; each list holds 100 at most.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exceptions {
    /// Orders that wait, with their reasons.
    pub held_orders: Vec<HeldOrder>,
    /// Documents that could not be handled.
    pub quarantine: Vec<Kept>,
    /// Shops with trouble.
    pub shops: Vec<Named>,
    /// Carrier accounts with trouble.
    pub carriers: Vec<Named>,
    /// Packages that do not get on.
    pub packages: Vec<PackageTrouble>,
    /// Parcels to look after.
    pub parcels: Vec<PackageTrouble>,
    /// What a channel refused or never took.
    pub outbox: Vec<OutboxTrouble>,
    /// Papers of which nobody knows whether they came out, and those that failed.
    pub prints: Vec<PrintJob>,
    /// Numbers that do not serve: those of packages that do not get on, and those to be settled with the carrier.
    #[serde(default)]
    pub numbers: Vec<UnusedWaybill>,
    /// What waits at the door, by sender.
    pub inbox: Vec<InboxTrouble>,
    /// What is left alone for a while because it failed again and again.
    pub breakers: Vec<BreakerTrouble>,
}

/// An order that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldOrder {
    /// Our id.
    pub id: String,
    /// Its shop.
    pub shop: String,
    /// The number that people see.
    pub number: String,
    /// When the buyer ordered.
    pub placed_at: String,
    /// Why it waits.
    pub holds: Vec<Hold>,
}

/// A document that could not be handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    /// Our id; `POST quarantine/<id>/replay` tries it again.
    pub id: String,
    /// `order` or `scan`.
    pub kind: String,
    /// Channel or carrier.
    pub source: String,
    /// Shop or carrier account.
    pub account: String,
    /// What it is about.
    pub ext_id: String,
    /// Why.
    pub reason: String,
    /// How often it was tried.
    pub tries: i64,
    /// When it was last tried.
    pub at: String,
}

/// A package that does not get on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageTrouble {
    /// Our id.
    pub id: String,
    /// Its status.
    pub status: String,
    /// Its carrier account.
    pub account: String,
    /// Its number.
    pub waybill: Option<String>,
    /// What it waits for, or the alarm's code.
    pub detail: String,
}

/// Something a channel was to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutboxTrouble {
    /// Our id; `POST outbox/<id>/retry` tells it again.
    pub id: String,
    /// `confirm` or `stock`.
    pub kind: String,
    /// The shop.
    pub shop: String,
    /// The order, for a shipment.
    pub order: Option<String>,
    /// The package, for a shipment.
    pub package: Option<String>,
    /// `rejected`, `gave_up` or `conflict`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// Stable code of why.
    #[serde(default)]
    pub code: String,
    /// What to do, Chinese and English.
    #[serde(default)]
    pub remedy: String,
    /// Our number, for a shipment.
    #[serde(default)]
    pub waybill: Option<String>,
    /// The numbers that the channel shows in the place of ours, for a conflict: `POST outbox/<id>/keep-theirs` lets them
    /// stand, `POST outbox/<id>/send-ours` has ours take their place.
    #[serde(default)]
    pub theirs: Vec<String>,
}

/// What waits at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InboxTrouble {
    /// Channel or carrier.
    pub source: String,
    /// Shop or carrier account.
    pub account: String,
    /// How many.
    pub count: i64,
    /// Since when.
    pub since: String,
    /// Why.
    pub reason: String,
}

/// What is left alone for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BreakerTrouble {
    /// What.
    pub name: String,
    /// Until when.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// The house in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gauges {
    /// Orders that a channel has and we have not: what a comparison found and is not here yet, and what arrived and is
    /// not handled five minutes later.
    pub orders_missing_now: i64,
    /// Seconds since the shop that was compared longest ago was compared with its channel; 0 without shops.
    pub compared_s: i64,
    /// The same for comparing as far back as it goes.
    pub whole_compared_s: i64,
    /// Seconds by which the shop that is listed least far is behind.
    pub watermark_s: i64,
    /// Alarms of shops.
    pub shop_alarms: i64,
    /// Documents that could not be handled.
    pub orders_quarantined: i64,
    /// What arrived and is not handled yet.
    pub inbox_pending: i64,
    /// What is still to be told.
    pub outbox_pending: i64,
    /// What a channel refused or never took.
    pub outbox_dead: i64,
    /// Pieces promised that are not on the shelf.
    pub oversold_units: i64,
    /// Packages that left although the money had gone back or was going back.
    pub shipped_after_refund: i64,
    /// Shipments that left an hour ago and are not known to stand at their channel, and those that it lost since.
    pub shipped_here_not_there: i64,
    /// Orders that their channel shows as shipped under no number of ours, with a parcel here that has not left.
    #[serde(default)]
    pub shipped_there_not_here: i64,
    /// Shipments whose channel shows another number.
    #[serde(default)]
    pub tellings_in_conflict: i64,
    /// Orders that are late.
    #[serde(default)]
    pub late_now: i64,
    /// Orders whose last pick-up in time is within four hours or over, and that are not late yet.
    #[serde(default)]
    pub late_soon: i64,
    /// Papers of which nobody knows whether they came out.
    pub print_unconfirmed: i64,
    /// Papers that certainly did not come out.
    pub print_failed: i64,
    /// Papers to be printed.
    pub print_queued: i64,
    /// Orders that wait for a person or for something.
    pub orders_held: i64,
    /// Orders to be planned.
    pub orders_to_plan: i64,
    /// Orders to be shipped.
    pub orders_to_ship: i64,
    /// Packages that wait for a number or a label.
    pub packages_waiting: i64,
    /// Parcels to look after.
    pub parcel_alarms: i64,
    /// Shops and carrier accounts with trouble.
    pub accounts_in_trouble: i64,
    /// Numbers taken that lie unused: of packages that are not to be shipped, or that do not get on.
    #[serde(default)]
    pub waybills_unused: i64,
    /// Numbers that the carrier does not take back or does not count again, until a person settles them.
    #[serde(default)]
    pub waybills_disputed: i64,
    /// Orders in all.
    pub orders: i64,
    /// Packages in all.
    pub packages: i64,
}
