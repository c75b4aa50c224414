//! From documents to stored orders: read by the channel, through the normalize steps, stored in one transaction.

use crate::arrivals::hash;
use huidan_channel::Document;
use huidan_store::orders::{self, Normalized};
use huidan_store::{StoreError, breaker, facts, shops, transaction};
use huidan_wire::Problem;
use huidan_wire::call::{Read, Read1};
use huidan_wire::step::Draft;
use huidan_world::{Missed, Why, World, company, steps};
use std::collections::HashMap;

/// A document and where it came from.
#[derive(Clone)]
pub(crate) struct Found {
    /// Its inbox row.
    pub(crate) inbox: i64,
    /// Its shop.
    pub(crate) shop: String,
    /// The document.
    pub(crate) document: Document,
    /// Whether it was applied before and is to be applied again.
    pub(crate) again: bool,
}

/// What did not become an order, by inbox row; all the others did.
#[derive(Default)]
pub(crate) struct Applied {
    /// What cannot be read, and why.
    pub(crate) unreadable: HashMap<i64, String>,
    /// What the channel or a step failed on.
    pub(crate) failed: Vec<(i64, Missed)>,
    /// What took the place of another document of the same instant.
    pub(crate) contested: Vec<i64>,
}

/// Applies documents of one channel.
pub(crate) async fn documents<W: World>(
    world: &W,
    channel: &str,
    found: Vec<Found>,
    careful: bool,
) -> Result<Applied, StoreError> {
    let component = format!("channel-{channel}");
    let read = company::each(&found, async |some, limit| {
        let asked = Read { documents: some.iter().map(|found| found.document.clone()).collect() };
        let read: Vec<Read1> = world.call(&component, "/call/read", &asked, limit).await?;
        let whole = read.len() == some.len();
        whole.then_some(read).ok_or_else(|| Missed { component: component.clone(), why: Why::Unreadable })
    })
    .await;
    let mut applied = Applied::default();
    let found = kept(found, read.failed, |found, missed| applied.failed.push((found.inbox, missed)));
    let shops = world.main(async |db| shops::all(db).await).await?;
    let (mut drafts, mut sources) = (Vec::new(), Vec::new());
    for (found, reading) in found.into_iter().zip(read.well) {
        let unreadable = match reading {
            Read1::Order(order) if shops.contains_key(&found.shop) => {
                drafts.push(draft(channel, &found.shop, *order));
                sources.push(found);
                continue;
            }
            Read1::Order(_) => format!("店铺 {0} 已停用 / shop {0} is not active", found.shop),
            Read1::Removed { ext_id, .. } => {
                format!("平台删除了订单 {ext_id} / the platform removed the order")
            }
            Read1::Unreadable { field, detail } => format!("{field}: {detail}"),
        };
        applied.unreadable.insert(found.inbox, unreadable);
    }
    let (drafts, failed) = normalized(world, drafts, careful).await?;
    let sources = kept(sources, failed, |found, missed| applied.failed.push((found.inbox, missed)));
    let rows: Vec<i64> = sources.iter().map(|found| found.inbox).collect();
    let plans = |shop: &str| shops.get(shop).is_some_and(|shop| shop.mode != "observe");
    let batch: Vec<Normalized> = drafts
        .into_iter()
        .zip(sources)
        .map(|(draft, found)| Normalized {
            plans: plans(&draft.shop),
            hash: hash(&found.document),
            topic: found.document.topic,
            body: found.document.body,
            again: found.again,
            draft,
        })
        .collect();
    let outcomes = store(world, &batch).await?;
    let contested = rows.into_iter().zip(outcomes).filter(|(_, outcome)| *outcome == orders::Applied::Contested);
    applied.contested = contested.map(|(row, _)| row).collect();
    Ok(applied)
}

/// Those whose place is not among the failed; the failed are handed over with why.
fn kept<T>(all: Vec<T>, failed: Vec<(usize, Missed)>, mut stays: impl FnMut(T, Missed)) -> Vec<T> {
    let mut failed: HashMap<usize, Missed> = failed.into_iter().collect();
    let mut kept = Vec::with_capacity(all.len());
    for (place, one) in all.into_iter().enumerate() {
        match failed.remove(&place) {
            Some(missed) => stays(one, missed),
            None => kept.push(one),
        }
    }
    kept
}

/// Stores a batch; what became of each, in order.
pub(crate) async fn store<W: World>(world: &W, batch: &[Normalized]) -> Result<Vec<orders::Applied>, StoreError> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let keys = crate::receiver_keys(world).await?;
    world.main(async |db| transaction(db, async |db| orders::apply(db, world.moment(), &keys, batch).await).await).await
}

fn draft(channel: &str, shop: &str, order: huidan_wire::OrderFacts) -> Draft {
    Draft {
        shop: shop.to_owned(),
        channel: channel.to_owned(),
        mapped: vec![None; order.lines.len()],
        order,
        intents: Vec::new(),
        problems: Vec::new(),
    }
}

/// Passes drafts through the normalize steps. Those that a step fails on go through the careful lane (answered by their
/// place, with why); there, or while the step's breaker is open, the order is stored without the step, which is noted as
/// a problem and mended later: an order is never kept out because a step of ours is ill.
async fn normalized<W: World>(
    world: &W,
    drafts: Vec<Draft>,
    careful: bool,
) -> Result<(Vec<Draft>, Vec<(usize, Missed)>), StoreError> {
    if drafts.is_empty() {
        return Ok((drafts, Vec::new()));
    }
    let configured = steps::configured(world, "normalize_steps").await;
    let now = world.moment().now;
    let doubted = world.main(async |db| steps::doubted(db, &configured).await).await?;
    let mut places: Vec<usize> = (0..drafts.len()).collect();
    let (mut drafts, mut failed) = (drafts, Vec::new());
    for step in &configured {
        if let Some((_, reason)) = doubted.get(step).filter(|(until, _)| *until > now) {
            drafts.iter_mut().for_each(|draft| note(draft, step, reason));
            continue;
        }
        let ran = steps::run(world, step, &drafts, async |db, needs, drafts| {
            facts::for_drafts(db, needs, step, drafts).await
        })
        .await?;
        if ran.well.len() + ran.failed.len() != drafts.len() {
            let reason = "改变了批次的长度 / changed the length of the batch";
            if careful {
                steps::failed(world, step, reason).await?;
            }
            drafts.iter_mut().for_each(|draft| note(draft, step, reason));
            continue;
        }
        // It works for others: what failed was one order, which must not keep the step from everybody.
        if !ran.well.is_empty() && doubted.contains_key(step) {
            world.main(async |db| breaker::worked(db, &steps::breaker_of(step)).await).await?;
        }
        if careful && let Some((_, missed)) = ran.failed.first() {
            let reason = missed.to_string();
            steps::failed(world, step, &reason).await?;
            drafts.iter_mut().for_each(|draft| note(draft, step, &reason));
            continue;
        }
        places = kept(places, ran.failed, |place, missed| failed.push((place, missed)));
        drafts = ran.well;
    }
    Ok((drafts, failed))
}

/// The code of a problem that says a step was away; `mend` looks for it.
pub(crate) const STEP_FAILED: &str = "step_failed";

fn note(draft: &mut Draft, step: &str, reason: &str) {
    draft.problems.push(Problem { field: step.to_owned(), code: STEP_FAILED.to_owned(), detail: reason.to_owned() });
}
