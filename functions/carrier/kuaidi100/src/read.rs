//! Scans, asked for or pushed: the newest stands first, and every answer holds all of them.

use huidan_carrier::{Scan, ScanKind};
use huidan_domain::Millis;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{sign, time};

/// The scans of a result. A row bears its own state where the account may see details; else the whole result's state is
/// that of its newest row.
pub(crate) fn scans(result: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    let number = result.need("nu")?.id()?;
    let state = result.id("state").unwrap_or_default();
    let rows = result.need("data")?.list()?;
    let read = |(index, row): (usize, _)| {
        let row: &huidan_exchange::json::Json<'_> = row;
        scan(&number, &row.object()?, if index == 0 { &state } else { "" })
    };
    rows.iter().enumerate().map(read).collect()
}

fn scan(number: &str, row: &Object<'_>, state: &str) -> Result<Scan, Wrong> {
    let time = match row.text("ftime")? {
        time if time.is_empty() => row.text("time")?,
        time => time,
    };
    let at = instant(&time).ok_or_else(|| row.wrong("ftime", "is no time"))?;
    let own = row.id("statusCode").unwrap_or_default();
    let text = row.text("context")?;
    let place = match row.text("location")? {
        place if place.is_empty() => row.text("areaName")?,
        place => place,
    };
    let code = if own.is_empty() { state } else { own.as_str() };
    Ok(Scan {
        number: number.to_owned(),
        event_id: key(&[&time, &own, &place, &text]),
        at,
        kind: kind(code),
        code: code.to_owned(),
        text,
        place,
    })
}

/// What tells rows apart: only what a row itself says, so that it stays the same row when newer ones stand before it.
fn key(parts: &[&str]) -> String {
    let joined = parts.join("\u{1f}");
    sign::hex(sign::sha256(&[joined.as_bytes()]).get(..16).unwrap_or_default())
}

/// Nobody watches the number any more: why, and when something was last heard of it.
pub(crate) fn unwatched(number: &str, at: Millis, code: &str, reason: &str) -> Scan {
    Scan {
        number: number.to_owned(),
        event_id: key(&["unwatched", &at.0.to_string(), code, reason]),
        at,
        kind: ScanKind::Unwatched,
        code: code.to_owned(),
        text: reason.to_owned(),
        place: String::new(),
    }
}

/// Times are Beijing's and bear no zone.
fn instant(text: &str) -> Option<Millis> {
    time::local(text, time::CHINA)
}

/// States (`resultv2` 0 and 1) and the finer ones (4).
fn kind(code: &str) -> ScanKind {
    match code {
        "1" | "103" => ScanKind::PickedUp,
        "0" | "7" | "8" | "10" | "11" | "12" | "1001" | "1002" | "1003" => ScanKind::Moving,
        "5" | "501" => ScanKind::OutForDelivery,
        "2" | "13" | "201" | "202" | "204" | "205" | "206" | "207" | "208" | "209" | "210" | "401" => ScanKind::Problem,
        "14" | "203" => ScanKind::Refused,
        "3" | "301" | "302" | "303" | "304" => ScanKind::Signed,
        "6" => ScanKind::Returning,
        "4" => ScanKind::Returned,
        _ => ScanKind::Other,
    }
}
