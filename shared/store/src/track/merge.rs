//! Scans, pushed or asked for, merged: one row each by number and key, looked at in the order of their own time.

use super::exceptions::{self, Opening};
use super::moves::{Moves, Traced, event_of};
use super::{NewScan, watches, ways};
use crate::json::batch;
use crate::{Db, Moment, Row, StoreError, outbox, waybills};
use huidan_domain::{PackageStatus, WaybillState};
use huidan_flow::parcel::{Ends, Kind, Seen, Way, after};
use std::collections::{BTreeMap, BTreeSet};

/// How long before its issue a number's scan may lie (clocks differ), in milliseconds. What is older belongs to an
/// earlier life of a re-used number.
const BEFORE_ISSUE_MS: i64 = 3_600_000;

/// A parcel that scans are about.
struct Parcel {
    traced: Traced,
    issued_at: i64,
    last_scan_at: i64,
    /// Whether the number is the one that the package travels under.
    current: bool,
    shop: String,
    carrier: String,
    ends: Ends,
    way: Way,
}

/// What scans mean for parcels' ways, gathered over a batch.
#[derive(Default)]
struct News {
    ways: BTreeMap<String, ways::Stand>,
    samples: Vec<ways::Learnt>,
    open: Vec<Opening>,
    close: BTreeSet<(String, Kind)>,
    ended: BTreeMap<String, (String, String)>,
}

/// Merges scans inside the caller's transaction. Answers the shops that have something to tell, since a parcel that a
/// carrier scanned has left the house whether or not anybody said so here.
///
/// # Errors
/// The database's.
pub async fn merge<D: Db>(
    db: &D,
    moment: Moment<'_>,
    carrier: &str,
    scans: &[NewScan],
) -> Result<BTreeSet<String>, StoreError> {
    let gathered = waybills::gathered(db, carrier, scans).await?;
    let scans = gathered.as_slice();
    let numbers: BTreeSet<&str> = scans.iter().map(|scan| scan.number.as_str()).collect();
    let mut parcels = parcels(db, carrier, &numbers).await?;
    let mut news = News::default();
    let mut fresh = insert(db, moment, scans, &parcels, &mut news).await?;
    fresh.sort_by_key(|scan| scan.at);
    let (mut left, mut moves) = (BTreeSet::new(), Moves::default());
    for scan in fresh {
        let Some(parcel) = parcels.get_mut(&scan.number) else { continue };
        if let Some(event) = event_of(&scan.kind) {
            if !parcel.traced.status.left_the_house() && parcel.traced.status != PackageStatus::Cancelled {
                left.insert(parcel.traced.package.clone());
            }
            moves.apply(&mut parcel.traced, event, &scan.code, scan.at);
        }
        // That nobody watches is no news of the parcel.
        if scan.kind != "unwatched" {
            parcel.last_scan_at = parcel.last_scan_at.max(scan.at);
        }
        moves.seen.insert(parcel.traced.package.clone(), parcel.last_scan_at);
        if parcel.current {
            news.step(parcel, scan);
        }
    }
    let left: Vec<&str> = left.iter().map(String::as_str).collect();
    let shops = outbox::hand_over(db, moment, "flow-track", &left).await?;
    let told = news.settle(db, moment).await?;
    moves.log.extend(told);
    moves.carry_out(db, moment).await?;
    Ok(shops)
}

impl News {
    fn step(&mut self, parcel: &mut Parcel, scan: &NewScan) {
        let seen = Seen { kind: &scan.kind, at: scan.at, place: &scan.place, code: &scan.code, text: &scan.text };
        let step = after(&parcel.way, &parcel.ends, seen);
        let package = &parcel.traced.package;
        let lane = parcel.ends.lane();
        if let Some(sample) = step.sample {
            self.samples.push(ways::Learnt { carrier: parcel.carrier.clone(), lane: lane.clone(), sample });
        }
        for kind in step.close {
            self.open.retain(|opening| !(opening.package == *package && opening.kind == kind));
            self.close.insert((package.clone(), kind));
        }
        for kind in step.open {
            if kind == Kind::Unwatched {
                self.ended.insert(package.clone(), (scan.account.clone(), scan.text.clone()));
            }
            self.open.push(opening(parcel, kind, scan));
        }
        parcel.way = step.way;
        let stand = ways::Stand {
            package: package.clone(),
            shop: parcel.shop.clone(),
            carrier: parcel.carrier.clone(),
            lane,
            goal: parcel.ends.to_province.clone(),
            way: parcel.way.clone(),
        };
        self.ways.insert(package.clone(), stand);
    }

    /// Writes it all down; what was opened and closed is for the log.
    async fn settle<D: Db>(mut self, db: &D, moment: Moment<'_>) -> Result<Vec<crate::Entry>, StoreError> {
        let ways: Vec<ways::Stand> = self.ways.into_values().collect();
        ways::stand(db, moment, &ways, &self.samples).await?;
        // Whose watch ended is watched anew before anybody is bothered.
        let again = watches::ended(db, moment, &self.ended).await?;
        self.open.retain(|opening| opening.kind != Kind::Unwatched || !again.contains(&opening.package));
        let mut log = exceptions::close_by_news(db, moment, &self.close).await?;
        log.extend(exceptions::open(db, moment, &self.open).await?);
        Ok(log)
    }
}

fn opening(parcel: &Parcel, kind: Kind, scan: &NewScan) -> Opening {
    let facts = serde_json::json!({
        "at": scan.at,
        "code": scan.code,
        "place": scan.place,
        "stage": parcel.way.stage.name(),
        "since": parcel.way.since,
    });
    Opening {
        package: parcel.traced.package.clone(),
        shop: parcel.shop.clone(),
        kind,
        carrier: parcel.carrier.clone(),
        incident: None,
        facts,
    }
}

async fn parcels<D: Db>(
    db: &D,
    carrier: &str,
    numbers: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Parcel>, StoreError> {
    let rows = db
        .run(
            "SELECT w.number, p.id, p.status, w.id, w.state, coalesce(w.issued_at, 0), coalesce(p.last_scan_at, 0),
                 p.waybill = w.id, p.shop, coalesce(nullif(w.carried_by, ''), w.carrier),
                 coalesce(h.sender ->> 'province', ''), coalesce(h.sender ->> 'city', ''), coalesce(o.province, ''),
                 coalesce(o.city, ''), coalesce(o.district, ''), coalesce(y.stage, ''), y.since, coalesce(y.place, ''),
                 coalesce(y.code, ''), y.picked_at, iif(p.status = 'handed_over', p.updated_at, NULL)
             FROM json_each(?1) AS k JOIN waybill AS w ON w.number = k.value
             JOIN package AS p ON p.id = w.package JOIN warehouse AS h ON h.id = p.warehouse
             LEFT JOIN way AS y ON y.package = p.id
             LEFT JOIN orders AS o
                 ON o.id = (SELECT min(po.order_id) FROM package_order AS po WHERE po.package = p.id)
             WHERE w.carrier = ?2 OR EXISTS (SELECT 1 FROM watch AS t WHERE t.waybill = w.id AND t.watcher = ?2)",
            &[batch(numbers)?, carrier.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, parcel(row)?))).collect()
}

fn parcel(row: &Row) -> Result<Parcel, StoreError> {
    let traced = Traced {
        package: row.string(1)?,
        status: PackageStatus::parse(row.text(2)?)?,
        waybill: row.string(3)?,
        state: WaybillState::parse(row.text(4)?)?,
    };
    let ends = Ends {
        from_province: row.string(10)?,
        from_city: row.string(11)?,
        to_province: row.string(12)?,
        to_city: row.string(13)?,
        to_district: row.string(14)?,
    };
    let way = match row.text(15)? {
        "" => Way::begun(row.maybe_int(20)?),
        stage => ways::way(stage, row.maybe_int(16)?, row.string(17)?, row.string(18)?, row.maybe_int(19)?)?,
    };
    Ok(Parcel {
        traced,
        issued_at: row.int(5)?,
        last_scan_at: row.int(6)?,
        current: row.maybe_int(7)? == Some(1),
        shop: row.string(8)?,
        carrier: row.string(9)?,
        ends,
        way,
    })
}

/// Keeps every scan, also of numbers that are not ours and of a number's earlier life; answers those that are new and
/// count. A number that bears scans of an earlier life is for a person to know.
async fn insert<'a, D: Db>(
    db: &D,
    moment: Moment<'_>,
    scans: &'a [NewScan],
    parcels: &BTreeMap<String, Parcel>,
    news: &mut News,
) -> Result<Vec<&'a NewScan>, StoreError> {
    let counts =
        |scan: &NewScan| parcels.get(&scan.number).is_some_and(|parcel| scan.at >= parcel.issued_at - BEFORE_ISSUE_MS);
    let rows: Vec<(&NewScan, bool)> = scans.iter().map(|scan| (scan, counts(scan))).collect();
    let new = db
        .run(
            "INSERT INTO scan (number, key, account, at, kind, code, text, place, received_at, used)
             SELECT value -> 0 ->> 'number', value -> 0 ->> 'key', value -> 0 ->> 'account', value -> 0 ->> 'at',
                    value -> 0 ->> 'kind', value -> 0 ->> 'code', value -> 0 ->> 'text', value -> 0 ->> 'place', ?2,
                    value ->> 1
             FROM json_each(?1) WHERE true
             ON CONFLICT (number, key) DO NOTHING
             RETURNING number, key, used",
            &[batch(&rows)?, moment.now.into()],
        )
        .await?;
    let mut fresh = BTreeMap::new();
    for row in &new {
        fresh.insert((row.string(0)?, row.string(1)?), row.flag(2)?);
    }
    let mut counted = Vec::new();
    for scan in scans {
        match fresh.remove(&(scan.number.clone(), scan.key.clone())) {
            Some(true) => counted.push(scan),
            Some(false) => {
                if let Some(parcel) = parcels.get(&scan.number).filter(|parcel| parcel.current) {
                    news.open.push(opening(parcel, Kind::ReusedNumber, scan));
                }
            }
            None => {}
        }
    }
    Ok(counted)
}
