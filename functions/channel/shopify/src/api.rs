//! One GraphQL call and what its reply amounts to.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Reply, Request, fault, redact, unclear};
use serde_json::{Value, json};

/// The version of the Admin API whose rules this adapter keeps (inventory: those of 2026-04 and later).
pub(crate) const VERSION: &str = "2026-07";

/// A request with this query and these variables.
pub(crate) fn post(call: &Call<'_>, query: &str, variables: Value) -> Result<Request, CallError> {
    let base = call.account.home()?;
    let token = call.account.credentials.need("access_token")?;
    let wrong = |field: &str| CallError::Credentials {
        field: field.to_owned(),
        detail: "含有无法发送的字符 / holds characters that cannot be sent".to_owned(),
    };
    let mut secret = HeaderValue::from_str(token).map_err(|_| wrong("access_token"))?;
    secret.set_sensitive(true);
    let body = json!({ "query": query, "variables": variables }).to_string();
    http::Request::post(format!("{base}/admin/api/{VERSION}/graphql.json"))
        .header(CONTENT_TYPE, "application/json")
        .header("x-shopify-access-token", secret)
        .body(Bytes::from(body))
        .map_err(|_| wrong("base_url"))
}

/// The `data` of a reply that has no errors at all.
pub(crate) fn data(reply: &Reply, effect: Effect) -> Result<Object<'_>, CallError> {
    data_without(reply, effect, &[])
}

/// The `data` of a reply that has no errors but that this app may not see some field of these names, which is null then.
pub(crate) fn data_without<'a>(reply: &'a Reply, effect: Effect, spared: &[&str]) -> Result<Object<'a>, CallError> {
    status(reply, effect)?;
    let unreadable = |wrong: Wrong| unclear(effect, format!("unreadable answer: {wrong}"));
    let answer = Json::parse(reply.body()).and_then(|json| json.object()).map_err(unreadable)?;
    for error in answer.list("errors").map_err(unreadable)? {
        let error = error.object().map_err(unreadable)?;
        if !is_about(&error, spared).map_err(unreadable)? {
            return Err(refused(&error, &answer, effect).unwrap_or_else(unreadable));
        }
    }
    answer.need("data").and_then(|data| data.object()).map_err(unreadable)
}

/// Whether an error denies one of these fields and nothing else.
fn is_about(error: &Object<'_>, fields: &[&str]) -> Result<bool, Wrong> {
    let denied = error.object("extensions")?.text("code")? == "ACCESS_DENIED";
    let path = error.list("path")?;
    // Steps of a path are names, and numbers within lists.
    let last = path.last().and_then(|step| step.text().ok());
    Ok(denied && last.is_some_and(|last| fields.contains(&last.as_str())))
}

fn status(reply: &Reply, effect: Effect) -> Result<(), CallError> {
    if let Some(error) = fault(reply, effect, "access_token") {
        return Err(error);
    }
    let home = |detail: &str| CallError::Credentials { field: "base_url".to_owned(), detail: detail.to_owned() };
    match reply.status().as_u16() {
        200..=299 => Ok(()),
        404 => Err(home("该地址没有 Shopify 店铺 / there is no Shopify shop at this address")),
        402 | 423 => Err(home("店铺已被 Shopify 冻结或锁定 / Shopify froze or locked this shop")),
        other => Err(CallError::Rejected {
            code: format!("http_{other}"),
            remedy: "Shopify 不接受该请求，请更新本程序 / Shopify does not take this request: update this program"
                .to_owned(),
        }),
    }
}

/// What a top-level error amounts to. Its codes: <https://shopify.dev/docs/api/admin-graphql#status_and_error_codes>.
fn refused(error: &Object<'_>, answer: &Object<'_>, effect: Effect) -> Result<CallError, Wrong> {
    let code = error.object("extensions")?.text("code")?;
    let said = redact(&error.text("message")?, &[]);
    Ok(match code.as_str() {
        "THROTTLED" => CallError::Limited { after_s: wait(answer)? },
        "ACCESS_DENIED" => CallError::Credentials {
            field: "access_token".to_owned(),
            detail: format!("应用缺少权限 / the app lacks a scope: {said}"),
        },
        "SHOP_INACTIVE" => CallError::Credentials { field: "base_url".to_owned(), detail: said },
        "INTERNAL_SERVER_ERROR" | "" => unclear(effect, said),
        _ => CallError::Rejected { code, remedy: said },
    })
}

/// Seconds until the bucket holds what the query costs.
fn wait(answer: &Object<'_>) -> Result<Option<u32>, Wrong> {
    let cost = answer.object("extensions")?.object("cost")?;
    let bucket = cost.object("throttleStatus")?;
    let points = |object: &Object<'_>, name: &str| -> Result<Option<u32>, Wrong> {
        let Some(value) = object.get(name) else { return Ok(None) };
        let text = value.decimal()?;
        let whole = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
        Ok(whole.parse().ok())
    };
    let asked = points(&cost, "requestedQueryCost")?;
    let (left, rate) = (points(&bucket, "currentlyAvailable")?, points(&bucket, "restoreRate")?);
    let (Some(asked), Some(left), Some(rate @ 1..)) = (asked, left, rate) else { return Ok(None) };
    Ok(Some(asked.saturating_sub(left).div_ceil(rate).max(1)))
}

/// What a mutation said no to: field path and message of the first of its `userErrors`; `None` when it said yes.
pub(crate) struct UserError {
    /// Path of the input it is about.
    pub(crate) field: Vec<String>,
    /// Shopify's code; empty for mutations that give none.
    pub(crate) code: String,
    /// Shopify's words, without personal data.
    pub(crate) said: String,
}

/// Reads the `userErrors` of a mutation's payload. A payload without that list is no answer.
pub(crate) fn user_errors(payload: &Object<'_>) -> Result<Vec<UserError>, Wrong> {
    let mut errors = Vec::new();
    for error in payload.need("userErrors")?.list()? {
        let error = error.object()?;
        let field = error.list("field")?.iter().map(Json::text).collect::<Result<_, _>>()?;
        errors.push(UserError { field, code: error.text("code")?, said: redact(&error.text("message")?, &[]) });
    }
    Ok(errors)
}

/// `gid://shopify/<kind>/<id>`; a gid stays as it is.
pub(crate) fn gid(kind: &str, id: &str) -> String {
    if id.starts_with("gid://") { id.to_owned() } else { format!("gid://shopify/{kind}/{id}") }
}

/// The id at the end of a gid.
pub(crate) fn tail(gid: &Json<'_>) -> Result<String, Wrong> {
    let text = gid.text()?;
    let last = text.rsplit('/').next().and_then(|last| last.split('?').next()).unwrap_or_default();
    if text.starts_with("gid://shopify/") && !last.is_empty() {
        Ok(last.to_owned())
    } else {
        Err(gid.wrong("is no gid"))
    }
}
