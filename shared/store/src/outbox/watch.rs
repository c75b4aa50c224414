//! What is looked after each minute: labels that came out and are to be told, refunds that ended, parcels nobody picked
//! up, orders that become late.

use super::deadline::DUE;
use crate::notices::{News, tell};
use crate::{Db, Moment, StoreError, Value};
use huidan_domain::Millis;

/// A shop that is told of shipments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveShop {
    /// Its id.
    pub id: String,
    /// Its channel.
    pub channel: String,
    /// Whether it is told when a label came out.
    pub at_print: bool,
    /// How long after, where the shop says so, in seconds.
    pub after_print_s: Option<i64>,
    /// The limit of being picked up, where the shop says so, in seconds.
    pub picked_up_s: Option<i64>,
}

/// The shops that are told.
///
/// # Errors
/// The database's.
pub async fn live_shops<D: Db>(db: &D) -> Result<Vec<LiveShop>, StoreError> {
    let rows = db
        .run(
            "SELECT s.id, s.channel, coalesce(r.tells, '') = 'print', r.after_print_s, r.picked_up_s FROM shop AS s
             LEFT JOIN telling_rule AS r ON r.shop = s.id WHERE s.active AND s.mode = 'live' ORDER BY s.id",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(LiveShop {
                id: row.string(0)?,
                channel: row.string(1)?,
                at_print: row.flag(2)?,
                after_print_s: row.maybe_int(3)?,
                picked_up_s: row.maybe_int(4)?,
            })
        })
        .collect()
}

/// Parcels of a shop whose label came out before `before` and that nothing holds are to be told, inside the caller's
/// transaction. Answers whether there are any.
///
/// # Errors
/// The database's.
pub async fn want_at_print<D: Db>(db: &D, moment: Moment<'_>, shop: &str, before: Millis) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "SELECT DISTINCT p.id FROM package AS p JOIN waybill AS w ON w.id = p.waybill AND w.fence = p.fence
             JOIN package_order AS po ON po.package = p.id
             LEFT JOIN outbox AS b ON b.id = 'confirm/' || po.order_id || '/' || p.id
             WHERE p.status IN ('printed', 'verified') AND p.shop = ?1
               AND (b.id IS NULL OR (b.number <> '' AND b.number <> w.number AND b.state NOT IN ('pending', 'sending')))
               AND coalesce((SELECT min(j.updated_at) FROM print_job AS j WHERE j.subject = w.id AND j.state = 'done'),
                   p.updated_at) <= ?2
               AND NOT EXISTS (SELECT 1 FROM package_order AS own JOIN hold AS h ON h.order_id = own.order_id
                   WHERE own.package = p.id)
               AND NOT EXISTS (SELECT 1 FROM package_line AS pl JOIN order_line AS l ON l.id = pl.order_line
                   WHERE pl.package = p.id AND l.refund_state NOT IN ('none', 'refused'))
             LIMIT 500",
            &[shop.into(), before.into()],
        )
        .await?;
    let packages: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    if packages.is_empty() {
        return Ok(false);
    }
    super::want_confirms(db, moment, &packages).await?;
    Ok(true)
}

/// Shipments that waited for a refund to end are told again when none is open any more, inside the caller's transaction.
/// Answers their shops.
///
/// # Errors
/// The database's.
pub async fn reopen<D: Db>(db: &D, now: Millis) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "UPDATE outbox SET state = 'pending', tries = 0, next_at = ?1, created_at = ?1, reason = '', code = ''
             WHERE state = 'rejected' AND state IN ('rejected', 'gave_up', 'conflict') AND code = 'refund_open'
               AND NOT EXISTS (SELECT 1 FROM package_line AS pl JOIN order_line AS l ON l.id = pl.order_line
                   WHERE pl.package = body ->> 'package' AND l.order_id = body ->> 'order'
                     AND l.refund_state IN ('requested', 'agreed', 'return_in_transit', 'received'))
             RETURNING lane",
            &[now.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// Marks parcels of a shop of which its channel was told before `before` and which no carrier has scanned, inside the
/// caller's transaction, and makes them news. Where an account's parcels are never scanned, leaving counts.
///
/// # Errors
/// The database's.
pub async fn flag_unpicked<D: Db>(db: &D, moment: Moment<'_>, shop: &str, before: Millis) -> Result<(), StoreError> {
    let rows = db
        .run(
            "UPDATE told SET flagged_at = ?3 WHERE (order_id, number) IN (
                 SELECT t.order_id, t.number FROM told AS t JOIN orders AS o ON o.id = t.order_id AND o.shop = ?1
                 JOIN package AS p ON p.id = t.package
                 WHERE t.at <= ?2 AND t.at > ?4 AND t.flagged_at IS NULL AND t.changed_to IS NULL
                   AND p.last_scan_at IS NULL
                   AND (p.status IN ('planned', 'numbered', 'printed', 'verified', 'cancelled')
                        OR (p.status = 'handed_over' AND EXISTS (SELECT 1 FROM package AS q
                            WHERE q.account = p.account AND q.last_scan_at IS NOT NULL))))
             RETURNING order_id, package, number",
            &[shop.into(), before.into(), moment.now.into(), Value::Int(moment.now.0 - 30 * 86_400_000)],
        )
        .await?;
    let mut all = Vec::new();
    for row in &rows {
        let (order, number) = (row.string(0)?, row.string(2)?);
        let facts = serde_json::json!({ "package": row.text(1)?, "number": number });
        all.push((format!("shipment.not_picked_up/{order}/{number}"), order, facts));
    }
    let news: Vec<News<'_>> = all
        .iter()
        .map(|(key, order, facts)| News {
            key,
            topic: "shipment.not_picked_up",
            entity: "order",
            id: order,
            shop,
            facts: facts.clone(),
        })
        .collect();
    tell(db, moment, &news).await
}

/// Orders that are late, or will be unless they go with the next pick-up, are news once each.
///
/// # Errors
/// The database's.
pub async fn news_of_late<D: Db>(db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
    let statement = format!(
        "SELECT id, shop, due, leave_by, due < ?1 FROM ({DUE}) AS d WHERE leave_by < ?2
           AND NOT EXISTS (SELECT 1 FROM news AS n
               WHERE n.key = iif(d.due < ?1, 'order.late/', 'order.late_soon/') || d.id || '/' || d.due)
         ORDER BY leave_by LIMIT 500"
    );
    let soon = Millis(moment.now.0 + super::SOON_MS);
    let rows = db.run(&statement, &[moment.now.into(), soon.into()]).await?;
    let mut all = Vec::new();
    for row in &rows {
        let (order, due, late) = (row.string(0)?, row.int(2)?, row.flag(4)?);
        let topic = if late { "order.late" } else { "order.late_soon" };
        let facts = serde_json::json!({ "due": due, "leave_by": row.int(3)? });
        all.push((format!("{topic}/{order}/{due}"), topic, order, row.string(1)?, facts));
    }
    let news: Vec<News<'_>> = all
        .iter()
        .map(|(key, topic, order, shop, facts)| News {
            key,
            topic,
            entity: "order",
            id: order,
            shop,
            facts: facts.clone(),
        })
        .collect();
    tell(db, moment, &news).await
}
