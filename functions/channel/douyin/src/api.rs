//! The gateway: one path per method, what was signed in the body, everything else in the address, one envelope.
//!
//! Key and token stand in the address because the platform wants them there; the secret never leaves.

use crate::errors::{Meaning, meaning};
use crate::sign;
use bytes::Bytes;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Account, Call, CallError, Effect, Reply, Request, fault, pairs, redact, unclear, unreadable};
use serde_json::Value;

/// What a method answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// Its `data`; empty where there is none.
    Given(Object<'a>),
    /// It understood and refused.
    Refused(Refused),
}

/// A refusal of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// `sub_code`, such as `isv.business-failed:60110`.
    pub(crate) code: String,
    /// `sub_msg`, without anything private.
    pub(crate) words: String,
}

impl Refused {
    /// As an error that no repeat will mend.
    pub(crate) fn rejected(self) -> CallError {
        let remedy = format!("抖店：{}（{}）/ Doudian says: {} ({})", self.words, self.code, self.words, self.code);
        CallError::Rejected { code: self.code, remedy }
    }
}

/// A signed call of a method in the shop's name.
pub(crate) fn request(call: &Call<'_>, method: &str, parameters: &Value) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    // In this order, so that a person who enters the first credentials is asked for them before the token they give.
    credentials.need("app_key")?;
    credentials.need("app_secret")?;
    let token = credentials.need("access_token")?;
    send(call, method, parameters, Some(token))
}

/// A signed call in the application's name: the one that gives tokens.
pub(crate) fn request_for_token(call: &Call<'_>, method: &str, parameters: &Value) -> Result<Request, CallError> {
    send(call, method, parameters, None)
}

/// The signature of a call of a method with this body.
pub(crate) fn signed(account: &Account, method: &str, body: &str, timestamp: &str) -> Result<String, CallError> {
    let app_key = account.credentials.need("app_key")?;
    Ok(sign::of_call(account.credentials.need("app_secret")?, app_key, method, body, timestamp))
}

fn send(call: &Call<'_>, method: &str, parameters: &Value, token: Option<&str>) -> Result<Request, CallError> {
    let body = sign::param_json(parameters);
    let timestamp = call.now.0.div_euclid(1000).to_string();
    let sign = signed(call.account, method, &body, &timestamp)?;
    let app_key = call.account.credentials.need("app_key")?;
    let mut all = vec![("app_key", app_key), ("method", method), ("timestamp", timestamp.as_str()), ("v", "2")];
    all.extend(token.map(|token| ("access_token", token)));
    all.extend([("sign", sign.as_str()), ("sign_method", "hmac-sha256")]);
    let url = format!("{}/{}?{}", call.account.gateway, method.replace('.', "/"), pairs::to_form(all));
    http::Request::post(url)
        .header(http::header::CONTENT_TYPE, "application/json;charset=UTF-8")
        // Without it some methods answer in the codes of an older gateway.
        .header("x-open-no-old-err-code", "1")
        .body(Bytes::from(body))
        .map_err(|_| CallError::Credentials {
            field: "base_url".to_owned(),
            detail: "网关地址不是有效的网址 / the gateway's address is no address".to_owned(),
        })
}

/// Opens the envelope; `private` is what an error must not repeat.
pub(crate) fn answer<'a>(reply: &'a Reply, effect: Effect, private: &[&str]) -> Result<Answer<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "access_token") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let envelope = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let code: u32 = envelope.need("code").and_then(|code| code.whole()).map_err(lost)?;
    if code == 10_000 {
        return envelope.object("data").map(Answer::Given).map_err(lost);
    }
    failure(code, &envelope, effect, private).map(Answer::Refused)
}

/// The `data` of an answer where a refusal is an error like any other.
pub(crate) fn given(reply: &Reply, effect: Effect) -> Result<Object<'_>, CallError> {
    match answer(reply, effect, &[])? {
        Answer::Given(data) => Ok(data),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

/// An answer to a harmless call that is none.
pub(crate) fn lost(wrong: Wrong) -> CallError {
    unreadable(&wrong, Effect::Harmless)
}

fn failure(code: u32, envelope: &Object<'_>, effect: Effect, private: &[&str]) -> Result<Refused, CallError> {
    let text = |name: &str| envelope.text(name).map_err(|wrong| unreadable(&wrong, effect));
    let (sub_code, sub_msg) = (text("sub_code")?, text("sub_msg")?);
    let words = redact(&if sub_msg.is_empty() { text("msg")? } else { sub_msg }, private);
    let detail = format!("{words}（{}）", format!("{code} {}", redact(&sub_code, private)).trim());
    match meaning(code, &sub_code) {
        Meaning::Mend(field) => Err(CallError::Credentials { field: field.to_owned(), detail }),
        Meaning::Clock => Err(CallError::Transient {
            after_s: None,
            detail: format!("请校准本机时钟 / set this machine's clock: {detail}"),
        }),
        Meaning::Limited => Err(CallError::Limited { after_s: None }),
        Meaning::Later(seconds) => Err(CallError::Transient { after_s: (seconds > 0).then_some(seconds), detail }),
        Meaning::Unclear => Err(unclear(effect, detail)),
        Meaning::Refused if sub_code.is_empty() => Ok(Refused { code: format!("doudian-{code}"), words }),
        Meaning::Refused => Ok(Refused { code: sub_code, words }),
    }
}
