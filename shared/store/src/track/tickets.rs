//! Exceptions and incidents as people see and close them.

use super::exceptions::shown_again;
use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_domain::Millis;
use huidan_wire::api::{Incident, ParcelException, ParcelNote, instant};
use std::collections::BTreeSet;

/// Which exceptions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which<'a> {
    /// Only this one.
    pub one: Option<&'a str>,
    /// `open` or `closed`.
    pub state: Option<&'a str>,
    /// Of this kind.
    pub kind: Option<&'a str>,
    /// Of this shop.
    pub shop: Option<&'a str>,
    /// Of this package.
    pub package: Option<&'a str>,
    /// Of this incident.
    pub incident: Option<&'a str>,
    /// Only those that are no part of an incident.
    pub alone: bool,
    /// Beyond this one: when it was opened, and its id.
    pub beyond: Option<(i64, &'a str)>,
    /// At most so many.
    pub limit: u32,
}

const COLUMNS: &str = "
    SELECT e.id, e.opened_at, e.package, e.kind, e.state, e.incident, e.facts, e.wants, e.closed_at, e.closed_by, p.shop,
        p.status, coalesce(nullif(w.carried_by, ''), w.carrier, ''), w.number, i.state, coalesce(i.reason, ''),
        (SELECT json_group_array(po.order_id) FROM package_order AS po WHERE po.package = p.id),
        (SELECT json_group_array(json_array(n.at, n.actor, n.text) ORDER BY n.at, n.id)
         FROM exception_note AS n WHERE n.exception = e.id),
        (SELECT max(l.made_at) FROM buyer_link AS l WHERE l.exception = e.id)
    FROM exception AS e JOIN package AS p ON p.id = e.package LEFT JOIN waybill AS w ON w.id = p.waybill
    LEFT JOIN intercept AS i ON i.waybill = w.id";

/// Exceptions with the instant by which the list is sorted, newest first.
///
/// # Errors
/// The database's.
pub async fn exceptions<D: Db>(db: &D, which: Which<'_>) -> Result<Vec<(i64, ParcelException)>, StoreError> {
    let (at, id) = which.beyond.unwrap_or((i64::MAX, ""));
    let rows = db
        .run(
            &format!(
                "{COLUMNS} WHERE (?1 IS NULL OR e.id = ?1) AND (?2 IS NULL OR e.state = ?2)
                     AND (?3 IS NULL OR e.kind = ?3) AND (?4 IS NULL OR p.shop = ?4) AND (?5 IS NULL OR e.package = ?5)
                     AND (?6 IS NULL OR e.incident = ?6) AND (NOT ?7 OR e.incident IS NULL)
                     AND (e.opened_at, e.id) < (?8, ?9)
                 ORDER BY e.opened_at DESC, e.id DESC LIMIT ?10"
            ),
            &[
                which.one.into(),
                which.state.into(),
                which.kind.into(),
                which.shop.into(),
                which.package.into(),
                which.incident.into(),
                which.alone.into(),
                at.into(),
                id.into(),
                which.limit.into(),
            ],
        )
        .await?;
    rows.iter().map(|row| Ok((row.int(1)?, exception(row)?))).collect()
}

fn when(at: Option<i64>) -> Option<String> {
    at.map(|at| instant(Millis(at)))
}

fn exception(row: &Row) -> Result<ParcelException, StoreError> {
    let notes: Vec<(i64, String, String)> = row.json(17)?;
    Ok(ParcelException {
        id: row.string(0)?,
        opened_at: instant(Millis(row.int(1)?)),
        package: row.string(2)?,
        kind: row.string(3)?,
        state: row.string(4)?,
        incident: row.maybe_text(5)?.map(str::to_owned),
        facts: row.json(6)?,
        wants: row.string(7)?,
        closed_at: when(row.maybe_int(8)?),
        closed_by: row.string(9)?,
        shop: row.string(10)?,
        status: row.string(11)?,
        carrier: row.string(12)?,
        waybill: row.maybe_text(13)?.map(str::to_owned),
        intercept: row.maybe_text(14)?.map(str::to_owned),
        intercept_reason: row.string(15)?,
        orders: row.json(16)?,
        notes: notes.into_iter().map(|(at, by, text)| ParcelNote { at: instant(Millis(at)), by, text }).collect(),
        asked_at: when(row.maybe_int(18)?),
    })
}

/// Closes an exception; `false` when it is not open. Its incident ends with the last of them.
///
/// # Errors
/// The database's.
pub async fn close<D: Db>(db: &D, moment: Moment<'_>, actor: &str, id: &str) -> Result<bool, StoreError> {
    let closed = db
        .run(
            "UPDATE exception SET state = 'closed', closed_at = ?2, closed_by = ?3 WHERE id = ?1 AND state = 'open'
             RETURNING package, kind, incident",
            &[id.into(), moment.now.into(), actor.into()],
        )
        .await?;
    let Some(row) = closed.iter().next() else { return Ok(false) };
    let package = row.string(0)?;
    let entry = Entry::new(actor, "package", &package, format!("exception_{}_closed", row.text(1)?));
    let incident: BTreeSet<String> = row.maybe_text(2)?.map(str::to_owned).into_iter().collect();
    shown_again(db, &[package]).await?;
    super::incidents::over(db, moment, &incident).await?;
    append(db, moment.now, &[entry]).await?;
    Ok(true)
}

/// Writes a note under an exception; `false` when there is none of that id.
///
/// # Errors
/// The database's.
pub async fn note<D: Db>(db: &D, moment: Moment<'_>, actor: &str, id: &str, text: &str) -> Result<bool, StoreError> {
    let made = db
        .run(
            "INSERT INTO exception_note (id, exception, at, actor, text) SELECT ?1, e.id, ?3, ?4, ?5
             FROM exception AS e WHERE e.id = ?2 RETURNING 1",
            &[Value::from(moment.id()), id.into(), moment.now.into(), actor.into(), text.into()],
        )
        .await?;
    Ok(!made.is_empty())
}

/// Incidents with the instant by which the list is sorted, newest first.
///
/// # Errors
/// The database's.
pub async fn incidents<D: Db>(
    db: &D,
    state: Option<&str>,
    one: Option<&str>,
    beyond: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<(i64, Incident)>, StoreError> {
    let (at, id) = beyond.unwrap_or((i64::MAX, ""));
    let rows = db
        .run(
            "SELECT i.id, i.opened_at, i.carrier, i.place, i.goal, i.state, i.closed_at, i.closed_by, count(e.id),
                 coalesce(sum(e.state = 'open'), 0)
             FROM incident AS i LEFT JOIN exception AS e ON e.incident = i.id
             WHERE (?1 IS NULL OR i.state = ?1) AND (?2 IS NULL OR i.id = ?2) AND (i.opened_at, i.id) < (?3, ?4)
             GROUP BY i.id ORDER BY i.opened_at DESC, i.id DESC LIMIT ?5",
            &[state.into(), one.into(), at.into(), id.into(), limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let incident = Incident {
                id: row.string(0)?,
                opened_at: instant(Millis(row.int(1)?)),
                carrier: row.string(2)?,
                place: row.string(3)?,
                province: row.string(4)?,
                state: row.string(5)?,
                closed_at: when(row.maybe_int(6)?),
                closed_by: row.string(7)?,
                parcels: row.count(8)?,
                open: row.count(9)?,
            };
            Ok((row.int(1)?, incident))
        })
        .collect()
}

/// Closes an incident and every exception that is a part of it; `false` when it is not open.
///
/// # Errors
/// The database's.
pub async fn close_incident<D: Db>(db: &D, moment: Moment<'_>, actor: &str, id: &str) -> Result<bool, StoreError> {
    let closed = db
        .run(
            "UPDATE incident SET state = 'closed', closed_at = ?2, closed_by = ?3 WHERE id = ?1 AND state = 'open'
             RETURNING id",
            &[id.into(), moment.now.into(), actor.into()],
        )
        .await?;
    if closed.is_empty() {
        return Ok(false);
    }
    let parts = db
        .run(
            "UPDATE exception SET state = 'closed', closed_at = ?2, closed_by = ?3 WHERE incident = ?1 AND state = 'open'
             RETURNING package, kind",
            &[id.into(), moment.now.into(), actor.into()],
        )
        .await?;
    let (mut log, mut packages) = (vec![Entry::new(actor, "incident", id, "closed")], Vec::new());
    for row in &parts {
        packages.push(row.string(0)?);
        log.push(Entry::new(actor, "package", row.text(0)?, format!("exception_{}_closed", row.text(1)?)));
    }
    shown_again(db, &packages).await?;
    append(db, moment.now, &log).await?;
    Ok(true)
}

/// What a carrier is told of a parcel in a claim: nothing that it does not know already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimFacts {
    /// The exception.
    pub exception: ParcelException,
    /// When the number was given.
    pub issued_at: Option<String>,
    /// Grams.
    pub weight_g: u32,
    /// From where: province and city.
    pub from: String,
    /// To where: province and city.
    pub to: String,
    /// The latest scans, newest first: when, and where.
    pub scans: Vec<(String, String, String)>,
}

/// The facts of an exception for a claim; `None` when there is none of that id.
///
/// # Errors
/// The database's.
pub async fn claim_facts<D: Db>(db: &D, id: &str) -> Result<Option<ClaimFacts>, StoreError> {
    let found = exceptions(db, Which { one: Some(id), limit: 1, ..Which::default() }).await?;
    let Some((_, exception)) = found.into_iter().next() else { return Ok(None) };
    let rows = db
        .run(
            "SELECT w.issued_at, p.weight_g, coalesce(h.sender ->> 'province', '') || coalesce(h.sender ->> 'city', ''),
                 coalesce((SELECT o.province || o.city FROM package_order AS po JOIN orders AS o ON o.id = po.order_id
                     WHERE po.package = p.id LIMIT 1), '')
             FROM package AS p JOIN warehouse AS h ON h.id = p.warehouse LEFT JOIN waybill AS w ON w.id = p.waybill
             WHERE p.id = ?1",
            &[(&exception.package).into()],
        )
        .await?;
    let row = rows.first()?;
    let numbers = batch(&exception.waybill.iter().collect::<Vec<_>>())?;
    let scans = db
        .run(
            "SELECT at, kind, place FROM scan WHERE number IN (SELECT value FROM json_each(?1)) AND used
             ORDER BY at DESC LIMIT 5",
            &[numbers],
        )
        .await?;
    let scans = scans.iter().map(|row| Ok((instant(Millis(row.int(0)?)), row.string(1)?, row.string(2)?)));
    Ok(Some(ClaimFacts {
        issued_at: when(row.maybe_int(0)?),
        weight_g: row.count(1)?,
        from: row.string(2)?,
        to: row.string(3)?,
        scans: scans.collect::<Result<_, StoreError>>()?,
        exception,
    }))
}
