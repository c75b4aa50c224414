//! The TOP gateway, through which Taobao's shops and Cainiao's waybills are called: one address, a signed form, one
//! envelope per method, one form of error. Its protocol stands in the READMEs of those two.

mod sign;

use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, redact, time, unclear, unreadable};
pub use sign::SignMethod;

/// The gateway as one of its adapters calls it.
#[derive(Debug, Clone, Copy)]
pub struct Gateway {
    /// Who refuses, in Chinese and in English.
    pub names: (&'static str, &'static str),
    /// The credential that is sent as `session`.
    pub session: &'static str,
    /// What an envelope's name leaves out of its method's; empty where nothing.
    pub left_out: &'static str,
}

/// What a method answered.
#[derive(Debug)]
pub enum Answer<'a> {
    /// The inside of its envelope.
    Given(Object<'a>),
    /// It understood and refused (`isv.*`): the caller's own fault.
    Refused(Refused),
}

/// A refusal of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// `sub_code`, such as `isv.trade-not-exist`.
    pub code: String,
    /// `sub_msg`, without phones and what else is private.
    pub words: String,
}

impl Gateway {
    /// A signed call of a method; parameters without a value are left out.
    ///
    /// # Errors
    /// A credential is missing, or names an unknown way to sign.
    pub fn request(&self, call: &Call<'_>, method: &str, parameters: &[(&str, &str)]) -> Result<Request, CallError> {
        let credentials = &call.account.credentials;
        let how = SignMethod::of(credentials)?;
        // Beijing's time whatever the zone of this machine; the gateway allows ten minutes.
        let timestamp = time::to_local(call.now, time::CHINA);
        let mut all = vec![
            ("method", method),
            ("app_key", credentials.need("app_key")?),
            ("session", credentials.need(self.session)?),
            ("timestamp", timestamp.as_str()),
            ("format", "json"),
            ("v", "2.0"),
            ("sign_method", how.name()),
        ];
        all.extend(parameters.iter().copied().filter(|(_, value)| !value.is_empty()));
        let sign = how.sign(credentials.need("app_secret")?, all.iter().copied());
        all.push(("sign", &sign));
        pairs::post_form(&format!("{}/router/rest", call.account.gateway), all)
    }

    /// Opens the envelope of a method; `private` is what an error must not repeat.
    ///
    /// # Errors
    /// Whatever is no answer and no refusal: limits, credentials, clocks, the gateway's own faults, what cannot be read.
    pub fn answer<'a>(
        &self,
        reply: &'a Reply,
        method: &str,
        effect: Effect,
        private: &[&str],
    ) -> Result<Answer<'a>, CallError> {
        if let Some(error) = fault(reply, effect, self.session) {
            return Err(error);
        }
        let lost = |wrong: Wrong| unreadable(&wrong, effect);
        let outer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
        if let Some(error) = outer.get("error_response") {
            return self.failure(&error.object().map_err(lost)?, effect, private).map(Answer::Refused);
        }
        let name = format!("{}_response", method.replace('.', "_"));
        let short = name.strip_prefix(self.left_out).unwrap_or(&name);
        let inside = outer.get(short).or_else(|| outer.get(&name)).ok_or_else(|| outer.wrong(short, "is missing"));
        inside.and_then(|json| json.object()).map(Answer::Given).map_err(lost)
    }

    /// A refusal as an error that no repeat will mend.
    #[must_use]
    pub fn rejected(&self, refused: Refused) -> CallError {
        let (Refused { code, words }, (zh, en)) = (refused, self.names);
        let remedy = format!("{zh}：{words}（{code}）/ {en} says: {words} ({code})");
        CallError::Rejected { code, remedy }
    }

    fn failure(&self, error: &Object<'_>, effect: Effect, private: &[&str]) -> Result<Refused, CallError> {
        let lost = |wrong: Wrong| unreadable(&wrong, effect);
        let code: u32 = error.need("code").and_then(|code| code.whole()).map_err(lost)?;
        let sub_code = error.text("sub_code").map_err(lost)?;
        let words = error.text("sub_msg").map_err(lost)?;
        let words = if words.is_empty() { error.text("msg").map_err(lost)? } else { words };
        let words = redact(&words, private);
        let detail = format!("{words}（{}）", format!("{code} {sub_code}").trim());
        let credential = |field: &str| Err(CallError::Credentials { field: field.to_owned(), detail: detail.clone() });
        match code {
            7 => Err(CallError::Limited { after_s: ban_seconds(&format!("{sub_code} {words}")) }),
            11..=13 | 26 | 27 => credential(self.session),
            24 | 25 => credential("app_secret"),
            28 | 29 => credential("app_key"),
            30 | 31 => Err(CallError::Transient {
                after_s: None,
                detail: format!("请校准本机时钟 / set this machine's clock: {detail}"),
            }),
            _ if sub_code.starts_with("isv.") => Ok(Refused { code: sub_code, words }),
            _ if sub_code.starts_with("isp.") || matches!(code, 9 | 10 | 15) => Err(unclear(effect, detail)),
            _ => Ok(Refused { code: format!("top-{code}"), words }),
        }
    }
}

/// The seconds of "This ban will last for 31062 more seconds".
fn ban_seconds(text: &str) -> Option<u32> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(3).find_map(|triple| match triple {
        [seconds, "more", unit] if unit.starts_with("second") => seconds.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_ban_is_read() {
        for (text, seconds) in [
            ("accesscontrol.limited-by-app-access-count This ban will last for 31062 more seconds", Some(31_062)),
            ("This ban will last for 1 more seconds", Some(1)),
            ("App Call Limited", None),
            ("more seconds", None),
        ] {
            assert_eq!(ban_seconds(text), seconds, "{text}");
        }
    }
}
