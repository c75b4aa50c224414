//! Watched parcels: lanes, incidents, what a buyer may choose.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[];
