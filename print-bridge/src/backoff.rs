//! Waiting longer after each failure, never in step with other bridges.

use std::time::Duration;

/// Doubles from `first` to `most`, with full jitter over the upper half.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    /// Starts without failures.
    #[must_use]
    pub const fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, failures: 0 }
    }

    /// Something worked.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }

    /// Something failed: how long to wait, between half of the step and all of it.
    pub fn after_failure(&mut self) -> Duration {
        let step = self.first.saturating_mul(1 << self.failures.min(16)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        jittered(step)
    }
}

/// Between half of `step` and all of it. Without a source of chance: all of it.
#[must_use]
pub fn jittered(step: Duration) -> Duration {
    let chance = getrandom::u32().map_or(1.0, |word| f64::from(word) / f64::from(u32::MAX));
    step.mul_f64(0.5 + chance / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_limit_and_start_over_after_success() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(400));
        let within = |wait: Duration, most: u64| {
            assert!(wait >= Duration::from_millis(most / 2) && wait <= Duration::from_millis(most), "{wait:?}");
        };
        for most in [100, 200, 400, 400] {
            within(backoff.after_failure(), most);
        }
        backoff.reset();
        within(backoff.after_failure(), 100);
    }
}
