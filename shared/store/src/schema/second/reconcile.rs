//! Comparing what channels have with what is here.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[
    // When a comparison last asked for an order anew of which a list does not say when it was changed.
    "CREATE TABLE read_again (
        shop TEXT NOT NULL REFERENCES shop (id),
        ext_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (shop, ext_id)
    ) WITHOUT ROWID",
];
