//! What a shop wants otherwise than its channel: when it is told, its carriers' codes, by when it ships; and when the
//! carriers come to a warehouse.

use crate::{Db, Entry, Moment, StoreError, append};
use huidan_domain::Millis;
use std::collections::BTreeMap;

/// How a shop is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// Whether parcels are told when their label came out, not when they left.
    pub at_print: bool,
    /// How long after that, in seconds; the channel's rule unless given.
    pub after_print_s: Option<i64>,
    /// Within how many seconds of being told the carrier must have scanned a parcel; the channel's rule unless given.
    pub picked_up_s: Option<i64>,
    /// Within how many seconds of being paid an order leaves whose channel names no time.
    pub ship_within_s: Option<i64>,
    /// The channel's codes of carriers by our ids, where they differ from what we know or we know none.
    pub carriers: BTreeMap<String, String>,
}

/// A shop's rule; the usual one where none was set.
///
/// # Errors
/// The database's.
pub async fn rule<D: Db>(db: &D, shop: &str) -> Result<Rule, StoreError> {
    let rows = db
        .run(
            "SELECT tells = 'print', after_print_s, picked_up_s, ship_within_s, carriers FROM telling_rule
             WHERE shop = ?1",
            &[shop.into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(Rule::default()) };
    Ok(Rule {
        at_print: row.flag(0)?,
        after_print_s: row.maybe_int(1)?,
        picked_up_s: row.maybe_int(2)?,
        ship_within_s: row.maybe_int(3)?,
        carriers: row.json(4)?,
    })
}

/// Sets a shop's rule, inside the caller's transaction. What was refused for want of a carrier's code is told again.
///
/// # Errors
/// The database's.
pub async fn set_rule<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    shop: &str,
    rule: &Rule,
) -> Result<(), StoreError> {
    let tells = if rule.at_print { "print" } else { "hand_over" };
    db.run(
        "INSERT INTO telling_rule (shop, tells, after_print_s, picked_up_s, ship_within_s, carriers)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (shop) DO UPDATE SET tells = excluded.tells, after_print_s = excluded.after_print_s,
             picked_up_s = excluded.picked_up_s, ship_within_s = excluded.ship_within_s, carriers = excluded.carriers",
        &[
            shop.into(),
            tells.into(),
            rule.after_print_s.into(),
            rule.picked_up_s.into(),
            rule.ship_within_s.into(),
            crate::json::text(&rule.carriers)?.into(),
        ],
    )
    .await?;
    db.run(
        "UPDATE outbox SET state = 'pending', tries = 0, next_at = ?2, created_at = ?2, reason = '', code = ''
         WHERE lane = ?1 AND state = 'rejected' AND code = 'carrier_unmapped'",
        &[shop.into(), moment.now.into()],
    )
    .await?;
    append(db, moment.now, &[Entry::new(actor, "shop", shop, "telling").from_to("", tells)]).await
}

/// When carriers come to a warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// The warehouse.
    pub warehouse: String,
    /// Minute of its day; `None` where nobody said.
    pub minute: Option<u32>,
}

/// Every active warehouse's cut-off.
///
/// # Errors
/// The database's.
pub async fn cut_offs<D: Db>(db: &D) -> Result<Vec<CutOff>, StoreError> {
    let rows = db
        .run(
            "SELECT w.id, c.minute FROM warehouse AS w LEFT JOIN cut_off AS c ON c.warehouse = w.id
             WHERE w.active ORDER BY w.position, w.id",
            &[],
        )
        .await?;
    let minute = |at: i64| u32::try_from(at).ok();
    rows.iter()
        .map(|row| Ok(CutOff { warehouse: row.string(0)?, minute: row.maybe_int(1)?.and_then(minute) }))
        .collect()
}

/// Sets or forgets a warehouse's cut-off, inside the caller's transaction; `false` where there is no such warehouse.
///
/// # Errors
/// The database's.
pub async fn set_cut_off<D: Db>(db: &D, now: Millis, actor: &str, cut_off: &CutOff) -> Result<bool, StoreError> {
    let known = db.run("SELECT 1 FROM warehouse WHERE id = ?1", &[(&cut_off.warehouse).into()]).await?;
    if known.is_empty() {
        return Ok(false);
    }
    db.run("DELETE FROM cut_off WHERE warehouse = ?1", &[(&cut_off.warehouse).into()]).await?;
    if let Some(minute) = cut_off.minute {
        db.run(
            "INSERT INTO cut_off (warehouse, minute) VALUES (?1, ?2)",
            &[(&cut_off.warehouse).into(), minute.into()],
        )
        .await?;
    }
    append(db, now, &[Entry::new(actor, "warehouse", &cut_off.warehouse, "cut_off")]).await?;
    Ok(true)
}
