//! Who is late: parcels whose stay outlasts what its lane has taught.

use super::exceptions::{self, Opening};
use super::incidents::{self, Spot};
use super::paces;
use super::ways::{self, Stand};
use crate::json::batch;
use crate::{Db, Moment, Row, StoreError, append};
use huidan_flow::parcel::{Kind, Limits, Stage, remaining};
use std::collections::BTreeSet;

/// Most parcels looked at in one go.
const BATCH: u32 = 500;

/// What a look for late parcels found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lateness {
    /// Parcels that are newly late.
    pub late: usize,
    /// Whether there may be more to look at.
    pub more: bool,
}

/// Looks at parcels whose time is up: raises what is late, and lets wait on what is not by what was learnt meanwhile.
/// Parcels that left the house and that nobody scanned begin their way here. Of accounts in `deaf` nothing can be heard
/// at all; their silence says nothing.
///
/// # Errors
/// The database's.
pub async fn late<D: Db>(db: &D, moment: Moment<'_>, deaf: &[String]) -> Result<Lateness, StoreError> {
    begin(db, deaf).await?;
    let rows = db
        .run(
            "SELECT y.package, y.shop, y.carrier, y.lane, y.goal, y.stage, y.since, y.place, y.code, y.picked_at,
                 p.status IN ('handed_over', 'in_transit')
             FROM way AS y JOIN package AS p ON p.id = y.package WHERE y.check_at <= ?1 ORDER BY y.check_at LIMIT ?2",
            &[moment.now.into(), BATCH.into()],
        )
        .await?;
    let mut stands = Vec::new();
    for row in &rows {
        stands.push((stand(row)?, row.flag(10)?));
    }
    let due: Vec<Stand> = stands.iter().map(|(stand, _)| stand.clone()).collect();
    let known = paces::read(db, &ways::wanted(&due)).await?;
    let (mut late, mut silent, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    for (stand, under_way) in stands {
        let limits = stand.limits(&known);
        match stand.way.since {
            Some(since) if under_way => match remaining(limits, since, moment.now.0) {
                Some(_) => waits.push(stand),
                None => late.push((stand, limits)),
            },
            _ => silent.push(stand),
        }
    }
    ways::write(db, &waits, |stand| Some(stand.limits(&known))).await?;
    rest(db, silent.iter().chain(late.iter().map(|(stand, _)| stand))).await?;
    raise(db, moment, &late).await?;
    Ok(Lateness { late: late.len(), more: rows.len() == usize::try_from(BATCH).unwrap_or(usize::MAX) })
}

/// Parcels under way that nobody scanned: their stay begins with the hand-over.
async fn begin<D: Db>(db: &D, deaf: &[String]) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO way (package, shop, carrier, lane, goal, stage, since, place, code, due_at, slow_at, check_at)
         SELECT p.id, p.shop, coalesce(nullif(w.carried_by, ''), w.carrier),
             coalesce(h.sender ->> 'province', '') || coalesce(h.sender ->> 'city', '') || '>' || coalesce(o.province, ''),
             coalesce(o.province, ''), iif(p.status = 'handed_over', 'pick_up', 'hub'),
             coalesce(p.last_scan_at, p.updated_at), '', '', NULL, NULL, 0
         FROM package AS p JOIN waybill AS w ON w.id = p.waybill JOIN warehouse AS h ON h.id = p.warehouse
         LEFT JOIN orders AS o ON o.id = (SELECT min(po.order_id) FROM package_order AS po WHERE po.package = p.id)
         WHERE p.status IN ('handed_over', 'in_transit')
             AND NOT EXISTS (SELECT 1 FROM way AS y WHERE y.package = p.id)
             AND p.account NOT IN (SELECT value FROM json_each(?1))
         LIMIT 2000",
        &[batch(deaf)?],
    )
    .await?;
    Ok(())
}

fn stand(row: &Row) -> Result<Stand, StoreError> {
    Ok(Stand {
        package: row.string(0)?,
        shop: row.string(1)?,
        carrier: row.string(2)?,
        lane: row.string(3)?,
        goal: row.string(4)?,
        way: ways::way(row.text(5)?, row.maybe_int(6)?, row.string(7)?, row.string(8)?, row.maybe_int(9)?)?,
    })
}

/// Nobody looks at these again before their next scan. When they were due stays, since it tells of their place.
async fn rest<D: Db>(db: &D, stands: impl Iterator<Item = &Stand>) -> Result<(), StoreError> {
    let packages: Vec<&str> = stands.map(|stand| stand.package.as_str()).collect();
    if !packages.is_empty() {
        let statement = "UPDATE way SET check_at = NULL WHERE package IN (SELECT value FROM json_each(?1))";
        db.run(statement, &[batch(&packages)?]).await?;
    }
    Ok(())
}

fn spot(stand: &Stand) -> Spot {
    (stand.carrier.clone(), stand.way.place.clone(), stand.goal.clone())
}

async fn raise<D: Db>(db: &D, moment: Moment<'_>, late: &[(Stand, Limits)]) -> Result<(), StoreError> {
    let spots: BTreeSet<Spot> = late.iter().map(|(stand, _)| spot(stand)).collect();
    let incidents = incidents::of_late(db, moment, &spots).await?;
    let openings: Vec<Opening> = late
        .iter()
        .map(|(stand, limits)| Opening {
            package: stand.package.clone(),
            shop: stand.shop.clone(),
            kind: if stand.way.stage == Stage::PickUp { Kind::NotPickedUp } else { Kind::Stalled },
            carrier: stand.carrier.clone(),
            incident: incidents.get(&spot(stand)).cloned(),
            facts: serde_json::json!({
                "stage": stand.way.stage.name(),
                "since": stand.way.since,
                "place": stand.way.place,
                "usual_ms": limits.slow,
                "late_ms": limits.late,
                "learnt_from": limits.of,
            }),
        })
        .collect();
    let log = exceptions::open(db, moment, &openings).await?;
    append(db, moment.now, &log).await
}
