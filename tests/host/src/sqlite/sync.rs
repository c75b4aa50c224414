//! Making commits durable, many with one `fsync`.
//!
//! SQLite with `synchronous=FULL` flushes its log inside each commit, while it holds the write lock. Here a commit is
//! written without that, the lock is free at once, and the answer waits for the next flush of the log, which serves all
//! commits before it. What a guest may rely on is the same: when its statement has returned, it is on disk. What another
//! guest saw a moment before is no less safe: the log is flushed from its beginning, so whatever that guest has committed
//! since cannot be on disk without what it had seen.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::front;

/// A flush that takes no longer on average is done where its request stands; a slower one has a thread.
const SHORT: Duration = Duration::from_micros(250);
/// One flush counts no more than this, so that a moment's hitch of the disk is soon forgotten.
const HITCH: Duration = Duration::from_millis(1);

/// The log of one database.
pub(super) struct Log {
    path: PathBuf,
    /// Those who wait on front threads, and all others: the first never wait for a thread that steps back.
    queues: [Mutex<Queue>; 2],
    state: Mutex<State>,
}

#[derive(Default)]
struct Queue {
    /// Somebody flushes now. Who comes meanwhile needs the flush after that.
    flushing: bool,
    waiting: Vec<oneshot::Sender<Result<(), String>>>,
}

#[derive(Default)]
struct State {
    open: Option<(Arc<File>, u64)>,
    /// How long a flush takes on average.
    average: Duration,
}

/// Which queue a thread is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Front,
    Behind,
}

impl Side {
    fn here() -> Self {
        if front::is_here() { Self::Front } else { Self::Behind }
    }
}

impl Log {
    /// The log of the database at `path`.
    pub(super) fn of(path: &Path) -> Self {
        let mut name = OsString::from(path);
        name.push("-wal");
        // Until some were measured, a flush counts as slow.
        let state = State { average: HITCH, ..State::default() };
        Self { path: name.into(), queues: Default::default(), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self, side: Side) -> MutexGuard<'_, Queue> {
        let [front, behind] = &self.queues;
        let queue = match side {
            Side::Front => front,
            Side::Behind => behind,
        };
        queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when everything committed before the call is on disk.
    ///
    /// # Errors
    /// As the system says it; then nobody knows what is on disk.
    pub(super) async fn flush(self: &Arc<Self>) -> Result<(), String> {
        let side = Side::here();
        let (sender, flushed) = oneshot::channel();
        let first = {
            let mut queue = self.queue(side);
            queue.waiting.push(sender);
            !std::mem::replace(&mut queue.flushing, true)
        };
        if first && self.state().average <= SHORT {
            let turn = Turn(self, side);
            if side == Side::Front {
                // Whoever is about to commit on this thread does so first: one flush is for all of them.
                tokio::task::yield_now().await;
            }
            turn.0.flush_waiting(side);
        } else if first {
            self.serve_waiting(side);
        }
        flushed.await.map_err(|_| "the log's flush was given up".to_owned())?
    }

    /// Flushes once, on this thread, for those who wait.
    fn flush_waiting(&self, side: Side) {
        let waiting = std::mem::take(&mut self.queue(side).waiting);
        let result = self.flush_now();
        for sender in waiting {
            let _ = sender.send(result.clone());
        }
    }

    /// Flushes for those who wait, until nobody does, on a thread that may block.
    fn serve_waiting(self: &Arc<Self>, side: Side) {
        let log = self.clone();
        tokio::task::spawn_blocking(move || {
            while !log.rests(side) {
                log.flush_waiting(side);
            }
        });
    }

    /// Whether nobody waits; then nobody flushes either.
    fn rests(&self, side: Side) -> bool {
        let mut queue = self.queue(side);
        if queue.waiting.is_empty() {
            queue.flushing = false;
        }
        !queue.flushing
    }

    /// Flushes on this thread.
    ///
    /// # Errors
    /// As the system says it.
    pub(super) fn flush_now(&self) -> Result<(), String> {
        let began = Instant::now();
        let flushed = self.file().and_then(|file| file.sync_data());
        let mut state = self.state();
        state.average = (state.average * 7 + began.elapsed().min(HITCH)) / 8;
        flushed.map_err(|e| format!("disk I/O error: {e}"))
    }

    /// The log as it lies there now: SQLite makes a new one when all its connections were closed in between.
    fn file(&self) -> io::Result<Arc<File>> {
        let id = file_id(&self.path)?;
        if let Some((file, known)) = &self.state().open
            && *known == id
            && id != 0
        {
            return Ok(file.clone());
        }
        // Some systems flush only through a handle that may write.
        let file = Arc::new(File::options().read(true).write(true).open(&self.path)?);
        self.state().open = Some((file.clone(), id));
        Ok(file)
    }
}

/// Whoever flushes where its request stands. Should the request be given up meanwhile, a thread does it for the others.
struct Turn<'a>(&'a Arc<Log>, Side);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Self(log, side) = self;
        if !log.rests(*side) {
            log.serve_waiting(*side);
        }
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).map(|m| m.ino())
}

#[cfg(not(unix))]
fn file_id(_: &Path) -> io::Result<u64> {
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn everybody_who_waits_is_told_and_a_missing_log_is_an_error() {
        let folder = tempfile::tempdir().expect("folder");
        let log = Arc::new(Log::of(&folder.path().join("x.db")));
        assert!(log.flush().await.is_err());
        std::fs::write(folder.path().join("x.db-wal"), b"log").expect("written");
        for _ in 0..3 {
            let all = futures::future::join_all((0..100).map(|_| log.flush())).await;
            assert!(all.iter().all(Result::is_ok), "{all:?}");
        }
        let queue = log.queue(Side::here());
        assert!(!queue.flushing && queue.waiting.is_empty());
    }
}
