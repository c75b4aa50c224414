//! Telling WooCommerce that a parcel left: read, write status and number, leave a note.
//!
//! WooCommerce has no field for a number; `_tracking_number` in the order's meta data is the custom that mails and
//! plugins know. Reading comes first at every repeat, so a lost answer never becomes a second mail.

use crate::api::{answer, request};
use crate::list::segment;
use crate::read::{TRACKING, numbers};
use http::Method;
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Effect, Next, Reply, rejected, unclear, unreadable};
use serde_json::{Value, json};

/// Tells WooCommerce.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let path = format!("orders/{}", segment(&shipment.ext_id));
    let [seen, rest @ ..] = call.replies else {
        return request(call, Method::GET, &format!("{path}?_fields=id,status,meta_data"), None).map(Next::Send);
    };
    let Some(change) = decide(seen, shipment)? else { return Ok(Next::Done(Confirmed::AlreadyThere)) };
    let [written, rest @ ..] = rest else {
        return request(call, Method::PUT, &path, Some(change)).map(Next::Send);
    };
    settle(written, shipment)?;
    let [noted, ..] = rest else {
        return request(call, Method::POST, &format!("{path}/notes"), Some(note(call, shipment))).map(Next::Send);
    };
    let unclear = || unclear(Effect::Counts, "no note in the answer");
    let noted = answer(noted, Effect::Counts)?.ok_or_else(unclear)?;
    noted.object().and_then(|note| note.need("id")?.id()).map_err(|wrong| unreadable(&wrong, Effect::Counts))?;
    Ok(Next::Done(Confirmed::Told))
}

/// What to write; `None` where the number is there already.
fn decide(reply: &Reply, shipment: &Shipment) -> Result<Option<Value>, CallError> {
    let wrong = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let Some(order) = answer(reply, Effect::Harmless)? else {
        return Err(rejected("order_not_found", "店铺没有该订单 / the shop has no such order"));
    };
    let order = order.object().map_err(wrong)?;
    let status = order.need("status").and_then(|status| status.text()).map_err(wrong)?;
    let (field, mut told) = numbers(&order).map_err(wrong)?.unwrap_or_default();
    let same = |told: &String, number: &str| told.eq_ignore_ascii_case(number.trim());
    if told.iter().any(|told| same(told, &shipment.waybill)) {
        return Ok(None);
    }
    let replaced = shipment.replaces.as_deref().and_then(|old| told.iter().position(|told| same(told, old)));
    let completed_with_another = status == "completed" && !told.is_empty();
    match (status.as_str(), replaced.and_then(|at| told.get_mut(at))) {
        ("cancelled" | "refunded" | "failed" | "trash", _) => {
            return Err(rejected(
                "order_cancelled",
                "订单在店铺已取消或退款，请拦截包裹 / cancelled or refunded at the shop: stop the parcel",
            ));
        }
        (_, Some(place)) => place.clone_from(&shipment.waybill),
        (_, None) if completed_with_another => {
            return Err(rejected(
                "already_shipped_elsewhere",
                "店铺上已用其他单号发货，请核对 / shipped at the shop under another number: compare",
            ));
        }
        (_, None) => told.push(shipment.waybill.clone()),
    }
    Ok(Some(change(&field, &told, shipment)))
}

/// The order is completed only with its last parcel.
fn change(field: &str, told: &[String], shipment: &Shipment) -> Value {
    let mut number = json!({ "key": TRACKING, "value": told.join(", ") });
    if let (Some(number), Ok(id)) = (number.as_object_mut(), field.parse::<u64>()) {
        number.insert("id".to_owned(), id.into());
    }
    let carrier = json!({ "key": "_tracking_provider", "value": carrier(shipment) });
    let mut change = json!({ "meta_data": [number, carrier] });
    if let (true, Some(change)) = (shipment.completes, change.as_object_mut()) {
        change.insert("status".to_owned(), "completed".into());
    }
    change
}

fn carrier(shipment: &Shipment) -> &str {
    shipment.carrier_code.as_deref().unwrap_or(&shipment.carrier_name)
}

/// The answer to the write is the order as it is now: it must show the number.
fn settle(reply: &Reply, shipment: &Shipment) -> Result<(), CallError> {
    let wrong = |wrong: Wrong| unreadable(&wrong, Effect::Counts);
    let Some(order) = answer(reply, Effect::Counts)? else {
        return Err(rejected("order_not_found", "店铺没有该订单 / the shop has no such order"));
    };
    let order = order.object().map_err(wrong)?;
    let told = numbers(&order).map_err(wrong)?.unwrap_or_default().1;
    match told.contains(&shipment.waybill) {
        true => Ok(()),
        false => Err(unclear(Effect::Counts, "the order in the answer does not show the number")),
    }
}

/// A note for the customer is mailed by WooCommerce.
fn note(call: &Call<'_>, shipment: &Shipment) -> Value {
    let quiet =
        call.account.credentials.optional("notify_customer").is_some_and(|no| no.trim().eq_ignore_ascii_case("no"));
    let (carrier, number) = (&shipment.carrier_name, &shipment.waybill);
    json!({ "note": format!("已由{carrier}发出，单号 {number} / Shipped by {carrier}, tracking number {number}"), "customer_note": !quiet })
}
