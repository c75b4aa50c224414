//! The parcel in hand at a bench.

use crate::json::text;
use crate::{Db, Entry, Moment, StoreError, append, plan};
use huidan_domain::{Move, PackageEvent, PackageStatus, WaybillEvent, WaybillState};
use huidan_wire::api::ScanLine;
use std::collections::BTreeMap;

/// A parcel in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InHand {
    /// The package.
    pub package: String,
    /// The fence of the paper it was taken up with.
    pub fence: i64,
    /// Pieces scanned into it, by our code.
    pub scanned: BTreeMap<String, u32>,
}

/// A package found by the number on its paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByNumber {
    /// The package.
    pub package: String,
    /// Its status.
    pub status: String,
    /// The fence that was printed with the number.
    pub fence: i64,
    /// Whether this is the number that the package has now.
    pub current: bool,
}

/// The package of a number, a mother's or a child's: the one that has it now, before those that had it.
///
/// # Errors
/// The database's.
pub async fn by_number<D: Db>(db: &D, number: &str) -> Result<Option<ByNumber>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, p.status, w.fence, coalesce(p.waybill = w.id, 0) FROM waybill AS w
             JOIN package AS p ON p.id = w.package
             WHERE w.id IN (SELECT id FROM waybill WHERE number = ?1
                            UNION ALL SELECT waybill FROM waybill_child WHERE number = ?1)
             ORDER BY 4 DESC, w.claimed_at DESC LIMIT 1",
            &[number.into()],
        )
        .await?;
    rows.iter()
        .next()
        .map(|row| {
            Ok(ByNumber { package: row.string(0)?, status: row.string(1)?, fence: row.int(2)?, current: row.flag(3)? })
        })
        .transpose()
}

/// Our code of scanned goods: by barcode, or the code itself.
///
/// # Errors
/// The database's.
pub async fn sku_of<D: Db>(db: &D, code: &str) -> Result<Option<String>, StoreError> {
    let rows = db
        .run(
            "SELECT code FROM sku WHERE barcode = ?1 AND barcode <> '' UNION ALL
             SELECT code FROM sku WHERE code = ?1 COLLATE NOCASE LIMIT 1",
            &[code.into()],
        )
        .await?;
    rows.iter().next().map(|row| row.string(0)).transpose()
}

/// What is in hand at a bench.
///
/// # Errors
/// The database's.
pub async fn in_hand<D: Db>(db: &D, station: &str) -> Result<Option<InHand>, StoreError> {
    let rows = db.run("SELECT package, fence, scanned FROM station WHERE id = ?1", &[station.into()]).await?;
    rows.iter()
        .next()
        .map(|row| Ok(InHand { package: row.string(0)?, fence: row.int(1)?, scanned: row.json(2)? }))
        .transpose()
}

/// Takes a parcel in hand, or notes what was scanned into it.
///
/// # Errors
/// The database's.
pub async fn put<D: Db>(db: &D, moment: Moment<'_>, station: &str, hand: &InHand) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO station (id, package, fence, scanned, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET package = excluded.package, fence = excluded.fence, scanned = excluded.scanned,
             at = excluded.at",
        &[station.into(), (&hand.package).into(), hand.fence.into(), text(&hand.scanned)?.into(), moment.now.into()],
    )
    .await?;
    Ok(())
}

/// Puts a parcel out of hand.
///
/// # Errors
/// The database's.
pub async fn clear<D: Db>(db: &D, station: &str) -> Result<(), StoreError> {
    db.run("DELETE FROM station WHERE id = ?1", &[station.into()]).await?;
    Ok(())
}

/// What belongs in a package, and how much of it was scanned.
///
/// # Errors
/// The database's.
pub async fn lines<D: Db>(db: &D, package: &str, scanned: &BTreeMap<String, u32>) -> Result<Vec<ScanLine>, StoreError> {
    let rows = db
        .run(
            "SELECT pl.sku, coalesce(nullif(max(s.title), ''), max(l.title)), sum(pl.qty) FROM package_line AS pl
             JOIN order_line AS l ON l.id = pl.order_line LEFT JOIN sku AS s ON s.code = pl.sku
             WHERE pl.package = ?1 GROUP BY pl.sku ORDER BY pl.sku",
            &[package.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let sku = row.string(0)?;
            let scanned = scanned.get(&sku).copied().unwrap_or(0);
            Ok(ScanLine { title: row.string(1)?, qty: row.count(2)?, scanned, sku })
        })
        .collect()
}

/// The right goods are under the right paper, inside the caller's transaction.
///
/// # Errors
/// The database's.
pub async fn verify<D: Db>(db: &D, moment: Moment<'_>, actor: &str, package: &str) -> Result<(), StoreError> {
    let rows = db
        .run(
            "SELECT p.status, w.id, w.state FROM package AS p LEFT JOIN waybill AS w ON w.id = p.waybill
             WHERE p.id = ?1",
            &[package.into()],
        )
        .await?;
    let row = rows.first()?;
    let status = PackageStatus::parse(row.text(0)?)?;
    let Move::To(next) = status.on(PackageEvent::ScanVerified) else { return Ok(()) };
    db.run(
        "UPDATE package SET status = ?2, updated_at = ?3 WHERE id = ?1",
        &[package.into(), next.name().into(), moment.now.into()],
    )
    .await?;
    if let (Some(waybill), Some(state)) = (row.maybe_text(1)?, row.maybe_text(2)?)
        && let Move::To(state) = WaybillState::parse(state)?.on(WaybillEvent::Verify)
    {
        db.run("UPDATE waybill SET state = ?2 WHERE id = ?1", &[waybill.into(), state.name().into()]).await?;
    }
    let entry = Entry::new(actor, "package", package, "verified").from_to(status.name(), next.name());
    append(db, moment.now, &[entry]).await?;
    let orders = plan::orders_of(db, &[package]).await?;
    plan::refresh_status(db, moment.now, orders).await
}
