//! How long a stage may last before somebody should look, and when many late parcels are one trouble.

use super::{Pace, Stage};

const HOUR: i64 = 3_600_000;
/// From so many stays on a pace is trusted.
const LEARNT: u32 = 20;
/// By how many times the distance from the median to the 95th percentile a stay may exceed the latter. At the 95th
/// percentile itself one healthy stay in twenty would raise an alarm, and a parcel makes nine of them.
const SPREADS: i64 = 2;
/// So many parcels that outstay the 95th percentile at one place, and at least half of those that outstay the median,
/// are an outage of the place and not so many troubles.
pub const OUTAGE: u32 = 6;

/// How long a stay may last, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Half of them take longer.
    pub due: i64,
    /// One in twenty takes longer.
    pub slow: i64,
    /// Somebody should look.
    pub late: i64,
    /// How many stays this was learnt from; 0: it is the default.
    pub of: u32,
}

/// The limits of a stage, by the first of the paces (finest first) that was learnt from enough stays; by the default
/// where there is none.
pub fn limits<'a>(stage: Stage, paces: impl IntoIterator<Item = &'a Pace>) -> Limits {
    let Some(pace) = paces.into_iter().find(|pace| pace.total() >= LEARNT) else {
        let late = default(stage);
        return Limits { due: late / 2, slow: late, late, of: 0 };
    };
    let (due, slow) = (pace.median(), pace.p95());
    let late = (slow + SPREADS * (slow - due)).max(least(stage));
    Limits { due, slow, late, of: pace.total() }
}

/// What is allowed while nothing is learnt.
const fn default(stage: Stage) -> i64 {
    match stage {
        Stage::PickUp => 24 * HOUR,
        Stage::FirstHub | Stage::Hub => 48 * HOUR,
        Stage::Deliver | Stage::Return | Stage::Signed | Stage::Back => 72 * HOUR,
    }
}

/// What is always allowed: an alarm within it would only tell what the next scan tells.
const fn least(stage: Stage) -> i64 {
    match stage {
        Stage::PickUp | Stage::Deliver | Stage::Return | Stage::Signed | Stage::Back => 12 * HOUR,
        Stage::FirstHub | Stage::Hub => 8 * HOUR,
    }
}

/// How much of a stay's time is left; nothing once it is late.
pub fn remaining(limits: Limits, since: i64, now: i64) -> Option<i64> {
    Some(since + limits.late - now).filter(|left| *left > 0)
}

/// Whether a place is out of order, by how many parcels there outstay the median (`due`) and the 95th percentile (`slow`).
pub const fn outage(due: u32, slow: u32) -> bool {
    slow >= OUTAGE && slow.saturating_mul(2) >= due
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(hours: impl IntoIterator<Item = i64>) -> Pace {
        let mut pace = Pace::default();
        hours.into_iter().for_each(|hours| pace.add(hours * HOUR));
        pace
    }

    #[test]
    fn a_stage_nobody_learnt_has_a_default() {
        for (stage, hours) in [(Stage::PickUp, 24), (Stage::FirstHub, 48), (Stage::Hub, 48), (Stage::Deliver, 72)] {
            let limits = limits(stage, [&Pace::default(), &pace([1; 19])]);
            assert_eq!((limits.late, limits.of), (hours * HOUR, 0), "{stage:?}");
        }
    }

    #[test]
    fn the_finest_pace_that_is_learnt_well_enough_counts() {
        let (few, fine, coarse) = (pace([1; 19]), pace((0..40).map(|n| 14 + n % 5)), pace([90; 400]));
        let limits = limits(Stage::Hub, [&few, &fine, &coarse]);
        assert_eq!(limits.of, 40);
        assert!(limits.due < limits.slow && limits.slow < limits.late && limits.late < 40 * HOUR, "{limits:?}");
    }

    #[test]
    fn a_quick_stage_is_not_late_within_hours() {
        assert_eq!(limits(Stage::Hub, [&pace([0; 50])]).late, 8 * HOUR);
        assert_eq!(limits(Stage::PickUp, [&pace([1; 50])]).late, 12 * HOUR);
    }

    #[test]
    fn late_is_late_to_the_millisecond() {
        let limits = limits(Stage::PickUp, []);
        assert_eq!(remaining(limits, 1_000, 1_000 + 24 * HOUR - 1), Some(1));
        assert_eq!(remaining(limits, 1_000, 1_000 + 24 * HOUR), None);
    }

    #[test]
    fn a_few_late_ones_or_a_small_share_of_them_are_no_outage() {
        assert!(outage(6, 6) && outage(12, 6));
        assert!(!outage(5, 5), "too few");
        assert!(!outage(13, 6), "most of those that are due move on");
    }
}
