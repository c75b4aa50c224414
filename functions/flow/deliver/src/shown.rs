//! What a channel shows of an order after it was told.

use huidan_channel::Document;
use huidan_domain::ChannelState;
use huidan_store::outbox::Looked;
use huidan_wire::OrderFacts;
use huidan_wire::call::{Answer, Failure, Fetch, Read, Read1};
use huidan_world::World;

/// Limit of asking for orders, in milliseconds.
const ASK_LIMIT_MS: u64 = 60_000;
/// Limit of reading documents, in milliseconds.
const READ_LIMIT_MS: u64 = 3_000;

/// What asking came to.
pub(crate) enum Asked {
    /// The order as the channel shows it.
    Shows(Box<OrderFacts>),
    /// It has no such order.
    Gone,
    /// It said no.
    Failed(Failure),
    /// Nobody answered, or nothing that can be read.
    Missed(String),
}

/// One order, asked for at once.
pub(crate) async fn order<W: World>(world: &W, shop: &str, channel: &str, ext_id: &str) -> Asked {
    let mut all = orders(world, "/call/fetch", shop, channel, &[ext_id.to_owned()]).await;
    all.pop().unwrap_or(Asked::Missed("no answer".to_owned()))
}

/// Several orders, in order. A refusal of some is everybody's: they are then asked for one by one.
pub(crate) async fn orders<W: World>(
    world: &W,
    operation: &str,
    shop: &str,
    channel: &str,
    ext_ids: &[String],
) -> Vec<Asked> {
    let asked = Fetch { shop: shop.to_owned(), ext_ids: ext_ids.to_vec() };
    let component = format!("channel-{channel}");
    let answer: Result<Answer<Vec<Option<Document>>>, _> =
        world.call(&component, operation, &asked, ASK_LIMIT_MS).await;
    let documents = match answer {
        Ok(Answer::Done(documents)) => documents,
        Ok(Answer::Failed(failure)) => return ext_ids.iter().map(|_| Asked::Failed(failure.clone())).collect(),
        Err(missed) => return ext_ids.iter().map(|_| Asked::Missed(missed.to_string())).collect(),
    };
    let there: Vec<Document> = documents.iter().flatten().cloned().collect();
    let asked = Read { documents: there };
    let read = world.call::<_, Vec<Read1>>(&component, "/call/read", &asked, READ_LIMIT_MS).await;
    let mut read = match read {
        Ok(read) => read.into_iter(),
        Err(missed) => return ext_ids.iter().map(|_| Asked::Missed(missed.to_string())).collect(),
    };
    let said = |document: &Option<Document>| match document.as_ref().and_then(|_| read.next()) {
        Some(Read1::Order(order)) => Asked::Shows(order),
        Some(Read1::Unreadable { field, detail }) => Asked::Missed(format!("{field}: {detail}")),
        Some(Read1::Removed { .. }) | None => Asked::Gone,
    };
    documents.iter().map(said).collect()
}

/// Whether the channel's own document shows a number of ours: by the number where it tells numbers, by its state
/// otherwise. `ours` are all that it was told of the order. Where it shows one number per line (`one_per_line`) another of
/// ours may stand for this one: the order shipped as a whole says yes, one shipped in part says nothing.
pub(crate) fn compared(order: &OrderFacts, number: &str, ours: &[String], one_per_line: bool) -> Looked {
    let same = |one: &str, other: &str| one.trim().eq_ignore_ascii_case(other.trim());
    let is = |states: &[ChannelState]| order.state_known && states.iter().any(|state| state.name() == order.state);
    if order.waybills.iter().any(|shown| same(shown, number)) || is(&[ChannelState::Cancelled]) {
        return Looked::Shown;
    }
    if order.waybills.is_empty() {
        let left = is(&[ChannelState::PartShipped, ChannelState::Shipped, ChannelState::Completed]);
        return if left { Looked::Shown } else { Looked::NotShown };
    }
    let strangers: Vec<String> =
        order.waybills.iter().filter(|shown| !ours.iter().any(|our| same(our, shown))).cloned().collect();
    let whole = is(&[ChannelState::Shipped, ChannelState::Completed]);
    match (strangers.is_empty(), whole) {
        (false, true) => Looked::Others(strangers),
        (true, true) if one_per_line => Looked::Shown,
        (true, false) if one_per_line => Looked::Nothing,
        _ => Looked::NotShown,
    }
}
