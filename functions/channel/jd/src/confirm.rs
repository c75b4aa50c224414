//! Telling the channel that a parcel left.
//!
//! The platform ships whole orders: the first parcel ships the order, and a further one joins its number to those that
//! are there. Whatever it refuses, the order is read back and speaks for itself, so telling a parcel may be repeated.

use crate::api::{self, Answer};
use crate::errors::{Meaning, Refused};
use crate::order::{self, Parcels};
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use serde_json::json;

const SHIP: &str = "jingdong.pop.order.shipment";
const CHANGE: &str = "jingdong.order.sop.waybill.update";

/// Our carriers and the platform's ids of them (`jingdong.delivery.logistics.get`). What is missing here, or has
/// another id in this shop, the seller maps himself.
pub(crate) const COMPANIES: &[(&str, &str)] = &[
    ("sf", "467"),
    ("zto", "1499"),
    ("yto", "463"),
    ("sto", "470"),
    ("yunda", "1327"),
    ("ems", "465"),
    ("deppon", "3046"),
    ("jd", "2087"),
    ("jd-logistics", "2087"),
];

/// What the order says of the parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
enum There {
    /// It is told.
    Known,
    /// Nothing is shipped there.
    Open,
    /// These are the numbers to tell in the place of those that are there.
    Change(Parcels),
}

/// Tells; reads the order back where that was refused, and first where a number takes the place of another.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let mut replies = call.replies.iter();
    let mut refused = None;
    if shipment.replaces.is_none() {
        let Some(reply) = replies.next() else { return ship(call, shipment).map(Next::Send) };
        match shipped(reply)? {
            Ok(()) => return Ok(Next::Done(Confirmed::Told)),
            Err(no) => refused = Some(no),
        }
    }
    let Some(reply) = replies.next() else { return order::ask(call, &shipment.ext_id).map(Next::Send) };
    let last = match (there(reply, shipment)?, refused) {
        (There::Known, _) => return Ok(Next::Done(Confirmed::AlreadyThere)),
        (There::Open, Some(no)) if no.meaning == Meaning::Busy => {
            return Err(CallError::Transient { after_s: None, detail: no.words });
        }
        (There::Open, Some(no)) => return Err(no.rejected()),
        (There::Open, None) => None,
        (There::Change(parcels), _) => Some(parcels),
    };
    let Some(reply) = replies.next() else {
        let request = match &last {
            Some(parcels) => change(call, shipment, parcels),
            None => ship(call, shipment),
        };
        return request.map(Next::Send);
    };
    let said = if last.is_some() { changed(reply)? } else { shipped(reply)? };
    said.map(|()| Next::Done(Confirmed::Told)).map_err(Refused::rejected)
}

fn there(reply: &Reply, shipment: &Shipment) -> Result<There, CallError> {
    let Some(document) = order::asked(reply)? else { return Err(rejected("order_missing", MISSING)) };
    let read = document.object().and_then(|order| {
        let lines = order.list("itemInfoList")?.len();
        Ok((order.need("orderState")?.text()?, Parcels::of(&order)?, lines))
    });
    let (status, parcels, lines) = read.map_err(|wrong| lost(&wrong))?;
    if parcels.has(&shipment.waybill) {
        return Ok(There::Known);
    }
    match status.as_str() {
        "TRADE_CANCELED" | "PARENT_TRADE_CANCELED" => return Err(rejected("order_closed", CLOSED)),
        "LOCKED" => return Err(rejected("order_locked", LOCKED)),
        _ => {}
    }
    let left = ["WAIT_GOODS_RECEIVE_CONFIRM", "FINISHED_L"].contains(&status.as_str());
    if !left && parcels.numbers().is_empty() {
        return Ok(There::Open);
    }
    let whole = shipment.lines.len() >= lines && shipment.lines.iter().all(|line| line.whole);
    let replaced = shipment.replaces.as_deref().filter(|number| parcels.has(number));
    if whole && replaced.is_none() {
        return Err(rejected("already_shipped_elsewhere", ELSEWHERE));
    }
    Ok(There::Change(parcels.with(company(shipment)?, &shipment.waybill, replaced)))
}

fn ship(call: &Call<'_>, shipment: &Shipment) -> Result<Request, CallError> {
    let parameters =
        json!({ "orderId": shipment.ext_id, "logiCoprId": company(shipment)?, "logiNo": shipment.waybill });
    api::request(call, SHIP, &parameters)
}

fn change(call: &Call<'_>, shipment: &Shipment, parcels: &Parcels) -> Result<Request, CallError> {
    let (carriers, numbers) = parcels.spelled();
    let parameters = json!({ "order_id": shipment.ext_id, "logistics_id": carriers, "waybill": numbers });
    api::request(call, CHANGE, &parameters)
}

/// Repeating it does no harm: what is shipped is refused, and read back.
fn shipped(reply: &Reply) -> Result<Result<(), Refused>, CallError> {
    match api::answer(reply, SHIP, Effect::Harmless)? {
        Answer::Refused(refused) => Ok(Err(refused)),
        Answer::Given(envelope) => {
            let result = envelope.need("sopjosshipment_result").and_then(|result| result.object());
            api::operated(&result.map_err(|wrong| lost(&wrong))?, Effect::Harmless)
        }
    }
}

/// The envelope's own code is all that this call is known to say; should it tell more, that has the last word.
fn changed(reply: &Reply) -> Result<Result<(), Refused>, CallError> {
    let envelope = match api::answer(reply, CHANGE, Effect::Harmless)? {
        Answer::Refused(refused) => return Ok(Err(refused)),
        Answer::Given(envelope) => envelope,
    };
    match envelope.get("sopjosshipment_result") {
        Some(result) => api::operated(&result.object().map_err(|wrong| lost(&wrong))?, Effect::Harmless),
        None if envelope.has("success") => api::operated(&envelope, Effect::Harmless),
        None => Ok(Ok(())),
    }
}

fn company(shipment: &Shipment) -> Result<&str, CallError> {
    let known = COMPANIES.iter().find(|(carrier, _)| *carrier == shipment.carrier);
    let mapped = shipment.carrier_code.as_deref().filter(|code| !code.is_empty());
    mapped.or(known.map(|(_, id)| *id)).ok_or_else(|| {
        rejected(
            "carrier_unmapped",
            "请在店铺设置中为该承运商填写京东的物流公司编号 / set JD's number of this carrier in the shop's settings",
        )
    })
}

fn lost(wrong: &Wrong) -> CallError {
    unreadable(wrong, Effect::Harmless)
}

const MISSING: &str = "京东没有这个订单，请核对店铺 / JD has no such order: check the shop";
const CLOSED: &str = "订单在京东已取消，请拦回包裹 / the order is cancelled at JD: stop the parcel";
const LOCKED: &str =
    "订单在京东被锁定（退款审核中），请拦回包裹 / locked at JD while a refund is reviewed: stop the parcel";
const ELSEWHERE: &str = "京东已用另一个单号发货，请人工核对 / shipped at JD under another number: compare by hand";
