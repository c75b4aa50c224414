//! The JOS gateway: one address, a signed form whose one business parameter is JSON, one envelope per method.

use crate::errors::{Refused, judged};
use crate::sign::sign;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, pairs, time, unreadable};
use serde_json::Value;

/// What a method answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// The inside of its envelope.
    Given(Object<'a>),
    /// It understood and refused.
    Refused(Refused),
}

/// A signed call of a method. Business parameters travel as the text of one JSON object and are signed as that text.
pub(crate) fn request(call: &Call<'_>, method: &str, parameters: &Value) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    // Beijing's time whatever the zone of this machine; the gateway allows ten minutes.
    let timestamp = time::to_local(call.now, time::CHINA);
    let business = parameters.to_string();
    let mut all = vec![
        ("method", method),
        ("app_key", credentials.need("app_key")?),
        ("access_token", credentials.need("access_token")?),
        ("timestamp", timestamp.as_str()),
        ("format", "json"),
        ("v", "2.0"),
        ("360buy_param_json", business.as_str()),
    ];
    let sign = sign(credentials.need("app_secret")?, all.iter().copied());
    all.push(("sign", &sign));
    pairs::post_form(&format!("{}/routerjson", call.account.gateway), all)
}

/// Opens the envelope of a method. The platform spells it `responce`; should that ever be mended, the right spelling
/// opens it too.
pub(crate) fn answer<'a>(reply: &'a Reply, method: &str, effect: Effect) -> Result<Answer<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "access_token") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let outer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    if let Some(error) = outer.get("error_response") {
        return refused(&error.object().map_err(lost)?, effect).map(Answer::Refused);
    }
    let name = method.replace('.', "_");
    let usual = format!("{name}_responce");
    let inside = outer.get(&usual).or_else(|| outer.get(&format!("{name}_response")));
    let inside =
        inside.ok_or_else(|| outer.wrong(&usual, "is missing")).and_then(|json| json.object()).map_err(lost)?;
    match inside.need("code").and_then(|code| code.id()).map_err(lost)?.as_str() {
        "0" => Ok(Answer::Given(inside)),
        _ => refused(&inside, effect).map(Answer::Refused),
    }
}

fn refused(error: &Object<'_>, effect: Effect) -> Result<Refused, CallError> {
    let read = || Ok::<_, Wrong>((error.need("code")?.id()?, error.text("zh_desc")?, error.text("en_desc")?));
    let (code, zh, en) = read().map_err(|wrong| unreadable(&wrong, effect))?;
    judged(code, if zh.is_empty() { &en } else { &zh }, effect)
}

/// What a service's own result object says: yes, or which refusal. Services behind the gateway write the flag as text
/// or as a truth value, and their codes under several names.
pub(crate) fn operated(result: &Object<'_>, effect: Effect) -> Result<Result<(), Refused>, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    if yes(result, "success").map_err(lost)? {
        return Ok(Ok(()));
    }
    let first = |names: &[&str]| -> Result<String, Wrong> {
        for name in names {
            let text = match result.get(name) {
                Some(value) if value.raw() != "\"\"" => value.id()?,
                _ => continue,
            };
            return Ok(text);
        }
        Ok(String::new())
    };
    let code = first(&["errorCode", "numberCode", "englishErrCode"]).map_err(lost)?;
    let words = first(&["chineseErrCode", "errorMessage", "englishErrCode"]).map_err(lost)?;
    let code = if code.is_empty() { "refused".to_owned() } else { code };
    // These are codes of the service, not of the gateway: only their words tell more than no.
    judged(format!("jd-{code}"), &words, effect).map(Err)
}

/// A flag that must be there, as text or as a truth value.
pub(crate) fn yes(object: &Object<'_>, name: &str) -> Result<bool, Wrong> {
    let value = object.need(name)?;
    match value.raw().trim_matches('"') {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(value.wrong("is neither true nor false")),
    }
}
