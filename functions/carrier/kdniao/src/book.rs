//! Taking a number and giving it back.

use crate::api::{self, Answer, Interface};
use crate::{company, message};
use huidan_carrier::common::{in_clear, private, words};
use huidan_carrier::{Booked, Cancelled, Child, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unreadable};
use serde::Serialize;

const ORDER: Interface = Interface { number: "1007", path: "/api/EOrderService" };
const CANCEL: Interface = Interface { number: "1147", path: "/api/EOrderService" };

/// 1007. The same `OrderCode` again is answered with 106 and the first result.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    in_clear(&parcel.receiver)?;
    let Some(reply) = call.replies.first() else {
        return api::request(call, ORDER, &message::order(&call.account.credentials, parcel)?).map(Next::Send);
    };
    match api::answer(reply, Effect::Counts, &private(parcel))? {
        Answer::Given { document, code } => match code.as_str() {
            "100" | "106" => booked(&document, parcel).map(Next::Done),
            _ => Err(document.wrong("ResultCode", "is no code of a success")),
        }
        .map_err(|wrong| unreadable(&wrong, Effect::Counts)),
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
    }
}

/// There is no question that only asks: the order is repeated, which gives the first result, and takes the number that
/// was meant to be taken where the first never arrived.
pub(crate) fn query(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
    Ok(match book(call, parcel)? {
        Next::Send(request) => Next::Send(request),
        Next::Done(booked) => Next::Done(Some(booked)),
    })
}

/// 1147.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let customer = message::customer(&call.account.credentials)?;
        let message = Cancel { customer, order_code: claim, exp_no: number.as_str() };
        return api::request(call, CANCEL, &message).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given { .. } => Ok(Next::Done(Cancelled::Done)),
        // The code of a number that had gone back is not documented; its words are read.
        Answer::Refused { words, .. } if words.contains("已取消") || words.contains("已经取消") => {
            Ok(Next::Done(Cancelled::AlreadyGone))
        }
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Cancel<'a> {
    #[serde(flatten)]
    customer: message::Customer<'a>,
    order_code: &'a str,
    exp_no: &'a str,
}

/// The paper is ours: KDNiao's own is HTML, which no printer takes.
fn booked(document: &Object<'_>, parcel: &Parcel) -> Result<Booked, Wrong> {
    let order = document.need("Order")?.object()?;
    let number = number(&order, &order.need("LogisticCode")?.id()?)?;
    let children = further(document)?
        .iter()
        .map(|child| self::number(document, child).map(|number| Child { number, paper: Paper::Hub }))
        .collect::<Result<Vec<_>, _>>()?;
    if children.len() + 1 != usize::from(parcel.pieces) {
        return Err(document.wrong("SubOrders", "is not one number for every further piece"));
    }
    let by = company::ours(&words(&order, "ShipperCode")?);
    Ok(Booked { number, paper: Paper::Hub, routing: routing(&order)?, by, children, reference: String::new() })
}

/// `SubOrders`: a list, or a list inside a string, or numbers with commas between them.
fn further(document: &Object<'_>) -> Result<Vec<String>, Wrong> {
    let Some(listed) = document.get("SubOrders") else { return Ok(Vec::new()) };
    if !listed.raw().starts_with('"') {
        return listed.list()?.iter().map(huidan_exchange::json::Json::id).collect();
    }
    let text = listed.text()?;
    let numbers = text.split([',', '[', ']', '"', ' ']);
    Ok(numbers.filter(|number| !number.is_empty()).map(str::to_owned).collect())
}

/// The large sorting code (大头笔), or what stands in its place where a carrier has none.
fn routing(order: &Object<'_>) -> Result<String, Wrong> {
    for name in ["MarkDestination", "SortingCode", "DestinatioCode", "DestinatioName"] {
        let found = words(order, name)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(String::new())
}

fn number(object: &Object<'_>, text: &str) -> Result<String, Wrong> {
    let number = WaybillNo::parse(text).map_err(|_| object.wrong("LogisticCode", "is no waybill number"))?;
    Ok(number.as_str().to_owned())
}
