//! The nightly sweep of numbers: one runner, one transaction for each warehouse and day, however often it is asked for.

use huidan_store::waybills::{nights, sweep};
use huidan_store::{StoreError, transaction};
use huidan_world::{Turn, World, work};

/// What stands before the names of lanes that are no carrier account.
pub(crate) const LANE: &str = "sweep/";

/// Sweeps the warehouses whose night it is.
pub(crate) async fn run<W: World>(world: &W) -> Result<(), StoreError> {
    let look = async || world.main(async |db| nights(db, world.moment().now).await).await;
    let due = async || Ok(!look().await?.is_empty());
    work(world, "book/sweep", due, async || {
        let Some((warehouse, day)) = look().await?.into_iter().next() else { return Ok(Turn::Idle) };
        let swept = world
            .main(async |db| transaction(db, async |db| sweep(db, world.moment(), &warehouse, day).await).await)
            .await?;
        for lane in swept.unwrap_or_default().lanes {
            world.wake("flow-book", &lane);
        }
        Ok(Turn::Worked)
    })
    .await
}
