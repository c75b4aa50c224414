//! The gateway: one address, a signed form that names the interface, one form of answer.

use crate::sign;
use huidan_carrier::common;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, unclear, unreadable};
use serde::Serialize;

/// An interface and the system behind the gateway that has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interface {
    /// Its name.
    pub(crate) name: &'static str,
    /// Who has it.
    pub(crate) to: &'static str,
}

/// What an interface answered.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Its `data`, as JSON text; empty where it has none.
    Given(String),
    /// It understood and refused.
    Refused {
        /// `errorCode`.
        code: String,
        /// `errorMsg`; may repeat what was sent.
        words: String,
    },
}

/// A signed call.
pub(crate) fn request(call: &Call<'_>, interface: Interface, message: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let key = credentials.need("app_key")?;
    let content = common::written(message)?;
    let digest = sign::digest(&content, credentials.need("secret_key")?);
    pairs::post_form(
        &format!("{}/gateway/link.do", call.account.gateway),
        [
            ("api_name", interface.name),
            ("content", &content),
            ("from_appkey", key),
            ("from_code", credentials.optional("from_code").unwrap_or(key)),
            ("to_appkey", interface.to),
            ("to_code", interface.to),
            ("data_digest", &digest),
        ],
    )
}

/// Opens the answer. Only a `success` that is true is success; one that asks for a repeat (`needRetry`) is no clear word.
pub(crate) fn outcome(reply: &Reply, effect: Effect) -> Result<Outcome, CallError> {
    if let Some(error) = fault(reply, effect, "app_key") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let answer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let success = common::truth(&answer, "success").map_err(lost)?;
    if success.ok_or_else(|| lost(answer.wrong("success", "is missing")))? {
        let data = answer.get("data").map(|data| common::unwrapped(&data)).transpose().map_err(lost)?;
        return Ok(Outcome::Given(data.unwrap_or_default()));
    }
    let code = common::words(&answer, "errorCode").map_err(lost)?;
    if common::truth(&answer, "needRetry").unwrap_or_default() == Some(true) {
        return Err(unclear(effect, format!("申通要求重试 / STO asks for a repeat ({code})")));
    }
    Ok(Outcome::Refused { code, words: words(&answer) })
}

fn words(answer: &Object<'_>) -> String {
    common::words(answer, "errorMsg").unwrap_or_default()
}

#[derive(Debug, Clone, Copy)]
enum Meaning {
    Setting(&'static str),
    Limited,
    Unclear,
}

/// What a refusal means, by its code or a word of it. The platform's codes are published to members alone; those of its
/// gateway are Cainiao's LINK codes.
const MEANINGS: &[(&str, Meaning)] = &[
    ("S02", Meaning::Setting("secret_key")),
    ("签名", Meaning::Setting("secret_key")),
    ("digest", Meaning::Setting("secret_key")),
    ("S07", Meaning::Unclear),
    ("系统异常", Meaning::Unclear),
    ("系统繁忙", Meaning::Unclear),
    ("超时", Meaning::Unclear),
    ("限流", Meaning::Limited),
    ("流控", Meaning::Limited),
    ("频繁", Meaning::Limited),
    ("未订阅", Meaning::Setting("app_key")),
    ("权限", Meaning::Setting("app_key")),
    ("未授权", Meaning::Setting("app_key")),
    ("白名单", Meaning::Setting("app_key")),
    ("密码", Meaning::Setting("site_pwd")),
    ("订单来源", Meaning::Setting("order_source")),
];

/// The error of an interface; `private` is what must not be repeated.
pub(crate) fn refused(code: &str, words: &str, effect: Effect, private: &[&str]) -> CallError {
    let said = redact(words, private);
    let found = MEANINGS.iter().find(|(mark, _)| *mark == code || !mark.is_ascii() && words.contains(mark));
    let found = found.or_else(|| MEANINGS.iter().find(|(mark, _)| *mark == "digest" && words.contains(mark)));
    match found.map(|(_, meaning)| *meaning) {
        Some(Meaning::Setting(field)) => CallError::Credentials {
            field: field.to_owned(),
            detail: format!(
                "申通拒绝（{code} {said}），请检查设置与授权 / STO refuses ({code} {said}): check the settings"
            ),
        },
        Some(Meaning::Limited) => CallError::Limited { after_s: None },
        Some(Meaning::Unclear) => unclear(effect, format!("申通 / STO {code} {said}")),
        None => CallError::Rejected {
            code: if code.is_empty() { "refused".to_owned() } else { code.to_owned() },
            remedy: format!("申通：{said}（{code}）/ STO says: {said} ({code})"),
        },
    }
}
