//! TrackingMore. Codes stand in `meta.code`, those of version 4 and of the versions before.

use crate::api::{self, Meaning};
use crate::company;
use crate::manifest::TRACKINGMORE;
use http::Method;
use huidan_carrier::{Scan, ScanKind, Tracked};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Reply, Request, pairs};
use serde_json::json;

const KEY: (&str, fn(&str) -> String) = ("tracking-api-key", api::bare);

/// Codes that are no refusal of this one call.
const CODES: &[(&str, Meaning)] = &[
    ("4101", Meaning::Stands),
    ("4016", Meaning::Stands),
    ("4102", Meaning::Nothing),
    ("4017", Meaning::Nothing),
    ("4031", Meaning::Nothing),
    ("401", Meaning::Key),
    ("4001", Meaning::Key),
    ("4002", Meaning::Key),
    ("402", Meaning::Limited),
    ("4019", Meaning::Limited),
    ("4021", Meaning::Limited),
    ("4190", Meaning::Limited),
    ("429", Meaning::Limited),
    ("500", Meaning::Later),
    ("503", Meaning::Later),
];

pub(crate) fn watch(call: &Call<'_>, parcel: &Tracked) -> Result<Request, CallError> {
    let code = company::trackingmore(&parcel.by).ok_or_else(|| CallError::Rejected {
        code: "carrier_not_covered".to_owned(),
        remedy: format!("TrackingMore 编码表没有 {} / no code of TrackingMore's is known for it", parcel.by),
    })?;
    let body = json!({"tracking_number": parcel.number, "courier_code": code});
    let url = format!("{}/v4/trackings/create", call.account.origin(TRACKINGMORE)?);
    api::request(call, (Method::POST, url), KEY, Some(&body))
}

pub(crate) fn watched(reply: &Reply) -> Result<(), CallError> {
    let (_, code, words) = given(reply)?;
    match code.as_str() {
        "200" | "201" => Ok(()),
        code if api::means(code, Meaning::Stands, CODES) => Ok(()),
        code => Err(api::failed("TrackingMore", code, &words, CODES)),
    }
}

pub(crate) fn ask(call: &Call<'_>, parcels: &[Tracked]) -> Result<Request, CallError> {
    let numbers: Vec<String> = parcels.iter().map(|parcel| pairs::encoded(&parcel.number)).collect();
    let origin = call.account.origin(TRACKINGMORE)?;
    let url = format!("{origin}/v4/trackings/get?tracking_numbers={}", numbers.join(","));
    api::request(call, (Method::GET, url), KEY, None)
}

pub(crate) fn listed(reply: &Reply) -> Result<Vec<Scan>, CallError> {
    let lost = |wrong: Wrong| api::unreadable(&wrong);
    let (answer, code, words) = given(reply)?;
    if api::means(&code, Meaning::Nothing, CODES) {
        return Ok(Vec::new());
    }
    if code != "200" {
        return Err(api::failed("TrackingMore", &code, &words, CODES));
    }
    let mut scans = Vec::new();
    for tracking in answer.need("data").and_then(|data| data.list()).map_err(lost)? {
        scans.extend(tracking.object().and_then(|tracking| of_tracking(&tracking)).map_err(lost)?);
    }
    Ok(scans)
}

/// The scans of a push.
pub(crate) fn pushed(push: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    of_tracking(&push.need("data")?.object()?)
}

fn given(reply: &Reply) -> Result<(Object<'_>, String, String), CallError> {
    let lost = |wrong: Wrong| api::unreadable(&wrong);
    let answer = api::opened(reply)?;
    let meta = answer.need("meta").and_then(|meta| meta.object()).map_err(lost)?;
    let code = meta.need("code").and_then(|code| code.id()).map_err(lost)?;
    let words = meta.text("message").unwrap_or_default();
    Ok((answer, code, words))
}

/// Both halves of an international way are told apart; an event that both tell is the same event.
fn of_tracking(tracking: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    let number = tracking.need("tracking_number")?.id()?;
    let code = tracking.text("courier_code")?;
    let mut scans: Vec<Scan> = Vec::new();
    for half in ["origin_info", "destination_info"] {
        for row in tracking.object(half)?.get("trackinfo").map_or_else(|| Ok(Vec::new()), |rows| list(&rows))? {
            let scan = scan(&number, &code, &row.object()?)?;
            if !scans.contains(&scan) {
                scans.push(scan);
            }
        }
    }
    let status = tracking.text("delivery_status")?;
    if status == "expired" {
        scans.push(api::unwatched(&number, &status, "长期没有新轨迹 / nothing new for long", &scans));
    }
    Ok(scans)
}

fn list<'a>(rows: &Json<'a>) -> Result<Vec<Json<'a>>, Wrong> {
    rows.list()
}

fn scan(number: &str, courier: &str, row: &Object<'_>) -> Result<Scan, Wrong> {
    let time = row.need("checkpoint_date")?;
    let at = company::instant(&time.text()?, courier).ok_or_else(|| time.wrong("is no time"))?;
    let (status, fine) = (row.text("checkpoint_delivery_status")?, row.text("checkpoint_delivery_substatus")?);
    Ok(Scan {
        number: number.to_owned(),
        event_id: String::new(),
        at,
        kind: kind(&status),
        code: if fine.is_empty() { status } else { fine },
        text: row.text("tracking_detail")?,
        place: row.text("location")?,
    })
}

fn kind(status: &str) -> ScanKind {
    match status {
        "transit" => ScanKind::Moving,
        "pickup" => ScanKind::OutForDelivery,
        "undelivered" | "exception" => ScanKind::Problem,
        "delivered" => ScanKind::Signed,
        _ => ScanKind::Other,
    }
}
