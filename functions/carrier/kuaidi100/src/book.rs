//! Taking a number and giving it back.

use crate::api::{self, Answer};
use crate::{company, message};
use huidan_carrier::common::{in_clear, private};
use huidan_carrier::{Booked, Cancelled, Child, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unreadable};
use serde::Serialize;

/// `order`: the same order number again is answered with the first result.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    call.account.credentials.need("key")?;
    in_clear(&parcel.receiver)?;
    let carrier = company::ours(company::booking(&call.account.credentials)?);
    let Some(reply) = call.replies.first() else {
        return api::label(call, "order", &message::order(&call.account.credentials, parcel)?).map(Next::Send);
    };
    match api::labelled(reply, Effect::Counts, &private(parcel))? {
        Answer::Given(answer) => {
            booked(&answer, parcel, carrier).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Counts))
        }
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

/// `cancel`. Where the carrier gave an order number of its own (`kdComOrderNum`), Kuaidi100 wants that one too, as
/// `orderId`.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo, reference: &str) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let partner = message::partner(&call.account.credentials)?;
        let param = Cancel { partner, kuaidinum: number.as_str(), order_id: reference, reason: "不再寄出" };
        return api::label(call, "cancel", &param).map(Next::Send);
    };
    match api::labelled(reply, Effect::Harmless, &[])? {
        Answer::Given(_) => Ok(Next::Done(Cancelled::Done)),
        // The code of a number that had gone back is not documented; its words are read.
        Answer::Refused { words, .. } if words.contains("已取消") || words.contains("已经取消") => {
            Ok(Next::Done(Cancelled::AlreadyGone))
        }
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
    }
}

#[derive(Debug, Serialize)]
struct Cancel<'a> {
    #[serde(flatten)]
    partner: message::Partner<'a>,
    kuaidinum: &'a str,
    #[serde(rename = "orderId", skip_serializing_if = "str::is_empty")]
    order_id: &'a str,
    reason: &'static str,
}

fn booked(answer: &Object<'_>, parcel: &Parcel, carrier: String) -> Result<Booked, Wrong> {
    let data = answer.need("data")?.object()?;
    let number = number(&data, &data.need("kuaidinum")?.id()?)?;
    let listed = data.text("childNum")?;
    let children = listed
        .split(',')
        .filter(|child| !child.trim().is_empty())
        .map(|child| self::number(&data, child).map(|number| Child { number, paper: Paper::Hub }))
        .collect::<Result<Vec<_>, _>>()?;
    if children.len() + 1 != usize::from(parcel.pieces) {
        return Err(data.wrong("childNum", "is not one number for every further piece"));
    }
    let reference = data.text("kdComOrderNum")?;
    Ok(Booked { number, paper: Paper::Hub, routing: data.text("bulkpen")?, by: carrier, children, reference })
}

fn number(data: &Object<'_>, text: &str) -> Result<String, Wrong> {
    let number = WaybillNo::parse(text).map_err(|_| data.wrong("kuaidinum", "is no waybill number"))?;
    Ok(number.as_str().to_owned())
}
