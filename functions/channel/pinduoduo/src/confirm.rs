//! Telling that a parcel left. The platform knows one number per order, which may be changed, and further numbers of
//! the same order that it shows to the buyer.

use crate::api::{self, Answer, Api, Refused};
use crate::{list, order};
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use serde_json::json;

const SEND: Api = Api { name: "pdd.logistics.online.send", envelopes: &["logistics_online_send_response"] };
const ADD: Api = Api {
    name: "pdd.order.upload.extra.logistics",
    envelopes: &["upload_extra_logistics_response", "order_upload_extra_logistics_response"],
};

/// Our carriers and the platform's ids of them, from an answer of `pdd.logistics.companies.get`. What is missing here
/// the seller maps himself.
pub(crate) const COMPANIES: &[(&str, &str)] = &[
    ("sto", "1"),
    ("sf", "44"),
    ("yto", "85"),
    ("zto", "115"),
    ("ems", "118"),
    ("jd", "120"),
    ("jd-logistics", "120"),
    ("yunda", "121"),
    ("deppon", "131"),
    ("jtexpress", "384"),
];

/// How a parcel is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// As the order's number.
    First,
    /// As the order's number in the place of another.
    Change,
    /// As a further number.
    Further,
}

/// What the order says of the parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    /// It is told.
    Known,
    /// It is to be told like this.
    Open(How),
}

/// Tells a parcel that is the whole order at once and reads the order back where that was refused; reads it before
/// anything else where the order's number may be another parcel's.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let mut replies = call.replies.iter();
    let mut refused = None;
    if whole(shipment) {
        let Some(reply) = replies.next() else { return request(call, shipment, How::First).map(Next::Send) };
        refused = refusal(reply, How::First)?;
        if refused.is_none() {
            return Ok(Next::Done(Confirmed::Told));
        }
    }
    let Some(reply) = replies.next() else { return list::ask(call, &shipment.ext_id).map(Next::Send) };
    let how = match (there(reply, shipment)?, refused) {
        (There::Known, _) => return Ok(Next::Done(Confirmed::AlreadyThere)),
        // Not shipped there, and still not to be shipped: what it said first is why.
        (There::Open(How::First), Some(refused)) => return Err(refused.rejected()),
        (There::Open(how), _) => how,
    };
    let Some(reply) = replies.next() else { return request(call, shipment, how).map(Next::Send) };
    match refusal(reply, how)? {
        None => Ok(Next::Done(Confirmed::Told)),
        Some(refused) => Err(refused.rejected()),
    }
}

/// Whether, by its own word, this parcel is all there is of the order.
fn whole(shipment: &Shipment) -> bool {
    shipment.replaces.is_none() && shipment.completes && shipment.lines.iter().all(|line| line.whole)
}

fn there(reply: &Reply, shipment: &Shipment) -> Result<There, CallError> {
    let Some(document) = list::asked(reply)? else { return Err(rejected("order_missing", MISSING)) };
    let read = order::unwrapped(&document).and_then(|order| {
        Ok((
            order::waybills(&order)?,
            order::closed(&order)?,
            order::word(&order, "order_status")?,
            order::lines(&order)?,
        ))
    });
    let ((main, further), closed, status, lines) = read.map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    if main == shipment.waybill || further.contains(&shipment.waybill) {
        return Ok(There::Known);
    }
    if closed {
        return Err(rejected("order_closed", CLOSED));
    }
    if main.is_empty() && status == "1" {
        return Ok(There::Open(How::First));
    }
    let told = |id: &str| shipment.lines.iter().any(|line| line.ext_line_id == id);
    match shipment.replaces.as_deref() {
        Some(old) if old == main => Ok(There::Open(How::Change)),
        Some(old) if further.iter().any(|number| number == old) => Ok(There::Open(How::Further)),
        Some(_) => Err(rejected("already_shipped_elsewhere", ELSEWHERE)),
        None if !whole(shipment) || !lines.iter().all(|line| told(&line.id)) => Ok(There::Open(How::Further)),
        None => Err(rejected("already_shipped_elsewhere", ELSEWHERE)),
    }
}

fn request(call: &Call<'_>, shipment: &Shipment, how: How) -> Result<Request, CallError> {
    let company = company(shipment)?;
    let mode = match how {
        How::First => "1",
        How::Change => "2",
        How::Further => return further(call, shipment, company),
    };
    let parameters = [
        ("order_sn", shipment.ext_id.as_str()),
        ("logistics_id", company),
        ("tracking_number", shipment.waybill.as_str()),
        // Said in every case: without it a second call might take the first one's place in silence.
        ("redelivery_type", mode),
    ];
    api::request(call, SEND, &parameters)
}

fn further(call: &Call<'_>, shipment: &Shipment, company: &str) -> Result<Request, CallError> {
    let Ok(company) = company.parse::<u64>() else {
        return Err(rejected("carrier_unmapped", UNMAPPED));
    };
    let parcels = json!([{"shipping_id": company, "tracking_number": shipment.waybill}]).to_string();
    let parameters = [
        ("order_sn", shipment.ext_id.as_str()),
        ("extra_track_list", parcels.as_str()),
        // One order in several parcels, as opposed to a replacement or a gift.
        ("extra_track_type", "1"),
    ];
    api::request(call, ADD, &parameters)
}

/// What the platform refused; `None` when it told success in words.
fn refusal(reply: &Reply, how: How) -> Result<Option<Refused>, CallError> {
    let api = match how {
        How::First | How::Change => SEND,
        How::Further => ADD,
    };
    match api::answer(reply, api, Effect::Harmless, &[])? {
        Answer::Refused(refused) => Ok(Some(refused)),
        Answer::Given(envelope) => {
            // The call for further parcels names it otherwise than the one for the first.
            let flag = envelope.get("success").map_or_else(|| envelope.need("is_success"), Ok);
            match flag.and_then(|flag| flag.flag()).map_err(|wrong| unreadable(&wrong, Effect::Harmless))? {
                true => Ok(None),
                false => Ok(Some(Refused { code: "not_shipped".to_owned(), words: String::new() })),
            }
        }
    }
}

fn company(shipment: &Shipment) -> Result<&str, CallError> {
    let known = COMPANIES.iter().find(|(carrier, _)| *carrier == shipment.carrier);
    let mapped = shipment.carrier_code.as_deref().filter(|code| !code.is_empty());
    mapped.or(known.map(|(_, id)| *id)).ok_or_else(|| rejected("carrier_unmapped", UNMAPPED))
}

const MISSING: &str = "拼多多没有这个订单，或已超过三个月，请核对店铺 / Pinduoduo has no such order, or it is older than three \
                       months: check the shop";
const CLOSED: &str =
    "订单在拼多多已取消或已退款，请拦回包裹 / the order is cancelled or refunded at Pinduoduo: stop the parcel";
const ELSEWHERE: &str =
    "拼多多已用另一个单号发货，请人工核对 / shipped at Pinduoduo under another number: compare by hand";
const UNMAPPED: &str = "请在店铺设置中为该承运商填写拼多多的快递公司编号（数字）/ set Pinduoduo's id (a number) for this \
                        carrier in the shop's settings";
