//! The clock that leases are measured by: it goes on while the machine sleeps.
//!
//! The system's monotonic clock stands still during sleep, so that a laptop that was closed for three hours would start
//! labels on leases that ran out long ago, after a person may have answered for them. The wall clock tells how long it
//! slept. One that was set forward looks the same and makes leases seem older than they are, which costs a renewal.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

/// The wall clock is corrected by small steps all day; only more than this is sleep.
const STEP: Duration = Duration::from_secs(2);

/// Now, time asleep counted.
#[must_use]
pub fn now() -> Instant {
    static START: OnceLock<(Instant, SystemTime)> = OnceLock::new();
    static SLEPT_MS: AtomicU64 = AtomicU64::new(0);
    let (awake, wall) = START.get_or_init(|| (Instant::now(), SystemTime::now()));
    let before = Duration::from_millis(SLEPT_MS.load(Ordering::Relaxed));
    let slept = slept(awake.elapsed(), wall.elapsed().unwrap_or_default(), before);
    if slept > before {
        SLEPT_MS.fetch_max(u64::try_from(slept.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        tracing::info!(
            seconds = (slept - before).as_secs(),
            "电脑休眠过或时钟被调整 / this machine slept, or its clock was set"
        );
    }
    Instant::now() + slept
}

/// How long the machine has slept in all. Never less than `before`: a clock that is set back brings no lease to life.
fn slept(awake: Duration, wall: Duration, before: Duration) -> Duration {
    let asleep = wall.saturating_sub(awake);
    if asleep > before + STEP { asleep } else { before }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_is_counted_and_small_corrections_are_not() {
        let seconds = Duration::from_secs;
        assert_eq!(slept(seconds(60), seconds(61), Duration::ZERO), Duration::ZERO);
        assert_eq!(slept(seconds(60), seconds(3 * 3600), Duration::ZERO), seconds(3 * 3600 - 60));
        assert_eq!(slept(seconds(70), seconds(3 * 3600 + 10), seconds(3 * 3600 - 60)), seconds(3 * 3600 - 60));
    }

    #[test]
    fn a_clock_that_is_set_back_changes_nothing() {
        let slept_once = Duration::from_secs(100);
        assert_eq!(slept(Duration::from_secs(500), Duration::ZERO, slept_once), slept_once);
    }

    #[test]
    fn it_never_goes_back() {
        let first = now();
        assert!(now() >= first);
    }
}
