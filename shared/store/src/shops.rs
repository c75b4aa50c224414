//! Shops and how far their orders are pulled.

use crate::{Db, StoreError, Value};
use huidan_domain::Millis;
use std::collections::HashMap;

/// What the flows need to know of a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopFacts {
    /// Its channel.
    pub channel: String,
    /// `observe`, `shadow` or `live`.
    pub mode: String,
}

/// Every active shop by id; a seller has a handful.
///
/// # Errors
/// The database's.
pub async fn all<D: Db>(db: &D) -> Result<HashMap<String, ShopFacts>, StoreError> {
    let rows = db.run("SELECT id, channel, mode FROM shop WHERE active", &[]).await?;
    rows.iter().map(|row| Ok((row.string(0)?, ShopFacts { channel: row.string(1)?, mode: row.string(2)? }))).collect()
}

/// How far a shop's orders are pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// Shop.
    pub shop: String,
    /// Its channel.
    pub channel: String,
    /// Everything changed before is durably here.
    pub watermark: Millis,
    /// End of the window under way.
    pub window_to: Option<Millis>,
    /// Next page of it.
    pub cursor: Option<String>,
    /// Failures in a row.
    pub failures: u32,
}

/// How far a shop's orders are pulled; `None` when it is not listed.
///
/// # Errors
/// The database's.
pub async fn watermark<D: Db>(db: &D, shop: &str) -> Result<Option<Millis>, StoreError> {
    let rows = db.run("SELECT watermark FROM pull WHERE shop = ?1", &[shop.into()]).await?;
    rows.iter().next().map(|row| Ok(Millis(row.int(0)?))).transpose()
}

/// Pulls that are due.
///
/// # Errors
/// The database's.
pub async fn due_pulls<D: Db>(db: &D, now: Millis, shop: Option<&str>) -> Result<Vec<Pull>, StoreError> {
    let rows = db
        .run(
            "SELECT p.shop, s.channel, p.watermark, p.window_to, p.cursor, p.failures FROM pull AS p
             JOIN shop AS s ON s.id = p.shop WHERE s.active AND p.next_at <= ?1 AND coalesce(?2, p.shop) = p.shop
             ORDER BY p.next_at",
            &[now.into(), Value::from(shop)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Pull {
                shop: row.string(0)?,
                channel: row.string(1)?,
                watermark: Millis(row.int(2)?),
                window_to: row.maybe_int(3)?.map(Millis),
                cursor: row.maybe_text(4)?.map(str::to_owned),
                failures: row.count(5)?,
            })
        })
        .collect()
}

/// Begins (or begins again) to pull a shop from `from` on.
///
/// # Errors
/// The database's.
pub async fn start_pull<D: Db>(db: &D, shop: &str, from: Millis, next_at: Millis) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO pull (shop, watermark, next_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (shop) DO UPDATE SET watermark = min(watermark, excluded.watermark), window_to = NULL,
             cursor = NULL, next_at = excluded.next_at",
        &[shop.into(), from.into(), next_at.into()],
    )
    .await?;
    Ok(())
}

/// A page of the window is stored; the window goes on at `cursor`.
///
/// # Errors
/// The database's.
pub async fn page_stored<D: Db>(db: &D, shop: &str, window_to: Millis, cursor: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE pull SET window_to = ?2, cursor = ?3, failures = 0, reason = '' WHERE shop = ?1",
        &[shop.into(), window_to.into(), cursor.into()],
    )
    .await?;
    Ok(())
}

/// The window's last page is stored: the watermark moves.
///
/// # Errors
/// The database's.
pub async fn window_stored<D: Db>(db: &D, shop: &str, watermark: Millis, next_at: Millis) -> Result<(), StoreError> {
    db.run(
        "UPDATE pull SET watermark = max(watermark, ?2), window_to = NULL, cursor = NULL, next_at = ?3, failures = 0,
             reason = '' WHERE shop = ?1",
        &[shop.into(), watermark.into(), next_at.into()],
    )
    .await?;
    Ok(())
}

/// A call failed: try again at `next_at`. A window that keeps failing starts from its first page again.
///
/// # Errors
/// The database's.
pub async fn pull_failed<D: Db>(db: &D, shop: &str, next_at: Millis, reason: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE pull SET next_at = ?2, failures = failures + 1, reason = ?3,
             window_to = CASE WHEN failures >= 3 THEN NULL ELSE window_to END,
             cursor = CASE WHEN failures >= 3 THEN NULL ELSE cursor END
         WHERE shop = ?1",
        &[shop.into(), next_at.into(), reason.into()],
    )
    .await?;
    Ok(())
}

/// What a person must know of a shop (a wrong secret, say); empty clears it.
///
/// # Errors
/// The database's.
pub async fn trouble<D: Db>(db: &D, shop: &str, trouble: &str) -> Result<(), StoreError> {
    db.run("UPDATE shop SET trouble = ?2 WHERE id = ?1 AND trouble <> ?2", &[shop.into(), trouble.into()]).await?;
    Ok(())
}
