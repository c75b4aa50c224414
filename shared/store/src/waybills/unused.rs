//! Numbers that were taken and do not serve, and what they cost.

use crate::{Db, Row, StoreError, Value};
use huidan_domain::Millis;
use huidan_wire::api::{UnusedCount, UnusedWaybill, UnusedWaybills, instant};

/// Rows shown.
const SHOWN: u32 = 500;
/// A number that is due to be counted again is waited for so long, in milliseconds.
const GRACE_MS: i64 = 3 * 86_400_000;
/// What was lost in so long is counted, in milliseconds.
const LOST_MS: i64 = 30 * 86_400_000;

/// Numbers that may be of interest (`?1`: now, `?2`: the grace), each with its kind; '' for those that serve.
const KINDS: &str = "
    SELECT w.id AS id, w.number AS number, w.account AS account, w.package AS package, p.status AS status,
        w.state AS state, w.issued_at AS issued_at, a.number_fen AS fen, coalesce(nullif(w.reason, ''), p.waits_for)
        AS reason,
        CASE WHEN w.state IN ('void_refused', 'dispute') THEN 'disputed'
             WHEN w.state = 'voided' THEN iif(w.reclaim_at + ?2 < ?1, 'overdue', '')
             WHEN p.status = 'cancelled' THEN iif(w.issued_at <= ?1 - a.unused_hours * 3600000, 'dead', '')
             WHEN w.state IN ('issued', 'printed', 'verified') AND p.status IN ('numbered', 'printed', 'verified')
                 AND w.issued_at <= ?1 - a.idle_days * 86400000 THEN 'idle'
             ELSE '' END AS kind
    FROM waybill AS w JOIN package AS p ON p.id = w.package JOIN carrier_account AS a ON a.id = w.account
    WHERE w.settled = '' AND (w.state IN ('issued', 'printed', 'verified', 'void_wanted', 'voiding', 'void_refused',
        'dispute') OR (w.state = 'voided' AND w.reclaim_at + ?2 < ?1))";

/// The report.
///
/// # Errors
/// The database's.
pub async fn unused<D: Db>(db: &D, now: Millis) -> Result<UnusedWaybills, StoreError> {
    let rows = db
        .run(
            &format!(
                "SELECT id, number, account, package, status, state, kind, issued_at, fen, reason FROM ({KINDS})
                 WHERE kind <> '' ORDER BY issued_at, id LIMIT ?3"
            ),
            &[now.into(), Value::Int(GRACE_MS), SHOWN.into()],
        )
        .await?;
    Ok(UnusedWaybills {
        as_of: instant(now),
        items: rows.iter().map(item).collect::<Result<_, _>>()?,
        accounts: accounts(db, now).await?,
    })
}

fn item(row: &Row) -> Result<UnusedWaybill, StoreError> {
    Ok(UnusedWaybill {
        id: row.string(0)?,
        number: row.maybe_text(1)?.unwrap_or_default().to_owned(),
        account: row.string(2)?,
        package: row.string(3)?,
        package_status: row.string(4)?,
        state: row.string(5)?,
        kind: row.string(6)?,
        issued_at: instant(Millis(row.maybe_int(7)?.unwrap_or(0))),
        price_fen: row.maybe_int(8)?,
        reason: row.string(9)?,
    })
}

async fn accounts<D: Db>(db: &D, now: Millis) -> Result<Vec<UnusedCount>, StoreError> {
    let rows = db
        .run(
            &format!(
                "SELECT a.id, coalesce(o.unused, 0), coalesce(o.disputed, 0), coalesce(l.lost, 0),
                     (coalesce(o.unused, 0) + coalesce(o.disputed, 0)) * a.number_fen, coalesce(l.lost, 0) * a.number_fen
                 FROM carrier_account AS a
                 LEFT JOIN (SELECT account, sum(kind IN ('dead', 'idle')) AS unused,
                                sum(kind IN ('disputed', 'overdue')) AS disputed
                            FROM ({KINDS}) WHERE kind <> '' GROUP BY account) AS o ON o.account = a.id
                 LEFT JOIN (SELECT account, count(*) AS lost FROM waybill
                            WHERE (settled = 'lost' AND settled_at > ?1 - ?3)
                               OR (state = 'voided' AND settled = '' AND reclaim_at IS NULL AND voided_at > ?1 - ?3)
                            GROUP BY account) AS l ON l.account = a.id
                 WHERE o.account IS NOT NULL OR l.account IS NOT NULL ORDER BY a.id"
            ),
            &[now.into(), Value::Int(GRACE_MS), Value::Int(LOST_MS)],
        )
        .await?;
    let read = |row: &Row| {
        Ok(UnusedCount {
            account: row.string(0)?,
            unused: row.int(1)?,
            disputed: row.int(2)?,
            lost: row.int(3)?,
            open_fen: row.maybe_int(4)?,
            lost_fen: row.maybe_int(5)?,
        })
    };
    rows.iter().map(read).collect()
}

/// How many lie unused, and how many are to be settled.
///
/// # Errors
/// The database's.
pub async fn counts<D: Db>(db: &D, now: Millis) -> Result<(i64, i64), StoreError> {
    let rows = db
        .run(
            &format!(
                "SELECT coalesce(sum(kind IN ('dead', 'idle')), 0), coalesce(sum(kind IN ('disputed', 'overdue')), 0)
                 FROM ({KINDS})"
            ),
            &[now.into(), Value::Int(GRACE_MS)],
        )
        .await?;
    let row = rows.first()?;
    Ok((row.int(0)?, row.int(1)?))
}
