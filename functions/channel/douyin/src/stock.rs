//! Absolute stock numbers: one call per product, all its variants together. Such a call does all or nothing, so the
//! variants of a product that is refused are tried one by one.

use crate::api::{self, Answer, Refused};
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request};
use serde_json::{Value, json};

const BATCH: &str = "sku.syncStockBatch";
const ONE: &str = "sku.syncStock";

/// Sets them, call by call.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let mut outcomes = vec![StockOutcome::Set; levels.len()];
    let mut set = |position: usize, outcome: StockOutcome| {
        if let Some(slot) = outcomes.get_mut(position) {
            *slot = outcome;
        }
    };
    let mut replies = call.replies.iter();
    for group in groups(levels) {
        if group.len() > 1 {
            let Some(reply) = replies.next() else { return together(call, &group).map(Next::Send) };
            if refusal(reply)?.is_none() {
                continue;
            }
        }
        for (position, level) in group {
            let Some(parameters) = alone(level) else {
                set(position, StockOutcome::Rejected { code: "no_such_item".to_owned(), remedy: NO_ITEM.to_owned() });
                continue;
            };
            let Some(reply) = replies.next() else { return api::request(call, ONE, &parameters).map(Next::Send) };
            if let Some(refused) = refusal(reply)? {
                match refused.rejected() {
                    CallError::Rejected { code, remedy } => set(position, StockOutcome::Rejected { code, remedy }),
                    other => return Err(other),
                }
            }
        }
    }
    Ok(Next::Done(outcomes))
}

/// Levels with their places in the batch: the variants of one product together, everything else alone.
fn groups(levels: &[StockLevel]) -> Vec<Vec<(usize, &StockLevel)>> {
    let mut groups: Vec<Vec<(usize, &StockLevel)>> = Vec::new();
    for (position, level) in levels.iter().enumerate() {
        let open = groups.iter_mut().find(|group| {
            let first = group.first().map(|(_, first)| *first);
            number(&level.ext_item).is_some()
                && variant(level).is_some()
                && first.is_some_and(|first| variant(first).is_some() && first.ext_item == level.ext_item)
        });
        match open {
            Some(group) => group.push((position, level)),
            None => groups.push(vec![(position, level)]),
        }
    }
    groups
}

fn together(call: &Call<'_>, group: &[(usize, &StockLevel)]) -> Result<Request, CallError> {
    let product = group.first().and_then(|(_, level)| number(&level.ext_item));
    let skus: Vec<Value> = group
        .iter()
        .map(|(_, level)| json!({"sku_id": variant(level), "sku_type": 0, "stock_num": level.available}))
        .collect();
    api::request(call, BATCH, &json!({"product_id": product, "incremental": false, "sku_sync_list": skus}))
}

/// By the platform's ids; goods without a variant by the seller's code. `None` where neither names anything.
fn alone(level: &StockLevel) -> Option<Value> {
    let product = number(&level.ext_item)?;
    match (variant(level), level.outer_code.as_str()) {
        (Some(sku), _) => {
            Some(json!({"product_id": product, "sku_id": sku, "incremental": false, "stock_num": level.available}))
        }
        (None, "") => None,
        (None, code) => {
            Some(json!({"product_id": product, "code": code, "incremental": false, "stock_num": level.available}))
        }
    }
}

/// Ids are whole numbers at this interface.
fn number(id: &str) -> Option<u64> {
    id.parse().ok().filter(|&id| id > 0)
}

fn variant(level: &StockLevel) -> Option<u64> {
    number(&level.ext_sku).filter(|_| level.ext_sku != level.ext_item)
}

/// The numbers are absolute, so that a repeat does nothing.
fn refusal(reply: &Reply) -> Result<Option<Refused>, CallError> {
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(_) => Ok(None),
        Answer::Refused(refused) => Ok(Some(refused)),
    }
}

const NO_ITEM: &str =
    "没有商品和规格的编号，请重新同步商品 / the product and its variant have no ids: read the products again";
