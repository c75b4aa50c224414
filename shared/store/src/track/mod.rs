//! Parcels on their way: scans kept as they came and merged by event time, each moving its package at most once; how long
//! stages take; who is late; what a person should look at; who watches.

pub mod buyers;
mod exceptions;
mod incidents;
pub mod intercepts;
mod late;
mod merge;
mod moves;
mod paces;
pub mod tickets;
pub mod watches;
mod ways;

pub use late::{Lateness, late};
pub use merge::merge;

use crate::json::batch;
use crate::{Db, StoreError, Value, waybills};
use huidan_domain::Millis;
use serde::Serialize;
use std::collections::BTreeMap;

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

/// Parcels under way that were not scanned or asked for since `before` (since `pushed_before`, where somebody watches them
/// and should have pushed), by carrier and account: those of who watches them, where somebody does.
///
/// # Errors
/// The database's.
pub async fn to_poll<D: Db>(
    db: &D,
    before: Millis,
    pushed_before: Millis,
    limit: u32,
) -> Result<BTreeMap<(String, String), Vec<Silent>>, StoreError> {
    let rows = db
        .run(
            "SELECT coalesce(t.watcher, w.carrier), coalesce(t.account, w.account), w.number,
                 coalesce(nullif(w.carried_by, ''), w.carrier), coalesce(h.sender ->> 'phone', '')
             FROM package AS p JOIN waybill AS w ON w.id = p.waybill JOIN warehouse AS h ON h.id = p.warehouse
             LEFT JOIN watch AS t ON t.waybill = w.id AND t.state = 'watching'
             WHERE p.status IN ('handed_over', 'in_transit') AND w.number IS NOT NULL
               AND max(coalesce(p.last_scan_at, 0), p.updated_at, p.polled_at) < iif(t.waybill IS NULL, ?1, ?3)
             ORDER BY p.polled_at LIMIT ?2",
            &[before.into(), limit.into(), pushed_before.into()],
        )
        .await?;
    let mut found: BTreeMap<(String, String), Vec<Silent>> = BTreeMap::new();
    for row in &rows {
        let silent = Silent { number: row.string(2)?, by: row.string(3)?, phone: row.string(4)? };
        found.entry((row.string(0)?, row.string(1)?)).or_default().push(silent);
    }
    for parcels in found.values_mut() {
        let mothers: Vec<&str> = parcels.iter().map(|parcel| parcel.number.as_str()).collect();
        let further = waybills::further(db, &mothers).await?;
        let children = further.into_iter().filter_map(|(mother, number)| {
            let mother = parcels.iter().find(|parcel| parcel.number == mother)?;
            Some(Silent { number, by: mother.by.clone(), phone: mother.phone.clone() })
        });
        let children: Vec<Silent> = children.collect();
        parcels.extend(children);
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

#[cfg(test)]
mod tests;
