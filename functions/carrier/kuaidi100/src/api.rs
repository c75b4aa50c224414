//! The two gateways: a form that holds JSON, and an answer that says in one of two spellings whether it is one.

use crate::manifest::API;
use crate::sign;
use huidan_carrier::common::{truth, written};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, unclear, unreadable};
use serde::Serialize;

/// What a service answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// The document; it says that all is well.
    Given(Object<'a>),
    /// It understood and said no.
    Refused {
        /// `code` or `returnCode`.
        code: String,
        /// `message`, without anything private.
        words: String,
    },
}

/// What a code means where it is no refusal of this one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// A person must mend the setting of that name.
    Mend(&'static str),
    /// Nothing happened, and later it may.
    Later,
    /// Certainly nothing happened, and never will.
    Never,
}

/// Codes of `poll/query.do` and `poll`.
const POLL: &[(&str, Meaning)] = &[
    ("500", Meaning::Later),
    ("501", Meaning::Later),
    ("502", Meaning::Later),
    ("503", Meaning::Mend("key")),
    ("600", Meaning::Mend("customer")),
    ("601", Meaning::Mend("key")),
    ("700", Meaning::Never),
    ("701", Meaning::Never),
    ("702", Meaning::Never),
];

/// Codes of `label/order` after which certainly no number was taken: wrong parameters, accounts and templates. Whatever
/// else it says, such as a failure at the carrier, may have taken one.
const LABEL: &[(&str, Meaning)] = &[
    ("30001", Meaning::Never),
    ("30002", Meaning::Never),
    ("30003", Meaning::Never),
    ("30004", Meaning::Never),
    ("30006", Meaning::Never),
    ("30007", Meaning::Never),
];

/// `label/order` found the order number used and answers with the first result.
const REPEATED: &str = "30011";

/// A signed call of a waybill service.
pub(crate) fn label(call: &Call<'_>, method: &str, param: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (key, secret) = (credentials.need("key")?, credentials.need("secret")?);
    let param = written(param)?;
    let t = call.now.0.to_string();
    let sign = sign::label(&param, &t, key, secret);
    let fields = [("method", method), ("key", key), ("t", &t), ("sign", &sign), ("param", &param)];
    pairs::post_form(&format!("{}/label/order", call.account.origin(API)?), fields)
}

/// A signed question for the scans of a number.
pub(crate) fn query(call: &Call<'_>, param: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (key, customer) = (credentials.need("key")?, credentials.need("customer")?);
    let param = written(param)?;
    let sign = sign::query(&param, key, customer);
    let fields = [("customer", customer), ("param", &param), ("sign", &sign)];
    pairs::post_form(&format!("{}/poll/query.do", call.account.gateway), fields)
}

/// A subscription; it is not signed, its `param` holds the key.
pub(crate) fn poll(call: &Call<'_>, param: &impl Serialize) -> Result<Request, CallError> {
    let param = written(param)?;
    pairs::post_form(&format!("{}/poll", call.account.gateway), [("schema", "json"), ("param", &param)])
}

/// Opens an answer of `label/order`. Only `success` with the code of a success is one.
pub(crate) fn labelled<'a>(reply: &'a Reply, effect: Effect, private: &[&str]) -> Result<Answer<'a>, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let answer = opened(reply, effect)?;
    let done = truth(&answer, "success").map_err(lost)?;
    let code = answer.need("code").and_then(|code| code.id()).map_err(lost)?;
    match (done, code.as_str()) {
        (Some(true), "200" | REPEATED) => Ok(Answer::Given(answer)),
        _ => {
            let words = redact(&answer.text("message").unwrap_or_default(), private);
            let certain = LABEL.iter().any(|(known, meaning)| *known == code && *meaning == Meaning::Never);
            match (certain, effect) {
                (true, _) | (false, Effect::Harmless) => Ok(Answer::Refused { code, words }),
                (false, Effect::Counts) => Err(unclear(effect, format!("快递100 / Kuaidi100 {code}: {words}"))),
            }
        }
    }
}

/// Opens an answer of `poll` or `poll/query.do`: `returnCode`, or `status` where scans are given.
pub(crate) fn polled(reply: &Reply) -> Result<Answer<'_>, CallError> {
    let effect = Effect::Harmless;
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let answer = opened(reply, effect)?;
    let code = match answer.get("returnCode") {
        Some(code) => code.id(),
        None => answer.need("status").and_then(|code| code.id()),
    };
    let code = code.map_err(lost)?;
    if code == "200" && truth(&answer, "result").map_err(lost)? != Some(false) {
        return Ok(Answer::Given(answer));
    }
    Ok(Answer::Refused { code, words: redact(&answer.text("message").unwrap_or_default(), &[]) })
}

/// A refusal of `poll` or `poll/query.do` as an error.
pub(crate) fn poll_refused(code: String, words: &str) -> CallError {
    match POLL.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning) {
        Some(Meaning::Mend(field)) => CallError::Credentials {
            field: field.to_owned(),
            detail: format!("快递100：{words}（{code}）/ Kuaidi100 says: {words} ({code})"),
        },
        Some(Meaning::Later) => unclear(Effect::Harmless, format!("快递100 / Kuaidi100 {code}: {words}")),
        Some(Meaning::Never) | None => refused(code, words),
    }
}

/// A refusal that no repeat will mend.
pub(crate) fn refused(code: String, words: &str) -> CallError {
    let remedy = format!("快递100：{words}（{code}）/ Kuaidi100 says: {words} ({code})");
    CallError::Rejected { code, remedy }
}

fn opened(reply: &Reply, effect: Effect) -> Result<Object<'_>, CallError> {
    if let Some(error) = fault(reply, effect, "key") {
        return Err(error);
    }
    Json::parse(reply.body()).and_then(|json| json.object()).map_err(|wrong| unreadable(&wrong, effect))
}
