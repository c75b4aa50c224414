use crate::json::batch;
use crate::labels::Printer;
use crate::{Db, Entry, Moment, StoreError, append};
use serde::Serialize;

/// A sheet of a list or a slip, kept, and to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaperJob {
    /// What is printed: a page of a wave's list, or a package.
    pub subject: String,
    /// SHA-256 of the bytes in hex: where they are kept.
    pub sha: String,
    /// How many bytes.
    pub bytes: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    job: String,
    seq: usize,
    #[serde(flatten)]
    paper: &'a PaperJob,
}

/// Queues sheets of one kind (`pick_list`, `packing_slip`) for a printer, in this order, inside the caller's
/// transaction. A sheet is printed once for each copy, by `(subject, kind, copy_no)`; whoever asks twice gets it once.
/// Answers how many were queued.
///
/// # Errors
/// The database's.
pub async fn queue_papers<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    (wave, kind, copy_no): (&str, &str, u32),
    printer: &Printer,
    papers: &[PaperJob],
) -> Result<usize, StoreError> {
    let rows: Vec<Row<'_>> =
        papers.iter().enumerate().map(|(at, paper)| Row { job: moment.id(), seq: at + 1, paper }).collect();
    let queued = db
        .run(
            "INSERT INTO print_job (id, subject, kind, copy_no, printer, format, dpi, width_mm, height_mm, sha, bytes,
                 batch, seq, of, strict, fence, state, created_at, updated_at)
             SELECT value ->> 'job', value ->> 'subject', ?2, ?3, ?4, ?5, ?6, ?7, ?8, value ->> 'sha',
                 value ->> 'bytes', ?9, value ->> 'seq', ?10, 1, 0, 'queued', ?11, ?11
             FROM json_each(?1) WHERE true
             ON CONFLICT (subject, kind, copy_no) DO UPDATE SET printer = excluded.printer, format = excluded.format,
                 dpi = excluded.dpi, width_mm = excluded.width_mm, height_mm = excluded.height_mm, sha = excluded.sha,
                 bytes = excluded.bytes, seq = excluded.seq, of = excluded.of, state = 'queued', detail = '',
                 updated_at = excluded.updated_at
             WHERE print_job.state = 'failed'
             RETURNING id",
            &[
                batch(&rows)?,
                kind.into(),
                copy_no.into(),
                (&printer.id).into(),
                (&printer.lang).into(),
                printer.dpi.into(),
                printer.width_mm.into(),
                printer.height_mm.into(),
                format!("{wave}/{kind}/{copy_no}").into(),
                i64::try_from(rows.len()).unwrap_or(i64::MAX).into(),
                moment.now.into(),
            ],
        )
        .await?;
    let body = serde_json::json!({ "kind": kind, "copy": copy_no, "sheets": queued.len() });
    append(db, moment.now, &[Entry::new(actor, "wave", wave, "paper_queued").with(body)]).await?;
    Ok(queued.len())
}

/// A printer that papers can be rendered for: the one named, or the warehouse's.
///
/// # Errors
/// The database's.
pub async fn printer<D: Db>(db: &D, warehouse: &str, named: Option<&str>) -> Result<Option<Printer>, StoreError> {
    let rows = db
        .run(
            "SELECT r.id, r.lang, r.dpi, r.width_mm, r.height_mm FROM printer AS r
             WHERE r.active AND r.id = coalesce(?2, (SELECT printer FROM warehouse WHERE id = ?1))",
            &[warehouse.into(), named.into()],
        )
        .await?;
    let read = |row: &crate::Row| {
        Ok(Printer {
            id: row.string(0)?,
            lang: row.string(1)?,
            dpi: row.count(2)?,
            width_mm: row.count(3)?,
            height_mm: row.count(4)?,
        })
    };
    rows.iter().next().map(read).transpose()
}
