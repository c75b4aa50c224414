//! Absolute stock numbers: one call per variant.

use crate::api::{self, Answer, Api};
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, unreadable};

const SET: Api = Api { name: "pdd.goods.quantity.update", envelopes: &["goods_quantity_update_response"] };
/// Absolute, not by how much.
const ABSOLUTE: &str = "1";

/// Sets them, call by call.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let mut replies = call.replies.iter();
    let mut outcomes = Vec::with_capacity(levels.len());
    for level in levels {
        outcomes.push(match variant(level) {
            None => StockOutcome::Rejected { code: "sku_missing".to_owned(), remedy: NO_VARIANT.to_owned() },
            Some(variant) => match replies.next() {
                None => return request(call, level, variant).map(Next::Send),
                Some(reply) => outcome(reply)?,
            },
        });
    }
    Ok(Next::Done(outcomes))
}

/// By which parameter the platform finds the variant: its own id, or else the seller's code.
fn variant(level: &StockLevel) -> Option<(&'static str, &str)> {
    let known = [("sku_id", level.ext_sku.as_str()), ("outer_id", level.outer_code.as_str())];
    // The item's own id in the place of the variant's is no variant.
    known.into_iter().find(|(_, value)| !value.is_empty() && *value != level.ext_item)
}

fn request(call: &Call<'_>, level: &StockLevel, variant: (&str, &str)) -> Result<Request, CallError> {
    let quantity = level.available.to_string();
    let parameters =
        [("goods_id", level.ext_item.as_str()), variant, ("quantity", quantity.as_str()), ("update_type", ABSOLUTE)];
    api::request(call, SET, &parameters)
}

fn outcome(reply: &Reply) -> Result<StockOutcome, CallError> {
    let refused = match api::answer(reply, SET, Effect::Harmless, &[])? {
        Answer::Refused(refused) => refused,
        Answer::Given(envelope) => {
            let set = envelope.need("is_success").and_then(|set| set.flag());
            if set.map_err(|wrong| unreadable(&wrong, Effect::Harmless))? {
                return Ok(StockOutcome::Set);
            }
            api::Refused { code: "not_set".to_owned(), words: String::new() }
        }
    };
    match refused.rejected() {
        CallError::Rejected { code, remedy } => Ok(StockOutcome::Rejected { code, remedy }),
        other => Err(other),
    }
}

const NO_VARIANT: &str = "缺少拼多多的 sku_id 和商家编码，无法同步库存 / neither sku_id nor the seller's code is known: stock cannot be told";
