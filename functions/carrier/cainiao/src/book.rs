//! Taking a number, asking for it, giving it back.

use crate::TOP;
use crate::message;
use huidan_carrier::common::private;
use huidan_carrier::{Booked, Cancelled, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unclear, unreadable};
use huidan_top::{Answer, Refused};
use serde_json::json;

const GET: &str = "cainiao.waybill.ii.get";
const CANCEL: &str = "cainiao.waybill.ii.cancel";
const QUERY: &str = "cainiao.waybill.ii.query.by.tradecode";

/// Cainiao's codes of carriers and ours.
const CARRIERS: &[(&str, &str)] = &[
    ("SF", "sf"),
    ("YTO", "yto"),
    ("ZTO", "zto"),
    ("STO", "sto"),
    ("YUNDA", "yunda"),
    ("EMS", "ems"),
    ("HTKY", "jtexpress"),
    ("LE04284890", "jd-logistics"),
];

/// `cainiao.waybill.ii.get`: the same package asked for again gets the same number.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    let Some(reply) = call.replies.first() else {
        let apply = message::apply(&call.account.credentials, parcel)?;
        let apply = serde_json::to_string(&apply)
            .map_err(|_| CallError::Rejected { code: "unwritable".to_owned(), remedy: String::new() })?;
        let parameters = [("param_waybill_cloud_print_apply_new_request", apply.as_str())];
        return TOP.request(call, GET, &parameters).map(Next::Send);
    };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Counts);
    match TOP.answer(reply, GET, Effect::Counts, &private(parcel))? {
        Answer::Refused(refused) => Err(TOP.rejected(refused)),
        Answer::Given(envelope) => {
            for given in modules(&envelope, "waybill_cloud_print_response").map_err(lost)? {
                let given = given.object().map_err(lost)?;
                if given.text("object_id").map_err(lost)? == parcel.claim {
                    return booked(&given).map(Next::Done).map_err(lost);
                }
            }
            Err(unclear(Effect::Counts, "应答没有这个包裹 / an answer without this parcel"))
        }
    }
}

/// `cainiao.waybill.ii.query.by.tradecode`: every number of the (first) order. Only the one that was taken for this very
/// claim counts, since an order in several parcels has several.
pub(crate) fn query(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
    let Some(reply) = call.replies.first() else {
        let order = parcel.ext_ids.first().map_or("", String::as_str);
        let asked = json!([{"biz_sub_code": order, "object_id": format!("q-{}", parcel.claim)}]).to_string();
        return TOP.request(call, QUERY, &[("param_list", asked.as_str())]).map(Next::Send);
    };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    match TOP.answer(reply, QUERY, Effect::Harmless, &private(parcel))? {
        Answer::Refused(refused) => Err(TOP.rejected(refused)),
        Answer::Given(envelope) => {
            for row in modules(&envelope, "waybill_cloud_print_with_result_desc_response").map_err(lost)? {
                let given = row.object().and_then(|row| row.object("waybill_cloud_print_response")).map_err(lost)?;
                if given.text("object_id").map_err(lost)? == parcel.claim {
                    return booked(&given).map(Some).map(Next::Done).map_err(lost);
                }
            }
            Ok(Next::Done(None))
        }
    }
}

/// `cainiao.waybill.ii.cancel`.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let cp_code = call.account.credentials.need("cp_code")?;
        let parameters = [("cp_code", cp_code), ("waybill_code", number.as_str())];
        return TOP.request(call, CANCEL, &parameters).map(Next::Send);
    };
    match TOP.answer(reply, CANCEL, Effect::Harmless, &[])? {
        Answer::Refused(refused) if gone(&refused) => Ok(Next::Done(Cancelled::AlreadyGone)),
        Answer::Refused(refused) => Err(TOP.rejected(refused)),
        Answer::Given(envelope) => {
            let done = envelope.need("cancel_result").and_then(|done| done.flag());
            match done.map_err(|wrong| unreadable(&wrong, Effect::Harmless))? {
                true => Ok(Next::Done(Cancelled::Done)),
                false => Err(TOP.rejected(Refused {
                    code: "cancel_refused".to_owned(),
                    words: "不能取消，可能已揽收 / not cancelled, perhaps picked up".to_owned(),
                })),
            }
        }
    }
}

/// Whether a refusal to cancel says that the number had gone back already; its code is not documented, its words are
/// read.
fn gone(refused: &Refused) -> bool {
    refused.code.contains("already-cancel") || ["已取消", "已经取消"].iter().any(|word| refused.words.contains(word))
}

/// The entries of `modules`, which are nested unless the answer is simplified.
fn modules<'a>(envelope: &Object<'a>, inner: &str) -> Result<Vec<Json<'a>>, Wrong> {
    let found = envelope.need("modules")?;
    if found.raw().starts_with('[') { found.list() } else { found.object()?.need(inner)?.list() }
}

/// The print data is signed by the platform: its text goes on byte by byte.
fn booked(given: &Object<'_>) -> Result<Booked, Wrong> {
    let number = given.need("waybill_code")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    let print_data = given.need("print_data")?;
    if Json::parse(print_data.text()?.as_bytes()).and_then(|json| json.object()).is_err() {
        return Err(print_data.wrong("is no JSON object inside its string"));
    }
    let real = given.text("real_cp_code")?;
    let code = if real.is_empty() { given.text("cp_code")? } else { real };
    let by = CARRIERS.iter().find(|(theirs, _)| *theirs == code).map(|(_, ours)| (*ours).to_owned());
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::PlatformTask { print_data: print_data.text()? },
        routing: String::new(),
        by: by.unwrap_or_else(|| code.to_ascii_lowercase()),
        children: Vec::new(),
        reference: String::new(),
    })
}
