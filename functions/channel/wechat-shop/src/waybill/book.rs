//! Taking a number, asking for it, giving it back.

use super::apply;
use crate::api::{self, Answer};
use crate::carriers;
use crate::errors::{NO_WAYBILL, WAYBILL_EXISTS};
use huidan_carrier::common::private;
use huidan_carrier::{Booked, Cancelled, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, it_exists, unclear, unreadable};
use serde_json::json;

const CREATE: &str = "/channels/ec/logistics/ewaybill/biz/order/create";
const GET: &str = "/channels/ec/logistics/ewaybill/biz/order/get";
const PRINT: &str = "/channels/ec/logistics/ewaybill/biz/print/get";
const CANCEL: &str = "/channels/ec/logistics/ewaybill/biz/order/cancel";

/// A number and who carries it.
struct Numbered {
    number: String,
    company: String,
}

/// `order/create` under an id that follows from the claim. Where WeChat says that it has that id, the number is asked
/// for; where the answer brought no print data, that is asked for too. From the first answer on a number may be taken,
/// so no later failure means that none was.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    let account = &call.account.credentials;
    let Some(reply) = call.replies.first() else {
        return api::post(call, CREATE, &apply::apply(account, parcel)?).map(Next::Send);
    };
    let later = call.replies.get(1..).unwrap_or_default();
    match api::answer(call, reply, Effect::Counts, &private(parcel))? {
        Answer::Refused(refused) if refused.code == WAYBILL_EXISTS => match found(call, parcel, later) {
            Ok(Next::Send(request)) => Ok(Next::Send(request)),
            Ok(Next::Done(Some(booked))) => Ok(Next::Done(booked)),
            Ok(Next::Done(None)) => Err(it_exists(refused.words)),
            Err(error) => Err(taken(&error)),
        },
        Answer::Refused(refused) => Err(refused.rejected()),
        Answer::Given(envelope) => {
            let company = account.need("delivery_id")?.to_owned();
            let numbered = numbered(&envelope, company).map_err(lost)?;
            let numbered = numbered.ok_or_else(|| lost(envelope.wrong("waybill_id", "is missing")))?;
            match envelope.get("print_info").filter(|info| info.raw() != "\"\"") {
                Some(_) => booked(&envelope, numbered).map(Next::Done).map_err(lost),
                None => printed(call, parcel, numbered, later.first()).map_err(|error| taken(&error)),
            }
        }
    }
}

/// The number that was taken for this claim, if one was.
pub(crate) fn query(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
    found(call, parcel, call.replies)
}

/// `order/get`, then the print data of what is there.
fn found(call: &Call<'_>, parcel: &Parcel, replies: &[Reply]) -> Result<Next<Option<Booked>>, CallError> {
    let Some(reply) = replies.first() else {
        return api::post(call, GET, &json!({"ewaybill_order_id": apply::order_id(&parcel.claim)})).map(Next::Send);
    };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let numbered = match api::answer(call, reply, Effect::Harmless, &private(parcel))? {
        Answer::Refused(refused) if refused.code == NO_WAYBILL => None,
        Answer::Refused(refused) => return Err(refused.rejected()),
        Answer::Given(envelope) => {
            let info = envelope.need("order_info").and_then(|info| info.object()).map_err(lost)?;
            let company = info.need("delivery_id").and_then(|id| id.text()).map_err(lost)?;
            numbered(&info, company).map_err(lost)?
        }
    };
    let Some(numbered) = numbered else { return Ok(Next::Done(None)) };
    Ok(match printed(call, parcel, numbered, replies.get(1))? {
        Next::Send(request) => Next::Send(request),
        Next::Done(booked) => Next::Done(Some(booked)),
    })
}

/// `print/get`.
fn printed(
    call: &Call<'_>,
    parcel: &Parcel,
    numbered: Numbered,
    reply: Option<&Reply>,
) -> Result<Next<Booked>, CallError> {
    let Some(reply) = reply else {
        let template = apply::template(&call.account.credentials);
        let body = json!({"ewaybill_order_id": apply::order_id(&parcel.claim), "template_id": template});
        return api::post(call, PRINT, &body).map(Next::Send);
    };
    match api::answer(call, reply, Effect::Harmless, &private(parcel))? {
        Answer::Refused(refused) => Err(refused.rejected()),
        Answer::Given(envelope) => {
            booked(&envelope, numbered).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
    }
}

/// `order/cancel`.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let body = json!({
            "ewaybill_order_id": apply::order_id(claim),
            "delivery_id": call.account.credentials.need("delivery_id")?,
            "waybill_id": number.as_str(),
        });
        return api::post(call, CANCEL, &body).map(Next::Send);
    };
    match api::answer(call, reply, Effect::Harmless, &[])? {
        Answer::Given(_) => Ok(Next::Done(Cancelled::Done)),
        Answer::Refused(refused) if refused.code == NO_WAYBILL || refused.words.contains("已取消") => {
            Ok(Next::Done(Cancelled::AlreadyGone))
        }
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

/// The number in an answer; `None` when there is none yet.
fn numbered(of: &Object<'_>, company: String) -> Result<Option<Numbered>, Wrong> {
    let text = of.text("waybill_id")?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let number = WaybillNo::parse(&text).map_err(|_| of.wrong("waybill_id", "is no waybill number"))?;
    Ok(Some(Numbered { number: number.as_str().to_owned(), company }))
}

/// The print data is WeChat's own text, which only its print component can open: the JSON string goes on byte by byte.
fn booked(envelope: &Object<'_>, numbered: Numbered) -> Result<Booked, Wrong> {
    let info = envelope.need("print_info")?;
    if info.text()?.is_empty() {
        return Err(info.wrong("is empty"));
    }
    Ok(Booked {
        number: numbered.number,
        paper: Paper::PlatformTask { print_data: info.raw().to_owned() },
        routing: String::new(),
        by: carriers::ours(&numbered.company),
        children: Vec::new(),
        reference: String::new(),
    })
}

/// A number is taken, or may be: whatever fails now leaves the outcome open.
fn taken(error: &CallError) -> CallError {
    unclear(Effect::Counts, format!("已取号，后续步骤失败 / a number is taken, what followed failed: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err asks for")]
fn lost(wrong: Wrong) -> CallError {
    unreadable(&wrong, Effect::Counts)
}
