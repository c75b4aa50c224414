//! Stock in absolute numbers, all levels in one call.

use crate::api::{answer, request};
use http::Method;
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, unreadable};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Sets the levels. The same number set twice is the same number, so every call may be repeated.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let Some(reply) = call.replies.first() else {
        let items: Vec<Value> =
            levels.iter().map(|level| json!({ "sku": sku(level), "available": level.available })).collect();
        return request(call, Method::PUT, "stock", Some(json!({ "items": items }))).map(Next::Send);
    };
    let json = answer(reply, Effect::Harmless)?;
    let results = json.map_or_else(|| Err(Wrong::at("items", "is missing")), |json| results(&json));
    let results = results.map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    Ok(Next::Done(levels.iter().map(|level| outcome(results.get(sku(level)).map(String::as_str))).collect()))
}

/// The code that the seller wrote; the platform's own id where he wrote none.
fn sku(level: &StockLevel) -> &str {
    if level.outer_code.is_empty() { &level.ext_sku } else { &level.outer_code }
}

fn results(json: &Json<'_>) -> Result<BTreeMap<String, String>, Wrong> {
    let one = |item: &Json<'_>| {
        let item = item.object()?;
        Ok((item.need("sku")?.text()?, item.need("result")?.text()?))
    };
    json.object()?.need("items")?.list()?.iter().map(one).collect()
}

/// A level that the answer passes over is not set.
fn outcome(result: Option<&str>) -> StockOutcome {
    let (code, remedy) = match result {
        Some("set") => return StockOutcome::Set,
        Some("sku_not_found") => ("sku_not_found", "平台没有该商品编码 / the platform has no such SKU"),
        Some(other) => (other, "平台未采用该库存数 / the platform did not take this number"),
        None => ("not_answered", "平台没有回答该商品 / the platform did not answer for this SKU"),
    };
    StockOutcome::Rejected { code: code.to_owned(), remedy: remedy.to_owned() }
}
