//! Traces, asked for or pushed: what a category means, and a state inside it.

use crate::api::{self, Interface, Outcome};
use huidan_carrier::{Scan, ScanKind, Tracked, common};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, time, unreadable};
use serde::Serialize;

const TRACK: Interface = Interface { domain: "Tracking_JD", path: "/jd/tracking/query" };
/// `referenceType`: the number is a waybill's.
const WAYBILL: &str = "20000";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    reference_number: &'a str,
    reference_type: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    phone: &'a str,
}

/// `/jd/tracking/query`, one number after the other.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let ask = |parcel: &Tracked| {
        let question =
            Question { reference_number: &parcel.number, reference_type: WAYBILL, phone: &parcel.phone_tail };
        api::request(call, TRACK, &question)
    };
    common::one_by_one(call, parcels, ask, |parcel, reply| traces(reply, &parcel.number))
}

fn traces(reply: &Reply, number: &str) -> Result<Vec<Scan>, CallError> {
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(answer) => {
            let scans = nodes(&answer).and_then(|nodes| nodes.iter().map(|node| asked(node, number)).collect());
            scans.map_err(|wrong: Wrong| unreadable(&wrong, Effect::Harmless))
        }
        Outcome::Refused { words, .. } if ["暂无", "无轨迹", "不存在"].iter().any(|said| words.contains(said)) => {
            Ok(Vec::new())
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

/// The nodes of an answer, under any of the names that clients have met: in `data`, or in its first element.
fn nodes<'a>(answer: &Object<'a>) -> Result<Vec<Json<'a>>, Wrong> {
    let Some(data) = answer.get("data") else { return Ok(Vec::new()) };
    let holder = if data.raw().starts_with('[') {
        let rows = data.list()?;
        let Some(first) = rows.first() else { return Ok(Vec::new()) };
        let first = first.object()?;
        if first.has("operationTime") {
            return Ok(rows);
        }
        first
    } else {
        data.object()?
    };
    for name in ["traceDetails", "trackDetails", "traceDetailList", "traceList", "traces"] {
        if holder.has(name) {
            return holder.list(name);
        }
    }
    Err(holder.wrong("traceDetails", "is missing"))
}

fn asked(node: &Json<'_>, number: &str) -> Result<Scan, Wrong> {
    scan(&node.object()?, number)
}

/// The scans of a push: one node, or a list of them.
pub(crate) fn pushed(document: &[u8]) -> Result<Vec<Scan>, Wrong> {
    let document = Json::parse(document)?;
    let nodes = if document.raw().starts_with('[') { document.list()? } else { vec![document] };
    let read = |node: &Json<'_>| {
        let node = node.object()?;
        scan(&node, &node.need("waybillCode")?.id()?)
    };
    nodes.iter().map(read).collect()
}

fn scan(node: &Object<'_>, number: &str) -> Result<Scan, Wrong> {
    let first = |names: &[&str]| -> Result<String, Wrong> {
        for name in names {
            let words = common::words(node, name)?;
            if !words.is_empty() {
                return Ok(words);
            }
        }
        Ok(String::new())
    };
    let when = first(&["operationTime", "operateTime", "msgTime"])?;
    let at = time::local(&when, time::CHINA).ok_or_else(|| node.wrong("operationTime", "is no time"))?;
    let [category, state, scan_type] =
        ["category", "state", "scanType"].map(|name| common::words(node, name).unwrap_or_default());
    // State, kind of scan and time are what tells the platform's events apart.
    let event_id = if state.is_empty() { String::new() } else { format!("{state}-{scan_type}-{when}") };
    Ok(Scan {
        number: number.to_owned(),
        event_id,
        at,
        kind: kind(&category, &state),
        code: if category.is_empty() { state } else { category },
        text: first(&["operationRemark", "operationTitle", "content"])?,
        place: first(&["routeCityName", "operateSite", "operatorSite"])?,
    })
}

/// A state may say more than its category; where there is no category, it says all.
fn kind(category: &str, state: &str) -> ScanKind {
    match state {
        "10042" => return ScanKind::Problem,
        "10035" => return ScanKind::Refused,
        "200051" => return ScanKind::OutForDelivery,
        "200033" => return ScanKind::Returning,
        _ => {}
    }
    match category {
        "" => kind_of_state(state),
        "403" | "500" | "690" => ScanKind::Problem,
        "420" => ScanKind::PickedUp,
        "430" => ScanKind::Moving,
        "440" => ScanKind::OutForDelivery,
        "480" => ScanKind::Returning,
        "510" => ScanKind::Signed,
        "530" => ScanKind::Refused,
        // 100 is an order taken down, 390 a courier assigned to collect: nobody has the parcel yet.
        _ => ScanKind::Other,
    }
}

fn kind_of_state(state: &str) -> ScanKind {
    match state {
        "200001" => ScanKind::PickedUp,
        "200076" | "10032" | "10054" | "200075" | "10033" => ScanKind::Moving,
        "11000" => ScanKind::OutForDelivery,
        "10034" => ScanKind::Signed,
        "200010" => ScanKind::Problem,
        _ => ScanKind::Other,
    }
}
