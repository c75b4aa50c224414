//! The journal: what happened to each attempt at each job, on disk before it happens.
//!
//! `sending` is committed with a full sync before the first byte leaves, so after any crash a job is either
//! certainly not started (`received`) or possibly on paper (everything later), and is never sent again.
//! Labels themselves are never written to disk.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::protocol::{Job, JobKey, Phase, Report};

mod look;

pub use self::look::{Look, PrinterGlance, Question, Trouble, look};

/// The file's name in the state folder.
pub const FILE: &str = "journal.sqlite";
/// How long settled jobs stay, so that a hub restored from an old backup cannot print them again.
const KEEP: Duration = Duration::from_secs(90 * 24 * 3600);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS job (
        hub      TEXT NOT NULL,
        id       TEXT NOT NULL,
        attempt  INTEGER NOT NULL,
        arrival  INTEGER NOT NULL,
        printer  TEXT NOT NULL,
        lease    TEXT NOT NULL,
        body     TEXT NOT NULL,
        phase    TEXT NOT NULL,
        detail   TEXT NOT NULL DEFAULT '',
        requeue  INTEGER NOT NULL DEFAULT 0,
        reported TEXT NOT NULL DEFAULT 'received',
        made_ms  INTEGER NOT NULL,
        moved_ms INTEGER NOT NULL,
        PRIMARY KEY (hub, id, attempt)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS job_unreported ON job (hub, arrival) WHERE reported <> phase;
    CREATE INDEX IF NOT EXISTS job_open ON job (hub, arrival) WHERE phase IN ('received', 'sending', 'sent');
    CREATE INDEX IF NOT EXISTS job_asked ON job (hub, arrival) WHERE phase = 'unconfirmed' AND body <> '';
    CREATE INDEX IF NOT EXISTS job_by_arrival ON job (arrival);
    CREATE INDEX IF NOT EXISTS job_by_age ON job (moved_ms);
";

/// Why the journal cannot be used. Printing stops: without a journal nothing may be sent.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database failed.
    #[error(
        "打印日志无法写入（{0}）：请检查磁盘空间和权限，然后重新启动\n\
         the journal cannot be written ({0}): look at disk space and permissions, then start again"
    )]
    Database(#[from] rusqlite::Error),
    /// A row that this version cannot read.
    #[error(
        "打印日志中有无法识别的内容（{0}）：请使用较新的 print-bridge\n\
         the journal holds something unknown ({0}): use a newer print-bridge"
    )]
    Unknown(String),
}

/// How a claimed job stands in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Seen for the first time.
    New,
    /// Seen before, and this far: answered from here, never printed again.
    Seen(Phase),
}

/// A job left over from an earlier run.
#[derive(Debug, Clone)]
pub struct Leftover {
    /// The job as it was claimed.
    pub job: Job,
    /// How far it had come.
    pub phase: Phase,
}

/// A phase that the hub has not heard yet.
#[derive(Debug, Clone)]
pub struct News {
    /// Which attempt.
    pub key: JobKey,
    /// What to tell.
    pub report: Report,
}

/// The journal of one bridge for one hub.
#[derive(Debug)]
pub struct Journal {
    connection: Mutex<Connection>,
    hub: String,
}

impl Journal {
    /// Opens or makes the journal in `folder` and forgets what is older than 90 days.
    ///
    /// # Errors
    /// [`JournalError::Database`].
    pub fn open(folder: &Path, hub: &str) -> Result<Arc<Self>, JournalError> {
        let connection = Connection::open(folder.join(FILE))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(SCHEMA)?;
        let journal = Self { connection: Mutex::new(connection), hub: hub.to_owned() };
        journal.forget_old()?;
        Ok(Arc::new(journal))
    }

    /// Journals claimed jobs in one commit. A job seen before keeps its phase, and that is reported again.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn receive(&self, jobs: &[Job]) -> Result<Vec<Received>, JournalError> {
        self.transact(|tx| jobs.iter().map(|job| self.receive_one(tx, job)).collect())
    }

    fn receive_one(&self, tx: &Transaction<'_>, job: &Job) -> Result<Received, JournalError> {
        let seen: Option<String> = tx
            .prepare_cached("SELECT phase FROM job WHERE hub = ?1 AND id = ?2 AND attempt = ?3")?
            .query_row(params![self.hub, job.id, job.attempt], |row| row.get(0))
            .optional()?;
        if let Some(phase) = seen {
            // The hub sends again what it has not heard of: tell it again, under the lease it uses now.
            tx.prepare_cached(
                "UPDATE job SET reported = 'received', lease = ?4 WHERE hub = ?1 AND id = ?2 AND attempt = ?3",
            )?
            .execute(params![self.hub, job.id, job.attempt, job.lease])?;
            return Ok(Received::Seen(read_phase(&phase)?));
        }
        let body = serde_json::to_string(job).map_err(|error| JournalError::Unknown(error.to_string()))?;
        tx.prepare_cached(
            "INSERT INTO job (hub, id, attempt, arrival, printer, lease, body, phase, made_ms, moved_ms)
             VALUES (?1, ?2, ?3, (SELECT coalesce(max(arrival), 0) + 1 FROM job), ?4, ?5, ?6, 'received', ?7, ?7)",
        )?
        .execute(params![self.hub, job.id, job.attempt, job.printer, job.lease, body, now_ms()])?;
        Ok(Received::New)
    }

    /// Moves jobs to `next` in one commit and says which of them moved; an illegal move changes nothing.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn advance(&self, keys: &[JobKey], next: Phase, detail: &str) -> Result<Vec<JobKey>, JournalError> {
        self.advance_as(keys, next, detail, false)
    }

    /// Like [`Journal::advance`] to `failed`, with the word that the job never started and may be queued again.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn give_back(&self, keys: &[JobKey], detail: &str) -> Result<Vec<JobKey>, JournalError> {
        self.advance_as(keys, Phase::Failed, detail, true)
    }

    fn advance_as(
        &self,
        keys: &[JobKey],
        next: Phase,
        detail: &str,
        requeue: bool,
    ) -> Result<Vec<JobKey>, JournalError> {
        self.transact(|tx| {
            let mut moved = Vec::new();
            for key in keys {
                let phase: Option<String> = tx
                    .prepare_cached("SELECT phase FROM job WHERE hub = ?1 AND id = ?2 AND attempt = ?3")?
                    .query_row(params![self.hub, key.id, key.attempt], |row| row.get(0))
                    .optional()?;
                let Some(phase) = phase else { continue };
                if !read_phase(&phase)?.may_become(next) {
                    continue;
                }
                tx.prepare_cached(
                    "UPDATE job SET phase = ?4, detail = ?5, requeue = ?6, moved_ms = ?7
                     WHERE hub = ?1 AND id = ?2 AND attempt = ?3",
                )?
                .execute(params![
                    self.hub,
                    key.id,
                    key.attempt,
                    next.name(),
                    detail,
                    requeue,
                    now_ms()
                ])?;
                moved.push(key.clone());
            }
            Ok(moved)
        })
    }

    /// The oldest news that the hub has not heard.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn news(&self, limit: u32) -> Result<Vec<News>, JournalError> {
        self.query(
            "SELECT id, attempt, lease, phase, detail, requeue FROM job
             WHERE hub = ?1 AND reported <> phase ORDER BY arrival LIMIT ?2",
            params![self.hub, limit],
            |row| {
                let key = JobKey { id: row.get(0)?, attempt: row.get(1)? };
                Ok((key, row.get(2)?, row.get::<_, String>(3)?, row.get(4)?, row.get(5)?))
            },
        )?
        .into_iter()
        .map(|(key, lease, phase, detail, requeue)| {
            let report = Report { id: key.id.clone(), lease, phase: read_phase(&phase)?, detail, requeue };
            Ok(News { key, report })
        })
        .collect()
    }

    /// The hub has heard these phases; a job that has moved on since stays news. Of one at its end only what answers
    /// for it is kept.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn heard(&self, news: &[News]) -> Result<(), JournalError> {
        self.transact(|tx| {
            for News { key, report } in news {
                tx.prepare_cached(
                    "UPDATE job SET reported = ?4, body = iif(phase IN ('done', 'failed'), '', body)
                     WHERE hub = ?1 AND id = ?2 AND attempt = ?3",
                )?
                .execute(params![self.hub, key.id, key.attempt, report.phase.name()])?;
            }
            Ok(())
        })
    }

    /// Jobs of an earlier run that had not come to an end, in the order they arrived.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn leftovers(&self) -> Result<Vec<Leftover>, JournalError> {
        self.query(
            "SELECT body, phase, lease FROM job
             WHERE hub = ?1 AND phase IN ('received', 'sending', 'sent') ORDER BY arrival",
            params![self.hub],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)),
        )?
        .into_iter()
        .map(|(body, phase, lease)| {
            let job: Job = serde_json::from_str(&body).map_err(|error| JournalError::Unknown(error.to_string()))?;
            Ok(Leftover { job: Job { lease, ..job }, phase: read_phase(&phase)? })
        })
        .collect()
    }

    /// Jobs of which a person has yet to say whether they came out, as far as we know.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open_questions(&self) -> Result<Vec<JobKey>, JournalError> {
        self.query(
            "SELECT id, attempt FROM job
             WHERE hub = ?1 AND phase = 'unconfirmed' AND reported = phase AND body <> '' ORDER BY arrival LIMIT 200",
            params![self.hub],
            |row| Ok(JobKey { id: row.get(0)?, attempt: row.get(1)? }),
        )
    }

    /// A person has answered for these. What answers for them stays, the rest is dropped.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn answered(&self, keys: &[JobKey]) -> Result<(), JournalError> {
        self.transact(|tx| {
            for key in keys {
                tx.prepare_cached("UPDATE job SET body = '' WHERE hub = ?1 AND id = ?2 AND attempt = ?3")?
                    .execute(params![self.hub, key.id, key.attempt])?;
            }
            Ok(())
        })
    }

    /// Drops what is older than 90 days.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn forget_old(&self) -> Result<usize, JournalError> {
        self.forget_before(now_ms() - i64::try_from(KEEP.as_millis()).unwrap_or(i64::MAX))
    }

    /// Drops settled jobs that have not moved since `before_ms`. What the hub has not heard stays.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn forget_before(&self, before_ms: i64) -> Result<usize, JournalError> {
        self.transact(|tx| {
            Ok(tx.execute(
                "DELETE FROM job WHERE moved_ms < ?1 AND reported = phase AND phase <> 'received'",
                [before_ms],
            )?)
        })
    }

    /// Runs `work` on a thread that may wait for the disk.
    ///
    /// # Errors
    /// What `work` returns, or [`JournalError::Unknown`] if it could not finish.
    pub async fn on_disk<T, F>(self: &Arc<Self>, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnOnce(&Self) -> Result<T, JournalError> + Send + 'static,
    {
        let journal = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&journal))
            .await
            .unwrap_or_else(|error| Err(JournalError::Unknown(error.to_string())))
    }

    fn transact<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let tx = connection.transaction()?;
        let result = work(&tx)?;
        tx.commit()?;
        Ok(result)
    }

    fn query<T>(
        &self,
        sql: &str,
        params: &[&dyn rusqlite::ToSql],
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

fn read_phase(name: &str) -> Result<Phase, JournalError> {
    Phase::from_name(name).ok_or_else(|| JournalError::Unknown(name.to_owned()))
}

/// Milliseconds since 1970 by this machine's clock; for display and for forgetting only.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
