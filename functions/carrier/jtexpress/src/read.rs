//! Traces, asked for or pushed: what a scan means.

use crate::api::{self, Answer};
use huidan_carrier::common::words;
use huidan_carrier::{Scan, ScanKind, Tracked};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, time, unreadable};
use serde_json::json;

/// `logistics/trace`, for several numbers at once.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let Some(reply) = call.replies.first() else {
        let numbers: Vec<&str> = parcels.iter().map(|parcel| parcel.number.as_str()).collect();
        return api::request(call, "logistics/trace", &json!({"billCodes": numbers.join(",")})).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(document) => {
            traces(&document).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
        Answer::Nothing => Ok(Next::Done(Vec::new())),
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
        Answer::Gone | Answer::Repeated => Err(api::refused("no_trace".to_owned(), "没有轨迹 / no trace")),
    }
}

fn traces(document: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    if !document.has("data") {
        return Err(document.wrong("data", "is missing"));
    }
    let mut scans = Vec::new();
    for parcel in document.list("data")? {
        scans.extend(of_parcel(&parcel.object()?)?);
    }
    Ok(scans)
}

/// The scans of a number: `details`, or the only one, which a push may bear itself.
pub(crate) fn of_parcel(parcel: &Object<'_>) -> Result<Vec<Scan>, Wrong> {
    let number = parcel.need("billCode")?.id()?;
    match parcel.has("details") {
        true => parcel.list("details")?.iter().map(|detail| scan(&number, &detail.object()?)).collect(),
        false => Ok(vec![scan(&number, parcel)?]),
    }
}

fn scan(number: &str, detail: &Object<'_>) -> Result<Scan, Wrong> {
    let at = time::local(&detail.text("scanTime")?, time::CHINA);
    let at = at.ok_or_else(|| detail.wrong("scanTime", "is no time"))?;
    let (what, problem) = (words(detail, "scanType")?, words(detail, "problemType")?);
    let place = match words(detail, "scanNetworkName")? {
        place if place.is_empty() => words(detail, "scanNetworkCity")?,
        place => place,
    };
    Ok(Scan {
        number: number.to_owned(),
        event_id: String::new(),
        at,
        kind: kind(&what, &problem),
        code: if problem.is_empty() { what } else { format!("{what}/{problem}") },
        text: detail.text("desc")?,
        place,
    })
}

/// A scan goes by its number in one list of the platform and by its name in the other.
fn kind(what: &str, problem: &str) -> ScanKind {
    match what {
        "1" | "快件揽收" => ScanKind::PickedUp,
        "2" | "3" | "4" | "12" | "入仓扫描" | "发件扫描" | "到件扫描" | "安检扫描" => ScanKind::Moving,
        "5" | "6" | "7" | "9" | "出仓扫描" | "入库扫描" | "代理点收入扫描" | "出库扫描" => {
            ScanKind::OutForDelivery
        }
        "10" | "快件签收" => ScanKind::Signed,
        "11" | "问题件扫描" if matches!(problem, "A2" | "客户拒收") => ScanKind::Refused,
        "11" | "问题件扫描" => ScanKind::Problem,
        "14" | "退件扫描" => ScanKind::Returning,
        _ => ScanKind::Other,
    }
}
