//! Stock in absolute numbers, one SKU at a time; the version keeps a late number from undoing a newer one.

use crate::api::{Answer, answer, is_reachable, request, says_ok, segment, unreadable};
use http::Method;
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::{Call, CallError, Next, Reply};
use serde_json::json;

/// Sets the levels one after the other. Where there is no site to tell, nothing is left to be told.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    if !is_reachable(call) {
        return Ok(Next::Done(vec![StockOutcome::Set; levels.len()]));
    }
    let mut replies = call.replies.iter();
    let mut outcomes = Vec::new();
    for level in levels {
        let sku = if level.outer_code.is_empty() { &level.ext_sku } else { &level.outer_code };
        if sku.is_empty() {
            outcomes.push(no("sku_missing", "该商品没有编码 / this item has no code"));
            continue;
        }
        let Some(reply) = replies.next() else {
            let body = json!({ "available": level.available, "version": level.version });
            return request(call, Method::PUT, &format!("stock/{}", segment(sku)), Some(body)).map(Next::Send);
        };
        outcomes.push(settle(reply)?);
    }
    Ok(Next::Done(outcomes))
}

fn settle(reply: &Reply) -> Result<StockOutcome, CallError> {
    match answer(reply) {
        Ok(Answer::Yes(json)) => match says_ok(&json).map_err(|wrong| unreadable(&wrong))? {
            true => Ok(StockOutcome::Set),
            false => Ok(no("not_taken", "网站未采用该库存数 / the site did not take this number")),
        },
        Ok(Answer::Missing) => Ok(no("sku_not_found", "网站没有该商品编码 / the site has no such SKU")),
        Ok(Answer::Conflict(_)) => Ok(StockOutcome::Stale),
        Err(CallError::Rejected { code, remedy }) => Ok(StockOutcome::Rejected { code, remedy }),
        Err(error) => Err(error),
    }
}

fn no(code: &str, remedy: &str) -> StockOutcome {
    StockOutcome::Rejected { code: code.to_owned(), remedy: remedy.to_owned() }
}
