//! flow-reconcile: compares what the channels have with what is here, has what is missing fetched, and says what may
//! soon be missed.
//!
//! Lanes: `shop/<id>` for the comparison of each, `alarms` for what a person should know of a shop before it costs orders.

mod alarms;
mod compare;
#[cfg(target_family = "wasm")]
mod shell;

use http::StatusCode;
use huidan_store::StoreError;
use huidan_world::{Incoming, Outgoing, World, serve as front};

/// Serves `POST /wake?lane=…`.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    if let Err(refused) = front::private(world, &request).await {
        return refused;
    }
    match wake(world, &front::lane(&request)).await {
        Ok(()) => front::json(StatusCode::OK, &true),
        Err(error) => {
            world.log(format_args!("flow-reconcile: {error}"));
            front::store_failed(&error)
        }
    }
}

async fn wake<W: World>(world: &W, lane: &str) -> Result<(), StoreError> {
    match lane.strip_prefix("shop/") {
        Some(shop) => compare::lane(world, shop).await,
        None => alarms::lane(world).await,
    }
}
