//! Orders whose normalizing step was away, or whose listing was mapped meanwhile, go through the steps again, from
//! their stored documents.

use crate::apply;
use huidan_channel::Document;
use huidan_store::orders::{self, Mended};
use huidan_store::{StoreError, transaction};
use huidan_wire::call::{Read, Read1};
use huidan_wire::step::Draft;
use huidan_world::{Turn, World, work};

/// How many at a time.
const BATCH: u32 = 100;
/// How long after a failure an order is tried again, in milliseconds.
const AGAIN_MS: i64 = 30_000;
/// Limit of reading a batch, in milliseconds.
const READ_LIMIT_MS: u64 = 3_000;

/// Runs the mending lane.
pub(crate) async fn lane<W: World>(world: &W) -> Result<(), StoreError> {
    let next = async || {
        let before = huidan_domain::Millis(world.moment().now.0 - AGAIN_MS);
        world.main(async |db| orders::with_problem(db, apply::STEP_FAILED, before, BATCH).await).await
    };
    let due = async || Ok(!next().await?.is_empty());
    work(world, "intake/mend", due, async || {
        let ids = next().await?;
        if ids.is_empty() {
            return Ok(Turn::Idle);
        }
        orders(world, &ids).await?;
        Ok(Turn::Worked)
    })
    .await
}

/// Normalizes some orders again and has them planned anew.
pub(crate) async fn orders<W: World>(world: &W, ids: &[String]) -> Result<(), StoreError> {
    let keys = crate::receiver_keys(world).await?;
    let documents = world.main(async |db| orders::documents(db, &keys, ids).await).await?;
    let mut mended = Vec::new();
    for (channel, documents) in documents {
        let asked = Read {
            documents: documents
                .iter()
                .map(|stored| Document { topic: stored.topic.clone(), body: stored.body.clone() })
                .collect(),
        };
        let component = format!("channel-{channel}");
        let Ok(readings) = world.call::<_, Vec<Read1>>(&component, "/call/read", &asked, READ_LIMIT_MS).await else {
            continue;
        };
        for (stored, reading) in documents.into_iter().zip(readings) {
            let Read1::Order(order) = reading else { continue };
            let draft = Draft {
                shop: stored.shop,
                channel: channel.clone(),
                mapped: vec![None; order.lines.len()],
                order: *order,
                intents: Vec::new(),
                problems: Vec::new(),
            };
            // One at a time, as in the careful lane: a step that is still ill must not hold the others.
            if let Ok(mut drafts) = apply::normalized(world, vec![draft], true).await {
                mended.extend(drafts.pop().map(|draft| Mended { order: stored.order, draft }));
            }
        }
    }
    world
        .main(async |db| transaction(db, async |db| orders::mend(db, world.moment(), &keys, &mended).await).await)
        .await?;
    world.wake("flow-plan", "plan");
    Ok(())
}
