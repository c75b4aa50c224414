//! Batches, waves, pick lists and their paper.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[
    // Where goods lie, as it stands on the shelf; the part before the first `-` or `/` is the zone.
    "ALTER TABLE sku ADD COLUMN bin TEXT NOT NULL DEFAULT ''",
    // Labels of a warehouse that packs in waves are not drawn before a wave wants them.
    "ALTER TABLE warehouse ADD COLUMN labels_wait INTEGER NOT NULL DEFAULT 0",
    // Another printer than the warehouse's.
    "ALTER TABLE print_wish ADD COLUMN printer TEXT",
    "CREATE INDEX print_wish_batch ON print_wish (batch, seq)",
    "CREATE INDEX print_job_batch ON print_job (batch, seq)",
    // Parcels that are picked and packed together. Its id is the batch of its labels. `account` and `zone` are empty
    // where its parcels have several.
    "CREATE TABLE wave (
        id TEXT PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        warehouse TEXT NOT NULL REFERENCES warehouse (id),
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        zone TEXT NOT NULL,
        state TEXT NOT NULL,
        size INTEGER NOT NULL,
        cut_off INTEGER,
        printer TEXT,
        created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE INDEX wave_open ON wave (state) WHERE state <> 'done'",
    // `open` while the parcel is this wave's; `why` says what made it fall out: its slot stays empty.
    "CREATE TABLE wave_package (
        wave TEXT NOT NULL REFERENCES wave (id),
        package TEXT NOT NULL REFERENCES package (id),
        seq INTEGER NOT NULL,
        slot TEXT NOT NULL,
        open INTEGER NOT NULL DEFAULT 1,
        why TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (wave, package),
        UNIQUE (wave, seq)
    ) WITHOUT ROWID",
    // A parcel is in one open wave at most, whoever builds them.
    "CREATE UNIQUE INDEX wave_package_one_open ON wave_package (package) WHERE open",
];
