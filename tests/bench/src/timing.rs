//! Times, as a histogram.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::error::Result;

/// Longest time that is told from longer ones: a minute, in microseconds.
const LONGEST_US: u64 = 60_000_000;

/// Many times of the same thing, to three digits.
#[derive(Clone, Debug)]
pub(crate) struct Times(Histogram<u64>);

impl Times {
    /// None yet.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, LONGEST_US, 3)?))
    }

    /// One more.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST_US));
    }

    /// Those of another.
    pub(crate) fn append(&mut self, other: &Self) -> Result<()> {
        Ok(self.0.add(&other.0)?)
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        usize::try_from(self.0.len()).unwrap_or(usize::MAX)
    }

    /// The time that this share (0 to 1) did not exceed, in milliseconds.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_in_milliseconds_and_survive_joining() {
        let (mut low, mut high) = (Times::new().unwrap(), Times::new().unwrap());
        for ms in 1..=50 {
            low.add(Duration::from_millis(ms));
            high.add(Duration::from_millis(50 + ms));
        }
        low.append(&high).unwrap();
        assert_eq!(low.count(), 100);
        assert!((low.quantile(0.5) - 50.0).abs() < 0.1, "{}", low.quantile(0.5));
        assert!((low.quantile(0.99) - 99.0).abs() < 0.2, "{}", low.quantile(0.99));
    }

    #[test]
    fn what_takes_hours_counts_as_the_longest() {
        let mut times = Times::new().unwrap();
        times.add(Duration::from_secs(7200));
        assert!(times.quantile(1.0) >= 60_000.0);
    }
}
