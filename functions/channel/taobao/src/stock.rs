//! Absolute stock numbers: one call per item, all its variants together.

use crate::TOP;
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request};
use huidan_top::Answer;

const ITEM: &str = "taobao.item.quantity.update";
const VARIANTS: &str = "taobao.skus.quantity.update";
/// Absolute, not by how much.
const ABSOLUTE: &str = "1";
/// Most variants per call.
const MOST: usize = 20;

/// One call: an item without variants, or up to [`MOST`] variants of one item. Holds positions in the batch.
struct Group {
    variants: bool,
    levels: Vec<usize>,
}

/// Sets them, call by call.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let groups = groups(levels);
    let mut outcomes = vec![StockOutcome::Set; levels.len()];
    for (index, group) in groups.iter().enumerate() {
        let Some(reply) = call.replies.get(index) else { return request(call, group, levels).map(Next::Send) };
        let outcome = outcome(reply, group.variants)?;
        for &position in &group.levels {
            if let Some(slot) = outcomes.get_mut(position) {
                *slot = outcome.clone();
            }
        }
    }
    Ok(Next::Done(outcomes))
}

fn groups(levels: &[StockLevel]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (position, level) in levels.iter().enumerate() {
        let variants = !level.ext_sku.is_empty() && level.ext_sku != level.ext_item;
        let open = groups.iter_mut().find(|group| {
            let first = group.levels.first().and_then(|&first| levels.get(first));
            let same_item = first.is_some_and(|first| first.ext_item == level.ext_item);
            variants && group.variants && same_item && group.levels.len() < MOST
        });
        match open {
            Some(group) => group.levels.push(position),
            None => groups.push(Group { variants, levels: vec![position] }),
        }
    }
    groups
}

fn request(call: &Call<'_>, group: &Group, levels: &[StockLevel]) -> Result<Request, CallError> {
    let chosen: Vec<&StockLevel> = group.levels.iter().filter_map(|&position| levels.get(position)).collect();
    let item = chosen.first().map_or("", |level| level.ext_item.as_str());
    let numbers: Vec<String> = match group.variants {
        true => chosen.iter().map(|level| format!("{}:{}", level.ext_sku, level.available)).collect(),
        false => chosen.iter().map(|level| level.available.to_string()).collect(),
    };
    let (method, field) = if group.variants { (VARIANTS, "skuid_quantities") } else { (ITEM, "quantity") };
    TOP.request(call, method, &[("num_iid", item), (field, &numbers.join(";")), ("type", ABSOLUTE)])
}

fn outcome(reply: &Reply, variants: bool) -> Result<StockOutcome, CallError> {
    let method = if variants { VARIANTS } else { ITEM };
    match TOP.answer(reply, method, Effect::Harmless, &[])? {
        Answer::Given(_) => Ok(StockOutcome::Set),
        Answer::Refused(refused) => match TOP.rejected(refused) {
            CallError::Rejected { code, remedy } => Ok(StockOutcome::Rejected { code, remedy }),
            other => Err(other),
        },
    }
}
