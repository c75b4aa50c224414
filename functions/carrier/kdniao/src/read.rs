//! Scans, asked for or pushed: the oldest stands first, and every answer holds all of them.

use huidan_carrier::common::{truth, words};
use huidan_carrier::{Scan, ScanKind};
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{sign, time};

/// The scans of a number. A row bears its own state (`Action`) in the larger package; in the smaller one the whole
/// number's state is that of its newest row.
pub(crate) fn scans(result: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    let number = result.need("LogisticCode")?.id()?;
    let fine = words(result, "StateEx")?;
    let state = if fine.is_empty() { words(result, "State")? } else { fine };
    let rows = result.list("Traces")?;
    let newest = rows.len().saturating_sub(1);
    let read = |(index, row): (usize, &Json<'_>)| {
        scan(&number, &row.object()?, if index == newest { state.as_str() } else { "" })
    };
    rows.iter().enumerate().map(read).collect()
}

/// The scans of one entry of a push; of one that failed without any, the news that nobody watches the number.
pub(crate) fn pushed(entry: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    if !entry.has("Traces") && !entry.has("State") {
        return Ok(Vec::new());
    }
    let scans = scans(entry)?;
    if !scans.is_empty() || truth(entry, "Success")? != Some(false) {
        return Ok(scans);
    }
    let (number, reason) = (entry.need("LogisticCode")?.id()?, entry.text("Reason")?);
    Ok(vec![Scan {
        number,
        event_id: key(&["unwatched", &reason]),
        at: Millis(0),
        kind: ScanKind::Unwatched,
        code: "failed".to_owned(),
        text: reason,
        place: String::new(),
    }])
}

fn scan(number: &str, row: &Object<'_>, state: &str) -> Result<Scan, Wrong> {
    let time = row.text("AcceptTime")?;
    let at = time::local(&time.replace('/', "-"), time::CHINA);
    let at = at.ok_or_else(|| row.wrong("AcceptTime", "is no time"))?;
    let (own, text, place) = (words(row, "Action")?, row.text("AcceptStation")?, row.text("Location")?);
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

/// What tells rows apart: only what a row itself says, so that it stays the same row when newer ones stand after it.
fn key(parts: &[&str]) -> String {
    let joined = parts.join("\u{1f}");
    sign::hex(sign::sha256(&[joined.as_bytes()]).get(..16).unwrap_or_default())
}

/// `State`, and the finer `StateEx` and `Action`.
fn kind(code: &str) -> ScanKind {
    match code {
        "1" => ScanKind::PickedUp,
        "2" | "5" | "6" | "201" | "204" | "205" | "206" | "601" | "602" | "603" => ScanKind::Moving,
        "202" | "211" | "419" => ScanKind::OutForDelivery,
        "4" | "401" | "402" | "403" | "405" | "412" | "413" | "414" | "415" | "416" | "417" | "420" | "421" | "422"
        | "423" | "604" => ScanKind::Problem,
        "404" => ScanKind::Refused,
        "3" | "301" | "302" | "304" | "311" => ScanKind::Signed,
        "407" => ScanKind::Returning,
        "406" => ScanKind::Returned,
        _ => ScanKind::Other,
    }
}
