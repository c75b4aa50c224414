//! Stored documents of orders, to be read again.

use super::raw_seal_name;
use crate::json::batch;
use crate::{Db, Keyring, StoreError, Value};
use huidan_domain::Millis;
use std::collections::HashMap;

/// An order's document as it was stored.
pub struct Stored {
    /// Our id of the order.
    pub order: String,
    /// Shop.
    pub shop: String,
    /// Topic of the document.
    pub topic: String,
    /// The document.
    pub body: String,
}

/// Orders with a problem of that code that were last touched before `before`; the longer one has it, the more seldom it
/// comes up, since what hangs a step for one order costs its neighbours too.
///
/// # Errors
/// The database's.
pub async fn with_problem<D: Db>(db: &D, code: &str, before: Millis, limit: u32) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT id FROM orders WHERE status IN ('held', 'to_plan', 'unpaid') AND updated_at + (updated_at - created_at) < ?2
               AND problems LIKE '%\"' || ?1 || '\"%' ORDER BY updated_at LIMIT ?3",
            &[code.into(), before.into(), limit.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// Orders of a shop (or of all) that were last changed at their channel since `since`, by id from `after` on: which to
/// read again.
///
/// # Errors
/// The database's.
pub async fn since<D: Db>(
    db: &D,
    shop: Option<&str>,
    since: Millis,
    after: &str,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT id FROM orders WHERE id > ?1 AND version_at >= ?2 AND shop = coalesce(?3, shop) ORDER BY id LIMIT ?4",
            &[after.into(), since.into(), Value::from(shop), limit.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// The documents last applied to some orders, opened, by channel.
///
/// # Errors
/// The database's; [`StoreError::Sealed`].
pub async fn documents<D: Db>(
    db: &D,
    keys: &Keyring,
    ids: &[String],
) -> Result<HashMap<String, Vec<Stored>>, StoreError> {
    let rows = db
        .run(
            "SELECT o.channel, o.id, o.shop, o.ext_id, r.hash, r.topic, r.body FROM json_each(?1) AS k
             JOIN orders AS o ON o.id = k.value
             JOIN raw_order AS r ON r.shop = o.shop AND r.ext_id = o.ext_id AND r.version_at = o.version_at
                 AND r.hash = o.version_hash",
            &[batch(ids)?],
        )
        .await?;
    let mut found: HashMap<String, Vec<Stored>> = HashMap::new();
    for row in &rows {
        let (shop, ext_id, hash) = (row.string(2)?, row.text(3)?, row.text(4)?);
        let body = keys.open(&raw_seal_name(&shop, ext_id, hash), row.blob(6)?)?;
        let body = String::from_utf8(body.to_vec()).map_err(|_| StoreError::Sealed)?;
        found.entry(row.string(0)?).or_default().push(Stored {
            order: row.string(1)?,
            shop,
            topic: row.string(5)?,
            body,
        });
    }
    Ok(found)
}
