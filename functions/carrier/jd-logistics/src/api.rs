//! The gateway: the parameters and the signature in the address, a list of arguments as the body.

use crate::sign::{Algorithm, Signed, VERSION};
use bytes::Bytes;
use huidan_carrier::common;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, time, unclear, unreadable};
use serde::Serialize;

/// An interface and the domain that has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interface {
    /// `LOP-DN`.
    pub(crate) domain: &'static str,
    /// Its path.
    pub(crate) path: &'static str,
}

/// What an interface answered.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    /// The answer; its `data` is what was asked for.
    Given(Object<'a>),
    /// It understood and refused.
    Refused {
        /// The code.
        code: String,
        /// The words; may repeat what was sent.
        words: String,
    },
}

/// A signed call with one argument. The token stands in the address because the platform wants it there.
pub(crate) fn request(call: &Call<'_>, interface: Interface, argument: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (key, token) = (credentials.need("app_key")?, credentials.need("access_token")?);
    let secret = credentials.need("app_secret")?;
    let algorithm = Algorithm::of(credentials)?;
    let body = common::written(&[argument])?;
    let timestamp = time::to_local(call.now, time::CHINA);
    let signed = Signed { token, key, path: interface.path, body: &body, timestamp: &timestamp };
    let sign = algorithm.digest(secret, &signed.text(secret));
    let query = pairs::to_form([
        ("LOP-DN", interface.domain),
        ("app_key", key),
        ("access_token", token),
        ("timestamp", &timestamp),
        ("v", VERSION),
        ("algorithm", algorithm.name()),
        ("sign", &sign),
    ]);
    http::Request::post(format!("{}{}?{query}", call.account.gateway, interface.path))
        .header(http::header::CONTENT_TYPE, common::JSON)
        .header("lop-tz", "8")
        .body(Bytes::from(body))
        .map_err(|_| CallError::Credentials {
            field: "base_url".to_owned(),
            detail: "网关地址不是有效的网址 / the gateway's address is no address".to_owned(),
        })
}

/// Opens the answer, also where an envelope is around it. Only a `success` that is true is success, or a code of 0 where
/// there is none.
pub(crate) fn outcome(reply: &Reply, effect: Effect) -> Result<Outcome<'_>, CallError> {
    if let Some(error) = fault(reply, effect, "access_token") {
        return Err(error);
    }
    opened(reply).map_err(|wrong| unreadable(&wrong, effect))
}

fn opened(reply: &Reply) -> Result<Outcome<'_>, Wrong> {
    let mut answer = Json::parse(reply.body())?.object()?;
    if answer.has("error_response") {
        let error = answer.need("error_response")?.object()?;
        let words = common::words(&error, "zh_desc")?;
        return Ok(Outcome::Refused { code: common::words(&error, "code")?, words });
    }
    if answer.has("response") {
        answer = answer.need("response")?.object()?.need("content")?.object()?;
    }
    let code = common::words(&answer, "code")?;
    let success = match common::truth(&answer, "success")? {
        Some(success) => success,
        None if code.is_empty() => return Err(answer.wrong("success", "is missing")),
        None => code == "0",
    };
    if success {
        return Ok(Outcome::Given(answer));
    }
    let sub = common::words(&answer, "subCode")?;
    let words = [common::words(&answer, "subMsg")?, common::words(&answer, "msg")?];
    let words = words.into_iter().find(|words| !words.is_empty()).unwrap_or_default();
    Ok(Outcome::Refused { code: if sub.is_empty() { code } else { sub }, words })
}

#[derive(Debug, Clone, Copy)]
enum Meaning {
    Setting(&'static str),
    Limited,
    Unclear,
}

/// What a refusal's words mean, the first that fits; a list of codes was not to be had.
const MEANINGS: &[(&str, Meaning)] = &[
    ("token", Meaning::Setting("access_token")),
    ("授权", Meaning::Setting("access_token")),
    ("签名", Meaning::Setting("app_secret")),
    ("sign", Meaning::Setting("app_secret")),
    ("app_key", Meaning::Setting("app_key")),
    ("appkey", Meaning::Setting("app_key")),
    ("权限", Meaning::Setting("app_key")),
    ("客户编码", Meaning::Setting("customer_code")),
    ("商家编码", Meaning::Setting("customer_code")),
    ("限流", Meaning::Limited),
    ("流控", Meaning::Limited),
    ("频率", Meaning::Limited),
    ("系统异常", Meaning::Unclear),
    ("系统繁忙", Meaning::Unclear),
    ("系统错误", Meaning::Unclear),
    ("超时", Meaning::Unclear),
    ("timeout", Meaning::Unclear),
];

/// The error of an interface; `private` is what must not be repeated.
pub(crate) fn refused(code: &str, words: &str, effect: Effect, private: &[&str]) -> CallError {
    let said = redact(words, private);
    let small = words.to_ascii_lowercase();
    match MEANINGS.iter().find(|(mark, _)| small.contains(mark)).map(|(_, meaning)| *meaning) {
        Some(Meaning::Setting(field)) => CallError::Credentials {
            field: field.to_owned(),
            detail: format!(
                "京东物流拒绝（{code} {said}），请检查设置与授权 / JD Logistics refuses ({code} {said}): check the settings"
            ),
        },
        Some(Meaning::Limited) => CallError::Limited { after_s: None },
        Some(Meaning::Unclear) => unclear(effect, format!("京东物流 / JD Logistics {code} {said}")),
        None => CallError::Rejected {
            code: if code.is_empty() { "refused".to_owned() } else { code.to_owned() },
            remedy: format!("京东物流：{said}（{code}）/ JD Logistics says: {said} ({code})"),
        },
    }
}
