//! Where parcels stand on their way, and what is learnt from each stay.

use super::paces::{self, Key};
use crate::json::batch;
use crate::{Db, Moment, StoreError};
use huidan_flow::parcel::{Limits, Sample, Stage, Way, limits};
use std::collections::{BTreeMap, BTreeSet};

/// A parcel's stand.
#[derive(Debug, Clone)]
pub(super) struct Stand {
    pub(super) package: String,
    pub(super) shop: String,
    pub(super) carrier: String,
    pub(super) lane: String,
    pub(super) goal: String,
    pub(super) way: Way,
}

/// A stay that ended, and where.
#[derive(Debug, Clone)]
pub(super) struct Learnt {
    pub(super) carrier: String,
    pub(super) lane: String,
    pub(super) sample: Sample,
}

/// A way as it is stored.
pub(super) fn way(
    stage: &str,
    since: Option<i64>,
    place: String,
    code: String,
    picked_at: Option<i64>,
) -> Result<Way, StoreError> {
    let stage = Stage::parse(stage).ok_or_else(|| StoreError::Unknown(format!("stage {stage}")))?;
    Ok(Way { stage, since, place, code, picked_at })
}

/// The paces that a stay is judged by, finest first: of the spot on its lane, of the spot wherever the parcel goes, of the
/// lane, of the carrier.
pub(super) fn keys(carrier: &str, lane: &str, stage: Stage, spot: &str) -> Vec<Key> {
    let key = |lane: &str, spot: &str| (carrier.to_owned(), lane.to_owned(), stage.name(), spot.to_owned());
    let whole = [key(lane, ""), key("", "")];
    let spots = [key(lane, spot), key("", spot)];
    if spot.is_empty() { whole.into() } else { spots.into_iter().chain(whole).collect() }
}

impl Stand {
    fn keys(&self) -> Vec<Key> {
        keys(&self.carrier, &self.lane, self.way.stage, &self.way.spot())
    }

    /// How long this stay may last, by what is known.
    pub(super) fn limits(&self, known: &paces::Paces) -> Limits {
        let keys = self.keys();
        let mut paces = keys.iter().map(|key| known.get(key));
        let own = paces.next().flatten();
        limits(self.way.stage, own, paces.flatten())
    }
}

/// Which paces the stands are judged by.
pub(super) fn wanted(stands: &[Stand]) -> BTreeSet<Key> {
    stands.iter().filter(|stand| !stand.way.stage.over()).flat_map(Stand::keys).collect()
}

/// Learns from stays that ended, and writes down where parcels stand now and when somebody should look at them.
pub(super) async fn stand<D: Db>(
    db: &D,
    moment: Moment<'_>,
    stands: &[Stand],
    learnt: &[Learnt],
) -> Result<(), StoreError> {
    if stands.is_empty() {
        return Ok(());
    }
    let mut samples: BTreeMap<Key, Vec<i64>> = BTreeMap::new();
    for Learnt { carrier, lane, sample } in learnt {
        for key in keys(carrier, lane, sample.stage, &sample.spot) {
            samples.entry(key).or_default().push(sample.ms);
        }
    }
    let mut keys = wanted(stands);
    keys.extend(samples.keys().cloned());
    let mut known = paces::read(db, &keys).await?;
    paces::learn(db, moment, &mut known, &samples).await?;
    write(db, stands, |stand| Some(stand.limits(&known))).await
}

/// Writes stands down, each with its limits; without any nobody looks until the next scan.
pub(super) async fn write<D: Db>(
    db: &D,
    stands: &[Stand],
    limits: impl Fn(&Stand) -> Option<Limits>,
) -> Result<(), StoreError> {
    let rows: Vec<serde_json::Value> = stands
        .iter()
        .map(|stand| {
            let Way { stage, since, place, code, picked_at } = &stand.way;
            let open = since.filter(|_| !stage.over());
            let limits = limits(stand);
            let at = |ms: fn(Limits) -> i64| open.zip(limits).map(|(since, limits)| since + ms(limits));
            serde_json::json!([
                stand.package,
                stand.shop,
                stand.carrier,
                stand.lane,
                stand.goal,
                stage.name(),
                since,
                place,
                code,
                picked_at,
                at(|limits| limits.due),
                at(|limits| limits.slow),
                at(|limits| limits.late),
            ])
        })
        .collect();
    db.run(
        "INSERT INTO way (package, shop, carrier, lane, goal, stage, since, place, code, picked_at, due_at, slow_at,
             check_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
             value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12
         FROM json_each(?1) WHERE true
         ON CONFLICT (package) DO UPDATE SET carrier = excluded.carrier, lane = excluded.lane, goal = excluded.goal,
             stage = excluded.stage, since = excluded.since, place = excluded.place, code = excluded.code,
             picked_at = excluded.picked_at, due_at = excluded.due_at, slow_at = excluded.slow_at,
             check_at = excluded.check_at",
        &[batch(&rows)?],
    )
    .await?;
    Ok(())
}
