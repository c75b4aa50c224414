//! Stock as people count it.

use crate::{Db, Entry, Moment, StoreError, Value, append, outbox};
use huidan_wire::api::{AskStock, SetStock, Stock};
use std::collections::BTreeSet;

/// Stock after one row of it (goods and warehouse), in that order.
///
/// # Errors
/// The database's.
pub async fn stock<D: Db>(
    db: &D,
    ask: &AskStock,
    after: Option<(&str, &str)>,
    limit: u32,
) -> Result<Vec<Stock>, StoreError> {
    let (sku, warehouse) = after.unwrap_or_default();
    let rows = db
        .run(
            "SELECT sku, warehouse, on_hand, reserved FROM stock
             WHERE (sku, warehouse) > (?1, ?2) AND coalesce(?3, sku) = sku AND coalesce(?4, warehouse) = warehouse
             ORDER BY sku, warehouse LIMIT ?5",
            &[
                sku.into(),
                warehouse.into(),
                Value::from(ask.sku.as_deref()),
                Value::from(ask.warehouse.as_deref()),
                limit.into(),
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Stock { sku: row.string(0)?, warehouse: row.string(1)?, on_hand: row.int(2)?, reserved: row.int(3)? })
        })
        .collect()
}

/// Sets what is on the shelf by a move of the ledger, inside the caller's transaction; shops are told the new number.
///
/// # Errors
/// [`StoreError::Constraint`] for goods or a warehouse that is not there.
pub async fn set<D: Db>(db: &D, moment: Moment<'_>, actor: &str, count: &SetStock) -> Result<Stock, StoreError> {
    let key = [Value::from(&count.sku), Value::from(&count.warehouse)];
    let [sku, warehouse] = key.clone();
    let rows = db.run("SELECT on_hand FROM stock WHERE sku = ?1 AND warehouse = ?2", &key).await?;
    let known = rows.iter().next().map(|row| row.int(0)).transpose()?;
    let rows = db
        .run(
            "INSERT INTO stock (sku, warehouse, on_hand) VALUES (?1, ?2, ?3)
             ON CONFLICT (sku, warehouse) DO UPDATE SET on_hand = excluded.on_hand, version = version + 1
             RETURNING reserved",
            &[sku.clone(), warehouse.clone(), count.on_hand.into()],
        )
        .await?;
    let reserved = rows.first()?.int(0)?;
    let on_hand = i64::from(count.on_hand);
    let moved = on_hand - known.unwrap_or(0);
    if moved != 0 {
        db.run(
            "INSERT INTO stock_move (sku, warehouse, qty, reason, ref, at, actor)
             VALUES (?1, ?2, ?3, 'counted', ?4, ?5, ?6)",
            &[sku, warehouse, moved.into(), moment.id().into(), moment.now.into(), actor.into()],
        )
        .await?;
    }
    if moved != 0 || known.is_none() {
        let entry = Entry::new(actor, "sku", &count.sku, "stock_counted")
            .from_to(&known.unwrap_or(0).to_string(), &on_hand.to_string())
            .with(serde_json::json!({ "warehouse": count.warehouse }));
        append(db, moment.now, &[entry]).await?;
        outbox::stock_changed(db, moment.now, &BTreeSet::from([count.sku.as_str()])).await?;
    }
    Ok(Stock { sku: count.sku.clone(), warehouse: count.warehouse.clone(), on_hand, reserved })
}
