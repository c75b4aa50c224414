//! A carrier account's lane, and what is known of its carrier.

use crate::{balance, book, give_back, render, unsettled, update};
use huidan_domain::Millis;
use huidan_store::waybills::{self, Account};
use huidan_store::{StoreError, breaker};
use huidan_wire::call::{CarrierManifest, carrier_component};
use huidan_world::{Missed, Turn, World, work};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Limit of asking a carrier what it is, in milliseconds.
const ASK_LIMIT_MS: u64 = 2_000;
/// How long what waits for an account that is switched off or away waits at least, in milliseconds.
const AWAY_MS: i64 = 15_000;

thread_local! {
    // What a carrier is does not change while an instance lives.
    static MANIFESTS: RefCell<HashMap<String, Rc<CarrierManifest>>> = RefCell::default();
}

/// An account and its carrier.
pub(crate) struct Lane<'a, W> {
    /// What we may reach.
    pub(crate) world: &'a W,
    /// The account.
    pub(crate) account: Account,
    /// What its carrier is.
    pub(crate) manifest: Rc<CarrierManifest>,
}

/// Runs an account's lane until nothing is due.
pub(crate) async fn run<W: World>(world: &W, account: &str) -> Result<(), StoreError> {
    let look = async || {
        let now = world.moment().now;
        world.main(async |db| waybills::due(db, now, account).await).await
    };
    let due = async || Ok(look().await?.any());
    work(world, &format!("book/{account}"), due, async || {
        let due = look().await?;
        if !due.any() {
            return Ok(Turn::Idle);
        }
        let lane = match ready(world, account).await? {
            Ok(lane) => lane,
            Err(reason) => return away(world, account, &reason).await,
        };
        if due.unsettled {
            unsettled::turn(&lane, due.probing).await?;
        } else if due.void {
            give_back::turn(&lane).await?;
            world.main(async |db| waybills::rebook(db, world.moment(), account).await).await?;
        } else if due.update {
            update::turn(&lane, due.probing).await?;
        } else if due.book {
            book::turn(&lane, due.probing).await?;
        } else if due.render {
            render::turn(&lane).await?;
        } else {
            balance::turn(&lane).await?;
        }
        Ok(Turn::Worked)
    })
    .await
}

async fn ready<'a, W: World>(world: &'a W, id: &str) -> Result<Result<Lane<'a, W>, String>, StoreError> {
    let Some(account) = world.main(async |db| waybills::account(db, id).await).await? else {
        return Ok(Err(format!("承运商账号 {id} 已停用 / the carrier account {id} is switched off")));
    };
    let manifest = match manifest(world, &account.carrier).await {
        Ok(manifest) => manifest,
        Err(missed) => return Ok(Err(missed.to_string())),
    };
    if account.updates != manifest.updates {
        world.main(async |db| waybills::note_updates(db, &account.id, manifest.updates).await).await?;
    }
    Ok(Ok(Lane { world, account, manifest }))
}

pub(crate) async fn manifest<W: World>(world: &W, carrier: &str) -> Result<Rc<CarrierManifest>, Missed> {
    if let Some(known) = MANIFESTS.with_borrow(|known| known.get(carrier).cloned()) {
        return Ok(known);
    }
    let asked: CarrierManifest =
        world.call(&carrier_component(carrier), "/waybill/manifest", &(), ASK_LIMIT_MS).await?;
    let manifest = Rc::new(asked);
    MANIFESTS.with_borrow_mut(|known| known.insert(carrier.to_owned(), Rc::clone(&manifest)));
    Ok(manifest)
}

/// Nothing can be done for this account now: what waits for it says why. Its breaker opens at once, so that the lane
/// rests.
async fn away<W: World>(world: &W, account: &str, reason: &str) -> Result<Turn, StoreError> {
    let again_at = Millis(world.moment().now.0 + AWAY_MS);
    world
        .main(async |db| {
            for _ in 0..breaker::LIMIT {
                breaker::failed(db, world.moment(), &waybills::breaker_of(account), reason).await?;
            }
            waybills::wait(db, account, reason).await?;
            waybills::later(db, account, None).await?;
            huidan_store::labels::wait(db, account, again_at, reason).await
        })
        .await?;
    Ok(Turn::Idle)
}

impl<W: World> Lane<'_, W> {
    /// The carrier's component.
    pub(crate) fn component(&self) -> String {
        carrier_component(&self.account.carrier)
    }

    /// Counts a success or a failure of the carrier; what waits for it says why once the breaker opens.
    pub(crate) async fn count(&self, failure: Option<&str>) -> Result<(), StoreError> {
        let name = waybills::breaker_of(&self.account.id);
        let Some(reason) = failure else {
            return self.world.main(async |db| breaker::worked(db, &name).await).await;
        };
        self.world
            .main(async |db| {
                if breaker::failed(db, self.world.moment(), &name, reason).await?.is_some() {
                    waybills::wait(db, &self.account.id, reason).await?;
                }
                Ok(())
            })
            .await
    }
}
