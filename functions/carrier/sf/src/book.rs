//! Taking a number, asking for it, giving it back.

use crate::api::{self, Outcome};
use crate::message;
use huidan_carrier::{Booked, Cancelled, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, redact, unclear};
use serde_json::json;

/// The order number was used before: the first result is asked for.
const REPEATED: &str = "8016";
/// SF has no order of that number.
const NO_ORDER: [&str; 3] = ["8018", "8024", "6150"];
/// The order was cancelled before.
const CANCELLED: &str = "8037";
/// How long a person at SF may look at an address before it is worth asking again, in seconds.
const MANUAL_CHECK_S: u32 = 600;

/// `EXP_RECE_CREATE_ORDER`: repeating an order number returns the first result. Some gateways call the repeat an error
/// instead; then the first result is asked for.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    if parcel.receiver.token.is_some() {
        return Err(CallError::Rejected {
            code: "encrypted_receiver".to_owned(),
            remedy:
                "收件人由平台加密，顺丰直连无法使用，请改用平台的电子面单（如菜鸟的顺丰）/ the platform encrypts this \
                     receiver and SF cannot open it: use the platform's own waybill service"
                    .to_owned(),
        });
    }
    let Some(created) = call.replies.first() else {
        let message = message::order(&call.account.credentials, parcel)?;
        return api::request(call, "EXP_RECE_CREATE_ORDER", &message).map(Next::Send);
    };
    match api::outcome(created, Effect::Counts)? {
        Outcome::Given(data) => number(&data, parcel, Effect::Counts).map(Next::Done),
        Outcome::Refused { code, .. } if code == REPEATED => match call.replies.get(1) {
            None => search(call, parcel).map(Next::Send),
            Some(found) => found_again(found, parcel).map(Next::Done),
        },
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, &private(parcel))),
    }
}

/// `EXP_RECE_SEARCH_ORDER_RESP`.
pub(crate) fn query(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
    let Some(reply) = call.replies.first() else { return search(call, parcel).map(Next::Send) };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(data) => number(&data, parcel, Effect::Harmless).map(|booked| Next::Done(Some(booked))),
        Outcome::Refused { code, .. } if NO_ORDER.contains(&code.as_str()) => Ok(Next::Done(None)),
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, &private(parcel))),
    }
}

/// `EXP_RECE_UPDATE_ORDER` with `dealType` 2. A cancelled order number cannot be used again, which is as well: every
/// attempt has a claim of its own.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let message = json!({
            "language": "zh-CN",
            "orderId": claim,
            "dealType": 2,
            "waybillNoInfoList": [{"waybillType": 1, "waybillNo": number.as_str()}],
        });
        return api::request(call, "EXP_RECE_UPDATE_ORDER", &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(data) => gone(&data).map(Next::Done),
        Outcome::Refused { code, .. } if code == CANCELLED => Ok(Next::Done(Cancelled::AlreadyGone)),
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, &[])),
    }
}

fn search(call: &Call<'_>, parcel: &Parcel) -> Result<Request, CallError> {
    let message = json!({"language": "zh-CN", "orderId": parcel.claim, "searchType": "1"});
    api::request(call, "EXP_RECE_SEARCH_ORDER_RESP", &message)
}

/// The order is there, since SF called it repeated: whatever the question brings but its number leaves it open.
fn found_again(reply: &Reply, parcel: &Parcel) -> Result<Booked, CallError> {
    match api::outcome(reply, Effect::Counts)? {
        Outcome::Given(data) => number(&data, parcel, Effect::Counts),
        Outcome::Refused { code, .. } => {
            Err(unclear(Effect::Counts, format!("重复下单后查询失败 / no answer after a repeat: {code}")))
        }
    }
}

/// Only a number is success; an order that a person at SF looks at may still get one.
fn number(data: &str, parcel: &Parcel, effect: Effect) -> Result<Booked, CallError> {
    let lost = |wrong: Wrong| unclear(effect, format!("应答无法读取 / unreadable answer: {wrong}"));
    let order = Json::parse(data.as_bytes()).and_then(|json| json.object()).map_err(lost)?;
    let filter: u8 = order.get("filterResult").map_or(Ok(2), |value| value.whole()).map_err(lost)?;
    match filter {
        2 => {}
        3 => return Err(undeliverable(&order, parcel)),
        _ => return Err(manual_check(effect)),
    }
    let number = master(&order).map_err(lost)?;
    let number =
        WaybillNo::parse(&number).map_err(|_| unclear(effect, "应答没有运单号 / an answer without a number"))?;
    let routing = routing(&order).unwrap_or_default();
    Ok(Booked { number: number.as_str().to_owned(), paper: Paper::Hub, routing, by: String::new() })
}

fn undeliverable(order: &Object<'_>, parcel: &Parcel) -> CallError {
    let remark = redact(&order.text("remark").unwrap_or_default(), &private(parcel));
    CallError::Rejected {
        code: "not_deliverable".to_owned(),
        remedy: format!(
            "顺丰不可收派：{remark}，请换承运商或改地址 / SF does not deliver there ({remark}): choose another carrier or correct the address"
        ),
    }
}

fn manual_check(effect: Effect) -> CallError {
    let detail = "顺丰正在人工确认地址，稍后再查 / manual check: a person at SF looks at the address, ask again later";
    match effect {
        Effect::Counts => CallError::Unknown { detail: detail.to_owned() },
        Effect::Harmless => CallError::Transient { after_s: Some(MANUAL_CHECK_S), detail: detail.to_owned() },
    }
}

/// The number of the parcel itself: `waybillType` 1; 2 are further parcels of it, 3 the receipt that comes back.
fn master(order: &Object<'_>) -> Result<String, Wrong> {
    for entry in order.list("waybillNoInfoList")? {
        let entry = entry.object()?;
        if entry.need("waybillType")?.whole::<u8>()? == 1 {
            return entry.need("waybillNo")?.id();
        }
    }
    Err(order.wrong("waybillNoInfoList", "holds no number of type 1"))
}

/// `destRouteLabel` of the first route label; a parcel without one still goes.
fn routing(order: &Object<'_>) -> Result<String, Wrong> {
    let labels = order.list("routeLabelInfo")?;
    let Some(first) = labels.first() else { return Ok(String::new()) };
    first.object()?.object("routeLabelData")?.text("destRouteLabel")
}

fn gone(data: &str) -> Result<Cancelled, CallError> {
    let status = Json::parse(data.as_bytes())
        .and_then(|json| json.object())
        .and_then(|order| order.get("resStatus").map(|status| status.whole::<u8>()).transpose());
    match status {
        Ok(None | Some(2)) => Ok(Cancelled::Done),
        Ok(Some(1)) => Err(CallError::Rejected {
            code: "number_mismatch".to_owned(),
            remedy: "顺丰说订单号与运单号不匹配，请人工核对 / SF says that order and number do not belong together: compare \
                     them by hand"
                .to_owned(),
        }),
        Ok(Some(other)) => Err(unclear(Effect::Harmless, format!("resStatus {other}"))),
        Err(wrong) => Err(unclear(Effect::Harmless, format!("应答无法读取 / unreadable answer: {wrong}"))),
    }
}

fn private(parcel: &Parcel) -> [&str; 6] {
    let (to, from) = (&parcel.receiver, &parcel.sender);
    [&to.name, &to.phone, &to.street, &from.name, &from.phone, &from.street].map(String::as_str)
}
