//! How long a stage may last before somebody should look, and when many late parcels are one trouble.

use super::{Pace, Stage};

const HOUR: i64 = 3_600_000;
/// From so many stays on a pace is trusted.
const LEARNT: u32 = 12;
/// By how many times the distance from the median to the 95th percentile a stay may exceed the latter. At the 95th
/// percentile itself one healthy stay in twenty would raise an alarm, and a parcel makes nine of them.
const SPREADS: i64 = 2;
/// So many parcels that outstay the 95th percentile at one place, and at least half of those that outstay the median,
/// are an outage of the place and not so many troubles.
pub const OUTAGE: u32 = 8;

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

/// The limits of a stage, by its own pace where that was learnt from enough stays. By the default where it was not; and by
/// the first of some coarser paces, finest first, where that allows more: a new lane is not late because the others are
/// short.
pub fn limits<'a>(stage: Stage, own: Option<&Pace>, coarser: impl IntoIterator<Item = &'a Pace>) -> Limits {
    let learnt = |pace: &&Pace| pace.total() >= LEARNT;
    let late = |pace: &Pace| (pace.p95() + SPREADS * (pace.p95() - pace.median())).max(least(stage));
    if let Some(pace) = own.filter(learnt) {
        return Limits { due: pace.median(), slow: pace.p95(), late: late(pace), of: pace.total() };
    }
    let allowed = coarser.into_iter().find(learnt).map_or(0, late);
    let late = default(stage).max(allowed);
    // Nobody knows what is slow here: such parcels are no sign of an outage before they are late.
    Limits { due: late / 2, slow: late, late, of: 0 }
}

/// What is allowed while nothing is learnt.
const fn default(stage: Stage) -> i64 {
    match stage {
        Stage::PickUp => 24 * HOUR,
        Stage::FirstHub | Stage::Hub => 48 * HOUR,
        Stage::Deliver | Stage::Return | Stage::Signed | Stage::Back => 72 * HOUR,
    }
}

/// What is always allowed: of a day's silence at a hub most end by themselves, and nobody would do anything about them.
const fn least(stage: Stage) -> i64 {
    match stage {
        Stage::PickUp => 16 * HOUR,
        Stage::FirstHub | Stage::Hub | Stage::Deliver | Stage::Return | Stage::Signed | Stage::Back => 24 * HOUR,
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
            let limits = limits(stage, Some(&pace([1; 11])), [&Pace::default()]);
            assert_eq!((limits.late, limits.of), (hours * HOUR, 0), "{stage:?}");
        }
    }

    #[test]
    fn a_pace_of_its_own_counts_before_coarser_ones() {
        let (fine, coarse) = (pace((0..40).map(|n| 14 + n % 5)), pace([90; 400]));
        let limits = limits(Stage::Hub, Some(&fine), [&coarse]);
        assert_eq!(limits.of, 40);
        assert!(limits.due < limits.slow && limits.slow < limits.late && limits.late < 40 * HOUR, "{limits:?}");
    }

    #[test]
    fn a_new_lane_is_allowed_what_the_others_take_and_never_less_than_the_default() {
        let new = pace([60; 3]);
        assert!(limits(Stage::Hub, Some(&new), [&pace([50; 100])]).late > 50 * HOUR);
        let short = limits(Stage::Hub, None, [&pace([2; 5]), &pace([3; 100])]);
        assert_eq!((short.late, short.slow, short.of), (48 * HOUR, 48 * HOUR, 0));
    }

    #[test]
    fn a_quick_stage_is_not_late_within_a_day() {
        assert_eq!(limits(Stage::Hub, Some(&pace([0; 50])), []).late, 24 * HOUR);
        assert_eq!(limits(Stage::PickUp, Some(&pace([1; 50])), []).late, 16 * HOUR);
    }

    #[test]
    fn late_is_late_to_the_millisecond() {
        let limits = limits(Stage::PickUp, None, []);
        assert_eq!(remaining(limits, 1_000, 1_000 + 24 * HOUR - 1), Some(1));
        assert_eq!(remaining(limits, 1_000, 1_000 + 24 * HOUR), None);
    }

    #[test]
    fn a_few_late_ones_or_a_small_share_of_them_are_no_outage() {
        assert!(outage(8, 8) && outage(16, 8));
        assert!(!outage(7, 7), "too few");
        assert!(!outage(17, 8), "most of those that are due move on");
    }
}
