//! Taking a number and giving it back.

use crate::api::{self, Outcome};
use crate::message;
use huidan_carrier::{Booked, Cancelled, Paper, Parcel, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unclear, unreadable};
use serde_json::json;

/// `zto.open.createOrder`. Nobody has shown what a repeated `partnerOrderCode` gives, so a lost answer is for a person.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    common::in_clear(&parcel.receiver)?;
    let Some(reply) = call.replies.first() else {
        let message = message::order(&call.account.credentials, parcel)?;
        return api::request(call, "zto.open.createOrder", &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Counts)? {
        Outcome::Given(answer) => {
            number(&answer, &parcel.claim).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Counts))
        }
        Outcome::Refused { code, words } if common::repeated(&words) => {
            Err(unclear(Effect::Counts, format!("中通说这一单下过了（{code}）/ ZTO has this order already ({code})")))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Counts, &common::private(parcel))),
    }
}

/// Only a number is success. The large mark (大头笔) and the bag's destination are printed large.
fn number(answer: &Object<'_>, claim: &str) -> Result<Booked, Wrong> {
    let result = answer.need("result")?.object()?;
    let ours = result.id("partnerOrderCode")?;
    if !ours.is_empty() && ours != claim {
        return Err(result.wrong("partnerOrderCode", "is another order"));
    }
    let number = result.need("billCode")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    let routing = result.object("bigMarkInfo").and_then(|mark| mark.text("mark")).unwrap_or_default();
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::Hub,
        routing,
        by: String::new(),
        children: Vec::new(),
        reference: String::new(),
    })
}

/// `zto.open.cancelPreOrder`. Numbers of plain orders come back by themselves when nothing is scanned for 30 to 60 days;
/// where the platform refuses to cancel one, that is what the person is told.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let message = json!({"cancelType": "1", "billCode": number.as_str()});
        return api::request(call, "zto.open.cancelPreOrder", &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(Cancelled::Done)),
        Outcome::Refused { words, .. } if gone(&words) => Ok(Next::Done(Cancelled::AlreadyGone)),
        Outcome::Refused { code, words } => match api::refused(&code, &words, Effect::Harmless, &[]) {
            CallError::Rejected { code, remedy } => Err(CallError::Rejected {
                code,
                remedy: format!(
                    "{remedy}；全网件单号不用时 30–60 天后自动回收 / an unused number of a plain order comes back by \
                     itself after 30 to 60 days"
                ),
            }),
            error => Err(error),
        },
    }
}

/// Whether a refusal to cancel says that the order had been cancelled already; its code is not documented, its words are
/// read.
fn gone(words: &str) -> bool {
    words.contains("已取消") || words.contains("已经取消")
}
