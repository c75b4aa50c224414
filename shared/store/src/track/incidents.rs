//! Storms: many parcels late at one place are one incident.

use crate::json::batch;
use crate::notices::{self, News};
use crate::{Db, Entry, Moment, StoreError, append};
use huidan_domain::Millis;
use huidan_flow::parcel::{OUTAGE, outage};
use std::collections::{BTreeMap, BTreeSet};

/// A place where parcels wait: carrier, hub (empty before the first scan), and the province they go to (empty for all of
/// the hub).
pub(super) type Spot = (String, String, String);

/// How far back an outage is looked for, in milliseconds: what is stuck for longer is a trouble of its own, and must not
/// pile up to one. Single exceptions of that time become part of the incident.
const SINCE_MS: i64 = 24 * 3_600_000;

/// How many parcels wait longer than half, and longer than nineteen of twenty, at each spot.
async fn waiting<D: Db>(db: &D, now: Millis, spots: &BTreeSet<Spot>) -> Result<BTreeMap<Spot, (u32, u32)>, StoreError> {
    let asked: Vec<&Spot> = spots.iter().collect();
    let rows = db
        .run(
            "SELECT k.key, count(*), coalesce(sum(y.slow_at <= ?2), 0) FROM json_each(?1) AS k
             JOIN way AS y ON y.carrier = k.value ->> 0 AND y.place = k.value ->> 1
                 AND (k.value ->> 2 = '' OR y.goal = k.value ->> 2) AND y.due_at <= ?2 AND y.slow_at >= ?3
             GROUP BY k.key",
            &[batch(&asked)?, now.into(), (now.0 - SINCE_MS).into()],
        )
        .await?;
    let mut found = BTreeMap::new();
    for row in &rows {
        let nth = usize::try_from(row.int(0)?).unwrap_or(usize::MAX);
        if let Some(spot) = asked.get(nth) {
            found.insert((*spot).clone(), (row.count(1)?, row.count(2)?));
        }
    }
    Ok(found)
}

/// The incidents of late parcels' spots, opened where many wait at one: by spot of (carrier, hub, province). What is told
/// is the incident alone.
pub(super) async fn of_late<D: Db>(
    db: &D,
    moment: Moment<'_>,
    late: &BTreeSet<Spot>,
) -> Result<BTreeMap<Spot, String>, StoreError> {
    if late.is_empty() {
        return Ok(BTreeMap::new());
    }
    let whole = |spot: &Spot| (spot.0.clone(), spot.1.clone(), String::new());
    let asked: BTreeSet<Spot> = late.iter().flat_map(|spot| [spot.clone(), whole(spot)]).collect();
    let open = standing(db, &asked).await?;
    let counts = waiting(db, moment.now, &asked).await?;
    let out = |spot: &Spot| counts.get(spot).is_some_and(|(due, slow)| outage(*due, *slow));
    let mut new: BTreeMap<Spot, String> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for spot in late {
        let whole = whole(spot);
        let stands = open.get(&whole).or_else(|| open.get(spot)).cloned();
        let id = match stands {
            Some(id) => id,
            None if out(&whole) => new.entry(whole).or_insert_with(|| moment.id()).clone(),
            None if out(spot) => new.entry(spot.clone()).or_insert_with(|| moment.id()).clone(),
            None => continue,
        };
        found.insert(spot.clone(), id);
    }
    begin(db, moment, &new, &counts).await?;
    Ok(found)
}

async fn standing<D: Db>(db: &D, spots: &BTreeSet<Spot>) -> Result<BTreeMap<Spot, String>, StoreError> {
    let asked: Vec<&Spot> = spots.iter().collect();
    let rows = db
        .run(
            "SELECT i.carrier, i.place, i.goal, i.id FROM json_each(?1) AS k JOIN incident AS i
                 ON i.carrier = k.value ->> 0 AND i.place = k.value ->> 1 AND i.goal = k.value ->> 2
                 AND i.state = 'open'",
            &[batch(&asked)?],
        )
        .await?;
    rows.iter().map(|row| Ok(((row.string(0)?, row.string(1)?, row.string(2)?), row.string(3)?))).collect()
}

/// Opens incidents, takes in what was opened there for single parcels before it was clear, and tells each once.
async fn begin<D: Db>(
    db: &D,
    moment: Moment<'_>,
    new: &BTreeMap<Spot, String>,
    counts: &BTreeMap<Spot, (u32, u32)>,
) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let rows: Vec<(&String, &String, &String, &String)> =
        new.iter().map(|((carrier, place, goal), id)| (id, carrier, place, goal)).collect();
    let rows = batch(&rows)?;
    db.run(
        "INSERT INTO incident (id, carrier, place, goal, state, opened_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, 'open', ?2 FROM json_each(?1) WHERE true
         ON CONFLICT (carrier, place, goal) WHERE state = 'open' DO NOTHING",
        &[rows.clone(), moment.now.into()],
    )
    .await?;
    db.run(
        "UPDATE exception SET incident = n.value ->> 0 FROM json_each(?1) AS n JOIN way AS y
             ON y.carrier = n.value ->> 1 AND y.place = n.value ->> 2 AND (n.value ->> 3 = '' OR y.goal = n.value ->> 3)
         WHERE exception.package = y.package AND exception.state = 'open' AND exception.incident IS NULL
             AND exception.kind IN ('stalled', 'not_picked_up') AND exception.opened_at >= ?2",
        &[rows, (moment.now.0 - SINCE_MS).into()],
    )
    .await?;
    let (mut log, mut keys) = (Vec::new(), Vec::new());
    for (spot, id) in new {
        let slow = counts.get(spot).map_or(OUTAGE, |(_, slow)| *slow);
        let facts = serde_json::json!({ "carrier": spot.0, "place": spot.1, "province": spot.2, "parcels": slow });
        log.push(Entry::new("flow-track", "incident", id, "opened").with(facts.clone()));
        keys.push((format!("incident/{id}"), id, facts));
    }
    let news: Vec<News<'_>> = keys
        .iter()
        .map(|(key, id, facts)| News {
            key,
            topic: "incident.opened",
            entity: "incident",
            id,
            shop: "",
            facts: facts.clone(),
        })
        .collect();
    notices::tell(db, moment, &news).await?;
    append(db, moment.now, &log).await
}

/// Ends those of some incidents that have no open exception left.
pub(super) async fn over<D: Db>(db: &D, moment: Moment<'_>, incidents: &BTreeSet<String>) -> Result<(), StoreError> {
    if incidents.is_empty() {
        return Ok(());
    }
    let closed = db
        .run(
            "UPDATE incident SET state = 'closed', closed_at = ?2, closed_by = 'news'
             WHERE id IN (SELECT value FROM json_each(?1)) AND state = 'open'
                 AND NOT EXISTS (SELECT 1 FROM exception AS e WHERE e.incident = incident.id AND e.state = 'open')
             RETURNING id",
            &[batch(incidents)?, moment.now.into()],
        )
        .await?;
    let log = closed.iter().map(|row| Ok(Entry::new("flow-track", "incident", row.text(0)?, "over")));
    append(db, moment.now, &log.collect::<Result<Vec<_>, StoreError>>()?).await
}
