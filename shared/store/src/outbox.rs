//! What must be told, once per key: shipments to channels, stock levels. Leased, retried, read back.

use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, Value, append, plan};
use huidan_domain::{Millis, Move, PackageEvent, PackageStatus, WaybillEvent, WaybillState};
use std::collections::BTreeSet;

/// A row that a runner leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Its id.
    pub id: String,
    /// `confirm` or `stock`.
    pub kind: String,
    /// What it is about: `{"order","package"}` or `{"ext_sku"}`.
    pub body: serde_json::Value,
    /// Rises with every newer wish for the same key.
    pub version: i64,
    /// `pending` (to be told) or `sent` (told, to be read back).
    pub was: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was first wanted.
    pub created_at: Millis,
}

/// Packages leave the house: the one place where that happens, whoever noticed it. What left already is passed over.
/// Answers the shops that have something to tell.
///
/// # Errors
/// The database's.
pub async fn hand_over<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    packages: &[&str],
) -> Result<BTreeSet<String>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, p.status, p.shop, p.waybill, w.state FROM json_each(?1) AS k
             JOIN package AS p ON p.id = k.value LEFT JOIN waybill AS w ON w.id = p.waybill",
            &[batch(packages)?],
        )
        .await?;
    let (mut left, mut waybills, mut shops, mut log) = (Vec::new(), Vec::new(), BTreeSet::new(), Vec::new());
    for row in &rows {
        let status = PackageStatus::parse(row.text(1)?)?;
        let Move::To(next) = status.on(PackageEvent::HandOver) else { continue };
        left.push(row.text(0)?);
        shops.insert(row.string(2)?);
        if let (Some(waybill), Some(state)) = (row.maybe_text(3)?, row.maybe_text(4)?)
            && let Move::To(state) = WaybillState::parse(state)?.on(WaybillEvent::HandOver)
        {
            waybills.push((waybill, state.name()));
        }
        log.push(Entry::new(actor, "package", row.text(0)?, "handed_over").from_to(status.name(), next.name()));
    }
    if left.is_empty() {
        return Ok(shops);
    }
    db.run(
        "UPDATE package SET status = 'handed_over', updated_at = ?2, alarm = iif(alarm = 'weight', '', alarm)
         WHERE id IN (SELECT value FROM json_each(?1))",
        &[batch(&left)?, moment.now.into()],
    )
    .await?;
    db.run(
        "UPDATE waybill SET state = n.value ->> 1 FROM json_each(?1) AS n WHERE waybill.id = n.value ->> 0",
        &[batch(&waybills)?],
    )
    .await?;
    plan::consume(db, moment, actor, &left).await?;
    want_confirms(db, moment, &left).await?;
    let orders = plan::orders_of(db, &left).await?;
    plan::refresh_status(db, moment.now, orders).await?;
    append(db, moment.now, &log).await?;
    Ok(shops)
}

/// One row per source order and package, in live shops: the same again changes nothing.
pub(crate) async fn want_confirms<D: Db>(db: &D, moment: Moment<'_>, packages: &[&str]) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO outbox (id, dedupe_key, kind, lane, body, state, next_at, created_at)
         SELECT 'confirm/' || po.order_id || '/' || po.package, 'confirm/' || po.order_id || '/' || po.package, 'confirm',
                o.shop, json_object('order', po.order_id, 'package', po.package), 'pending', ?2, ?2
         FROM json_each(?1) AS k JOIN package_order AS po ON po.package = k.value
         JOIN orders AS o ON o.id = po.order_id JOIN shop AS s ON s.id = o.shop
         WHERE s.mode = 'live'
         ON CONFLICT (dedupe_key) DO NOTHING",
        &[batch(packages)?, moment.now.into()],
    )
    .await?;
    Ok(())
}

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

/// Whether a shop's lane has something due.
///
/// # Errors
/// The database's.
pub async fn any_due<D: Db>(db: &D, now: Millis, lane: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "SELECT 1 FROM outbox WHERE lane = ?1 AND state IN ('pending', 'sending', 'sent') AND next_at <= ?2
             AND lease_until <= ?2 LIMIT 1",
            &[lane.into(), now.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Leases due rows of a lane, shipments before stock, oldest first. Answers the lease's token and the rows.
///
/// # Errors
/// The database's.
pub async fn lease<D: Db>(
    db: &D,
    moment: Moment<'_>,
    lane: &str,
    lease_ms: i64,
    limit: u32,
) -> Result<(String, Vec<Leased>), StoreError> {
    let token = moment.secret::<8>();
    let rows = db
        .run(
            "UPDATE outbox SET lease = ?1, lease_until = ?2, tries = tries + 1,
                 state = CASE WHEN state = 'sent' THEN 'sent' ELSE 'sending' END
             WHERE id IN (SELECT id FROM outbox
                 WHERE lane = ?3 AND state IN ('pending', 'sending', 'sent') AND next_at <= ?4 AND lease_until <= ?4
                 ORDER BY kind, next_at LIMIT ?5)
             RETURNING id, kind, body, version, state, tries - 1, created_at",
            &[(&token).into(), Value::Int(moment.now.0 + lease_ms), lane.into(), moment.now.into(), limit.into()],
        )
        .await?;
    let mut leased = rows.iter().map(leased_row).collect::<Result<Vec<_>, _>>()?;
    leased.sort_by_key(|row| (row.kind.clone(), row.created_at));
    Ok((token, leased))
}

fn leased_row(row: &Row) -> Result<Leased, StoreError> {
    Ok(Leased {
        id: row.string(0)?,
        kind: row.string(1)?,
        body: row.json(2)?,
        version: row.int(3)?,
        was: if row.text(4)? == "sent" { "sent".into() } else { "pending".into() },
        tries: row.count(5)?,
        created_at: Millis(row.int(6)?),
    })
}

/// What became of a leased row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Told; to be read back then.
    Told(Millis),
    /// Read back as told, or nothing to read back.
    Confirmed,
    /// The other side said no: a person must look.
    Rejected(String),
    /// Not yet: again then, and why.
    Again(Millis, String),
    /// Given up after a day: a person must look.
    GaveUp(String),
    /// Told, but the other side does not show it: told again then.
    TellAgain(Millis, String),
}

/// Writes what became of rows; only under the lease. A row that was wished anew meanwhile is due again.
///
/// # Errors
/// The database's.
pub async fn settle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    lease: &str,
    outcomes: &[(&Leased, Outcome)],
) -> Result<(), StoreError> {
    let (mut rows, mut log) = (Vec::new(), Vec::new());
    for (row, outcome) in outcomes {
        let (state, next_at, reason) = match outcome {
            Outcome::Told(at) => ("sent", at.0, ""),
            Outcome::Confirmed => ("confirmed", 0, ""),
            Outcome::Rejected(why) => ("rejected", 0, why.as_str()),
            Outcome::Again(at, why) => (if row.was == "sent" { "sent" } else { "pending" }, at.0, why.as_str()),
            Outcome::GaveUp(why) => ("gave_up", 0, why.as_str()),
            Outcome::TellAgain(at, why) => ("pending", at.0, why.as_str()),
        };
        let told = matches!(outcome, Outcome::Told(_)) || (row.was == "pending" && *outcome == Outcome::Confirmed);
        let read_back = row.was == "sent" && *outcome == Outcome::Confirmed;
        rows.push(serde_json::json!([row.id, state, next_at, reason, row.version, told, read_back]));
        if row.kind == "confirm" && state != row.was {
            let order = row.body.get("order").and_then(serde_json::Value::as_str).unwrap_or_default();
            let entry = Entry::new("flow-deliver", "order", order, "write_back").from_to(&row.was, state);
            log.push(entry.with(serde_json::json!({ "package": row.body.get("package"), "reason": reason })));
        }
    }
    db.run(
        "UPDATE outbox SET lease = NULL, lease_until = 0,
             state = CASE WHEN version = n.value ->> 4 THEN n.value ->> 1 ELSE 'pending' END,
             next_at = CASE WHEN version = n.value ->> 4 THEN n.value ->> 2 ELSE ?2 END,
             reason = n.value ->> 3,
             tries = CASE WHEN n.value ->> 5 THEN 0 ELSE tries END,
             told_at = CASE WHEN n.value ->> 5 THEN ?2 ELSE told_at END,
             read_back_at = CASE WHEN n.value ->> 6 THEN ?2 ELSE read_back_at END
         FROM json_each(?1) AS n WHERE outbox.id = n.value ->> 0 AND outbox.lease = ?3",
        &[batch(&rows)?, moment.now.into(), lease.into()],
    )
    .await?;
    append(db, moment.now, &log).await
}

/// What a channel is to be told of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentFacts {
    /// The channel's id of the order.
    pub ext_id: String,
    /// The order's channel.
    pub channel: String,
    /// Who carries the parcel: not always who gave the number.
    pub carrier: String,
    /// The account's name, as people know the carrier.
    pub carrier_name: String,
    /// The number.
    pub waybill: String,
    /// The channel's id of each line, pieces of it in this package, and the line's pieces in all.
    pub lines: Vec<(String, u32, u32)>,
    /// Whether every other package of the order has left too and nothing waits to be planned.
    pub completes: bool,
}

/// What to tell of an order's package; `None` when the package has no number (it was cancelled meanwhile).
///
/// # Errors
/// The database's.
pub async fn shipment<D: Db>(db: &D, order: &str, package: &str) -> Result<Option<ShipmentFacts>, StoreError> {
    let rows = db
        .run(
            "SELECT o.ext_id, o.channel, coalesce(nullif(w.carried_by, ''), a.carrier), a.name, w.number,
                 (SELECT json_group_array(json_array(l.ext_line_id,
                     -- pieces of the channel's line: our pieces over the pieces in one of it
                     max(1, pl.pieces / max(1, (SELECT coalesce(sum(value ->> 'qty'), 1) FROM json_each(l.skus)))),
                     l.qty - l.refunded_qty))
                  FROM (SELECT order_line, sum(qty) AS pieces FROM package_line WHERE package = p.id GROUP BY order_line)
                      AS pl JOIN order_line AS l ON l.id = pl.order_line
                  WHERE l.order_id = o.id),
                 o.status IN ('shipped', 'completed')
             FROM orders AS o JOIN package AS p ON p.id = ?2 JOIN carrier_account AS a ON a.id = p.account
             LEFT JOIN waybill AS w ON w.id = p.waybill
             WHERE o.id = ?1",
            &[order.into(), package.into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(None) };
    let Some(waybill) = row.maybe_text(4)? else { return Ok(None) };
    Ok(Some(ShipmentFacts {
        ext_id: row.string(0)?,
        channel: row.string(1)?,
        carrier: row.string(2)?,
        carrier_name: row.string(3)?,
        waybill: waybill.to_owned(),
        lines: row.json(5)?,
        completes: row.flag(6)?,
    }))
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

/// Has a row that a person looked at told again.
///
/// # Errors
/// The database's.
pub async fn retry<D: Db>(db: &D, now: Millis, id: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "UPDATE outbox SET state = 'pending', tries = 0, next_at = ?2, created_at = ?2, reason = ''
             WHERE id = ?1 AND state IN ('rejected', 'gave_up', 'pending') RETURNING 1",
            &[id.into(), now.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}
