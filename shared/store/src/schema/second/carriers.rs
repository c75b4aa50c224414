//! Carrier accounts.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[
    // An account that does not book only watches parcels.
    "ALTER TABLE carrier_account ADD COLUMN books INTEGER NOT NULL DEFAULT 1",
];
