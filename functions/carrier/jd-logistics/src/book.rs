//! Taking a number.

use crate::api::{self, Interface, Outcome};
use crate::message;
use huidan_carrier::{Booked, Paper, Parcel, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unreadable};

const CREATE: Interface = Interface { domain: "ECAP", path: "/ecap/v1/orders/create" };

/// `/ecap/v1/orders/create`: a repeated `orderId` succeeds (`subCode` 0_0001) with the number that was given first.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    common::in_clear(&parcel.receiver)?;
    let Some(reply) = call.replies.first() else {
        let message = message::order(&call.account.credentials, parcel)?;
        return api::request(call, CREATE, &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Counts)? {
        Outcome::Given(answer) => number(&answer).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Counts)),
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Counts, &common::private(parcel))),
    }
}

/// Only a number is success. What is printed large are the centre that sorts the parcel and the courier's road.
fn number(answer: &Object<'_>) -> Result<Booked, Wrong> {
    let data = answer.need("data")?.object()?;
    let number = data.need("waybillCode")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::Hub,
        routing: data.object("presortResult").map(|presort| routing(&presort)).unwrap_or_default(),
        by: String::new(),
        children: Vec::new(),
        reference: String::new(),
    })
}

/// A parcel without a sorting code still goes.
fn routing(presort: &Object<'_>) -> String {
    let words = |name: &str| common::words(presort, name).unwrap_or_default();
    let centre = match words("targetSortCenterName") {
        none if none.is_empty() => words("siteName"),
        centre => centre,
    };
    format!("{centre} {}", words("road")).trim().to_owned()
}
