//! Looking again whether channels still show what they were told, and what is to be done each minute.

use crate::shown::{self, Asked};
use huidan_domain::Millis;
use huidan_store::outbox::{self, LiveShop, Looked, ToLook};
use huidan_store::{StoreError, transaction};
use huidan_world::{Turn, World, known_channel};
use std::collections::BTreeSet;

/// Most orders that are looked at in one turn.
const BATCH: u32 = 20;

/// Looks at what is due of a shop.
pub(crate) async fn turn<W: World>(world: &W, shop: &str, channel: &str) -> Result<Turn, StoreError> {
    let now = world.moment().now;
    let rows = world.main(async |db| outbox::to_look(db, now, shop, BATCH).await).await?;
    if rows.is_empty() {
        return Ok(Turn::Idle);
    }
    let one_per_line = match known_channel(world, channel).await {
        Ok(manifest) => manifest.telling.as_ref().is_some_and(|rules| rules.shows_one_per_line),
        // They are put off already.
        Err(_) => return Ok(Turn::Worked),
    };
    let seen = asked(world, shop, channel, &rows, one_per_line).await;
    let seen: Vec<(&ToLook, Looked)> = rows.iter().zip(seen).collect();
    world.main(async |db| transaction(db, async |db| outbox::looked(db, world.moment(), &seen).await).await).await?;
    Ok(Turn::Worked)
}

async fn asked<W: World>(world: &W, shop: &str, channel: &str, rows: &[ToLook], one_per_line: bool) -> Vec<Looked> {
    let ids: BTreeSet<String> = rows.iter().map(|row| row.ext_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut answers = shown::orders(world, "/call/look", shop, channel, &ids).await;
    let refused = |asked: &Asked| matches!(asked, Asked::Failed(failure) if failure.kind == "rejected");
    if ids.len() > 1 && answers.first().is_some_and(refused) {
        answers.clear();
        for id in &ids {
            answers.extend(shown::orders(world, "/call/look", shop, channel, std::slice::from_ref(id)).await);
        }
    }
    rows.iter()
        .map(|row| {
            let at = ids.iter().position(|id| *id == row.ext_id);
            match at.and_then(|at| answers.get(at)) {
                Some(Asked::Shows(order)) => shown::compared(order, &row.number, &row.ours, one_per_line),
                Some(Asked::Gone) => Looked::NotShown,
                // Who cannot be asked has said all it will.
                Some(Asked::Failed(failure)) if failure.kind == "rejected" => Looked::Shown,
                Some(Asked::Failed(_) | Asked::Missed(_)) | None => Looked::Nothing,
            }
        })
        .collect()
}

/// What is to be done each minute, whatever the shop.
pub(crate) async fn watch<W: World>(world: &W) -> Result<(), StoreError> {
    let now = world.moment().now;
    for shop in world.main(async |db| outbox::live_shops(db).await).await? {
        look_after(world, &shop).await?;
    }
    let ended = world.main(async |db| transaction(db, async |db| outbox::reopen(db, now).await).await).await?;
    ended.iter().collect::<BTreeSet<_>>().into_iter().for_each(|shop| world.wake("flow-deliver", shop));
    world.main(async |db| transaction(db, async |db| outbox::news_of_late(db, world.moment()).await).await).await
}

async fn look_after<W: World>(world: &W, shop: &LiveShop) -> Result<(), StoreError> {
    // A channel that is away is looked after when it is back.
    let Ok(manifest) = known_channel(world, &shop.channel).await else { return Ok(()) };
    let Some(rules) = &manifest.telling else { return Ok(()) };
    let ago = |s: i64| Millis(world.moment().now.0.saturating_sub(s.saturating_mul(1000)));
    if let Some(limit) = shop.picked_up_s.or(rules.picked_up_s) {
        let before = ago(limit);
        world
            .main(async |db| {
                transaction(db, async |db| outbox::flag_unpicked(db, world.moment(), &shop.id, before).await).await
            })
            .await?;
    }
    if !shop.at_print {
        return Ok(());
    }
    let before = ago(shop.after_print_s.unwrap_or(0).max(rules.after_print_s));
    let wanted = world
        .main(async |db| {
            transaction(db, async |db| outbox::want_at_print(db, world.moment(), &shop.id, before).await).await
        })
        .await?;
    if wanted {
        world.wake("flow-deliver", &shop.id);
    }
    Ok(())
}
