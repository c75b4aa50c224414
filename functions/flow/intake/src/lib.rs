//! flow-intake: from what arrived to stored orders.
//!
//! Lanes: one per channel (`shopify`), one beside it for what failed in a batch (`shopify/careful`), one per shop that
//! is pulled (`pull/s1`), one per shop that went live (`live/s1`), one that mends orders whose normalizing step was away (`mend`). Lanes are apart so that one
//! channel's trouble never holds another's orders.

mod apply;
mod arrivals;
mod live;
mod mend;
mod pull;
#[cfg(target_family = "wasm")]
mod shell;
mod tokens;

use http::StatusCode;
use huidan_store::{Keyring, StoreError};
use huidan_world::{Incoming, Outgoing, World, serve as front};

/// Serves `POST /wake?lane=…` and `POST /mend` (orders to normalize again, by id).
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    if let Err(refused) = front::private(world, &request).await {
        return refused;
    }
    let worked = match request.uri().path() {
        "/wake" => wake(world, &front::lane(&request)).await,
        "/mend" => match front::body::<Vec<String>>(&request) {
            Ok(orders) => {
                return match mend::orders(world, &orders).await {
                    Ok(read) => front::json(StatusCode::OK, &read),
                    Err(error) => failed(world, &error),
                };
            }
            Err(refused) => return refused,
        },
        _ => return front::text(StatusCode::NOT_FOUND, "no such route"),
    };
    match worked {
        Ok(()) => front::json(StatusCode::OK, &true),
        Err(error) => failed(world, &error),
    }
}

fn failed<W: World>(world: &W, error: &StoreError) -> Outgoing {
    world.log(format_args!("flow-intake: {error}"));
    front::store_failed(error)
}

async fn wake<W: World>(world: &W, lane: &str) -> Result<(), StoreError> {
    match lane.split_once('/') {
        Some(("pull", shop)) => pull::lane(world, shop).await,
        Some(("live", shop)) => live::lane(world, shop).await,
        Some((channel, "careful")) => arrivals::lane(world, channel, true).await,
        _ if lane == "mend" => mend::lane(world).await,
        _ if lane == "tokens" => tokens::lane(world).await,
        _ => arrivals::lane(world, lane, false).await,
    }
}

/// The key that seals receivers and raw documents.
async fn receiver_keys<W: World>(world: &W) -> Result<Keyring, StoreError> {
    let text = world.variable("receiver_key").await.ok_or(StoreError::Sealed)?;
    Keyring::parse(&text).map_err(|_| StoreError::Sealed)
}
