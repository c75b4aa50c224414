//! Taking a number and giving it back.

use crate::api::{self, Interface};
use crate::message;
use huidan_carrier::{Booked, Cancelled, DocumentMedia, Paper, Parcel, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, unclear, unreadable};
use serde_json::json;

const CREATE: Interface = Interface { method: "privacy_create_adapter", key: "" };
const PRINT: Interface = Interface { method: "waybill_print_adapter", key: "print_key" };
const CANCEL: Interface = Interface { method: "korder_cancel_adapter", key: "cancel_key" };

/// `privacy_create_adapter`: our number of the order is its idempotency key.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    common::in_clear(&parcel.receiver)?;
    let Some(reply) = call.replies.first() else {
        return api::request(call, CREATE, &message::order(&call.account.credentials, parcel)).map(Next::Send);
    };
    let answer = api::answer(reply, Effect::Counts, &common::private(parcel))?;
    let booked = number(&answer, &parcel.claim).map_err(|wrong| unreadable(&wrong, Effect::Counts))?;
    if call.account.credentials.optional(PRINT.key).is_none() {
        return Ok(Next::Done(booked));
    }
    match call.replies.get(1) {
        None => api::request(call, PRINT, &json!({"waybillNo": booked.number})).map(Next::Send),
        Some(reply) => drawn(reply).map(|paper| Next::Done(Booked { paper, ..booked })),
    }
}

/// `waybill_print_adapter`: the number is taken already. A paper that YTO will not draw is drawn here; whether one that
/// is only late comes, the repeated order finds out, which gives the same number.
fn drawn(reply: &Reply) -> Result<Paper, CallError> {
    let late =
        || unclear(Effect::Counts, "单号已取，圆通的面单还没有 / the number is taken and YTO's label is not there yet");
    match api::answer(reply, Effect::Harmless, &[]) {
        Ok(answer) => {
            let base64 = answer.object("data").and_then(|data| data.text("pdfBase64")).map_err(|_| late())?;
            if base64.is_empty() { Err(late()) } else { Ok(Paper::Document { media: DocumentMedia::Pdf, base64 }) }
        }
        Err(CallError::Rejected { .. } | CallError::Credentials { .. }) => Ok(Paper::Hub),
        Err(_) => Err(late()),
    }
}

/// Only a number is success. It stands in the answer itself, or in its `data`.
fn number(answer: &Object<'_>, claim: &str) -> Result<Booked, Wrong> {
    let data = answer.object("data")?;
    let given = if answer.has("mailNo") || !data.has("mailNo") { answer } else { &data };
    let ours = given.id("logisticsNo")?;
    if !ours.is_empty() && ours != claim {
        return Err(given.wrong("logisticsNo", "is another order"));
    }
    let number = given.need("mailNo")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::Hub,
        routing: given.text("shortAddress").unwrap_or_default(),
        by: String::new(),
        children: Vec::new(),
        reference: String::new(),
    })
}

/// `korder_cancel_adapter`: success repeats our number of the order, or says so.
pub(crate) fn cancel(call: &Call<'_>, claim: &str) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let message = json!({"logisticsNo": claim, "cancelDesc": "取消"});
        return api::request(call, CANCEL, &message).map(Next::Send);
    };
    let answer = match api::answer(reply, Effect::Harmless, &[]) {
        Err(CallError::Rejected { remedy, .. }) if gone(&remedy) => return Ok(Next::Done(Cancelled::AlreadyGone)),
        answer => answer?,
    };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let done = answer.id("logisticsNo").map_err(lost)? == claim
        || common::truth(&answer, "success").map_err(lost)? == Some(true);
    if done {
        Ok(Next::Done(Cancelled::Done))
    } else {
        Err(unclear(Effect::Harmless, "应答没有说是否取消 / the answer does not say whether it was cancelled"))
    }
}

/// Whether a refusal to cancel says that the order had been cancelled already; its code is not documented, its words
/// are read.
fn gone(words: &str) -> bool {
    ["已取消", "已经取消", "已撤销"].iter().any(|said| words.contains(said))
}
