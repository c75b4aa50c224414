//! What needs a person, and the house in numbers.

use crate::outbox;
use crate::{Db, Row, StoreError, Value};
use huidan_domain::Millis;
use huidan_wire::api::{Exceptions, Gauges, HeldOrder, Kept, Named, OutboxTrouble, PackageTrouble, PrintJob, instant};

/// Most rows per list.
const MOST: u32 = 100;

/// What the main database holds that needs a person.
///
/// # Errors
/// The database's.
pub async fn exceptions<D: Db>(db: &D) -> Result<Exceptions, StoreError> {
    Ok(Exceptions {
        held_orders: held(db).await?,
        quarantine: quarantine(db).await?,
        shops: troubles(
            db,
            "SELECT s.id, coalesce(nullif(s.trouble, ''), p.reason) FROM shop AS s LEFT JOIN pull AS p ON p.shop = s.id
             WHERE s.active AND (s.trouble <> '' OR coalesce(p.reason, '') <> '') ORDER BY s.id LIMIT ?1",
        )
        .await?,
        carriers: troubles(
            db,
            "SELECT id, trouble FROM carrier_account WHERE active AND trouble <> '' ORDER BY id LIMIT ?1",
        )
        .await?,
        packages: packages(db, "p.waits_for", "p.work <> '' AND p.waits_for <> ''").await?,
        parcels: packages(
            db,
            "p.alarm",
            "(p.alarm <> '' AND p.status IN ('handed_over', 'in_transit', 'returned', 'lost'))
                 OR (p.alarm = 'weight' AND p.status IN ('numbered', 'printed', 'verified'))",
        )
        .await?,
        outbox: troubles_of_outbox(db).await?,
        prints: open_prints(db).await?,
        ..Exceptions::default()
    })
}

async fn held<D: Db>(db: &D) -> Result<Vec<HeldOrder>, StoreError> {
    let rows = db
        .run(
            "SELECT o.id, o.shop, o.number, o.placed_at,
                 (SELECT json_group_array(json_object('handle', h.handle, 'reason', h.reason, 'detail', h.detail))
                  FROM hold AS h WHERE h.order_id = o.id)
             FROM orders AS o WHERE o.status = 'held' ORDER BY o.placed_at, o.id LIMIT ?1",
            &[MOST.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(HeldOrder {
                id: row.string(0)?,
                shop: row.string(1)?,
                number: row.string(2)?,
                placed_at: instant(Millis(row.int(3)?)),
                holds: row.json(4)?,
            })
        })
        .collect()
}

async fn quarantine<D: Db>(db: &D) -> Result<Vec<Kept>, StoreError> {
    let rows = db
        .run(
            "SELECT id, kind, source, account, ext_id, reason, tries, at FROM quarantine WHERE state = 'waiting'
             ORDER BY at LIMIT ?1",
            &[MOST.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Kept {
                id: row.string(0)?,
                kind: row.string(1)?,
                source: row.string(2)?,
                account: row.string(3)?,
                ext_id: row.string(4)?,
                reason: row.string(5)?,
                tries: row.int(6)?,
                at: instant(Millis(row.int(7)?)),
            })
        })
        .collect()
}

async fn troubles<D: Db>(db: &D, statement: &str) -> Result<Vec<Named>, StoreError> {
    let rows = db.run(statement, &[MOST.into()]).await?;
    rows.iter().map(|row| Ok(Named { id: row.string(0)?, detail: row.string(1)? })).collect()
}

async fn packages<D: Db>(db: &D, says: &str, which: &str) -> Result<Vec<PackageTrouble>, StoreError> {
    let statement = format!(
        "SELECT p.id, p.status, p.account, w.number, {says} FROM package AS p LEFT JOIN waybill AS w ON w.id = p.waybill
         WHERE {which} ORDER BY p.id LIMIT ?1"
    );
    let rows = db.run(&statement, &[MOST.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(PackageTrouble {
                id: row.string(0)?,
                status: row.string(1)?,
                account: row.string(2)?,
                waybill: row.maybe_text(3)?.map(str::to_owned),
                detail: row.string(4)?,
            })
        })
        .collect()
}

async fn troubles_of_outbox<D: Db>(db: &D) -> Result<Vec<OutboxTrouble>, StoreError> {
    let rows = db
        .run(
            "SELECT b.id, b.kind, b.lane, b.body ->> 'order', b.body ->> 'package', b.state, b.reason, b.code, w.number,
                 b.theirs
             FROM outbox AS b LEFT JOIN package AS p ON p.id = b.body ->> 'package'
             LEFT JOIN waybill AS w ON w.id = p.waybill
             WHERE b.state IN ('rejected', 'gave_up', 'conflict') ORDER BY b.created_at LIMIT ?1",
            &[MOST.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OutboxTrouble {
                id: row.string(0)?,
                kind: row.string(1)?,
                shop: row.string(2)?,
                order: row.maybe_text(3)?.map(str::to_owned),
                package: row.maybe_text(4)?.map(str::to_owned),
                state: row.string(5)?,
                reason: row.string(6)?,
                code: row.string(7)?,
                remedy: String::new(),
                waybill: row.maybe_text(8)?.map(str::to_owned),
                theirs: row.json(9)?,
            })
        })
        .collect()
}

/// Papers of which nobody knows whether they came out, and those that failed.
///
/// # Errors
/// The database's.
pub async fn open_prints<D: Db>(db: &D) -> Result<Vec<PrintJob>, StoreError> {
    let rows = db
        .run(
            "SELECT j.id, j.subject, w.package, w.number, j.kind, j.copy_no, j.reason, j.printer, j.state, j.detail,
                 j.created_at, j.updated_at
             FROM print_job AS j LEFT JOIN waybill AS w ON w.id = j.subject
             WHERE j.state IN ('unconfirmed', 'failed') ORDER BY j.updated_at LIMIT ?1",
            &[MOST.into()],
        )
        .await?;
    rows.iter().map(print).collect()
}

fn print(row: &Row) -> Result<PrintJob, StoreError> {
    Ok(PrintJob {
        id: row.string(0)?,
        subject: row.string(1)?,
        package: row.maybe_text(2)?.map(str::to_owned),
        waybill: row.maybe_text(3)?.map(str::to_owned),
        kind: row.string(4)?,
        copy_no: row.int(5)?,
        reason: row.string(6)?,
        printer: row.string(7)?,
        state: row.string(8)?,
        detail: row.string(9)?,
        created_at: instant(Millis(row.int(10)?)),
        updated_at: instant(Millis(row.int(11)?)),
    })
}

/// How long something that arrived may lie before it counts as missing, in milliseconds.
const MISSING_MS: i64 = 300_000;

const GAUGES: &str = "
    SELECT
        (SELECT count(*) FROM quarantine WHERE state = 'waiting'),
        (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending', 'sent')),
        (SELECT count(*) FROM outbox WHERE state IN ('rejected', 'gave_up', 'conflict')),
        (SELECT coalesce(sum(reserved - on_hand), 0) FROM stock WHERE reserved > on_hand),
        (SELECT count(DISTINCT pl.package) FROM order_line AS l JOIN package_line AS pl ON pl.order_line = l.id
         JOIN orders AS o ON o.id = l.order_id
         JOIN event_log AS e ON e.entity = 'package' AND e.entity_id = pl.package AND e.kind = 'handed_over'
         JOIN raw_order AS r ON r.shop = o.shop AND r.ext_id = o.ext_id AND r.version_at = o.version_at
             AND r.hash = o.version_hash
         WHERE l.refund_state NOT IN ('none', 'refused') AND r.at <= e.at),
        ?1,
        (SELECT count(*) FROM print_job WHERE state = 'unconfirmed'),
        (SELECT count(*) FROM print_job WHERE state = 'failed'),
        (SELECT count(*) FROM print_job WHERE state = 'queued'),
        (SELECT count(*) FROM orders WHERE status = 'held'),
        (SELECT count(*) FROM orders WHERE status = 'to_plan'),
        (SELECT count(*) FROM orders WHERE status IN ('to_ship', 'part_shipped')),
        (SELECT count(*) FROM package WHERE work <> '' AND work <> 'shadow'),
        (SELECT count(*) FROM package WHERE alarm <> '' AND status IN ('handed_over', 'in_transit', 'returned', 'lost')),
        (SELECT count(*) FROM shop WHERE active AND trouble <> '')
            + (SELECT count(*) FROM carrier_account WHERE active AND trouble <> ''),
        (SELECT count(*) FROM orders),
        (SELECT count(*) FROM package),
        (SELECT count(*) FROM missing WHERE healed_at IS NULL AND NOT EXISTS (SELECT 1 FROM orders AS o
            WHERE o.shop = missing.shop AND o.ext_id = missing.ext_id AND o.version_at >= missing.version_at)),
        (SELECT coalesce(max(?2 - coalesce(r.recent_done_at, s.created_at)), 0) / 1000 FROM reconcile AS r
            JOIN shop AS s ON s.id = r.shop WHERE s.active),
        (SELECT coalesce(max(?2 - coalesce(r.whole_done_at, s.created_at)), 0) / 1000 FROM reconcile AS r
            JOIN shop AS s ON s.id = r.shop WHERE s.active),
        (SELECT coalesce(max(?2 - p.watermark), 0) / 1000 FROM pull AS p JOIN shop AS s ON s.id = p.shop
            WHERE s.active),
        (SELECT count(*) FROM shop_alarm)";

/// What the main database says of the house in numbers; the inbox is counted apart.
///
/// # Errors
/// The database's.
pub async fn gauges<D: Db>(db: &D, now: Millis) -> Result<Gauges, StoreError> {
    let telling = outbox::counts(db, now).await?;
    let rows = db.run(GAUGES, &[telling.shipped_here_not_there.into(), now.into()]).await?;
    let row = rows.first()?;
    let (waybills_unused, waybills_disputed) = crate::waybills::counts(db, now).await?;
    Ok(Gauges {
        waybills_unused,
        waybills_disputed,
        orders_missing_now: row.int(17)?,
        compared_s: row.int(18)?,
        whole_compared_s: row.int(19)?,
        watermark_s: row.int(20)?,
        shop_alarms: row.int(21)?,
        inbox_pending: 0,
        orders_quarantined: row.int(0)?,
        outbox_pending: row.int(1)?,
        outbox_dead: row.int(2)?,
        oversold_units: row.int(3)?,
        shipped_after_refund: row.int(4)?,
        shipped_here_not_there: row.int(5)?,
        shipped_there_not_here: telling.shipped_there_not_here,
        tellings_in_conflict: telling.conflicts,
        late_now: telling.late_now,
        late_soon: telling.late_soon,
        print_unconfirmed: row.int(6)?,
        print_failed: row.int(7)?,
        print_queued: row.int(8)?,
        orders_held: row.int(9)?,
        orders_to_plan: row.int(10)?,
        orders_to_ship: row.int(11)?,
        packages_waiting: row.int(12)?,
        parcel_alarms: row.int(13)?,
        accounts_in_trouble: row.int(14)?,
        orders: row.int(15)?,
        packages: row.int(16)?,
    })
}

/// What lies in the inbox (`edge`): how much, and how much of it for so long that it counts as missing.
///
/// # Errors
/// The database's.
pub async fn inbox<D: Db>(edge: &D, now: Millis) -> Result<(i64, i64), StoreError> {
    let rows = edge
        .run(
            "SELECT count(*), count(CASE WHEN kind = 'order' AND received_at < ?1 THEN 1 END) FROM inbox
             WHERE state = 'new'",
            &[Value::Int(now.0 - MISSING_MS)],
        )
        .await?;
    let row = rows.first()?;
    Ok((row.int(0)?, row.int(1)?))
}

/// The shop that something is to be told to.
///
/// # Errors
/// The database's.
pub async fn lane_of<D: Db>(db: &D, outbox: &str) -> Result<Option<String>, StoreError> {
    let rows = db.run("SELECT lane FROM outbox WHERE id = ?1", &[outbox.into()]).await?;
    rows.iter().next().map(|row| row.string(0)).transpose()
}
