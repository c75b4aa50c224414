//! What came in and is not handled yet (`edge`): unique by sender and event, leased in batches.

use crate::json::batch;
use crate::{Db, Keyring, Moment, Row, StoreError, Value};
use huidan_domain::Millis;
use serde::Serialize;
use std::collections::HashMap;

/// Something that arrived.
#[derive(Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The sender's id of the message.
    pub event_id: String,
    /// Its topic.
    pub topic: String,
    /// The order or waybill number it is about; may be empty.
    pub ext_id: String,
    /// Whether the body holds the whole document.
    pub complete: bool,
    /// The body.
    pub body: Vec<u8>,
}

/// An arrival that a runner leased.
#[derive(Clone, PartialEq, Eq)]
pub struct Leased {
    /// Its row.
    pub id: i64,
    /// Shop or carrier account.
    pub account: String,
    /// How often it was tried before.
    pub attempts: u32,
    /// When it came.
    pub received_at: Millis,
    /// What came.
    pub arrival: Arrival,
}

/// Whose arrivals: `kind` is `order` or `scan`, `source` the channel or carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tray<'a> {
    /// `order` or `scan`.
    pub kind: &'a str,
    /// Channel or carrier.
    pub source: &'a str,
}

fn seal_name(tray: Tray<'_>, account: &str, event_id: &str) -> String {
    format!("inbox/{}/{}/{account}/{event_id}", tray.kind, tray.source)
}

#[derive(Serialize)]
struct New<'a> {
    event_id: &'a str,
    topic: &'a str,
    ext_id: &'a str,
    complete: bool,
    body: String,
}

/// Takes arrivals in, sealed, in one statement: either all of them are on disk when it returns, or none. Answers how
/// many were new; a repeat is no error.
///
/// # Errors
/// The database's.
pub async fn take<D: Db>(
    db: &D,
    moment: Moment<'_>,
    keys: &Keyring,
    tray: Tray<'_>,
    account: &str,
    arrivals: &[Arrival],
) -> Result<usize, StoreError> {
    let sealed = |arrival: &Arrival| {
        let name = seal_name(tray, account, &arrival.event_id);
        keys.seal(moment.chance, &name, &arrival.body)
    };
    let to: [Value; 4] = [tray.kind.into(), tray.source.into(), account.into(), moment.now.into()];
    // A webhook mostly brings one, whose body need not be written as text and read again.
    if let [arrival] = arrivals {
        let [event_id, topic, ext_id] = [&arrival.event_id, &arrival.topic, &arrival.ext_id].map(Value::from);
        let row = [event_id, topic, ext_id, arrival.complete.into(), sealed(arrival)?.into()];
        return Ok(db.run(TAKE_ONE, &[to.as_slice(), &row].concat()).await?.len());
    }
    let mut rows = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        rows.push(New {
            event_id: &arrival.event_id,
            topic: &arrival.topic,
            ext_id: &arrival.ext_id,
            complete: arrival.complete,
            body: hex::encode(sealed(arrival)?),
        });
    }
    Ok(db.run(TAKE, &[to.as_slice(), &[batch(&rows)?]].concat()).await?.len())
}

/// Takes one arrival in as [`take`] does, but only while the account (`shop` or `carrier`, its id) still has the sealed
/// credentials by which its sender was proven. `false` when it has not, or when the message is a repeat.
///
/// # Errors
/// The database's.
pub async fn take_known<D: Db>(
    db: &D,
    moment: Moment<'_>,
    keys: &Keyring,
    tray: Tray<'_>,
    (role, account, credentials): (&str, &str, &[u8]),
    arrival: &Arrival,
) -> Result<bool, StoreError> {
    let body = keys.seal(moment.chance, &seal_name(tray, account, &arrival.event_id), &arrival.body)?;
    let row: [Value; 11] = [
        tray.kind.into(),
        tray.source.into(),
        account.into(),
        moment.now.into(),
        (&arrival.event_id).into(),
        (&arrival.topic).into(),
        (&arrival.ext_id).into(),
        arrival.complete.into(),
        body.into(),
        role.into(),
        credentials.to_vec().into(),
    ];
    Ok(!db.run(TAKE_KNOWN, &row).await?.is_empty())
}

const TAKE_KNOWN: &str = "
    INSERT INTO inbox (kind, source, account, received_at, event_id, topic, ext_id, complete, body)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM access WHERE role = ?10 AND id = ?3 AND sealed = ?11
    ON CONFLICT (kind, source, account, event_id) DO NOTHING
    RETURNING 1";

const TAKE_ONE: &str = "
    INSERT INTO inbox (kind, source, account, received_at, event_id, topic, ext_id, complete, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (kind, source, account, event_id) DO NOTHING
    RETURNING 1";

const TAKE: &str = "
    INSERT INTO inbox (kind, source, account, received_at, event_id, topic, ext_id, complete, body)
    SELECT ?1, ?2, ?3, ?4, e.value ->> 'event_id', e.value ->> 'topic', e.value ->> 'ext_id', e.value ->> 'complete',
        unhex(e.value ->> 'body')
    FROM json_each(?5) AS e WHERE true
    ON CONFLICT (kind, source, account, event_id) DO NOTHING
    RETURNING 1";

/// Whether something is due: never tried, or (`careful`) tried before.
///
/// # Errors
/// The database's.
pub async fn any_due<D: Db>(db: &D, now: Millis, tray: Tray<'_>, careful: bool) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "SELECT 1 FROM inbox WHERE kind = ?1 AND source = ?2 AND state = 'new' AND next_at <= ?3
             AND lease_until <= ?3 AND (attempts > 0) = ?4 LIMIT 1",
            &[tray.kind.into(), tray.source.into(), now.into(), careful.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Which sources of a kind have something due.
///
/// # Errors
/// The database's.
pub async fn due<D: Db>(db: &D, kind: &str, now: Millis) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT DISTINCT source FROM inbox WHERE kind = ?1 AND state = 'new' AND next_at <= ?2 AND lease_until <= ?2",
            &[kind.into(), now.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// Leases up to `limit` due arrivals, oldest first: those never tried, or (`careful`) those that were in a batch that
/// failed, which the caller takes one at a time, so that what crashes a batch is found.
///
/// # Errors
/// The database's; [`StoreError::Sealed`] when a body does not open.
pub async fn lease<D: Db>(
    db: &D,
    moment: Moment<'_>,
    keys: &Keyring,
    tray: Tray<'_>,
    careful: bool,
    lease_ms: i64,
    limit: u32,
) -> Result<(String, Vec<Leased>), StoreError> {
    let token = moment.secret::<8>();
    let now = moment.now;
    let rows = db
        .run(
            "UPDATE inbox SET lease = ?1, lease_until = ?2, attempts = attempts + 1 WHERE id IN (
                 SELECT id FROM inbox
                 WHERE kind = ?3 AND source = ?4 AND state = 'new' AND next_at <= ?5 AND lease_until <= ?5
                   AND (attempts > 0) = ?7
                 ORDER BY next_at, id LIMIT ?6)
             RETURNING id, account, attempts - 1, received_at, event_id, topic, ext_id, complete, body",
            &[
                (&token).into(),
                Value::Int(now.0 + lease_ms),
                tray.kind.into(),
                tray.source.into(),
                now.into(),
                limit.into(),
                careful.into(),
            ],
        )
        .await?;
    let mut leased = rows.iter().map(|row| opened(keys, tray, row)).collect::<Result<Vec<_>, _>>()?;
    leased.sort_by_key(|leased| leased.id);
    Ok((token, leased))
}

fn opened(keys: &Keyring, tray: Tray<'_>, row: &Row) -> Result<Leased, StoreError> {
    let (account, event_id) = (row.string(1)?, row.string(4)?);
    let body = keys.open(&seal_name(tray, &account, &event_id), row.blob(8)?)?.to_vec();
    Ok(Leased {
        id: row.int(0)?,
        account,
        attempts: row.count(2)?,
        received_at: Millis(row.int(3)?),
        arrival: Arrival { event_id, topic: row.string(5)?, ext_id: row.string(6)?, complete: row.flag(7)?, body },
    })
}

/// Marks rows as handled and forgets their bodies; only those still under the lease.
///
/// # Errors
/// The database's.
pub async fn done<D: Db>(db: &D, lease: &str, ids: &[i64]) -> Result<(), StoreError> {
    end(db, lease, ids, "done", "").await
}

/// Marks rows as put into quarantine (which holds their bodies now).
///
/// # Errors
/// The database's.
pub async fn quarantined<D: Db>(db: &D, lease: &str, ids: &[i64], reason: &str) -> Result<(), StoreError> {
    end(db, lease, ids, "quarantined", reason).await
}

async fn end<D: Db>(db: &D, lease: &str, ids: &[i64], state: &str, reason: &str) -> Result<(), StoreError> {
    let ids = serde_json::to_string(ids).map_err(|e| StoreError::Unknown(e.to_string()))?;
    db.run(
        "UPDATE inbox SET state = ?1, reason = ?2, lease = NULL, lease_until = 0, body = x''
         WHERE lease = ?3 AND id IN (SELECT value FROM json_each(?4))",
        &[state.into(), reason.into(), lease.into(), ids.into()],
    )
    .await?;
    Ok(())
}

/// Gives rows back, to be tried again at `at`, with the reason a person may read. `blame` keeps the try on their
/// account; without it they only waited for somebody else.
///
/// # Errors
/// The database's.
pub async fn later<D: Db>(
    db: &D,
    lease: &str,
    ids: &[i64],
    at: Millis,
    reason: &str,
    blame: bool,
) -> Result<(), StoreError> {
    let ids = serde_json::to_string(ids).map_err(|e| StoreError::Unknown(e.to_string()))?;
    db.run(
        "UPDATE inbox SET lease = NULL, lease_until = 0, next_at = ?1, reason = ?2,
             attempts = attempts - CASE WHEN ?5 THEN 0 ELSE 1 END
         WHERE lease = ?3 AND id IN (SELECT value FROM json_each(?4))",
        &[at.into(), reason.into(), lease.into(), ids.into(), blame.into()],
    )
    .await?;
    Ok(())
}

/// How many wait, by kind.
///
/// # Errors
/// The database's.
pub async fn pending<D: Db>(db: &D) -> Result<i64, StoreError> {
    db.run("SELECT count(*) FROM inbox WHERE state = 'new'", &[]).await?.first()?.int(0)
}

/// What waits with a reason: source, account, how many, since when, why.
///
/// # Errors
/// The database's.
pub async fn waiting<D: Db>(db: &D) -> Result<Vec<(String, String, i64, i64, String)>, StoreError> {
    let rows = db
        .run(
            "SELECT source, account, count(*), min(received_at), max(reason) FROM inbox
             WHERE state = 'new' AND reason <> '' GROUP BY source, account ORDER BY 4 LIMIT 200",
            &[],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?, row.int(2)?, row.int(3)?, row.string(4)?))).collect()
}

/// What the inbox knows of some orders of a shop: `waits` when something of it is still to be handled, `handled` when
/// something of it came and was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// Something of it is still to be handled.
    Waits,
    /// Something of it came and was handled.
    Handled,
}

/// Traces of some orders in the inbox, by their ids.
///
/// # Errors
/// The database's.
pub async fn traces<D: Db>(
    db: &D,
    tray: Tray<'_>,
    account: &str,
    ext_ids: &[&str],
) -> Result<HashMap<String, Trace>, StoreError> {
    let ids = serde_json::to_string(ext_ids).map_err(|e| StoreError::Unknown(e.to_string()))?;
    let rows = db
        .run(
            "SELECT e.value, max(i.state = 'new') FROM json_each(?4) AS e
             JOIN inbox AS i INDEXED BY inbox_ext ON i.account = ?3 AND i.ext_id = e.value
             WHERE i.kind = ?1 AND i.source = ?2 GROUP BY e.value",
            &[tray.kind.into(), tray.source.into(), account.into(), ids.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, if row.flag(1)? { Trace::Waits } else { Trace::Handled }))).collect()
}

/// When each shop was last told something by its platform itself, and when last something was found by asking.
///
/// # Errors
/// The database's.
pub async fn last_pushes<D: Db>(db: &D) -> Result<Vec<(String, Option<Millis>, Option<Millis>)>, StoreError> {
    let rows = db
        .run(
            "SELECT account, max(CASE WHEN NOT asked THEN received_at END), max(CASE WHEN asked THEN received_at END)
             FROM (SELECT account, received_at, event_id LIKE 'list/%' OR event_id LIKE 'reconcile/%' OR event_id LIKE 'import/%' AS asked
                   FROM inbox WHERE kind = 'order') GROUP BY account",
            &[],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.maybe_int(1)?.map(Millis), row.maybe_int(2)?.map(Millis)))).collect()
}

/// Forgets rows that were handled before `before`, a bounded number at a time. Their event ids are then forgotten too,
/// so keep them longer than any platform repeats a message.
///
/// # Errors
/// The database's.
pub async fn purge<D: Db>(db: &D, before: Millis) -> Result<(), StoreError> {
    db.run(
        "DELETE FROM inbox WHERE id IN (
             SELECT id FROM inbox WHERE state = 'done' AND received_at < ?1 ORDER BY received_at LIMIT 1000)",
        &[before.into()],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
