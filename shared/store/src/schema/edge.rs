/// The `edge` database: what arrives, and the sealed credentials. Arrivals never wait for planning.
pub(super) const EDGE: &[&str] = &[
    // What came in, before anybody read it. `kind` is `order` or `scan`; `source` the channel or carrier; `account`
    // our id of the shop or carrier account; the body is sealed under a key derived from the internal token.
    "CREATE TABLE inbox (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        source TEXT NOT NULL,
        account TEXT NOT NULL,
        event_id TEXT NOT NULL,
        topic TEXT NOT NULL,
        ext_id TEXT NOT NULL,
        complete INTEGER NOT NULL,
        body BLOB NOT NULL,
        received_at INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'new',
        attempts INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL DEFAULT 0,
        lease TEXT,
        lease_until INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE (kind, source, account, event_id)
    )",
    "CREATE INDEX inbox_due ON inbox (kind, source, next_at, id) WHERE state = 'new'",
    "CREATE INDEX inbox_done ON inbox (received_at) WHERE state = 'done'",
    // What an adapter needs to know of a shop or carrier account. `sealed` holds the credentials as JSON.
    "CREATE TABLE access (
        role TEXT NOT NULL,
        id TEXT NOT NULL,
        adapter TEXT NOT NULL,
        environment TEXT NOT NULL,
        base_url TEXT,
        sealed BLOB NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (role, id)
    )",
    // Budgets per shop or account and API, refilled by time (token bucket).
    "CREATE TABLE budget (
        account TEXT NOT NULL,
        api TEXT NOT NULL,
        tokens REAL NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (account, api)
    )",
];
