//! What stands on the papers of a wave, before anything is known about paper. No receiver stands on them.

use crate::waybill::ItemLine;

/// The list of a walk.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PickList {
    /// What it is the list of: `#12`.
    pub wave: String,
    /// What its parcels have in common, Chinese and English.
    pub kind: String,
    /// The warehouse's name.
    pub warehouse: String,
    /// How many parcels it is for.
    pub parcels: u32,
    /// Slots, or places, that stay empty.
    pub empty: Vec<String>,
    /// The stops, in the order of the walk.
    pub stops: Vec<Stop>,
    /// A small line at the foot.
    pub printed_hint: String,
}

/// A stop of the walk.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stop {
    /// Where it lies.
    pub bin: String,
    /// What and how many.
    pub goods: ItemLine,
    /// Where the pieces go: `A2:1, A5:2`.
    pub to: String,
}

/// What goes into one parcel.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PackingSlip {
    /// What it belongs to: `#12`; empty where it belongs to no wave.
    pub wave: String,
    /// Place in the wave, counted from 1, and the wave's size.
    pub seq: Option<(u32, u32)>,
    /// Its slot in the put-wall; empty where there is none.
    pub slot: String,
    /// Who carries it.
    pub carrier: String,
    /// The waybill's number, once there is one.
    pub number: Option<String>,
    /// The shops' own order numbers.
    pub order_refs: Vec<String>,
    /// What goes in.
    pub lines: Vec<ItemLine>,
    /// A small line at the foot.
    pub printed_hint: String,
}
