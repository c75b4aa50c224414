//! flow-deliver: tells channels, and reads back what they show.
//!
//! Lanes: one per shop, so that one platform's outage never holds another shop's parcels. A row of the outbox is the
//! claim that is stored before the call; telling may be repeated, since every channel understands "already shipped".
//! What was told is looked at again for two days. `watch/all` is the lane of what is looked after each minute.

mod confirm;
mod look;
#[cfg(target_family = "wasm")]
mod shell;
mod shown;
mod stock;
mod way;

use http::StatusCode;
use huidan_domain::Millis;
use huidan_store::outbox::{self, Leased, Outcome};
use huidan_store::{StoreError, shops, transaction};
use huidan_wire::call::Failure;
use huidan_world::{Incoming, Outgoing, Turn, World, serve as front, work};

/// Most rows of a lane in one turn.
const BATCH: u32 = 20;
/// How long a turn may take before somebody else may have its rows, in milliseconds.
const LEASE_MS: i64 = 300_000;
/// The longest wait between two tries, in milliseconds.
const LONGEST_MS: i64 = 3_600_000;
/// When a row is given up, in milliseconds after it was first wanted: a day, as long as any platform's outage lasted.
const GIVE_UP_MS: i64 = 86_400_000;

/// The lane of what is looked after each minute; no shop's id has a slash.
const WATCH: &str = "watch/all";

/// Serves `POST /wake?lane=<shop>`.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    if let Err(refused) = front::private(world, &request).await {
        return refused;
    }
    let wanted = front::lane(&request);
    let worked = match wanted.as_str() {
        WATCH => look::watch(world).await,
        shop => lane(world, shop).await,
    };
    match worked {
        Ok(()) => front::json(StatusCode::OK, &true),
        Err(error) => {
            world.log(format_args!("flow-deliver: {error}"));
            front::store_failed(&error)
        }
    }
}

async fn lane<W: World>(world: &W, shop: &str) -> Result<(), StoreError> {
    let due = async || {
        let now = world.moment().now;
        let any =
            async |db: &W::Db| Ok(outbox::any_due(db, now, shop).await? || outbox::any_look(db, now, shop).await?);
        world.main(any).await
    };
    work(world, &format!("deliver/{shop}"), due, async || turn(world, shop).await).await
}

async fn turn<W: World>(world: &W, shop: &str) -> Result<Turn, StoreError> {
    let known = world.main(async |db| shops::all(db).await).await?;
    let (lease, rows) = world.main(async |db| outbox::lease(db, world.moment(), shop, LEASE_MS, BATCH).await).await?;
    if rows.is_empty() {
        return match known.get(shop) {
            Some(facts) => look::turn(world, shop, &facts.channel).await,
            None => Ok(Turn::Idle),
        };
    }
    let Some(facts) = known.get(shop) else {
        let gone = || Outcome::rejected("shop_off", "店铺已停用 / the shop is not active");
        let outcomes: Vec<(&Leased, Outcome)> = rows.iter().map(|row| (row, gone())).collect();
        settle(world, &lease, &outcomes).await?;
        return Ok(Turn::Worked);
    };
    let (confirms, stocks): (Vec<&Leased>, Vec<&Leased>) = rows.iter().partition(|row| row.kind == "confirm");
    // Each shipment's outcome is stored before the next is told: a crash repeats at most the one under way.
    for row in confirms {
        let outcome = confirm::outcome(world, shop, &facts.channel, row).await?;
        settle(world, &lease, &[(row, outcome)]).await?;
    }
    if !stocks.is_empty() {
        let outcomes = stock::outcomes(world, shop, &facts.channel, &stocks).await?;
        settle(world, &lease, &outcomes).await?;
    }
    Ok(Turn::Worked)
}

async fn settle<W: World>(world: &W, lease: &str, outcomes: &[(&Leased, Outcome)]) -> Result<(), StoreError> {
    world
        .main(async |db| transaction(db, async |db| outbox::settle(db, world.moment(), lease, outcomes).await).await)
        .await
}

/// What a failed call means for its row.
async fn failed<W: World>(world: &W, shop: &str, row: &Leased, failure: &Failure) -> Result<Outcome, StoreError> {
    let reason =
        if failure.code.is_empty() { failure.detail.clone() } else { format!("{}: {}", failure.code, failure.detail) };
    if failure.kind == "rejected" {
        return Ok(Outcome::rejected(&failure.code, failure.detail.clone()));
    }
    if failure.kind == "credentials" {
        world.main(async |db| shops::trouble(db, shop, &reason).await).await?;
    }
    Ok(again(world, row, reason, failure.after_s))
}

/// Later: as the other side said, or after a wait that doubles, with jitter so that a crowd does not come back as one.
fn again<W: World>(world: &W, row: &Leased, reason: String, after_s: Option<u32>) -> Outcome {
    let moment = world.moment();
    if moment.now.since(row.created_at) > GIVE_UP_MS {
        return Outcome::GaveUp(reason);
    }
    let wait = after_s.map_or_else(|| (2_000_i64 << row.tries.min(12)).min(LONGEST_MS), |s| i64::from(s) * 1000);
    let mut random = [0_u8; 1];
    moment.chance.fill(&mut random);
    let jitter = wait * i64::from(random[0]) / 1024;
    Outcome::Again(Millis(moment.now.0 + wait + jitter), reason)
}
