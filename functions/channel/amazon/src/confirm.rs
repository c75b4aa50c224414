//! Telling the platform that a parcel left.
//!
//! A parcel bears a number of ours within its order (`packageReferenceId`); telling the same parcel again changes what
//! was told. So the parcels that are known are looked at first, and a repeat or a second seller is seen before
//! anything is told.

use crate::api;
use crate::errors::{self, Refused};
use crate::packages::{self, Known};
use crate::{marketplace, order};
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, sign, time, unreadable};
use serde_json::json;

/// Carriers that the platform knows by a code of its own. All others are named (`Other`).
pub(crate) const CODES: &[(&str, &str)] = &[("sf", "SF Express")];

/// What all others are called.
const NAMES: &[(&str, &str)] = &[
    ("yto", "YTO Express"),
    ("zto", "ZTO Express"),
    ("sto", "STO Express"),
    ("yunda", "Yunda Express"),
    ("jd", "JD Logistics"),
    ("jd-logistics", "JD Logistics"),
    ("jtexpress", "J&T Express"),
    ("ems", "EMS"),
    ("deppon", "Deppon Express"),
];

/// Looks, then tells.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else { return packages::ask(call, &shipment.ext_id).map(Next::Send) };
    let mut all_shipped = false;
    let (marketplace, reference) = match packages::answered(reply)? {
        Some((_, known)) => match reference(&known, shipment)? {
            None => return Ok(Next::Done(Confirmed::AlreadyThere)),
            Some(reference) => (known.marketplace, reference),
        },
        // Where parcels cannot be looked at, the order can; and the platform counts what it is told of each item.
        None => {
            let Some(reply) = replies.next() else {
                return order::ask(call, &shipment.ext_id, api::token(call)?).map(Next::Send);
            };
            let (status, marketplace) = seen(reply)?;
            all_shipped = status == "Shipped";
            (marketplace, our_reference(shipment))
        }
    };
    let marketplace = if marketplace.is_empty() { marketplace::first(call)?.to_owned() } else { marketplace };
    match replies.next() {
        None => tell(call, shipment, &marketplace, &reference).map(Next::Send),
        Some(reply) => match told(reply)? {
            None => Ok(Next::Done(Confirmed::Told)),
            // Nothing is left to ship, and the parcel that left is not this one.
            Some(refused) if all_shipped && refused.status == 400 => {
                Err(rejected("already_shipped_elsewhere", ELSEWHERE))
            }
            Some(refused) if refused.status == 404 => Err(rejected("order_missing", MISSING)),
            Some(refused) => Err(refused.rejected()),
        },
    }
}

/// Under which reference the parcel is to be told; `None` where it is told already.
fn reference(known: &Known, shipment: &Shipment) -> Result<Option<String>, CallError> {
    if known.find(&shipment.waybill).is_some() {
        return Ok(None);
    }
    if known.cancelled {
        return Err(rejected("order_closed", CLOSED));
    }
    let replaced = shipment.replaces.as_deref().and_then(|number| known.find(number));
    let reference = replaced.map_or_else(|| our_reference(shipment), |package| package.reference.clone());
    // Ours under another number, although nothing says that it changed.
    let taken = replaced.is_none() && known.packages.iter().any(|package| package.reference == reference);
    let fits = shipment.lines.iter().all(|line| known.has_left(&line.ext_line_id, line.qty, &reference));
    match fits && !taken {
        true => Ok(Some(reference)),
        false => Err(rejected("already_shipped_elsewhere", ELSEWHERE)),
    }
}

/// A positive number, the same for the same parcel.
fn our_reference(shipment: &Shipment) -> String {
    let digest = sign::sha256(&[shipment.parcel.as_bytes()]);
    let number = digest.iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    (number >> 1).max(1).to_string()
}

/// Status and marketplace of an order that may still be told of.
fn seen(reply: &Reply) -> Result<(String, String), CallError> {
    let Some(order) = order::asked(reply)? else { return Err(rejected("order_missing", MISSING)) };
    let read = order.object().and_then(|order| Ok((order.need("OrderStatus")?.text()?, order.text("MarketplaceId")?)));
    let (status, marketplace) = read.map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    match status.as_str() {
        "Canceled" | "Unfulfillable" => Err(rejected("order_closed", CLOSED)),
        _ => Ok((status, marketplace)),
    }
}

fn tell(call: &Call<'_>, shipment: &Shipment, marketplace: &str, reference: &str) -> Result<Request, CallError> {
    let items: Vec<_> =
        shipment.lines.iter().map(|line| json!({ "orderItemId": line.ext_line_id, "quantity": line.qty })).collect();
    let (code, name) = carrier(shipment);
    let body = json!({
        "marketplaceId": marketplace,
        "packageDetail": {
            "packageReferenceId": reference,
            "carrierCode": code,
            "carrierName": name,
            "trackingNumber": shipment.waybill,
            "shipDate": time::to_rfc3339(call.now),
            "orderItems": items,
        },
    });
    let path = format!("/orders/v0/orders/{}/shipmentConfirmation", api::in_path(&shipment.ext_id));
    api::send(call, http::Method::POST, &path, &body)
}

fn carrier(shipment: &Shipment) -> (&str, &str) {
    let find = |of: &'static [(&str, &str)]| of.iter().find(|(id, _)| *id == shipment.carrier).map(|(_, name)| *name);
    let mapped = shipment.carrier_code.as_deref().filter(|code| !code.is_empty());
    let name = find(NAMES).unwrap_or(&shipment.carrier_name);
    match mapped.or(find(CODES)) {
        Some("Other") | None => ("Other", name),
        Some(code) => (code, code),
    }
}

/// 204 and nothing else is yes; otherwise what was refused. A repeat changes the same parcel to what it is.
fn told(reply: &Reply) -> Result<Option<Refused>, CallError> {
    if reply.status() == http::StatusCode::NO_CONTENT {
        return Ok(None);
    }
    if reply.status().is_success() {
        return Err(huidan_exchange::unclear(Effect::Harmless, format!("HTTP {}", reply.status().as_u16())));
    }
    errors::failure(reply, Effect::Harmless).map(Some)
}

const MISSING: &str = "亚马逊没有这个订单，请核对店铺 / Amazon has no such order: check the shop";
const CLOSED: &str = "订单在亚马逊已取消，请拦回包裹 / the order is cancelled at Amazon: stop the parcel";
const ELSEWHERE: &str =
    "亚马逊已用另一个单号发货，请人工核对 / shipped at Amazon under another number: compare by hand";
