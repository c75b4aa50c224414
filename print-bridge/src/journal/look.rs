//! The journal as people look at it: beside a running bridge, or without one.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, params};
use serde::Serialize;

use super::{FILE, JournalError};
use crate::protocol::Job;

/// How far back an error is still news, in milliseconds.
const NEWS_MS: i64 = 24 * 3_600_000;
/// Most open questions shown.
const MOST: u32 = 50;

/// A printer at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PrinterGlance {
    /// Its name.
    pub printer: String,
    /// Jobs that wait for it here.
    pub waiting: i64,
    /// Jobs whose bytes are leaving.
    pub sending: i64,
    /// Jobs whose bytes left and that nothing has proven yet.
    pub sent: i64,
    /// Jobs of which a person must say whether they came out.
    pub unconfirmed: i64,
    /// Jobs done since midnight.
    pub done_today: i64,
    /// What the hub has not heard yet.
    pub untold: i64,
    /// The last thing that went wrong, of the last day.
    pub last_error: Option<Trouble>,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// Why.
    pub why: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// A label of which nobody knows whether it came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The hub's job id.
    pub job: String,
    /// The printer.
    pub printer: String,
    /// The number on it.
    pub waybill: Option<String>,
    /// Place in its batch, and the batch's size.
    pub place: (u32, u32),
    /// Why nobody knows.
    pub why: String,
    /// When that was, in milliseconds since 1970.
    pub at_ms: i64,
}

/// Everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Look {
    /// By printer, in the order of their names.
    pub printers: Vec<PrinterGlance>,
    /// The oldest first.
    pub questions: Vec<Question>,
}

/// Looks at the journal in `folder`; `None` if there is none yet. Today began at `midnight_ms`, and it is `now_ms`.
///
/// # Errors
/// [`JournalError`].
pub fn look(folder: &Path, midnight_ms: i64, now_ms: i64) -> Result<Option<Look>, JournalError> {
    let file = folder.join(FILE);
    if !file.exists() {
        return Ok(None);
    }
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let mut printers = counts(&connection, midnight_ms)?;
    for glance in &mut printers {
        glance.last_error = last_error(&connection, &glance.printer, now_ms - NEWS_MS)?;
    }
    Ok(Some(Look { printers, questions: questions(&connection)? }))
}

fn counts(connection: &Connection, midnight_ms: i64) -> Result<Vec<PrinterGlance>, JournalError> {
    let mut statement = connection.prepare(
        "SELECT printer, sum(phase = 'received'), sum(phase = 'sending'),
             sum(phase = 'sent' AND reported <> phase), sum(phase = 'unconfirmed' AND body <> ''),
             sum(phase IN ('done', 'sent') AND moved_ms >= ?1), sum(reported <> phase)
         FROM job GROUP BY printer ORDER BY printer",
    )?;
    let rows = statement.query_map([midnight_ms], |row| {
        Ok(PrinterGlance {
            printer: row.get(0)?,
            waiting: row.get(1)?,
            sending: row.get(2)?,
            sent: row.get(3)?,
            unconfirmed: row.get(4)?,
            done_today: row.get(5)?,
            untold: row.get(6)?,
            last_error: None,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn last_error(connection: &Connection, printer: &str, since_ms: i64) -> Result<Option<Trouble>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT detail, moved_ms FROM job WHERE printer = ?1 AND moved_ms >= ?2 AND detail <> ''
             AND (phase = 'unconfirmed' OR (phase = 'failed' AND requeue = 0)) ORDER BY moved_ms DESC LIMIT 1",
    )?;
    let mut rows = statement.query(params![printer, since_ms])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Trouble { why: row.get(0)?, at_ms: row.get(1)? }))
}

fn questions(connection: &Connection) -> Result<Vec<Question>, JournalError> {
    let mut statement = connection.prepare(
        "SELECT id, printer, body, detail, moved_ms FROM job WHERE phase = 'unconfirmed' AND body <> ''
         ORDER BY moved_ms LIMIT ?1",
    )?;
    let rows = statement.query_map([MOST], |row| {
        let job: Option<Job> = serde_json::from_str(&row.get::<_, String>(2)?).ok();
        Ok(Question {
            job: row.get(0)?,
            printer: row.get(1)?,
            place: job.as_ref().map_or((0, 0), |job| (job.seq, job.of)),
            waybill: job.and_then(|job| job.waybill),
            why: row.get(3)?,
            at_ms: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
