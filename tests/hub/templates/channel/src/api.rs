//! One REST call, and what its reply amounts to.

use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use huidan_exchange::json::Json;
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, rejected, retry_after, unreadable};
use serde_json::Value;
use url::form_urlencoded;

/// What one of the platform's codes asks of us.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    /// There is no such order.
    Missing,
    /// The token is of no use any more.
    Token,
    /// Slow down.
    Slower,
    /// It will never be done; what a person can do instead.
    Never(&'static str),
}

/// The platform's codes. One that is not here is a refusal under its own name, never a success.
const MEANINGS: &[(&str, Meaning)] = &[
    ("order_not_found", Meaning::Missing),
    ("token_expired", Meaning::Token),
    ("token_revoked", Meaning::Token),
    ("too_many_requests", Meaning::Slower),
    ("order_cancelled", Meaning::Never("订单已取消，请拦截包裹 / the order is cancelled: stop the parcel")),
    ("carrier_unknown", Meaning::Never("平台不认识该快递，请设置快递编码 / set the platform's code of the carrier")),
];

/// A request below `/v1`. The token goes into a header: addresses end up in logs.
pub(crate) fn request(call: &Call<'_>, method: Method, path: &str, body: Option<Value>) -> Result<Request, CallError> {
    let wrong = |field: &str| CallError::Credentials {
        field: field.to_owned(),
        detail: "含有无法发送的字符 / holds characters that cannot be sent".to_owned(),
    };
    let token = call.account.credentials.need("api_token")?;
    let mut token = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| wrong("api_token"))?;
    token.set_sensitive(true);
    let uri = format!("{}/v1/{path}", call.account.gateway);
    let request = http::Request::builder().method(method).uri(uri).header(AUTHORIZATION, token);
    match body {
        Some(body) => request.header(CONTENT_TYPE, "application/json").body(Bytes::from(body.to_string())),
        None => request.body(Bytes::new()),
    }
    .map_err(|_| wrong("__var___url"))
}

/// What a reply holds; `None` where the platform has no such order. Only 2xx with a body that reads is success.
pub(crate) fn answer(reply: &Reply, effect: Effect) -> Result<Option<Json<'_>>, CallError> {
    if let Some(error) = fault(reply, effect, "api_token") {
        return Err(error);
    }
    let json = Json::parse(reply.body());
    if reply.status().is_success() {
        return json.map(Some).map_err(|wrong| unreadable(&wrong, effect));
    }
    let code = json.and_then(|json| json.object()?.text("error")).unwrap_or_default();
    let known = MEANINGS.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning);
    match known {
        Some(Meaning::Missing) => Ok(None),
        Some(Meaning::Token) => Err(CallError::Credentials {
            field: "api_token".to_owned(),
            detail: "令牌已失效，请重新生成 / the token is of no use any more: make a new one".to_owned(),
        }),
        Some(Meaning::Slower) => Err(CallError::Limited { after_s: retry_after(reply) }),
        Some(Meaning::Never(remedy)) => Err(rejected(&code, remedy)),
        None => {
            let code = if code.is_empty() { format!("http_{}", reply.status().as_u16()) } else { code };
            Err(rejected(&code, "平台拒绝了该请求 / the platform refused it"))
        }
    }
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
