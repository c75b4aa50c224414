//! What a person said the columns of a shop's spreadsheets hold.

use super::note;
use crate::json::text;
use crate::{Db, Moment, StoreError};
use huidan_wire::api::ImportMapping;

/// Mappings that are kept of a shop.
const KEPT: u32 = 50;

/// Those of a shop, the one that was changed last first.
///
/// # Errors
/// The database's.
pub async fn of_shop<D: Db>(db: &D, shop: &str) -> Result<Vec<ImportMapping>, StoreError> {
    let rows = db
        .run(
            "SELECT mapping FROM import_mapping WHERE shop = ?1 ORDER BY confirmed_at DESC, headings_sha LIMIT ?2",
            &[shop.into(), KEPT.into()],
        )
        .await?;
    rows.iter().map(|row| row.json(0)).collect()
}

/// Keeps a mapping over an earlier one for the same set of headings, whose hash is given.
///
/// # Errors
/// The database's.
pub async fn keep<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    shop: &str,
    headings_sha: &str,
    mapping: &ImportMapping,
) -> Result<(), StoreError> {
    let changed = db
        .run(
            "INSERT INTO import_mapping (shop, headings_sha, mapping, confirmed_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (shop, headings_sha) DO UPDATE SET mapping = excluded.mapping, confirmed_at = excluded.confirmed_at
             WHERE mapping <> excluded.mapping
             RETURNING 1",
            &[shop.into(), headings_sha.into(), text(mapping)?.into(), moment.now.into()],
        )
        .await?;
    if changed.is_empty() {
        return Ok(());
    }
    db.run(
        "DELETE FROM import_mapping WHERE shop = ?1 AND headings_sha NOT IN (
             SELECT headings_sha FROM import_mapping WHERE shop = ?1 ORDER BY confirmed_at DESC, headings_sha LIMIT ?2)",
        &[shop.into(), KEPT.into()],
    )
    .await?;
    note(db, moment, actor, "shop", shop, "import_mapped").await
}
