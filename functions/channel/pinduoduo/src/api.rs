//! The gateway: one address, a signed form, one envelope per call, one form of error.

use crate::meaning::{Meaning, meaning};
use crate::sign::sign;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, unclear, unreadable};

/// A call of the platform.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api {
    /// `type`.
    pub(crate) name: &'static str,
    /// What its answer may be wrapped in, the documented name first.
    pub(crate) envelopes: &'static [&'static str],
}

/// What a call answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// The inside of its envelope.
    Given(Object<'a>),
    /// It understood and refused.
    Refused(Refused),
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// `sub_code`, or else `error_code`.
    pub(crate) code: String,
    /// `sub_msg`, or else `error_msg`; without anything private.
    pub(crate) words: String,
}

impl Refused {
    /// As an error that no repeat will mend.
    pub(crate) fn rejected(self) -> CallError {
        let remedy = format!("拼多多：{}（{}）/ Pinduoduo says: {} ({})", self.words, self.code, self.words, self.code);
        CallError::Rejected { code: self.code, remedy }
    }
}

/// A signed call.
pub(crate) fn request(call: &Call<'_>, api: Api, parameters: &[(&str, &str)]) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    // Seconds; the gateway allows ten minutes.
    let timestamp = call.now.0.div_euclid(1000).to_string();
    let mut all = vec![
        ("type", api.name),
        ("client_id", credentials.need("client_id")?),
        ("access_token", credentials.need("access_token")?),
        ("timestamp", timestamp.as_str()),
        ("data_type", "JSON"),
        ("version", "V1"),
    ];
    all.extend(parameters.iter().copied().filter(|(_, value)| !value.is_empty()));
    let sign = sign(credentials.need("client_secret")?, all.iter().copied());
    all.push(("sign", &sign));
    pairs::post_form(&format!("{}/api/router", call.account.gateway), all)
}

/// Opens the envelope of a call; `private` is what an error must not repeat.
pub(crate) fn answer<'a>(
    reply: &'a Reply,
    api: Api,
    effect: Effect,
    private: &[&str],
) -> Result<Answer<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "access_token") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let outer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    if let Some(error) = outer.get("error_response") {
        return failure(&error.object().map_err(lost)?, effect, private).map(Answer::Refused);
    }
    let expected = api.envelopes.first().copied().unwrap_or_default();
    let inside = api.envelopes.iter().find_map(|name| outer.get(name));
    inside
        .ok_or_else(|| outer.wrong(expected, "is missing"))
        .and_then(|json| json.object())
        .map(Answer::Given)
        .map_err(lost)
}

/// What an `error_response` amounts to: an error that says what to do, or the refusal of this very call.
pub(crate) fn failure(error: &Object<'_>, effect: Effect, private: &[&str]) -> Result<Refused, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let code: u32 = error.need("error_code").and_then(|code| code.whole()).map_err(lost)?;
    let sub_code = code_text(error, "sub_code").map_err(lost)?;
    let sub_words = error.text("sub_msg").map_err(lost)?;
    let meant = meaning(code, &sub_code, &sub_words);
    let words = if sub_words.is_empty() { error.text("error_msg").map_err(lost)? } else { sub_words };
    let words = redact(&words, private);
    let detail = format!("{words}（{}）", format!("{code} {sub_code}").trim());
    let credential = |field: &str| Err(CallError::Credentials { field: field.to_owned(), detail: detail.clone() });
    match meant {
        // A parameter of the call's own that no setting mends: it is the clock.
        Meaning::Refused if words.contains("timestamp") => Err(CallError::Transient {
            after_s: None,
            detail: format!("请校准本机时钟 / set this machine's clock: {detail}"),
        }),
        Meaning::Token => credential("access_token"),
        Meaning::Secret => credential("client_secret"),
        Meaning::Application => credential("client_id"),
        Meaning::Limited => Err(CallError::Limited { after_s: None }),
        Meaning::Away => Err(CallError::Transient { after_s: None, detail }),
        Meaning::Failing => Err(unclear(effect, detail)),
        Meaning::Refused => {
            let code = if sub_code.is_empty() { code.to_string() } else { sub_code };
            Ok(Refused { code, words })
        }
    }
}

/// A code, written as text or as a number; empty when there is none.
pub(crate) fn code_text(object: &Object<'_>, name: &str) -> Result<String, Wrong> {
    match object.get(name) {
        Some(value) if value.raw().starts_with('"') => value.text(),
        Some(value) => value.id(),
        None => Ok(String::new()),
    }
}
