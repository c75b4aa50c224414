//! The LINK trace push: what a status code means.

use huidan_carrier::{Scan, ScanKind};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Verified, Webhook, pairs, time};

/// The scans in a push. Its text is JSON; two spellings of its fields are in use.
pub(crate) fn read(push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
    let text = pairs::from_form(push.body(), "logistics_interface").ok_or("logistics_interface: is missing")?;
    scans(&text).map_err(|wrong| format!("logistics_interface: {wrong}"))
}

fn scans(text: &str) -> Result<Vec<Scan>, Wrong> {
    let interface = Json::parse(text.as_bytes())?.object()?;
    let number = interface.need("mailNo")?.id()?;
    let traces = match interface.get("traces") {
        Some(traces) => traces.list()?,
        None => interface.need("operationDetails")?.list()?,
    };
    traces.iter().map(|trace| scan(&number, &trace.object()?)).collect()
}

fn scan(number: &str, trace: &Object<'_>) -> Result<Scan, Wrong> {
    let either = |names: [&str; 2]| {
        let [first, second] = names;
        trace.text(first).and_then(|text| if text.is_empty() { trace.text(second) } else { Ok(text) })
    };
    let at = time::local(&either(["operateTime", "time"])?, time::CHINA);
    let code = trace.need("status")?.id()?;
    Ok(Scan {
        number: number.to_owned(),
        event_id: String::new(),
        at: at.ok_or_else(|| trace.wrong("operateTime", "is no time"))?,
        kind: kind(&code),
        code,
        text: either(["operateDescription", "desc"])?,
        place: either(["orgName", "city"])?,
    })
}

fn kind(code: &str) -> ScanKind {
    match code {
        "00" => ScanKind::PickedUp,
        "01" | "02" | "03" | "13" => ScanKind::Moving,
        "04" => ScanKind::OutForDelivery,
        "05" | "12" => ScanKind::Problem,
        "06" => ScanKind::Refused,
        "07" => ScanKind::Signed,
        "08" | "09" | "10" => ScanKind::Returning,
        "11" => ScanKind::Returned,
        _ => ScanKind::Other,
    }
}
