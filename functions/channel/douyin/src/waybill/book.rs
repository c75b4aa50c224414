//! Taking a number with its paper, and giving it back.

use super::message;
use crate::api::{self, Answer, Refused};
use crate::{company, errors};
use huidan_carrier::common::private;
use huidan_carrier::{Booked, Cancelled, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, redact, rejected, unclear, unreadable};
use serde::Serialize;
use serde_json::json;

const CREATE: &str = "logistics.newCreateOrder";
const APPLY: &str = "logistics.waybillApply";
const CANCEL: &str = "logistics.cancelOrder";
/// What the print component calls to open the paper.
const KEY: &str = "logistics.getShopKey";
/// Cancelled before.
const CANCELLED_TWICE: &str = "1102";

/// One document for the print component.
#[derive(Debug, Serialize)]
struct PrintData<'a> {
    /// A signed call in the shop's name, by which the component gets the key to `encryptedData`.
    params: String,
    #[serde(rename = "encryptedData")]
    encrypted_data: &'a str,
    signature: &'a str,
    #[serde(rename = "templateURL")]
    template_url: &'a str,
}

/// `logistics.newCreateOrder` for the number, then `logistics.waybillApply` for its paper. From the first success on a
/// number is taken, whatever becomes of the second call: then the outcome is open, and the repeat gives the same number.
pub(super) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else {
        let request = message::create(&call.account.credentials, parcel)?;
        return api::request(call, CREATE, &request).map(Next::Send);
    };
    let mut booked = number(reply, parcel)?;
    let taken = |error: CallError| CallError::Unknown {
        detail: format!("已取号，未取到打印数据 / no paper yet: {error}"),
    };
    let code = call.account.credentials.need("logistics_code")?;
    let Some(reply) = replies.next() else {
        let request = json!({"waybill_applies": [{"logistics_code": code, "track_no": booked.number}]});
        return api::request(call, APPLY, &request).map(Next::Send).map_err(taken);
    };
    let print_data = paper(call, reply, parcel, &booked.number).map_err(taken)?;
    booked.paper = Paper::PlatformTask { print_data };
    Ok(Next::Done(booked))
}

/// The number, without its paper yet.
fn number(reply: &Reply, parcel: &Parcel) -> Result<Booked, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Counts);
    let data = match api::answer(reply, Effect::Counts, &private(parcel))? {
        Answer::Given(data) => data,
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    let pack = message::pack_id(&parcel.claim);
    for given in data.list("ebill_infos").map_err(lost)? {
        let given = given.object().map_err(lost)?;
        if given.id("pack_id").map_err(lost)? == pack {
            return taken(&given).map_err(lost);
        }
    }
    for wrong in data.list("err_infos").map_err(lost)? {
        let wrong = wrong.object().map_err(lost)?;
        if wrong.id("pack_id").map_err(lost)? == pack {
            return Err(refused(&wrong, parcel).unwrap_or_else(lost));
        }
    }
    Err(unclear(Effect::Counts, "应答没有这个包裹 / an answer without this parcel"))
}

fn taken(given: &Object<'_>) -> Result<Booked, Wrong> {
    let number = given.need("track_no")?;
    let number = WaybillNo::parse(&number.id()?).map_err(|_| number.wrong("is no waybill number"))?;
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::Hub,
        routing: given.text("sort_code")?,
        by: company::ours(&given.need("company")?.text()?),
        children: Vec::new(),
        reference: String::new(),
    })
}

/// Words by which a refusal of one parcel says that it may not be one.
const DOUBTS: [&str; 3] = ["超时", "系统", "重试"];

fn refused(wrong: &Object<'_>, parcel: &Parcel) -> Result<CallError, Wrong> {
    let (code, words) = (wrong.need("err_code")?.id()?, redact(&wrong.text("err_msg")?, &private(parcel)));
    if errors::is_busy(&code) || DOUBTS.iter().any(|doubt| words.contains(doubt)) {
        return Ok(unclear(Effect::Counts, format!("{words}（{code}）")));
    }
    Ok(Refused { code, words }.rejected())
}

fn paper(call: &Call<'_>, reply: &Reply, parcel: &Parcel, number: &str) -> Result<String, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Counts);
    let data = match api::answer(reply, Effect::Counts, &private(parcel))? {
        Answer::Given(data) => data,
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    for given in data.list("waybill_infos").map_err(lost)? {
        let given = given.object().map_err(lost)?;
        if given.id("track_no").map_err(lost)? == number {
            let text = |name: &str| given.need(name)?.text();
            return print_data(call, &text("print_data").map_err(lost)?, &text("sign").map_err(lost)?);
        }
    }
    Err(unclear(Effect::Counts, "应答没有这个单号 / an answer without this number"))
}

/// What the platform gave, byte by byte, in the component's own form.
fn print_data(call: &Call<'_>, encrypted_data: &str, signature: &str) -> Result<String, CallError> {
    let template_url = call.account.credentials.need("template_url")?;
    let data = PrintData { params: params(call)?, encrypted_data, signature, template_url };
    serde_json::to_string(&data).map_err(|_| unclear(Effect::Counts, "打印数据无法写出 / unwritable print data"))
}

/// The component sends this text as it is, so it is not escaped like an address.
fn params(call: &Call<'_>) -> Result<String, CallError> {
    let token = call.account.credentials.need("access_token")?;
    let timestamp = call.now.0.div_euclid(1000).to_string();
    let sign = api::signed(call.account, KEY, "{}", &timestamp)?;
    let app_key = call.account.credentials.need("app_key")?;
    Ok(format!(
        "access_token={token}&app_key={app_key}&method={KEY}&param_json={{}}&timestamp={timestamp}&v=2&sign={sign}\
         &sign_method=hmac-sha256"
    ))
}

/// `logistics.cancelOrder`.
pub(super) fn cancel(call: &Call<'_>, number: &WaybillNo) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let credentials = &call.account.credentials;
        let mut request = json!({"logistics_code": credentials.need("logistics_code")?, "track_no": number.as_str()});
        if let (Some(user), Some(fields)) = (message::user_id(credentials)?, request.as_object_mut()) {
            fields.insert("user_id".to_owned(), json!(user));
        }
        return api::request(call, CANCEL, &request).map(Next::Send);
    };
    let data = match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(data) => data,
        Answer::Refused(refused) if errors::number(&refused.code) == Some(CANCELLED_TWICE) => {
            return Ok(Next::Done(Cancelled::AlreadyGone));
        }
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    let success = data.object("cancel_result").and_then(|result| result.need("success")?.flag());
    match success.map_err(api::lost)? {
        true => Ok(Next::Done(Cancelled::Done)),
        false => Err(rejected("cancel_refused", "不能取消，可能已揽收 / not cancelled, perhaps picked up")),
    }
}
