//! Notices to people and to other systems.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[
    // What happened and somebody may want to know, once per key. `sorted_at`: who is told of it was decided then.
    "CREATE TABLE news (
        seq INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        topic TEXT NOT NULL,
        entity TEXT NOT NULL,
        entity_id TEXT NOT NULL,
        shop TEXT NOT NULL,
        facts TEXT NOT NULL,
        at INTEGER NOT NULL,
        sorted_at INTEGER
    )",
    "CREATE INDEX news_new ON news (seq) WHERE sorted_at IS NULL",
    // A way to tell somebody: a robot, a mailbox, phones, another system's address. The credentials are in `edge`.
    // `takes` is what it wants to know and `shops` of whom (empty: all of them); `audience` is `team`, `buyer` or
    // `system`. A way that was ended by the other side is not active and says why.
    "CREATE TABLE notice_way (
        id TEXT PRIMARY KEY,
        provider TEXT NOT NULL,
        name TEXT NOT NULL,
        audience TEXT NOT NULL,
        environment TEXT NOT NULL,
        address TEXT,
        takes TEXT NOT NULL DEFAULT '[]',
        shops TEXT NOT NULL DEFAULT '[]',
        language TEXT NOT NULL DEFAULT 'zh',
        position INTEGER NOT NULL DEFAULT 0,
        active INTEGER NOT NULL DEFAULT 1,
        trouble TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL
    )",
    // One message to one way, at most once per (way, key). `sending` with a lease: a call is or was under way. `unknown`:
    // it may have gone out and is not sent again. `bundled` rows went out with the summary named by `bundle`.
    "CREATE TABLE notice (
        id TEXT PRIMARY KEY,
        way TEXT NOT NULL REFERENCES notice_way (id),
        key TEXT NOT NULL,
        topic TEXT NOT NULL,
        entity TEXT NOT NULL,
        entity_id TEXT NOT NULL,
        shop TEXT NOT NULL,
        facts TEXT NOT NULL,
        happened_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL,
        give_up_at INTEGER NOT NULL,
        lease TEXT,
        lease_until INTEGER NOT NULL DEFAULT 0,
        bundle TEXT,
        said TEXT NOT NULL DEFAULT '',
        receipt TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        sent_at INTEGER,
        UNIQUE (way, key)
    )",
    "CREATE INDEX notice_due ON notice (way, next_at) WHERE state IN ('waiting', 'sending')",
    "CREATE INDEX notice_topic ON notice (way, topic, created_at)",
    "CREATE INDEX notice_list ON notice (created_at, id)",
    "CREATE INDEX notice_bundle ON notice (bundle) WHERE bundle IS NOT NULL",
    // What is said of a topic, where the seller says it otherwise than we do. `audience` as above; `code` names the
    // text that a provider keeps itself, where only approved texts may be sent.
    "CREATE TABLE notice_text (
        topic TEXT NOT NULL,
        audience TEXT NOT NULL,
        language TEXT NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        code TEXT NOT NULL DEFAULT '',
        updated_at INTEGER NOT NULL,
        PRIMARY KEY (topic, audience, language)
    ) WITHOUT ROWID",
    // The seller's quiet hours, storms and what buyers are told; one row, as JSON.
    "CREATE TABLE notice_rule (id INTEGER PRIMARY KEY CHECK (id = 1), rule TEXT NOT NULL)",
    // How a buyer wants to be told, by a keyed hash of the phone or the mailbox: a provider, or `none`.
    "CREATE TABLE notice_wish (
        contact BLOB PRIMARY KEY,
        way TEXT NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID",
];
