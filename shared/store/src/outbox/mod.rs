//! What must be told, once per key: shipments to channels, stock levels. Leased, retried, read back; and what becomes of
//! what a channel refuses.
//!
//! A row's state is by name: `pending`, `sending`, `sent` (told, to be read back), `confirmed`, `told_with_other` (the
//! channel takes no further number: another parcel's stands for it), `kept_theirs` (a person let the channel's own number
//! stand), `dropped` (the package was cancelled first), `rejected`, `gave_up`, `conflict`.

mod deadline;
mod look;
mod person;
mod rule;
mod settle;
mod shipment;
mod stock;
#[cfg(test)]
mod tests;
mod watch;

pub use deadline::{Deadline, Rate, SOON_MS, deadlines, rates, unpicked_list};
pub use look::{Looked, ToLook, any_look, looked, to_look};
pub use person::{Counts, Listed, Ours, Wanted, counts, keep_theirs, list, retry, send_ours};
pub use rule::{CutOff, Rule, cut_offs, rule, set_cut_off, set_rule};
pub use settle::{Outcome, ToldNow, settle};
pub use shipment::{LineFacts, ShipmentFacts, ToldBefore, shipment};
pub use stock::{Publishable, publishable, stock_changed};
pub use watch::{LiveShop, flag_unpicked, live_shops, news_of_late, reopen, want_at_print};

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
    /// The shop.
    pub lane: String,
    /// The number that was told last; empty before the first time.
    pub number: String,
}

impl Leased {
    /// Our id of the order that it is about.
    pub fn order(&self) -> &str {
        self.named("order")
    }

    /// Our id of the package that it is about.
    pub fn package(&self) -> &str {
        self.named("package")
    }

    fn named(&self, name: &str) -> &str {
        self.body.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
    }
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

/// One row per source order and package, in live shops: the same again changes nothing, and a package that was told
/// under another number than it has now is told again, as a change.
pub(crate) async fn want_confirms<D: Db>(db: &D, moment: Moment<'_>, packages: &[&str]) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO outbox (id, dedupe_key, kind, lane, body, state, next_at, created_at)
         SELECT 'confirm/' || po.order_id || '/' || po.package, 'confirm/' || po.order_id || '/' || po.package, 'confirm',
                o.shop, json_object('order', po.order_id, 'package', po.package), 'pending', ?2, ?2
         FROM json_each(?1) AS k JOIN package_order AS po ON po.package = k.value
         JOIN orders AS o ON o.id = po.order_id JOIN shop AS s ON s.id = o.shop
         WHERE s.mode = 'live'
         ON CONFLICT (dedupe_key) DO UPDATE SET version = version + 1, state = 'pending', tries = 0, reason = '', code = '',
             theirs = '[]', ours = 0, look_at = NULL, next_at = excluded.next_at, created_at = excluded.created_at
         WHERE outbox.number <> '' AND outbox.number <> (SELECT w.number FROM package AS p
             JOIN waybill AS w ON w.id = p.waybill WHERE p.id = outbox.body ->> 'package')",
        &[batch(packages)?, moment.now.into()],
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
             RETURNING id, kind, body, version, state, tries - 1, created_at, number",
            &[(&token).into(), Value::Int(moment.now.0 + lease_ms), lane.into(), moment.now.into(), limit.into()],
        )
        .await?;
    let mut leased = rows.iter().map(|row| leased_row(lane, row)).collect::<Result<Vec<_>, _>>()?;
    leased.sort_by_key(|row| (row.kind.clone(), row.created_at));
    Ok((token, leased))
}

fn leased_row(lane: &str, row: &Row) -> Result<Leased, StoreError> {
    Ok(Leased {
        id: row.string(0)?,
        kind: row.string(1)?,
        body: row.json(2)?,
        version: row.int(3)?,
        was: if row.text(4)? == "sent" { "sent".into() } else { "pending".into() },
        tries: row.count(5)?,
        created_at: Millis(row.int(6)?),
        lane: lane.to_owned(),
        number: row.string(7)?,
    })
}
