//! Carrier accounts, and what carriers give beside a number.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[
    // An account that does not book only watches parcels.
    "ALTER TABLE carrier_account ADD COLUMN books INTEGER NOT NULL DEFAULT 1",
    // Whether its carrier changes a booked parcel under its number; flow-book notes what the carrier's manifest says.
    "ALTER TABLE carrier_account ADD COLUMN updates INTEGER NOT NULL DEFAULT 0",
    // How many pieces travel under one number. The first is the mother, whose number is the waybill's.
    "ALTER TABLE package ADD COLUMN pieces INTEGER NOT NULL DEFAULT 1",
    // Its number goes back so that it is booked anew at once: with other pieces.
    "ALTER TABLE package ADD COLUMN rebook INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX package_rebook ON package (account) WHERE rebook = 1",
    // What the carrier itself calls the order, where it wants that back.
    "ALTER TABLE waybill ADD COLUMN reference TEXT NOT NULL DEFAULT ''",
    // Paper that the carrier drew, as JSON: what it is, the SHA-256 under which it is kept with the labels, and what is
    // wrong with it. NULL where the carrier drew none.
    "ALTER TABLE waybill ADD COLUMN document TEXT",
    // The further pieces of a waybill, from 2 on.
    "CREATE TABLE waybill_child (
        waybill TEXT NOT NULL REFERENCES waybill (id),
        seq INTEGER NOT NULL CHECK (seq > 1),
        carrier TEXT NOT NULL,
        number TEXT NOT NULL,
        print_data BLOB,
        document TEXT,
        label_sha TEXT,
        PRIMARY KEY (waybill, seq),
        UNIQUE (carrier, number)
    ) WITHOUT ROWID",
    "CREATE INDEX waybill_child_number ON waybill_child (number)",
    // Which pieces of a waybill were scanned at the bench, the mother as 1, and under which fence of the package.
    "CREATE TABLE piece_scan (
        waybill TEXT NOT NULL REFERENCES waybill (id),
        seq INTEGER NOT NULL,
        fence INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (waybill, seq)
    ) WITHOUT ROWID",
];
