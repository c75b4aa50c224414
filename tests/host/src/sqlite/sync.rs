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

/// A flush that takes no longer on average is done where its request stands; a slower one has a thread.
const SHORT: Duration = Duration::from_micros(250);
/// One flush counts no more than this, so that a moment's hitch of the disk is soon forgotten.
const HITCH: Duration = Duration::from_millis(1);

/// The log of one database.
pub(super) struct Log {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Somebody flushes now. Who comes meanwhile needs the flush after that.
    flushing: bool,
    waiting: Vec<oneshot::Sender<Result<(), String>>>,
    open: Option<(Arc<File>, u64)>,
    /// How long a flush takes on average.
    average: Duration,
}

impl Log {
    /// The log of the database at `path`.
    pub(super) fn of(path: &Path) -> Self {
        let mut name = OsString::from(path);
        name.push("-wal");
        // Until some were measured, a flush counts as slow.
        Self { path: name.into(), state: Mutex::new(State { average: HITCH, ..State::default() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when everything committed before the call is on disk.
    ///
    /// # Errors
    /// As the system says it; then nobody knows what is on disk.
    pub(super) async fn flush(self: &Arc<Self>) -> Result<(), String> {
        let here = {
            let mut state = self.state();
            let here = !state.flushing && state.average <= SHORT;
            if here {
                state.flushing = true;
                None
            } else {
                let (sender, receiver) = oneshot::channel();
                state.waiting.push(sender);
                if !std::mem::replace(&mut state.flushing, true) {
                    self.serve_waiting();
                }
                Some(receiver)
            }
        };
        let Some(flushed) = here else {
            let result = self.flush_now();
            let mut state = self.state();
            if state.waiting.is_empty() {
                state.flushing = false;
            } else {
                self.serve_waiting();
            }
            return result;
        };
        flushed.await.map_err(|_| "the log's flush was given up".to_owned())?
    }

    /// Flushes for those who wait, until nobody does, on a thread that may block.
    fn serve_waiting(self: &Arc<Self>) {
        let log = self.clone();
        tokio::task::spawn_blocking(move || {
            loop {
                let waiting = {
                    let mut state = log.state();
                    if state.waiting.is_empty() {
                        state.flushing = false;
                        return;
                    }
                    std::mem::take(&mut state.waiting)
                };
                let result = log.flush_now();
                for sender in waiting {
                    let _ = sender.send(result.clone());
                }
            }
        });
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
        assert!(!log.state().flushing && log.state().waiting.is_empty());
    }
}
