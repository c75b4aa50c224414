//! The gateway: an address per interface, a signed JSON envelope, answers without a common form.

use crate::sign::digest;
use huidan_carrier::common;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Credentials, Effect, Reply, Request, fault, redact, unclear, unreadable};
use serde::Serialize;

/// An interface of the platform, which issues an address and a secret for each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interface {
    /// Its name in the address and in the signature.
    pub(crate) method: &'static str,
    /// The account's setting for it, where it is not the one that makes orders.
    pub(crate) key: &'static str,
}

/// What opens an interface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'a> {
    suffix: &'a str,
    /// The customer's code there.
    pub(crate) customer: &'a str,
    secret: &'a str,
}

#[derive(Debug, Serialize)]
struct Envelope<'a> {
    timestamp: i64,
    param: &'a str,
    sign: &'a str,
    format: &'static str,
}

impl Interface {
    /// The interface's own key, or else the account's.
    pub(crate) fn key_of<'a>(self, credentials: &'a Credentials) -> Result<Key<'a>, CallError> {
        let [suffix, customer, secret] =
            [credentials.need("suffix")?, credentials.need("customer_code")?, credentials.need("secret")?];
        let Some(own) = credentials.optional(self.key) else { return Ok(Key { suffix, customer, secret }) };
        let parts: Vec<&str> = own.trim().splitn(3, '/').collect();
        match parts.as_slice() {
            &[suffix, customer, secret] if ![suffix, customer, secret].contains(&"") => {
                Ok(Key { suffix, customer, secret })
            }
            _ => Err(CallError::Credentials {
                field: self.key.to_owned(),
                detail: "应为 网址段/客户编码/密钥 / must be suffix/customer code/secret".to_owned(),
            }),
        }
    }
}

/// A signed call.
pub(crate) fn request(call: &Call<'_>, interface: Interface, message: &impl Serialize) -> Result<Request, CallError> {
    let key = interface.key_of(&call.account.credentials)?;
    let param = common::written(message)?;
    let sign = digest(&[&param, interface.method, "v1", key.secret]);
    let body = common::written(&Envelope { timestamp: call.now.0, param: &param, sign: &sign, format: "JSON" })?;
    let url = format!("{}/open/{}/v1/{}/{}", call.account.gateway, interface.method, key.suffix, key.customer);
    http::Request::post(url).header(http::header::CONTENT_TYPE, common::JSON).body(body.into()).map_err(|_| {
        CallError::Credentials {
            field: "suffix".to_owned(),
            detail: "接口网址段或客户编码里有不能用在网址里的字符 / suffix or customer code do not fit into an address"
                .to_owned(),
        }
    })
}

/// The answer as an object; what is refused is an error already. `private` is what must not be repeated.
pub(crate) fn answer<'a>(reply: &'a Reply, effect: Effect, private: &[&str]) -> Result<Object<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "secret") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let object = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    match refusal(&object).map_err(lost)? {
        Some((code, words)) => Err(refused(&code, &words, effect, private)),
        None => Ok(object),
    }
}

/// Code and words of a refusal. Every interface has a form of its own: `reason`, `apiErrorMsg`, a `success` that is
/// false, or a `statusCode` that is not 0.
fn refusal(object: &Object<'_>) -> Result<Option<(String, String)>, Wrong> {
    let first = |names: &[&str]| -> Result<String, Wrong> {
        for name in names {
            let words = common::words(object, name)?;
            if !words.is_empty() {
                return Ok(words);
            }
        }
        Ok(String::new())
    };
    let reason = first(&["reason", "apiErrorMsg"])?;
    let status = common::words(object, "statusCode")?;
    let failed = common::truth(object, "success")? == Some(false) || !matches!(status.as_str(), "" | "0");
    if !failed && reason.is_empty() {
        return Ok(None);
    }
    let words = if reason.is_empty() { first(&["statusMessage", "message", "errorMsg"])? } else { reason };
    Ok(Some((first(&["apiErrorCode", "errorCode", "statusCode", "code"])?, words)))
}

/// What a refusal's words mean; the platform documents no codes that hold for every interface.
const MEANINGS: &[(&str, Meaning)] = &[
    ("签名", Meaning::Secret),
    ("sign", Meaning::Secret),
    ("白名单", Meaning::Account),
    ("权限", Meaning::Account),
    ("未授权", Meaning::Account),
    ("频率", Meaning::Limited),
    ("限流", Meaning::Limited),
    ("超过最大调用", Meaning::Limited),
    ("系统异常", Meaning::Unclear),
    ("系统繁忙", Meaning::Unclear),
    ("超时", Meaning::Unclear),
    ("处理中", Meaning::Unclear),
];

#[derive(Debug, Clone, Copy)]
enum Meaning {
    Secret,
    Account,
    Limited,
    Unclear,
}

fn refused(code: &str, words: &str, effect: Effect, private: &[&str]) -> CallError {
    let said = redact(words, private);
    let credentials = |field: &str| CallError::Credentials {
        field: field.to_owned(),
        detail: format!(
            "圆通拒绝（{said}），请核对该接口的编码、密钥与白名单 / YTO refuses ({said}): compare this interface's code, \
             secret and address list"
        ),
    };
    match MEANINGS.iter().find(|(word, _)| words.contains(word)).map(|(_, meaning)| *meaning) {
        Some(Meaning::Secret) => credentials("secret"),
        Some(Meaning::Account) => credentials("customer_code"),
        Some(Meaning::Limited) => CallError::Limited { after_s: None },
        Some(Meaning::Unclear) => unclear(effect, format!("圆通 / YTO: {said}")),
        None => CallError::Rejected {
            code: if code.is_empty() { "refused".to_owned() } else { code.to_owned() },
            remedy: format!("圆通：{said} / YTO says: {said}"),
        },
    }
}
