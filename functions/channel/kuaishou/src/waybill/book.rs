//! Taking a number and giving it back.

use super::message::{self, Address, Contact};
use crate::api::{self, Answer, Refused};
use huidan_carrier::{Booked, Cancelled, Paper, Parcel};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Credentials, Effect, Next, redact, unclear, unreadable};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

const GET: &str = "open.express.ebill.get";
const CANCEL: &str = "open.express.ebill.cancel";

/// The service's codes of carriers and ours.
const CARRIERS: &[(&str, &str)] = &[
    ("SF", "sf"),
    ("YTO", "yto"),
    ("ZTO", "zto"),
    ("STO", "sto"),
    ("YUNDA", "yunda"),
    ("JD", "jd-logistics"),
    ("JTSD", "jtexpress"),
    ("EMS", "ems"),
    ("POSTB", "ems"),
    ("DBKD", "deppon"),
];

/// Takes a number; asked again for the same claim, the platform gives the same.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    let account = &call.account.credentials;
    let Some(reply) = call.replies.first() else {
        let apply = message::apply(account, parcel)?;
        let apply = serde_json::to_string(&apply)
            .map_err(|_| CallError::Rejected { code: "unwritable".to_owned(), remedy: String::new() })?;
        return api::request(call, GET, &apply).map(Next::Send);
    };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Counts);
    let private = private(parcel);
    let envelope = match api::answer(reply, Effect::Counts, &private)? {
        Answer::Given(envelope) => envelope,
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    for given in envelope.need("data").and_then(|data| data.list()).map_err(lost)? {
        let given = given.object().map_err(lost)?;
        if given.text("requestId").map_err(lost)? == parcel.claim {
            return one(&given, account, parcel, &private).map(Next::Done);
        }
    }
    Err(unclear(Effect::Counts, "应答没有这个包裹 / an answer without this parcel"))
}

/// What was given for the claim: a number, or the reason why there is none.
fn one(given: &Object<'_>, account: &Credentials, parcel: &Parcel, private: &[&str]) -> Result<Booked, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Counts);
    let said = given.object("baseResponse").map_err(lost)?;
    let no = said.get("success").is_some_and(|success| success.raw() == "false");
    match given.list("data").map_err(lost)?.first() {
        Some(paper) if !no => booked(&paper.object().map_err(lost)?, account, parcel).map_err(lost),
        _ if no => {
            let code = said.get("result").map_or_else(|| Ok("no_number".to_owned()), |code| code.id()).map_err(lost)?;
            let words = redact(&said.text("message").map_err(lost)?, private);
            Err(Refused { code, words }.rejected())
        }
        _ => Err(unclear(Effect::Counts, "应答没有单号 / an answer without a number")),
    }
}

fn booked(given: &Object<'_>, account: &Credentials, parcel: &Parcel) -> Result<Booked, Wrong> {
    let number = given.need("waybillCode")?;
    let number = WaybillNo::parse(&number.text()?).map_err(|_| number.wrong("is no waybill number"))?;
    let code = account.optional("express_company_code").unwrap_or_default();
    let known = CARRIERS.iter().find(|(theirs, _)| *theirs == code).map(|(_, ours)| (*ours).to_owned());
    let by = account.optional("carrier").map(str::to_owned).or(known);
    Ok(Booked {
        number: number.as_str().to_owned(),
        paper: Paper::PlatformTask { print_data: print_data(given, account, parcel)? },
        routing: String::new(),
        by: by.unwrap_or_else(|| code.to_ascii_lowercase()),
        children: Vec::new(),
        reference: String::new(),
    })
}

/// What the platform's print component takes: its sealed texts byte by byte as it gave them, by the names that the
/// component knows them by.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    #[serde(rename = "templateURL")]
    template_url: &'a str,
    encrypted_data: &'a RawValue,
    signature: &'a RawValue,
    key: &'a RawValue,
    ver: &'a RawValue,
    add_data: AddData<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddData<'a> {
    sender_info: Sender<'a>,
}

#[derive(Serialize)]
struct Sender<'a> {
    address: Address<'a>,
    contact: Contact<'a>,
}

fn print_data(given: &Object<'_>, account: &Credentials, parcel: &Parcel) -> Result<String, Wrong> {
    let sealed = given.need("printData")?;
    if sealed.text()?.is_empty() {
        return Err(sealed.wrong("is empty"));
    }
    let sealed = raw(&sealed)?;
    let [signature, key, ver] = ["signature", "key", "version"].map(|name| given.need(name).and_then(|it| raw(&it)));
    let (signature, key, ver) = (signature?, key?, ver?);
    let from = &parcel.sender;
    let content = Content {
        template_url: account.optional("template_url").unwrap_or_default(),
        encrypted_data: &sealed,
        signature: &signature,
        key: &key,
        ver: &ver,
        add_data: AddData { sender_info: Sender { address: message::address(from), contact: message::contact(from) } },
    };
    serde_json::to_string(&content).map_err(|_| given.wrong("printData", "cannot be written again"))
}

fn raw(json: &Json<'_>) -> Result<Box<RawValue>, Wrong> {
    RawValue::from_string(json.raw().to_owned()).map_err(|_| json.wrong("is no JSON"))
}

/// Gives a number back.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let company = call.account.credentials.need("express_company_code")?;
        let param = json!({"expressCompanyCode": company, "waybillCode": number.as_str()}).to_string();
        return api::request(call, CANCEL, &param).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(_) => Ok(Next::Done(Cancelled::Done)),
        // The code is not documented; the words are read.
        Answer::Refused(refused) if refused.words.contains("已取消") || refused.words.contains("已经取消") => {
            Ok(Next::Done(Cancelled::AlreadyGone))
        }
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

fn private(parcel: &Parcel) -> [&str; 6] {
    let (to, from) = (&parcel.receiver, &parcel.sender);
    [&to.name, &to.phone, &to.street, &from.name, &from.phone, &from.street]
}
