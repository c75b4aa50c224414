//! Giving numbers back: marked in one transaction (queued paper is cancelled there), called for, settled in another.

use crate::lane::{Lane, manifest};
use crate::outcome::again;
use http::StatusCode;
use huidan_carrier::Cancelled;
use huidan_domain::Millis;
use huidan_store::waybills::{self, Back, Giving};
use huidan_store::{StoreError, transaction};
use huidan_wire::call::{Answer, CancelNumber, For, carrier_component};
use huidan_world::{Incoming, Outgoing, World, serve as front};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most numbers at a time.
const BATCH: u32 = 50;
/// Limit of a call, in milliseconds.
const CALL_LIMIT_MS: u64 = 20_000;
/// How long a call may take before it is made again, in milliseconds.
const LEASE_MS: i64 = 30_000;

/// Whose number is to be given back, and who says so.
#[derive(Deserialize)]
struct Wanted {
    package: String,
    actor: String,
}

/// A person wants a package's number given back. Answers whether there is one to give.
pub(crate) async fn wanted<W: World>(world: &W, request: &Incoming) -> Result<Outgoing, StoreError> {
    let wanted: Wanted = match front::body(request) {
        Ok(wanted) => wanted,
        Err(refused) => return Ok(refused),
    };
    let lane = world
        .main(async |db| {
            transaction(db, async |db| waybills::want_void(db, world.moment(), &wanted.package, &wanted.actor).await)
                .await
        })
        .await?;
    if let Some(lane) = &lane {
        world.wake("flow-book", lane);
    }
    Ok(front::json(StatusCode::OK, &lane.is_some()))
}

/// Gives a batch back.
pub(crate) async fn turn<W: World>(lane: &Lane<'_, W>) -> Result<(), StoreError> {
    let world = lane.world;
    let until = Millis(world.moment().now.0 + LEASE_MS);
    let giving = world
        .main(async |db| {
            transaction(db, async |db| {
                waybills::begin_giving_back(db, world.moment(), &lane.account.id, until, BATCH).await
            })
            .await
        })
        .await?;
    // Almost always one group: a package whose plan changed may have its number from another account.
    let mut groups: BTreeMap<(String, String), Vec<Giving>> = BTreeMap::new();
    for giving in giving {
        groups.entry((giving.carrier.clone(), giving.account.clone())).or_default().push(giving);
    }
    for ((carrier, account), giving) in groups {
        call(lane, &carrier, account, giving).await?;
    }
    Ok(())
}

async fn call<W: World>(
    lane: &Lane<'_, W>,
    carrier: &str,
    account: String,
    giving: Vec<Giving>,
) -> Result<(), StoreError> {
    let world = lane.world;
    let reclaim_days = if carrier == lane.account.carrier {
        lane.manifest.reclaim_days
    } else {
        manifest(world, carrier).await.ok().and_then(|manifest| manifest.reclaim_days)
    };
    let subject = giving
        .iter()
        .map(|giving| CancelNumber {
            number: giving.number.clone(),
            claim: giving.claim.clone(),
            reference: giving.reference.clone(),
        })
        .collect::<Vec<_>>();
    let answers: Result<Vec<Answer<Cancelled>>, _> =
        world.call(&carrier_component(carrier), "/waybill/cancel", &For { account, subject }, CALL_LIMIT_MS).await;
    let now = world.moment().now;
    let reason = answers.as_ref().map_or_else(ToString::to_string, |_| String::new());
    let mut answers = answers.unwrap_or_default().into_iter();
    let mut ill = (!reason.is_empty()).then(|| reason.clone());
    let said: Vec<(String, Back)> = giving
        .into_iter()
        .map(|giving| {
            let back = match answers.next() {
                // Asking twice does no harm: what is void stays void.
                None => Back::Later { reason: reason.clone(), again_at: again(now, 3, None) },
                Some(Answer::Done(Cancelled::Done | Cancelled::AlreadyGone)) => Back::Void,
                Some(Answer::Failed(failure)) if failure.kind == "rejected" => {
                    Back::Refused(format!("{}: {}", failure.code, failure.detail))
                }
                Some(Answer::Failed(failure)) => {
                    ill = Some(failure.detail.clone());
                    Back::Later { reason: failure.detail, again_at: again(now, 3, failure.after_s) }
                }
            };
            (giving.waybill, back)
        })
        .collect();
    world
        .main(async |db| {
            let moment = world.moment();
            transaction(db, async |db| waybills::settle_giving_back(db, moment, reclaim_days, &said).await).await
        })
        .await?;
    lane.count(ill.as_deref()).await
}
