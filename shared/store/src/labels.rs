//! Labels: where they go, what is kept of them, and the jobs that print them.

use crate::json::batch;
use crate::{Chance, Db, Entry, Keyring, Moment, Row, StoreError, append};
use huidan_domain::Millis;
use serde::Serialize;
use std::collections::HashMap;

/// A printer that a label can be rendered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printer {
    /// Our id.
    pub id: String,
    /// `zpl`, `tspl`, `png` or `platform-task`.
    pub lang: String,
    /// Dots per inch.
    pub dpi: u32,
    /// Millimetres across the feed.
    pub width_mm: u32,
    /// Millimetres along the feed.
    pub height_mm: u32,
}

/// What a person wants of a label; without one it is the first copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which copy.
    pub copy_no: u32,
    /// Why another one.
    pub reason: String,
    /// Who wants it.
    pub actor: String,
    /// In which batch.
    pub batch: String,
    /// Its place there.
    pub seq: u32,
    /// How many the batch has.
    pub of: u32,
    /// Whether the batch is a wave.
    pub in_wave: bool,
}

/// A package whose label is to be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRender {
    /// The package.
    pub package: String,
    /// Its waybill; `None` when it has none that may be printed.
    pub waybill: Option<String>,
    /// The printer for it; `None` when the warehouse has none of the right kind.
    pub printer: Option<Printer>,
    /// What a person wants.
    pub wish: Option<Wish>,
    /// Its slot in the put-wall; empty where its wave, if any, has none.
    pub slot: String,
}

/// Packages of an account whose label is due, oldest first. What a platform's print component must render goes to the
/// warehouse's `task_printer`.
///
/// # Errors
/// The database's.
pub async fn due<D: Db>(db: &D, now: Millis, account: &str, limit: u32) -> Result<Vec<ToRender>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, w.id, r.id, r.lang, r.dpi, r.width_mm, r.height_mm, x.copy_no, x.reason, x.actor, x.batch,
                 x.seq, x.of, coalesce(x.batch = m.wave, 0), coalesce(m.slot, '')
             FROM package AS p JOIN warehouse AS h ON h.id = p.warehouse
             LEFT JOIN waybill AS w ON w.id = p.waybill
                 AND w.state IN ('issued', 'printed', 'verified', 'handed_over', 'traced')
             LEFT JOIN print_wish AS x ON x.package = p.id
             LEFT JOIN printer AS r ON r.active
                 AND r.id = iif(w.print_data IS NULL, coalesce(x.printer, h.printer), h.task_printer)
             LEFT JOIN wave_package AS m ON m.package = p.id AND m.open
             WHERE p.work <> '' AND p.work = 'render' AND p.account = ?1 AND p.work_at <= ?2
             ORDER BY coalesce(x.batch, ''), coalesce(x.seq, 0), p.work_at, p.id LIMIT ?3",
            &[account.into(), now.into(), limit.into()],
        )
        .await?;
    rows.iter().map(to_render).collect()
}

fn to_render(row: &Row) -> Result<ToRender, StoreError> {
    let printer = match row.maybe_text(2)? {
        None => None,
        Some(id) => Some(Printer {
            id: id.to_owned(),
            lang: row.string(3)?,
            dpi: row.count(4)?,
            width_mm: row.count(5)?,
            height_mm: row.count(6)?,
        }),
    };
    let wish = match row.maybe_int(7)? {
        None => None,
        Some(_) => Some(Wish {
            copy_no: row.count(7)?,
            reason: row.string(8)?,
            actor: row.string(9)?,
            batch: row.string(10)?,
            seq: row.count(11)?,
            of: row.count(12)?,
            in_wave: row.flag(13)?,
        }),
    };
    let (package, waybill) = (row.string(0)?, row.maybe_text(1)?.map(str::to_owned));
    Ok(ToRender { package, waybill, printer, wish, slot: row.string(14)? })
}

/// Packages whose label cannot be rendered: they wait with the reason until `again_at`; `None`: until somebody changes
/// something.
///
/// # Errors
/// The database's.
pub async fn park<D: Db>(db: &D, parked: &[(String, String)], again_at: Option<Millis>) -> Result<(), StoreError> {
    if parked.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE package SET waits_for = n.value ->> 1, work = iif(?2 IS NULL, '', work), work_at = coalesce(?2, 0)
         FROM json_each(?1) AS n WHERE package.id = n.value ->> 0 AND work = 'render'",
        &[batch(parked)?, again_at.into()],
    )
    .await?;
    Ok(())
}

/// An account's lane cannot work: its labels wait and say why.
///
/// # Errors
/// The database's.
pub async fn wait<D: Db>(db: &D, account: &str, again_at: Millis, reason: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE package SET waits_for = ?3, work_at = max(work_at, ?2)
         WHERE work <> '' AND work = 'render' AND account = ?1 AND (waits_for <> ?3 OR work_at < ?2)",
        &[account.into(), again_at.into(), reason.into()],
    )
    .await?;
    Ok(())
}

/// A rendered label, kept, and the job that is to print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rendered {
    /// The package.
    pub package: String,
    /// Its waybill.
    pub waybill: String,
    /// What is printed of it: [`kind_of_piece`].
    pub kind: String,
    /// Which piece it is, from 1.
    pub piece: u16,
    /// The printer.
    pub printer: String,
    /// What the bytes are.
    pub format: String,
    /// Dots per inch.
    pub dpi: u32,
    /// Millimetres across the feed.
    pub width_mm: u32,
    /// Millimetres along the feed.
    pub height_mm: u32,
    /// SHA-256 of the bytes in hex: where they are kept.
    pub sha: String,
    /// How many bytes.
    pub bytes: usize,
    /// The batch.
    pub batch: String,
    /// Place in it.
    pub seq: u32,
    /// How many it has.
    pub of: u32,
    /// Whether the batch stops at a label that does not come out.
    pub strict: bool,
    /// The package's fence.
    pub fence: i64,
    /// Which copy.
    pub copy_no: u32,
    /// Why another copy.
    pub reason: String,
    /// Who wanted it.
    pub actor: String,
}

/// The kind of job that prints a piece of a waybill: the mother's is `waybill`, the further ones' `waybill-2` and so on.
pub fn kind_of_piece(piece: u16) -> String {
    if piece > 1 { format!("waybill-{piece}") } else { "waybill".to_owned() }
}

#[derive(Serialize)]
struct JobRow<'a> {
    job: String,
    #[serde(flatten)]
    rendered: &'a Rendered,
}

/// Stores rendered labels and queues their jobs, inside the caller's transaction. A package that somebody has meanwhile
/// decided otherwise about gets no job. A job whose label certainly was not printed takes the new bytes. Answers how
/// many jobs are queued.
///
/// # Errors
/// The database's.
pub async fn store<D: Db>(db: &D, moment: Moment<'_>, rendered: &[Rendered]) -> Result<usize, StoreError> {
    if rendered.is_empty() {
        return Ok(0);
    }
    let rows: Vec<JobRow<'_>> = rendered.iter().map(|rendered| JobRow { job: moment.id(), rendered }).collect();
    let rows = batch(&rows)?;
    db.run(INSERT_LABELS, &[rows.clone(), moment.now.into()]).await?;
    let queued = db.run(QUEUE, &[rows.clone(), moment.now.into()]).await?;
    db.run(
        "UPDATE waybill SET label_sha = n.value ->> 'sha' FROM json_each(?1) AS n
         WHERE waybill.id = n.value ->> 'waybill' AND n.value ->> 'piece' = 1",
        std::slice::from_ref(&rows),
    )
    .await?;
    if rendered.iter().any(|rendered| rendered.piece > 1) {
        db.run(
            "UPDATE waybill_child SET label_sha = n.value ->> 'sha' FROM json_each(?1) AS n
             WHERE waybill = n.value ->> 'waybill' AND seq = n.value ->> 'piece'",
            std::slice::from_ref(&rows),
        )
        .await?;
    }
    // A fence that rose meanwhile: it is rendered once more.
    db.run(
        "UPDATE package SET work = '', waits_for = '', updated_at = ?2 FROM json_each(?1) AS n
         WHERE package.id = n.value ->> 'package' AND package.fence = n.value ->> 'fence' AND package.work = 'render'",
        &[rows.clone(), moment.now.into()],
    )
    .await?;
    db.run(
        "DELETE FROM print_wish WHERE package IN (
             SELECT p.id FROM json_each(?1) AS n JOIN package AS p ON p.id = n.value ->> 'package' AND p.work = '')",
        &[rows],
    )
    .await?;
    let mut jobs: HashMap<(&str, &str), &str> = HashMap::new();
    for row in &queued {
        jobs.insert((row.text(1)?, row.text(2)?), row.text(0)?);
    }
    let log: Vec<Entry> = rendered
        .iter()
        .filter_map(|label| {
            let job = jobs.get(&(label.waybill.as_str(), label.kind.as_str()))?;
            let entry = Entry::new(&label.actor, "package", &label.package, "label_queued");
            Some(entry.with(serde_json::json!({ "job": job, "copy": label.copy_no, "sha256": label.sha })))
        })
        .collect();
    append(db, moment.now, &log).await?;
    Ok(queued.len())
}

const INSERT_LABELS: &str = "
    INSERT INTO label (sha, waybill, format, dpi, width_mm, height_mm, bytes, created_at)
    SELECT value ->> 'sha', value ->> 'waybill', value ->> 'format', value ->> 'dpi', value ->> 'width_mm',
        value ->> 'height_mm', value ->> 'bytes', ?2
    FROM json_each(?1) WHERE true ON CONFLICT (sha) DO UPDATE SET purged_at = NULL WHERE purged_at IS NOT NULL";

const QUEUE: &str = "
    INSERT INTO print_job (id, subject, kind, copy_no, reason, printer, format, dpi, width_mm, height_mm, sha, bytes,
        batch, seq, of, strict, fence, state, created_at, updated_at)
    SELECT n.value ->> 'job', n.value ->> 'waybill', n.value ->> 'kind', n.value ->> 'copy_no', n.value ->> 'reason',
        n.value ->> 'printer', n.value ->> 'format', n.value ->> 'dpi', n.value ->> 'width_mm',
        n.value ->> 'height_mm', n.value ->> 'sha', n.value ->> 'bytes', n.value ->> 'batch', n.value ->> 'seq',
        n.value ->> 'of', n.value ->> 'strict', n.value ->> 'fence', 'queued', ?2, ?2
    FROM json_each(?1) AS n
    JOIN package AS p ON p.id = n.value ->> 'package' AND p.work = 'render' AND p.fence = n.value ->> 'fence'
    WHERE true
    ON CONFLICT (subject, kind, copy_no) DO UPDATE SET printer = excluded.printer, format = excluded.format,
        dpi = excluded.dpi, width_mm = excluded.width_mm, height_mm = excluded.height_mm, sha = excluded.sha,
        bytes = excluded.bytes, batch = excluded.batch, seq = excluded.seq, of = excluded.of,
        strict = excluded.strict, fence = excluded.fence, state = 'queued', detail = '', updated_at = excluded.updated_at
    WHERE print_job.state IN ('queued', 'failed')
    RETURNING id, subject, kind";

/// A kept label: what it was rendered from, and the bytes that are printed.
pub struct Kept {
    /// The label's model as JSON; empty where a platform's component renders.
    pub model: Vec<u8>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

fn seal_name(sha: &str) -> String {
    format!("label/{sha}")
}

/// Seals a label for the key-value store: length of the model (4 bytes, little endian), model, bytes.
///
/// # Errors
/// [`StoreError::Sealed`].
pub fn seal(keys: &Keyring, chance: &dyn Chance, sha: &str, model: &[u8], bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let length = u32::try_from(model.len()).map_err(|_| StoreError::Sealed)?;
    let open = [&length.to_le_bytes()[..], model, bytes].concat();
    keys.seal(chance, &seal_name(sha), &open)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`StoreError::Sealed`] for a wrong key, another label, or changed bytes.
pub fn open(keys: &Keyring, sha: &str, sealed: &[u8]) -> Result<Kept, StoreError> {
    let opened = keys.open(&seal_name(sha), sealed)?;
    let (length, rest) = opened.split_first_chunk::<4>().ok_or(StoreError::Sealed)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| StoreError::Sealed)?;
    let (model, bytes) = rest.split_at_checked(length).ok_or(StoreError::Sealed)?;
    Ok(Kept { model: model.to_vec(), bytes: bytes.to_vec() })
}

/// The name under which a waybill's print data is sealed.
pub fn print_data_seal_name(waybill: &str) -> String {
    format!("print-data/{waybill}")
}

/// The last label of a waybill: its SHA-256, format, dots per inch, width and height in millimetres.
///
/// # Errors
/// The database's.
pub async fn last<D: Db>(db: &D, waybill: &str) -> Result<Option<(String, Printer)>, StoreError> {
    let rows = db
        .run(
            "SELECT l.sha, l.format, l.dpi, l.width_mm, l.height_mm FROM waybill AS w
             JOIN label AS l ON l.sha = w.label_sha AND l.purged_at IS NULL WHERE w.id = ?1",
            &[waybill.into()],
        )
        .await?;
    rows.iter()
        .next()
        .map(|row| {
            let made_for = Printer {
                id: String::new(),
                lang: row.string(1)?,
                dpi: row.count(2)?,
                width_mm: row.count(3)?,
                height_mm: row.count(4)?,
            };
            Ok((row.string(0)?, made_for))
        })
        .transpose()
}

/// Whether a bridge may have a label's bytes: a job with them is or was leased, to it or to one of its printers.
///
/// # Errors
/// The database's.
pub async fn may_have<D: Db>(db: &D, bridge: &str, sha: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "SELECT 1 FROM print_job AS j WHERE j.sha = ?1 AND j.attempt > 0 AND (j.bridge = ?2
                 OR j.printer IN (SELECT id FROM printer WHERE bridge = ?2)) LIMIT 1",
            &[sha.into(), bridge.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}
