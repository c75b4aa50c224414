//! Telling the channel that a parcel left.
//!
//! The order is read first and, where the platform refuses, once more: it speaks for itself, whatever words the refusal
//! has. So telling a parcel may be repeated.

use crate::api::{self, Answer};
use crate::companies;
use crate::fetch;
use crate::order::{self, Parcels};
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use serde_json::{Value, json};

/// What the order says of the parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
enum There {
    /// It is told.
    Known,
    /// These variants of it are to be told; whether they are the whole order.
    Open { skus: Vec<String>, whole: bool },
    /// Its number takes the place of the one told before; the index of that parcel, where the order has several.
    Change { index: Option<i64> },
}

/// Reads the order, tells, and reads it back where that was refused.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else { return fetch::ask(call, &shipment.ext_id).map(Next::Send) };
    let there = there(reply, shipment)?;
    if there == There::Known {
        return Ok(Next::Done(Confirmed::AlreadyThere));
    }
    let Some(reply) = replies.next() else { return request(call, shipment, &there).map(Next::Send) };
    let refused = match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(_) => return Ok(Next::Done(Confirmed::Told)),
        Answer::Refused(refused) => refused,
    };
    let Some(reply) = replies.next() else { return fetch::ask(call, &shipment.ext_id).map(Next::Send) };
    match self::there(reply, shipment)? {
        There::Known => Ok(Next::Done(Confirmed::AlreadyThere)),
        There::Open { .. } | There::Change { .. } => Err(refused.rejected()),
    }
}

fn there(reply: &Reply, shipment: &Shipment) -> Result<There, CallError> {
    let Some(detail) = fetch::asked(reply)? else { return Err(rejected("order_missing", MISSING)) };
    let read = detail.object().and_then(|detail| {
        let skus: Vec<String> = order::lines(&detail)?.into_iter().map(|line| line.sku).collect();
        Ok((detail.need("orderStatus")?.id()?, skus, order::parcels(&detail)?))
    });
    let (status, skus, parcels) = read.map_err(|wrong: Wrong| unreadable(&wrong, Effect::Harmless))?;
    if matches!(status.as_str(), "8" | "9") {
        return Err(rejected("order_closed", CLOSED));
    }
    let told = |sku: &&String| shipment.lines.iter().any(|line| line.ext_line_id == **sku);
    let ours: Vec<&String> = skus.iter().filter(told).collect();
    if ours.is_empty() {
        return Err(rejected("line_missing", NO_LINE));
    }
    of_lines(shipment, &skus, &ours, &parcels)
}

fn of_lines(shipment: &Shipment, skus: &[String], ours: &[&String], parcels: &Parcels) -> Result<There, CallError> {
    let left: Vec<&String> = ours.iter().copied().filter(|sku| parcels.number_of(sku) != shipment.waybill).collect();
    if left.is_empty() {
        return Ok(There::Known);
    }
    let shipped = |sku: &str| !parcels.number_of(sku).is_empty();
    if let Some(sku) = left.iter().find(|sku| shipped(sku)) {
        let number = parcels.number_of(sku);
        let part = shipment.lines.iter().any(|line| line.ext_line_id == **sku && !line.whole);
        return match shipment.replaces.as_deref() {
            Some(old) if old == number => Ok(There::Change { index: parcels.index_of(old) }),
            _ if part => Err(rejected("line_in_one_parcel", PIECES)),
            _ => Err(rejected("already_shipped_elsewhere", ELSEWHERE)),
        };
    }
    let untouched = !skus.iter().any(|sku| shipped(sku));
    let all = left.len() == skus.len();
    Ok(There::Open { skus: left.into_iter().cloned().collect(), whole: untouched && (all || shipment.completes) })
}

fn request(call: &Call<'_>, shipment: &Shipment, there: &There) -> Result<Request, CallError> {
    let mapped = shipment.carrier_code.as_deref().filter(|code| !code.is_empty());
    let known = companies::code(&shipment.carrier, &shipment.waybill);
    let company = mapped.or(known).ok_or_else(|| rejected("carrier_unmapped", UNMAPPED))?;
    let mut fields = json!({
        "orderId": shipment.ext_id,
        "expressNo": shipment.waybill,
        "expressCompanyCode": company,
        "expressCompanyName": shipment.carrier_name,
    });
    let mut set = |name: &str, value: Value| {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    match there {
        There::Change { index } => {
            set("oldExpressNo", json!(shipment.replaces));
            if let Some(index) = index {
                set("deliveryOrderIndex", json!(index));
            }
            api::request(call, "order.modifyOrderExpressInfo", fields)
        }
        There::Known | There::Open { whole: true, .. } => {
            set("deliveringTime", json!(call.now.0));
            set("unpack", json!(false));
            api::request(call, "order.orderDeliver", fields)
        }
        There::Open { skus, whole: false } => {
            set("deliveringTime", json!(call.now.0));
            set("unpack", json!(true));
            set("skuIdList", json!(skus));
            api::request(call, "order.orderDeliver", fields)
        }
    }
}

const MISSING: &str = "小红书没有这个订单，请核对店铺 / Xiaohongshu has no such order: check the shop";
const CLOSED: &str = "订单在小红书已关闭，请拦回包裹 / the order is closed at Xiaohongshu: stop the parcel";
const NO_LINE: &str = "订单中没有这些商品，请重新拉取订单 / the order has no such lines: fetch it again";
const ELSEWHERE: &str =
    "小红书已用另一个单号发货，请人工核对 / shipped at Xiaohongshu under another number: compare by hand";
const PIECES: &str = "小红书的一种商品只能有一个单号，这个包裹的单号没有回传，请告知买家 / Xiaohongshu takes one number per variant: \
                      this parcel's was not told, let the buyer know";
const UNMAPPED: &str = "请在店铺设置中为该承运商填写小红书的快递公司编码 / set Xiaohongshu's company code for this carrier in \
                        the shop's settings";
