//! flow-notify: decides who is told what happened, and tells each at most once.
//!
//! Lanes: `look` finds what is news by standing in the rows (alarms, open questions, parcels that left); `sort` turns news into one message for each way that wants it; `way/<id>` sends them, one lane for each way, so
//! that a robot that is muted never holds up another. A message is claimed in the database before its provider is called.
//! What may have gone out is not sent again, unless the other side knows messages by their ids.

mod buyer;
mod known;
mod outcome;
mod pace;
mod quiet;
mod say;
#[cfg(target_family = "wasm")]
mod shell;
mod sort;
mod way;

pub use pace::{Pace, pace};
pub use quiet::quiet_until;

use http::StatusCode;
use huidan_store::{StoreError, notices};
use huidan_world::{Incoming, Outgoing, World, serve as front};

/// The lane that sorts news.
const SORT: &str = "sort";
/// The lane that looks for what is news by standing in the rows.
const LOOK: &str = "look";
/// How long a message is tried, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Serves `POST /wake?lane=sort` and `?lane=way/<id>`.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    if let Err(refused) = front::private(world, &request).await {
        return refused;
    }
    match lane(world, &front::lane(&request)).await {
        Ok(()) => front::json(StatusCode::OK, &true),
        Err(error) => {
            world.log(format_args!("flow-notify: {error}"));
            front::store_failed(&error)
        }
    }
}

/// One look; two at once tell nothing twice.
async fn look<W: World>(world: &W) -> Result<(), StoreError> {
    if world.main(async |db| notices::look(db, world.moment()).await).await? {
        world.wake("flow-notify", SORT);
    }
    Ok(())
}

async fn lane<W: World>(world: &W, lane: &str) -> Result<(), StoreError> {
    match lane.strip_prefix("way/") {
        Some(way) => way::lane(world, way).await,
        None if lane == SORT => sort::lane(world).await,
        None if lane == LOOK => look(world).await,
        None => Ok(()),
    }
}
