//! The word on the screen, derived from what is known of an order and its packages.

use crate::json::batch;
use crate::{Db, StoreError, Value};
use huidan_domain::{ChannelState, DisplayFacts, Millis, PackageStatus, PayState, display_status};

const SUB_STATES: &str = "
    SELECT o.id, o.pay_state, o.channel_state, EXISTS (SELECT 1 FROM hold AS h WHERE h.order_id = o.id), o.status,
        (SELECT json_group_array(p.status) FROM package_order AS po JOIN package AS p ON p.id = po.package
         WHERE po.order_id = o.id AND p.status <> 'cancelled'),
        NOT EXISTS (
            SELECT 1 FROM order_line AS l
            WHERE l.order_id = o.id AND l.kind <> 'virtual' AND l.refund_state IN ('none', 'refused')
              AND l.qty > l.refunded_qty
              AND (l.skus IS NULL OR
                   (l.qty - l.refunded_qty) * (SELECT coalesce(sum(value ->> 'qty'), 0) FROM json_each(l.skus)) >
                   (SELECT coalesce(sum(pl.qty), 0) FROM package_line AS pl JOIN package AS p ON p.id = pl.package
                    WHERE pl.order_line = l.id AND p.status <> 'cancelled')))
    FROM json_each(?1) AS k JOIN orders AS o ON o.id = k.value";

/// Derives the word on the screen anew for some orders (ids as a JSON list), inside the caller's transaction.
///
/// # Errors
/// The database's.
pub async fn refresh_status<D: Db>(db: &D, now: Millis, orders: Value) -> Result<(), StoreError> {
    let rows = db.run(SUB_STATES, &[orders]).await?;
    let mut changed: Vec<(String, &'static str)> = Vec::new();
    for row in &rows {
        let names: Vec<String> = row.json(5)?;
        let packages: Vec<PackageStatus> =
            names.iter().map(|name| PackageStatus::parse(name)).collect::<Result<_, _>>()?;
        let facts = DisplayFacts {
            pay: PayState::parse(row.text(1)?)?,
            channel: ChannelState::parse(row.text(2)?).ok(),
            held: row.flag(3)?,
            packages: &packages,
            fully_planned: row.flag(6)? && !packages.is_empty(),
        };
        let status = display_status(&facts).name();
        if status != row.text(4)? {
            changed.push((row.string(0)?, status));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE orders SET status = n.value ->> 1, updated_at = ?2 FROM json_each(?1) AS n
         WHERE orders.id = n.value ->> 0",
        &[batch(&changed)?, now.into()],
    )
    .await?;
    Ok(())
}

/// The orders of packages, as a JSON list for [`refresh_status`].
///
/// # Errors
/// The database's.
pub async fn orders_of<D: Db>(db: &D, packages: &[&str]) -> Result<Value, StoreError> {
    let rows = db
        .run(
            "SELECT DISTINCT order_id FROM package_order WHERE package IN (SELECT value FROM json_each(?1))",
            &[batch(packages)?],
        )
        .await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    batch(&ids)
}
