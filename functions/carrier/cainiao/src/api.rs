//! Cainiao's methods on Taobao's gateway: a signed form, one envelope per method, one form of error.

use crate::sign::SignMethod;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, time, unclear};

/// What a method answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// The inside of its envelope.
    Given(Object<'a>),
    /// It understood and refused.
    Refused {
        /// `sub_code`.
        code: String,
        /// `sub_msg`, without anything private.
        words: String,
    },
}

/// A signed call of a method.
pub(crate) fn request(call: &Call<'_>, method: &str, parameters: &[(&str, &str)]) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let how = SignMethod::of(credentials)?;
    let timestamp = time::to_local(call.now, time::CHINA);
    let mut all = vec![
        ("method", method),
        ("app_key", credentials.need("app_key")?),
        ("session", credentials.need("session")?),
        ("timestamp", timestamp.as_str()),
        ("format", "json"),
        ("v", "2.0"),
        ("sign_method", how.name()),
    ];
    all.extend(parameters);
    let sign = how.sign(credentials.need("app_secret")?, all.iter().copied());
    all.push(("sign", &sign));
    pairs::post_form(&format!("{}/router/rest", call.account.gateway), all)
}

/// Opens the envelope of a method; `private` is what an error must not repeat.
pub(crate) fn answer<'a>(
    reply: &'a Reply,
    method: &str,
    effect: Effect,
    private: &[&str],
) -> Result<Answer<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "session") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let outer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    if let Some(error) = outer.get("error_response") {
        return failure(&error.object().map_err(lost)?, effect, private);
    }
    let name = format!("{}_response", method.replace('.', "_"));
    outer.need(&name).and_then(|json| json.object()).map(Answer::Given).map_err(lost)
}

/// An answer that is none.
pub(crate) fn unreadable(wrong: &Wrong, effect: Effect) -> CallError {
    unclear(effect, format!("应答无法读取 / unreadable answer: {wrong}"))
}

/// A refusal as an error that no repeat will mend.
pub(crate) fn rejected(code: String, words: &str) -> CallError {
    let remedy = format!("菜鸟：{words}（{code}）/ Cainiao says: {words} ({code})");
    CallError::Rejected { code, remedy }
}

fn failure<'a>(error: &Object<'_>, effect: Effect, private: &[&str]) -> Result<Answer<'a>, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let code: u32 = error.need("code").and_then(|code| code.whole()).map_err(lost)?;
    let sub_code = error.text("sub_code").map_err(lost)?;
    let words = error.text("sub_msg").map_err(lost)?;
    let words = if words.is_empty() { error.text("msg").map_err(lost)? } else { words };
    let words = redact(&words, private);
    let detail = format!("{words}（{}）", format!("{code} {sub_code}").trim());
    let credential = |field: &str| Err(CallError::Credentials { field: field.to_owned(), detail: detail.clone() });
    match code {
        7 => Err(CallError::Limited { after_s: ban_seconds(&words) }),
        11..=13 | 26 | 27 => credential("session"),
        24 | 25 => credential("app_secret"),
        28 | 29 => credential("app_key"),
        30 | 31 => Err(CallError::Transient {
            after_s: None,
            detail: format!("请校准本机时钟 / set this machine's clock: {detail}"),
        }),
        _ if sub_code.starts_with("isv.") => Ok(Answer::Refused { code: sub_code, words }),
        _ if sub_code.starts_with("isp.") || matches!(code, 9 | 10 | 15) => Err(unclear(effect, detail)),
        _ => Ok(Answer::Refused { code: format!("top-{code}"), words }),
    }
}

/// The seconds of "This ban will last for 31062 more seconds".
fn ban_seconds(words: &str) -> Option<u32> {
    words.split_once(" more second")?.0.rsplit(' ').next()?.parse().ok()
}
