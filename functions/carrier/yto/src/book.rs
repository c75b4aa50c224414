//! Taking a number and giving it back.

use crate::api::{self, Interface};
use crate::message;
use huidan_carrier::{Booked, Cancelled, Paper, Parcel, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unclear};
use serde_json::json;

const CREATE: Interface = Interface { method: "privacy_create_adapter", key: "" };
const CANCEL: Interface = Interface { method: "korder_cancel_adapter", key: "cancel_key" };

/// `privacy_create_adapter`: our number of the order is its idempotency key.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    common::in_clear(&parcel.receiver)?;
    let Some(reply) = call.replies.first() else {
        return api::request(call, CREATE, &message::order(&call.account.credentials, parcel)).map(Next::Send);
    };
    let answer = api::answer(reply, Effect::Counts, &common::private(parcel))?;
    number(&answer, &parcel.claim).map(Next::Done).map_err(|wrong| api::lost(&wrong, Effect::Counts))
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
    let lost = |wrong: Wrong| api::lost(&wrong, Effect::Harmless);
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
