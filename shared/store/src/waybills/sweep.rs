//! The nightly sweep: what nobody thinks of any more is given back, disputed, counted again or shown.

use super::balance::reclaimed;
use super::give_back::{Disputed, tell_of};
use super::read::hours;
use crate::json::batch;
use crate::notices::{News, tell};
use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_domain::{Millis, Move, WaybillEvent, WaybillState};
use std::collections::BTreeSet;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The hours of the night, by the warehouse's own clock.
const NIGHT: std::ops::Range<i64> = 1..6;
/// A house that is off at night is swept by day, so long after the sweep before.
const LATEST_MS: i64 = 25 * HOUR_MS;
/// Looks and sweeps are kept so long.
const KEPT_MS: i64 = 400 * DAY_MS;

/// The warehouses whose night's sweep is due, each with its day.
///
/// # Errors
/// The database's.
pub async fn nights<D: Db>(db: &D, now: Millis) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = db
        .run(
            "SELECT h.id, h.zone, max(s.day), max(s.at) FROM warehouse AS h
             LEFT JOIN number_sweep AS s ON s.warehouse = h.id GROUP BY h.id ORDER BY h.id",
            &[],
        )
        .await?;
    let mut due = Vec::new();
    for row in &rows {
        let local = now.0 + i64::from(hours(row.text(1)?)) * HOUR_MS;
        let (day, hour) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS) / HOUR_MS);
        let (last_day, last_at) = (row.maybe_int(2)?, row.maybe_int(3)?);
        let late = last_at.is_none_or(|at| now.0 - at > LATEST_MS);
        if last_day.is_none_or(|last| last < day) && (NIGHT.contains(&hour) || late) {
            due.push((row.string(0)?, day));
        }
    }
    Ok(due)
}

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// The lanes of flow-book that have work now.
    pub lanes: BTreeSet<String>,
    /// Numbers of dead packages that are to be given back.
    pub given_back: i64,
    /// Refused numbers that a person has to argue about.
    pub disputed: i64,
    /// Numbers that are counted again by now.
    pub reclaimed: i64,
    /// Numbers of living packages that do not get on.
    pub idle: i64,
}

/// Sweeps a warehouse's numbers for a day, inside the caller's transaction; `None` when that was done.
///
/// # Errors
/// The database's.
pub async fn sweep<D: Db>(db: &D, moment: Moment<'_>, warehouse: &str, day: i64) -> Result<Option<Swept>, StoreError> {
    let first = db
        .run(
            "INSERT INTO number_sweep (warehouse, day, at, given_back, disputed, reclaimed, idle)
             VALUES (?1, ?2, ?3, 0, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING 1",
            &[warehouse.into(), day.into(), moment.now.into()],
        )
        .await?;
    if first.is_empty() {
        return Ok(None);
    }
    let mut swept = Swept::default();
    dead(db, moment, warehouse, &mut swept).await?;
    refused(db, moment, warehouse, &mut swept).await?;
    swept.reclaimed = back(db, moment, warehouse).await?;
    swept.idle = idle(db, moment, warehouse, day).await?;
    let accounts = db
        .run("UPDATE carrier_account SET balance_due = ?1 WHERE active AND books RETURNING id", &[moment.now.into()])
        .await?;
    for row in &accounts {
        swept.lanes.insert(row.string(0)?);
    }
    db.run(
        "UPDATE number_sweep SET given_back = ?3, disputed = ?4, reclaimed = ?5, idle = ?6
         WHERE warehouse = ?1 AND day = ?2",
        &[
            warehouse.into(),
            day.into(),
            swept.given_back.into(),
            swept.disputed.into(),
            swept.reclaimed.into(),
            swept.idle.into(),
        ],
    )
    .await?;
    for table in ["number_balance", "number_sweep"] {
        db.run(&format!("DELETE FROM {table} WHERE at < ?1"), &[Value::Int(moment.now.0 - KEPT_MS)]).await?;
    }
    Ok(Some(swept))
}

/// Numbers that were never scanned, of packages that are not to be shipped, and whose giving back nobody is at.
async fn dead<D: Db>(db: &D, moment: Moment<'_>, warehouse: &str, swept: &mut Swept) -> Result<(), StoreError> {
    let rows = db
        .run(
            "SELECT w.id, w.state, p.id, p.account FROM waybill AS w JOIN package AS p ON p.id = w.package
             JOIN carrier_account AS a ON a.id = w.account
             WHERE w.state IN ('issued', 'printed', 'verified', 'void_wanted', 'voiding', 'void_refused', 'dispute')
                 AND w.state NOT IN ('void_refused', 'dispute') AND p.warehouse = ?1 AND p.status = 'cancelled'
                 AND p.work NOT IN ('void', 'calling') AND w.issued_at <= ?2 - a.unused_hours * 3600000
                 AND NOT EXISTS (SELECT 1 FROM scan AS s WHERE s.number = w.number AND s.used)",
            &[warehouse.into(), moment.now.into()],
        )
        .await?;
    let (mut states, mut packages, mut log) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let state = WaybillState::parse(row.text(1)?)?;
        if let Move::To(next) = state.on(WaybillEvent::WantVoid) {
            states.push((row.string(0)?, next.name()));
            let entry = Entry::new("flow-book", "waybill", row.text(0)?, WaybillEvent::WantVoid.name());
            log.push(entry.from_to(state.name(), next.name()));
        }
        packages.push(row.string(2)?);
        swept.lanes.insert(row.string(3)?);
    }
    swept.given_back = i64::try_from(packages.len()).unwrap_or(i64::MAX);
    if packages.is_empty() {
        return Ok(());
    }
    write(db, &states).await?;
    db.run(
        "UPDATE package SET work = 'void', work_at = ?2, waits_for = '', updated_at = ?2
         WHERE id IN (SELECT value FROM json_each(?1))",
        &[batch(&packages)?, moment.now.into()],
    )
    .await?;
    append(db, moment.now, &log).await
}

/// What the carrier refused is a person's to argue about, and what it scanned after it was given back.
async fn refused<D: Db>(db: &D, moment: Moment<'_>, warehouse: &str, swept: &mut Swept) -> Result<(), StoreError> {
    let rows = db
        .run(
            "SELECT w.id, w.state, w.number, w.account, w.reason FROM waybill AS w JOIN package AS p ON p.id = w.package
             WHERE w.state IN ('issued', 'printed', 'verified', 'void_wanted', 'voiding', 'void_refused', 'dispute')
                 AND w.state IN ('void_refused', 'dispute') AND w.settled = '' AND p.warehouse = ?1",
            &[warehouse.into()],
        )
        .await?;
    let (mut states, mut log, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let state = WaybillState::parse(row.text(1)?)?;
        if let Move::To(next) = state.on(WaybillEvent::OpenDispute) {
            states.push((row.string(0)?, next.name()));
            let entry = Entry::new("flow-book", "waybill", row.text(0)?, WaybillEvent::OpenDispute.name());
            log.push(entry.from_to(state.name(), next.name()));
        }
        open.push(disputed(row)?);
    }
    swept.disputed = i64::try_from(states.len()).unwrap_or(i64::MAX);
    write(db, &states).await?;
    tell_of(db, moment, &open).await?;
    append(db, moment.now, &log).await
}

fn disputed(row: &Row) -> Result<Disputed, StoreError> {
    Ok(Disputed {
        waybill: row.string(0)?,
        number: row.maybe_text(2)?.unwrap_or_default().to_owned(),
        account: row.string(3)?,
        reason: row.string(4)?,
    })
}

/// By the carrier's word these are counted again by now. Where its balance can be asked for, that has the last word.
async fn back<D: Db>(db: &D, moment: Moment<'_>, warehouse: &str) -> Result<i64, StoreError> {
    let rows = db
        .run(
            "SELECT w.id FROM waybill AS w JOIN package AS p ON p.id = w.package
             WHERE w.state = 'voided' AND w.reclaim_at <= ?2 AND w.settled = '' AND p.warehouse = ?1
                 AND NOT EXISTS (SELECT 1 FROM number_balance AS b
                     WHERE b.account = w.account AND b.numbers IS NOT NULL)",
            &[warehouse.into(), moment.now.into()],
        )
        .await?;
    let due = rows.iter().map(|row| row.string(0)).collect::<Result<Vec<_>, _>>()?;
    reclaimed(db, moment, &due).await
}

/// Numbers of packages that are to be shipped and do not get on; a person is told how many.
async fn idle<D: Db>(db: &D, moment: Moment<'_>, warehouse: &str, day: i64) -> Result<i64, StoreError> {
    let rows = db
        .run(
            "SELECT count(*) FROM waybill AS w JOIN package AS p ON p.id = w.package
             JOIN carrier_account AS a ON a.id = w.account
             WHERE w.state IN ('issued', 'printed', 'verified', 'void_wanted', 'voiding', 'void_refused', 'dispute')
                 AND w.state IN ('issued', 'printed', 'verified') AND p.warehouse = ?1
                 AND p.status IN ('numbered', 'printed', 'verified') AND w.issued_at <= ?2 - a.idle_days * 86400000",
            &[warehouse.into(), moment.now.into()],
        )
        .await?;
    let count = rows.first()?.int(0)?;
    if count > 0 {
        let key = format!("waybill.idle/{warehouse}/{day}");
        let facts = serde_json::json!({ "warehouse": warehouse, "count": count });
        let (topic, entity) = ("waybill.idle", "warehouse");
        tell(db, moment, &[News { key: &key, topic, entity, id: warehouse, shop: "", facts }]).await?;
    }
    Ok(count)
}

async fn write<D: Db>(db: &D, states: &[(String, &'static str)]) -> Result<(), StoreError> {
    if states.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE waybill SET state = n.value ->> 1, lease = NULL, lease_until = 0 FROM json_each(?1) AS n
         WHERE waybill.id = n.value ->> 0",
        &[batch(states)?],
    )
    .await?;
    Ok(())
}
