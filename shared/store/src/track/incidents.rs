//! Storms: many parcels late at one place are one incident.

use crate::json::batch;
use crate::notices::{self, News};
use crate::{Db, Entry, Moment, StoreError, append};
use huidan_domain::Millis;
use huidan_flow::parcel::outage;
use std::collections::{BTreeMap, BTreeSet};

/// A place where parcels wait: carrier, hub (empty before the first scan), and the province they go to (empty for all of
/// the hub).
pub(super) type Spot = (String, String, String);

/// How far back an outage is looked for, in milliseconds: what is stuck for longer is a trouble of its own, and must not
/// pile up to one. Single exceptions of that time become part of the incident.
const SINCE_MS: i64 = 24 * 3_600_000;

/// Carrier and hub.
type Place = (String, String);

/// Parcels that wait longer than half, and longer than nineteen of twenty.
#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    due: u32,
    slow: u32,
}

impl Waiting {
    fn is_outage(self) -> bool {
        outage(self.due, self.slow)
    }
}

/// How many parcels wait at some places, by the province they go to.
struct Waits(BTreeMap<Place, BTreeMap<String, Waiting>>);

impl Waits {
    async fn at<D: Db>(db: &D, now: Millis, places: &BTreeSet<Place>) -> Result<Self, StoreError> {
        let rows = db
            .run(
                "SELECT y.carrier, y.place, y.goal, count(*), coalesce(sum(y.slow_at <= ?2), 0)
                 FROM json_each(?1) AS k
                 JOIN way AS y ON y.carrier = k.value ->> 0 AND y.place = k.value ->> 1
                     AND y.due_at <= ?2 AND y.slow_at >= ?3
                 GROUP BY y.carrier, y.place, y.goal",
                &[batch(&places.iter().collect::<Vec<_>>())?, now.into(), (now.0 - SINCE_MS).into()],
            )
            .await?;
        let mut found: BTreeMap<Place, BTreeMap<String, Waiting>> = BTreeMap::new();
        for row in &rows {
            let waiting = Waiting { due: row.count(3)?, slow: row.count(4)? };
            found.entry((row.string(0)?, row.string(1)?)).or_default().insert(row.string(2)?, waiting);
        }
        Ok(Self(found))
    }

    fn goals(&self, spot: &Spot) -> impl Iterator<Item = (&String, Waiting)> {
        let goals = self.0.get(&(spot.0.clone(), spot.1.clone()));
        goals.into_iter().flatten().map(|(goal, waiting)| (goal, *waiting))
    }

    fn of(&self, spot: &Spot) -> Waiting {
        let meant = self.goals(spot).filter(|(goal, _)| spot.2.is_empty() || **goal == spot.2);
        meant.fold(Waiting::default(), |all, (_, one)| Waiting { due: all.due + one.due, slow: all.slow + one.slow })
    }

    /// The outage that a late parcel at `spot` is part of. Where two thirds of a hub's slow parcels go to one province, it
    /// is the way there that does not move: the hub beyond never scanned them, so that they all seem to lie here.
    fn outage(&self, spot: &Spot) -> Option<Spot> {
        let whole = whole(spot);
        let all = self.of(&whole);
        if !all.is_outage() {
            return Some(spot.clone()).filter(|spot| self.of(spot).is_outage());
        }
        let worst = self.goals(spot).max_by_key(|(_, waiting)| waiting.slow);
        let way = worst.filter(|(goal, waiting)| {
            !goal.is_empty() && waiting.is_outage() && waiting.slow.saturating_mul(3) >= all.slow.saturating_mul(2)
        });
        match way {
            Some((goal, _)) => Some(spot.clone()).filter(|spot| spot.2 == *goal),
            None => Some(whole),
        }
    }
}

fn whole(spot: &Spot) -> Spot {
    (spot.0.clone(), spot.1.clone(), String::new())
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
    let open = standing(db, &late.iter().flat_map(|spot| [spot.clone(), whole(spot)]).collect()).await?;
    let places = late.iter().map(|(carrier, place, _)| (carrier.clone(), place.clone())).collect();
    let waits = Waits::at(db, moment.now, &places).await?;
    let mut new: BTreeMap<Spot, String> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for spot in late {
        let stands = open.get(&whole(spot)).or_else(|| open.get(spot)).cloned();
        let id = match stands {
            Some(id) => id,
            None => match waits.outage(spot) {
                Some(out) => new.entry(out).or_insert_with(|| moment.id()).clone(),
                None => continue,
            },
        };
        found.insert(spot.clone(), id);
    }
    begin(db, moment, &new, &waits).await?;
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
    waits: &Waits,
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
        let facts = serde_json::json!({ "carrier": spot.0, "place": spot.1, "province": spot.2, "parcels": waits.of(spot).slow });
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
