//! What would have been done in a shop since it was put into `shadow`.

use crate::{Db, Row, StoreError, Value};
use huidan_domain::Millis;
use huidan_wire::api::{
    ShadowConfirm, ShadowConfirmLine, ShadowLine, ShadowOrder, ShadowPackage, ShadowReason, ShadowSummary, instant,
};
use huidan_wire::step::Trace;

/// Orders that were placed longer than this before are not looked through, in seconds.
const REACH_S: i64 = 60 * 86_400;

/// Since when a shop is, or last was, in `shadow`; `None` when it never was.
///
/// # Errors
/// The database's.
pub async fn since<D: Db>(db: &D, shop: &str) -> Result<Option<Millis>, StoreError> {
    let rows = db
        .run(
            "SELECT coalesce(
                 (SELECT max(l.at) FROM event_log AS l
                  WHERE l.entity = 'shop' AND l.entity_id = s.id AND l.kind = 'mode' AND l.becomes = 'shadow'),
                 iif(s.mode = 'shadow' OR EXISTS (SELECT 1 FROM event_log AS l
                     WHERE l.entity = 'shop' AND l.entity_id = s.id AND l.kind = 'mode' AND l.was = 'shadow'),
                     s.created_at, NULL))
             FROM shop AS s WHERE s.id = ?1",
            &[shop.into()],
        )
        .await?;
    rows.iter().next().map_or(Ok(None), |row| Ok(row.maybe_int(0)?.map(Millis)))
}

/// Of a shop (`?1`) since then (`?2`): what was planned for show, and what waited.
const SEEN: &str = "o.shop = ?1 AND o.placed_at >= ?3 AND (
    EXISTS (SELECT 1 FROM package_order AS po JOIN package AS p ON p.id = po.package
            WHERE po.order_id = o.id AND p.work = 'shadow' AND p.created_at >= ?2)
    OR EXISTS (SELECT 1 FROM hold AS h WHERE h.order_id = o.id AND h.handle <> 'going_live')
    OR EXISTS (SELECT 1 FROM event_log AS l
               WHERE l.entity = 'order' AND l.entity_id = o.id AND l.kind = 'held' AND l.at >= ?2))";

/// A package that counts: it stands, or it was the last plan when the seller shipped by hand. One that was called off
/// since the order changed or was cancelled counts no more.
const SHOWN: &str = "p.work = 'shadow' AND p.created_at >= ?2 AND (p.status = 'planned'
    OR (o.channel_state IN ('shipped', 'completed') AND p.updated_at = (
        SELECT max(q.updated_at) FROM package_order AS qo JOIN package AS q ON q.id = qo.package
        WHERE qo.order_id = o.id AND q.work = 'shadow')))";

/// Why an order waited that never became a package and is held no more.
const WAITED: &str = "SELECT l.body ->> 'reason' FROM event_log AS l
    WHERE l.entity = 'order' AND l.entity_id = o.id AND l.kind = 'held' AND l.at >= ?2 ORDER BY l.seq DESC LIMIT 1";

const NEVER_PACKED: &str = "NOT EXISTS (SELECT 1 FROM hold AS h WHERE h.order_id = o.id)
    AND NOT EXISTS (SELECT 1 FROM package_order AS po JOIN package AS p ON p.id = po.package
        WHERE po.order_id = o.id AND p.work = 'shadow' AND p.created_at >= ?2)";

fn values(shop: &str, since: Millis) -> Vec<Value> {
    vec![shop.into(), since.into(), since.plus_seconds(-REACH_S).into()]
}

/// The whole in numbers.
///
/// # Errors
/// The database's.
pub async fn summary<D: Db>(db: &D, shop: &str, since: Millis) -> Result<ShadowSummary, StoreError> {
    let values = values(shop, since);
    let seen =
        db.run(&format!("SELECT count(*) FROM orders AS o INDEXED BY orders_shop WHERE {SEEN}"), &values).await?;
    let packed = db
        .run(
            &format!(
                "SELECT count(DISTINCT o.id), count(DISTINCT p.id) FROM orders AS o INDEXED BY orders_shop
                 JOIN package_order AS po ON po.order_id = o.id JOIN package AS p ON p.id = po.package
                 WHERE o.shop = ?1 AND o.placed_at >= ?3 AND {SHOWN}"
            ),
            &values,
        )
        .await?;
    let waiting = db
        .run(
            &format!(
                "WITH wait (reason, id) AS MATERIALIZED (
                     SELECT h.reason, o.id FROM orders AS o INDEXED BY orders_shop JOIN hold AS h ON h.order_id = o.id
                     WHERE o.shop = ?1 AND o.placed_at >= ?3 AND h.handle <> 'going_live'
                     UNION SELECT ({WAITED}), o.id FROM orders AS o INDEXED BY orders_shop
                     WHERE o.shop = ?1 AND o.placed_at >= ?3 AND {NEVER_PACKED})
                 SELECT reason, count(*), (SELECT count(DISTINCT id) FROM wait WHERE reason IS NOT NULL) FROM wait
                 WHERE reason IS NOT NULL GROUP BY reason ORDER BY count(*) DESC, reason"
            ),
            &values,
        )
        .await?;
    let reasons: Vec<ShadowReason> = waiting
        .iter()
        .map(|row| Ok(ShadowReason { reason: row.string(0)?, orders: row.count(1)? }))
        .collect::<Result<_, StoreError>>()?;
    let packed = packed.first()?;
    Ok(ShadowSummary {
        since: Some(instant(since)),
        orders: seen.first()?.count(0)?,
        shipped: packed.count(0)?,
        packages: packed.count(1)?,
        waiting: waiting.iter().next().map_or(Ok(0), |row| row.count(2))?,
        reasons,
    })
}

/// An order with the instant by which the list is sorted.
pub struct Found {
    /// When it was placed.
    pub placed_at: i64,
    /// The order.
    pub order: ShadowOrder,
}

/// A page of the orders, newest first, beyond one (when it was placed, and its id).
///
/// # Errors
/// The database's.
pub async fn orders<D: Db>(
    db: &D,
    shop: &str,
    since: Millis,
    beyond: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<Found>, StoreError> {
    let mut values = values(shop, since);
    let mut filter = "";
    if let Some((at, id)) = beyond {
        values.extend([at.into(), id.into()]);
        filter = "AND (o.placed_at, o.id) < (?5, ?6)";
    }
    values.insert(3, limit.into());
    let rows = db
        .run(
            &format!(
                "SELECT o.id, o.ext_id, o.number, o.placed_at, o.channel_state,
                     (SELECT json_group_array(json_array(p.id, p.warehouse, w.name, a.carrier, p.account, a.name,
                         p.service, p.weight_g, json(p.trace),
                         json((SELECT json_group_array(json_array(pl.sku, coalesce(nullif(k.title, ''), l.title), pl.qty))
                          FROM package_line AS pl JOIN order_line AS l ON l.id = pl.order_line
                          LEFT JOIN sku AS k ON k.code = pl.sku WHERE pl.package = p.id)),
                         json((SELECT json_group_array(json_array(l.ext_line_id,
                             max(1, n.pieces / max(1, (SELECT coalesce(sum(value ->> 'qty'), 1) FROM json_each(l.skus))))))
                          FROM (SELECT order_line, sum(qty) AS pieces FROM package_line WHERE package = p.id
                                GROUP BY order_line) AS n JOIN order_line AS l ON l.id = n.order_line))))
                      FROM package_order AS po JOIN package AS p ON p.id = po.package
                      JOIN warehouse AS w ON w.id = p.warehouse JOIN carrier_account AS a ON a.id = p.account
                      WHERE po.order_id = o.id AND {SHOWN}),
                     (SELECT json_group_array(json_object('handle', h.handle, 'reason', h.reason, 'detail', h.detail))
                      FROM hold AS h WHERE h.order_id = o.id),
                     iif({NEVER_PACKED}, ({WAITED}), NULL)
                 FROM orders AS o INDEXED BY orders_shop WHERE {SEEN} {filter}
                 ORDER BY o.placed_at DESC, o.id DESC LIMIT ?4"
            ),
            &values,
        )
        .await?;
    rows.iter().map(found).collect()
}

type PackageColumns = (
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    u32,
    Vec<Trace>,
    Vec<(String, String, u32)>,
    Vec<(String, u32)>,
);

fn found(row: &Row) -> Result<Found, StoreError> {
    let ext_id = row.string(1)?;
    let columns = row.json::<Vec<PackageColumns>>(5)?;
    let last = columns.len().saturating_sub(1);
    let packages = columns.into_iter().enumerate().map(|(at, columns)| package(columns, &ext_id, at == last)).collect();
    let order = ShadowOrder {
        id: row.string(0)?,
        number: row.string(2)?,
        placed_at: instant(Millis(row.int(3)?)),
        channel_state: row.string(4)?,
        packages,
        holds: row.json(6)?,
        waited_for: row.maybe_text(7)?.unwrap_or_default().to_owned(),
        ext_id,
    };
    Ok(Found { placed_at: row.int(3)?, order })
}

/// The parcel told last completes the order.
fn package(columns: PackageColumns, ext_id: &str, completes: bool) -> ShadowPackage {
    let (id, warehouse, warehouse_name, carrier, account, account_name, service, weight_g, trace, goods, told) =
        columns;
    ShadowPackage {
        confirm: ShadowConfirm {
            ext_id: ext_id.to_owned(),
            carrier: carrier.clone(),
            carrier_name: account_name.clone(),
            lines: told.into_iter().map(|(ext_line_id, qty)| ShadowConfirmLine { ext_line_id, qty }).collect(),
            completes,
        },
        lines: goods.into_iter().map(|(sku, title, qty)| ShadowLine { sku, title, qty }).collect(),
        id,
        warehouse,
        warehouse_name,
        carrier,
        account,
        account_name,
        service,
        weight_g,
        trace,
    }
}
