//! What a person should know of a shop before it costs orders; and what was missing and is here by now.

use huidan_domain::Millis;
use huidan_store::reconcile::{self, Alarm, SILENT_HOURS, Watched};
use huidan_store::{StoreError, inbox, tokens, transaction};
use huidan_world::{Turn, World, work};
use std::cell::Cell;
use std::collections::HashMap;

/// A watermark this far behind is late, in milliseconds.
const LATE_MS: i64 = 900_000;
/// A new shop's past may be read for this long before its watermark counts as late, in milliseconds.
const FILLING_MS: i64 = 3_600_000;
/// A comparison this long ago is too long ago, in milliseconds.
const UNCOMPARED_MS: i64 = 3_600_000;
/// A token that ends within this time and is not being renewed needs a person, in milliseconds.
const ENDING_MS: i64 = 86_400_000;
/// A platform that pushed and was then silent for this long while orders came, in milliseconds.
const UNPUSHED_MS: i64 = 6 * 3_600_000;
/// Orders to expect in the silent hours, by the seven days before, from which on silence is no chance: with seven
/// expected, none at all comes once in a thousand times.
const EXPECTED: i64 = 7;

/// Runs the lane once.
pub(crate) async fn lane<W: World>(world: &W) -> Result<(), StoreError> {
    // One look per wake; the schedule says when it is time for the next.
    let looked = Cell::new(false);
    let due = async || Ok(!looked.get());
    work(world, "reconcile-alarms", due, async || {
        looked.set(true);
        look(world).await?;
        Ok(Turn::Idle)
    })
    .await
}

async fn look<W: World>(world: &W) -> Result<(), StoreError> {
    let now = world.moment().now;
    let watched = world.main(async |db| reconcile::watched(db, now).await).await?;
    let ending = world.edge(async |db| tokens::ending(db, now, Millis(now.0 + ENDING_MS)).await).await?;
    let pushes = world.edge(async |db| inbox::last_pushes(db).await).await?;
    let alarms = judge(now, &watched, &ending, &pushes);
    world
        .main(async |db| {
            transaction(db, async |db| {
                reconcile::heal(db, world.moment()).await?;
                reconcile::set_alarms(db, world.moment(), &alarms).await
            })
            .await
        })
        .await
}

/// A shop, when its platform last told it something by itself, and when something was last found by asking.
type Pushes = (String, Option<Millis>, Option<Millis>);

fn judge(now: Millis, watched: &[Watched], ending: &[(String, Millis)], pushes: &[Pushes]) -> Vec<Alarm> {
    let hours = |ms: i64| ms / 3_600_000;
    let pushes: HashMap<&str, &Pushes> = pushes.iter().map(|push| (push.0.as_str(), push)).collect();
    let mut alarms = Vec::new();
    for shop in watched {
        let mut raise =
            |kind: &'static str, detail: String| alarms.push(Alarm { shop: shop.shop.clone(), kind, detail });
        let behind = now.since(shop.watermark);
        let filling = shop.watermark < shop.created_at && now.since(shop.created_at) < FILLING_MS;
        if behind > LATE_MS && !filling {
            let minutes = behind / 60_000;
            raise("late_watermark", format!("拉单落后 {minutes} 分钟 / listing is {minutes} minutes behind"));
        }
        let since = shop.compared_at.unwrap_or(shop.created_at);
        if now.since(since) > UNCOMPARED_MS {
            let minutes = now.since(since) / 60_000;
            raise("not_compared", format!("{minutes} 分钟未对账 / not compared for {minutes} minutes"));
        }
        if shop.placed_now == 0 && shop.placed_before >= EXPECTED * 7 {
            let usual = shop.placed_before / 7;
            raise(
                "silent_shop",
                format!(
                    "{SILENT_HOURS} 小时没有新订单，平时约 {usual} 单 / no order for {SILENT_HOURS} hours, usually about {usual}"
                ),
            );
        }
        if let Some((_, Some(pushed), Some(asked))) = pushes.get(shop.shop.as_str())
            && asked.since(*pushed) > UNPUSHED_MS
        {
            let silent = hours(now.since(*pushed));
            raise(
                "lost_subscription",
                format!("{silent} 小时没有推送，订单靠拉取 / no push for {silent} hours; orders come by asking"),
            );
        }
    }
    for (shop, until) in ending.iter().filter(|(shop, _)| watched.iter().any(|known| known.shop == *shop)) {
        let left = hours(until.since(now)).max(0);
        alarms.push(Alarm {
            shop: shop.clone(),
            kind: "token_ending",
            detail: format!("授权 {left} 小时后到期，请重新授权 / the token ends in {left} hours: authorise again"),
        });
    }
    alarms
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const NOW: Millis = Millis(1_000 * HOUR);

    fn well() -> Watched {
        Watched {
            shop: "s1".into(),
            channel: "c".into(),
            watermark: Millis(NOW.0 - 60_000),
            compared_at: Some(Millis(NOW.0 - 600_000)),
            created_at: Millis(0),
            placed_now: 3,
            placed_before: 70,
        }
    }

    fn kinds(shop: Watched, ending: &[(String, Millis)], pushes: &[Pushes]) -> Vec<&'static str> {
        judge(NOW, &[shop], ending, pushes).into_iter().map(|alarm| alarm.kind).collect()
    }

    #[test]
    fn a_shop_that_is_well_raises_nothing() {
        let pushes = [("s1".to_owned(), Some(Millis(NOW.0 - HOUR)), Some(NOW))];
        assert!(kinds(well(), &[], &pushes).is_empty());
    }

    #[test]
    fn each_trouble_raises_its_own_alarm() {
        assert_eq!(kinds(Watched { watermark: Millis(NOW.0 - HOUR), ..well() }, &[], &[]), ["late_watermark"]);
        assert_eq!(kinds(Watched { compared_at: None, ..well() }, &[], &[]), ["not_compared"]);
        assert_eq!(kinds(Watched { placed_now: 0, ..well() }, &[], &[]), ["silent_shop"]);
        let ending = [("s1".to_owned(), Millis(NOW.0 + HOUR))];
        assert_eq!(kinds(well(), &ending, &[]), ["token_ending"]);
        let pushes = [("s1".to_owned(), Some(Millis(NOW.0 - 10 * HOUR)), Some(NOW))];
        assert_eq!(kinds(well(), &[], &pushes), ["lost_subscription"]);
    }

    #[test]
    fn a_new_shop_may_read_its_past_for_an_hour() {
        let new = |hours: i64| Watched {
            watermark: Millis(NOW.0 - 48 * HOUR),
            created_at: Millis(NOW.0 - hours * HOUR),
            ..well()
        };
        assert!(kinds(Watched { created_at: Millis(NOW.0 - HOUR / 2), ..new(0) }, &[], &[]).is_empty());
        assert_eq!(kinds(new(1), &[], &[]), ["late_watermark"]);
        let read = Watched { watermark: Millis(NOW.0 - HOUR / 3), created_at: Millis(NOW.0 - HOUR / 2), ..well() };
        assert_eq!(kinds(read, &[], &[]), ["late_watermark"], "its past is here, and it fell behind since");
    }

    #[test]
    fn a_small_shop_may_be_silent() {
        assert!(kinds(Watched { placed_now: 0, placed_before: 20, ..well() }, &[], &[]).is_empty());
    }
}
