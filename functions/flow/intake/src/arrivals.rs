//! The inbox: leased in batches, turned into documents, applied.

use crate::apply::{self, Applied, Found};
use huidan_channel::Document;
use huidan_domain::Millis;
use huidan_exchange::sign;
use huidan_store::inbox::{self, Arrival, Leased, Tray};
use huidan_store::quarantine::{self, Refused};
use huidan_store::{StoreError, shops};
use huidan_wire::call::{Answer, Fetch};
use huidan_world::adapter::inbox_keys;
use huidan_world::{Begun, Missed, World, company, work_beside};
use std::collections::{BTreeMap, HashMap};

/// Most arrivals in a batch.
const BATCH: u32 = 200;
/// Most hints whose orders are fetched in one turn; each is a call to the platform.
const FETCHES: usize = 20;
/// How long a batch may take before somebody else may have it, in milliseconds.
const LEASE_MS: i64 = 120_000;
/// Limit of a fetch of up to [`FETCHES`] orders, in milliseconds.
const FETCH_LIMIT_MS: u64 = 60_000;
/// How long what hung rests before it is tried on its own, in milliseconds. It may still be at work, and two that hang at
/// a time take both cores of a small machine.
const AFTER_HANG_MS: i64 = 1_500;
/// How often a document is tried on its own before it is put into quarantine.
const TRIES: u32 = 3;

/// Runs a channel's lane.
pub(crate) async fn lane<W: World>(world: &W, channel: &str, careful: bool) -> Result<(), StoreError> {
    let tray = Tray { kind: "order", source: channel };
    let lane = if careful { format!("intake/{channel}/careful") } else { format!("intake/{channel}") };
    let due = async || {
        let now = world.moment().now;
        world.edge(async |db| inbox::any_due(db, now, tray, careful).await).await
    };
    work_beside(world, &lane, due, async || turn(world, tray, careful).await).await
}

async fn turn<'a, W: World>(world: &'a W, tray: Tray<'a>, careful: bool) -> Result<Begun<'a>, StoreError> {
    let keys = inbox_keys(world).await?;
    let limit = if careful { 1 } else { BATCH };
    let (lease, leased) =
        world.edge(async |db| inbox::lease(db, world.moment(), &keys, tray, careful, LEASE_MS, limit).await).await?;
    if leased.is_empty() {
        return Ok(Begun::Idle);
    }
    let batch = Batch { world, tray, careful, lease, leased };
    let (found, waits) = batch.documents().await?;
    for wait in waits {
        batch.later(wait).await?;
    }
    if found.is_empty() {
        return Ok(Begun::Worked);
    }
    // What is fetched is fetched in turn, as its platform would have it. What follows asks only our own functions: should
    // one of them hang, it has this batch, and the lane goes on.
    let rest = async move { batch.apply(found).await };
    if careful {
        rest.await?;
        return Ok(Begun::Worked);
    }
    Ok(Begun::Going(Box::pin(rest)))
}

struct Batch<'a, W> {
    world: &'a W,
    tray: Tray<'a>,
    careful: bool,
    lease: String,
    leased: Vec<Leased>,
}

/// Whether an arrival was listed, by pulling or comparing, and not pushed.
fn from_a_list(event_id: &str) -> bool {
    event_id.starts_with("list/") || event_id.starts_with("reconcile/")
}

/// Why rows go back to the inbox.
struct Later {
    ids: Vec<i64>,
    reason: String,
    /// Whether it is on the rows' account, or they only wait for somebody else.
    blame: bool,
    after_ms: i64,
}

impl<W: World> Batch<'_, W> {
    async fn apply(&self, found: Vec<Found>) -> Result<(), StoreError> {
        let ids: Vec<i64> = found.iter().map(|found| found.inbox).collect();
        let Applied { unreadable, failed, contested } =
            apply::documents(self.world, self.tray.source, found, self.careful).await?;
        self.settle(&contested).await?;
        for (id, reason) in &unreadable {
            self.quarantine(*id, reason).await?;
        }
        let missed: HashMap<i64, Missed> = failed.into_iter().collect();
        let done = ids.into_iter().filter(|id| !unreadable.contains_key(id) && !missed.contains_key(id));
        let done: Vec<i64> = done.collect();
        self.world.edge(async |db| inbox::done(db, &self.lease, &done).await).await?;
        if !done.is_empty() {
            self.world.wake("flow-plan", "plan");
        }
        self.failed(missed).await
    }

    /// Two changes in one instant of the channel's clock may be told in any order: of a pushed document that came over
    /// another of the same instant the channel itself is asked which holds. What was listed or fetched is its word
    /// already; a shop that cannot be asked has only the order of arrival.
    async fn settle(&self, contested: &[i64]) -> Result<(), StoreError> {
        let pushed = |leased: &&Leased| leased.arrival.complete && !from_a_list(&leased.arrival.event_id);
        for leased in self.leased.iter().filter(|leased| contested.contains(&leased.id)).filter(pushed) {
            let (world, shop) = (self.world, &leased.account);
            if world.main(async |db| shops::watermark(db, shop).await).await?.is_none() {
                continue;
            }
            let hint = [Arrival {
                event_id: format!("settle/{}", leased.arrival.event_id),
                topic: "contested".to_owned(),
                ext_id: leased.arrival.ext_id.clone(),
                complete: false,
                body: Vec::new(),
            }];
            let keys = inbox_keys(world).await?;
            world.edge(async |db| inbox::take(db, world.moment(), &keys, self.tray, shop, &hint).await).await?;
            world.wake("flow-intake", self.tray.source);
        }
        Ok(())
    }

    /// Rows on which our own functions failed go to the careful lane, which takes them one at a time. A row that fails
    /// there as well is quarantined after some tries.
    async fn failed(&self, missed: HashMap<i64, Missed>) -> Result<(), StoreError> {
        for (id, missed) in missed {
            let tried = self.leased.iter().find(|leased| leased.id == id).map_or(0, |leased| leased.attempts);
            let reason = missed.to_string();
            if self.careful && tried >= TRIES {
                self.quarantine(id, &reason).await?;
                continue;
            }
            let after_ms = match self.careful {
                true => 5_000 << tried.min(5),
                false if company::hung(&missed) => AFTER_HANG_MS,
                false => 0,
            };
            self.later(Later { ids: vec![id], reason, blame: true, after_ms }).await?;
            if after_ms == 0 {
                self.world.wake("flow-intake", &format!("{}/careful", self.tray.source));
            }
        }
        Ok(())
    }

    async fn later(&self, wait: Later) -> Result<(), StoreError> {
        let at = Millis(self.world.moment().now.0 + wait.after_ms);
        self.world.edge(async |db| inbox::later(db, &self.lease, &wait.ids, at, &wait.reason, wait.blame).await).await
    }

    async fn quarantine(&self, id: i64, reason: &str) -> Result<(), StoreError> {
        let Some(leased) = self.leased.iter().find(|leased| leased.id == id) else { return Ok(()) };
        let keys = crate::receiver_keys(self.world).await?;
        let refused = Refused {
            kind: self.tray.kind,
            source: self.tray.source,
            account: &leased.account,
            event_id: &leased.arrival.event_id,
            topic: &leased.arrival.topic,
            ext_id: &leased.arrival.ext_id,
            body: &leased.arrival.body,
            reason,
        };
        self.world.main(async |db| quarantine::put(db, self.world.moment(), &keys, &refused).await).await?;
        self.world.edge(async |db| inbox::quarantined(db, &self.lease, &[id], reason).await).await
    }

    /// What arrived as a whole is taken as it is; what is a hint is fetched, each order once.
    async fn documents(&self) -> Result<(Vec<Found>, Vec<Later>), StoreError> {
        let (mut found, mut waits) = (Vec::new(), Vec::new());
        let mut hints: BTreeMap<&str, BTreeMap<&str, Vec<i64>>> = BTreeMap::new();
        for leased in &self.leased {
            if leased.arrival.complete {
                match String::from_utf8(leased.arrival.body.clone()) {
                    Ok(body) => {
                        let document = Document { topic: leased.arrival.topic.clone(), body };
                        found.push(Found { inbox: leased.id, shop: leased.account.clone(), document, again: false });
                    }
                    Err(_) => self.quarantine(leased.id, "不是 UTF-8 文本 / is no UTF-8 text").await?,
                }
            } else {
                let shop = hints.entry(&leased.account).or_default();
                shop.entry(&leased.arrival.ext_id).or_default().push(leased.id);
            }
        }
        for (shop, orders) in hints {
            self.fetched(shop, orders, &mut found, &mut waits).await?;
        }
        Ok((found, waits))
    }

    async fn fetched(
        &self,
        shop: &str,
        orders: BTreeMap<&str, Vec<i64>>,
        found: &mut Vec<Found>,
        waits: &mut Vec<Later>,
    ) -> Result<(), StoreError> {
        let mut orders: Vec<(&str, Vec<i64>)> = orders.into_iter().collect();
        let rest: Vec<i64> = orders.split_off(orders.len().min(FETCHES)).into_iter().flat_map(|(_, ids)| ids).collect();
        if !rest.is_empty() {
            waits.push(Later { ids: rest, reason: String::new(), blame: false, after_ms: 0 });
        }
        let asked =
            Fetch { shop: shop.to_owned(), ext_ids: orders.iter().map(|(ext_id, _)| (*ext_id).to_owned()).collect() };
        let all = |orders: Vec<(&str, Vec<i64>)>| orders.into_iter().flat_map(|(_, ids)| ids).collect::<Vec<_>>();
        let component = format!("channel-{}", self.tray.source);
        let answer: Result<Answer<Vec<Option<Document>>>, _> =
            self.world.call(&component, "/call/fetch", &asked, FETCH_LIMIT_MS).await;
        match answer {
            Ok(Answer::Done(documents)) => {
                self.world.main(async |db| shops::trouble(db, shop, "").await).await?;
                for ((_, ids), document) in orders.into_iter().zip(documents) {
                    self.one_fetched(shop, ids, document, found).await?;
                }
            }
            Ok(Answer::Failed(failure)) => {
                if failure.kind == "credentials" {
                    let trouble = format!("{}: {}", failure.code, failure.detail);
                    self.world.main(async |db| shops::trouble(db, shop, &trouble).await).await?;
                }
                let after_ms = failure.after_s.map_or(10_000, |s| i64::from(s) * 1000);
                waits.push(Later { ids: all(orders), reason: failure.detail, blame: false, after_ms });
            }
            Err(missed) => {
                waits.push(Later { ids: all(orders), reason: missed.to_string(), blame: false, after_ms: 10_000 });
            }
        }
        Ok(())
    }

    async fn one_fetched(
        &self,
        shop: &str,
        ids: Vec<i64>,
        document: Option<Document>,
        found: &mut Vec<Found>,
    ) -> Result<(), StoreError> {
        let mut ids = ids.into_iter();
        match (document, ids.next()) {
            (Some(document), Some(first)) => {
                found.push(Found { inbox: first, shop: shop.to_owned(), document: document.clone(), again: false });
                // Several hints about one order: the others are done with the first.
                found.extend(ids.map(|inbox| Found {
                    inbox,
                    shop: shop.to_owned(),
                    document: document.clone(),
                    again: false,
                }));
            }
            (None, Some(first)) => {
                let gone = "平台没有这个订单 / the platform has no such order";
                for id in std::iter::once(first).chain(ids) {
                    self.quarantine(id, gone).await?;
                }
            }
            (_, None) => {}
        }
        Ok(())
    }
}

/// Hash of a document: tells a repeat from a second change at the same instant.
pub(crate) fn hash(document: &Document) -> String {
    sign::hex(&sign::sha256(&[document.body.as_bytes()]))
}
