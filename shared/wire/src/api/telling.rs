//! What channels are told, and by when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How to ask for shipments told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskTellings {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Of this shop.
    pub shop: Option<String>,
    /// Of this order, by our id; then in every state.
    pub order: Option<String>,
    /// In this state; unless an order is named, those that wait for a person where no state is.
    pub state: Option<String>,
}

/// A shipment, and how telling its channel stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Telling {
    /// Our id; stands in the paths of what can be done about it.
    pub id: String,
    /// Shop.
    pub shop: String,
    /// Our id of the order.
    pub order: String,
    /// The order's number for people.
    pub number: String,
    /// Our id of the package.
    pub package: String,
    /// The number that the package has now.
    pub waybill: String,
    /// The number that the channel was told last; `null` before the first time.
    pub told: Option<String>,
    /// `pending`, `sending`, `sent` (told, to be read back), `confirmed`, `told_with_other` (the channel takes no further
    /// number: those in `theirs` stand for it), `kept_theirs`, `dropped` (the package was cancelled first), `rejected`,
    /// `gave_up`, `conflict` (the channel shows what is in `theirs`).
    pub state: String,
    /// Whether it is tried again by itself (`transient`), waits for a person (`permanent`), or neither (`settled`).
    pub class: String,
    /// Stable code of why it stands still; empty where it does not.
    pub code: String,
    /// Why, Chinese and English.
    pub reason: String,
    /// What a person does about it, Chinese and English; empty where nothing.
    pub remedy: String,
    /// The numbers that the channel shows, or took, in the place of ours.
    pub theirs: Vec<String>,
    /// How often it was tried since it was wanted.
    pub tries: i64,
    /// When it was wanted.
    pub created_at: String,
    /// When it is tried next.
    pub next_at: Option<String>,
    /// When the channel took it.
    pub told_at: Option<String>,
    /// When the channel last showed it.
    pub read_back_at: Option<String>,
}

/// What a shop wants otherwise than its channel and we do. What is left out is as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellingRule {
    /// `hand_over` (a parcel is told when it left) or `print` (when its label came out: parcels told so and not picked up
    /// in time are flagged, since platforms fine them).
    #[serde(default = "hand_over")]
    pub tells: String,
    /// With `print`: how long after the label came out, in minutes.
    #[serde(default)]
    pub after_print_min: Option<u32>,
    /// Within how many hours of being told a carrier must have scanned a parcel; else the channel's rule.
    #[serde(default)]
    pub picked_up_h: Option<u32>,
    /// Within how many hours of being paid an order leaves whose channel names no time; 48 unless given.
    #[serde(default)]
    pub ship_within_h: Option<u32>,
    /// The channel's codes of carriers by our ids (such as `jtexpress`), where they differ from what we know.
    #[serde(default)]
    pub carriers: BTreeMap<String, String>,
}

fn hand_over() -> String {
    "hand_over".to_owned()
}

/// When carriers come to a warehouse for the last time of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CutOff {
    /// The warehouse.
    pub warehouse: String,
    /// By its own clock, such as `16:30`; `null` where nobody said, so that any moment will do.
    pub at: Option<String>,
}

/// A warehouse's cut-off to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCutOff {
    /// By the warehouse's own clock, such as `16:30`; `null` forgets it.
    pub at: Option<String>,
}

/// How to ask for what is due.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskDeadlines {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// Of this shop.
    pub shop: Option<String>,
}

/// What is due, and what will be late.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deadlines {
    /// Orders that are late.
    pub late_now: i64,
    /// Orders whose last pick-up in time is within four hours or over, and that are not late yet.
    pub late_soon: i64,
    /// Of those in the queue, how many will be late at the present pace; `null` where nothing left lately.
    pub will_be_late: Option<i64>,
    /// How fast each warehouse works.
    pub paces: Vec<Pace>,
    /// Orders that have to leave, those first whose last pick-up is first.
    pub items: Vec<Due>,
    /// Parcels that channels were told of and no carrier has scanned within the platform's limit.
    pub not_picked_up: Vec<NotPickedUp>,
}

/// How fast a warehouse works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// The warehouse.
    pub warehouse: String,
    /// Orders that left within the last four hours.
    pub left: u32,
    /// Orders of the queue that are to leave it.
    pub to_leave: u32,
}

/// An order that has to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Due {
    /// Our id.
    pub order: String,
    /// Its shop.
    pub shop: String,
    /// The number that people see.
    pub number: String,
    /// The order's status.
    pub status: String,
    /// `late`, `soon` or `in_time`.
    pub state: String,
    /// When it is due.
    pub due: String,
    /// Whether the channel named the time; else it is the shop's rule.
    pub said_by_channel: bool,
    /// Its last pick-up in time, by the cut-off of its warehouse.
    pub leave_by: String,
    /// From where it leaves.
    pub warehouse: String,
    /// When it leaves at the warehouse's present pace, in the order of this queue; `null` where nothing left lately.
    pub expected_at: Option<String>,
    /// Whether that is too late; an order that is late already always is.
    pub will_be_late: bool,
}

/// A parcel that a channel was told of and no carrier has scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotPickedUp {
    /// Our id of the order.
    pub order: String,
    /// Our id of the package.
    pub package: String,
    /// The number that was told.
    pub waybill: String,
    /// When.
    pub told_at: String,
    /// The package's status; a `cancelled` one will never be picked up: change its number at the channel, or withdraw it.
    pub status: String,
}
