//! What a package holds of the stock: freed when it is cancelled, gone when it leaves the house.

use crate::json::batch;
use crate::{Db, Moment, StoreError, Value, outbox};
use huidan_domain::Millis;
use std::collections::BTreeSet;

/// Cancels packages that have not left the house, inside the caller's transaction: the fence rises, reserved stock is
/// free again, a number that was taken is to be given back. Answers the lanes of `flow-book` that have work now.
///
/// # Errors
/// The database's.
pub async fn cancel_packages<D: Db>(
    db: &D,
    moment: Moment<'_>,
    packages: impl Iterator<Item = &str>,
) -> Result<BTreeSet<String>, StoreError> {
    let ids: Vec<&str> = packages.collect();
    let rows = db
        .run(
            "UPDATE package SET status = 'cancelled', fence = fence + 1, updated_at = ?2, work_at = ?2,
                 work = CASE WHEN EXISTS (SELECT 1 FROM waybill AS w WHERE w.package = package.id
                     AND w.state NOT IN ('voided', 'reclaimed', 'refused')) THEN 'void'
                     -- what was planned for show stays known as such
                     WHEN work = 'shadow' THEN 'shadow' ELSE '' END
             WHERE id IN (SELECT value FROM json_each(?1)) AND status IN ('planned', 'numbered', 'printed', 'verified')
             RETURNING id, account, work",
            &[batch(&ids)?, moment.now.into()],
        )
        .await?;
    let cancelled: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    release(db, moment.now, batch(&cancelled)?).await?;
    rows.iter().filter(|row| row.text(2) == Ok("void")).map(|row| row.string(1)).collect()
}

/// Frees what is reserved for packages (`ids` as JSON).
pub(crate) async fn release<D: Db>(db: &D, now: Millis, ids: Value) -> Result<(), StoreError> {
    let rows = db
        .run(
            "SELECT DISTINCT sku FROM reservation WHERE package IN (SELECT value FROM json_each(?1))",
            std::slice::from_ref(&ids),
        )
        .await?;
    let skus: BTreeSet<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    db.run(
        "UPDATE stock SET reserved = reserved - n.qty, version = version + 1
         FROM (SELECT sku, warehouse, sum(qty) AS qty FROM reservation
               WHERE package IN (SELECT value FROM json_each(?1)) GROUP BY sku, warehouse) AS n
         WHERE stock.sku = n.sku AND stock.warehouse = n.warehouse",
        std::slice::from_ref(&ids),
    )
    .await?;
    db.run("DELETE FROM reservation WHERE package IN (SELECT value FROM json_each(?1))", &[ids]).await?;
    outbox::stock_changed(db, now, &skus).await
}

/// The goods of packages (ids as a JSON list) left the shelf: what was reserved goes out of stock, once per package.
///
/// # Errors
/// The database's.
pub async fn consume<D: Db>(db: &D, moment: Moment<'_>, actor: &str, packages: &[&str]) -> Result<(), StoreError> {
    let ids = batch(packages)?;
    db.run(
        "INSERT INTO stock_move (sku, warehouse, qty, reason, ref, at, actor)
         SELECT sku, warehouse, -qty, 'shipped', package, ?2, ?3 FROM reservation
         WHERE package IN (SELECT value FROM json_each(?1))",
        &[ids.clone(), moment.now.into(), actor.into()],
    )
    .await?;
    db.run(
        "UPDATE stock SET on_hand = on_hand - n.qty, reserved = reserved - n.qty, version = version + 1
         FROM (SELECT sku, warehouse, sum(qty) AS qty FROM reservation
               WHERE package IN (SELECT value FROM json_each(?1)) GROUP BY sku, warehouse) AS n
         WHERE stock.sku = n.sku AND stock.warehouse = n.warehouse",
        std::slice::from_ref(&ids),
    )
    .await?;
    db.run("DELETE FROM reservation WHERE package IN (SELECT value FROM json_each(?1))", &[ids]).await?;
    Ok(())
}
