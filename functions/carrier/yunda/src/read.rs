//! Traces, asked for or pushed: what a word of `action` means.

use crate::api::{self, Outcome};
use huidan_carrier::{Scan, ScanKind, Tracked, common};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, time, unreadable};
use serde_json::json;

/// The platform's own spelling.
const TRACK: &str = "openapi/outer/logictis/query";
const SUBSCRIBE: &str = "openapi/outer/logictis/subscribe";

/// One number after the other. The platform answers for numbers that were subscribed to before; of others it knows
/// nothing yet.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let ask = |parcel: &Tracked| api::request(call, TRACK, &json!({"mailno": parcel.number}));
    common::one_by_one(call, parcels, ask, |parcel, reply| traces(reply, &parcel.number))
}

fn traces(reply: &Reply, number: &str) -> Result<Vec<Scan>, CallError> {
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(answer) => {
            let steps = answer.object("data").and_then(|data| data.list("steps"));
            let scans = steps.and_then(|steps| steps.iter().map(|step| scan(&step.object()?, number)).collect());
            scans.map_err(|wrong: Wrong| unreadable(&wrong, Effect::Harmless))
        }
        Outcome::Refused { words, .. } if ["订阅", "暂无", "无轨迹"].iter().any(|said| words.contains(said)) => {
            Ok(Vec::new())
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

/// The address of pushes is registered with the platform.
pub(crate) fn subscribe(call: &Call<'_>, parcel: &Tracked) -> Result<Next<()>, CallError> {
    let Some(reply) = call.replies.first() else {
        let message = json!({"orders": [{"orderid": parcel.number, "mailno": parcel.number}]});
        return api::request(call, SUBSCRIBE, &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(())),
        Outcome::Refused { words, .. } if words.contains("已订阅") || words.contains("重复") => Ok(Next::Done(())),
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

/// The scans of a push: one node, or a parcel with its steps.
pub(crate) fn pushed(document: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    let number = document.need("mailno")?.id()?;
    match document.get("steps") {
        Some(steps) => steps.list()?.iter().map(|step| scan(&step.object()?, &number)).collect(),
        None => Ok(vec![scan(document, &number)?]),
    }
}

fn scan(step: &Object<'_>, number: &str) -> Result<Scan, Wrong> {
    let at = time::local(&common::words(step, "time")?, time::CHINA).ok_or_else(|| step.wrong("time", "is no time"))?;
    let code = step.need("action")?.id()?;
    let place = match common::words(step, "city")?.as_str() {
        "" => common::words(step, "station_name")?,
        city => city.to_owned(),
    };
    let text = common::words(step, "description")?;
    Ok(Scan { number: number.into(), event_id: String::new(), at, kind: kind(&code), code, text, place })
}

fn kind(action: &str) -> ScanKind {
    match action {
        "GOT" => ScanKind::PickedUp,
        "ARRIVAL" | "DEPARTURE" | "TRANSFER" | "OVERSEA_IN" | "OVERSEA_OUT" | "OVERSEA_ARRIVAL"
        | "OVERSEA_DEPARTURE" | "CLEARANCE_START" | "CLEARANCE_FINISH" => ScanKind::Moving,
        // In at a station, or out of it with a courier.
        "SENT" | "INBOUND" | "OUTBOUND" => ScanKind::OutForDelivery,
        "SIGNFAIL" | "ISSUE" | "CLEARANCE_FAIL" => ScanKind::Problem,
        "REJECTION" => ScanKind::Refused,
        "SIGNED" => ScanKind::Signed,
        "RETURN" => ScanKind::Returning,
        // `ACCEPT` is an order taken down: nobody has the parcel yet.
        _ => ScanKind::Other,
    }
}
