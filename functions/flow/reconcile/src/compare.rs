//! One shop's comparison: windows by time of change, page by page, against the orders that are here.
//!
//! Every ten minutes (less often where the platform's limit is small) the last hours, every three hours the last two
//! days, every night as far back as the platform lists or a month: what is missed is mostly fresh, and the same two days
//! every ten minutes would cost a busy shop more calls than its orders. What is missing goes into the inbox as a hint or,
//! where the list carries it, whole.

use huidan_channel::{Listed, Page};
use huidan_domain::Millis;
use huidan_store::inbox::{self, Arrival, Trace, Tray};
use huidan_store::reconcile::{self, Missing, Next, Reach, Run, There};
use huidan_store::{StoreError, shops, transaction};
use huidan_wire::call::{Answer, ChannelManifest, List, ListRules};
use huidan_world::adapter::inbox_keys;
use huidan_world::{Turn, World, known_channel, work};
use std::collections::HashMap;

/// How far back the frequent comparison looks, in milliseconds.
const NEAR_MS: i64 = 2 * 3_600_000;
/// How far back the far one looks, in milliseconds.
const FAR_MS: i64 = 2 * 86_400_000;
/// How often the far one, in milliseconds.
const FAR_EVERY_MS: i64 = 3 * 3_600_000;
/// How far back the nightly one looks at most, in milliseconds.
const WHOLE_MS: i64 = 30 * 86_400_000;
/// Where a list does not say when an order was changed, the frequent comparison goes by halves of an hour, and reads
/// again, once for each, what was changed in it: an order that is here from the same half hour may be older, and
/// nothing but the order itself tells.
const UNTIMED_MS: i64 = 1_800_000;
/// What was changed later than this before now is not compared: it may still be on its usual way.
const FRESH_MS: i64 = 120_000;
/// How often to compare where the platform's limit allows it, in milliseconds.
const EVERY_MS: i64 = 600_000;
/// Of the platform's limit for lists this part is for comparing.
const SHARE: i64 = 4;
/// When the nightly one begins: 19:00 UTC, three in the morning in China.
const NIGHT_MS: i64 = 19 * 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// Between two pages, in milliseconds: comparing is never in a hurry, and everything else goes first.
const PAUSE_MS: i64 = 50;
/// Limit of one page, in milliseconds.
const LIST_LIMIT_MS: u64 = 60_000;
/// The longest wait after failures, in milliseconds.
const LONGEST_MS: i64 = 900_000;

/// Runs a shop's comparison.
pub(crate) async fn lane<W: World>(world: &W, shop: &str) -> Result<(), StoreError> {
    let next = async || {
        let now = world.moment().now;
        world.main(async |db| reconcile::due(db, now, shop).await).await
    };
    let due = async || Ok(next().await?.is_some());
    work(world, &format!("reconcile/{shop}"), due, async || match next().await? {
        Some(run) => turn(world, run).await,
        None => Ok(Turn::Idle),
    })
    .await
}

/// The next night's beginning after `now`.
fn next_night(now: Millis) -> Millis {
    let today = now.0 - now.0.rem_euclid(DAY_MS) + NIGHT_MS;
    Millis(if today > now.0 { today } else { today + DAY_MS })
}

async fn turn<W: World>(world: &W, mut run: Run) -> Result<Turn, StoreError> {
    let manifest = match known_channel(world, &run.channel).await {
        Ok(manifest) => manifest,
        Err(missed) => return failed(world, &run, &missed.to_string(), None).await,
    };
    let now = world.moment().now;
    let Some(rules) = manifest.list else {
        // What cannot be listed cannot be compared; a newer channel may be able to.
        let next = Next { at: Millis(now.0 + DAY_MS), far: now, whole: next_night(now) };
        world.main(async |db| reconcile::done(db, now, &run, next).await).await?;
        return Ok(Turn::Worked);
    };
    if run.begun_at.is_none() {
        let back = match run.reach {
            Reach::Near => NEAR_MS,
            Reach::Far => FAR_MS,
            Reach::Whole => WHOLE_MS,
        }
        .min(rules.history_ms);
        (run.reached, run.ends) = (Millis((now.0 - back).max(run.since.0)), Millis(now.0 - rules.lag_ms.max(FRESH_MS)));
        if cell(&run, rules).is_some() {
            run.reached = Millis(whole_cells(run.reached).0.max(run.since.0));
        }
        (run.window_to, run.cursor) = (None, None);
        let (from, to) = (run.reached, run.ends);
        world.main(async |db| reconcile::begin(db, now, &run.shop, run.reach, from, to).await).await?;
    }
    if run.reached.0 >= run.ends.0 && run.cursor.is_none() {
        return over(world, &run, &manifest).await;
    }
    let longest = cell(&run, rules).map_or(run.reached.0 + rules.window_ms, |cell| whole_cells(run.reached).0 + cell);
    let to = run.window_to.unwrap_or(Millis(longest.min(run.ends.0)));
    let asked =
        List { shop: run.shop.clone(), from: run.reached.0, to: to.0, cursor: run.cursor.clone(), reconciles: true };
    let component = format!("channel-{}", run.channel);
    let answer: Result<Answer<Page>, _> = world.call(&component, "/call/list", &asked, LIST_LIMIT_MS).await;
    match answer {
        Ok(Answer::Done(page)) => {
            let again = cell(&run, rules).is_some() && to == whole_cells(to);
            compared(world, &run, to, page, again).await
        }
        Ok(Answer::Failed(failure)) => {
            let trouble = format!("{}: {}", failure.code, failure.detail);
            if failure.kind == "credentials" {
                world.main(async |db| shops::trouble(db, &run.shop, &trouble).await).await?;
            }
            failed(world, &run, &failure.detail, failure.after_s).await
        }
        Err(missed) => failed(world, &run, &missed.to_string(), None).await,
    }
}

async fn over<W: World>(world: &W, run: &Run, manifest: &ChannelManifest) -> Result<Turn, StoreError> {
    let now = world.moment().now;
    let of = |api: &str| manifest.limits.iter().find(|(name, ..)| name == api);
    let took_ms = of("list").or_else(|| of("*")).map_or(0, |(_, calls, per_s)| {
        i64::from(run.calls) * i64::from(*per_s) * 1000 * SHARE / i64::from((*calls).max(1))
    });
    let next = Next {
        at: Millis(now.0 + if run.reach == Reach::Near { EVERY_MS.max(took_ms) } else { EVERY_MS }),
        far: Millis(now.0 + if run.reach == Reach::Far { FAR_EVERY_MS.max(took_ms) } else { FAR_EVERY_MS }),
        whole: next_night(now),
    };
    world.main(async |db| reconcile::done(db, now, run, next).await).await?;
    Ok(Turn::Worked)
}

/// How long the windows of a run are in which everything is read again once; `None` where times tell what is older.
fn cell(run: &Run, rules: ListRules) -> Option<i64> {
    (rules.untimed && run.reach == Reach::Near).then_some(UNTIMED_MS)
}

/// The last boundary of a half hour.
fn whole_cells(at: Millis) -> Millis {
    Millis(at.0 - at.0.rem_euclid(UNTIMED_MS))
}

async fn compared<W: World>(world: &W, run: &Run, to: Millis, page: Page, again: bool) -> Result<Turn, StoreError> {
    let there: Vec<There<'_>> = page
        .orders
        .iter()
        .map(|listed| There { ext_id: &listed.ext_id, version_at: version_at(listed, run) })
        .collect();
    let absent = world
        .main(async |db| {
            let mut absent = reconcile::absent(db, &run.shop, &there).await?;
            if again {
                absent.extend(reconcile::unread(db, &run.shop, &there, to).await?.into_iter().map(|at| (at, true)));
            }
            Ok(absent)
        })
        .await?;
    let absent: Vec<(&Listed, bool)> =
        absent.into_iter().filter_map(|(at, older)| Some((page.orders.get(at)?, older))).collect();
    let now = world.moment().now;
    if !absent.is_empty() {
        let taken = taken(world, run, &absent).await?;
        if again {
            world.main(async |db| reconcile::read_again(db, now, &run.shop, &taken).await).await?;
        }
    }
    let next = Millis(now.0 + PAUSE_MS);
    world.main(async |db| reconcile::page_done(db, &run.shop, to, page.next.as_deref(), next).await).await?;
    Ok(Turn::Worked)
}

/// When an order was changed last at the channel; where its list does not say, no earlier than the window begins.
fn version_at(listed: &Listed, run: &Run) -> Millis {
    listed.updated_at.map_or(run.reached, Millis)
}

/// Writes down what is missing, with its cause, and puts it into the inbox. What lies there already and waits is on its
/// way: it is neither missing nor asked for twice. Answers what it put there.
async fn taken<'a, W: World>(world: &W, run: &Run, absent: &[(&'a Listed, bool)]) -> Result<Vec<&'a str>, StoreError> {
    let tray = Tray { kind: "order", source: &run.channel };
    let ids: Vec<&str> = absent.iter().map(|(listed, _)| listed.ext_id.as_str()).collect();
    let traces = world.edge(async |db| inbox::traces(db, tray, &run.shop, &ids).await).await?;
    let watermark = world.main(async |db| shops::watermark(db, &run.shop).await).await?;
    let gone: Vec<&(&Listed, bool)> =
        absent.iter().filter(|(listed, _)| traces.get(&listed.ext_id) != Some(&Trace::Waits)).collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    // A list that names no time may list an order for something beside it, such as an after-sale: it is fetched again, and
    // not called missing.
    let missing: Vec<Missing> = gone
        .iter()
        .filter(|(listed, older)| listed.updated_at.is_some() || !older)
        .map(|(listed, older)| Missing {
            ext_id: listed.ext_id.clone(),
            version_at: listed.updated_at.unwrap_or(0),
            cause: cause(listed, *older, watermark, &traces),
        })
        .collect();
    let keys = inbox_keys(world).await?;
    let now = world.moment().now;
    let arrivals: Vec<Arrival> = gone.iter().map(|(listed, _)| arrival(listed, now)).collect();
    // First the way to heal it, then the note of it: a note without a way would stand for ever.
    world.edge(async |db| inbox::take(db, world.moment(), &keys, tray, &run.shop, &arrivals).await).await?;
    world
        .main(async |db| {
            transaction(db, async |db| reconcile::found(db, world.moment(), &run.shop, &missing).await).await
        })
        .await?;
    world.wake("flow-intake", &run.channel);
    Ok(gone.iter().map(|(listed, _)| listed.ext_id.as_str()).collect())
}

/// How an order came to be missed, as far as can be told from here.
fn cause(listed: &Listed, older: bool, watermark: Option<Millis>, traces: &HashMap<String, Trace>) -> &'static str {
    let behind = watermark.zip(listed.updated_at).is_some_and(|(watermark, at)| watermark.0 < at);
    match traces.get(&listed.ext_id) {
        // The pull has not come so far yet: it is late, and would have found it.
        _ if behind => "pull_behind",
        _ if older => "update_missed",
        Some(_) => "lost_after_arrival",
        None => "never_arrived",
    }
}

/// A new event id at every comparison: what came before under this version did not do.
fn arrival(listed: &Listed, now: Millis) -> Arrival {
    let (topic, complete, body) = match &listed.document {
        Some(document) => (document.topic.clone(), true, document.body.clone().into_bytes()),
        None => ("listed".to_owned(), false, Vec::new()),
    };
    let event_id = format!("reconcile/{}/{}/{}", listed.ext_id, listed.updated_at.unwrap_or(0), now.0);
    Arrival { event_id, topic, ext_id: listed.ext_id.clone(), complete, body }
}

async fn failed<W: World>(world: &W, run: &Run, reason: &str, after_s: Option<u32>) -> Result<Turn, StoreError> {
    let wait = after_s.map_or_else(|| (5_000_i64 << run.failures.min(10)).min(LONGEST_MS), |s| i64::from(s) * 1000);
    let next_at = Millis(world.moment().now.0 + wait);
    world.main(async |db| reconcile::failed(db, &run.shop, next_at, reason).await).await?;
    Ok(Turn::Worked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_an_hour_begin_where_they_begin_whoever_asks() {
        for ms in [0, 1, UNTIMED_MS - 1] {
            assert_eq!(whole_cells(Millis(20_000 * DAY_MS + UNTIMED_MS + ms)), Millis(20_000 * DAY_MS + UNTIMED_MS));
        }
    }

    #[test]
    fn the_night_begins_at_three_in_china() {
        let at = |hours: i64| Millis(20_000 * DAY_MS + hours * 3_600_000);
        assert_eq!(next_night(at(18)), at(19));
        assert_eq!(next_night(at(19)), at(19 + 24));
    }
}
