//! Absolute stock numbers, one call per SKU.

use crate::api::{self, Answer};
use crate::marketplace;
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, pairs, redact, unreadable};
use serde_json::json;

/// Sets them, call by call.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let mut outcomes = Vec::with_capacity(levels.len());
    for (index, level) in levels.iter().enumerate() {
        match call.replies.get(index) {
            None => return request(call, level).map(Next::Send),
            Some(reply) => outcomes.push(outcome(reply)?),
        }
    }
    Ok(Next::Done(outcomes))
}

fn request(call: &Call<'_>, level: &StockLevel) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let sku = if level.outer_code.is_empty() { &level.ext_sku } else { &level.outer_code };
    let seller = api::in_path(credentials.need("seller_id")?);
    let query = pairs::to_form([("marketplaceIds", marketplace::first(call)?)]);
    let path = format!("/listings/2021-08-01/items/{seller}/{}?{query}", api::in_path(sku));
    let body = json!({
        "productType": credentials.optional("product_type").unwrap_or("PRODUCT"),
        "patches": [{
            "op": "replace",
            "path": "/attributes/fulfillment_availability",
            // What the seller ships himself; what lies in the platform's warehouse is the platform's to count.
            "value": [{ "fulfillment_channel_code": "DEFAULT", "quantity": level.available }],
        }],
    });
    api::send(call, http::Method::PATCH, &path, &body)
}

fn outcome(reply: &Reply) -> Result<StockOutcome, CallError> {
    let refused = match api::answer(reply, Effect::Harmless)? {
        Answer::Refused(refused) => refused.rejected(),
        Answer::Given(body) => match accepted(&body).map_err(|wrong| unreadable(&wrong, Effect::Harmless))? {
            None => return Ok(StockOutcome::Set),
            Some(error) => error,
        },
    };
    match refused {
        CallError::Rejected { code, remedy } => Ok(StockOutcome::Rejected { code, remedy }),
        other => Err(other),
    }
}

/// Why a submission was not accepted; `None` when it was.
fn accepted(body: &Object<'_>) -> Result<Option<CallError>, Wrong> {
    let status = body.need("status")?.text()?;
    if status == "ACCEPTED" {
        return Ok(None);
    }
    let issue = body.list("issues")?.into_iter().next().map(|issue| issue.object()).transpose()?;
    let (code, words) = match issue {
        Some(issue) => (issue.id("code")?, redact(&issue.text("message")?, &[])),
        None => (String::new(), String::new()),
    };
    let code = if code.is_empty() { status } else { code };
    Ok(Some(CallError::Rejected { remedy: format!("亚马逊：{words} / Amazon says: {words}"), code }))
}
