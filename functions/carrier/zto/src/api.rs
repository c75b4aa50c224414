//! The gateway: signed JSON, one form of answer, HTTP 200 also for errors.

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
    /// The whole answer; its `result` is what was asked for.
    Given(Object<'a>),
    /// It understood and refused.
    Refused {
        /// `statusCode`.
        code: String,
        /// `message`; may repeat what was sent.
        words: String,
    },
}

/// A signed call.
pub(crate) fn request(call: &Call<'_>, interface: &str, message: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let key = credentials.need("app_key")?;
    let body = common::written(message)?;
    let digest = sign::digest(&body, credentials.need("app_secret")?);
    http::Request::post(format!("{}/{interface}", call.account.gateway))
        .header(http::header::CONTENT_TYPE, common::JSON)
        .header("x-appKey", key)
        .header("x-dataDigest", digest)
        .body(Bytes::from(body))
        .map_err(|_| CallError::Credentials {
            field: "app_key".to_owned(),
            detail: "appKey 里有不能用的字符 / the appKey holds characters that cannot be sent".to_owned(),
        })
}

/// Opens the answer. Only a `status` that is true is success.
pub(crate) fn outcome(reply: &Reply, effect: Effect) -> Result<Outcome<'_>, CallError> {
    if let Some(error) = fault(reply, effect, "app_key") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let answer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let status = common::truth(&answer, "status").map_err(lost)?;
    match status.ok_or_else(|| lost(answer.wrong("status", "is missing")))? {
        true => Ok(Outcome::Given(answer)),
        false => {
            let code = common::words(&answer, "statusCode").map_err(lost)?;
            Ok(Outcome::Refused { code, words: common::words(&answer, "message").unwrap_or_default() })
        }
    }
}

/// The error of an interface; `private` is what must not be repeated.
pub(crate) fn refused(code: &str, words: &str, effect: Effect, private: &[&str]) -> CallError {
    let words = redact(words, private);
    match meaning(code) {
        Meaning::Setting(field) => CallError::Credentials {
            field: field.to_owned(),
            detail: format!(
                "中通拒绝（{code} {words}），请检查设置与授权 / ZTO refuses ({code} {words}): check the settings"
            ),
        },
        Meaning::Limited => CallError::Limited { after_s: None },
        Meaning::Unclear => unclear(effect, format!("中通 / ZTO {code} {words}")),
        Meaning::Standing | Meaning::Refused => CallError::Rejected {
            code: if code.is_empty() { "refused".to_owned() } else { code.to_owned() },
            remedy: format!("中通：{words}（{code}）/ ZTO says: {words} ({code})"),
        },
    }
}
