//! Who is told: each piece of news becomes a message for each way that wants it.

use crate::{DAY_MS, SORT, buyer};
use huidan_notice::topic;
use huidan_store::notices::{self, Message, Unsorted, Way};
use huidan_store::{StoreError, transaction};
use huidan_wire::api::NoticeRules;
use huidan_world::{Turn, World, work};
use std::collections::BTreeSet;

/// Most news in one turn: a storm is seen as one.
const BATCH: u32 = 500;

/// Runs the lane until nothing is unsorted.
pub(crate) async fn lane<W: World>(world: &W) -> Result<(), StoreError> {
    let due = async || world.main(async |db| notices::any_unsorted(db).await).await;
    work(world, &format!("notify/{SORT}"), due, async || turn(world).await).await
}

async fn turn<W: World>(world: &W) -> Result<Turn, StoreError> {
    let (news, ways, rules) = world
        .main(async |db| {
            Ok((notices::unsorted(db, BATCH).await?, notices::active(db).await?, notices::rules(db).await?))
        })
        .await?;
    if news.is_empty() {
        return Ok(Turn::Idle);
    }
    let mut messages = Vec::new();
    for one in &news {
        messages.extend(for_ways(world, &rules, &ways, one));
    }
    let told = buyer::messages(world, &rules, &ways, &news).await?;
    messages.extend(told.iter().map(|told| told.message(world)));
    let sorted: Vec<i64> = news.iter().map(|one| one.seq).collect();
    world
        .main(async |db| transaction(db, async |db| notices::sort(db, world.moment(), &sorted, &messages).await).await)
        .await?;
    // The team's messages wait a moment for others of their kind; the schedule comes by then.
    let now = world.moment().now.0;
    let waiting = messages.iter().filter(|message| message.state == "waiting" && message.next_at <= now);
    for way in waiting.map(|message| message.way).collect::<BTreeSet<_>>() {
        world.wake("flow-notify", &format!("way/{way}"));
    }
    Ok(Turn::Worked)
}

fn for_ways<'a, W: World>(world: &W, rules: &NoticeRules, ways: &'a [Way], news: &'a Unsorted) -> Vec<Message<'a>> {
    let wants = |way: &&Way| {
        let shop = news.shop.is_empty() || way.shops.is_empty() || way.shops.contains(&news.shop);
        way.audience != "buyer" && shop && topic::wanted(&way.takes, &news.topic)
    };
    ways.iter()
        .filter(wants)
        .map(|way| {
            let gather = if way.audience == "team" { i64::from(rules.gather_s) } else { 0 };
            message(world, way, news, world.moment().now.plus_seconds(gather).0)
        })
        .collect()
}

/// A message of some news by a way, from then on.
pub(crate) fn message<'a, W: World>(world: &W, way: &'a Way, news: &'a Unsorted, next_at: i64) -> Message<'a> {
    Message {
        id: world.moment().id(),
        way: &way.id,
        key: &news.key,
        topic: &news.topic,
        entity: &news.entity,
        about: &news.id,
        shop: &news.shop,
        facts: &news.facts,
        happened_at: news.at.0,
        state: "waiting",
        next_at,
        give_up_at: next_at + DAY_MS,
        reason: "",
    }
}
