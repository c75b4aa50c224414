//! A shop went live: each of its open orders is asked for at its channel before anything is done about it, since the
//! seller shipped by hand until a moment ago.

use crate::apply::{self, Found};
use huidan_channel::Document;
use huidan_domain::Millis;
use huidan_store::mode::{self, ToReadBack};
use huidan_store::{StoreError, shops, transaction};
use huidan_wire::call::{Answer, Fetch};
use huidan_world::{Turn, World, known_channel, work};

/// How many at a time; each is a call to the platform.
const BATCH: u32 = 20;
/// Limit of one order, in milliseconds.
const FETCH_LIMIT_MS: u64 = 30_000;
/// When an order is asked for again whose channel gave no word, in milliseconds.
const AGAIN_MS: i64 = 30_000;

/// Runs the lane of a shop that went live.
pub(crate) async fn lane<W: World>(world: &W, shop: &str) -> Result<(), StoreError> {
    let next = async || {
        let now = world.moment().now;
        world.main(async |db| mode::to_read_back(db, now, shop, BATCH).await).await
    };
    let due = async || Ok(!next().await?.is_empty());
    work(world, &format!("intake/live/{shop}"), due, async || turn(world, shop, next().await?).await).await
}

/// What a channel said of an order.
enum Word {
    /// It is stored.
    Stored,
    /// There is no such order.
    Gone,
    /// Nothing that counts: why, and after how many milliseconds to ask again.
    None(String, i64),
    /// Nothing, and no other order of the shop will fare better now.
    Away(String, i64),
}

async fn turn<W: World>(world: &W, shop: &str, orders: Vec<ToReadBack>) -> Result<Turn, StoreError> {
    if orders.is_empty() {
        return Ok(Turn::Idle);
    }
    for (at, order) in orders.iter().enumerate() {
        let asked_at = world.moment().now;
        let settle = async |gone: bool| {
            world
                .main(async |db| {
                    transaction(db, async |db| match gone {
                        false => mode::read_back(db, world.moment(), asked_at, &order.order).await,
                        true => mode::gone(db, world.moment(), asked_at, &order.order).await,
                    })
                    .await
                })
                .await
        };
        let wait = async |orders: &[ToReadBack], why: String, ms: i64| {
            let ids: Vec<&str> = orders.iter().map(|order| order.order.as_str()).collect();
            let again_at = Millis(asked_at.0 + ms);
            world.main(async |db| mode::later(db, &ids, asked_at, again_at, &why).await).await
        };
        match word(world, shop, order).await? {
            Word::Stored => settle(false).await?,
            Word::Gone => settle(true).await?,
            Word::None(why, ms) => wait(std::slice::from_ref(order), why, ms).await?,
            Word::Away(why, ms) => {
                wait(orders.get(at..).unwrap_or_default(), why, ms).await?;
                break;
            }
        }
    }
    world.wake("flow-plan", "plan");
    world.wake("flow-deliver", shop);
    Ok(Turn::Worked)
}

/// Asks a channel for an order and stores its answer.
async fn word<W: World>(world: &W, shop: &str, order: &ToReadBack) -> Result<Word, StoreError> {
    match known_channel(world, &order.channel).await {
        // A shop without an address has nobody to ask: what was imported is all there is to know.
        Ok(channel) if channel.host_optional && order.base_url.is_none() => return Ok(Word::Stored),
        Ok(_) => {}
        Err(missed) => return Ok(Word::Away(missed.to_string(), AGAIN_MS)),
    }
    let asked = Fetch { shop: shop.to_owned(), ext_ids: vec![order.ext_id.clone()] };
    let component = format!("channel-{}", order.channel);
    let answer: Result<Answer<Vec<Option<Document>>>, _> =
        world.call(&component, "/call/fetch", &asked, FETCH_LIMIT_MS).await;
    match answer {
        Ok(Answer::Done(mut documents)) => match documents.pop().flatten() {
            Some(document) => stored(world, shop, &order.channel, document).await,
            None => Ok(Word::Gone),
        },
        Ok(Answer::Failed(failure)) => {
            let ms = failure.after_s.map_or(AGAIN_MS, |s| i64::from(s) * 1000);
            if failure.kind == "rejected" {
                return Ok(Word::None(failure.detail, 10 * AGAIN_MS));
            }
            if failure.kind == "credentials" {
                let trouble = format!("{}: {}", failure.code, failure.detail);
                world.main(async |db| shops::trouble(db, shop, &trouble).await).await?;
            }
            Ok(Word::Away(failure.detail, ms))
        }
        Err(missed) => Ok(Word::Away(missed.to_string(), AGAIN_MS)),
    }
}

async fn stored<W: World>(world: &W, shop: &str, channel: &str, document: Document) -> Result<Word, StoreError> {
    // Applied even if it is the very document that is here: then it is the channel's word that nothing changed.
    let found = vec![Found { inbox: 0, shop: shop.to_owned(), document, again: true }];
    let applied = apply::documents(world, channel, found, true).await?;
    if let Some(why) = applied.unreadable.into_values().next() {
        return Ok(Word::None(why, 10 * AGAIN_MS));
    }
    Ok(applied.failed.first().map_or(Word::Stored, |(_, missed)| Word::None(missed.to_string(), AGAIN_MS)))
}
