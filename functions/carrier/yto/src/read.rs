//! Traces, asked for: what a word of `infoContent` means.

use crate::api::{self, Interface};
use huidan_carrier::{Scan, ScanKind, Tracked, common};
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, fault, time, unreadable};
use serde_json::json;

const TRACK: Interface = Interface { method: "track_query_adapter", key: "track_key" };
/// The platform knows nothing of the number yet; said with a `success` that is true.
const NOTHING: &str = "1001";

/// `track_query_adapter`, one number after the other.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let ask = |parcel: &Tracked| api::request(call, TRACK, &json!({"Number": parcel.number}));
    common::one_by_one(call, parcels, ask, |parcel, reply| traces(reply, &parcel.number))
}

/// A list of nodes, the oldest first; or an object that says why there are none.
fn traces(reply: &Reply, number: &str) -> Result<Vec<Scan>, CallError> {
    if let Some(error) = fault(reply, Effect::Harmless, "secret") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let document = Json::parse(reply.body()).map_err(lost)?;
    if document.raw().starts_with('[') {
        let read = |nodes: Vec<Json<'_>>| nodes.iter().map(|node| scan(&node.object()?, number)).collect();
        return document.list().and_then(read).map_err(lost);
    }
    let answer = api::answer(reply, Effect::Harmless, &[])?;
    match common::words(&answer, "code").map_err(lost)?.as_str() {
        NOTHING => Ok(Vec::new()),
        _ => Err(lost(answer.wrong("", "is no list of traces"))),
    }
}

fn scan(node: &Object<'_>, number: &str) -> Result<Scan, Wrong> {
    let at = instant(&common::words(node, "upload_Time")?).ok_or_else(|| node.wrong("upload_Time", "is no time"))?;
    let code = common::words(node, "infoContent")?;
    let place = common::words(node, "city")?;
    Ok(scanned(number, at, &code, common::words(node, "processInfo")?, place))
}

/// The platform's times are Beijing's; a fraction and the zone's name may follow.
pub(crate) fn instant(text: &str) -> Option<Millis> {
    let text = text.trim();
    time::local(text.strip_suffix("CST").unwrap_or(text), time::CHINA)
}

/// One event.
pub(crate) fn scanned(number: &str, at: Millis, code: &str, text: String, place: String) -> Scan {
    Scan { number: number.into(), event_id: String::new(), at, kind: kind(code), code: code.into(), text, place }
}

fn kind(code: &str) -> ScanKind {
    match code {
        "GOT" => ScanKind::PickedUp,
        "ARRIVAL" | "DEPARTURE" | "FORWARDING" | "AIRSEND" | "AIRPICK" => ScanKind::Moving,
        // A locker or a station: nothing but the receiver's own way is left.
        "SENT_SCAN" | "INBOUND" => ScanKind::OutForDelivery,
        "FAILED" => ScanKind::Problem,
        "SIGNED" => ScanKind::Signed,
        "TMS_RETURN" => ScanKind::Returning,
        _ => ScanKind::Other,
    }
}
