//! The engine's clock: while guests compute, epochs go by; while none does, it rests.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::Engine;

/// An epoch.
pub(crate) const TICK: Duration = Duration::from_millis(5);
/// After so many epochs in which nobody began or computed on, the clock rests: two hundred wakes a second are the most of
/// what an idle host would do.
const QUIET: u32 = 20;
/// The longest rest. A guest that computes after a pause of its own, rather than for a request, is noticed after two.
const REST: Duration = Duration::from_millis(50);

/// A clock that goes for as long as its engine lives.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<Hands>);

/// What the clock and those who need it share.
#[derive(Default)]
pub(crate) struct Hands {
    needed: AtomicBool,
    resting: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Deref for Clock {
    type Target = Hands;

    fn deref(&self) -> &Hands {
        &self.0
    }
}

impl Hands {
    /// A guest begins, or computes on.
    pub(crate) fn need(&self) {
        self.needed.store(true, Ordering::SeqCst);
        if self.resting.load(Ordering::SeqCst)
            && self.resting.swap(false, Ordering::SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    /// Calls `tick` again and again, until it says that there is nobody left to tick for.
    fn go(&self, mut tick: impl FnMut() -> bool) {
        let mut quiet = 0_u32;
        while tick() {
            quiet = if self.needed.swap(false, Ordering::SeqCst) { 0 } else { quiet.saturating_add(1) };
            if quiet < QUIET {
                thread::sleep(TICK);
                continue;
            }
            self.resting.store(true, Ordering::SeqCst);
            if !self.needed.load(Ordering::SeqCst) {
                thread::park_timeout(REST);
            }
            self.resting.store(false, Ordering::SeqCst);
        }
    }
}

impl Clock {
    /// Sets the clock of `engine` going.
    ///
    /// # Errors
    /// The system's, if it has no thread left.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let (clock, weak) = (Self::default(), engine.weak());
        clock.run(move || weak.upgrade().map(|engine| engine.increment_epoch()).is_some())?;
        Ok(clock)
    }

    fn run(&self, tick: impl FnMut() -> bool + Send + 'static) -> std::io::Result<()> {
        let hands = self.clone();
        let ticking = thread::Builder::new().name("epochs".into()).spawn(move || hands.go(tick))?;
        let _ = self.thread.set(ticking.thread().clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;
    use std::time::Instant;

    /// A clock that counts, and its count.
    fn counting() -> (Clock, Arc<AtomicU32>) {
        let (clock, ticks) = (Clock::default(), Arc::new(AtomicU32::new(0)));
        let counted = Arc::downgrade(&ticks);
        clock.run(move || counted.upgrade().map(|n| n.fetch_add(1, Ordering::Relaxed)).is_some()).unwrap();
        (clock, ticks)
    }

    #[test]
    fn it_rests_while_nobody_computes_and_goes_at_once_for_who_does() {
        let (clock, ticks) = counting();
        let count = || ticks.load(Ordering::Relaxed);
        thread::sleep(TICK * QUIET * 3);
        let before = count();
        thread::sleep(Duration::from_millis(500));
        let rested = count() - before;
        assert!(rested <= 12, "{rested} epochs of half a second at rest");
        let (before, began) = (count(), Instant::now());
        clock.need();
        while count() - before < 10 && began.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(count() - before >= 10);
    }
}
