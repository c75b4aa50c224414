//! Absolute stock numbers through a call that only adds and takes away: what the item has is read first, and the
//! difference is told. Told again after a lost answer it reads again, so it comes to the same number.

use crate::api::{self, Answer};
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Effect, Next, Reply, unreadable};
use serde_json::json;
use std::collections::BTreeMap;

const ITEM: &str = "open.item.get";
const CHANGE: &str = "open.item.sku.stock.update";

/// What an item has, by variant, or why it cannot be told.
enum Has {
    Stock(BTreeMap<String, i64>),
    Refused(StockOutcome),
}

/// Item by item: reads it, then changes its variants one by one.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let mut replies = call.replies.iter();
    let mut outcomes = vec![StockOutcome::Set; levels.len()];
    let mut done: Vec<&str> = Vec::new();
    for level in levels {
        let item = level.ext_item.as_str();
        if done.contains(&item) {
            continue;
        }
        done.push(item);
        let has = match api::number(item) {
            None => Has::Refused(unknown()),
            Some(number) => match replies.next() {
                None => {
                    return api::request(call, ITEM, &json!({ "kwaiItemId": number }).to_string()).map(Next::Send);
                }
                Some(reply) => read(reply)?,
            },
        };
        for (slot, level) in outcomes.iter_mut().zip(levels).filter(|(_, level)| level.ext_item == item) {
            let step = match &has {
                Has::Refused(outcome) => Err(outcome.clone()),
                Has::Stock(stock) => step(stock, level),
            };
            match step {
                Err(outcome) => *slot = outcome,
                Ok(None) => {}
                Ok(Some(param)) => match replies.next() {
                    None => return api::request(call, CHANGE, &param).map(Next::Send),
                    Some(reply) => *slot = changed(reply)?,
                },
            }
        }
    }
    Ok(Next::Done(outcomes))
}

/// The parameters of the change; `None` when the number is right already.
fn step(stock: &BTreeMap<String, i64>, level: &StockLevel) -> Result<Option<String>, StockOutcome> {
    let bare = level.ext_sku.is_empty() || level.ext_sku == level.ext_item;
    let only = || stock.iter().next().filter(|_| bare && stock.len() == 1);
    let Some((sku, has)) = stock.get_key_value(&level.ext_sku).or_else(only) else { return Err(unknown()) };
    let (Some(item), Some(sku)) = (api::number(&level.ext_item), api::number(sku)) else { return Err(unknown()) };
    let difference = i64::from(level.available).saturating_sub(*has);
    // 1 adds, 2 takes away.
    let kind = if difference > 0 { 1 } else { 2 };
    let amount = difference.unsigned_abs();
    let param = json!({"kwaiItemId": item, "skuId": sku, "skuChangeStock": amount, "changeType": kind});
    Ok((amount > 0).then(|| param.to_string()))
}

fn read(reply: &Reply) -> Result<Has, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let envelope = match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(envelope) => envelope,
        Answer::Refused(refused) => return Ok(Has::Refused(outcome(refused)?)),
    };
    let data = envelope.need("data").and_then(|data| data.object()).map_err(lost)?;
    let mut stock = BTreeMap::new();
    for sku in data.need("skuInfos").and_then(|skus| skus.list()).map_err(lost)? {
        let sku = sku.object().map_err(lost)?;
        let id = sku.need("kwaiSkuId").and_then(|id| id.id()).map_err(lost)?;
        stock.insert(id, sku.need("skuStock").and_then(|has| has.whole()).map_err(lost)?);
    }
    Ok(Has::Stock(stock))
}

fn changed(reply: &Reply) -> Result<StockOutcome, CallError> {
    match api::answer(reply, Effect::Counts, &[])? {
        Answer::Given(_) => Ok(StockOutcome::Set),
        Answer::Refused(refused) => outcome(refused),
    }
}

fn outcome(refused: api::Refused) -> Result<StockOutcome, CallError> {
    match refused.rejected() {
        CallError::Rejected { code, remedy } => Ok(StockOutcome::Rejected { code, remedy }),
        other => Err(other),
    }
}

fn unknown() -> StockOutcome {
    StockOutcome::Rejected {
        code: "variant_missing".to_owned(),
        remedy: "快手没有这个商品规格，请核对对应关系 / Kuaishou has no such variant: check the mapping".to_owned(),
    }
}
