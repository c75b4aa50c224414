//! Watched parcels: lanes, incidents, what a buyer may choose.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[
    // Which account is asked to watch this account's parcels; '' leaves it to the carrier itself.
    "ALTER TABLE carrier_account ADD COLUMN watched_by TEXT NOT NULL DEFAULT ''",
    // A number that somebody was asked to push the scans of. `account` is who watches and `watcher` its carrier; `rounds`
    // counts how often the watch ended and was asked for anew, `tried` names the accounts that would not.
    "CREATE TABLE watch (
        waybill TEXT PRIMARY KEY REFERENCES waybill (id),
        package TEXT NOT NULL,
        number TEXT NOT NULL,
        account TEXT NOT NULL,
        watcher TEXT NOT NULL,
        state TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        rounds INTEGER NOT NULL DEFAULT 0,
        tried TEXT NOT NULL DEFAULT '[]',
        next_at INTEGER NOT NULL,
        lease TEXT,
        lease_until INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        watched_at INTEGER
    ) WITHOUT ROWID",
    "CREATE INDEX watch_package ON watch (package)",
    "CREATE INDEX watch_due ON watch (account, next_at) WHERE state IN ('wanted', 'calling')",
    // Where each parcel is on its way (`huidan_flow::parcel::Way`), and when it is due, slow, and to be looked at.
    "CREATE TABLE way (
        package TEXT PRIMARY KEY REFERENCES package (id),
        shop TEXT NOT NULL,
        carrier TEXT NOT NULL,
        lane TEXT NOT NULL,
        goal TEXT NOT NULL,
        stage TEXT NOT NULL,
        since INTEGER,
        place TEXT NOT NULL,
        code TEXT NOT NULL,
        picked_at INTEGER,
        due_at INTEGER,
        slow_at INTEGER,
        check_at INTEGER
    ) WITHOUT ROWID",
    "CREATE INDEX way_check ON way (check_at) WHERE check_at IS NOT NULL",
    "CREATE INDEX way_place ON way (carrier, place) WHERE due_at IS NOT NULL",
    // How long stages take, learnt: a histogram for each spot of a lane, for each lane (spot ''), for the carrier (lane '').
    "CREATE TABLE pace (
        carrier TEXT NOT NULL,
        lane TEXT NOT NULL,
        stage TEXT NOT NULL,
        spot TEXT NOT NULL,
        counts TEXT NOT NULL,
        updated_at INTEGER NOT NULL,
        PRIMARY KEY (carrier, lane, stage, spot)
    ) WITHOUT ROWID",
    // Why a person should look at a parcel: opened once, closed by news or by a person. `facts` is what was known then.
    // `wants` is what the buyer chose, a task for a person.
    "CREATE TABLE exception (
        id TEXT PRIMARY KEY,
        package TEXT NOT NULL REFERENCES package (id),
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        incident TEXT,
        facts TEXT NOT NULL,
        wants TEXT NOT NULL DEFAULT '',
        opened_at INTEGER NOT NULL,
        closed_at INTEGER,
        closed_by TEXT NOT NULL DEFAULT ''
    )",
    "CREATE UNIQUE INDEX exception_one_open ON exception (package, kind) WHERE state = 'open'",
    "CREATE INDEX exception_list ON exception (state, opened_at, id)",
    "CREATE INDEX exception_incident ON exception (incident) WHERE incident IS NOT NULL",
    "CREATE TABLE exception_note (
        id TEXT PRIMARY KEY,
        exception TEXT NOT NULL REFERENCES exception (id),
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        text TEXT NOT NULL
    )",
    "CREATE INDEX exception_note_of ON exception_note (exception, at)",
    // A hub, or the way from it to a province (`goal`), where nothing moves: one row and not a ticket for each parcel.
    "CREATE TABLE incident (
        id TEXT PRIMARY KEY,
        carrier TEXT NOT NULL,
        place TEXT NOT NULL,
        goal TEXT NOT NULL,
        state TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        closed_at INTEGER,
        closed_by TEXT NOT NULL DEFAULT ''
    )",
    "CREATE UNIQUE INDEX incident_one_open ON incident (carrier, place, goal) WHERE state = 'open'",
    // A wish to stop a parcel: once for each number, claimed before the carrier is called.
    "CREATE TABLE intercept (
        waybill TEXT PRIMARY KEY REFERENCES waybill (id),
        exception TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        actor TEXT NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID",
    // What a buyer may open without signing in. Only the code's digest is kept; with an exception it asks a question, that
    // is answered once.
    "CREATE TABLE buyer_link (
        code_sha BLOB PRIMARY KEY,
        package TEXT NOT NULL REFERENCES package (id),
        exception TEXT,
        made_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        chosen TEXT,
        chosen_at INTEGER,
        minute INTEGER NOT NULL DEFAULT 0,
        hits INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID",
    "CREATE INDEX buyer_link_exception ON buyer_link (exception) WHERE exception IS NOT NULL",
];
