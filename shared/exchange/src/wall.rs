//! Wall-clock texts without a zone (`2026-11-21 16:00:05`), which platforms of one country send and expect.

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use huidan_domain::Millis;

/// The offset of China, in hours.
pub const CHINA: i32 = 8;

const FORM: &str = "%Y-%m-%d %H:%M:%S";

/// The instant as `yyyy-MM-dd HH:mm:ss` in the zone that is `hours` ahead of UTC; fractions of a second are cut off.
/// Empty for an instant beyond any calendar.
pub fn to_wall(at: Millis, hours: i32) -> String {
    let local = DateTime::from_timestamp_millis(at.0).zip(FixedOffset::east_opt(hours.saturating_mul(3600)));
    local.map_or_else(String::new, |(utc, zone)| utc.with_timezone(&zone).format(FORM).to_string())
}

/// The instant of a `yyyy-MM-dd HH:mm:ss` in the zone that is `hours` ahead of UTC; `None` when the text is none.
pub fn from_wall(text: &str, hours: i32) -> Option<Millis> {
    let local = NaiveDateTime::parse_from_str(text.trim(), FORM).ok()?;
    let zone = FixedOffset::east_opt(hours.checked_mul(3600)?)?;
    Some(Millis(local.and_local_timezone(zone).single()?.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beijing_is_eight_hours_ahead_whatever_the_machine_thinks() {
        assert_eq!(to_wall(Millis(1_451_620_800_000), CHINA), "2016-01-01 12:00:00");
        assert_eq!(from_wall("2016-01-01 12:00:00", CHINA), Some(Millis(1_451_620_800_000)));
        assert_eq!(from_wall(" 1970-01-01 00:00:00 ", 0), Some(Millis(0)));
    }

    #[test]
    fn what_is_no_such_text_is_no_time() {
        for text in ["", "2016-01-01", "2016-01-01T12:00:00", "2016-02-30 12:00:00", "2016-01-01 12:00:00.5"] {
            assert_eq!(from_wall(text, CHINA), None, "{text}");
        }
    }

    #[test]
    fn an_instant_beyond_the_calendar_is_no_panic() {
        assert_eq!(to_wall(Millis(i64::MAX), CHINA), "");
    }
}
