//! Stock levels that are to be told: the newest number only.

use crate::json::batch;
use crate::{Db, StoreError};
use huidan_domain::Millis;
use std::collections::BTreeSet;

/// The promise on some SKUs changed: every live shop's variant made of them is told the newest number. Wishes for the
/// same variant fall together; the version tells a newer wish that came while an older was under way.
///
/// # Errors
/// The database's.
pub async fn stock_changed<D: Db>(db: &D, now: Millis, skus: &BTreeSet<&str>) -> Result<(), StoreError> {
    if skus.is_empty() {
        return Ok(());
    }
    db.run(
        "INSERT INTO outbox (id, dedupe_key, kind, lane, body, state, next_at, created_at)
         SELECT DISTINCT 'stock/' || m.shop || '/' || m.ext_sku, 'stock/' || m.shop || '/' || m.ext_sku, 'stock', m.shop,
                json_object('ext_sku', m.ext_sku), 'pending', ?2, ?2
         FROM json_each(?1) AS k JOIN listing_sku AS m ON m.sku = k.value
         JOIN shop AS s ON s.id = m.shop
         WHERE s.mode = 'live' AND s.active
         ON CONFLICT (dedupe_key) DO UPDATE SET version = version + 1, state = 'pending', tries = 0,
             next_at = max(excluded.next_at, CASE WHEN state = 'pending' THEN next_at ELSE 0 END)",
        &[batch(skus)?, now.into()],
    )
    .await?;
    Ok(())
}

/// What may be published of a shop's variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publishable {
    /// The channel's id of the item.
    pub ext_item: String,
    /// The channel's id of the variant.
    pub ext_sku: String,
    /// The seller's code at the channel.
    pub outer_code: String,
    /// How many: the scarcest part decides; never below nothing.
    pub available: u32,
}

/// The publishable numbers of some variants of a shop; variants with a part whose stock is not counted are left out.
///
/// # Errors
/// The database's.
pub async fn publishable<D: Db>(db: &D, shop: &str, ext_skus: &[&str]) -> Result<Vec<Publishable>, StoreError> {
    let rows = db
        .run(
            "SELECT l.ext_item, l.ext_sku, l.outer_code,
                 max(0, min((SELECT sum(s.on_hand - s.reserved) FROM stock AS s JOIN warehouse AS w ON w.id = s.warehouse
                             WHERE s.sku = m.sku AND w.active) / m.qty)) * l.stock_share / 100
             FROM json_each(?2) AS k JOIN listing AS l ON l.shop = ?1 AND l.ext_sku = k.value
             JOIN listing_sku AS m ON m.shop = l.shop AND m.ext_sku = l.ext_sku
             GROUP BY l.ext_sku
             HAVING count(*) = count((SELECT 1 FROM stock AS s WHERE s.sku = m.sku LIMIT 1))",
            &[shop.into(), batch(ext_skus)?],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Publishable {
                ext_item: row.string(0)?,
                ext_sku: row.string(1)?,
                outer_code: row.string(2)?,
                available: u32::try_from(row.int(3)?).unwrap_or(0),
            })
        })
        .collect()
}
