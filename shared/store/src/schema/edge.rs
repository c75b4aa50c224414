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
    "CREATE INDEX inbox_ext ON inbox (account, ext_id)",
    "CREATE INDEX inbox_done ON inbox (received_at) WHERE state = 'done'",
    // What an adapter needs to know of a shop or carrier account. `sealed` holds the credentials as JSON. The access
    // token among them ends at `token_until` and is renewed from `renew_at` on, by whoever holds `renewing_until`.
    "CREATE TABLE access (
        role TEXT NOT NULL,
        id TEXT NOT NULL,
        adapter TEXT NOT NULL,
        environment TEXT NOT NULL,
        base_url TEXT,
        sealed BLOB NOT NULL,
        version INTEGER NOT NULL,
        token_until INTEGER,
        renew_at INTEGER,
        renewing_until INTEGER NOT NULL DEFAULT 0,
        renewals_failed INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (role, id)
    )",
    "CREATE INDEX access_renew ON access (renew_at) WHERE renew_at IS NOT NULL",
    // Authorisations begun on the page or by the API: the platform sends the state back, and it works once.
    "CREATE TABLE granting (
        state_sha BLOB PRIMARY KEY,
        adapter TEXT NOT NULL,
        shop TEXT NOT NULL,
        back_to TEXT NOT NULL,
        until INTEGER NOT NULL
    ) WITHOUT ROWID",
    // Budgets per shop or account and API, refilled by time (token bucket).
    "CREATE TABLE budget (
        account TEXT NOT NULL,
        api TEXT NOT NULL,
        tokens REAL NOT NULL,
        at INTEGER NOT NULL,
        granted INTEGER NOT NULL,
        PRIMARY KEY (account, api)
    )",
];
