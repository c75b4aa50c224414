//! Stock at one location, in absolute numbers, by the rules of 2026-04 and later.
//!
//! <https://shopify.dev/docs/api/admin-graphql/latest/mutations/inventorySetQuantities>: every row says
//! `changeFromQuantity`, the mutation bears `@idempotent`.

use crate::api::{data, gid, post, tail, user_errors};
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, unclear};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

const SET: &str = "mutation HuidanStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { createdAt }
    userErrors { field message code }
  }
}";

/// Sets the levels. A row that Shopify refuses is left out and the others are set without it.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    if levels.is_empty() {
        return Ok(Next::Done(Vec::new()));
    }
    let mut replies = call.replies.iter();
    let Some(found) = replies.next() else { return Ok(Next::Send(ask(call, levels)?)) };
    let (location, items) = answer(call, found, levels)?;
    let mut outcomes: Vec<StockOutcome> =
        items.iter().map(|item| item.as_ref().map_or_else(Clone::clone, |_| StockOutcome::Set)).collect();
    loop {
        let rows: Vec<(usize, &str, &StockLevel)> = std::iter::zip(&items, levels)
            .enumerate()
            .filter(|(index, _)| outcomes.get(*index) == Some(&StockOutcome::Set))
            .filter_map(|(index, (item, level))| Some((index, item.as_ref().ok()?.as_str(), level)))
            .collect();
        if rows.is_empty() {
            return Ok(Next::Done(outcomes));
        }
        let Some(reply) = replies.next() else { return Ok(Next::Send(set(call, &location, &rows)?)) };
        let refused = settle(reply)?;
        if refused.is_empty() {
            return Ok(Next::Done(outcomes));
        }
        for (row, outcome) in refused {
            let place = rows.get(row).and_then(|(index, _, _)| outcomes.get_mut(*index));
            let nowhere = || CallError::Rejected {
                code: "no_such_row".to_owned(),
                remedy: "Shopify 拒绝了未发送的行 / Shopify refused a row that was not sent".to_owned(),
            };
            *place.ok_or_else(nowhere)? = outcome;
        }
    }
}

/// One question for everything: variants by id where the channel gave one, else by the seller's code; the locations.
fn ask(call: &Call<'_>, levels: &[StockLevel]) -> Result<Request, CallError> {
    let ids: Vec<String> = levels.iter().filter_map(variant).map(|id| gid("ProductVariant", id)).collect();
    let codes: Vec<String> = levels
        .iter()
        .filter(|level| variant(level).is_none() && !level.outer_code.is_empty())
        .map(|level| format!("sku:\"{}\"", level.outer_code.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    let query = "query HuidanItems($ids: [ID!]!, $codes: String!, $byCode: Boolean!) {
  nodes(ids: $ids) { ... on ProductVariant { id inventoryItem { id } } }
  productVariants(first: 100, query: $codes) @include(if: $byCode) { nodes { sku inventoryItem { id } } }
  locations(first: 50) { nodes { id isActive } }
}";
    let by_code = !codes.is_empty();
    post(call, query, json!({ "ids": ids, "codes": codes.join(" OR "), "byCode": by_code }))
}

/// The variant's id; a code of the seller's own is none.
fn variant(level: &StockLevel) -> Option<&str> {
    let id = level.ext_sku.as_str();
    (!id.is_empty() && id != level.ext_item && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

type Items = Vec<Result<String, StockOutcome>>;

fn answer(call: &Call<'_>, reply: &Reply, levels: &[StockLevel]) -> Result<(String, Items), CallError> {
    let answer = data(reply, Effect::Harmless)?;
    let unreadable = |wrong: Wrong| unclear(Effect::Harmless, wrong.to_string());
    let items = items(&answer, levels).map_err(unreadable)?;
    if let Some(set) = call.account.credentials.optional("location_id") {
        return Ok((gid("Location", set), items));
    }
    let location = first_active(&answer).map_err(unreadable)?;
    let none = || {
        CallError::Rejected {
        code: "no_location".to_owned(),
        remedy: "店铺没有启用的地点，或应用缺少 read_locations 权限 / the shop has no active location, or the app lacks read_locations".to_owned(),
    }
    };
    Ok((location.ok_or_else(none)?, items))
}

fn first_active(answer: &Object<'_>) -> Result<Option<String>, Wrong> {
    for location in answer.need("locations")?.object()?.need("nodes")?.list()? {
        let location = location.object()?;
        if location.need("isActive")?.flag()? {
            return location.need("id")?.text().map(Some);
        }
    }
    Ok(None)
}

/// The inventory item of each level, or why it has none.
fn items(answer: &Object<'_>, levels: &[StockLevel]) -> Result<Items, Wrong> {
    let mut by_id = BTreeMap::new();
    for node in answer.need("nodes")?.list()? {
        // `null` where there is no such variant.
        let Ok(node) = node.object() else { continue };
        if let Some(item) = node.get("inventoryItem") {
            by_id.insert(tail(&node.need("id")?)?, item.object()?.need("id")?.text()?);
        }
    }
    let mut by_code: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in answer.object("productVariants")?.list("nodes")? {
        let node = node.object()?;
        let item = node.need("inventoryItem")?.object()?.need("id")?.text()?;
        by_code.entry(node.text("sku")?).or_default().push(item);
    }
    let of = |level: &StockLevel| match variant(level) {
        Some(id) => by_id.get(id).cloned().ok_or_else(missing),
        None => match by_code.get(&level.outer_code).map(Vec::as_slice) {
            Some([item]) => Ok(item.clone()),
            Some([_, _, ..]) => {
                Err(no("sku_ambiguous", "多个 Shopify 变体使用同一 SKU / several variants bear this SKU"))
            }
            _ => Err(missing()),
        },
    };
    Ok(levels.iter().map(of).collect())
}

fn missing() -> StockOutcome {
    no("variant_not_found", "Shopify 没有该变体 / Shopify has no such variant")
}

fn no(code: &str, remedy: &str) -> StockOutcome {
    StockOutcome::Rejected { code: code.to_owned(), remedy: remedy.to_owned() }
}

fn set(call: &Call<'_>, location: &str, rows: &[(usize, &str, &StockLevel)]) -> Result<Request, CallError> {
    let quantities: Vec<Value> = rows
        .iter()
        .map(|(_, item, level)| {
            json!({
                "inventoryItemId": item, "locationId": location, "quantity": level.available,
                "changeFromQuantity": null,
            })
        })
        .collect();
    let input = json!({ "name": "available", "reason": "correction", "quantities": quantities });
    post(call, SET, json!({ "input": input, "key": key(call, location, rows) }))
}

/// The same rows at the same versions give the same key, so that a repeat after a lost answer changes nothing.
fn key(call: &Call<'_>, location: &str, rows: &[(usize, &str, &StockLevel)]) -> String {
    let mut name = format!("huidan-stock\n{}\n{location}", call.account.id);
    for (_, item, level) in rows {
        name.push_str(&format!("\n{item}\t{}\t{}", level.version, level.available));
    }
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

/// The rows that Shopify refused, by their place in the request; none when it set all.
fn settle(reply: &Reply) -> Result<Vec<(usize, StockOutcome)>, CallError> {
    let answer = data(reply, Effect::Harmless)?;
    let payload = answer.need("inventorySetQuantities").and_then(|payload| payload.object());
    let errors = payload.and_then(|payload| user_errors(&payload));
    let errors = errors.map_err(|wrong| unclear(Effect::Harmless, wrong.to_string()))?;
    let mut refused = Vec::new();
    for error in errors {
        if error.code == "IDEMPOTENCY_CONCURRENT_REQUEST" {
            return Err(CallError::Transient { after_s: Some(1), detail: error.code });
        }
        let row = error.field.iter().position(|name| name == "quantities").and_then(|at| error.field.get(at + 1));
        let Some(row) = row.and_then(|row| row.parse().ok()) else {
            return Err(CallError::Rejected { code: error.code, remedy: error.said });
        };
        refused.push((row, StockOutcome::Rejected { code: error.code, remedy: error.said }));
    }
    Ok(refused)
}
