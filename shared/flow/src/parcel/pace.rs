//! How long a stage takes, learnt: a histogram of bounded size whose buckets grow by a fifth.

/// Buckets: a quarter of a doubling each, from five minutes to more than three weeks.
const BUCKETS: usize = 52;
/// The upper end of the first bucket, in milliseconds.
const FIRST_MS: i64 = 5 * 60_000;
/// From so many on, what was learnt counts half: what is newer weighs more.
const FULL: u32 = 2_000;

/// How long a stage took, parcel by parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    counts: [u32; BUCKETS],
}

impl Default for Pace {
    fn default() -> Self {
        Self { counts: [0; BUCKETS] }
    }
}

/// The upper end of a bucket, in milliseconds.
fn upper(bucket: usize) -> i64 {
    let quarter = match bucket % 4 {
        0 => 1_000,
        1 => 1_189,
        2 => 1_414,
        _ => 1_682,
    };
    (FIRST_MS << (bucket / 4)) / 1_000 * quarter
}

impl Pace {
    /// As it was written by [`Pace::text`]; what is no number counts nothing.
    pub fn parse(text: &str) -> Self {
        let mut pace = Self::default();
        for (count, word) in pace.counts.iter_mut().zip(text.split(',')) {
            *count = word.parse().unwrap_or_default();
        }
        pace
    }

    /// As text to keep: counts up to the last that is not 0.
    pub fn text(&self) -> String {
        let used = self.counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        let words: Vec<String> = self.counts.iter().take(used).map(u32::to_string).collect();
        words.join(",")
    }

    /// One more stay of so many milliseconds; what is beyond the last bucket counts in it.
    pub fn add(&mut self, ms: i64) {
        let bucket = (0..BUCKETS).find(|bucket| ms <= upper(*bucket)).unwrap_or(BUCKETS - 1);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
        if self.total() > FULL {
            self.counts.iter_mut().for_each(|count| *count /= 2);
        }
    }

    /// How many stays it was learnt from.
    pub fn total(&self) -> u32 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The time within which so many of a hundred stays end, in milliseconds; within a bucket in proportion. 0 where
    /// nothing was learnt.
    pub fn within(&self, percent: u32) -> i64 {
        let wanted = i64::from(self.total()) * i64::from(percent);
        let mut before = 0;
        for (bucket, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let here = i64::from(*count) * 100;
            if before + here >= wanted {
                let lower = bucket.checked_sub(1).map_or(0, upper);
                return lower + (upper(bucket) - lower) * (wanted - before) / here;
            }
            before += here;
        }
        0
    }

    /// Half of the stays end within this, in milliseconds.
    pub fn median(&self) -> i64 {
        self.within(50)
    }

    /// Nineteen of twenty stays end within this, in milliseconds.
    pub fn p95(&self) -> i64 {
        self.within(95)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;

    #[test]
    fn buckets_rise_and_reach_weeks() {
        assert!((1..BUCKETS).all(|bucket| upper(bucket) > upper(bucket - 1)));
        assert!(upper(BUCKETS - 1) > 21 * 24 * HOUR, "{} h", upper(BUCKETS - 1) / HOUR);
    }

    #[test]
    fn a_pace_is_learnt_to_within_a_fifth() {
        let mut pace = Pace::default();
        (1..=1_000).for_each(|minutes| pace.add(minutes * MINUTE));
        let off = |got: i64, wanted: i64| (got - wanted).abs() * 100 / wanted;
        assert!(off(pace.median(), 500 * MINUTE) <= 10, "{}", pace.median() / MINUTE);
        assert!(off(pace.p95(), 950 * MINUTE) <= 10, "{}", pace.p95() / MINUTE);
    }

    #[test]
    fn what_is_kept_as_text_is_the_same_again() {
        let mut pace = Pace::default();
        for ms in [0, 3 * MINUTE, 16 * HOUR, 400 * 24 * HOUR, -5] {
            pace.add(ms);
        }
        assert_eq!(pace.total(), 5);
        assert_eq!(Pace::parse(&pace.text()), pace);
        assert_eq!(Pace::parse(""), Pace::default());
        assert_eq!(Pace::default().p95(), 0);
    }

    #[test]
    fn what_is_newer_outweighs_what_is_old_and_the_size_is_bounded() {
        let mut pace = Pace::default();
        (0..50_000).for_each(|_| pace.add(2 * HOUR));
        (0..3_000).for_each(|_| pace.add(20 * HOUR));
        assert!(pace.median() > 15 * HOUR, "{}", pace.median() / HOUR);
        assert!(pace.total() <= FULL && pace.text().len() < 300);
    }
}
