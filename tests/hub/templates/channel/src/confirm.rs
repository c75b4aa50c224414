//! Telling the platform that a parcel left: look, then write. Looking comes first at every repeat, so a lost answer
//! never becomes a second parcel.

use crate::api::{answer, request, segment};
use crate::read;
use http::Method;
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unclear, unreadable};
use serde_json::{Value, json};

/// The platform's codes of our carriers. One that is not here is told by our own id; a seller may set another.
pub(crate) const CARRIERS: &[(&str, &str)] = &[
    ("sf", "SF"),
    ("yto", "YTO"),
    ("zto", "ZTO"),
    ("sto", "STO"),
    ("yunda", "YUNDA"),
    ("jd", "JD"),
    ("jtexpress", "JTEXPRESS"),
    ("ems", "EMS"),
    ("deppon", "DEPPON"),
];

/// Tells the platform.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let order = format!("orders/{}", segment(&shipment.ext_id));
    let Some(seen) = call.replies.first() else {
        return request(call, Method::GET, &order, None).map(Next::Send);
    };
    let Some(step) = decide(seen, shipment)? else { return Ok(Next::Done(Confirmed::AlreadyThere)) };
    match call.replies.get(1) {
        None => write(call, &order, &step, shipment).map(Next::Send),
        Some(written) => settle(written, shipment).map(Next::Done),
    }
}

/// What is to be written.
enum Step {
    /// A further parcel.
    Add,
    /// Another number in the place of this one.
    Replace(String),
}

/// What to write; `None` where the number is there already.
fn decide(reply: &Reply, shipment: &Shipment) -> Result<Option<Step>, CallError> {
    let wrong = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let Some(json) = answer(reply, Effect::Harmless)? else { return Err(no_order()) };
    let order = json.object().and_then(|body| body.need("order")?.object()).map_err(wrong)?;
    let status = order.need("status").and_then(|status| status.text()).map_err(wrong)?;
    let told = read::waybills(&order).map_err(wrong)?;
    let find = |number: &str| told.iter().find(|told| told.eq_ignore_ascii_case(number.trim()));
    if find(&shipment.waybill).is_some() {
        return Ok(None);
    }
    if let Some(old) = shipment.replaces.as_deref().and_then(find) {
        return Ok(Some(Step::Replace(old.clone())));
    }
    match status.as_str() {
        "shipped" | "completed" => Err(rejected(
            "already_shipped_elsewhere",
            "平台上已用其他单号发货，请核对 / shipped at the platform under another number: compare",
        )),
        _ => Ok(Some(Step::Add)),
    }
}

fn write(call: &Call<'_>, order: &str, step: &Step, shipment: &Shipment) -> Result<Request, CallError> {
    let (method, path) = match step {
        Step::Add => (Method::POST, format!("{order}/shipments")),
        Step::Replace(old) => (Method::PUT, format!("{order}/shipments/{}", segment(old))),
    };
    request(call, method, &path, Some(body(shipment)))
}

fn body(shipment: &Shipment) -> Value {
    let lines: Vec<Value> =
        shipment.lines.iter().map(|line| json!({ "id": line.ext_line_id, "qty": line.qty })).collect();
    json!({ "carrier": carrier(shipment), "number": shipment.waybill, "lines": lines })
}

fn carrier(shipment: &Shipment) -> &str {
    let known = CARRIERS.iter().find(|(ours, _)| *ours == shipment.carrier).map(|(_, theirs)| *theirs);
    shipment.carrier_code.as_deref().or(known).unwrap_or(&shipment.carrier)
}

/// The answer must show the number: with less it is not known whether the parcel was taken down.
fn settle(reply: &Reply, shipment: &Shipment) -> Result<Confirmed, CallError> {
    let Some(json) = answer(reply, Effect::Counts)? else { return Err(no_order()) };
    let number = json.object().and_then(|body| body.need("shipment")?.object()?.need("number")?.text());
    let number = number.map_err(|wrong| unreadable(&wrong, Effect::Counts))?;
    match number == shipment.waybill {
        true => Ok(Confirmed::Told),
        false => Err(unclear(Effect::Counts, "the answer shows another number")),
    }
}

fn no_order() -> CallError {
    rejected("order_not_found", "平台没有该订单 / the platform has no such order")
}
