//! What the platform's errors mean, as data.

use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{CallError, Effect, Reply, fault, redact, unclear, unreadable};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// HTTP status.
    pub(crate) status: u16,
    /// The platform's code, such as `InvalidInput`.
    pub(crate) code: String,
    /// Its words, without phones.
    pub(crate) words: String,
}

impl Refused {
    /// As an error that no repeat will mend.
    pub(crate) fn rejected(self) -> CallError {
        let remedy = format!("亚马逊：{}（{}）/ Amazon says: {} ({})", self.words, self.code, self.words, self.code);
        CallError::Rejected { code: self.code, remedy }
    }
}

/// What a code asks of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Limited,
    Failing,
    No,
}

/// Codes that say more than the status they come with.
const CODES: &[(&str, Meaning)] = &[
    ("QuotaExceeded", Meaning::Limited),
    ("TooManyRequests", Meaning::Limited),
    ("RequestThrottled", Meaning::Limited),
    ("InternalFailure", Meaning::Failing),
    ("InternalError", Meaning::Failing),
    ("ServiceUnavailable", Meaning::Failing),
    ("InvalidInput", Meaning::No),
    ("NotFound", Meaning::No),
];

/// What a reply that is no success amounts to: a refusal of what was asked, or an error of its own.
pub(crate) fn failure(reply: &Reply, effect: Effect) -> Result<Refused, CallError> {
    let status = reply.status().as_u16();
    let said = said(reply);
    match status {
        429 => return Err(CallError::Limited { after_s: huidan_exchange::retry_after(reply).or_else(|| pace(reply)) }),
        403 => return Err(forbidden(said.as_ref().ok())),
        _ => {}
    }
    if let Some(error) = fault(reply, effect, "access_token") {
        return Err(error);
    }
    let (code, words) = said.map_err(|wrong| unreadable(&wrong, effect))?;
    let meaning = CODES.iter().find(|(known, _)| *known == code).map_or(Meaning::No, |(_, meaning)| *meaning);
    match meaning {
        Meaning::Limited => Err(CallError::Limited { after_s: pace(reply) }),
        Meaning::Failing => Err(unclear(effect, format!("{words} ({code})"))),
        Meaning::No => Ok(Refused { status, code, words }),
    }
}

/// A token that ended and a right that is missing come with the same status and code; only the first is mended by a
/// new token, so only what does not speak of a token is taken for the second.
fn forbidden(said: Option<&(String, String)>) -> CallError {
    let lacks = said.is_some_and(|(code, words)| code == "Unauthorized" && !words.to_lowercase().contains("token"));
    let (field, hint) = match lacks {
        true => ("client_id", "应用缺少所需角色，或店铺未授权 / the application lacks a role, or the shop's consent"),
        false => ("access_token", "令牌被拒绝 / the token is refused"),
    };
    let words = said.map(|(code, words)| format!("：{words} ({code})")).unwrap_or_default();
    CallError::Credentials { field: field.to_owned(), detail: format!("{hint}{words}") }
}

/// The first error of a body, as code and words.
fn said(reply: &Reply) -> Result<(String, String), Wrong> {
    let body = Json::parse(reply.body())?.object()?;
    let first = body.need("errors")?.list()?.into_iter().next().ok_or_else(|| body.wrong("errors", "is empty"))?;
    let first = first.object()?;
    let (message, details) = (first.text("message")?, first.text("details")?);
    let words = format!("{message} {details}");
    Ok((first.need("code")?.text()?.replace(' ', ""), redact(words.trim(), &[])))
}

/// The seconds until one more call, from the rate that a reply names (such as 0.0167 a second), rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held between a second and a day")]
fn pace(reply: &Reply) -> Option<u32> {
    let rate: f64 = reply.headers().get("x-amzn-ratelimit-limit")?.to_str().ok()?.trim().parse().ok()?;
    (rate > 0.0).then(|| (1.0 / rate).ceil().clamp(1.0, 86_400.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn the_wait_comes_from_the_rate_where_nothing_else_says_it() {
        for (rate, wait) in [("0.0167", Some(60)), ("2", Some(1)), ("0.5", Some(2)), ("0", None), ("soon", None)] {
            let reply = http::Response::builder().status(429).header("x-amzn-RateLimit-Limit", rate);
            let refused = failure(&reply.body(Bytes::new()).unwrap(), Effect::Harmless);
            assert_eq!(refused, Err(CallError::Limited { after_s: wait }), "{rate}");
        }
    }
}
