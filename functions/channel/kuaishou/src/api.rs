//! The gateway: a path per method, a signed form, one envelope.

use crate::meaning::{self, Meaning};
use crate::sign::SignMethod;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, unclear, unreadable};

/// What a method answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// Its envelope, which says success.
    Given(Object<'a>),
    /// It understood and refused.
    Refused(Refused),
}

/// A refusal of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// `sub_code`, or else `result`.
    pub(crate) code: String,
    /// What it said, without anything private.
    pub(crate) words: String,
}

impl Refused {
    /// As an error that no repeat will mend.
    pub(crate) fn rejected(self) -> CallError {
        let remedy = format!("快手：{}（{}）/ Kuaishou says: {} ({})", self.words, self.code, self.words, self.code);
        CallError::Rejected { code: self.code, remedy }
    }
}

/// A signed call of a method. Everything goes in the body, the token too, so that it stands in no address; `param` is
/// signed as the very text that is sent.
pub(crate) fn request(call: &Call<'_>, method: &str, param: &str) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let how = SignMethod::of(credentials)?;
    let timestamp = call.now.0.to_string();
    let all = [
        ("appkey", credentials.need("app_key")?),
        ("access_token", credentials.need("access_token")?),
        ("method", method),
        ("param", param),
        ("signMethod", how.name()),
        ("timestamp", timestamp.as_str()),
        ("version", "1"),
    ];
    let sign = how.sign(credentials.need("sign_secret")?, &all);
    let url = format!("{}/{}", call.account.gateway, method.replace('.', "/"));
    pairs::post_form(&url, all.into_iter().chain([("sign", sign.as_str())]))
}

/// Opens the envelope; `private` is what an error must not repeat.
pub(crate) fn answer<'a>(reply: &'a Reply, effect: Effect, private: &[&str]) -> Result<Answer<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "access_token") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let envelope = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let result = envelope.need("result").and_then(|result| result.id()).map_err(lost)?;
    if result == "1" {
        return Ok(Answer::Given(envelope));
    }
    let refused = refusal(&envelope, &result, private).map_err(lost)?;
    judged(refused, &result, effect).map(Answer::Refused)
}

/// The platform's number of an order or an item, which it takes as a JSON number only; `None` when it is none.
pub(crate) fn number(id: &str) -> Option<i64> {
    id.parse().ok()
}

fn refusal(envelope: &Object<'_>, result: &str, private: &[&str]) -> Result<Refused, Wrong> {
    let code = envelope.get("sub_code").map_or_else(|| Ok(result.to_owned()), |code| code.text())?;
    let mut words = String::new();
    for name in ["sub_msg", "error_msg", "msg", "error"] {
        if words.is_empty() {
            words = envelope.text(name)?;
        }
    }
    let code = if code.is_empty() { result.to_owned() } else { code };
    Ok(Refused { code, words: redact(&words, private) })
}

fn judged(refused: Refused, result: &str, effect: Effect) -> Result<Refused, CallError> {
    let Some(meaning) = meaning::of(&[result, &refused.code], &refused.words) else { return Ok(refused) };
    let detail = format!("{}（{}）", refused.words, refused.code);
    let credential = |field: &str| Err(CallError::Credentials { field: field.to_owned(), detail: detail.clone() });
    match meaning {
        Meaning::Token => credential("access_token"),
        Meaning::Scope => credential("scope"),
        Meaning::Key => credential("app_key"),
        Meaning::Signature => credential("sign_secret"),
        Meaning::Clock => Err(CallError::Transient {
            after_s: None,
            detail: format!("请校准本机时钟 / set this machine's clock: {detail}"),
        }),
        Meaning::Limited => Err(CallError::Limited { after_s: None }),
        Meaning::Failing => Err(unclear(effect, detail)),
    }
}
