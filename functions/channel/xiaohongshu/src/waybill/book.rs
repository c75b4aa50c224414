//! Taking a number, giving it back.

use super::message::{VERSION, apply};
use crate::api::{self, Answer};
use crate::companies;
use crate::meaning;
use huidan_carrier::common::private;
use huidan_carrier::{Booked, Cancelled, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unclear, unreadable};
use serde_json::json;

/// `express.createEbillOrders`, one parcel at a time.
pub(super) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    let credentials = &call.account.credentials;
    let Some(reply) = call.replies.first() else {
        return api::request(call, "express.createEbillOrders", apply(credentials, parcel)?).map(Next::Send);
    };
    let effect = Effect::Counts;
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let private = private(parcel);
    let data = match api::answer(reply, effect, &private)? {
        Answer::Refused(refused) => return Err(refused.rejected()),
        Answer::Given(Some(data)) => data.object().map_err(lost)?,
        Answer::Given(None) => return Err(unclear(effect, "应答没有 data / an answer without data")),
    };
    for given in waybills(&data).map_err(lost)? {
        let given = given.object().map_err(lost)?;
        if given.text("objectId").map_err(lost)? != parcel.claim {
            continue;
        }
        if given.need("success").and_then(|success| success.flag()).map_err(lost)? {
            return booked(&given, credentials.need("cp_code")?).map(Next::Done).map_err(lost);
        }
        let code = given.id("errorCode").map_err(lost)?;
        let words = given.text("errorMsg").map_err(lost)?;
        let code = if code.is_empty() { "not_given".to_owned() } else { code };
        return Err(meaning::of(code, &words, effect, &private)?.rejected());
    }
    Err(unclear(effect, "应答没有这个包裹 / an answer without this parcel"))
}

/// The platform's own kit names the list `wayBillList`, its page `tradeOrderInfoList`.
fn waybills<'a>(data: &Object<'a>) -> Result<Vec<Json<'a>>, Wrong> {
    match data.get("wayBillList") {
        Some(list) => list.list(),
        None => data.need("tradeOrderInfoList")?.list(),
    }
}

/// The print data is sealed by the platform: its text goes on byte by byte.
fn booked(given: &Object<'_>, cp_code: &str) -> Result<Booked, Wrong> {
    let number = given.need("waybillCode")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    let print_data = given.need("printData")?;
    let text = print_data.text()?;
    if text.trim().is_empty() {
        return Err(print_data.wrong("is empty"));
    }
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::PlatformTask { print_data: text },
        routing: given.text("sortCode")?,
        by: companies::ours(cp_code),
        children: Vec::new(),
        reference: String::new(),
    })
}

/// `express.cancelEbillOrder`.
pub(super) fn cancel(call: &Call<'_>, number: &WaybillNo) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let cp_code = call.account.credentials.need("cp_code")?;
        let fields = json!({ "billVersion": VERSION, "cpCode": cp_code, "waybillCode": number.as_str() });
        return api::request(call, "express.cancelEbillOrder", fields).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(_) => Ok(Next::Done(Cancelled::Done)),
        Answer::Refused(refused)
            if ["已取消", "已经取消", "重复取消"].iter().any(|word| refused.words.contains(word)) =>
        {
            Ok(Next::Done(Cancelled::AlreadyGone))
        }
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}
