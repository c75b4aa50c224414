//! Taking a number and giving it back.

use super::message;
use crate::api::{self, Answer, Api};
use huidan_carrier::{Booked, Cancelled, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, rejected, unclear, unreadable};

const GET: Api = Api { name: "pdd.waybill.get", envelopes: &["pdd_waybill_get_response", "waybill_get_response"] };
const CANCEL: Api =
    Api { name: "pdd.waybill.cancel", envelopes: &["pdd_waybill_cancel_response", "waybill_cancel_response"] };

/// The platform's codes of carriers and ours; any other is ours in small letters.
const CARRIERS: &[(&str, &str)] = &[
    ("SF", "sf"),
    ("YTO", "yto"),
    ("ZTO", "zto"),
    ("STO", "sto"),
    ("YUNDA", "yunda"),
    ("EMS", "ems"),
    ("JTSD", "jtexpress"),
    ("JD", "jd-logistics"),
    ("DB", "deppon"),
];

/// `pdd.waybill.get`, one parcel at a time: a batch would share one fate.
pub(super) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    let credentials = &call.account.credentials;
    let Some(reply) = call.replies.first() else {
        credentials.need("shop")?;
        let apply = serde_json::to_string(&message::apply(credentials, parcel)?)
            .map_err(|_| rejected("unwritable", "面单请求无法生成 / the request cannot be written"))?;
        let parameters = [("param_waybill_cloud_print_apply_new_request", apply.as_str())];
        return api::request(call, GET, &parameters).map(Next::Send);
    };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Counts);
    match api::answer(reply, GET, Effect::Counts, &private(parcel))? {
        Answer::Refused(refused) => Err(refused.rejected()),
        Answer::Given(envelope) => {
            let by = credentials.need("wp_code")?;
            for given in envelope.need("modules").and_then(|modules| modules.list()).map_err(lost)? {
                let given = given.object().map_err(lost)?;
                if given.text("object_id").map_err(lost)? == parcel.claim {
                    return booked(&given, by).map(Next::Done).map_err(lost);
                }
            }
            Err(unclear(Effect::Counts, "应答没有这个包裹 / an answer without this parcel"))
        }
    }
}

/// `pdd.waybill.cancel`.
pub(super) fn cancel(call: &Call<'_>, number: &WaybillNo) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let parameters = [("waybill_code", number.as_str()), ("wp_code", call.account.credentials.need("wp_code")?)];
        return api::request(call, CANCEL, &parameters).map(Next::Send);
    };
    match api::answer(reply, CANCEL, Effect::Harmless, &[])? {
        // Its code is not documented; its words are read.
        Answer::Refused(refused) if ["已取消", "已经取消"].iter().any(|said| refused.words.contains(said)) => {
            Ok(Next::Done(Cancelled::AlreadyGone))
        }
        Answer::Refused(refused) => Err(refused.rejected()),
        Answer::Given(envelope) => {
            let done = envelope.need("cancel_result").and_then(|done| done.flag());
            match done.map_err(|wrong| unreadable(&wrong, Effect::Harmless))? {
                true => Ok(Next::Done(Cancelled::Done)),
                false => Err(rejected("cancel_refused", "不能取消，可能已揽收 / not cancelled, perhaps picked up")),
            }
        }
    }
}

/// The platform is asked about a number by the number, never by our claim.
pub(super) fn cannot_be_asked() -> CallError {
    rejected(
        "query_unsupported",
        "拼多多只能按面单号查询，请到商家后台查看该订单的面单 / Pinduoduo can be asked only by the number itself: look the \
         order's waybills up in the seller's back office",
    )
}

/// The print data is signed by the platform: its text goes on byte by byte.
fn booked(given: &Object<'_>, by: &str) -> Result<Booked, Wrong> {
    let number = given.need("waybill_code")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    let print_data = given.need("print_data")?;
    let text = print_data.text()?;
    if Json::parse(text.as_bytes()).and_then(|json| json.object()).is_err() {
        return Err(print_data.wrong("is no JSON object inside its string"));
    }
    let known = CARRIERS.iter().find(|(theirs, _)| *theirs == by).map(|(_, ours)| (*ours).to_owned());
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::PlatformTask { print_data: text },
        routing: String::new(),
        by: known.unwrap_or_else(|| by.to_ascii_lowercase()),
        children: Vec::new(),
        reference: String::new(),
    })
}

fn private(parcel: &Parcel) -> [&str; 6] {
    let (to, from) = (&parcel.receiver, &parcel.sender);
    [&to.name, &to.phone, &to.street, &from.name, &from.phone, &from.street]
}
