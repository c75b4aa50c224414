//! `POST weights` and `POST scans`: what a scale or a scanner attached to a bridge saw, and what to do next.

use crate::door;
use http::StatusCode;
use huidan_store::bridges::Bridge;
use huidan_store::console::bench;
use huidan_store::{StoreError, transaction};
use huidan_wire::api::Scan;
use huidan_world::{Incoming, Outgoing, World, serve as front};
use serde::Deserialize;

/// Longest name of a station, and longest code that a scanner reads.
const LONGEST: usize = 200;
/// The most that a parcel scale says, in grams; more is a misreading.
const HEAVIEST: u32 = 1_000_000;

#[derive(Deserialize)]
struct Weight {
    scale: String,
    grams: u32,
}

/// A scale's stable weight: of the parcel that was last scanned at the station of the scale's name.
pub(crate) async fn weights<W: World>(world: &W, request: &Incoming, bridge: &Bridge) -> Result<Outgoing, StoreError> {
    let seen: Weight = match door::body(request) {
        Ok(seen) => seen,
        Err(refused) => return Ok(refused),
    };
    if let Some(refused) = too_long(&[&seen.scale]) {
        return Ok(refused);
    }
    if seen.grams == 0 || seen.grams > HEAVIEST {
        let why = "重量应为 1 克至 1 吨 / a weight is between a gram and a ton";
        return Ok(door::refuse(StatusCode::BAD_REQUEST, "grams", why));
    }
    let weighed = world
        .main(async |db| {
            let weigh = async |db: &W::Db| bench::weigh(db, world.moment(), &bridge.id, &seen.scale, seen.grams).await;
            transaction(db, weigh).await
        })
        .await?;
    Ok(front::json(StatusCode::OK, &weighed))
}

/// A scan: what `POST /api/v1/scan` answers.
pub(crate) async fn scans<W: World>(world: &W, request: &Incoming, bridge: &Bridge) -> Result<Outgoing, StoreError> {
    let mut seen: Scan = match door::body(request) {
        Ok(seen) => seen,
        Err(refused) => return Ok(refused),
    };
    seen.code = seen.code.trim().to_owned();
    if let Some(refused) = too_long(&[&seen.station, &seen.code]) {
        return Ok(refused);
    }
    let actor = format!("bridge:{}", bridge.id);
    let answer = world
        .main(async |db| transaction(db, async |db| bench::scan(db, world.moment(), &actor, &seen).await).await)
        .await?;
    answer.shops.iter().for_each(|shop| world.wake("flow-deliver", shop));
    Ok(front::json(StatusCode::OK, &answer.scanned))
}

fn too_long(texts: &[&str]) -> Option<Outgoing> {
    let why = "要有 1 至 200 个字节 / between 1 and 200 bytes";
    let wrong = texts.iter().any(|text| text.is_empty() || text.len() > LONGEST);
    wrong.then(|| door::refuse(StatusCode::BAD_REQUEST, "length", why))
}
