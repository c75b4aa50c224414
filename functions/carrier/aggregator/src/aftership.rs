//! AfterShip's trackings. Codes stand in `meta.code`; some come with HTTP 400.

use crate::api::{self, Meaning};
use crate::company;
use crate::manifest::AFTERSHIP;
use http::Method;
use huidan_carrier::{Scan, ScanKind, Tracked};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Reply, Request, pairs};
use serde_json::json;

const VERSION: &str = "2025-07";
const KEY: (&str, fn(&str) -> String) = ("as-api-key", api::bare);

/// Codes of `meta` that are no refusal of this one call.
const CODES: &[(&str, Meaning)] = &[
    ("4003", Meaning::Stands),
    ("4004", Meaning::Nothing),
    ("401", Meaning::Key),
    ("403", Meaning::Key),
    ("402", Meaning::Limited),
    ("429", Meaning::Limited),
    ("500", Meaning::Later),
    ("503", Meaning::Later),
];

pub(crate) fn watch(call: &Call<'_>, parcel: &Tracked) -> Result<Request, CallError> {
    let mut tracking = json!({"tracking_number": parcel.number});
    if let (Some(slug), Some(fields)) = (company::aftership(&parcel.by), tracking.as_object_mut()) {
        fields.insert("slug".to_owned(), slug.into());
    }
    api::request(call, (Method::POST, address(call)?), KEY, Some(&tracking))
}

pub(crate) fn watched(reply: &Reply) -> Result<(), CallError> {
    let (_, code, words) = given(reply)?;
    match code.as_str() {
        "200" | "201" => Ok(()),
        code if api::means(code, Meaning::Stands, CODES) => Ok(()),
        code => Err(api::failed("AfterShip", code, &words, CODES)),
    }
}

pub(crate) fn ask(call: &Call<'_>, parcels: &[Tracked]) -> Result<Request, CallError> {
    let numbers: Vec<String> = parcels.iter().map(|parcel| pairs::encoded(&parcel.number)).collect();
    let url = format!("{}?tracking_numbers={}", address(call)?, numbers.join(","));
    api::request(call, (Method::GET, url), KEY, None)
}

pub(crate) fn listed(reply: &Reply) -> Result<Vec<Scan>, CallError> {
    let lost = |wrong: Wrong| api::unreadable(&wrong);
    let (answer, code, words) = given(reply)?;
    if api::means(&code, Meaning::Nothing, CODES) {
        return Ok(Vec::new());
    }
    if code != "200" {
        return Err(api::failed("AfterShip", &code, &words, CODES));
    }
    let trackings = answer.need("data").and_then(|data| data.object()?.need("trackings")?.list()).map_err(lost)?;
    let mut scans = Vec::new();
    for tracking in trackings {
        scans.extend(tracking.object().and_then(|tracking| of_tracking(&tracking)).map_err(lost)?);
    }
    Ok(scans)
}

/// The scans of an event.
pub(crate) fn pushed(event: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    event.need("event")?.text()?;
    of_tracking(&event.need("msg")?.object()?)
}

fn address(call: &Call<'_>) -> Result<String, CallError> {
    Ok(format!("{}/tracking/{VERSION}/trackings", call.account.origin(AFTERSHIP)?))
}

fn given(reply: &Reply) -> Result<(Object<'_>, String, String), CallError> {
    let lost = |wrong: Wrong| api::unreadable(&wrong);
    let answer = api::opened(reply)?;
    let meta = answer.need("meta").and_then(|meta| meta.object()).map_err(lost)?;
    let code = meta.need("code").and_then(|code| code.id()).map_err(lost)?;
    let words = meta.text("message").unwrap_or_default();
    Ok((answer, code, words))
}

fn of_tracking(tracking: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    let number = tracking.need("tracking_number")?.id()?;
    let (slug, tag) = (tracking.text("slug")?, tracking.text("tag")?);
    let read = tracking.list("checkpoints")?;
    let mut scans =
        read.iter().map(|checkpoint| scan(&number, &slug, &checkpoint.object()?)).collect::<Result<Vec<_>, _>>()?;
    if tag == "Expired" {
        scans.push(api::unwatched(&number, &tag, "30 天没有新轨迹 / nothing new for 30 days", &scans));
    }
    Ok(scans)
}

fn scan(number: &str, slug: &str, checkpoint: &Object<'_>) -> Result<Scan, Wrong> {
    let time = checkpoint.need("checkpoint_time")?;
    let at = company::instant(&time.text()?, slug).ok_or_else(|| time.wrong("is no time"))?;
    let (tag, fine) = (checkpoint.text("tag")?, checkpoint.text("subtag")?);
    let place = match checkpoint.text("location")? {
        place if place.is_empty() => checkpoint.text("city")?,
        place => place,
    };
    Ok(Scan {
        number: number.to_owned(),
        event_id: String::new(),
        at,
        kind: kind(&tag),
        code: if fine.is_empty() { tag } else { fine },
        text: checkpoint.text("message")?,
        place,
    })
}

fn kind(tag: &str) -> ScanKind {
    match tag {
        "InTransit" => ScanKind::Moving,
        "OutForDelivery" | "AvailableForPickup" => ScanKind::OutForDelivery,
        "AttemptFail" | "Exception" => ScanKind::Problem,
        "Delivered" => ScanKind::Signed,
        _ => ScanKind::Other,
    }
}
