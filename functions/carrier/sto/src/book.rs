//! Taking a number and giving it back.

use crate::api::{self, Interface, Outcome};
use crate::message;
use huidan_carrier::{Booked, Cancelled, Paper, Parcel, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unclear, unreadable};
use serde_json::json;

const CREATE: Interface = Interface { name: "OMS_EXPRESS_ORDER_CREATE", to: "sto_oms" };
const CANCEL: Interface = Interface { name: "EDI_MODIFY_ORDER_CANCEL", to: "edi_modify_order" };

/// `OMS_EXPRESS_ORDER_CREATE`. Nobody has shown what a repeated `orderNo` gives, so a lost answer is for a person.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    common::in_clear(&parcel.receiver)?;
    let Some(reply) = call.replies.first() else {
        let message = message::order(&call.account.credentials, parcel)?;
        return api::request(call, CREATE, &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Counts)? {
        Outcome::Given(data) => {
            number(&data, &parcel.claim).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Counts))
        }
        Outcome::Refused { code, words } if common::repeated(&words) => {
            Err(unclear(Effect::Counts, format!("申通说这一单下过了（{code}）/ STO has this order already ({code})")))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Counts, &common::private(parcel))),
    }
}

/// Only a number is success. The large words (`bigWord`) are printed large.
fn number(data: &str, claim: &str) -> Result<Booked, Wrong> {
    let data = Json::parse(data.as_bytes())?.object()?;
    let ours = common::words(&data, "orderNo")?;
    if !ours.is_empty() && ours != claim {
        return Err(data.wrong("orderNo", "is another order"));
    }
    let number = data.need("waybillNo")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::Hub,
        routing: common::words(&data, "bigWord").unwrap_or_default(),
        by: String::new(),
        children: Vec::new(),
        reference: String::new(),
    })
}

/// `EDI_MODIFY_ORDER_CANCEL`. Sources differ in whether `billCode` is the waybill's number or the order's; it is called
/// a bill, and the order's goes beside it.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let message = json!({
            "billCode": number.as_str(),
            "orderType": message::ORDER_TYPE,
            "orderSource": call.account.credentials.need("order_source")?,
            "sourceOrderId": claim,
        });
        return api::request(call, CANCEL, &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(Cancelled::Done)),
        Outcome::Refused { words, .. } if words.contains("已取消") || words.contains("已经取消") => {
            Ok(Next::Done(Cancelled::AlreadyGone))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}
