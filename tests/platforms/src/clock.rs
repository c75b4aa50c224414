//! Instants as Unix milliseconds, and the texts the platforms write them in.

use chrono::{DateTime, FixedOffset, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

const BEIJING_SECONDS: i32 = 8 * 3600;

thread_local! {
    /// The time that a test set for this thread.
    static SET: Cell<Option<i64>> = const { Cell::new(None) };
}

/// From now on it is this instant in this thread, until the next one is set.
pub(crate) fn set(now_ms: i64) {
    SET.set(Some(now_ms));
}

/// Unix milliseconds of this machine's clock, or as they were set.
pub(crate) fn now_ms() -> i64 {
    if let Some(now) = SET.get() {
        return now;
    }
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

fn utc(ms: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(ms).single().unwrap_or_default()
}

fn beijing_offset() -> FixedOffset {
    FixedOffset::east_opt(BEIJING_SECONDS).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// `2026-11-21 16:00:05`, Beijing time.
pub(crate) fn beijing(ms: i64) -> String {
    utc(ms).with_timezone(&beijing_offset()).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads what [`beijing`] writes.
pub(crate) fn parse_beijing(text: &str) -> Option<i64> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    beijing_offset().from_local_datetime(&naive).single().map(|t| t.timestamp_millis())
}

/// `2026-11-21T16:00:05+08:00`, to the second.
pub(crate) fn rfc3339_beijing(ms: i64) -> String {
    utc(ms).with_timezone(&beijing_offset()).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// `2026-11-21T08:00:05Z`, to the second.
pub(crate) fn rfc3339_utc(ms: i64) -> String {
    utc(ms).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `2026-11-21T08:00:05` without a zone, in UTC (`hours` 0) or shifted.
pub(crate) fn bare(ms: i64, hours: i64) -> String {
    utc(ms + hours * 3_600_000).format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Reads RFC 3339, and the same without a zone as if `hours` east of UTC.
pub(crate) fn parse_iso(text: &str, hours: i64) -> Option<i64> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"))
        .ok()
        .or_else(|| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    Some(naive.and_utc().timestamp_millis() - hours * 3_600_000)
}
