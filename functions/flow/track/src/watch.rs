//! What is done about parcels whether or not anybody tells of them: having them watched, asking carriers that were silent,
//! and looking for those that are late.

use crate::ears::{self, Ears};
use crate::{merge, new_scan};
use huidan_carrier::{Scan, Tracked};
use huidan_domain::Millis;
use huidan_store::track::{self, NewScan, Silent, watches};
use huidan_store::{StoreError, transaction};
use huidan_wire::call::{Answer, For, carrier_component};
use huidan_world::{Turn, World, work};
use std::cell::Cell;

/// How long a parcel may be silent before its carrier is asked, in milliseconds.
const SILENT_MS: i64 = 2 * 3_600_000;
/// The same for a parcel that somebody watches: pushes come of themselves, and stop without a word.
const PUSHED_SILENT_MS: i64 = 12 * 3_600_000;
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
            let ears = ears::all(world).await?;
            want_watched(world, &ears).await?;
            ask(world, &ears).await?;
            late(world, &ears).await?;
            Ok(Turn::Idle)
        },
    )
    .await
}

/// Writes down who is to be asked to watch what, and wakes those who ask. Without a public address nobody can push.
async fn want_watched<W: World>(world: &W, ears: &Ears) -> Result<(), StoreError> {
    let now = world.moment().now;
    if world.variable("public_url").await.is_none() {
        return Ok(());
    }
    let duties = ears.duties();
    let due = world
        .main(async |db| {
            watches::plant(db, now, &duties).await?;
            watches::due(db, now).await
        })
        .await?;
    for account in due {
        world.wake("flow-track", &format!("subscribe/{account}"));
    }
    Ok(())
}

async fn ask<W: World>(world: &W, ears: &Ears) -> Result<(), StoreError> {
    let now = world.moment().now.0;
    let [before, pushed_before] = [SILENT_MS, PUSHED_SILENT_MS].map(|ms| Millis(now - ms));
    let silent = world.main(async |db| track::to_poll(db, before, pushed_before, BATCH).await).await?;
    for ((carrier, account), parcels) in silent {
        let most = ears.manifest(&carrier).map_or(0, |manifest| manifest.track_batch);
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
                world.call(&carrier_component(&carrier), "/waybill/track", &asked, ASK_LIMIT_MS).await;
            // Who cannot be asked now is asked at its next turn.
            let Ok(Answer::Done(scans)) = answer else { break };
            let scans: Vec<NewScan> = scans.iter().map(|scan| heard(scan, now, &account)).collect();
            merge(world, &carrier, &scans).await?;
        }
    }
    Ok(())
}

async fn late<W: World>(world: &W, ears: &Ears) -> Result<(), StoreError> {
    let deaf = ears.deaf();
    loop {
        let found = world
            .main(async |db| transaction(db, async |db| track::late(db, world.moment(), &deaf).await).await)
            .await?;
        if !found.more {
            return Ok(());
        }
    }
}

/// The carrier's question.
fn tracked(parcel: &Silent) -> Tracked {
    question(&parcel.number, &parcel.by, &parcel.phone)
}

/// A parcel as carriers are asked about it: some want the end of the phone that it was sent from.
pub(crate) fn question(number: &str, by: &str, phone: &str) -> Tracked {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let phone_tail = digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().to_owned();
    Tracked { number: number.to_owned(), by: by.to_owned(), phone_tail }
}

/// A scan that was asked for. That a watch ended bears no time of its own: it is known from now.
fn heard(scan: &Scan, now: Millis, account: &str) -> NewScan {
    let mut new = new_scan(scan, account);
    if new.at == 0 {
        new.at = now.0;
    }
    new
}
