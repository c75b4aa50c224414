//! Telling the channel that a parcel left.
//!
//! The order is read first: it says whether the parcel is known, whether its goods left under another number, and which
//! pack a changed number belongs to. What is refused is read back once more. The platform's own `request_id` guards the
//! moment between, so telling a parcel may be repeated.

use crate::api::{self, Answer, Refused};
use crate::company;
use crate::order::{self, Line, Pack};
use huidan_channel::{Confirmed, Shipment, ShipmentLine};
use huidan_exchange::sign::{hex, sha256};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected};
use serde_json::{Value, json};

const SINGLE: &str = "order.logisticsAddSinglePack";
const MULTI: &str = "order.logisticsAddMultiPack";
const EDIT: &str = "order.logisticsEdit";
const EDIT_PACK: &str = "order.logisticsEditByPack";

/// What the order says of the parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
enum There {
    /// It is told.
    Known,
    /// It is to be told.
    Open,
    /// Its number takes the place of the one of this pack; empty where the order was told as a whole.
    Change(String),
}

/// Reads, tells, and reads back what was refused.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else { return order::ask(call, &shipment.ext_id).map(Next::Send) };
    let there = there(reply, shipment)?;
    if there == There::Known {
        return Ok(Next::Done(Confirmed::AlreadyThere));
    }
    let Some(reply) = replies.next() else { return request(call, shipment, &there).map(Next::Send) };
    let Some(refused) = refusal(reply)? else { return Ok(Next::Done(Confirmed::Told)) };
    let Some(reply) = replies.next() else { return order::ask(call, &shipment.ext_id).map(Next::Send) };
    match self::there(reply, shipment)? {
        There::Known => Ok(Next::Done(Confirmed::AlreadyThere)),
        There::Open | There::Change(_) => Err(refused.rejected()),
    }
}

/// A repeat does nothing, so an answer that is none is no more than a reason to try again.
fn refusal(reply: &Reply) -> Result<Option<Refused>, CallError> {
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(_) => Ok(None),
        Answer::Refused(refused) => Ok(Some(refused)),
    }
}

fn there(reply: &Reply, shipment: &Shipment) -> Result<There, CallError> {
    let Some(document) = order::asked(reply)? else { return Err(rejected("order_missing", MISSING)) };
    let read = document.object().and_then(|order| {
        let words = (order.need("order_status")?.id()?, order::word(&order, "main_status")?);
        Ok((words, order::lines(&order)?, order::packs(&order)?))
    });
    let ((status, main_status), lines, packs) = read.map_err(api::lost)?;
    if shipment.lines.iter().all(|told| known(told, &packs, &shipment.waybill)) {
        return Ok(There::Known);
    }
    if status == "4" || matches!(main_status.as_str(), "21" | "22" | "39") {
        return Err(rejected("order_closed", CLOSED));
    }
    if !shipment.lines.iter().any(|told| lines.iter().any(|line| line.id == told.ext_line_id)) {
        return Err(rejected("line_missing", NO_LINE));
    }
    if let Some(pack) = packs.iter().find(|pack| shipment.replaces.as_deref() == Some(&*pack.number)) {
        return Ok(There::Change(pack.id.clone()));
    }
    let shipped = matches!(status.as_str(), "3" | "5");
    match shipped || shipment.lines.iter().any(|told| !room(told, &lines, &packs)) {
        true => Err(rejected("already_shipped_elsewhere", ELSEWHERE)),
        false => Ok(There::Open),
    }
}

/// Whether a pack of that number holds the line; one that names nothing holds all of the order.
fn known(told: &ShipmentLine, packs: &[Pack], number: &str) -> bool {
    let holds = |pack: &Pack| pack.holds.is_empty() || pack.holds.iter().any(|(id, _)| *id == told.ext_line_id);
    packs.iter().any(|pack| pack.number == number && holds(pack))
}

/// Whether so many of a line have not left yet.
fn room(told: &ShipmentLine, lines: &[Line], packs: &[Pack]) -> bool {
    let Some(line) = lines.iter().find(|line| line.id == told.ext_line_id) else { return false };
    let held = |pack: &Pack| {
        let own = pack.holds.iter().filter(|(id, _)| *id == line.id);
        if pack.holds.is_empty() { line.qty } else { own.fold(0, |sum, (_, count)| count.saturating_add(sum)) }
    };
    let gone = packs.iter().fold(0_u32, |sum, pack| sum.saturating_add(held(pack)));
    line.qty.saturating_sub(gone) >= told.qty
}

/// One parcel that is the whole order, one of several, or another number in the place of one. A refund that is asked
/// for is never refused along the way (`is_reject_refund`): then the platform refuses to ship.
fn request(call: &Call<'_>, shipment: &Shipment, there: &There) -> Result<Request, CallError> {
    let (order_id, number, company_code) = (&shipment.ext_id, &shipment.waybill, company(shipment)?);
    let goods: Vec<Value> = shipment
        .lines
        .iter()
        .map(|line| json!({"shipped_order_id": line.ext_line_id, "shipped_num": line.qty}))
        .collect();
    let whole = shipment.completes && shipment.lines.iter().all(|line| line.whole);
    let (method, parameters) = match there {
        There::Change(pack) if pack.is_empty() => {
            (EDIT, json!({"order_id": order_id, "logistics_code": number, "company_code": company_code}))
        }
        There::Change(pack) => (
            EDIT_PACK,
            json!({"order_id": order_id, "pack_id": pack, "logistics_code": number, "company_code": company_code}),
        ),
        _ if whole => (
            SINGLE,
            json!({"order_id_list": [order_id], "shipped_order_info": goods, "logistics_code": number,
                "company_code": company_code, "request_id": request_id(shipment)}),
        ),
        _ => (
            MULTI,
            json!({"order_id": order_id, "request_id": request_id(shipment), "pack_list":
                [{"shipped_order_info": goods, "logistics_code": number, "company_code": company_code}]}),
        ),
    };
    api::request(call, method, &parameters)
}

/// The same for every repeat, another for every other parcel, number or part of a parcel.
fn request_id(shipment: &Shipment) -> String {
    let lines: Vec<&str> = shipment.lines.iter().map(|line| line.ext_line_id.as_str()).collect();
    let lines = lines.join(",");
    let digest = hex(&sha256(&[shipment.parcel.as_bytes(), b"/", shipment.waybill.as_bytes(), b"/", lines.as_bytes()]));
    digest.chars().take(32).collect()
}

fn company(shipment: &Shipment) -> Result<&str, CallError> {
    let mapped = shipment.carrier_code.as_deref().filter(|code| !code.is_empty());
    mapped.or_else(|| company::code(&shipment.carrier, &shipment.waybill)).ok_or_else(|| {
        rejected(
            "carrier_unmapped",
            "请在店铺设置中为该承运商填写抖店的物流公司编码 / set Doudian's company code for this carrier in the shop's settings",
        )
    })
}

const MISSING: &str = "抖店没有这个订单，请核对店铺 / Doudian has no such order: check the shop";
const CLOSED: &str =
    "订单在抖店已关闭或已退款，请拦回包裹 / the order is closed or refunded at Doudian: stop the parcel";
const NO_LINE: &str = "订单中没有这些商品单，请重新拉取订单 / the order has no such lines: fetch it again";
const ELSEWHERE: &str = "抖店已用另一个单号发货，请人工核对 / shipped at Doudian under another number: compare by hand";
