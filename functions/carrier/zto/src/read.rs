//! Traces: what a word means. The same word means one thing in a push and another in an answer (`ARRIVAL` is a hub in
//! the one and a locker in the other), so there are two tables.

use crate::api::{self, Outcome};
use crate::later;
use huidan_carrier::{Scan, ScanKind, Tracked, common};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, time, unreadable};

/// `zto.merchant.waybill.track.query`, one number after the other.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let ask = |parcel: &Tracked| api::request(call, "zto.merchant.waybill.track.query", &later::asked(parcel));
    common::one_by_one(call, parcels, ask, |parcel, reply| traces(reply, &parcel.number))
}

fn traces(reply: &Reply, number: &str) -> Result<Vec<Scan>, CallError> {
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(answer) => {
            let nodes = answer.list("result").and_then(|nodes| nodes.iter().map(|node| asked(node, number)).collect());
            nodes.map_err(|wrong: Wrong| unreadable(&wrong, Effect::Harmless))
        }
        Outcome::Refused { words, .. } if ["无轨迹", "没有轨迹", "暂无"].iter().any(|said| words.contains(said)) => {
            Ok(Vec::new())
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

/// A node of an answer. Its time is milliseconds or text.
fn asked(node: &Json<'_>, number: &str) -> Result<Scan, Wrong> {
    let node = node.object()?;
    let when = node.need("scanDate")?;
    let at = if when.raw().starts_with('"') {
        time::local(&when.text()?, time::CHINA).ok_or_else(|| when.wrong("is no time"))?
    } else {
        huidan_domain::Millis(when.whole()?)
    };
    let code = common::words(&node, "scanType")?;
    let place = node.object("scanSite").and_then(|site| common::words(&site, "city")).unwrap_or_default();
    let text = common::words(&node, "desc")?;
    Ok(Scan { number: number.into(), event_id: String::new(), at, kind: answered(&code), code, text, place })
}

fn answered(code: &str) -> ScanKind {
    match code {
        "收件" | "1" => ScanKind::PickedUp,
        "发件" | "到件" | "转单" | "安检" | "2" | "3" | "9" => ScanKind::Moving,
        // A station or a locker has it; only the receiver's own way is left.
        "派件" | "DELIVERY" | "ARRIVAL" | "4" | "44" => ScanKind::OutForDelivery,
        "签收" | "SIGNED" | "5" | "7" | "45" => ScanKind::Signed,
        "问题件" | "DEPARTURE" => ScanKind::Problem,
        "退件" | "8" => ScanKind::Returning,
        _ => ScanKind::Other,
    }
}

/// The node of a push. Pushes of the interface of 2017 spell it otherwise.
pub(crate) fn pushed(node: &Object<'_>) -> Result<Scan, Wrong> {
    let either = |names: [&str; 2]| -> Result<String, Wrong> {
        let [first, second] = names;
        let words = common::words(node, first)?;
        if words.is_empty() { common::words(node, second) } else { Ok(words) }
    };
    let at = time::local(&either(["actionTime", "scanDate"])?, time::CHINA);
    let code = either(["action", "scanType"])?;
    if code.is_empty() {
        return Err(node.wrong("action", "is missing"));
    }
    Ok(Scan {
        number: node.need("billCode")?.id()?,
        event_id: String::new(),
        at: at.ok_or_else(|| node.wrong("actionTime", "is no time"))?,
        kind: kind(&code),
        code,
        text: common::words(node, "desc")?,
        place: either(["city", "facilityName"])?,
    })
}

fn kind(action: &str) -> ScanKind {
    match action {
        "GOT" => ScanKind::PickedUp,
        "ARRIVAL" | "DEPARTURE" => ScanKind::Moving,
        "DISPATCH" | "INBOUND" | "HANDOVERSCAN_SIGNED" => ScanKind::OutForDelivery,
        "SIGNED" | "SIGN" | "DEPARTURE_SIGNED" => ScanKind::Signed,
        "PROBLEM" => ScanKind::Problem,
        "RETURN" | "RETURN_SCAN" => ScanKind::Returning,
        "RESIGN" | "RETURN_SIGN" => ScanKind::Returned,
        _ => ScanKind::Other,
    }
}
