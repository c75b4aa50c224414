//! The gateway: a form with one field, `bizContent`, signed in a header.

use crate::sign;
use http::HeaderValue;
use huidan_carrier::common::written;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, unclear, unreadable};
use serde::Serialize;

/// What a service answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// The document; its `code` is 1.
    Given(Object<'a>),
    /// The order number was used before.
    Repeated,
    /// Nothing is known of what was asked for.
    Nothing,
    /// The order was cancelled before.
    Gone,
    /// It understood and said no.
    Refused {
        /// `code`.
        code: String,
        /// `msg`, without anything private.
        words: String,
    },
}

/// What a `code` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Mend(&'static str),
    Repeated,
    Nothing,
    Gone,
    /// Certainly nothing happened, and never will.
    Never,
}

/// The platform's codes, the same in all of its countries. What is not here, such as 0 (failed), 145003041 (placing an
/// order failed) or 145005000 (system error), leaves open what happened.
const CODES: &[(&str, Meaning)] = &[
    ("145003010", Meaning::Mend("api_account")),
    ("145003012", Meaning::Mend("api_account")),
    ("145003030", Meaning::Mend("private_key")),
    ("145003031", Meaning::Mend("password")),
    ("145003051", Meaning::Mend("api_account")),
    ("145003071", Meaning::Mend("api_account")),
    ("145003052", Meaning::Never),
    ("145003053", Meaning::Never),
    ("145002001", Meaning::Repeated),
    ("145003101", Meaning::Repeated),
    ("145003064", Meaning::Nothing),
    ("999001030", Meaning::Nothing),
    ("999002000", Meaning::Nothing),
    ("145003202", Meaning::Gone),
    ("145003201", Meaning::Never),
    ("999002010", Meaning::Never),
    ("145003050", Meaning::Never),
    ("145003060", Meaning::Never),
    ("145003061", Meaning::Never),
    ("145003062", Meaning::Never),
    ("145003083", Meaning::Never),
    ("145003084", Meaning::Never),
    ("145003085", Meaning::Never),
    ("145003086", Meaning::Never),
    ("145003087", Meaning::Never),
    ("145003088", Meaning::Never),
    ("145003092", Meaning::Never),
    ("145003093", Meaning::Never),
    ("145003094", Meaning::Never),
    ("145003095", Meaning::Never),
    ("145003103", Meaning::Never),
    ("145003104", Meaning::Never),
    ("145003105", Meaning::Never),
    ("145003106", Meaning::Never),
    ("145003107", Meaning::Never),
    ("145003108", Meaning::Never),
    ("145003109", Meaning::Never),
    ("145003110", Meaning::Never),
    ("145003111", Meaning::Never),
    ("145003112", Meaning::Never),
    ("145003113", Meaning::Never),
    ("145003200", Meaning::Never),
    ("145005500", Meaning::Never),
    ("145005501", Meaning::Never),
    ("999001010", Meaning::Never),
];

/// A signed call of a service.
pub(crate) fn request(call: &Call<'_>, path: &str, content: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (account, key) = (credentials.need("api_account")?, credentials.need("private_key")?);
    let content = written(content)?;
    let tail = credentials.optional("uuid").map(|uuid| format!("?uuid={}", pairs::encoded(uuid))).unwrap_or_default();
    let url = format!("{}/webopenplatformapi/api/{path}{tail}", call.account.gateway);
    let mut request = pairs::post_form(&url, [("bizContent", content.as_str())])?;
    let (digest, timestamp) = (sign::header(&content, key), call.now.0.to_string());
    for (name, value) in [("apiaccount", account), ("digest", &digest), ("timestamp", &timestamp)] {
        let value = HeaderValue::from_str(value).map_err(|_| CallError::Credentials {
            field: "api_account".to_owned(),
            detail: "含有不能放进请求头的字符 / holds characters that no header takes".to_owned(),
        })?;
        request.headers_mut().insert(http::header::HeaderName::from_static(name), value);
    }
    Ok(request)
}

/// Opens an answer. Only code 1 is success.
pub(crate) fn answer<'a>(reply: &'a Reply, effect: Effect, private: &[&str]) -> Result<Answer<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "api_account") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let document = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let code = document.need("code").and_then(|code| code.id()).map_err(lost)?;
    if code == "1" {
        return Ok(Answer::Given(document));
    }
    let words = redact(&document.text("msg").unwrap_or_default(), private);
    match CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning) {
        Some(Meaning::Mend(field)) => Err(CallError::Credentials {
            field: field.to_owned(),
            detail: format!("极兔：{words}（{code}）/ J&T says: {words} ({code})"),
        }),
        Some(Meaning::Repeated) => Ok(Answer::Repeated),
        // 999001030 also stands for a wrong address where an order is placed.
        Some(Meaning::Nothing) if effect == Effect::Harmless => Ok(Answer::Nothing),
        Some(Meaning::Gone) => Ok(Answer::Gone),
        Some(Meaning::Never | Meaning::Nothing) => Ok(Answer::Refused { code, words }),
        None if effect == Effect::Harmless && code != "0" => {
            Err(unclear(effect, format!("极兔 / J&T {code}: {words}")))
        }
        None if effect == Effect::Harmless => Ok(Answer::Refused { code, words }),
        None => Err(unclear(effect, format!("极兔 / J&T {code}: {words}"))),
    }
}

/// A refusal that no repeat will mend.
pub(crate) fn refused(code: String, words: &str) -> CallError {
    let remedy = format!("极兔：{words}（{code}）/ J&T says: {words} ({code})");
    CallError::Rejected { code, remedy }
}
