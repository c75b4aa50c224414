//! Absolute stock numbers, one call per variant.

use crate::api::{self, Answer};
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request};
use serde_json::json;

/// The call that sets a number, and the one that is said to follow it. The setting `stock_method` chooses.
const METHODS: [&str; 2] = ["jingdong.stock.write.updateSkuStock", "jingdong.ware.stock.sku.set"];

/// Sets them, call by call.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let method = method(call)?;
    let mut outcomes = Vec::with_capacity(levels.len());
    for (index, level) in levels.iter().enumerate() {
        match call.replies.get(index) {
            None => return request(call, method, level).map(Next::Send),
            Some(reply) => outcomes.push(outcome(reply, method)?),
        }
    }
    Ok(Next::Done(outcomes))
}

fn method(call: &Call<'_>) -> Result<&'static str, CallError> {
    let [usual, _] = METHODS;
    let Some(wanted) = call.account.credentials.optional("stock_method") else { return Ok(usual) };
    METHODS.into_iter().find(|known| *known == wanted).ok_or_else(|| CallError::Credentials {
        field: "stock_method".to_owned(),
        detail: format!("应为以下之一 / must be one of: {}", METHODS.join(", ")),
    })
}

fn request(call: &Call<'_>, method: &str, level: &StockLevel) -> Result<Request, CallError> {
    let sku = if level.ext_sku.is_empty() { &level.ext_item } else { &level.ext_sku };
    api::request(call, method, &json!({ "skuId": sku, "stockNum": level.available.to_string() }))
}

fn outcome(reply: &Reply, method: &str) -> Result<StockOutcome, CallError> {
    let refused = match api::answer(reply, method, Effect::Harmless)? {
        Answer::Refused(refused) => refused,
        Answer::Given(envelope) => match api::operated(&envelope, Effect::Harmless)? {
            Ok(()) => return Ok(StockOutcome::Set),
            Err(refused) => refused,
        },
    };
    match refused.rejected() {
        CallError::Rejected { code, remedy } => Ok(StockOutcome::Rejected { code, remedy }),
        other => Err(other),
    }
}
