//! The threads that requests from outside are served on.
//!
//! Whoever knocks waits for an answer; what components do among themselves mostly waits for nobody. So each has threads of
//! its own: a batch that the conductor computes never stands in front of a webhook. A front thread is a runtime of its own
//! as well: socket, guest and database meet on one thread, and a request wakes no other on its way.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};

use crate::component::Registry;

thread_local! {
    static HERE: Cell<bool> = const { Cell::new(false) };
    static HELD_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A guest that computes for long yields between its epochs, but on one thread everybody then waits for an epoch again
/// and again. For so long after such an epoch, new requests are served elsewhere.
const HELD: Duration = Duration::from_millis(50);

/// What guests still do after their answers is not waited for longer than this, as with Spin.
const LAST_WORK: Duration = Duration::from_millis(200);

/// One such thread. It ends when this is dropped.
pub(crate) struct Front {
    /// Spawns on it.
    pub(crate) runtime: Handle,
    /// The components' instances on this thread.
    pub(crate) registry: Arc<Registry>,
    _end: oneshot::Sender<()>,
}

impl Front {
    /// Starts one with `registry`.
    ///
    /// # Errors
    /// The system's, if it has no thread or no event queue left.
    pub(crate) fn start(registry: Arc<Registry>) -> io::Result<Self> {
        let (end, ended) = oneshot::channel::<()>();
        let (ready, readied) = mpsc::sync_channel(1);
        let serve = move || {
            HERE.set(true);
            let mut built = tokio::runtime::Builder::new_current_thread();
            // A guest that computes for long is always ready to go on. By default sockets are looked at after 61 turns
            // and word from other threads after 31, and each turn would take such a guest an epoch.
            let built = built.enable_all().event_interval(2).global_queue_interval(2).build();
            let runtime = match built {
                Ok(runtime) => runtime,
                Err(problem) => {
                    let _ = ready.send(Err(problem));
                    return;
                }
            };
            let _ = ready.send(Ok(runtime.handle().clone()));
            let _ = runtime.block_on(ended);
            runtime.shutdown_timeout(LAST_WORK);
        };
        std::thread::Builder::new().name("front".into()).spawn(serve)?;
        let runtime = readied.recv().map_err(io::Error::other)??;
        Ok(Self { runtime, registry, _end: end })
    }
}

/// How many there are on this machine: half of the cores, for the conductor needs the rest.
pub(crate) fn count() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() / 2).max(1)
}

/// Whether this is one of them.
pub(crate) fn is_here() -> bool {
    HERE.get()
}

/// Notes that a guest computes on this thread, epoch after epoch.
pub(crate) fn hold() {
    if is_here() {
        HELD_UNTIL.set(Some(Instant::now() + HELD));
    }
}

/// Whether a guest did so a moment ago.
pub(crate) fn is_held() -> bool {
    HELD_UNTIL.get().is_some_and(|until| Instant::now() < until)
}

/// Runs `work` on the threads of `behind`. It is given up with the future that is returned.
///
/// # Errors
/// It panicked, or the host ends.
pub(crate) async fn elsewhere<T: Send + 'static>(
    behind: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, JoinError> {
    let mut wanted = Wanted(behind.spawn(work));
    (&mut wanted.0).await
}

struct Wanted<T>(JoinHandle<T>);

impl<T> Drop for Wanted<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
