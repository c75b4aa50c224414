//! Scans: kept as they came, merged by event time, each moving its package at most once.

use crate::json::batch;
use crate::{Db, Entry, Moment, StoreError, Value, append, outbox, plan};
use huidan_domain::{Millis, Move, PackageEvent, PackageStatus, WaybillEvent, WaybillState};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A scan to be merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewScan {
    /// The waybill number.
    pub number: String,
    /// Tells events of one number apart.
    pub key: String,
    /// The carrier account it came through.
    pub account: String,
    /// When, by the carrier's clock, in milliseconds since 1970.
    pub at: i64,
    /// What happened, by name.
    pub kind: String,
    /// The carrier's code.
    pub code: String,
    /// The carrier's words.
    pub text: String,
    /// Where.
    pub place: String,
}

/// How long before its issue a number's scan may lie (clocks differ), in milliseconds. What is older belongs to an
/// earlier life of a re-used number.
const BEFORE_ISSUE_MS: i64 = 3_600_000;

struct Parcel {
    package: String,
    status: PackageStatus,
    waybill: String,
    state: WaybillState,
    issued_at: i64,
    last_scan_at: i64,
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
    let numbers: BTreeSet<&str> = scans.iter().map(|scan| scan.number.as_str()).collect();
    let mut parcels = parcels(db, carrier, &numbers).await?;
    let mut fresh = insert(db, moment, scans, &parcels).await?;
    fresh.sort_by_key(|scan| scan.at);
    let (mut left, mut moves) = (BTreeSet::new(), Moves::default());
    for scan in fresh {
        let Some(parcel) = parcels.get_mut(&scan.number) else { continue };
        if let Some(event) = event_of(&scan.kind) {
            if !parcel.status.left_the_house() && parcel.status != PackageStatus::Cancelled {
                left.insert(parcel.package.clone());
            }
            moves.apply(parcel, event, scan);
        }
        // That nobody watches is no news of the parcel.
        if scan.kind != "unwatched" {
            parcel.last_scan_at = parcel.last_scan_at.max(scan.at);
        }
        moves.seen.insert(parcel.package.clone(), parcel.last_scan_at);
        if let Some(alarm) = alarm_of(&scan.kind) {
            moves.alarms.insert(parcel.package.clone(), alarm);
        }
    }
    let left: Vec<&str> = left.iter().map(String::as_str).collect();
    let shops = outbox::hand_over(db, moment, "flow-track", &left).await?;
    moves.carry_out(db, moment).await?;
    Ok(shops)
}

/// Which event of a package's life a kind of scan is; `None` for what changes nothing.
fn event_of(kind: &str) -> Option<PackageEvent> {
    match kind {
        "picked_up" | "moving" | "out_for_delivery" | "problem" | "refused" | "returning" => {
            Some(PackageEvent::CarrierScan)
        }
        "signed" => Some(PackageEvent::SignedFor),
        "returned" => Some(PackageEvent::CameBack),
        _ => None,
    }
}

/// What a kind of scan means for a person: a reason to look, or that the reason is gone.
fn alarm_of(kind: &str) -> Option<&'static str> {
    match kind {
        "problem" => Some("problem"),
        "refused" => Some("refused"),
        "unwatched" => Some("unwatched"),
        "returning" | "returned" => Some("returning"),
        "picked_up" | "moving" | "out_for_delivery" | "signed" => Some(""),
        _ => None,
    }
}

async fn parcels<D: Db>(
    db: &D,
    carrier: &str,
    numbers: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Parcel>, StoreError> {
    let rows = db
        .run(
            "SELECT w.number, p.id, p.status, w.id, w.state, coalesce(w.issued_at, 0), coalesce(p.last_scan_at, 0)
             FROM json_each(?1) AS k JOIN waybill AS w ON w.number = k.value AND w.carrier = ?2
             JOIN package AS p ON p.id = w.package",
            &[batch(numbers)?, carrier.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let parcel = Parcel {
                package: row.string(1)?,
                status: PackageStatus::parse(row.text(2)?)?,
                waybill: row.string(3)?,
                state: WaybillState::parse(row.text(4)?)?,
                issued_at: row.int(5)?,
                last_scan_at: row.int(6)?,
            };
            Ok((row.string(0)?, parcel))
        })
        .collect()
}

/// Keeps every scan, also of numbers that are not ours and of a number's earlier life; answers those that are new and
/// count.
async fn insert<'a, D: Db>(
    db: &D,
    moment: Moment<'_>,
    scans: &'a [NewScan],
    parcels: &BTreeMap<String, Parcel>,
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
    let mut fresh = BTreeSet::new();
    for row in &new {
        if row.flag(2)? {
            fresh.insert((row.string(0)?, row.string(1)?));
        }
    }
    let mut seen = BTreeSet::new();
    Ok(scans
        .iter()
        .filter(|scan| {
            let key = (scan.number.clone(), scan.key.clone());
            fresh.contains(&key) && seen.insert(key)
        })
        .collect())
}

#[derive(Default)]
struct Moves {
    packages: BTreeMap<String, PackageStatus>,
    waybills: BTreeMap<String, WaybillState>,
    seen: BTreeMap<String, i64>,
    alarms: BTreeMap<String, &'static str>,
    log: Vec<Entry>,
}

impl Moves {
    fn apply(&mut self, parcel: &mut Parcel, event: PackageEvent, scan: &NewScan) {
        match parcel.status.on(event) {
            Move::To(next) => {
                let entry = Entry::new("flow-track", "package", &parcel.package, event.name());
                let entry = entry.from_to(parcel.status.name(), next.name());
                self.log.push(entry.with(serde_json::json!({ "code": scan.code, "at": scan.at })));
                parcel.status = next;
                self.packages.insert(parcel.package.clone(), next);
            }
            Move::AlreadyThere => {}
            Move::Conflict => {
                let entry = Entry::new("flow-track", "package", &parcel.package, "scan_contradicts");
                let entry = entry.from_to(parcel.status.name(), event.name());
                self.log.push(entry.with(serde_json::json!({ "code": scan.code, "at": scan.at })));
                self.alarms.insert(parcel.package.clone(), "contradiction");
            }
        }
        if let Move::To(next) = parcel.state.on(WaybillEvent::Trace) {
            parcel.state = next;
            self.waybills.insert(parcel.waybill.clone(), next);
        }
    }

    async fn carry_out<D: Db>(self, db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
        let named = |status: &PackageStatus| status.name();
        let packages: Vec<(&String, &str)> = self.packages.iter().map(|(id, status)| (id, named(status))).collect();
        if !packages.is_empty() {
            db.run(
                "UPDATE package SET status = n.value ->> 1, updated_at = ?2 FROM json_each(?1) AS n
                 WHERE package.id = n.value ->> 0",
                &[batch(&packages)?, moment.now.into()],
            )
            .await?;
        }
        let waybills: Vec<(&String, &str)> = self.waybills.iter().map(|(id, state)| (id, state.name())).collect();
        if !waybills.is_empty() {
            db.run(
                "UPDATE waybill SET state = n.value ->> 1 FROM json_each(?1) AS n WHERE waybill.id = n.value ->> 0",
                &[batch(&waybills)?],
            )
            .await?;
        }
        let seen: Vec<(&String, &i64, Option<&&str>)> =
            self.seen.iter().map(|(id, at)| (id, at, self.alarms.get(id))).collect();
        if !seen.is_empty() {
            db.run(
                "UPDATE package SET last_scan_at = nullif(n.value ->> 1, 0), alarm = coalesce(n.value ->> 2, alarm)
                 FROM json_each(?1) AS n WHERE package.id = n.value ->> 0",
                &[batch(&seen)?],
            )
            .await?;
        }
        let moved: Vec<&str> = self.packages.keys().map(String::as_str).collect();
        if !moved.is_empty() {
            let orders = plan::orders_of(db, &moved).await?;
            plan::refresh_status(db, moment.now, orders).await?;
        }
        append(db, moment.now, &self.log).await
    }
}

/// Raises the first stall alarm: parcels under way that nobody scanned since `before`. Answers how many are new.
///
/// # Errors
/// The database's.
pub async fn raise_stalls<D: Db>(db: &D, moment: Moment<'_>, before: Millis) -> Result<u32, StoreError> {
    let rows = db
        .run(
            "UPDATE package SET alarm = CASE WHEN last_scan_at IS NULL THEN 'not_picked_up' ELSE 'stalled' END
             WHERE status IN ('handed_over', 'in_transit') AND alarm = '' AND coalesce(last_scan_at, updated_at) < ?1
             RETURNING id, alarm",
            &[before.into()],
        )
        .await?;
    let log = rows
        .iter()
        .map(|row| Ok(Entry::new("flow-track", "package", row.text(0)?, row.text(1)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    append(db, moment.now, &log).await?;
    Ok(u32::try_from(log.len()).unwrap_or(u32::MAX))
}

/// A parcel to be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// Its number.
    pub number: String,
    /// Our id of who carries it.
    pub by: String,
    /// The phone it was sent from, whole.
    pub phone: String,
}

/// Parcels under way that were not scanned or asked for since `before`, by carrier and account.
///
/// # Errors
/// The database's.
pub async fn to_poll<D: Db>(
    db: &D,
    before: Millis,
    limit: u32,
) -> Result<BTreeMap<(String, String), Vec<Silent>>, StoreError> {
    let rows = db
        .run(
            "SELECT w.carrier, w.account, w.number, coalesce(nullif(w.carried_by, ''), w.carrier),
                 coalesce(h.sender ->> 'phone', '')
             FROM package AS p JOIN waybill AS w ON w.id = p.waybill JOIN warehouse AS h ON h.id = p.warehouse
             WHERE p.status IN ('handed_over', 'in_transit') AND w.number IS NOT NULL
               AND max(coalesce(p.last_scan_at, 0), p.updated_at, p.polled_at) < ?1
             ORDER BY p.polled_at LIMIT ?2",
            &[before.into(), limit.into()],
        )
        .await?;
    let mut found: BTreeMap<(String, String), Vec<Silent>> = BTreeMap::new();
    for row in &rows {
        let silent = Silent { number: row.string(2)?, by: row.string(3)?, phone: row.string(4)? };
        found.entry((row.string(0)?, row.string(1)?)).or_default().push(silent);
    }
    Ok(found)
}

/// Notes that numbers were asked for now.
///
/// # Errors
/// The database's.
pub async fn polled<D: Db>(db: &D, now: Millis, numbers: &[&str]) -> Result<(), StoreError> {
    db.run(
        "UPDATE package SET polled_at = ?2 WHERE waybill IN (
             SELECT id FROM waybill WHERE number IN (SELECT value FROM json_each(?1)))",
        &[batch(numbers)?, Value::from(now)],
    )
    .await?;
    Ok(())
}
