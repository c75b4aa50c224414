//! Absolute stock numbers: one call per variant.

use crate::api::{self, Answer};
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::{Call, CallError, Effect, Next};
use serde_json::json;

const UPDATE: &str = "/channels/ec/product/stock/update";
/// Set, neither add (1) nor subtract (2): a repeat must not count twice.
const SET: u8 = 3;

/// Sets them, one after the other.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let mut outcomes = Vec::with_capacity(levels.len());
    for (index, level) in levels.iter().enumerate() {
        let Some(reply) = call.replies.get(index) else {
            let body = json!({
                "product_id": level.ext_item,
                "sku_id": level.ext_sku,
                "diff_type": SET,
                "num": level.available,
            });
            return api::post(call, UPDATE, &body).map(Next::Send);
        };
        outcomes.push(match api::answer(call, reply, Effect::Harmless, &[])? {
            Answer::Given(_) => StockOutcome::Set,
            Answer::Refused(refused) => match refused.rejected() {
                CallError::Rejected { code, remedy } => StockOutcome::Rejected { code, remedy },
                other => return Err(other),
            },
        });
    }
    Ok(Next::Done(outcomes))
}
