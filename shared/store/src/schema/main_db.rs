/// The `main` database: orders, packages, waybills, paper, and everything the conductor decides.
///
/// What version 1 was; it stands as it was released. Later tables and columns are in `second`.
///
/// Instants are UTC milliseconds, money is minor units plus a currency, states are stored by name.
pub(super) const MAIN: &[&str] = &[
    // --- the conductor ---
    // One row per runner lane: who works, until when its lease holds.
    "CREATE TABLE runner (lane TEXT PRIMARY KEY, token TEXT NOT NULL, until INTEGER NOT NULL)",
    // The schedule is data: what is due, and when next.
    "CREATE TABLE schedule (
        job TEXT PRIMARY KEY,
        every_ms INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL DEFAULT 0
    )",
    // A breaker per shop, account or step: open until then, after so many failures in a row.
    "CREATE TABLE breaker (
        name TEXT PRIMARY KEY,
        failures INTEGER NOT NULL,
        open_until INTEGER NOT NULL,
        reason TEXT NOT NULL
    )",
    // --- people and rights ---
    "CREATE TABLE person (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        password_hash TEXT NOT NULL,
        role TEXT NOT NULL,
        language TEXT NOT NULL DEFAULT 'zh-CN',
        active INTEGER NOT NULL DEFAULT 1,
        created_at INTEGER NOT NULL
    )",
    "CREATE TABLE session (
        token_sha BLOB PRIMARY KEY,
        person TEXT NOT NULL REFERENCES person (id),
        csrf TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    )",
    "CREATE TABLE token (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        token_sha BLOB NOT NULL UNIQUE,
        role TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        last_used_at INTEGER,
        revoked_at INTEGER
    )",
    "CREATE TABLE sign_in_try (who TEXT PRIMARY KEY, failures INTEGER NOT NULL, until INTEGER NOT NULL)",
    // What a POST with an Idempotency-Key answered, so that the same one answers the same.
    "CREATE TABLE idempotency (
        principal TEXT NOT NULL,
        key TEXT NOT NULL,
        request_sha BLOB NOT NULL,
        status INTEGER,
        body BLOB,
        at INTEGER NOT NULL,
        PRIMARY KEY (principal, key)
    )",
    // --- the seller's world ---
    "CREATE TABLE shop (
        id TEXT PRIMARY KEY,
        channel TEXT NOT NULL,
        name TEXT NOT NULL,
        mode TEXT NOT NULL,
        environment TEXT NOT NULL,
        base_url TEXT,
        created_at INTEGER NOT NULL,
        active INTEGER NOT NULL DEFAULT 1,
        trouble TEXT NOT NULL DEFAULT ''
    )",
    // How far a shop's orders are pulled: everything changed before `watermark` is durably here.
    "CREATE TABLE pull (
        shop TEXT PRIMARY KEY REFERENCES shop (id),
        watermark INTEGER NOT NULL,
        window_to INTEGER,
        cursor TEXT,
        next_at INTEGER NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT ''
    )",
    // Comparing what the channel has with what is here: the run under way and how far it reaches (`near`, `far`,
    // `whole`), and from when on each of them is due. What was changed before `since` was never asked for.
    // The ages of the last one and of the last whole one are gauges.
    "CREATE TABLE reconcile (
        shop TEXT PRIMARY KEY REFERENCES shop (id),
        since INTEGER NOT NULL,
        reach TEXT NOT NULL DEFAULT 'near',
        begun_at INTEGER,
        reached INTEGER,
        ends INTEGER,
        window_to INTEGER,
        cursor TEXT,
        calls INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL,
        far_at INTEGER NOT NULL,
        whole_at INTEGER NOT NULL,
        recent_done_at INTEGER,
        whole_done_at INTEGER,
        failures INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT ''
    )",
    // What a comparison found at the channel and not here, with the cause; it stays, healed or not, as the record of
    // how orders were missed.
    "CREATE TABLE missing (
        shop TEXT NOT NULL REFERENCES shop (id),
        ext_id TEXT NOT NULL,
        version_at INTEGER NOT NULL,
        cause TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        healed_at INTEGER,
        PRIMARY KEY (shop, ext_id, version_at)
    ) WITHOUT ROWID",
    "CREATE INDEX missing_open ON missing (shop) WHERE healed_at IS NULL",
    // What a person should know of a shop before it costs orders: `late_watermark`, `token_ending`, `silent_shop`,
    // `lost_subscription`, `not_compared`.
    "CREATE TABLE shop_alarm (
        shop TEXT NOT NULL REFERENCES shop (id),
        kind TEXT NOT NULL,
        detail TEXT NOT NULL,
        since INTEGER NOT NULL,
        PRIMARY KEY (shop, kind)
    ) WITHOUT ROWID",
    // `printer` takes labels that we render; `task_printer` the documents that only a platform's print component reads.
    "CREATE TABLE warehouse (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        sender TEXT NOT NULL,
        serves TEXT NOT NULL DEFAULT '[]',
        zone TEXT NOT NULL DEFAULT '+08:00',
        printer TEXT,
        task_printer TEXT,
        active INTEGER NOT NULL DEFAULT 1
    )",
    // A carrier account. `next_serial` counts numbers drawn from a range of the seller's own.
    "CREATE TABLE carrier_account (
        id TEXT PRIMARY KEY,
        carrier TEXT NOT NULL,
        name TEXT NOT NULL,
        environment TEXT NOT NULL,
        position INTEGER NOT NULL,
        service TEXT NOT NULL DEFAULT '',
        serves TEXT NOT NULL DEFAULT '[]',
        takes_tokens_of TEXT NOT NULL DEFAULT '[]',
        max_weight_g INTEGER NOT NULL DEFAULT 0,
        price_first_fen INTEGER NOT NULL DEFAULT 0,
        price_more_fen INTEGER NOT NULL DEFAULT 0,
        next_serial INTEGER NOT NULL DEFAULT 0,
        active INTEGER NOT NULL DEFAULT 1,
        trouble TEXT NOT NULL DEFAULT ''
    )",
    "CREATE TABLE bridge (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        token_sha BLOB NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        seen_at INTEGER,
        revoked_at INTEGER
    )",
    "CREATE TABLE pairing (code_sha BLOB PRIMARY KEY, expires_at INTEGER NOT NULL, used_at INTEGER)",
    // `name` is the bridge's own name of it, `id` ours: the same, unless two bridges use one name.
    "CREATE TABLE printer (
        id TEXT PRIMARY KEY,
        bridge TEXT REFERENCES bridge (id),
        name TEXT NOT NULL DEFAULT '',
        lang TEXT NOT NULL,
        dpi INTEGER NOT NULL,
        width_mm INTEGER NOT NULL,
        height_mm INTEGER NOT NULL,
        status TEXT NOT NULL DEFAULT 'unknown',
        seen_at INTEGER,
        active INTEGER NOT NULL DEFAULT 1
    )",
    // What an attached scale or scanner last saw.
    "CREATE TABLE reading (
        bridge TEXT NOT NULL,
        station TEXT NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (station, kind)
    ) WITHOUT ROWID",
    "CREATE TABLE sku (
        code TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        weight_g INTEGER NOT NULL DEFAULT 0,
        barcode TEXT NOT NULL DEFAULT '',
        tags TEXT NOT NULL DEFAULT '[]',
        active INTEGER NOT NULL DEFAULT 1
    )",
    "CREATE INDEX sku_barcode ON sku (barcode) WHERE barcode <> ''",
    // What a person said the columns of a spreadsheet of orders hold, per shop and set of headings; as JSON.
    "CREATE TABLE import_mapping (
        shop TEXT NOT NULL REFERENCES shop (id),
        headings_sha TEXT NOT NULL,
        mapping TEXT NOT NULL,
        confirmed_at INTEGER NOT NULL,
        PRIMARY KEY (shop, headings_sha)
    ) WITHOUT ROWID",
    // A shop's variant: seen in an order, or entered. What it stands for is in `listing_sku`.
    "CREATE TABLE listing (
        shop TEXT NOT NULL REFERENCES shop (id),
        ext_sku TEXT NOT NULL,
        ext_item TEXT NOT NULL,
        outer_code TEXT NOT NULL,
        title TEXT NOT NULL,
        spec TEXT NOT NULL,
        stock_share INTEGER NOT NULL DEFAULT 100,
        PRIMARY KEY (shop, ext_sku)
    ) WITHOUT ROWID",
    "CREATE TABLE listing_sku (
        shop TEXT NOT NULL,
        ext_sku TEXT NOT NULL,
        sku TEXT NOT NULL REFERENCES sku (code),
        qty INTEGER NOT NULL CHECK (qty > 0),
        PRIMARY KEY (shop, ext_sku, sku),
        FOREIGN KEY (shop, ext_sku) REFERENCES listing (shop, ext_sku)
    ) WITHOUT ROWID",
    "CREATE INDEX listing_sku_by_sku ON listing_sku (sku)",
    "CREATE TABLE alias (alias TEXT PRIMARY KEY, sku TEXT NOT NULL REFERENCES sku (code)) WITHOUT ROWID",
    // Stock: what is on the shelf and what of it is promised. The moves are its ledger.
    "CREATE TABLE stock (
        sku TEXT NOT NULL REFERENCES sku (code),
        warehouse TEXT NOT NULL REFERENCES warehouse (id),
        on_hand INTEGER NOT NULL DEFAULT 0,
        reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
        version INTEGER NOT NULL DEFAULT 1,
        PRIMARY KEY (sku, warehouse)
    ) WITHOUT ROWID",
    "CREATE TABLE stock_move (
        id INTEGER PRIMARY KEY,
        sku TEXT NOT NULL,
        warehouse TEXT NOT NULL,
        qty INTEGER NOT NULL,
        reason TEXT NOT NULL,
        ref TEXT NOT NULL,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        UNIQUE (ref, reason, sku, warehouse)
    )",
    // What of the stock is promised to which package.
    "CREATE TABLE reservation (
        package TEXT NOT NULL,
        sku TEXT NOT NULL,
        warehouse TEXT NOT NULL,
        qty INTEGER NOT NULL CHECK (qty > 0),
        PRIMARY KEY (package, sku)
    ) WITHOUT ROWID",
    // --- orders ---
    // `status` is derived from the other columns and the packages at every write (see the domain's `display_status`)
    // and stored for lists only. `plan` is what the planner owes the order: '' nothing, 'due' a plan in a batch,
    // 'careful' a plan on its own because a step failed on the batch it was in.
    "CREATE TABLE orders (
        id TEXT PRIMARY KEY,
        shop TEXT NOT NULL REFERENCES shop (id),
        channel TEXT NOT NULL,
        ext_id TEXT NOT NULL,
        number TEXT NOT NULL,
        version_at INTEGER NOT NULL,
        version_hash TEXT NOT NULL,
        status TEXT NOT NULL,
        pay_state TEXT NOT NULL,
        channel_state TEXT NOT NULL,
        review_state TEXT NOT NULL,
        refund_state TEXT NOT NULL,
        must_wait TEXT,
        placed_at INTEGER NOT NULL,
        paid_at INTEGER,
        ship_by INTEGER,
        total_minor INTEGER NOT NULL,
        currency TEXT NOT NULL,
        receiver BLOB NOT NULL,
        receiver_hash BLOB NOT NULL,
        country TEXT NOT NULL,
        province TEXT NOT NULL,
        city TEXT NOT NULL,
        district TEXT NOT NULL,
        encrypted INTEGER NOT NULL,
        buyer_remark TEXT NOT NULL,
        seller_remark TEXT NOT NULL,
        tags TEXT NOT NULL DEFAULT '[]',
        intents TEXT NOT NULL DEFAULT '[]',
        problems TEXT NOT NULL DEFAULT '[]',
        channel_waybills TEXT NOT NULL DEFAULT '[]',
        plan TEXT NOT NULL DEFAULT '',
        plan_at INTEGER NOT NULL DEFAULT 0,
        plan_tries INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (shop, ext_id)
    )",
    "CREATE INDEX orders_plan ON orders (plan, plan_at) WHERE plan <> ''",
    // One for each way orders are listed (`console/orders.rs` names them), each in the order of the list.
    "CREATE INDEX orders_placed ON orders (placed_at, id)",
    "CREATE INDEX orders_status ON orders (status, placed_at, id)",
    "CREATE INDEX orders_shop ON orders (shop, placed_at, id)",
    "CREATE INDEX orders_shop_status ON orders (shop, status, placed_at, id)",
    "CREATE INDEX orders_channel ON orders (channel, placed_at, id)",
    "CREATE INDEX orders_channel_status ON orders (channel, status, placed_at, id)",
    "CREATE INDEX orders_ext_id ON orders (ext_id)",
    "CREATE INDEX orders_receiver ON orders (receiver_hash)",
    // `skus` are ours per piece, as JSON; NULL while unmapped.
    "CREATE TABLE order_line (
        id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL REFERENCES orders (id),
        position INTEGER NOT NULL,
        ext_line_id TEXT NOT NULL,
        ext_item TEXT NOT NULL,
        ext_sku TEXT NOT NULL,
        outer_code TEXT NOT NULL,
        title TEXT NOT NULL,
        spec TEXT NOT NULL,
        qty INTEGER NOT NULL,
        unit_minor INTEGER NOT NULL,
        kind TEXT NOT NULL,
        refund_state TEXT NOT NULL,
        refunded_qty INTEGER NOT NULL,
        skus TEXT,
        UNIQUE (order_id, ext_line_id)
    )",
    "CREATE INDEX order_line_refund ON order_line (refund_state) WHERE refund_state NOT IN ('none', 'refused')",
    "CREATE INDEX order_line_unmapped ON order_line (ext_sku) WHERE skus IS NULL",
    "CREATE TABLE hold (
        order_id TEXT NOT NULL REFERENCES orders (id),
        handle TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (order_id, handle)
    ) WITHOUT ROWID",
    // Every version of every document that was applied, sealed.
    "CREATE TABLE raw_order (
        shop TEXT NOT NULL,
        ext_id TEXT NOT NULL,
        version_at INTEGER NOT NULL,
        hash TEXT NOT NULL,
        topic TEXT NOT NULL,
        body BLOB NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (shop, ext_id, version_at, hash)
    ) WITHOUT ROWID",
    // What could not be read or handled: with its raw body and a reason, never dropped.
    "CREATE TABLE quarantine (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        source TEXT NOT NULL,
        account TEXT NOT NULL,
        event_id TEXT NOT NULL,
        topic TEXT NOT NULL,
        ext_id TEXT NOT NULL,
        body BLOB NOT NULL,
        reason TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        tries INTEGER NOT NULL DEFAULT 1,
        at INTEGER NOT NULL,
        UNIQUE (kind, source, account, event_id)
    )",
    // --- packages ---
    // `work` is what the conductor owes the package: '' nothing, 'book', 'calling' (a claim is open), 'render', 'void';
    // 'shadow' marks one that was only planned to be shown.
    // Its lane is the carrier account, so that one carrier's trouble never holds another's parcels.
    "CREATE TABLE package (
        id TEXT PRIMARY KEY,
        shop TEXT NOT NULL,
        channel TEXT NOT NULL,
        warehouse TEXT NOT NULL REFERENCES warehouse (id),
        account TEXT NOT NULL REFERENCES carrier_account (id),
        service TEXT NOT NULL,
        status TEXT NOT NULL,
        fence INTEGER NOT NULL DEFAULT 1,
        weight_g INTEGER NOT NULL,
        waybill TEXT,
        receiver_hash BLOB NOT NULL,
        trace TEXT NOT NULL,
        work TEXT NOT NULL DEFAULT '',
        work_at INTEGER NOT NULL DEFAULT 0,
        work_tries INTEGER NOT NULL DEFAULT 0,
        waits_for TEXT NOT NULL DEFAULT '',
        last_scan_at INTEGER,
        polled_at INTEGER NOT NULL DEFAULT 0,
        alarm TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    )",
    "CREATE INDEX package_work ON package (work, account, work_at) WHERE work <> ''",
    "CREATE INDEX package_status ON package (status, created_at, id)",
    "CREATE TABLE package_order (
        package TEXT NOT NULL REFERENCES package (id),
        order_id TEXT NOT NULL REFERENCES orders (id),
        PRIMARY KEY (package, order_id)
    ) WITHOUT ROWID",
    "CREATE INDEX package_order_by_order ON package_order (order_id)",
    "CREATE TABLE package_line (
        package TEXT NOT NULL REFERENCES package (id),
        order_line TEXT NOT NULL REFERENCES order_line (id),
        sku TEXT NOT NULL,
        qty INTEGER NOT NULL CHECK (qty > 0),
        PRIMARY KEY (package, order_line, sku)
    ) WITHOUT ROWID",
    "CREATE INDEX package_line_by_line ON package_line (order_line)",
    // A number as an asset. `claim` is the idempotency key that the carrier sees; it is stored before the call. While
    // `calling`, a `lease` says that a call is or was under way; without one certainly nothing was sent. `carrier` gave
    // the number; `carried_by` takes the parcel, and is what channels are told.
    "CREATE TABLE waybill (
        id TEXT PRIMARY KEY,
        package TEXT NOT NULL REFERENCES package (id),
        attempt INTEGER NOT NULL,
        fence INTEGER NOT NULL,
        account TEXT NOT NULL,
        carrier TEXT NOT NULL,
        carried_by TEXT NOT NULL DEFAULT '',
        claim TEXT NOT NULL UNIQUE,
        serial INTEGER,
        state TEXT NOT NULL,
        number TEXT,
        routing TEXT NOT NULL DEFAULT '',
        print_data BLOB,
        label_sha TEXT,
        claimed_at INTEGER NOT NULL,
        called_at INTEGER NOT NULL DEFAULT 0,
        issued_at INTEGER,
        lease TEXT,
        lease_until INTEGER NOT NULL DEFAULT 0,
        calls INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE (package, attempt),
        UNIQUE (carrier, number)
    )",
    "CREATE INDEX waybill_calling ON waybill (account, lease_until) WHERE state IN ('calling', 'void_wanted', 'voiding')",
    // No package has two numbers at once, whoever asks for them.
    "CREATE UNIQUE INDEX waybill_one_alive ON waybill (package)
        WHERE state IN ('calling', 'issued', 'printed', 'verified', 'handed_over', 'traced')",
    "CREATE INDEX waybill_number ON waybill (number) WHERE number IS NOT NULL",
    // Where a rendered label is: the key-value store under its SHA-256, sealed; here so that it can be found and purged.
    "CREATE TABLE label (
        sha TEXT PRIMARY KEY,
        waybill TEXT NOT NULL REFERENCES waybill (id),
        format TEXT NOT NULL,
        dpi INTEGER NOT NULL,
        width_mm INTEGER NOT NULL,
        height_mm INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        purged_at INTEGER
    ) WITHOUT ROWID",
    // What a person wants printed: flow-book renders it and makes the job.
    "CREATE TABLE print_wish (
        package TEXT PRIMARY KEY REFERENCES package (id),
        copy_no INTEGER NOT NULL,
        reason TEXT NOT NULL,
        actor TEXT NOT NULL,
        batch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        of INTEGER NOT NULL
    ) WITHOUT ROWID",
    // Paper at most once by itself: one job per (what, kind, copy); a reprint is the next copy with a reason. A `strict`
    // batch is one that a person put into order: it waits behind a label that did not come out.
    "CREATE TABLE print_job (
        id TEXT PRIMARY KEY,
        subject TEXT NOT NULL,
        kind TEXT NOT NULL,
        copy_no INTEGER NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        printer TEXT NOT NULL,
        format TEXT NOT NULL,
        dpi INTEGER NOT NULL,
        width_mm INTEGER NOT NULL,
        height_mm INTEGER NOT NULL,
        sha TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        batch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        of INTEGER NOT NULL,
        strict INTEGER NOT NULL DEFAULT 0,
        fence INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        bridge TEXT,
        lease TEXT,
        lease_until INTEGER NOT NULL DEFAULT 0,
        detail TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (subject, kind, copy_no)
    )",
    "CREATE INDEX print_job_queue ON print_job (printer, batch, seq) WHERE state = 'queued'",
    "CREATE INDEX print_job_sha ON print_job (sha)",
    "CREATE INDEX print_job_leased ON print_job (lease_until) WHERE state IN ('leased', 'sent')",
    "CREATE INDEX print_job_open ON print_job (state) WHERE state IN ('unconfirmed', 'failed')",
    // The parcel in hand at a bench, under which fence, and which goods were scanned into it.
    "CREATE TABLE station (
        id TEXT PRIMARY KEY,
        package TEXT NOT NULL,
        fence INTEGER NOT NULL,
        scanned TEXT NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID",
    // --- telling and watching ---
    // What must be told, once per key: shipments to channels, stock levels, notices.
    "CREATE TABLE outbox (
        id TEXT PRIMARY KEY,
        dedupe_key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        lane TEXT NOT NULL,
        body TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 1,
        state TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL,
        lease TEXT,
        lease_until INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        told_at INTEGER,
        read_back_at INTEGER
    )",
    "CREATE INDEX outbox_due ON outbox (lane, next_at) WHERE state IN ('pending', 'sending', 'sent')",
    "CREATE INDEX outbox_open ON outbox (state) WHERE state IN ('rejected', 'gave_up')",
    "CREATE TABLE scan (
        number TEXT NOT NULL,
        key TEXT NOT NULL,
        account TEXT NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        code TEXT NOT NULL,
        text TEXT NOT NULL,
        place TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        used INTEGER NOT NULL,
        PRIMARY KEY (number, key)
    ) WITHOUT ROWID",
    // --- the log ---
    // Append-only, each row chained to the one before by its hash.
    "CREATE TABLE event_log (
        seq INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        entity TEXT NOT NULL,
        entity_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        was TEXT NOT NULL,
        becomes TEXT NOT NULL,
        body TEXT NOT NULL,
        hash BLOB NOT NULL
    )",
    "CREATE INDEX event_log_entity ON event_log (entity, entity_id, seq)",
    "CREATE TRIGGER event_log_is_never_changed BEFORE UPDATE ON event_log
        BEGIN SELECT RAISE (ABORT, 'the event log is append-only'); END",
    "CREATE TRIGGER event_log_is_never_deleted BEFORE DELETE ON event_log
        BEGIN SELECT RAISE (ABORT, 'the event log is append-only'); END",
    // --- rules ---
    "CREATE TABLE rule (
        id TEXT PRIMARY KEY,
        step TEXT NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        condition TEXT NOT NULL,
        action TEXT NOT NULL,
        value TEXT NOT NULL,
        active INTEGER NOT NULL DEFAULT 1
    )",
];
