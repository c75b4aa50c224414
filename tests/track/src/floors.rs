//! What the alarms must reach, written down before they were first run against the truth.

/// Of the parcels that are in trouble, so many of a hundred have the right alarm, and have it before the trouble ends.
pub const RECALL_PERCENT: usize = 90;
/// Of the alarms, so many of a hundred are right.
pub const PRECISION_PERCENT: usize = 80;
