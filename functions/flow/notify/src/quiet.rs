//! Quiet hours, in the seller's zone.

use huidan_domain::Millis;
use huidan_wire::api::NoticeRules;

const DAY_MIN: i64 = 1_440;
const MINUTE_MS: i64 = 60_000;

/// Until when nobody is disturbed, when it is quiet now; hours that run over midnight end in the morning.
pub fn quiet_until(rules: &NoticeRules, now: Millis) -> Option<Millis> {
    let (from, to) = (minutes(&rules.quiet_from)?, minutes(&rules.quiet_to)?);
    if !rules.quiet || from == to {
        return None;
    }
    let local = now.0.div_euclid(MINUTE_MS) + offset(&rules.zone);
    let at = local.rem_euclid(DAY_MIN);
    let within = if from < to { (from..to).contains(&at) } else { at >= from || at < to };
    if !within {
        return None;
    }
    let left = (to - at).rem_euclid(DAY_MIN);
    Some(Millis((now.0.div_euclid(MINUTE_MS) + left) * MINUTE_MS))
}

/// The minutes of `HH:MM`.
fn minutes(clock: &str) -> Option<i64> {
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

/// The minutes that a zone such as `+08:00` is ahead; China's for what cannot be read.
pub(crate) fn offset(zone: &str) -> i64 {
    let (sign, rest) = match zone.split_at_checked(1) {
        Some(("-", rest)) => (-1, rest),
        Some(("+", rest)) => (1, rest),
        _ => (1, zone),
    };
    minutes(rest).map_or(8 * 60, |minutes| sign * minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T00:00:00 in China.
    const MIDNIGHT: i64 = 1_795_190_400_000;

    fn at(rules: &NoticeRules, clock: &str) -> Option<i64> {
        let now = MIDNIGHT + minutes(clock).unwrap() * MINUTE_MS;
        quiet_until(rules, Millis(now)).map(|until| (until.0 - MIDNIGHT) / MINUTE_MS)
    }

    #[test]
    fn hours_that_run_over_midnight_end_in_the_morning() {
        let rules = NoticeRules::default();
        assert_eq!(at(&rules, "21:59"), None);
        assert_eq!(at(&rules, "22:00"), Some(DAY_MIN + 8 * 60));
        assert_eq!(at(&rules, "23:30"), Some(DAY_MIN + 8 * 60));
        assert_eq!(at(&rules, "07:59"), Some(8 * 60));
        assert_eq!(at(&rules, "08:00"), None);
    }

    #[test]
    fn hours_of_one_day_and_other_zones() {
        let noon = NoticeRules { quiet_from: "12:00".into(), quiet_to: "14:00".into(), ..NoticeRules::default() };
        assert_eq!((at(&noon, "11:59"), at(&noon, "13:00"), at(&noon, "14:00")), (None, Some(14 * 60), None));
        let west = NoticeRules { zone: "-05:00".into(), ..NoticeRules::default() };
        assert_eq!(at(&west, "12:00"), Some(21 * 60), "23:00 there, till 08:00 there");
        let off = NoticeRules { quiet: false, ..NoticeRules::default() };
        assert_eq!(at(&off, "23:30"), None);
        let odd = NoticeRules { quiet_from: "25:00".into(), ..NoticeRules::default() };
        assert_eq!(at(&odd, "23:30"), None, "what is no time quiets nobody");
    }
}
