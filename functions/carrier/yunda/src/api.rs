//! The gateway: signed JSON, one form of answer.

use crate::codes::{Meaning, meaning};
use crate::sign;
use bytes::Bytes;
use huidan_carrier::common;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, redact, unclear, unreadable};
use serde::Serialize;

/// What an interface answered.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    /// The whole answer; its `data` is what was asked for.
    Given(Object<'a>),
    /// It understood and refused.
    Refused {
        /// `code`.
        code: String,
        /// `message`; may repeat what was sent.
        words: String,
    },
}

/// A signed call.
pub(crate) fn request(call: &Call<'_>, path: &str, message: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let key = credentials.need("app_key")?;
    let body = common::written(message)?;
    let sign = sign::digest(body.as_bytes(), credentials.need("app_secret")?);
    http::Request::post(format!("{}/{path}", call.account.gateway))
        .header(http::header::CONTENT_TYPE, common::JSON)
        .header("app-key", key)
        .header("req-time", call.now.0.to_string())
        .header("sign", sign)
        .body(Bytes::from(body))
        .map_err(|_| CallError::Credentials {
            field: "app_key".to_owned(),
            detail: "app-key 里有不能用的字符 / the app-key holds characters that cannot be sent".to_owned(),
        })
}

/// Opens the answer. Success is a code of zeros and a `result` that is not false.
pub(crate) fn outcome(reply: &Reply, effect: Effect) -> Result<Outcome<'_>, CallError> {
    if let Some(error) = fault(reply, effect, "app_key") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let answer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let code = answer.need("code").and_then(|code| code.id()).map_err(lost)?;
    let result = common::truth(&answer, "result").map_err(lost)?;
    if result != Some(false) && ["0000", "0"].contains(&code.as_str()) {
        return Ok(Outcome::Given(answer));
    }
    Ok(Outcome::Refused { code, words: common::words(&answer, "message").unwrap_or_default() })
}

/// The error of an interface; `private` is what must not be repeated.
pub(crate) fn refused(code: &str, words: &str, effect: Effect, private: &[&str]) -> CallError {
    let words = redact(words, private);
    match meaning(code) {
        Meaning::Setting(field) => CallError::Credentials {
            field: field.to_owned(),
            detail: format!(
                "韵达拒绝（{code} {words}），请检查设置与授权 / Yunda refuses ({code} {words}): check the settings"
            ),
        },
        Meaning::Limited => CallError::Limited { after_s: None },
        Meaning::Unclear => unclear(effect, format!("韵达 / Yunda {code} {words}")),
        Meaning::Refused => CallError::Rejected {
            code: if code.is_empty() { "refused".to_owned() } else { code.to_owned() },
            remedy: format!("韵达：{words}（{code}）/ Yunda says: {words} ({code})"),
        },
    }
}
