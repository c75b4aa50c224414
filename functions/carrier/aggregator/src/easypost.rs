//! EasyPost's trackers. The same number again gives the same tracker, so that asking for one twice is no fault.

use crate::api::{self, Meaning};
use crate::company;
use crate::manifest::EASYPOST;
use http::Method;
use huidan_carrier::{Scan, ScanKind, Tracked};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Reply, Request, pairs, sign};
use serde_json::json;

/// Codes of errors that are no refusal of this one call.
const CODES: &[(&str, Meaning)] = &[
    ("APIKEY.INACTIVE", Meaning::Key),
    ("APIKEY.WRONG_MODE", Meaning::Key),
    ("PAYMENT_REQUIRED", Meaning::Limited),
    ("RATE_LIMITED", Meaning::Limited),
    ("INTERNAL_SERVER_ERROR", Meaning::Later),
];

/// The key is the user of Basic authentication, without a password.
fn basic(key: &str) -> String {
    format!("Basic {}", sign::base64(format!("{key}:").as_bytes()))
}

/// A tracker for a parcel; EasyPost finds the carrier where we have no name for it.
pub(crate) fn watch(call: &Call<'_>, parcel: &Tracked) -> Result<Request, CallError> {
    let mut tracker = json!({"tracking_code": parcel.number});
    if let (Some(carrier), Some(fields)) = (company::easypost(&parcel.by), tracker.as_object_mut()) {
        fields.insert("carrier".to_owned(), carrier.into());
    }
    let url = format!("{}/v2/trackers", call.account.origin(EASYPOST)?);
    api::request(call, (Method::POST, url), ("authorization", basic), Some(&json!({"tracker": tracker})))
}

pub(crate) fn watched(reply: &Reply) -> Result<(), CallError> {
    let tracker = given(reply)?;
    tracker.need("id").and_then(|id| id.id()).map(|_| ()).map_err(|wrong| api::unreadable(&wrong))
}

/// The trackers of a number.
pub(crate) fn ask(call: &Call<'_>, parcel: &Tracked) -> Result<Request, CallError> {
    let url =
        format!("{}/v2/trackers?tracking_code={}", call.account.origin(EASYPOST)?, pairs::encoded(&parcel.number));
    api::request(call, (Method::GET, url), ("authorization", basic), None)
}

pub(crate) fn listed(reply: &Reply) -> Result<Vec<Scan>, CallError> {
    let lost = |wrong: Wrong| api::unreadable(&wrong);
    let answer = given(reply)?;
    let mut scans = Vec::new();
    for tracker in answer.need("trackers").and_then(|list| list.list()).map_err(lost)? {
        scans.extend(tracker.object().and_then(|tracker| of_tracker(&tracker)).map_err(lost)?);
    }
    Ok(scans)
}

/// The scans of an event; what is no tracker's holds none.
pub(crate) fn pushed(event: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    event.need("description")?.text()?;
    let result = event.need("result")?.object()?;
    if result.text("object")? == "Tracker" { of_tracker(&result) } else { Ok(Vec::new()) }
}

fn given(reply: &Reply) -> Result<Object<'_>, CallError> {
    let answer = api::opened(reply)?;
    let Some(error) = answer.get("error") else {
        return if reply.status().is_success() { Ok(answer) } else { Err(refused("", "")) };
    };
    let error = error.object().map_err(|wrong| api::unreadable(&wrong))?;
    Err(refused(&error.text("code").unwrap_or_default(), &error.text("message").unwrap_or_default()))
}

fn refused(code: &str, words: &str) -> CallError {
    api::failed("EasyPost", if code.is_empty() { "refused" } else { code }, words, CODES)
}

fn of_tracker(tracker: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    let number = tracker.need("tracking_code")?.id()?;
    tracker.list("tracking_details")?.iter().map(|detail| scan(&number, &detail.object()?)).collect()
}

fn scan(number: &str, detail: &Object<'_>) -> Result<Scan, Wrong> {
    let (status, fine) = (detail.need("status")?.text()?, detail.text("status_detail")?);
    let place = detail.object("tracking_location")?;
    let parts = ["city", "state", "country"].map(|name| place.text(name));
    let mut named = Vec::new();
    for part in parts {
        named.push(part?);
    }
    named.retain(|part| !part.is_empty());
    Ok(Scan {
        number: number.to_owned(),
        event_id: String::new(),
        at: detail.need("datetime")?.rfc3339()?,
        kind: kind(&status),
        code: if fine.is_empty() || fine == status { status } else { format!("{status}/{fine}") },
        text: detail.text("message")?,
        place: named.join(", "),
    })
}

fn kind(status: &str) -> ScanKind {
    match status {
        "in_transit" => ScanKind::Moving,
        "out_for_delivery" | "available_for_pickup" => ScanKind::OutForDelivery,
        "failure" | "cancelled" | "error" => ScanKind::Problem,
        "delivered" => ScanKind::Signed,
        "return_to_sender" => ScanKind::Returning,
        _ => ScanKind::Other,
    }
}
