//! WeChat's gateway: JSON there, JSON back, one envelope. Its protocol puts the token into the address.

use crate::errors::{self, Means};
use bytes::Bytes;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, unclear, unreadable};
use serde_json::Value;

/// What a call answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// `errcode` 0: its envelope.
    Given(Object<'a>),
    /// It understood and refused.
    Refused(Refused),
}

/// A refusal of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// `errcode`.
    pub(crate) code: i64,
    /// `errmsg` and what the carrier said, without anything private.
    pub(crate) words: String,
}

impl Refused {
    /// As an error that no repeat will mend.
    pub(crate) fn rejected(self) -> CallError {
        let Self { code, words } = self;
        CallError::Rejected {
            code: code.to_string(),
            remedy: format!("微信：{words}（{code}）/ WeChat says: {words} ({code})"),
        }
    }
}

/// A call with the shop's token.
pub(crate) fn post(call: &Call<'_>, path: &str, body: &Value) -> Result<Request, CallError> {
    let token = call.account.credentials.need("access_token")?;
    let query = pairs::to_form([("access_token", token)]);
    bare(call, &format!("{path}?{query}"), body)
}

/// A call without a token.
pub(crate) fn bare(call: &Call<'_>, path: &str, body: &Value) -> Result<Request, CallError> {
    http::Request::post(format!("{}{path}", call.account.gateway))
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.to_string()))
        .map_err(|_| CallError::Credentials {
            field: "base_url".to_owned(),
            detail: "网关地址不是有效的网址 / the gateway's address is no address".to_owned(),
        })
}

/// Opens an answer; `private` is what an error must not repeat.
pub(crate) fn answer<'a>(
    call: &Call<'_>,
    reply: &'a Reply,
    effect: Effect,
    private: &[&str],
) -> Result<Answer<'a>, CallError> {
    let envelope = opened(reply, effect)?;
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let code: i64 = envelope.need("errcode").and_then(|code| code.whole()).map_err(lost)?;
    if code == 0 {
        return Ok(Answer::Given(envelope));
    }
    failure(call, &envelope, code, effect, private).map(Answer::Refused)
}

/// The envelope of an answer, whatever it says.
pub(crate) fn opened(reply: &Reply, effect: Effect) -> Result<Object<'_>, CallError> {
    match fault(reply, effect, "access_token") {
        Some(error) => Err(error),
        None => Json::parse(reply.body()).and_then(|json| json.object()).map_err(|wrong| unreadable(&wrong, effect)),
    }
}

/// What a code other than 0 amounts to.
pub(crate) fn failure(
    call: &Call<'_>,
    envelope: &Object<'_>,
    code: i64,
    effect: Effect,
    private: &[&str],
) -> Result<Refused, CallError> {
    let said = |name: &str| envelope.text(name).map_err(|wrong| unreadable(&wrong, effect));
    let (own, carrier) = (said("errmsg")?, said("delivery_error_msg")?);
    let both = if carrier.is_empty() { own } else { format!("{own}；{carrier}") };
    let credentials = &call.account.credentials;
    let secrets = ["access_token", "secret"].into_iter().filter_map(|field| credentials.optional(field));
    let hidden: Vec<&str> = private.iter().copied().chain(secrets).collect();
    let words = redact(&both, &hidden);
    match errors::means(code) {
        Means::Credential(field) => {
            Err(CallError::Credentials { field: field.to_owned(), detail: format!("{words}（{code}）") })
        }
        Means::Limited(after_s) => Err(CallError::Limited { after_s: Some(after_s) }),
        Means::Later => Err(CallError::Transient { after_s: None, detail: format!("{words}（{code}）") }),
        Means::Unclear => Err(unclear(effect, format!("{words}（{code}）"))),
        Means::No => Ok(Refused { code, words }),
    }
}
