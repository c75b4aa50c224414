//! Taking a number, asking for it, giving it back.

use crate::api::{self, Outcome};
use crate::message;
use huidan_carrier::{Booked, Cancelled, Child, Paper, Parcel, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, redact, rejected, unclear, unreadable};
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
    common::in_clear(&parcel.receiver)?;
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
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, &common::private(parcel))),
    }
}

/// `EXP_RECE_SEARCH_ORDER_RESP`.
pub(crate) fn query(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
    let Some(reply) = call.replies.first() else { return search(call, parcel).map(Next::Send) };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(data) => number(&data, parcel, Effect::Harmless).map(|booked| Next::Done(Some(booked))),
        Outcome::Refused { code, .. } if NO_ORDER.contains(&code.as_str()) => Ok(Next::Done(None)),
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, &common::private(parcel))),
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

/// `EXP_RECE_UPDATE_ORDER` with `dealType` 1, then the order as it is now: the sorting code may be another.
pub(crate) fn update(call: &Call<'_>, number: &WaybillNo, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    common::in_clear(&parcel.receiver)?;
    let [changed, found] = [call.replies.first(), call.replies.get(1)];
    let Some(changed) = changed else {
        let message = message::change(number.as_str(), parcel);
        return api::request(call, "EXP_RECE_UPDATE_ORDER", &message).map(Next::Send);
    };
    match api::outcome(changed, Effect::Harmless)? {
        Outcome::Given(data) => settled(&data)?,
        Outcome::Refused { code, words } => return Err(api::refused(&code, &words, &common::private(parcel))),
    }
    let Some(found) = found else { return search(call, parcel).map(Next::Send) };
    match api::outcome(found, Effect::Harmless)? {
        Outcome::Given(data) => {
            let booked = self::number(&data, parcel, Effect::Harmless)?;
            if booked.number == number.as_str() { Ok(Next::Done(booked)) } else { Err(mismatch()) }
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, &common::private(parcel))),
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
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let order = Json::parse(data.as_bytes()).and_then(|json| json.object()).map_err(lost)?;
    let filter: u8 = order.get("filterResult").map_or(Ok(2), |value| value.whole()).map_err(lost)?;
    match filter {
        2 => {}
        3 => return Err(undeliverable(&order, parcel)),
        _ => return Err(manual_check(effect)),
    }
    let (number, children) = numbers(&order).map_err(lost)?;
    if children.len() + 1 != usize::from(parcel.pieces.max(1)) {
        return Err(unclear(effect, "应答的单号个数与件数不符 / an answer with another count of numbers than pieces"));
    }
    let routing = routing(&order).unwrap_or_default();
    Ok(Booked { number, paper: Paper::Hub, routing, by: String::new(), children, reference: String::new() })
}

fn undeliverable(order: &Object<'_>, parcel: &Parcel) -> CallError {
    let remark = redact(&order.text("remark").unwrap_or_default(), &common::private(parcel));
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

/// The numbers of the parcel: `waybillType` 1 is the mother, 2 are its children, 3 is the receipt that comes back.
fn numbers(order: &Object<'_>) -> Result<(String, Vec<Child>), Wrong> {
    let (mut mother, mut children) = (None, Vec::new());
    for entry in order.list("waybillNoInfoList")? {
        let entry = entry.object()?;
        let number = || -> Result<String, Wrong> {
            let number = entry.need("waybillNo")?;
            let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
            Ok(number.as_str().to_owned())
        };
        match entry.need("waybillType")?.whole::<u8>()? {
            1 if mother.is_none() => mother = Some(number()?),
            2 => children.push(Child { number: number()?, paper: Paper::Hub }),
            _ => {}
        }
    }
    let mother = mother.ok_or_else(|| order.wrong("waybillNoInfoList", "holds no number of type 1"))?;
    Ok((mother, children))
}

/// `destRouteLabel` of the first route label; a parcel without one still goes.
fn routing(order: &Object<'_>) -> Result<String, Wrong> {
    let labels = order.list("routeLabelInfo")?;
    let Some(first) = labels.first() else { return Ok(String::new()) };
    first.object()?.object("routeLabelData")?.text("destRouteLabel")
}

fn gone(data: &str) -> Result<Cancelled, CallError> {
    settled(data).map(|()| Cancelled::Done)
}

/// `resStatus` of a change: 2 is done, 1 that order and number do not belong together.
fn settled(data: &str) -> Result<(), CallError> {
    let status = Json::parse(data.as_bytes())
        .and_then(|json| json.object())
        .and_then(|order| order.get("resStatus").map(|status| status.whole::<u8>()).transpose());
    match status {
        Ok(None | Some(2)) => Ok(()),
        Ok(Some(1)) => Err(mismatch()),
        Ok(Some(other)) => Err(unclear(Effect::Harmless, format!("resStatus {other}"))),
        Err(wrong) => Err(unreadable(&wrong, Effect::Harmless)),
    }
}

fn mismatch() -> CallError {
    rejected(
        "number_mismatch",
        "顺丰说订单号与运单号不匹配，请人工核对 / SF says that order and number do not belong together: compare them \
                 by hand",
    )
}
