//! One database file: who may write to it next, which connections to it are warm, how long its statements take.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::native::Native;
use super::sync::Log;
use crate::bindings::spin::sqlite::sqlite::Error;
use crate::front;
use crate::runtime_config::Location;

/// Connections kept open for the next guest.
const WARM: usize = 8;
/// A statement that takes less than this on average runs where its request stands; any other gets a thread of its own.
const SHORT: Duration = Duration::from_micros(250);
/// One run counts no more than this, so that a moment's hitch does not send a short statement away for long.
const HITCH: Duration = Duration::from_millis(1);
/// A log of this many pages is brought into the database; SQLite's own figure.
const LONG_LOG: u32 = 1000;
/// A log that is still growing at this length makes writers wait until it is in.
const TOO_LONG_LOG: u32 = 20_000;
/// Statements whose time is remembered.
const REMEMBERED: usize = 4096;

/// A database as the manifest grants it. All labels and components that mean the same file share one.
pub(crate) struct Database {
    location: Location,
    warm: Mutex<Vec<Native>>,
    /// SQLite's own waiting for a write lock is sleeping and asking again, so that the unlucky starve and a core idles.
    /// Writers queue here instead, first come first served, and meet a free lock.
    gate: Arc<Semaphore>,
    /// Writers who are not in front queue here before they queue there, so that one of them at most stands before a
    /// request from outside.
    outer_gate: Arc<Semaphore>,
    /// Its write-ahead log; `None` in memory.
    log: Option<Arc<Log>>,
    /// A checkpoint is going on.
    checkpointing: AtomicBool,
    checkpointer: Mutex<Option<rusqlite::Connection>>,
    /// By hash of the statement's text: how long it takes on average.
    times: Mutex<HashMap<u64, Duration>>,
    hasher: RandomState,
}

impl Database {
    /// A database at `location`, opened when first used.
    pub(crate) fn new(location: Location) -> Self {
        let log = match &location {
            Location::File(path) => Some(Arc::new(Log::of(path))),
            Location::Memory => None,
        };
        Self {
            location,
            log,
            warm: Mutex::default(),
            gate: Arc::new(Semaphore::new(1)),
            outer_gate: Arc::new(Semaphore::new(1)),
            checkpointing: AtomicBool::new(false),
            checkpointer: Mutex::default(),
            times: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Opens the file once, so that a wrong path shows at the start.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Location::File(path) = &self.location
            && let Some(folder) = path.parent()
        {
            std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
        }
        Native::open(&self.location).map(drop).map_err(|e| e.to_string())
    }

    /// A connection of a guest's own.
    ///
    /// # Errors
    /// `Io` as SQLite says it.
    pub(crate) async fn open(self: &Arc<Self>) -> Result<Lease, Error> {
        let warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let native = match warm {
            Some(native) => native,
            None => {
                let location = self.location.clone();
                let opened = tokio::task::spawn_blocking(move || Native::open(&location)).await;
                opened.map_err(|e| Error::Io(e.to_string()))?.map_err(|e| Error::Io(e.to_string()))?
            }
        };
        Ok(Lease { native: Some(native), database: self.clone() })
    }

    /// A permit to write, in turn. `None` for a database in memory, which has one connection.
    ///
    /// # Errors
    /// SQLite's own words for having waited too long.
    pub(crate) async fn permit(&self, patience: Duration) -> Result<Option<Permit>, Error> {
        if self.location == Location::Memory {
            return Ok(None);
        }
        match tokio::time::timeout(patience, self.gates()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            Ok(Err(AcquireError { .. })) | Err(_) => Err(Error::Io("database is locked".into())),
        }
    }

    async fn gates(&self) -> Result<Permit, AcquireError> {
        let outer = match front::is_here() {
            true => None,
            false => Some(self.outer_gate.clone().acquire_owned().await?),
        };
        Ok(Permit { _inner: self.gate.clone().acquire_owned().await?, _outer: outer })
    }

    /// Returns when everything committed before the call is on disk.
    ///
    /// # Errors
    /// As the system says it.
    pub(crate) async fn flush(&self) -> Result<(), Error> {
        match &self.log {
            Some(log) => log.flush().await.map_err(Error::Io),
            None => Ok(()),
        }
    }

    /// The same on a thread that may block.
    ///
    /// # Errors
    /// As the system says it.
    pub(crate) fn flush_now(&self) -> Result<(), Error> {
        self.log.as_ref().map_or(Ok(()), |log| log.flush_now().map_err(Error::Io))
    }

    /// Brings a log of `pages` pages into the database, if that is much, on a thread of its own. SQLite would do it within
    /// a commit, whose guest would wait for it.
    pub(crate) fn checkpoint(self: &Arc<Self>, pages: u32) {
        if pages < LONG_LOG || self.checkpointing.swap(true, Ordering::Acquire) {
            return;
        }
        let database = self.clone();
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            let pause = database.gate.clone().acquire_owned();
            let _writers_wait = (pages >= TOO_LONG_LOG).then(|| runtime.block_on(pause));
            if let Err(problem) = database.checkpoint_now() {
                tracing::warn!(%problem, "checkpoint");
            }
            database.checkpointing.store(false, Ordering::Release);
        });
    }

    fn checkpoint_now(&self) -> rusqlite::Result<()> {
        let Location::File(path) = &self.location else { return Ok(()) };
        let mut kept = self.checkpointer.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match kept.take() {
            Some(connection) => connection,
            None => rusqlite::Connection::open(path)?,
        };
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        *kept = Some(connection);
        Ok(())
    }

    /// Whether `sql` takes so little time that another thread would cost more.
    pub(crate) fn is_short(&self, sql: &str) -> bool {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.get(&self.hasher.hash_one(sql)).is_some_and(|average| *average < SHORT)
    }

    /// Remembers how long `sql` took.
    pub(crate) fn note_time(&self, sql: &str, took: Duration) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        if times.len() >= REMEMBERED {
            times.clear();
        }
        let took = took.min(HITCH);
        let average = times.entry(self.hasher.hash_one(sql)).or_insert(took);
        *average = (*average * 7 + took) / 8;
    }
}

/// Leave to write, until it is dropped.
pub(crate) struct Permit {
    // The inner gate opens first, so that whoever comes through the outer one meets it open.
    _inner: OwnedSemaphorePermit,
    _outer: Option<OwnedSemaphorePermit>,
}

#[cfg(test)]
impl Permit {
    pub(crate) fn of(gate: &Arc<Semaphore>) -> Self {
        Self { _inner: gate.clone().try_acquire_owned().expect("a permit"), _outer: None }
    }
}

/// A native connection while a guest has it. Dropping it rolls back what is open and keeps the connection warm if it is
/// as good as new.
pub(crate) struct Lease {
    native: Option<Native>,
    database: Arc<Database>,
}

impl Lease {
    /// The file behind it.
    pub(crate) fn database(&self) -> &Arc<Database> {
        &self.database
    }
}

impl Deref for Lease {
    type Target = Native;

    #[expect(clippy::expect_used, reason = "only Drop takes it out")]
    fn deref(&self) -> &Native {
        self.native.as_ref().expect("a lease has its connection until it is dropped")
    }
}

impl DerefMut for Lease {
    #[expect(clippy::expect_used, reason = "only Drop takes it out")]
    fn deref_mut(&mut self) -> &mut Native {
        self.native.as_mut().expect("a lease has its connection until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut native) = self.native.take() else { return };
        if self.database.location == Location::Memory || !native.renew() {
            // Closing rolls back; only then does the permit go on, with the rest of `native`.
            return;
        }
        let mut warm = self.database.warm.lock().unwrap_or_else(PoisonError::into_inner);
        if warm.len() < WARM {
            warm.push(native);
        }
    }
}
