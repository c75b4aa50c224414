//! Giving a number back, calling a parcel back, watching it.

use crate::api::{self, Interface, Outcome};
use crate::message::{self, Origin};
use huidan_carrier::{Cancelled, Intercept, Intercepted, Tracked, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::Object;
use huidan_exchange::{Call, CallError, Effect, Next, Request, rejected};
use serde::Serialize;

const CANCEL: Interface = Interface { domain: "ECAP", path: "/ecap/v1/orders/cancel" };
const SUBSCRIBE: Interface = Interface { domain: "ECAP", path: "/ecap/v1/orders/trace/subscribe" };

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cancellation<'a> {
    waybill_code: &'a str,
    #[serde(flatten)]
    origin: Origin<'a>,
    cancel_reason: &'a str,
    cancel_reason_code: &'static str,
    cancel_type: u8,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Subscription<'a> {
    waybill_code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    mobile: &'a str,
    #[serde(flatten)]
    origin: Origin<'a>,
}

/// `/ecap/v1/orders/cancel` before the parcel is collected.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else { return cancellation(call, number, "取消").map(Next::Send) };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(answer) if is_called_back(&answer) => Err(rejected(
            "called_back",
            "快件已揽收，京东转为拦截退回，单号仍在使用 / it is collected: JD Logistics calls it back, and the number \
                     stays in use",
        )),
        Outcome::Given(_) => Ok(Next::Done(Cancelled::Done)),
        Outcome::Refused { words, .. } if gone(&words) => Ok(Next::Done(Cancelled::AlreadyGone)),
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

/// Whether the answer says that the parcel is called back and not cancelled (`resultType` 2).
fn is_called_back(answer: &Object<'_>) -> bool {
    answer.object("data").and_then(|data| common::words(&data, "resultType")).is_ok_and(|kind| kind == "2")
}

/// The same call once the parcel is collected: the platform then tries to bring it back. It cannot send it elsewhere.
pub(crate) fn intercept(call: &Call<'_>, number: &WaybillNo, wish: &Intercept) -> Result<Next<Intercepted>, CallError> {
    if *wish != Intercept::Return {
        return Err(rejected(
            "redirect_unsupported",
            "京东物流接口这里只支持拦截退回，改地址请联系客服 / only a return can be asked for here: call JD \
                     Logistics for a new address",
        ));
    }
    let Some(reply) = call.replies.first() else { return cancellation(call, number, "拦截退回").map(Next::Send) };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(Intercepted::Accepted)),
        Outcome::Refused { words, .. } if gone(&words) || words.contains("拦截中") || words.contains("已拦截") => {
            Ok(Next::Done(Intercepted::AlreadyAsked))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

fn cancellation(call: &Call<'_>, number: &WaybillNo, reason: &str) -> Result<Request, CallError> {
    let origin = message::origin(&call.account.credentials)?;
    let message = Cancellation {
        waybill_code: number.as_str(),
        origin,
        cancel_reason: reason,
        cancel_reason_code: "1",
        cancel_type: origin.cancel_type(),
    };
    api::request(call, CANCEL, &message)
}

/// Whether a refusal says that the order had been cancelled already; its code is not documented, its words are read.
fn gone(words: &str) -> bool {
    words.contains("已取消") || words.contains("已经取消") || words.contains("重复取消")
}

/// `/ecap/v1/orders/trace/subscribe`: pushes come only after it. Their address is set in the console.
pub(crate) fn subscribe(call: &Call<'_>, parcel: &Tracked) -> Result<Next<()>, CallError> {
    let Some(reply) = call.replies.first() else {
        let origin = message::origin(&call.account.credentials)?;
        let message = Subscription { waybill_code: &parcel.number, mobile: &parcel.phone_tail, origin };
        return api::request(call, SUBSCRIBE, &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(())),
        Outcome::Refused { words, .. } if words.contains("已订阅") || words.contains("重复订阅") => {
            Ok(Next::Done(()))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}
