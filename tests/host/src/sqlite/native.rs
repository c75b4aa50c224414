//! One native SQLite connection as a guest may use it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::hooks::{AuthContext, Wal};
use rusqlite::types::{Value as NativeValue, ValueRef};
use rusqlite::{Batch, Row, Statement};

use super::database::Permit;
use super::session::Session;
use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use crate::runtime_config::Location;

/// How long a statement waits for another writer, unless the guest says otherwise.
pub(crate) const BUSY_TIMEOUT_MS: u32 = 5_000;
/// The most that a single row may hold; Spin's limit on what it buffers.
const LARGEST_ROW: usize = 128 << 20;
/// `PRAGMA synchronous` as Spin's connections have it: a commit is on disk when it returns.
const FULL: i64 = 2;
/// Prepared statements kept per connection.
const STATEMENTS_KEPT: usize = 64;

/// A connection and what is known about it.
pub(crate) struct Native {
    connection: rusqlite::Connection,
    session: Arc<Session>,
    /// Held from a guest's first write until its transaction is over.
    pub(crate) permit: Option<Permit>,
    /// A statement failed, so the state is not known.
    failed: bool,
    /// The present guest has written with it.
    wrote: bool,
    /// The file is in WAL mode, where readers never wait.
    wal: Option<bool>,
    /// The guest's `PRAGMA synchronous`.
    synchronous: i64,
    /// SQLite leaves flushing its log to the host (see `sync.rs`).
    relaxed: bool,
    /// Something was committed that the host has not yet flushed.
    unflushed: bool,
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
        let committed = session.clone();
        // Instead of SQLite's own checkpoint within some unlucky commit; see `Database::checkpoint`.
        connection.wal_hook(Some(move |_: &mut Wal, pages| {
            committed.log_pages.store(u32::try_from(pages).unwrap_or_default(), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self {
            connection,
            session,
            permit: None,
            failed: false,
            wrote: false,
            wal: None,
            synchronous: FULL,
            relaxed: false,
            unflushed: false,
        })
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
        if self.connection.is_autocommit() && self.permit.take().is_some() {
            self.unflushed = self.relaxed;
        }
        result
    }

    /// Whether something was committed since the last time this was asked that is not on disk yet.
    pub(crate) fn take_unflushed(&mut self) -> bool {
        std::mem::take(&mut self.unflushed)
    }

    /// Pages in the log after the last commit, 0 if there was none since this was asked last.
    pub(crate) fn take_log_pages(&self) -> u32 {
        self.session.log_pages.swap(0, Ordering::Relaxed)
    }

    /// Lets the guest see and set what it believes to be the connection's `synchronous`.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) fn before_pragma(&mut self) -> Result<(), Error> {
        // Within a transaction SQLite refuses to change it, also for the guest.
        if self.connection.is_autocommit() && std::mem::take(&mut self.relaxed) {
            self.quietly(|c, level| c.pragma_update(None, "synchronous", level)).map_err(io)?;
        }
        Ok(())
    }

    /// Learns what a pragma changed.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) fn after_pragma(&mut self) -> Result<(), Error> {
        if !self.connection.is_autocommit() {
            return Ok(());
        }
        self.wal = None;
        self.synchronous =
            self.quietly(|c, _| c.pragma_query_value(None, "synchronous", |row| row.get(0))).map_err(io)?;
        self.relax()
    }

    /// Takes over the flushing of the log, where there is one and commits must be durable.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) fn relax(&mut self) -> Result<(), Error> {
        if !self.relaxed && self.synchronous >= FULL && self.connection.is_autocommit() && self.is_wal() {
            self.quietly(|c, _| c.pragma_update(None, "synchronous", "NORMAL")).map_err(io)?;
            self.relaxed = true;
        }
        Ok(())
    }

    fn quietly<T>(&self, ask: impl FnOnce(&rusqlite::Connection, i64) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        self.session.quiet.store(true, Ordering::Relaxed);
        let answer = ask(&self.connection, self.synchronous);
        self.session.quiet.store(false, Ordering::Relaxed);
        answer
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
            io(e)
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
            let mode = self.quietly(|c, _| c.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)));
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
        if self.synchronous != FULL {
            self.synchronous = FULL;
            self.relaxed = false;
            let full = self.quietly(|c, full| c.pragma_update(None, "synchronous", full));
            if full.is_err() || self.relax().is_err() {
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

fn io(error: rusqlite::Error) -> Error {
    Error::Io(error.to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn run(native: &mut Native, sql: &str) -> Vec<i64> {
        let pragma = native.look(sql).expect("prepared").pragma;
        if pragma {
            native.before_pragma().expect("restored");
        } else {
            native.permit = Some(Permit::of(&Arc::new(tokio::sync::Semaphore::new(1))));
        }
        let mut rows = Vec::new();
        let take = |row: RowResult| {
            rows.extend(row.values.iter().filter_map(|v| if let Value::Integer(i) = v { Some(*i) } else { None }));
            Next::More
        };
        native.run(sql, &[], |_| (), take).expect("run");
        if pragma {
            native.after_pragma().expect("learnt");
        }
        rows
    }

    #[test]
    fn what_must_be_durable_is_left_to_flush_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("folder");
        let mut native = Native::open(&Location::File(folder.path().join("x.db"))).expect("opened");
        run(&mut native, "CREATE TABLE t (x)");
        assert!(!native.take_unflushed(), "without a log SQLite flushes itself");
        run(&mut native, "PRAGMA journal_mode = wal");
        assert_eq!(run(&mut native, "PRAGMA synchronous"), [2], "the guest sees what it believes");
        run(&mut native, "INSERT INTO t VALUES (1)");
        assert!(native.take_unflushed() && !native.take_unflushed());
        run(&mut native, "BEGIN IMMEDIATE");
        run(&mut native, "INSERT INTO t VALUES (1)");
        assert_eq!(run(&mut native, "PRAGMA user_version"), [0]);
        assert!(!native.take_unflushed(), "nothing is committed yet");
        run(&mut native, "COMMIT");
        assert!(native.take_unflushed());
        run(&mut native, "PRAGMA synchronous = normal");
        assert_eq!(run(&mut native, "PRAGMA synchronous"), [1]);
        run(&mut native, "INSERT INTO t VALUES (1)");
        assert!(!native.take_unflushed(), "the guest did not ask for it");
        assert!(native.renew());
        run(&mut native, "INSERT INTO t VALUES (1)");
        assert!(native.take_unflushed(), "the next guest has Spin's setting again");
    }

    #[test]
    fn a_changed_or_failed_connection_is_not_given_to_the_next_guest() {
        let open = || Native::open(&Location::Memory).expect("opened");
        for sql in ["PRAGMA foreign_keys = off", "CREATE TEMP TABLE t (x)", "ATTACH ':memory:' AS m", "BEGIN"] {
            let mut native = open();
            run(&mut native, sql);
            assert!(!native.renew(), "{sql}");
        }
        let mut failed = open();
        assert!(failed.look("SELECT nothing").is_err());
        assert!(!failed.renew());
        let mut good = open();
        run(&mut good, "PRAGMA busy_timeout = 7");
        assert!(good.renew());
        assert_eq!(run(&mut good, "PRAGMA busy_timeout"), [i64::from(BUSY_TIMEOUT_MS)]);
    }
}
