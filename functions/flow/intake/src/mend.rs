//! Orders whose normalizing step was away, or whose listing was mapped meanwhile, go through the steps again, from
//! their stored documents.

use crate::apply::{self, Found};
use huidan_channel::Document;
use huidan_store::{StoreError, orders};
use huidan_world::{Turn, World, work};

/// How many at a time.
const BATCH: u32 = 100;
/// How long after a failure an order is tried again, in milliseconds.
const AGAIN_MS: i64 = 30_000;

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

/// Reads the stored documents of some orders again and applies what comes of it: after a step was away, after a listing
/// was mapped, after a reader was mended. Doing it twice changes nothing. Answers how many could be read.
pub(crate) async fn orders<W: World>(world: &W, ids: &[String]) -> Result<usize, StoreError> {
    let keys = crate::receiver_keys(world).await?;
    let documents = world.main(async |db| orders::documents(db, &keys, ids).await).await?;
    let mut read = 0;
    for (channel, documents) in documents {
        for stored in documents {
            let document = Document { topic: stored.topic, body: stored.body };
            let found = vec![Found { inbox: 0, shop: stored.shop, document, again: true }];
            // One at a time, as in the careful lane: a step or a reader that is still ill must not hold the others.
            let applied = apply::documents(world, &channel, found, true).await?;
            if let Some(why) = applied.unreadable.into_values().next() {
                world.log(format_args!("{} cannot be read again: {why}", stored.order));
            } else if let Some((_, missed)) = applied.failed.first() {
                world.log(format_args!("{} waits: {missed}", stored.order));
            } else {
                read += 1;
            }
        }
    }
    world.wake("flow-plan", "plan");
    Ok(read)
}
