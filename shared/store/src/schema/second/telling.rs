//! What channels are told, and by when.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[
    // Of a shipment's row: the code of why it stands still, the number it was last told under, the numbers that the
    // channel shows in its place, whether a person wants ours in their place, when it is read back next and how often it
    // was, and since when the channel is known not to show it.
    "ALTER TABLE outbox ADD COLUMN code TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN number TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN theirs TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE outbox ADD COLUMN ours INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE outbox ADD COLUMN look_at INTEGER",
    "ALTER TABLE outbox ADD COLUMN looks INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE outbox ADD COLUMN missing_at INTEGER",
    "CREATE INDEX outbox_look ON outbox (lane, look_at) WHERE look_at IS NOT NULL",
    "CREATE INDEX outbox_confirms ON outbox (created_at) WHERE kind = 'confirm'",
    "CREATE INDEX outbox_still ON outbox (state, created_at) WHERE state IN ('rejected', 'gave_up', 'conflict')",
    // Every number that a channel took for an order, with the lines it was told to hold (the channel's ids and pieces).
    // `changed_to` is the number that took its place. `flagged_at`: no carrier had scanned it when the platform's limit
    // was over.
    "CREATE TABLE told (
        order_id TEXT NOT NULL REFERENCES orders (id),
        number TEXT NOT NULL,
        package TEXT NOT NULL,
        carrier TEXT NOT NULL,
        lines TEXT NOT NULL,
        at INTEGER NOT NULL,
        changed_to TEXT,
        flagged_at INTEGER,
        PRIMARY KEY (order_id, number)
    ) WITHOUT ROWID",
    "CREATE INDEX told_package ON told (package)",
    "CREATE INDEX told_at ON told (at)",
    // What a shop wants otherwise than its channel and we do: `tells` is `hand_over` or `print`, `carriers` its own codes
    // of carriers by our ids.
    "CREATE TABLE telling_rule (
        shop TEXT PRIMARY KEY REFERENCES shop (id),
        tells TEXT NOT NULL DEFAULT 'hand_over',
        after_print_s INTEGER,
        picked_up_s INTEGER,
        ship_within_s INTEGER,
        carriers TEXT NOT NULL DEFAULT '{}'
    )",
    // When the carriers come for the parcels, in minutes of the warehouse's own day.
    "CREATE TABLE cut_off (warehouse TEXT PRIMARY KEY REFERENCES warehouse (id), minute INTEGER NOT NULL)",
];
