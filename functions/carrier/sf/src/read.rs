//! Routes, asked for or pushed: what an operation code means.

use crate::api::{self, Outcome};
use huidan_carrier::{Scan, ScanKind, Tracked};
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, time, unreadable};
use serde_json::json;

/// `EXP_RECE_SEARCH_ROUTES` by waybill number.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let Some(reply) = call.replies.first() else {
        let numbers: Vec<&str> = parcels.iter().map(|parcel| parcel.number.as_str()).collect();
        // One tail of a phone serves the whole question: an account's parcels leave from its own phones.
        let tail = parcels.first().map(|parcel| parcel.phone_tail.as_str()).unwrap_or_default();
        let mut message = json!({"language": "zh-CN", "trackingType": 1, "trackingNumber": numbers});
        if let (false, Some(message)) = (tail.is_empty(), message.as_object_mut()) {
            message.insert("checkPhoneNo".to_owned(), tail.into());
        }
        return api::request(call, "EXP_RECE_SEARCH_ROUTES", &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(data) => {
            let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
            routes(&data).map(Next::Done).map_err(lost)
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, &[])),
    }
}

fn routes(data: &str) -> Result<Vec<Scan>, Wrong> {
    let mut scans = Vec::new();
    for parcel in Json::parse(data.as_bytes())?.object()?.need("routeResps")?.list()? {
        let parcel = parcel.object()?;
        let number = parcel.need("mailNo")?.id()?;
        for node in parcel.list("routes")? {
            let node = node.object()?;
            let [time, code, text, place] =
                ["acceptTime", "opCode", "remark", "acceptAddress"].map(|name| words(&node, name));
            let at = instant(&time?).ok_or_else(|| node.wrong("acceptTime", "is no time"))?;
            scans.push(scan(&number, "", at, &code?, text?, place?));
        }
    }
    Ok(scans)
}

/// The nodes of a pushed JSON document: `Body.WaybillRoute`. The platform's other pushes hold none.
pub(crate) fn pushed(document: &[u8]) -> Result<Vec<Scan>, Wrong> {
    let document = Json::parse(document)?.object()?;
    let Some(body) = document.get("Body") else {
        let other = document.get("orderState").or_else(|| document.get("feeList"));
        return if other.is_some() { Ok(Vec::new()) } else { Err(document.wrong("Body", "is missing")) };
    };
    body.object()?.need("WaybillRoute")?.list()?.iter().map(|node| node_of(&node.object()?)).collect()
}

fn node_of(node: &Object<'_>) -> Result<Scan, Wrong> {
    let number = node.need("mailno")?.id()?;
    let id = node.need("id")?.id()?;
    let at = instant(&words(node, "acceptTime")?).ok_or_else(|| node.wrong("acceptTime", "is no time"))?;
    let code = node.need("opCode")?.id()?;
    Ok(scan(&number, &id, at, &code, words(node, "remark")?, words(node, "acceptAddress")?))
}

/// SF's times are Beijing's and bear no zone.
pub(crate) fn instant(text: &str) -> Option<Millis> {
    time::local(text, time::CHINA)
}

/// One event.
pub(crate) fn scan(number: &str, id: &str, at: Millis, code: &str, text: String, place: String) -> Scan {
    Scan { number: number.into(), event_id: id.into(), at, kind: kind(code), code: code.into(), text, place }
}

/// What an operation code means. Only codes seen in real pushes or named by a client in production stand here; the
/// published tables of third parties contradict the pushes.
fn kind(code: &str) -> ScanKind {
    match code {
        "50" | "54" => ScanKind::PickedUp,
        "30" | "31" | "36" => ScanKind::Moving,
        "44" | "204" => ScanKind::OutForDelivery,
        "33" | "70" => ScanKind::Problem,
        "99" | "648" => ScanKind::Returning,
        "80" | "8000" => ScanKind::Signed,
        _ => ScanKind::Other,
    }
}

/// Words or a number.
fn words(object: &Object<'_>, name: &str) -> Result<String, Wrong> {
    let Some(value) = object.get(name) else { return Ok(String::new()) };
    if value.raw() == "\"\"" {
        Ok(String::new())
    } else if value.raw().starts_with('"') {
        value.text()
    } else {
        value.id()
    }
}
