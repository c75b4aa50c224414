//! The gateway: one address, one flat JSON object with the call's name in it, one envelope; the newer after-sale calls
//! put a second one inside the first.

use crate::meaning::{self, Refused};
use crate::sign::{self, VERSION};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, unclear, unreadable};
use serde_json::Value;

const PATH: &str = "/ark/open_api/v3/common_controller";

/// What a call was answered.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// Yes, with `data` where there is any.
    Given(Option<Json<'a>>),
    /// It understood and refused.
    Refused(Refused),
}

/// A signed call with the shop's token.
pub(crate) fn request(call: &Call<'_>, method: &str, fields: Value) -> Result<Request, CallError> {
    let token = call.account.credentials.need("access_token")?;
    signed(call, method, fields, Some(token))
}

/// A signed call without a token: those by which one is got.
pub(crate) fn request_for_token(call: &Call<'_>, method: &str, fields: Value) -> Result<Request, CallError> {
    signed(call, method, fields, None)
}

fn signed(call: &Call<'_>, method: &str, fields: Value, token: Option<&str>) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let app_id = credentials.need("app_id")?;
    let timestamp = call.now.0.div_euclid(1000).to_string();
    let sign = sign::of_call(method, app_id, &timestamp, credentials.need("app_secret")?);
    let mut all = match fields {
        Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    };
    let system =
        [("method", method), ("appId", app_id), ("timestamp", &timestamp), ("version", VERSION), ("sign", &sign)];
    for (name, value) in system.into_iter().chain(token.map(|token| ("accessToken", token))) {
        all.insert(name.to_owned(), Value::from(value));
    }
    http::Request::post(format!("{}{PATH}", call.account.gateway))
        .header(CONTENT_TYPE, "application/json;charset=utf-8")
        .body(Bytes::from(Value::Object(all).to_string()))
        .map_err(|_| CallError::Credentials {
            field: "base_url".to_owned(),
            detail: "网关地址不是有效的网址 / the gateway's address is no address".to_owned(),
        })
}

/// Opens an answer; `private` is what an error must not repeat.
pub(crate) fn answer<'a>(reply: &'a Reply, effect: Effect, private: &[&str]) -> Result<Answer<'a>, CallError> {
    if let Some(error) = fault(reply, effect, "access_token") {
        return Err(error);
    }
    let lost = |wrong: Wrong| unreadable(&wrong, effect);
    let outer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(lost)?;
    let data = match envelope(&outer).map_err(lost)? {
        Envelope::Yes(data) => data,
        Envelope::No { code, words } => return meaning::of(code, &words, effect, private).map(Answer::Refused),
    };
    let inner = data.as_ref().and_then(|data| data.object().ok());
    let Some(inner) = inner.filter(|inner| inner.has("success") && inner.has("code")) else {
        return Ok(Answer::Given(data));
    };
    match envelope(&inner).map_err(lost)? {
        Envelope::Yes(data) => Ok(Answer::Given(data)),
        Envelope::No { code, words } => meaning::of(code, &words, effect, private).map(Answer::Refused),
    }
}

/// The object in `data` of a call that only reads.
pub(crate) fn data<'a>(answer: Answer<'a>) -> Result<Object<'a>, CallError> {
    match answer {
        Answer::Given(Some(data)) => data.object().map_err(|wrong| unreadable(&wrong, Effect::Harmless)),
        Answer::Given(None) => Err(unclear(Effect::Harmless, "应答没有 data / an answer without data")),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

enum Envelope<'a> {
    Yes(Option<Json<'a>>),
    No { code: String, words: String },
}

/// Some calls answer `success: true` together with a code that says no: only both together are a yes.
fn envelope<'a>(object: &Object<'a>) -> Result<Envelope<'a>, Wrong> {
    let success = object.need("success")?.flag()?;
    let either = |first: &str, second: &str| object.get(first).or_else(|| object.get(second));
    let code = either("error_code", "code").map_or_else(|| Ok("0".to_owned()), |code| code.id())?;
    if success && code == "0" {
        return Ok(Envelope::Yes(object.get("data")));
    }
    let words = either("error_msg", "msg").map_or_else(|| Ok(String::new()), |words| words.text())?;
    Ok(Envelope::No { code, words })
}
