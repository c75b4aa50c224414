use super::{Change, change, known, write};
use crate::json::batch;
use crate::{Db, Moment, Row, Rows, StoreError, Value};
use huidan_domain::{JobEvent, Millis};
use serde::Serialize;

/// How long a bridge may have a job without a word unless it asks for more, in milliseconds. Every claim renews what it
/// still holds.
pub const LEASE_MS: i64 = 60_000;
/// The most it may ask for, in milliseconds: to go on printing what it has while it cannot reach us. A refund meanwhile
/// makes such paper stale, and the scan at the bench refuses it.
pub const LONGEST_LEASE_MS: i64 = 4 * 3_600_000;
/// How long a job may wait in the queue, in milliseconds: a label a week old is a surprise to everybody.
const STALE_MS: i64 = 7 * 86_400_000;

/// A printer of a bridge and how many more jobs it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Our id of the printer.
    pub printer: String,
    /// How many.
    pub room: u32,
}

/// A lease that a bridge says it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The job.
    pub id: String,
    /// The lease's token.
    pub lease: String,
}

/// A job leased to a bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Our id.
    pub id: String,
    /// Rises each time it is leased anew.
    pub attempt: u32,
    /// Token of the lease.
    pub lease: String,
    /// Its end.
    pub lease_until: Millis,
    /// The bridge's own name of the printer.
    pub printer: String,
    /// What the bytes are.
    pub format: String,
    /// Dots per inch they are for.
    pub dpi: u32,
    /// Millimetres across the feed.
    pub width_mm: u32,
    /// Millimetres along the feed.
    pub height_mm: u32,
    /// Where the bytes are.
    pub sha: String,
    /// How many.
    pub bytes: u32,
    /// Labels of one batch come out in the order of `seq`.
    pub batch: String,
    /// Place in the batch, from 1.
    pub seq: u32,
    /// How many the batch has.
    pub of: u32,
    /// The package's fence when it was rendered.
    pub fence: i64,
    /// 1 is the first paper of its kind.
    pub copy_no: u32,
    /// The number on it.
    pub number: Option<String>,
    /// What is printed: `waybill`, `waybill-2` for its second piece.
    pub kind: String,
}

/// The next jobs of one printer that may be handed out. The printer must still speak what they were rendered for (a
/// bridge makes a PDF or a picture into its language), the paper must not be stale, and a batch that a person put into
/// order waits behind a label that did not come out, and behind one that is still to be drawn. A wave's labels go only
/// while it prints, and without parcels that have left it.
const FREE: &str = "
    SELECT j.id, j.batch, j.seq FROM print_job AS j
    JOIN printer AS r ON r.id = j.printer AND (r.lang = j.format OR (j.format = 'png' AND r.lang IN ('zpl', 'tspl'))
        OR (j.format = 'pdf' AND r.lang IN ('zpl', 'tspl', 'png'))) AND (j.format NOT IN ('zpl', 'tspl') OR r.dpi = j.dpi)
    LEFT JOIN waybill AS w ON w.id = j.subject LEFT JOIN package AS p ON p.id = w.package
    WHERE j.state = 'queued' AND j.printer = ?1
      AND (w.id IS NULL OR (p.fence = j.fence AND p.status <> 'cancelled'
          AND w.state NOT IN ('void_wanted', 'voiding', 'voided', 'reclaimed', 'refused')))
      AND NOT (j.strict AND EXISTS (SELECT 1 FROM print_job AS q WHERE q.state IN ('unconfirmed', 'failed')
          AND q.batch = j.batch AND q.printer = j.printer))
      AND NOT (j.strict AND EXISTS (SELECT 1 FROM print_wish AS x JOIN package AS xp ON xp.id = x.package
          WHERE x.batch = j.batch AND x.seq < j.seq AND xp.work IN ('render', 'book', 'calling')))
      AND NOT EXISTS (SELECT 1 FROM wave AS v WHERE v.id = j.batch AND (v.state <> 'printing'
          OR NOT EXISTS (SELECT 1 FROM wave_package AS m WHERE m.wave = v.id AND m.package = p.id AND m.open)
          OR EXISTS (SELECT 1 FROM package_order AS po JOIN hold AS h ON h.order_id = po.order_id
              WHERE po.package = p.id)))
    ORDER BY j.batch, j.seq, j.copy_no, length(j.kind), j.kind LIMIT ?2";

/// Which jobs a claim would hand out: new ones in the order of their batches, and those leased to this bridge that it
/// does not hold, because the answer to an earlier claim was lost. A look without a lock.
///
/// # Errors
/// The database's.
pub async fn waiting<D: Db>(
    db: &D,
    bridge: &str,
    rooms: &[Room],
    held: &[Held],
    max: usize,
) -> Result<Vec<String>, StoreError> {
    let mut free: Vec<(String, i64, usize, String)> = Vec::new();
    for room in rooms.iter().filter(|room| room.room > 0 && max > 0) {
        let rows = db.run(FREE, &[(&room.printer).into(), room.room.into()]).await?;
        for (place, row) in rows.iter().enumerate() {
            free.push((row.string(1)?, row.int(2)?, place, row.string(0)?));
        }
    }
    free.sort();
    free.truncate(max);
    let printers: Vec<&str> = rooms.iter().map(|room| room.printer.as_str()).collect();
    let lost = db
        .run(
            "SELECT id, lease FROM print_job WHERE state IN ('leased', 'sent') AND state = 'leased' AND bridge = ?1
                 AND batch NOT IN (SELECT id FROM wave WHERE state <> 'done' AND state = 'stopped')
                 AND printer IN (SELECT value FROM json_each(?2))",
            &[bridge.into(), batch(&printers)?],
        )
        .await?;
    let mut ids: Vec<String> = free.into_iter().map(|(_, _, _, id)| id).collect();
    for row in &lost {
        let (id, lease) = (row.string(0)?, row.maybe_text(1)?.unwrap_or_default());
        if !held.iter().any(|held| held.id == id && held.lease == lease) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Hands jobs to a bridge, in one statement: whoever comes second gets none of them. A job that it has already keeps
/// its attempt and its lease. In the order in which they are to be printed.
///
/// # Errors
/// The database's.
pub async fn claim<D: Db>(db: &D, moment: Moment<'_>, bridge: &str, ids: &[String]) -> Result<Vec<Job>, StoreError> {
    claim_for(db, moment, bridge, ids, LEASE_MS).await
}

/// The same, for so many milliseconds.
///
/// # Errors
/// The database's.
pub async fn claim_for<D: Db>(
    db: &D,
    moment: Moment<'_>,
    bridge: &str,
    ids: &[String],
    lease_ms: i64,
) -> Result<Vec<Job>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let until = Value::Int(moment.now.0 + lease_ms);
    let rows = db
        .run(
            "UPDATE print_job SET attempt = attempt + iif(state = 'queued', 1, 0),
                 lease = iif(state = 'queued', ?3, lease), bridge = ?2, state = 'leased', lease_until = ?4,
                 updated_at = ?5
             WHERE id IN (SELECT value FROM json_each(?1))
               AND (state = 'queued' OR (state = 'leased' AND bridge = ?2))
             RETURNING id, attempt, lease, lease_until, format, dpi, width_mm, height_mm, sha, bytes, batch, seq, of,
                 fence, copy_no, (SELECT r.name FROM printer AS r WHERE r.id = printer),
                 coalesce((SELECT c.number FROM waybill_child AS c WHERE c.waybill = subject
                     AND 'waybill-' || c.seq = kind), (SELECT w.number FROM waybill AS w WHERE w.id = subject)), kind",
            &[batch(ids)?, bridge.into(), moment.secret::<12>().into(), until, moment.now.into()],
        )
        .await?;
    let mut jobs = rows.iter().map(job).collect::<Result<Vec<_>, _>>()?;
    let place = |job: &Job| (job.batch.clone(), job.seq, job.copy_no, job.kind.len(), job.kind.clone());
    jobs.sort_by_key(place);
    Ok(jobs)
}

fn job(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.string(0)?,
        attempt: row.count(1)?,
        lease: row.string(2)?,
        lease_until: Millis(row.int(3)?),
        format: row.string(4)?,
        dpi: row.count(5)?,
        width_mm: row.count(6)?,
        height_mm: row.count(7)?,
        sha: row.string(8)?,
        bytes: row.count(9)?,
        batch: row.string(10)?,
        seq: row.count(11)?,
        of: row.count(12)?,
        fence: row.int(13)?,
        copy_no: row.count(14)?,
        printer: row.maybe_text(15)?.unwrap_or_default().to_owned(),
        number: row.maybe_text(16)?.map(str::to_owned),
        kind: row.string(17)?,
    })
}

/// Renews leases that a bridge still holds; `None` for one that is no longer its own. In the order given. Nothing is
/// written while most of a lease is left. The token is the proof: a machine that was paired anew keeps its leases.
///
/// # Errors
/// The database's.
pub async fn renew<D: Db>(
    db: &D,
    now: Millis,
    bridge: &str,
    held: &[Held],
    lease_ms: i64,
) -> Result<Vec<Option<Millis>>, StoreError> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db
        .run(
            "SELECT k.key, j.lease_until FROM json_each(?1) AS k JOIN print_job AS j ON j.id = k.value ->> 'id'
                 AND j.lease = k.value ->> 'lease' AND j.state IN ('leased', 'sent')",
            &[batch(held)?],
        )
        .await?;
    let mut answers: Vec<Option<Millis>> = vec![None; held.len()];
    let mut old: Vec<&str> = Vec::new();
    let until = Millis(now.0 + lease_ms);
    for row in &rows {
        let at = usize::try_from(row.int(0)?).unwrap_or(usize::MAX);
        let ends = Millis(row.int(1)?);
        let ends = match held.get(at) {
            Some(held) if ends.since(now) < lease_ms / 3 * 2 => {
                old.push(&held.id);
                until
            }
            _ => ends,
        };
        if let Some(answer) = answers.get_mut(at) {
            *answer = Some(ends);
        }
    }
    if !old.is_empty() {
        db.run(
            "UPDATE print_job SET lease_until = ?2, bridge = ?3 WHERE id IN (SELECT value FROM json_each(?1))
                 AND state IN ('leased', 'sent')",
            &[batch(&old)?, until.into(), bridge.into()],
        )
        .await?;
    }
    Ok(answers)
}

/// Leases that ran out become questions for a person, never jobs again. A look first. Answers how many changed.
///
/// # Errors
/// The database's.
pub async fn end_leases<D: Db>(db: &D, moment: Moment<'_>) -> Result<usize, StoreError> {
    let ended = "SELECT id, 'ended' FROM print_job WHERE state IN ('leased', 'sent') AND lease_until <= ?1 LIMIT 500";
    let rows = db.run(ended, &[moment.now.into()]).await?;
    settle(db, moment, &rows).await
}

/// The same, and what is stale or too old is taken out of the queue: a look at all of it.
///
/// # Errors
/// The database's.
pub async fn sweep<D: Db>(db: &D, moment: Moment<'_>) -> Result<usize, StoreError> {
    let rows = db
        .run(
            "SELECT id, 'ended' FROM print_job WHERE state IN ('leased', 'sent') AND lease_until <= ?1
             UNION ALL SELECT id, 'expired' FROM print_job WHERE state = 'queued' AND created_at < ?2
             UNION ALL SELECT j.id, 'stale' FROM print_job AS j JOIN waybill AS w ON w.id = j.subject
                 JOIN package AS p ON p.id = w.package
                 WHERE j.state = 'queued' AND j.created_at >= ?2 AND (p.fence <> j.fence OR p.status = 'cancelled')
             LIMIT 500",
            &[moment.now.into(), Value::Int(moment.now.0 - STALE_MS)],
        )
        .await?;
    settle(db, moment, &rows).await
}

async fn settle<D: Db>(db: &D, moment: Moment<'_>, rows: &Rows) -> Result<usize, StoreError> {
    if rows.is_empty() {
        return Ok(0);
    }
    let ids: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    let whys: Vec<&str> = rows.iter().map(|row| row.text(1)).collect::<Result<_, _>>()?;
    crate::transaction(db, async |db| {
        let known = known(db, &ids).await?;
        let mut changes: Vec<Change> = Vec::new();
        for job in &known {
            let why = ids.iter().position(|id| *id == job.id).and_then(|at| whys.get(at));
            changes.extend(match why.copied() {
                Some("expired") => change(job, JobEvent::Expire, "排队超过七天 / in the queue for a week"),
                Some("stale") => change(job, JobEvent::Cancel, "面单已过时 / the paper would be stale"),
                // Looked at again: a report or a renewal may have come in between.
                _ if ended(db, job.id.as_str(), moment.now).await? => {
                    change(job, JobEvent::LeaseEnd, "打印桥没有回报 / the print bridge did not report")
                }
                _ => None,
            });
        }
        write(db, moment, "print-queue", &changes, &known).await?;
        Ok(changes.len())
    })
    .await
}

async fn ended<D: Db>(db: &D, id: &str, now: Millis) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "SELECT 1 FROM print_job WHERE id = ?1 AND state IN ('leased', 'sent') AND lease_until <= ?2",
            &[id.into(), now.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}
