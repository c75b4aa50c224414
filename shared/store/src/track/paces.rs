//! How long stages take: read, learnt, kept.

use crate::json::batch;
use crate::{Db, Moment, StoreError};
use huidan_flow::parcel::Pace;
use std::collections::{BTreeMap, BTreeSet};

/// Carrier, lane, stage, spot; lane and spot may be empty for all of them.
pub(super) type Key = (String, String, &'static str, String);
/// Paces by their keys.
pub(super) type Paces = BTreeMap<Key, Pace>;

/// Reads paces; those that nobody learnt are left out.
pub(super) async fn read<D: Db>(db: &D, keys: &BTreeSet<Key>) -> Result<Paces, StoreError> {
    if keys.is_empty() {
        return Ok(Paces::new());
    }
    let asked: Vec<&Key> = keys.iter().collect();
    let rows = db
        .run(
            "SELECT k.key, c.counts FROM json_each(?1) AS k JOIN pace AS c ON c.carrier = k.value ->> 0
                 AND c.lane = k.value ->> 1 AND c.stage = k.value ->> 2 AND c.spot = k.value ->> 3",
            &[batch(&asked)?],
        )
        .await?;
    let mut found = Paces::new();
    for row in &rows {
        let nth = usize::try_from(row.int(0)?).unwrap_or(usize::MAX);
        if let Some(key) = asked.get(nth) {
            found.insert((*key).clone(), Pace::parse(row.text(1)?));
        }
    }
    Ok(found)
}

/// Adds stays to what is known, and keeps it.
pub(super) async fn learn<D: Db>(
    db: &D,
    moment: Moment<'_>,
    known: &mut Paces,
    samples: &BTreeMap<Key, Vec<i64>>,
) -> Result<(), StoreError> {
    if samples.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(samples.len());
    for (key, stays) in samples {
        let pace = known.entry(key.clone()).or_default();
        stays.iter().for_each(|ms| pace.add(*ms));
        rows.push((&key.0, &key.1, key.2, &key.3, pace.text()));
    }
    db.run(
        "INSERT INTO pace (carrier, lane, stage, spot, counts, updated_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?2 FROM json_each(?1) WHERE true
         ON CONFLICT (carrier, lane, stage, spot) DO UPDATE SET counts = excluded.counts,
             updated_at = excluded.updated_at",
        &[batch(&rows)?, moment.now.into()],
    )
    .await?;
    Ok(())
}
