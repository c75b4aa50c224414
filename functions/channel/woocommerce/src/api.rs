//! One REST call and what its reply amounts to.

use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, redact, sign, unreadable};
use serde_json::Value;

/// A request below `/wp-json/wc/v3`, which WooCommerce lets in by HTTP Basic where the connection is encrypted.
pub(crate) fn request(call: &Call<'_>, method: Method, path: &str, body: Option<Value>) -> Result<Request, CallError> {
    let base = call.account.home()?;
    let (key, secret) =
        (call.account.credentials.need("consumer_key")?, call.account.credentials.need("consumer_secret")?);
    let basic = format!("Basic {}", sign::base64(format!("{key}:{secret}").as_bytes()));
    let wrong = |field: &str| CallError::Credentials {
        field: field.to_owned(),
        detail: "含有无法发送的字符 / holds characters that cannot be sent".to_owned(),
    };
    let mut basic = HeaderValue::from_str(&basic).map_err(|_| wrong("consumer_key"))?;
    basic.set_sensitive(true);
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{base}/wp-json/wc/v3/{path}"))
        .header(AUTHORIZATION, basic);
    match body {
        Some(body) => request.header(CONTENT_TYPE, "application/json").body(Bytes::from(body.to_string())),
        None => request.body(Bytes::new()),
    }
    .map_err(|_| wrong("base_url"))
}

/// What a reply holds: `None` where WooCommerce has no such order or product.
pub(crate) fn answer(reply: &Reply, effect: Effect) -> Result<Option<Json<'_>>, CallError> {
    if let Some(error) = fault(reply, effect, "consumer_key") {
        return Err(error);
    }
    let json = Json::parse(reply.body());
    if reply.status().is_success() {
        return json.map(Some).map_err(|wrong| unreadable(&wrong, effect));
    }
    let (code, said) = json.and_then(|json| words(&json)).unwrap_or_default();
    match reply.status().as_u16() {
        404 if code.ends_with("_invalid_id") => Ok(None),
        // `rest_no_route`, or a page of the web site: the REST API is not at this address.
        404 => Err(CallError::Credentials {
            field: "base_url".to_owned(),
            detail: "该地址没有 WooCommerce REST API（检查地址与固定链接设置）/ no WooCommerce REST API at this address (check it, and the permalink settings)".to_owned(),
        }),
        status => {
            let code = if code.is_empty() { format!("http_{status}") } else { code };
            Err(CallError::Rejected { code, remedy: redact(&said, &[]) })
        }
    }
}

fn words(json: &Json<'_>) -> Result<(String, String), Wrong> {
    let error = json.object()?;
    Ok((error.text("code")?, error.text("message")?))
}
