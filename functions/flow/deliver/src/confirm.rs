//! One shipment told to its channel, or read back.

use crate::{again, failed};
use huidan_channel::{Confirmed, Document, Shipment, ShipmentLine};
use huidan_domain::{ChannelState, Millis};
use huidan_store::outbox::{self, Leased, Outcome, ShipmentFacts};
use huidan_store::{StoreError, shops};
use huidan_wire::call::{Answer, Fetch, For, Read, Read1};
use huidan_world::World;

/// Limit of telling one shipment, in milliseconds: a few requests of 15 s each.
const TELL_LIMIT_MS: u64 = 60_000;
/// Limit of reading a document, in milliseconds.
const READ_LIMIT_MS: u64 = 3_000;
/// When a told shipment is read back, in milliseconds after it was told.
const READ_BACK_MS: i64 = 30_000;
/// How often the channel is asked before it is told again.
const READ_BACKS: u32 = 5;

/// Tells or reads back, as the row wants.
pub(crate) async fn outcome<W: World>(
    world: &W,
    shop: &str,
    channel: &str,
    row: &Leased,
) -> Result<Outcome, StoreError> {
    let named = |name: &str| row.body.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let (order, package) = (named("order"), named("package"));
    let facts = world.main(async |db| outbox::shipment(db, &order, &package).await).await?;
    let Some(facts) = facts else {
        return Ok(Outcome::Rejected("包裹没有运单号 / the package has no waybill number".to_owned()));
    };
    match row.was.as_str() {
        "sent" => read_back(world, shop, channel, row, &facts).await,
        _ => tell(world, shop, channel, row, package, facts).await,
    }
}

async fn tell<W: World>(
    world: &W,
    shop: &str,
    channel: &str,
    row: &Leased,
    package: String,
    facts: ShipmentFacts,
) -> Result<Outcome, StoreError> {
    let shipment = Shipment {
        ext_id: facts.ext_id,
        parcel: package,
        carrier: facts.carrier,
        carrier_name: facts.carrier_name,
        carrier_code: None,
        waybill: facts.waybill,
        replaces: None,
        lines: facts
            .lines
            .into_iter()
            .map(|(ext_line_id, qty, all)| ShipmentLine { ext_line_id, qty, whole: qty >= all })
            .collect(),
        completes: facts.completes,
    };
    let asked = For { account: shop.to_owned(), subject: shipment };
    let answer: Result<Answer<Confirmed>, _> =
        world.call(&format!("channel-{channel}"), "/call/confirm", &asked, TELL_LIMIT_MS).await;
    match answer {
        Ok(Answer::Done(_)) => {
            world.main(async |db| shops::trouble(db, shop, "").await).await?;
            Ok(Outcome::Told(Millis(world.moment().now.0 + READ_BACK_MS)))
        }
        Ok(Answer::Failed(failure)) => failed(world, shop, row, &failure).await,
        Err(missed) => Ok(again(world, row, missed.to_string(), None)),
    }
}

async fn read_back<W: World>(
    world: &W,
    shop: &str,
    channel: &str,
    row: &Leased,
    facts: &ShipmentFacts,
) -> Result<Outcome, StoreError> {
    let component = format!("channel-{channel}");
    let asked = Fetch { shop: shop.to_owned(), ext_ids: vec![facts.ext_id.clone()] };
    let answer: Result<Answer<Vec<Option<Document>>>, _> =
        world.call(&component, "/call/fetch", &asked, TELL_LIMIT_MS).await;
    let document = match answer {
        Ok(Answer::Done(mut documents)) => documents.pop().flatten(),
        // A channel that cannot be asked has said all it will when it took the word.
        Ok(Answer::Failed(failure)) if failure.kind == "rejected" => return Ok(Outcome::Confirmed),
        Ok(Answer::Failed(failure)) => return failed(world, shop, row, &failure).await,
        Err(missed) => return Ok(again(world, row, missed.to_string(), None)),
    };
    let Some(document) = document else {
        return Ok(Outcome::Rejected("平台已没有这个订单 / the platform has no such order any more".to_owned()));
    };
    let asked = Read { documents: vec![document] };
    let shown = match world.call::<_, Vec<Read1>>(&component, "/call/read", &asked, READ_LIMIT_MS).await {
        Ok(mut readings) => match readings.pop() {
            Some(Read1::Order(order)) => shows(&order, facts),
            _ => false,
        },
        Err(missed) => return Ok(again(world, row, missed.to_string(), None)),
    };
    let not_shown = || "平台尚未显示发货 / the platform does not show the shipment yet".to_owned();
    Ok(match shown {
        true => Outcome::Confirmed,
        false if row.tries < READ_BACKS => again(world, row, not_shown(), None),
        false => Outcome::TellAgain(world.moment().now, not_shown()),
    })
}

/// Whether the channel's own document shows the parcel: by its number where it tells numbers, by its state otherwise.
fn shows(order: &huidan_wire::OrderFacts, facts: &ShipmentFacts) -> bool {
    if !order.waybills.is_empty() {
        return order.waybills.contains(&facts.waybill);
    }
    let done = [ChannelState::PartShipped, ChannelState::Shipped, ChannelState::Completed];
    order.state_known && done.iter().any(|state| state.name() == order.state)
}
