//! Instants as platforms write them. Nothing here reads a clock or knows the machine's zone.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use huidan_domain::Millis;

/// Hours that China is ahead of UTC, all year round.
pub const CHINA: i32 = 8;

/// Reads `2026-11-21T16:00:05+08:00`, with a fraction or without, with `Z` or an offset.
pub fn rfc3339(text: &str) -> Option<Millis> {
    DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| Millis(at.timestamp_millis()))
}

/// Reads `2026-11-21 16:00:05` or `2026-11-21T16:00:05`, with a fraction or without, as the local time of a zone that
/// is always `hours` ahead of UTC.
pub fn local(text: &str, hours: i32) -> Option<Millis> {
    let text = text.trim();
    let read = |form| NaiveDateTime::parse_from_str(text, form).ok();
    let at = read("%Y-%m-%d %H:%M:%S%.f").or_else(|| read("%Y-%m-%dT%H:%M:%S%.f"))?;
    Some(Millis(at.and_utc().timestamp_millis()).plus_seconds(-i64::from(hours) * 3600))
}

/// Writes `2026-11-21T08:00:05Z`: whole seconds, rounded down. An instant beyond any calendar is written as 1970.
pub fn to_rfc3339(at: Millis) -> String {
    utc(at).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Writes `2026-11-21 16:00:05` in a zone that is always `hours` ahead of UTC: whole seconds, rounded down.
pub fn to_local(at: Millis, hours: i32) -> String {
    utc(at.plus_seconds(i64::from(hours) * 3600)).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn utc(at: Millis) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Millis = Millis(1_795_248_005_000);

    #[test]
    fn one_instant_in_all_its_spellings() {
        assert_eq!(to_rfc3339(AT), "2026-11-21T08:00:05Z");
        assert_eq!(to_local(AT, CHINA), "2026-11-21 16:00:05");
        for text in ["2026-11-21T16:00:05+08:00", "2026-11-21T08:00:05Z", "2026-11-21T03:00:05.000-05:00"] {
            assert_eq!(rfc3339(text), Some(AT), "{text}");
        }
        assert_eq!(local("2026-11-21 16:00:05", CHINA), Some(AT));
        assert_eq!(local("2026-11-21T08:00:05", 0), Some(AT));
    }

    #[test]
    fn a_time_without_a_zone_is_not_taken_for_one_with() {
        assert_eq!(rfc3339("2026-11-21T16:00:05"), None);
        assert_eq!(local("2026-11-21T16:00:05Z", 0), None);
        for none in ["", "yesterday", "2026-13-01T00:00:00", "0000-00-00 00:00:00"] {
            assert_eq!((rfc3339(none), local(none, 0)), (None, None), "{none}");
        }
    }

    #[test]
    fn seconds_are_rounded_down() {
        assert_eq!(to_rfc3339(Millis(AT.0 + 999)), "2026-11-21T08:00:05Z");
    }

    #[test]
    fn an_instant_beyond_the_calendar_is_no_panic() {
        assert_eq!(to_rfc3339(Millis(i64::MAX)), "1970-01-01T00:00:00Z");
    }
}
