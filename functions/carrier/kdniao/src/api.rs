//! The gateway: one form for every interface, told apart by `RequestType`, and an answer with `Success`.

use crate::sign;
use huidan_carrier::common::{truth, words, written};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, unclear, unreadable};
use serde::Serialize;

/// An interface: its number and its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interface {
    pub(crate) number: &'static str,
    pub(crate) path: &'static str,
}

/// What an interface answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// The document.
    Given {
        /// It says that all is well.
        document: Object<'a>,
        /// `ResultCode`; empty where there is none.
        code: String,
    },
    /// It understood and said no.
    Refused {
        /// `ResultCode`; `refused` where there is none.
        code: String,
        /// `Reason`, without anything private.
        words: String,
    },
}

/// What a `ResultCode` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// A person must mend the setting of that name.
    Mend(&'static str),
    /// The package is used up.
    Limited,
    /// Nothing happened, and never will.
    Never,
}

/// The documented codes. 105 ("other") stands for everything that a carrier may have answered, so it is not here.
const CODES: &[(&str, Meaning)] = &[
    ("101", Meaning::Never),
    ("102", Meaning::Never),
    ("103", Meaning::Never),
    ("104", Meaning::Mend("customer_name")),
    ("401", Meaning::Never),
    ("402", Meaning::Never),
    ("403", Meaning::Never),
    ("404", Meaning::Never),
    ("405", Meaning::Limited),
];

/// Words of the gateway itself, which come with codes of no fixed meaning: no interface was reached.
const WORDS: &[(&str, Meaning)] = &[
    ("DataSign", Meaning::Mend("app_key")),
    ("EBusinessID", Meaning::Mend("ebusiness_id")),
    ("套餐", Meaning::Limited),
    ("超出查询次数", Meaning::Limited),
];

/// A signed call of an interface.
pub(crate) fn request(call: &Call<'_>, interface: Interface, message: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let data = written(message)?;
    let data_sign = sign::data(&data, credentials.need("app_key")?);
    let fields = [
        ("RequestData", data.as_str()),
        ("EBusinessID", credentials.need("ebusiness_id")?),
        ("RequestType", interface.number),
        ("DataSign", &data_sign),
        ("DataType", "2"),
    ];
    pairs::post_form(&format!("{}{}", call.account.gateway, interface.path), fields)
}

/// Opens an answer. Only `Success` is success, and what a refusal means is looked up.
pub(crate) fn answer<'a>(reply: &'a Reply, effect: Effect, private: &[&str]) -> Result<Answer<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "app_key") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let document = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let done = truth(&document, "Success").map_err(lost)?;
    let code = words(&document, "ResultCode").map_err(lost)?;
    let reason = redact(&document.text("Reason").unwrap_or_default(), private);
    match done {
        Some(true) => Ok(Answer::Given { document, code }),
        Some(false) => refusal(code, reason, effect),
        None => Err(lost(document.wrong("Success", "is missing"))),
    }
}

/// A refusal that no repeat will mend.
pub(crate) fn refused(code: String, words: &str) -> CallError {
    let remedy = format!("快递鸟：{words}（{code}）/ KDNiao says: {words} ({code})");
    CallError::Rejected { code, remedy }
}

fn refusal<'a>(code: String, words: String, effect: Effect) -> Result<Answer<'a>, CallError> {
    let said = WORDS.iter().find(|(known, _)| words.contains(known));
    let coded = CODES.iter().find(|(known, _)| *known == code);
    match said.or(coded).map(|(_, meaning)| *meaning) {
        Some(Meaning::Mend(field)) => Err(CallError::Credentials {
            field: field.to_owned(),
            detail: format!("快递鸟：{words}（{code}）/ KDNiao says: {words} ({code})"),
        }),
        Some(Meaning::Limited) => Err(CallError::Limited { after_s: None }),
        None if effect == Effect::Counts => Err(unclear(effect, format!("快递鸟 / KDNiao {code}: {words}"))),
        Some(Meaning::Never) | None => {
            Ok(Answer::Refused { code: if code.is_empty() { "refused".to_owned() } else { code }, words })
        }
    }
}
