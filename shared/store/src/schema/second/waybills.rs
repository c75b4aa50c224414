//! Waybills as assets: what becomes of numbers, and what they cost.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[
    // What the claim is made of, as a hash: the same parcel at the same account, in whatever database. `''`: the claim
    // was drawn by chance (version 1), or was certainly never sent and is free again.
    "ALTER TABLE waybill ADD COLUMN basis TEXT NOT NULL DEFAULT ''",
    // The carrier called the claim a repeat: that it shows nothing for it is not believed.
    "ALTER TABLE waybill ADD COLUMN exists_said INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE waybill ADD COLUMN voided_at INTEGER",
    // When the number is to be counted again; NULL: never, or nobody says.
    "ALTER TABLE waybill ADD COLUMN reclaim_at INTEGER",
    "ALTER TABLE waybill ADD COLUMN reclaimed_at INTEGER",
    // What a person says became of a disputed number: '' nothing yet, 'lost' or 'credited'.
    "ALTER TABLE waybill ADD COLUMN settled TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE waybill ADD COLUMN settled_note TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE waybill ADD COLUMN settled_at INTEGER",
    "CREATE INDEX waybill_basis ON waybill (basis) WHERE basis <> ''",
    "CREATE INDEX waybill_issued ON waybill (account, issued_at) WHERE issued_at IS NOT NULL",
    "CREATE INDEX waybill_unused ON waybill (account, issued_at)
        WHERE state IN ('issued', 'printed', 'verified', 'void_wanted', 'voiding', 'void_refused', 'dispute')",
    "CREATE INDEX waybill_voided ON waybill (account, voided_at) WHERE state = 'voided'",
    // What a number costs in fen (NULL: not known), how long one may lie unused before it is given back or shown, after
    // how many days the carrier counts it again (NULL: as the carrier's manifest says).
    "ALTER TABLE carrier_account ADD COLUMN number_fen INTEGER",
    "ALTER TABLE carrier_account ADD COLUMN unused_hours INTEGER NOT NULL DEFAULT 72",
    "ALTER TABLE carrier_account ADD COLUMN idle_days INTEGER NOT NULL DEFAULT 3",
    "ALTER TABLE carrier_account ADD COLUMN reclaim_days INTEGER",
    // When the balance is to be asked for; NULL: not now.
    "ALTER TABLE carrier_account ADD COLUMN balance_due INTEGER",
    // Every look at a balance. `expected`: the look before, less what was taken since, more what was counted again.
    "CREATE TABLE number_balance (
        account TEXT NOT NULL REFERENCES carrier_account (id),
        at INTEGER NOT NULL,
        numbers INTEGER,
        expected INTEGER,
        reclaimed INTEGER NOT NULL,
        open INTEGER NOT NULL,
        places TEXT NOT NULL,
        PRIMARY KEY (account, at)
    ) WITHOUT ROWID",
    // What is wrong with an account's numbers, until it is not any more: 'missing' or 'low'.
    "CREATE TABLE number_alarm (
        account TEXT NOT NULL REFERENCES carrier_account (id),
        kind TEXT NOT NULL,
        detail TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (account, kind)
    ) WITHOUT ROWID",
    // The nightly sweep, once for each warehouse and day of its own clock (days since 1970).
    "CREATE TABLE number_sweep (
        warehouse TEXT NOT NULL,
        day INTEGER NOT NULL,
        at INTEGER NOT NULL,
        given_back INTEGER NOT NULL,
        disputed INTEGER NOT NULL,
        reclaimed INTEGER NOT NULL,
        idle INTEGER NOT NULL,
        PRIMARY KEY (warehouse, day)
    ) WITHOUT ROWID",
];
