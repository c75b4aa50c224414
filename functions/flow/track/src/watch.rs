//! Asking carriers that were silent, and the first stall alarm.

use crate::{merge, new_scan};
use huidan_carrier::{Scan, Tracked};
use huidan_domain::Millis;
use huidan_store::track::{self, NewScan, Silent};
use huidan_store::{StoreError, transaction};
use huidan_wire::call::{Answer, CarrierManifest, For, carrier_component};
use huidan_world::{Turn, World, work};
use std::cell::Cell;

/// How long a parcel may be silent before its carrier is asked, in milliseconds.
const SILENT_MS: i64 = 2 * 3_600_000;
/// How long a parcel may be silent before a person is told, in milliseconds: the field's usual two days. Lanes learn
/// their own later.
const STALLED_MS: i64 = 48 * 3_600_000;
/// Most numbers asked for in one run.
const BATCH: u32 = 500;
/// Limit of asking a carrier for a batch, in milliseconds.
const ASK_LIMIT_MS: u64 = 60_000;

/// Runs the watch once, unless somebody else does.
pub(crate) async fn run<W: World>(world: &W) -> Result<(), StoreError> {
    let first = Cell::new(true);
    work(
        world,
        "track/watch",
        async || Ok(first.replace(false)),
        async || {
            let now = world.moment().now;
            ask(world, Millis(now.0 - SILENT_MS)).await?;
            let before = Millis(now.0 - STALLED_MS);
            world
                .main(async |db| {
                    transaction(db, async |db| track::raise_stalls(db, world.moment(), before).await).await
                })
                .await?;
            Ok(Turn::Idle)
        },
    )
    .await
}

async fn ask<W: World>(world: &W, before: Millis) -> Result<(), StoreError> {
    let silent = world.main(async |db| track::to_poll(db, before, BATCH).await).await?;
    for ((carrier, account), parcels) in silent {
        let component = carrier_component(&carrier);
        let manifest: Result<CarrierManifest, _> = world.call(&component, "/waybill/manifest", &(), 2_000).await;
        let most = manifest.map(|manifest| manifest.track_batch).unwrap_or(0);
        let now = world.moment().now;
        // Asked or not to be asked: either way its turn comes again after the others'.
        let asked: Vec<&str> = parcels.iter().map(|parcel| parcel.number.as_str()).collect();
        world.main(async |db| track::polled(db, now, &asked).await).await?;
        if most == 0 {
            continue;
        }
        for parcels in parcels.chunks(most) {
            let asked = For { account: account.clone(), subject: parcels.iter().map(tracked).collect::<Vec<_>>() };
            let answer: Result<Answer<Vec<Scan>>, _> =
                world.call(&component, "/waybill/track", &asked, ASK_LIMIT_MS).await;
            // Who cannot be asked now is asked at its next turn.
            let Ok(Answer::Done(scans)) = answer else { break };
            let scans: Vec<NewScan> = scans.iter().map(|scan| heard(scan, now, &account)).collect();
            merge(world, &carrier, &scans).await?;
        }
    }
    Ok(())
}

/// The carrier's question: some want the end of the phone that the parcel was sent from.
fn tracked(parcel: &Silent) -> Tracked {
    let digits: String = parcel.phone.chars().filter(char::is_ascii_digit).collect();
    let phone_tail = digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().to_owned();
    Tracked { number: parcel.number.clone(), by: parcel.by.clone(), phone_tail }
}

/// A scan that was asked for. That a watch ended bears no time of its own: it is known from now.
fn heard(scan: &Scan, now: Millis, account: &str) -> NewScan {
    let mut new = new_scan(scan, account);
    if new.at == 0 {
        new.at = now.0;
    }
    new
}
