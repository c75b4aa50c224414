//! The gateway: one address, a signed form, an envelope inside an envelope.

use crate::sign;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, unclear, unreadable};
use serde::Serialize;

/// What the service behind the gateway said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its answer (`msgData`), as JSON text.
    Given(String),
    /// Its error.
    Refused {
        /// `errorCode`.
        code: String,
        /// `errorMsg`; may repeat what was sent.
        words: String,
    },
}

/// A signed call of a service.
pub(crate) fn request(call: &Call<'_>, service: &str, message: &impl Serialize) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let message = serde_json::to_string(message)
        .map_err(|_| CallError::Rejected { code: "unwritable".to_owned(), remedy: String::new() })?;
    let timestamp = call.now.0.to_string();
    let digest = sign::digest(&message, &timestamp, credentials)?;
    pairs::post_form(
        &format!("{}/std/service", call.account.gateway),
        [
            ("partnerID", credentials.need("partner_id")?),
            ("requestID", call.nonce),
            ("serviceCode", service),
            ("timestamp", timestamp.as_str()),
            ("msgDigest", digest.as_str()),
            ("msgData", message.as_str()),
        ],
    )
}

/// Opens both envelopes. That the gateway took the call (`A1000`) says nothing of the service: its own `success` does.
pub(crate) fn outcome(reply: &Reply, effect: Effect) -> Result<Outcome, CallError> {
    if let Some(error) = fault(reply, effect, "partner_id") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let outer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let code = outer.text("apiResultCode").map_err(lost)?;
    if code != "A1000" {
        return Err(gateway(&code, effect));
    }
    let data = nested(&outer, "apiResultData").map_err(lost)?;
    let inner = Json::parse(data.as_bytes()).and_then(|json| json.object()).map_err(lost)?;
    match flag(&inner, "success").map_err(lost)? {
        true if inner.get("msgData").is_none() => Ok(Outcome::Given("{}".to_owned())),
        true => nested(&inner, "msgData").map(Outcome::Given).map_err(lost),
        false => {
            let code = inner.need("errorCode").and_then(|code| code.id()).map_err(lost)?;
            Ok(Outcome::Refused { code, words: inner.text("errorMsg").unwrap_or_default() })
        }
    }
}

/// The error of a service, for every operation; `private` is what must not be repeated.
pub(crate) fn refused(code: &str, words: &str, private: &[&str]) -> CallError {
    let words = huidan_exchange::redact(words, private);
    match code {
        "S0001" | "8001" | "8002" | "8014" | "8026" => CallError::Credentials {
            field: "partner_id".to_owned(),
            detail: format!(
                "顺丰拒绝（{code} {words}），请检查授权 / SF refuses ({code} {words}): check the account's rights"
            ),
        },
        "S0004" | "8005" => CallError::Limited { after_s: None },
        _ => CallError::Rejected {
            code: code.to_owned(),
            remedy: format!("顺丰：{words}（{code}）/ SF says: {words} ({code})"),
        },
    }
}

/// The gateway's own errors. Only those after which the service cannot have been reached are certain.
fn gateway(code: &str, effect: Effect) -> CallError {
    let credential = |field: &str, zh: &str, en: &str| CallError::Credentials {
        field: field.to_owned(),
        detail: format!("{zh}（{code}）/ {en} ({code})"),
    };
    match code {
        "A1001" => CallError::Rejected {
            code: code.to_owned(),
            remedy: "顺丰说缺少必填参数（A1001），请检查账号设置 / SF misses a parameter (A1001): check the account"
                .to_owned(),
        },
        "A1002" => CallError::Transient {
            after_s: None,
            detail: "请求时间过期，请校准本机时钟（A1002）/ outside SF's time window: set this machine's clock (A1002)"
                .to_owned(),
        },
        "A1003" => credential("partner_id", "本机 IP 不在丰桥白名单", "this address is not on the platform's list"),
        "A1004" => credential("partner_id", "丰桥未开通此接口权限", "this service is not granted on the platform"),
        "A1005" => CallError::Limited { after_s: None },
        "A1006" => credential(
            "checkword",
            "签名无效，请核对校验码与环境",
            "invalid signature: compare check word and environment",
        ),
        "A1008" => credential("checkword", "数据解密失败", "the platform could not decrypt the call"),
        "A1010" => credential("partner_id", "接口仍处于沙箱测试状态", "this service is still in its sandbox state"),
        _ => unclear(effect, format!("顺丰网关 / SF gateway {code}")),
    }
}

/// An object that stands there as it is, or as JSON inside a string.
fn nested(object: &Object<'_>, name: &str) -> Result<String, Wrong> {
    let value = object.need(name)?;
    if value.raw().starts_with('"') { value.text() } else { Ok(value.raw().to_owned()) }
}

/// True or false, also where it is written as a string.
fn flag(object: &Object<'_>, name: &str) -> Result<bool, Wrong> {
    let value = object.need(name)?;
    match value.raw().trim_matches('"') {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(value.wrong("is neither true nor false")),
    }
}
