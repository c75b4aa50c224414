//! From documents to stored orders: read by the channel, through the normalize steps, stored in one transaction.

use crate::arrivals::hash;
use huidan_channel::Document;
use huidan_store::orders::{self, Normalized};
use huidan_store::{StoreError, breaker, facts, shops, transaction};
use huidan_wire::Problem;
use huidan_wire::call::{Read, Read1};
use huidan_wire::step::Draft;
use huidan_world::steps::{self, Stopped};
use huidan_world::{Missed, World};
use std::collections::HashMap;

/// Limit of reading a batch, in milliseconds.
const READ_LIMIT_MS: u64 = 3_000;

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

/// Why a batch could not be applied as a whole.
pub(crate) enum Failed {
    /// The channel or a step failed on it.
    Missed(Missed),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Applies documents of one channel. Answers which cannot be read, and why, by inbox row.
pub(crate) async fn documents<W: World>(
    world: &W,
    channel: &str,
    found: &mut Vec<Found>,
    careful: bool,
) -> Result<HashMap<i64, String>, Failed> {
    let asked = Read { documents: found.iter().map(|found| found.document.clone()).collect() };
    let component = format!("channel-{channel}");
    let readings: Vec<Read1> =
        world.call(&component, "/call/read", &asked, READ_LIMIT_MS).await.map_err(Failed::Missed)?;
    let shops = world.main(async |db| shops::all(db).await).await?;
    let mut unreadable = HashMap::new();
    let (mut drafts, mut sources) = (Vec::new(), Vec::new());
    for (found, reading) in found.drain(..).zip(readings) {
        match reading {
            Read1::Order(order) if shops.contains_key(&found.shop) => {
                drafts.push(draft(channel, &found.shop, *order));
                sources.push(found);
            }
            Read1::Order(_) => {
                unreadable.insert(found.inbox, format!("店铺 {0} 已停用 / shop {0} is not active", found.shop));
            }
            Read1::Removed { ext_id, .. } => {
                unreadable.insert(found.inbox, format!("平台删除了订单 {ext_id} / the platform removed the order"));
            }
            Read1::Unreadable { field, detail } => {
                unreadable.insert(found.inbox, format!("{field}: {detail}"));
            }
        }
    }
    let drafts = normalized(world, drafts, careful).await?;
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
    store(world, &batch).await?;
    Ok(unreadable)
}

pub(crate) async fn store<W: World>(world: &W, batch: &[Normalized]) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let keys = crate::receiver_keys(world).await?;
    world
        .main(async |db| {
            transaction(db, async |db| orders::apply(db, world.moment(), &keys, batch).await.map(|_| ())).await
        })
        .await
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

/// Passes drafts through the normalize steps. In a batch, a failing step stops the batch, which then goes through the
/// careful lane; there, or while the step's breaker is open, the order is stored without the step, which is noted as a
/// problem and mended later: an order is never kept out because a step of ours is ill.
pub(crate) async fn normalized<W: World>(
    world: &W,
    mut drafts: Vec<Draft>,
    careful: bool,
) -> Result<Vec<Draft>, Failed> {
    if drafts.is_empty() {
        return Ok(drafts);
    }
    let configured = steps::configured(world, "normalize_steps").await;
    let now = world.moment().now;
    let doubted = world.main(async |db| steps::doubted(db, &configured).await).await?;
    for step in &configured {
        if let Some((_, reason)) = doubted.get(step).filter(|(until, _)| *until > now) {
            note(&mut drafts, step, reason);
            continue;
        }
        let kept = drafts.clone();
        let ran =
            steps::run(world, step, drafts, async |db, needs, drafts| facts::for_drafts(db, needs, step, drafts).await)
                .await;
        drafts = match ran {
            Ok(drafts) if drafts.len() == kept.len() => {
                // It works for others: what failed was one order, which must not keep the step from everybody.
                if doubted.contains_key(step) {
                    world.main(async |db| breaker::worked(db, &steps::breaker_of(step)).await).await?;
                }
                drafts
            }
            Ok(_) => {
                stopped(world, step, kept, "改变了批次的长度 / changed the length of the batch".into(), careful).await?
            }
            Err(Stopped::Store(error)) => return Err(Failed::Store(error)),
            Err(Stopped::Step(missed)) if !careful => return Err(Failed::Missed(missed)),
            Err(Stopped::Step(missed)) => stopped(world, step, kept, missed.to_string(), careful).await?,
        };
    }
    Ok(drafts)
}

async fn stopped<W: World>(
    world: &W,
    step: &str,
    mut drafts: Vec<Draft>,
    reason: String,
    careful: bool,
) -> Result<Vec<Draft>, Failed> {
    if careful {
        let name = steps::breaker_of(step);
        world.main(async |db| breaker::failed(db, world.moment(), &name, &reason).await).await?;
    }
    note(&mut drafts, step, &reason);
    Ok(drafts)
}

/// The code of a problem that says a step was away; `mend` looks for it.
pub(crate) const STEP_FAILED: &str = "step_failed";

fn note(drafts: &mut [Draft], step: &str, reason: &str) {
    for draft in drafts {
        draft.problems.push(Problem {
            field: step.to_owned(),
            code: STEP_FAILED.to_owned(),
            detail: reason.to_owned(),
        });
    }
}
