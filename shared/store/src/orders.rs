//! Orders as the channels tell them: applied if newer, never touching what is ours.

mod again;
mod write;

pub use again::{Stored, documents, since, with_problem};

use crate::json::batch;
use crate::{Db, Keyring, Moment, StoreError};
use huidan_domain::{Millis, ReviewState, Version};
use huidan_wire::Receiver;
use huidan_wire::step::Draft;
use std::collections::{HashMap, HashSet};
use write::Writes;

/// An order that passed the normalize steps, with the document it came from.
#[derive(Debug, Clone)]
pub struct Normalized {
    /// What the steps made of it.
    pub draft: Draft,
    /// Hash of the document.
    pub hash: String,
    /// Topic of the document.
    pub topic: String,
    /// The document.
    pub body: String,
    /// Whether the shop's orders are planned at all (its mode is not `observe`).
    pub plans: bool,
    /// Whether the very document that was applied is to be applied again, because a reader or a step was mended.
    pub again: bool,
}

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// A new order.
    New,
    /// A newer reading of a known one.
    Updated,
    /// Another reading of the very same time of change: which of the two holds only the channel knows.
    Contested,
    /// Not newer than what was applied.
    Stale,
}

struct Known {
    id: String,
    version: Version,
    status: String,
    receiver_hash: Vec<u8>,
    encrypted: bool,
    approved: bool,
}

/// The name under which an order's receiver is sealed.
pub fn receiver_seal_name(order: &str) -> String {
    format!("receiver/{order}")
}

/// The name under which a raw document is sealed.
pub fn raw_seal_name(shop: &str, ext_id: &str, hash: &str) -> String {
    format!("raw/{shop}/{ext_id}/{hash}")
}

/// Applies a batch inside the caller's transaction: at most one document per order is applied, and only when it is
/// newer than what was applied before. The outcomes are in order.
///
/// # Errors
/// The database's; [`StoreError::Unknown`] for an amount finer than its currency's minor unit.
pub async fn apply<D: Db>(
    db: &D,
    moment: Moment<'_>,
    keys: &Keyring,
    batch_in: &[Normalized],
) -> Result<Vec<Applied>, StoreError> {
    let mut known = known(db, batch_in).await?;
    let mut outcomes = vec![Applied::Stale; batch_in.len()];
    let mut newest: HashMap<(&str, &str), usize> = HashMap::new();
    let mut tied: HashSet<(&str, &str)> = HashSet::new();
    for (at, order) in batch_in.iter().enumerate() {
        let key = (order.draft.shop.as_str(), order.draft.order.ext_id.as_str());
        let best = newest.get(&key).and_then(|&best| batch_in.get(best));
        match best.map(version) {
            Some(best) if best.ties(&version(order)) => _ = tied.insert(key),
            Some(best) if version(order).supersedes(&best) => _ = tied.remove(&key),
            _ => {}
        }
        if best.is_none_or(|best| version(order).supersedes(&version(best))) {
            newest.insert(key, at);
        }
    }
    let mut picked: Vec<usize> = newest.into_values().collect();
    picked.sort_unstable();
    let mut writes = Writes::default();
    for at in picked {
        let Some(order) = batch_in.get(at) else { continue };
        let key = (order.draft.shop.clone(), order.draft.order.ext_id.clone());
        let before = known.remove(&key);
        let newer = |before: &Known| version(order).supersedes(&before.version);
        let same = |before: &Known| order.again && version(order) == before.version;
        if before.as_ref().is_some_and(|before| !newer(before) && !same(before)) {
            continue;
        }
        if let Some(outcome) = outcomes.get_mut(at) {
            let contested = tied.contains(&(key.0.as_str(), key.1.as_str()))
                || before.as_ref().is_some_and(|before| version(order).ties(&before.version));
            *outcome = match before {
                _ if contested => Applied::Contested,
                Some(_) => Applied::Updated,
                None => Applied::New,
            };
        }
        writes.add(moment, keys, order, before)?;
    }
    writes.carry_out(db, moment).await?;
    Ok(outcomes)
}

fn version(order: &Normalized) -> Version {
    Version { at: Millis(order.draft.order.updated_at), hash: order.hash.clone() }
}

async fn known<D: Db>(db: &D, orders: &[Normalized]) -> Result<HashMap<(String, String), Known>, StoreError> {
    let keys: Vec<(&str, &str)> =
        orders.iter().map(|order| (order.draft.shop.as_str(), order.draft.order.ext_id.as_str())).collect();
    let rows = db
        .run(
            "SELECT o.shop, o.ext_id, o.id, o.version_at, o.version_hash, o.status, o.receiver_hash, o.review_state,
                 o.encrypted
             FROM json_each(?1) AS k JOIN orders AS o ON o.shop = k.value ->> 0 AND o.ext_id = k.value ->> 1",
            &[batch(&keys)?],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let known = Known {
                id: row.string(2)?,
                version: Version { at: Millis(row.int(3)?), hash: row.string(4)? },
                status: row.string(5)?,
                receiver_hash: row.blob(6)?.to_vec(),
                approved: row.text(7)? == ReviewState::Approved.name(),
                encrypted: row.flag(8)?,
            };
            Ok(((row.string(0)?, row.string(1)?), known))
        })
        .collect()
}

/// A keyed hash of whom it goes to: tells a changed receiver without opening the old one. Who has another mailbox lives
/// at the same door.
pub fn receiver_hash(keys: &Keyring, receiver: &Receiver) -> Vec<u8> {
    keys.equality(&[
        &receiver.name,
        &receiver.phone,
        &receiver.country,
        &receiver.province,
        &receiver.city,
        &receiver.district,
        &receiver.street,
        receiver.token.as_deref().unwrap_or_default(),
    ])
}
