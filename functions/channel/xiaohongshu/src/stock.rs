//! Absolute stock numbers, one variant per call.

use crate::api::{self, Answer};
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Effect, Next, Reply, unreadable};
use serde_json::json;

/// Sets them, call by call.
///
/// The platform takes the number as the whole stock, from which it holds back what unpaid orders keep. To name what may
/// be sold as the whole is to offer a little too little while such orders are open, and never too much.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let mut outcomes = Vec::with_capacity(levels.len());
    for (index, level) in levels.iter().enumerate() {
        let Some(reply) = call.replies.get(index) else {
            let sku = if level.ext_sku.is_empty() { &level.ext_item } else { &level.ext_sku };
            let fields = json!({ "skuId": sku, "qty": level.available });
            return api::request(call, "inventory.syncSkuStock", fields).map(Next::Send);
        };
        outcomes.push(outcome(reply, level.available)?);
    }
    Ok(Next::Done(outcomes))
}

fn outcome(reply: &Reply, wanted: u32) -> Result<StockOutcome, CallError> {
    let data = match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Refused(refused) => return refused_outcome(refused.rejected()),
        Answer::Given(data) => data,
    };
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let stock = match data {
        Some(data) => data.object().and_then(|data| data.object("skuStock")).map_err(lost)?,
        None => return Ok(StockOutcome::Set),
    };
    let total: Option<u32> = stock.get("total").map(|total| total.whole()).transpose().map_err(lost)?;
    match total {
        Some(total) if total != wanted => refused_outcome(CallError::Rejected {
            code: "another_number".to_owned(),
            remedy: format!(
                "平台记下的总库存是 {total} 而不是 {wanted}，可能有渠道或活动库存，请在千帆核对 / the platform kept {total} and \
                 not {wanted}, perhaps for a campaign: compare in its back office"
            ),
        }),
        _ => Ok(StockOutcome::Set),
    }
}

fn refused_outcome(error: CallError) -> Result<StockOutcome, CallError> {
    match error {
        CallError::Rejected { code, remedy } => Ok(StockOutcome::Rejected { code, remedy }),
        other => Err(other),
    }
}
