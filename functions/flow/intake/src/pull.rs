//! Listing what channels cannot push, or whose push was lost: windows by modified time, page by page into the inbox.
//! The watermark moves only when a whole window is durably there.

use huidan_channel::Page;
use huidan_domain::Millis;
use huidan_store::StoreError;
use huidan_store::inbox::{self, Arrival, Tray};
use huidan_store::shops::{self, Pull};
use huidan_wire::call::{Answer, Failure, List, ListRules};
use huidan_world::adapter::inbox_keys;
use huidan_world::{Turn, World, known_channel, work};

/// Limit of one page, in milliseconds.
const LIST_LIMIT_MS: u64 = 60_000;
/// The longest wait after failures, in milliseconds.
const LONGEST_MS: i64 = 300_000;

/// Runs a shop's pull lane.
pub(crate) async fn lane<W: World>(world: &W, shop: &str) -> Result<(), StoreError> {
    let next = async || {
        let now = world.moment().now;
        let due = world.main(async |db| shops::due_pulls(db, now, Some(shop)).await).await?;
        Ok::<_, StoreError>(due.into_iter().next())
    };
    let due = async || Ok(next().await?.is_some());
    work(world, &format!("intake/pull/{shop}"), due, async || match next().await? {
        Some(pull) => turn(world, &pull).await,
        None => Ok(Turn::Idle),
    })
    .await
}

async fn turn<W: World>(world: &W, pull: &Pull) -> Result<Turn, StoreError> {
    let component = format!("channel-{}", pull.channel);
    let rules = match known_channel(world, &pull.channel).await {
        Ok(manifest) => manifest.list,
        Err(missed) => return failed(world, pull, missed.to_string(), None).await,
    };
    let now = world.moment().now;
    let Some(rules) = rules else {
        // A channel that cannot be listed is looked at again in a day, in case a newer one can.
        world.main(async |db| shops::window_stored(db, &pull.shop, now, now.plus_seconds(86_400)).await).await?;
        return Ok(Turn::Worked);
    };
    let window = window(pull, &rules, now);
    let asked = List {
        shop: pull.shop.clone(),
        from: window.0.0,
        to: window.1.0,
        cursor: pull.cursor.clone(),
        reconciles: false,
    };
    let answer: Result<Answer<Page>, _> = world.call(&component, "/call/list", &asked, LIST_LIMIT_MS).await;
    match answer {
        Ok(Answer::Done(page)) => stored(world, pull, &rules, window.1, page).await,
        Ok(Answer::Failed(failure)) => refused(world, pull, failure).await,
        Err(missed) => failed(world, pull, missed.to_string(), None).await,
    }
}

/// From the watermark less the overlap, at most as long as the platform lets, never nearer to now than its lag.
fn window(pull: &Pull, rules: &ListRules, now: Millis) -> (Millis, Millis) {
    let oldest = now.0 - rules.history_ms;
    let from = (pull.watermark.0 - rules.overlap_ms).max(oldest);
    let to = pull.window_to.map_or_else(|| (from + rules.window_ms).min(now.0 - rules.lag_ms), |to| to.0);
    (Millis(from), Millis(to.max(from)))
}

async fn stored<W: World>(
    world: &W,
    pull: &Pull,
    rules: &ListRules,
    to: Millis,
    page: Page,
) -> Result<Turn, StoreError> {
    let arrivals: Vec<Arrival> = page.orders.into_iter().map(|listed| arrival(listed, to)).collect();
    if !arrivals.is_empty() {
        let keys = inbox_keys(world).await?;
        let tray = Tray { kind: "order", source: &pull.channel };
        let new =
            world.edge(async |db| inbox::take(db, world.moment(), &keys, tray, &pull.shop, &arrivals).await).await?;
        if new > 0 {
            world.wake("flow-intake", &pull.channel);
        }
    }
    let now = world.moment().now;
    world
        .main(async |db| {
            shops::trouble(db, &pull.shop, "").await?;
            match &page.next {
                Some(cursor) => shops::page_stored(db, &pull.shop, to, cursor).await,
                None => {
                    // Behind: go on at once. Caught up: when the channel wants to be asked again.
                    let behind = to.0 + rules.window_ms.min(rules.every_ms) < now.0 - rules.lag_ms;
                    let next_at = if behind { now } else { Millis(now.0 + rules.every_ms) };
                    shops::window_stored(db, &pull.shop, to, next_at).await
                }
            }
        })
        .await?;
    Ok(Turn::Worked)
}

/// The same version of an order listed twice is one arrival; a version we cannot tell is told by its content, and without
/// any by the window it was changed in.
fn arrival(listed: huidan_channel::Listed, window_to: Millis) -> Arrival {
    let version = match (listed.updated_at, &listed.document) {
        (Some(at), _) => at.to_string(),
        (None, Some(document)) => crate::arrivals::hash(document),
        (None, None) => format!("until-{}", window_to.0),
    };
    let (topic, complete, body) = match listed.document {
        Some(document) => (document.topic, true, document.body.into_bytes()),
        None => ("listed".to_owned(), false, Vec::new()),
    };
    Arrival { event_id: format!("list/{}/{version}", listed.ext_id), topic, ext_id: listed.ext_id, complete, body }
}

async fn refused<W: World>(world: &W, pull: &Pull, failure: Failure) -> Result<Turn, StoreError> {
    if failure.kind == "credentials" {
        let trouble = format!("{}: {}", failure.code, failure.detail);
        world.main(async |db| shops::trouble(db, &pull.shop, &trouble).await).await?;
    }
    failed(world, pull, failure.detail, failure.after_s).await
}

async fn failed<W: World>(world: &W, pull: &Pull, reason: String, after_s: Option<u32>) -> Result<Turn, StoreError> {
    let wait = after_s.map_or_else(|| (2_000_i64 << pull.failures.min(10)).min(LONGEST_MS), |s| i64::from(s) * 1000);
    let next_at = Millis(world.moment().now.0 + wait);
    world.main(async |db| shops::pull_failed(db, &pull.shop, next_at, &reason).await).await?;
    Ok(Turn::Worked)
}
