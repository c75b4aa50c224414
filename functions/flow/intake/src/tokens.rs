//! Access tokens that are to be renewed, at half their life: the channel's component does it, here it is had in time.

use huidan_store::{StoreError, shops, tokens};
use huidan_wire::call::{Answer, For};
use huidan_world::{Turn, World, work};

/// Limit of a renewal, in milliseconds.
const RENEW_LIMIT_MS: u64 = 30_000;

/// Renews what is due.
pub(crate) async fn lane<W: World>(world: &W) -> Result<(), StoreError> {
    let next = async || {
        let now = world.moment().now;
        world.edge(async |db| tokens::due(db, now).await).await
    };
    let due = async || Ok(!next().await?.is_empty());
    work(world, "intake/tokens", due, async || {
        for (shop, channel) in next().await? {
            renew(world, &shop, &channel).await?;
        }
        Ok(Turn::Idle)
    })
    .await
}

/// A failure is noted by the channel's component, which tries again later, later each time; what a person must do about
/// it is said with the shop.
async fn renew<W: World>(world: &W, shop: &str, channel: &str) -> Result<(), StoreError> {
    let asked = For { account: shop.to_owned(), subject: () };
    let answer: Result<Answer<()>, _> =
        world.call(&format!("channel-{channel}"), "/call/renew", &asked, RENEW_LIMIT_MS).await;
    match answer {
        Ok(Answer::Done(())) => world.main(async |db| shops::trouble(db, shop, "").await).await,
        Ok(Answer::Failed(failure)) if matches!(failure.kind.as_str(), "credentials" | "rejected") => {
            let trouble = format!("{}: {}", failure.code, failure.detail);
            world.main(async |db| shops::trouble(db, shop, &trouble).await).await
        }
        Ok(Answer::Failed(failure)) => {
            world.log(format_args!("the token of {shop} is not renewed: {}", failure.detail));
            Ok(())
        }
        // Not there, or crashed: noted here, since nobody else did.
        Err(missed) => {
            let now = world.moment().now;
            world.log(format_args!("the token of {shop} is not renewed: {missed}"));
            world.edge(async |db| tokens::failed(db, now, shop).await).await
        }
    }
}
