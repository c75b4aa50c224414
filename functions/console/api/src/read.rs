//! Reading what was asked, so that what is wrong is named.

use crate::cx::Cx;
use crate::problem::Problem;
use crate::table::Takes;
use http::StatusCode;
use huidan_domain::Millis;
use huidan_exchange::sign;
use serde::{Serialize, de::DeserializeOwned};

/// Reads the query or the JSON body; what is wrong names its field.
pub(crate) fn asked<W, Q: DeserializeOwned>(takes: Takes, cx: &Cx<'_, W>) -> Result<Q, Problem> {
    match takes {
        Takes::Json if cx.body.is_empty() => json(b"{}"),
        Takes::Json => json(&cx.body),
        Takes::Query | Takes::File | Takes::Mapped => {
            let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(cx.query.as_bytes()));
            serde_path_to_error::deserialize(reader).map_err(|error| refused(&error.path().to_string(), error.inner()))
        }
    }
}

/// Reads JSON; what is wrong names its field.
pub(crate) fn json<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let inner = error.inner();
        if inner.is_syntax() || inner.is_eof() { not_json(inner) } else { refused(&error.path().to_string(), inner) }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(read)
}

fn not_json(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(
        StatusCode::BAD_REQUEST,
        "not_json",
        format!("第 {line} 行第 {column} 列起不是 JSON / no JSON from line {line}, column {column} on"),
    )
}

/// Only the shape of serde's sentence is used, never its values: they may be somebody's name or a password.
fn refused(path: &str, error: &impl std::fmt::Display) -> Problem {
    let sentence = error.to_string();
    let quoted = || sentence.split('`').nth(1).unwrap_or_default().to_owned();
    let below = |name: String| match path {
        "." | "?" | "" => name,
        path if path.ends_with(&name) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    if sentence.starts_with("unknown field") {
        let field = below(quoted());
        let known: Vec<&str> = sentence.split('`').skip(3).step_by(2).collect();
        let known = known.join(", ");
        let detail = format!("没有字段 {field}，可用：{known} / there is no field {field}; there are: {known}");
        return Problem::field("unknown_field", field, detail);
    }
    if sentence.starts_with("missing field") {
        let field = below(quoted());
        let detail = format!("缺少字段 {field} / the field {field} is missing");
        return Problem::field("missing_field", field, detail);
    }
    if sentence.starts_with("unknown variant") {
        let known: Vec<&str> = sentence.split('`').skip(3).step_by(2).collect();
        let known = known.join(", ");
        let detail = format!("{path} 只能是 {known} / {path} can only be one of {known}");
        return Problem::field("unknown_value", path, detail);
    }
    let wanted = sentence.split("expected ").nth(1).map(|rest| rest.split(" at line").next().unwrap_or(rest));
    let wanted = wanted.unwrap_or("another value");
    Problem::field("bad_value", path, format!("{path} 的值不对，应为 {wanted} / {path} must be {wanted}"))
}

/// The most rows a list answers.
pub(crate) const MOST: u32 = 200;

/// How many rows a list is to answer.
pub(crate) fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked.unwrap_or(50) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(Problem::field("bad_value", "limit", format!("limit 为 1 到 {MOST} / limit is 1 to {MOST}"))),
    }
}

/// Where a page begins, as text that means nothing to anybody else.
pub(crate) fn cursor<T: Serialize>(at: &T) -> Option<String> {
    serde_json::to_vec(at).ok().map(|bytes| hex::encode(&bytes))
}

/// Where a page begins.
pub(crate) fn beyond<T: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = hex::decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    read.map(Some).ok_or_else(|| {
        Problem::field("bad_cursor", "cursor", "请原样使用上一页的 next / use `next` of the page before as it is")
    })
}

/// An instant in a query.
pub(crate) fn instant(field: &str, text: Option<&str>) -> Result<Option<Millis>, Problem> {
    let read = text.map(huidan_wire::api::read_instant).transpose();
    read.map_err(|detail| Problem::field("bad_value", field, detail))
}

/// An id that may stand in an address.
pub(crate) fn id(field: &str, id: &str) -> Result<(), Problem> {
    let fits = (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if fits {
        return Ok(());
    }
    let detail = "只能是字母、数字、- 和 _，至多 64 个 / letters, digits, - and _ only, 64 at most";
    Err(Problem::field("bad_value", field, detail))
}

/// A part of a path without its percent-encoding.
pub(crate) fn decoded(part: &str) -> Option<String> {
    percent_encoding::percent_decode_str(part).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Text that must say something.
pub(crate) fn filled(field: &str, text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::field("empty", field, format!("请填写 {field} / fill in {field}")));
    }
    Ok(())
}

/// The SHA-256 of a secret that is kept only so.
pub(crate) fn sha(secret: &str) -> Vec<u8> {
    sign::sha256(&[secret.as_bytes()])
}
