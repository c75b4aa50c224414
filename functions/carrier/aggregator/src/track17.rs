//! 17TRACK. An answer is a success as a whole and then says of every number whether it was taken.

use crate::api::{self, Meaning};
use crate::company;
use http::Method;
use huidan_carrier::{Scan, ScanKind, Tracked};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Reply, Request};
use serde_json::{Value, json};

const KEY: (&str, fn(&str) -> String) = ("17token", api::bare);

/// Codes of the call as a whole (-1801…) and of a number (-1801 99…).
const CODES: &[(&str, Meaning)] = &[
    ("-18010001", Meaning::Key),
    ("-18010002", Meaning::Key),
    ("-18010003", Meaning::Later),
    ("-18010004", Meaning::Key),
    ("-18010005", Meaning::Key),
    ("-18019901", Meaning::Stands),
    ("-18019902", Meaning::Nothing),
    ("-18019909", Meaning::Nothing),
    ("-18019907", Meaning::Limited),
    ("-18019908", Meaning::Limited),
];

pub(crate) fn watch(call: &Call<'_>, parcel: &Tracked) -> Result<Request, CallError> {
    post(call, "register", std::slice::from_ref(parcel))
}

pub(crate) fn watched(reply: &Reply) -> Result<(), CallError> {
    let lost = |wrong: Wrong| api::unreadable(&wrong);
    let data = given(reply)?;
    if !data.list("accepted").map_err(lost)?.is_empty() {
        return Ok(());
    }
    let rejected = data.need("rejected").and_then(|rejected| rejected.list()).map_err(lost)?;
    let first = rejected.first().ok_or_else(|| lost(data.wrong("rejected", "is empty, and so is accepted")))?;
    let (code, words) = first.object().and_then(|number| error(&number)).map_err(lost)?;
    if api::means(&code, Meaning::Stands, CODES) { Ok(()) } else { Err(api::failed("17TRACK", &code, &words, CODES)) }
}

pub(crate) fn ask(call: &Call<'_>, parcels: &[Tracked]) -> Result<Request, CallError> {
    post(call, "gettrackinfo", parcels)
}

/// A number that is not taken does not spoil the others, unless it is for want of quota.
pub(crate) fn listed(reply: &Reply) -> Result<Vec<Scan>, CallError> {
    let lost = |wrong: Wrong| api::unreadable(&wrong);
    let data = given(reply)?;
    for rejected in data.list("rejected").map_err(lost)? {
        let (code, words) = rejected.object().and_then(|number| error(&number)).map_err(lost)?;
        if api::means(&code, Meaning::Limited, CODES) {
            return Err(api::failed("17TRACK", &code, &words, CODES));
        }
    }
    let mut scans = Vec::new();
    for number in data.need("accepted").and_then(|accepted| accepted.list()).map_err(lost)? {
        scans.extend(number.object().and_then(|number| of_number(&number, false)).map_err(lost)?);
    }
    Ok(scans)
}

/// The scans of an event.
pub(crate) fn pushed(event: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    let stopped = event.need("event")?.text()? == "TRACKING_STOPPED";
    of_number(&event.need("data")?.object()?, stopped)
}

fn post(call: &Call<'_>, what: &str, parcels: &[Tracked]) -> Result<Request, CallError> {
    let one = |parcel: &Tracked| json!({"number": parcel.number, "carrier": company::track17(&parcel.by)});
    let body = Value::Array(parcels.iter().map(one).collect());
    let url = format!("{}/track/v2.2/{what}", call.account.gateway);
    api::request(call, (Method::POST, url), KEY, Some(&body))
}

fn given(reply: &Reply) -> Result<Object<'_>, CallError> {
    let lost = |wrong: Wrong| api::unreadable(&wrong);
    let answer = api::opened(reply)?;
    let code = answer.need("code").and_then(|code| code.id()).map_err(lost)?;
    if code != "0" {
        return Err(api::failed("17TRACK", &code, &answer.text("message").unwrap_or_default(), CODES));
    }
    answer.need("data").and_then(|data| data.object()).map_err(lost)
}

fn error(number: &Object<'_>) -> Result<(String, String), Wrong> {
    let error = number.need("error")?.object()?;
    Ok((error.need("code")?.id()?, error.text("message")?))
}

/// The scans of a number, and the news that nobody watches it any more where that is so and it has not arrived.
fn of_number(data: &Object<'_>, stopped: bool) -> Result<Vec<Scan>, Wrong> {
    let number = data.need("number")?.id()?;
    let info = data.object("track_info")?;
    let mut scans = Vec::new();
    for provider in info.object("tracking")?.list("providers")? {
        for event in provider.object()?.list("events")? {
            scans.push(scan(&number, &event.object()?)?);
        }
    }
    let status = info.object("latest_status")?.text("status")?;
    let ended = match status.as_str() {
        "Delivered" => None,
        "Expired" => Some("长期没有新轨迹 / nothing new for long"),
        "NotFound" if stopped => Some("一直查不到，已停止 / never found, stopped"),
        _ if stopped => Some("已停止 / stopped"),
        _ => None,
    };
    if let Some(reason) = ended {
        let code = if stopped { "TRACKING_STOPPED" } else { status.as_str() };
        scans.push(api::unwatched(&number, code, reason, &scans));
    }
    Ok(scans)
}

fn scan(number: &str, event: &Object<'_>) -> Result<Scan, Wrong> {
    let time = match event.get("time_utc") {
        Some(time) => time,
        None => event.need("time_iso")?,
    };
    let (fine, stage) = (event.text("sub_status")?, event.text("stage")?);
    Ok(Scan {
        number: number.to_owned(),
        event_id: String::new(),
        at: time.rfc3339()?,
        kind: kind(&fine, &stage),
        code: if fine.is_empty() { stage } else { fine },
        text: event.text("description")?,
        place: event.text("location")?,
    })
}

/// A finer state is `<state>_<what>`; the stage tells some of them better.
fn kind(fine: &str, stage: &str) -> ScanKind {
    let state = fine.split('_').next().unwrap_or_default();
    match (fine, stage, state) {
        (_, "PickedUp", _) | ("InTransit_PickedUp", ..) => ScanKind::PickedUp,
        (_, "Returning", _) | ("Exception_Returning", ..) => ScanKind::Returning,
        (_, "Returned", _) | ("Exception_Returned", ..) => ScanKind::Returned,
        ("DeliveryFailure_Rejected", ..) => ScanKind::Refused,
        (.., "InTransit") => ScanKind::Moving,
        (.., "OutForDelivery" | "AvailableForPickup") => ScanKind::OutForDelivery,
        (.., "DeliveryFailure" | "Exception") => ScanKind::Problem,
        (.., "Delivered") => ScanKind::Signed,
        _ => ScanKind::Other,
    }
}
