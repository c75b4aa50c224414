//! Asking for a parcel's scans, and having them pushed.

use crate::api::{self, Answer, Interface};
use crate::{company, read};
use huidan_carrier::{Scan, Tracked};
use huidan_exchange::{Call, CallError, Credentials, Effect, Next, unreadable};
use serde_json::{Value, json};

const ASK: &str = "/Ebusiness/EbusinessOrderHandle.aspx";
const WATCH: &str = "/api/dist";

/// The interfaces of a tracking package: to ask, to subscribe.
fn package(credentials: &Credentials) -> Result<[Interface; 2], CallError> {
    let [ask, watch] = match credentials.optional("plan").unwrap_or("monitor") {
        "monitor" => ["8001", "8008"],
        "basic" => ["1002", "1008"],
        _ => {
            return Err(CallError::Credentials {
                field: "plan".to_owned(),
                detail: "应为 monitor 或 basic / must be monitor or basic".to_owned(),
            });
        }
    };
    Ok([Interface { number: ask, path: ASK }, Interface { number: watch, path: WATCH }])
}

/// 8001 or 1002, one number a question.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let Some(parcel) = parcels.first() else { return Ok(Next::Done(Vec::new())) };
    let Some(reply) = call.replies.first() else {
        let [ask, _] = package(&call.account.credentials)?;
        return api::request(call, ask, &message(call, parcel)?).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given { document, .. } => {
            read::scans(&document).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
        Answer::Refused { words, .. } if words.contains("暂无轨迹") => Ok(Next::Done(Vec::new())),
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
    }
}

/// 8008 or 1008. Where the pushes go is set on the console, once for all.
pub(crate) fn subscribe(call: &Call<'_>, parcel: &Tracked) -> Result<Next<()>, CallError> {
    let Some(reply) = call.replies.first() else {
        let [_, watch] = package(&call.account.credentials)?;
        return api::request(call, watch, &message(call, parcel)?).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given { .. } => Ok(Next::Done(())),
        // The code of a subscription that stands already is not documented; its words are read.
        Answer::Refused { words, .. } if words.contains("重复订阅") || words.contains("已订阅") => {
            Ok(Next::Done(()))
        }
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
    }
}

fn message(call: &Call<'_>, parcel: &Tracked) -> Result<Value, CallError> {
    let carrier = company::watched(&call.account.credentials, &parcel.by)?;
    let mut message = json!({"OrderCode": "", "ShipperCode": carrier, "LogisticCode": parcel.number});
    if let (true, false, Some(fields)) =
        (company::asks_for_phone(carrier), parcel.phone_tail.is_empty(), message.as_object_mut())
    {
        fields.insert("CustomerName".to_owned(), parcel.phone_tail.as_str().into());
    }
    Ok(message)
}
