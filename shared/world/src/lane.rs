use crate::World;
use huidan_store::{StoreError, runner};

/// What one turn of a runner found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It did something; there may be more.
    Worked,
    /// Nothing is due.
    Idle,
}

/// How long one wake works before it hands over to a fresh one, in milliseconds: short against a request's limit.
const SHIFT_MS: i64 = 20_000;
/// Turns begin no closer together than this, in milliseconds. The first begins at once; what comes while it works and
/// rests is taken together by the next. Without the rest a steady trickle is handled one by one, and each pays alone for
/// the calls and commits that a batch shares.
const PACE_MS: i64 = 25;

/// Runs a lane until nothing is due, unless somebody is at work on it already.
///
/// `due` looks without locking; `turn` does a batch. What arrives between the last look and the end of the shift found
/// a runner at work and went away, so the lane is looked at once more after the shift.
///
/// # Errors
/// The first error of either; the lane is free again then.
pub async fn work<W: World>(
    world: &W,
    lane: &str,
    due: impl AsyncFn() -> Result<bool, StoreError>,
    turn: impl AsyncFn() -> Result<Turn, StoreError>,
) -> Result<(), StoreError> {
    let began = world.moment().now;
    while due().await? {
        let begun = world.main(async |db| runner::begin(db, world.moment(), lane).await).await?;
        let Some(shift) = begun else { return Ok(()) };
        let mut renewed = world.moment().now;
        let worked = loop {
            let turned = world.moment().now;
            match turn().await {
                Ok(Turn::Worked) => {}
                Ok(Turn::Idle) => break Ok(()),
                Err(error) => break Err(error),
            }
            let rest = PACE_MS - world.moment().now.since(turned);
            if let Ok(rest @ 1..) = u64::try_from(rest) {
                world.sleep(rest).await;
                // A look is cheap; a turn that finds nothing may lock.
                match due().await {
                    Ok(true) => {}
                    Ok(false) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
            let now = world.moment().now;
            if now.since(began) > SHIFT_MS {
                break Ok(());
            }
            if now.since(renewed) > runner::LEASE_MS / 6 {
                if !world.main(async |db| runner::renew(db, world.moment(), &shift).await).await? {
                    return Ok(());
                }
                renewed = now;
            }
        };
        world.main(async |db| runner::end(db, &shift).await).await?;
        worked?;
        if world.moment().now.since(began) > SHIFT_MS {
            return Ok(());
        }
    }
    Ok(())
}
