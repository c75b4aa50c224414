//! How far Huidan acts in a shop, and what becomes of orders and packages when that changes.
//!
//! What has a number is finished in every mode. What has none belongs to the mode it was planned in: packages planned in
//! `shadow` hold no stock and are never booked. When a shop goes `live`, the seller has shipped by hand until a moment
//! ago, and what is here may not show it yet: each open order is held (`going_live`) until its channel was asked again.
//! Only then it is planned anew and booked, or ends as shipped elsewhere.

use crate::json::batch;
use crate::{Db, Entry, Moment, StoreError, append, outbox, plan};
use huidan_domain::Millis;

/// The handle and reason of the hold of an order that is to be read back. Its `at` says when to ask the channel next.
pub const GOING_LIVE: &str = "going_live";

const DETAIL: &str = "店铺转为正式，正在向平台核对是否已手工发货 / the shop goes live: the channel is asked whether it was shipped by hand";

/// Orders that were shipped from here this long ago at most may still have to be told, in seconds.
const TOLD_S: i64 = 60 * 86_400;

/// Packages of a shop (`?1`) that have no number and for which none is being taken.
const UNBOOKED: &str = "shop = ?1 AND status = 'planned' AND work IN ('', 'book', 'shadow')
    AND NOT EXISTS (SELECT 1 FROM waybill AS w WHERE w.package = package.id
        AND w.state NOT IN ('voided', 'reclaimed', 'refused'))";

/// Changes a shop's mode inside the caller's transaction; the same again changes nothing.
///
/// # Errors
/// The database's.
pub async fn change<D: Db>(db: &D, moment: Moment<'_>, actor: &str, shop: &str, to: &str) -> Result<(), StoreError> {
    let rows = db.run("SELECT mode FROM shop WHERE id = ?1 AND mode <> ?2", &[shop.into(), to.into()]).await?;
    let Some(row) = rows.iter().next() else { return Ok(()) };
    let from = row.string(0)?;
    db.run("UPDATE shop SET mode = ?2 WHERE id = ?1", &[shop.into(), to.into()]).await?;
    append(db, moment.now, &[Entry::new(actor, "shop", shop, "mode").from_to(&from, to)]).await?;
    db.run(
        "DELETE FROM hold WHERE handle = ?2 AND order_id IN (SELECT id FROM orders WHERE id = order_id AND shop = ?1)",
        &[shop.into(), GOING_LIVE.into()],
    )
    .await?;
    match to {
        "live" => hold(db, moment.now, shop).await,
        "shadow" => show(db, moment.now, shop).await,
        _ => drop_plans(db, moment, shop).await,
    }
}

/// Every open order waits for its channel's word; also those whose parcels left without the channel being told.
async fn hold<D: Db>(db: &D, now: Millis, shop: &str) -> Result<(), StoreError> {
    let rows = db
        .run(
            "INSERT INTO hold (order_id, handle, reason, detail, at)
             SELECT id, ?2, ?2, ?3, ?4 FROM orders
             WHERE shop = ?1 AND (status IN ('unpaid', 'held', 'to_plan', 'to_ship', 'part_shipped')
                 OR (status = 'shipped' AND channel_state IN ('open', 'part_shipped') AND placed_at >= ?5))
             ON CONFLICT (order_id, handle) DO UPDATE SET at = excluded.at RETURNING order_id",
            &[shop.into(), GOING_LIVE.into(), DETAIL.into(), now.into(), now.plus_seconds(-TOLD_S).into()],
        )
        .await?;
    let orders: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    plan::refresh_status(db, now, batch(&orders)?).await
}

/// What was to be booked is only shown from now on, its stock is free again; the open orders are planned.
async fn show<D: Db>(db: &D, now: Millis, shop: &str) -> Result<(), StoreError> {
    let rows = db
        .run(
            &format!(
                "UPDATE package SET work = 'shadow', waits_for = '', updated_at = ?2 WHERE {UNBOOKED} RETURNING id"
            ),
            &[shop.into(), now.into()],
        )
        .await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    plan::release(db, now, batch(&ids)?).await?;
    let rows = db
        .run(
            "UPDATE orders SET plan = 'due', plan_at = ?2, plan_tries = 0
             WHERE shop = ?1 AND plan = '' AND status IN ('held', 'to_plan', 'to_ship') RETURNING id",
            &[shop.into(), now.into()],
        )
        .await?;
    let orders: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    plan::refresh_status(db, now, batch(&orders)?).await
}

/// Nothing is planned any more, and what was and has no number is called off.
async fn drop_plans<D: Db>(db: &D, moment: Moment<'_>, shop: &str) -> Result<(), StoreError> {
    let rows = db.run(&format!("SELECT id FROM package WHERE {UNBOOKED}"), &[shop.into()]).await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    plan::cancel_packages(db, moment, ids.into_iter()).await?;
    db.run("UPDATE orders SET plan = '' WHERE shop = ?1 AND plan <> ''", &[shop.into()]).await?;
    let rows = db
        .run("SELECT id FROM orders WHERE shop = ?1 AND status IN ('held', 'to_plan', 'to_ship')", &[shop.into()])
        .await?;
    let orders: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    plan::refresh_status(db, moment.now, batch(&orders)?).await
}

/// An order that is to be read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToReadBack {
    /// Our id.
    pub order: String,
    /// The channel's id.
    pub ext_id: String,
    /// Its channel.
    pub channel: String,
    /// The shop's own address, where it has one.
    pub base_url: Option<String>,
}

/// Orders of a shop that are to be read back now, oldest wish first.
///
/// # Errors
/// The database's.
pub async fn to_read_back<D: Db>(db: &D, now: Millis, shop: &str, limit: u32) -> Result<Vec<ToReadBack>, StoreError> {
    let rows = db
        .run(
            "SELECT o.id, o.ext_id, o.channel, s.base_url FROM hold AS h CROSS JOIN orders AS o ON o.id = h.order_id
             JOIN shop AS s ON s.id = o.shop
             WHERE h.handle = ?3 AND h.at <= ?2 AND o.shop = ?1 AND s.active ORDER BY h.at, o.id LIMIT ?4",
            &[shop.into(), now.into(), GOING_LIVE.into(), limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ToReadBack {
                order: row.string(0)?,
                ext_id: row.string(1)?,
                channel: row.string(2)?,
                base_url: row.maybe_text(3)?.filter(|url| !url.is_empty()).map(str::to_owned),
            })
        })
        .collect()
}

/// Shops with orders that are to be read back now.
///
/// # Errors
/// The database's.
pub async fn shops_to_read_back<D: Db>(db: &D, now: Millis) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT DISTINCT o.shop FROM hold AS h CROSS JOIN orders AS o ON o.id = h.order_id
             WHERE h.handle = ?2 AND h.at <= ?1",
            &[now.into(), GOING_LIVE.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// The channel's word on an order, asked for at `asked_at`, is stored: it is planned, and parcels of it that left while
/// nobody was told are told, unless the channel shows them. A wish to read it back that came later stands. Inside the
/// caller's transaction.
///
/// # Errors
/// The database's.
pub async fn read_back<D: Db>(db: &D, moment: Moment<'_>, asked_at: Millis, order: &str) -> Result<(), StoreError> {
    if lift(db, asked_at, order).await? {
        plan::want(db, moment.now, &[order]).await?;
        let rows = db
            .run(
                "SELECT p.id FROM orders AS o JOIN package_order AS po ON po.order_id = o.id
                 JOIN package AS p ON p.id = po.package
                 WHERE o.id = ?1 AND o.channel_state IN ('open', 'part_shipped')
                   AND p.status IN ('handed_over', 'in_transit', 'delivered')",
                &[order.into()],
            )
            .await?;
        let left: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        if !left.is_empty() {
            outbox::want_confirms(db, moment, &left).await?;
        }
        plan::refresh_status(db, moment.now, batch(&[order])?).await?;
    }
    Ok(())
}

/// The channel has no such order any more: a person must look. Inside the caller's transaction.
///
/// # Errors
/// The database's.
pub async fn gone<D: Db>(db: &D, moment: Moment<'_>, asked_at: Millis, order: &str) -> Result<(), StoreError> {
    if lift(db, asked_at, order).await? {
        let detail = "转为正式时平台已没有这个订单 / the channel had no such order when the shop went live";
        db.run(
            "INSERT INTO hold (order_id, handle, reason, detail, at) VALUES (?1, 'channel', 'channel_gone', ?2, ?3)
             ON CONFLICT (order_id, handle) DO UPDATE SET reason = excluded.reason, detail = excluded.detail",
            &[order.into(), detail.into(), moment.now.into()],
        )
        .await?;
        plan::want(db, moment.now, &[order]).await?;
    }
    Ok(())
}

async fn lift<D: Db>(db: &D, asked_at: Millis, order: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "DELETE FROM hold WHERE order_id = ?1 AND handle = ?3 AND at <= ?2 RETURNING 1",
            &[order.into(), asked_at.into(), GOING_LIVE.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// The channel could not be asked: again at `again_at`, and until then the order says why it waits.
///
/// # Errors
/// The database's.
pub async fn later<D: Db>(
    db: &D,
    orders: &[&str],
    asked_at: Millis,
    again_at: Millis,
    why: &str,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE hold SET at = ?3, detail = ?4 WHERE handle = ?5 AND at <= ?2
             AND order_id IN (SELECT value FROM json_each(?1))",
        &[batch(orders)?, asked_at.into(), again_at.into(), why.into(), GOING_LIVE.into()],
    )
    .await?;
    Ok(())
}
