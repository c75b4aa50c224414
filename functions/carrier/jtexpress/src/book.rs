//! Taking a number, asking for it, giving it back, and what is left of them.

use crate::api::{self, Answer};
use crate::message;
use huidan_carrier::common::{in_clear, private, words};
use huidan_carrier::{Balance, Booked, Cancelled, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, it_exists, unclear, unreadable};
use serde::Serialize;

/// `orderStatus` of an order that was cancelled.
const CANCELLED: &str = "104";

/// `order/addOrder`. A repeated order number is called an error; then the first result is asked for.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    in_clear(&parcel.receiver)?;
    let Some(created) = call.replies.first() else {
        let order = message::order(&call.account.credentials, parcel)?;
        return api::request(call, "order/addOrder", &order).map(Next::Send);
    };
    match api::answer(created, Effect::Counts, &private(parcel))? {
        Answer::Given(document) => document
            .need("data")
            .and_then(|data| booked(&data.object()?))
            .map(Next::Done)
            .map_err(|wrong| unreadable(&wrong, Effect::Counts)),
        Answer::Repeated => match call.replies.get(1) {
            None => search(call, parcel).map(Next::Send),
            Some(found) => match found_in(found, parcel, Effect::Counts)? {
                Some(booked) => Ok(Next::Done(booked)),
                None => Err(it_exists("订单号重复但查不到 / a repeated order that is not found")),
            },
        },
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
        Answer::Nothing | Answer::Gone => Err(unclear(Effect::Counts, "应答不是下单的 / no answer to an order")),
    }
}

/// `order/getOrders` by our order number.
pub(crate) fn query(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
    let Some(reply) = call.replies.first() else { return search(call, parcel).map(Next::Send) };
    found_in(reply, parcel, Effect::Harmless).map(Next::Done)
}

/// `order/cancelOrder`, by our order number.
pub(crate) fn cancel(call: &Call<'_>, claim: &str) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let customer = message::customer(&call.account.credentials)?;
        let content = Cancel { customer, order_type: "2", txlogistic_id: claim, reason: "不再寄出" };
        return api::request(call, "order/cancelOrder", &content).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(_) => Ok(Next::Done(Cancelled::Done)),
        Answer::Gone => Ok(Next::Done(Cancelled::AlreadyGone)),
        Answer::Refused { words, .. } if words.contains("已取消") => Ok(Next::Done(Cancelled::AlreadyGone)),
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
        Answer::Nothing | Answer::Repeated => {
            Err(api::refused("order_not_found".to_owned(), "没有这个订单 / no such order"))
        }
    }
}

/// `ess/balance`: numbers that are paid for and not used.
pub(crate) fn balance(call: &Call<'_>) -> Result<Next<Vec<Balance>>, CallError> {
    let Some(reply) = call.replies.first() else {
        return api::request(call, "ess/balance", &message::customer(&call.account.credentials)?).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(document) => {
            let left = document.need("data").and_then(|data| data.object()?.need("balance")?.whole());
            let numbers = left.map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
            let left = Balance { place: String::new(), numbers: Some(numbers), given_back: None, money: None };
            Ok(Next::Done(vec![left]))
        }
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
        Answer::Nothing | Answer::Gone | Answer::Repeated => {
            Err(api::refused("no_balance".to_owned(), "没有电子面单账户 / no account of numbers"))
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cancel<'a> {
    #[serde(flatten)]
    customer: message::Customer<'a>,
    order_type: &'static str,
    txlogistic_id: &'a str,
    reason: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Search<'a> {
    #[serde(flatten)]
    customer: message::Customer<'a>,
    command: u8,
    serial_number: [&'a str; 1],
}

fn search(call: &Call<'_>, parcel: &Parcel) -> Result<Request, CallError> {
    let customer = message::customer(&call.account.credentials)?;
    let content = Search { customer, command: 1, serial_number: [&parcel.claim] };
    api::request(call, "order/getOrders", &content)
}

/// The number of the claim among the orders that were found. One that was cancelled is nobody's number any more.
fn found_in(reply: &Reply, parcel: &Parcel, effect: Effect) -> Result<Option<Booked>, CallError> {
    match api::answer(reply, effect, &private(parcel))? {
        Answer::Given(document) => found(&document, &parcel.claim).map_err(|wrong| unreadable(&wrong, effect)),
        Answer::Nothing => Ok(None),
        Answer::Refused { code, words } if effect == Effect::Harmless => Err(api::refused(code, &words)),
        Answer::Refused { .. } | Answer::Repeated | Answer::Gone => {
            Err(unclear(effect, "没有查到订单 / the order was not found"))
        }
    }
}

fn found(document: &Object<'_>, claim: &str) -> Result<Option<Booked>, Wrong> {
    // Where nothing is found the field may be there and empty, but not missing: that would be no answer.
    if !document.has("data") {
        return Err(document.wrong("data", "is missing"));
    }
    for order in document.get("data").map_or_else(|| Ok(Vec::new()), |data| listed(&data))? {
        let order = order.object()?;
        if order.text("txlogisticId")? == claim && words(&order, "orderStatus")? != CANCELLED {
            return booked(&order).map(Some);
        }
    }
    Ok(None)
}

/// A list, or one entry that stands alone.
fn listed<'a>(data: &Json<'a>) -> Result<Vec<Json<'a>>, Wrong> {
    if data.raw().starts_with('{') { Ok(vec![data.clone()]) } else { data.list() }
}

fn booked(order: &Object<'_>) -> Result<Booked, Wrong> {
    let number = order.need("billCode")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::Hub,
        routing: order.text("sortingCode")?,
        by: String::new(),
        children: Vec::new(),
        reference: String::new(),
    })
}
