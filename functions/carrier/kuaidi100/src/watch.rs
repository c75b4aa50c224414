//! Asking for a parcel's scans, and having them pushed.

use crate::api::{self, Answer};
use crate::{company, read};
use huidan_carrier::{Scan, Tracked};
use huidan_exchange::{Call, CallError, Effect, Next, unreadable};
use serde_json::json;

/// The number is watched already.
const STANDS: &str = "501";
/// Nothing is known of the number yet.
const NOTHING: &str = "500";

/// `poll/query.do`, one number a question. The same number must not be asked for again within half an hour.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let Some(parcel) = parcels.first() else { return Ok(Next::Done(Vec::new())) };
    let Some(reply) = call.replies.first() else {
        let param = json!({
            "com": company::watched(&call.account.credentials, &parcel.by)?,
            "num": parcel.number,
            "phone": parcel.phone_tail,
            "resultv2": "4",
            "show": "0",
            "order": "desc",
        });
        return api::query(call, &param).map(Next::Send);
    };
    match api::polled(reply)? {
        Answer::Given(answer) => {
            read::scans(&answer).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
        Answer::Refused { code, .. } if code == NOTHING => Ok(Next::Done(Vec::new())),
        Answer::Refused { code, words } => Err(api::poll_refused(code, &words)),
    }
}

/// `poll`. The salt is what later proves the pushes.
pub(crate) fn subscribe(call: &Call<'_>, parcel: &Tracked, push_to: &str) -> Result<Next<()>, CallError> {
    let credentials = &call.account.credentials;
    let Some(reply) = call.replies.first() else {
        let param = json!({
            "company": company::watched(credentials, &parcel.by)?,
            "number": parcel.number,
            "key": credentials.need("key")?,
            "parameters": {
                "callbackurl": push_to,
                "salt": credentials.need("salt")?,
                "phone": parcel.phone_tail,
                "resultv2": "4",
            },
        });
        return api::poll(call, &param).map(Next::Send);
    };
    match api::polled(reply)? {
        Answer::Given(_) => Ok(Next::Done(())),
        Answer::Refused { code, .. } if code == STANDS => Ok(Next::Done(())),
        Answer::Refused { code, words } => Err(api::poll_refused(code, &words)),
    }
}
