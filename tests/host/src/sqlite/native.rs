//! One native SQLite connection as a guest may use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{Value as NativeValue, ValueRef};
use rusqlite::{Batch, Row, Statement};
use tokio::sync::OwnedSemaphorePermit;

use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use crate::runtime_config::Location;

/// How long a statement waits for another writer, unless the guest says otherwise.
pub(crate) const BUSY_TIMEOUT_MS: u32 = 5_000;
/// The most that a single row may hold; Spin's limit on what it buffers.
const LARGEST_ROW: usize = 128 << 20;
/// Prepared statements kept per connection.
const STATEMENTS_KEPT: usize = 64;

/// What a guest has changed about its connection, noted while statements are prepared.
#[derive(Default)]
struct Session {
    /// Something that cannot be undone: temporary tables, an attached database, an unknown pragma.
    changed: AtomicBool,
    /// `PRAGMA synchronous`, which can.
    synchronous: AtomicBool,
    /// `PRAGMA busy_timeout`, likewise, in milliseconds.
    busy_ms: AtomicU32,
    /// The statement just prepared is a pragma.
    pragma: AtomicBool,
}

/// A connection and what is known about it.
pub(crate) struct Native {
    connection: rusqlite::Connection,
    session: Arc<Session>,
    /// Held from a guest's first write until its transaction is over.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
    /// A statement failed, so the state is not known.
    failed: bool,
    /// The present guest has written with it.
    wrote: bool,
    /// The file is in WAL mode, where readers never wait.
    wal: Option<bool>,
}

/// What there is to know about a statement before it runs.
pub(crate) struct Facts {
    /// It takes SQLite's write lock.
    pub(crate) writes: bool,
    /// It is a pragma: SQLite itself sees to its locks.
    pub(crate) pragma: bool,
}

/// How running a statement went on.
pub(crate) enum Next {
    /// Give me the next row.
    More,
    /// No more rows are wanted; the statement is reset.
    Stop,
}

impl Native {
    /// Opens `location` with the settings Spin has: foreign keys on, 5 s busy timeout, no attaching of files.
    pub(crate) fn open(location: &Location) -> rusqlite::Result<Self> {
        let mut connection = match location {
            Location::File(path) => rusqlite::Connection::open(path)?,
            Location::Memory => rusqlite::Connection::open_in_memory()?,
        };
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        connection.busy_timeout(busy(BUSY_TIMEOUT_MS))?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let session = Arc::new(Session { busy_ms: BUSY_TIMEOUT_MS.into(), ..Session::default() });
        let watched = session.clone();
        connection.authorizer(Some(move |context: AuthContext<'_>| watched.judge(context.action)))?;
        Ok(Self { connection, session, permit: None, failed: false, wrote: false, wal: None })
    }

    /// Prepares `sql` and tells what it is.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) fn look(&mut self, sql: &str) -> Result<Facts, Error> {
        let facts = self
            .with_statement(sql, |statement, pragma| Ok(Facts { writes: !statement.readonly() && !pragma, pragma }))?;
        self.wrote |= facts.writes;
        Ok(facts)
    }

    /// Runs the first statement of `sql`, giving each row to `take`. The columns' names come first.
    ///
    /// # Errors
    /// As SQLite says it; also if a row is larger than the host may buffer.
    pub(crate) fn run(
        &mut self,
        sql: &str,
        parameters: &[Value],
        columns: impl FnOnce(Vec<String>),
        mut take: impl FnMut(RowResult) -> Next,
    ) -> Result<(), Error> {
        let result = self.with_statement(sql, |statement, _| {
            columns(statement.column_names().map(str::to_owned).collect());
            let mut rows = statement.query(rusqlite::params_from_iter(parameters.iter().map(to_native)))?;
            while let Some(row) = rows.next()? {
                let row = from_native(row)?;
                if row.values.iter().map(size).sum::<usize>() > LARGEST_ROW {
                    return Ok(Err(Error::Io(format!("query result exceeds limit of {LARGEST_ROW} bytes"))));
                }
                if matches!(take(row), Next::Stop) {
                    break;
                }
            }
            Ok(Ok(()))
        });
        let result = result.and_then(|inner| inner);
        self.failed |= result.is_err();
        if self.connection.is_autocommit() {
            self.permit = None;
        }
        result
    }

    /// Spin runs the first statement of a string and ignores the rest; rusqlite refuses such strings, so they are cut
    /// here.
    fn with_statement<T>(
        &mut self,
        sql: &str,
        act: impl FnOnce(&mut Statement<'_>, bool) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.session.pragma.store(false, Ordering::Relaxed);
        let done = match self.connection.prepare_cached(sql) {
            Ok(mut statement) => {
                let pragma = self.session.pragma.load(Ordering::Relaxed);
                let done = act(&mut statement, pragma);
                if pragma {
                    // Kept, it would not be seen by the authorizer the next time.
                    statement.discard();
                }
                done
            }
            Err(whole) => match Batch::new(&self.connection, sql).next() {
                Ok(Some(mut first)) => act(&mut first, self.session.pragma.load(Ordering::Relaxed)),
                Ok(None) | Err(_) => Err(whole),
            },
        };
        done.map_err(|e| {
            self.failed = true;
            Error::Io(e.to_string())
        })
    }

    /// A short statement may run with this at zero, so that it never sleeps where it stands.
    pub(crate) fn wait_for_locks(&self, wait: bool) {
        let _ = self.connection.busy_timeout(if wait { self.busy_timeout() } else { Duration::ZERO });
    }

    /// How long to wait for other writers.
    pub(crate) fn busy_timeout(&self) -> Duration {
        busy(self.session.busy_ms.load(Ordering::Relaxed))
    }

    /// Whether reading never waits for a writer in this file.
    pub(crate) fn is_wal(&mut self) -> bool {
        if self.wal != Some(true) {
            let mode = self.connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
            self.wal = Some(mode.is_ok_and(|mode| mode.eq_ignore_ascii_case("wal")));
        }
        self.wal == Some(true)
    }

    /// The rowid of the guest's last insert, 0 before its first.
    pub(crate) fn last_insert_rowid(&self) -> i64 {
        if self.wrote { self.connection.last_insert_rowid() } else { 0 }
    }

    /// Rows changed by the guest's last write, 0 before its first.
    pub(crate) fn changes(&self) -> u64 {
        if self.wrote { self.connection.changes() } else { 0 }
    }

    /// Makes it as new for the next guest. `false` if that cannot be: then it must be closed.
    pub(crate) fn renew(&mut self) -> bool {
        if self.failed || self.session.changed.load(Ordering::Relaxed) || !self.connection.is_autocommit() {
            return false;
        }
        if self.session.synchronous.swap(false, Ordering::Relaxed) {
            let full = self.connection.pragma_update(None, "synchronous", "FULL");
            self.session.synchronous.store(false, Ordering::Relaxed);
            if full.is_err() {
                return false;
            }
        }
        if self.session.busy_ms.swap(BUSY_TIMEOUT_MS, Ordering::Relaxed) != BUSY_TIMEOUT_MS {
            self.wait_for_locks(true);
        }
        self.wrote = false;
        self.permit = None;
        true
    }
}

impl Session {
    fn judge(&self, action: AuthAction<'_>) -> Authorization {
        match action {
            // `VACUUM INTO` attaches its target, so this refuses it too.
            AuthAction::Attach { filename } if !matches!(filename, "" | ":memory:") => return Authorization::Deny,
            AuthAction::Attach { .. }
            | AuthAction::Detach { .. }
            | AuthAction::CreateTempIndex { .. }
            | AuthAction::CreateTempTable { .. }
            | AuthAction::CreateTempTrigger { .. }
            | AuthAction::CreateTempView { .. } => self.changed.store(true, Ordering::Relaxed),
            AuthAction::Pragma { pragma_name, pragma_value } => self.note(pragma_name, pragma_value),
            _ => {}
        }
        Authorization::Allow
    }

    fn note(&self, name: &str, value: Option<&str>) {
        self.pragma.store(true, Ordering::Relaxed);
        let name = name.to_ascii_lowercase();
        match (name.as_str(), value) {
            // These change nothing, or the file and not the connection.
            (_, None)
            | (
                "journal_mode" | "user_version" | "application_id" | "table_info" | "table_xinfo" | "table_list"
                | "index_list" | "index_info" | "index_xinfo" | "foreign_key_list" | "foreign_key_check"
                | "integrity_check" | "quick_check" | "wal_checkpoint" | "optimize" | "incremental_vacuum",
                Some(_),
            ) => {}
            ("synchronous", Some(_)) => self.synchronous.store(true, Ordering::Relaxed),
            ("busy_timeout", Some(value)) => match value.trim().parse() {
                Ok(ms) => self.busy_ms.store(ms, Ordering::Relaxed),
                Err(_) => self.changed.store(true, Ordering::Relaxed),
            },
            (_, Some(_)) => self.changed.store(true, Ordering::Relaxed),
        }
    }
}

fn busy(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}

fn to_native(value: &Value) -> rusqlite::types::ToSqlOutput<'_> {
    use rusqlite::types::ToSqlOutput::{Borrowed, Owned};
    match value {
        Value::Integer(i) => Owned(NativeValue::Integer(*i)),
        Value::Real(r) => Owned(NativeValue::Real(*r)),
        Value::Text(t) => Borrowed(ValueRef::Text(t.as_bytes())),
        Value::Blob(b) => Borrowed(ValueRef::Blob(b)),
        Value::Null => Owned(NativeValue::Null),
    }
}

fn from_native(row: &Row<'_>) -> rusqlite::Result<RowResult> {
    let columns = row.as_ref().column_count();
    let values = (0..columns).map(|index| {
        Ok(match row.get_ref(index)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(i) => Value::Integer(i),
            ValueRef::Real(r) => Value::Real(r),
            ValueRef::Text(t) => match std::str::from_utf8(t) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(e) => return Err(rusqlite::Error::Utf8Error(index, e)),
            },
            ValueRef::Blob(b) => Value::Blob(b.to_vec()),
        })
    });
    Ok(RowResult { values: values.collect::<rusqlite::Result<_>>()? })
}

/// What a value takes in memory, about.
pub(crate) fn size(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Text(t) => t.len(),
            Value::Blob(b) => b.len(),
            Value::Integer(_) | Value::Real(_) | Value::Null => 0,
        }
}
