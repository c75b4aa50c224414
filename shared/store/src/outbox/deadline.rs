//! By when orders must leave, and whether they will.
//!
//! An order is due when its channel says, else so long after it was paid as its shop says. It leaves in time only with a
//! pick-up before that: the last cut-off of its warehouse.

use crate::{Db, Row, StoreError, Value};
use huidan_domain::Millis;
use std::collections::BTreeMap;

/// From when on an order counts as late soon, in milliseconds before its last pick-up in time.
pub const SOON_MS: i64 = 4 * 3_600_000;
/// Over how long the pace of a warehouse is measured, in milliseconds.
const PACE_MS: i64 = 4 * 3_600_000;

/// Orders that have to leave: when they are due, when their last pick-up in time is, and from where they leave. Those
/// that their channel takes for shipped are not among them. Where nobody said when carriers come, any moment will do.
pub(super) const DUE: &str = "
    SELECT d.*, d.due - CASE WHEN c.minute IS NULL THEN 0 ELSE
        (d.due + (substr(w.zone, 2, 2) * 60 + substr(w.zone, 5, 2)) * iif(substr(w.zone, 1, 1) = '-', -60000, 60000)
            - c.minute * 60000) % 86400000 END AS leave_by
    FROM (SELECT o.id, o.shop, o.number, o.status, o.ship_by IS NOT NULL AS said, o.placed_at,
            coalesce(o.ship_by, o.paid_at + coalesce(r.ship_within_s, 172800) * 1000) AS due,
            coalesce((SELECT p.warehouse FROM package_order AS po JOIN package AS p ON p.id = po.package
                WHERE po.order_id = o.id AND p.status IN ('planned', 'numbered', 'printed', 'verified') LIMIT 1),
                (SELECT id FROM warehouse WHERE active ORDER BY position, id LIMIT 1), '') AS warehouse
        FROM orders AS o JOIN shop AS s ON s.id = o.shop AND s.active AND s.mode <> 'observe'
        LEFT JOIN telling_rule AS r ON r.shop = o.shop
        WHERE o.status IN ('held', 'to_plan', 'to_ship', 'part_shipped')
          AND o.channel_state IN ('open', 'part_shipped') AND (o.ship_by IS NOT NULL OR o.paid_at IS NOT NULL)) AS d
    LEFT JOIN warehouse AS w ON w.id = d.warehouse LEFT JOIN cut_off AS c ON c.warehouse = d.warehouse";

/// An order that has to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Our id.
    pub order: String,
    /// Its shop.
    pub shop: String,
    /// The number that people see.
    pub number: String,
    /// The word on the screen.
    pub status: String,
    /// Whether the channel named the time; else it is the shop's rule.
    pub said: bool,
    /// When it is due.
    pub due: Millis,
    /// Its last pick-up in time.
    pub leave_by: Millis,
    /// From where it leaves.
    pub warehouse: String,
}

/// Orders that have to leave, the one whose last pick-up is first before all others.
///
/// # Errors
/// The database's.
pub async fn deadlines<D: Db>(db: &D, shop: Option<&str>, limit: u32) -> Result<Vec<Deadline>, StoreError> {
    let statement = format!(
        "SELECT id, shop, number, status, said, due, leave_by, warehouse FROM ({DUE})
         WHERE coalesce(?1, shop) = shop ORDER BY leave_by, due, id LIMIT ?2"
    );
    let rows = db.run(&statement, &[shop.into(), limit.into()]).await?;
    let read = |row: &Row| {
        Ok(Deadline {
            order: row.string(0)?,
            shop: row.string(1)?,
            number: row.string(2)?,
            status: row.string(3)?,
            said: row.flag(4)?,
            due: Millis(row.int(5)?),
            leave_by: Millis(row.int(6)?),
            warehouse: row.string(7)?,
        })
    };
    rows.iter().map(read).collect()
}

/// How fast a warehouse works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// Orders that left within the last hours.
    pub left: u32,
    /// Within how many milliseconds.
    pub within_ms: i64,
}

impl Rate {
    /// When the order at this place of the queue leaves at this pace; `None` where nothing left lately.
    pub fn leaves_at(self, now: Millis, place: u32) -> Option<Millis> {
        let left = i64::from(self.left);
        (left > 0).then(|| Millis(now.0 + self.within_ms.saturating_mul(i64::from(place)) / left))
    }
}

/// How many orders left each warehouse lately.
///
/// # Errors
/// The database's.
pub async fn rates<D: Db>(db: &D, now: Millis) -> Result<BTreeMap<String, Rate>, StoreError> {
    let rows = db
        .run(
            "SELECT p.warehouse, count(DISTINCT b.body ->> 'order') FROM outbox AS b
             JOIN package AS p ON p.id = b.body ->> 'package'
             WHERE b.kind = 'confirm' AND b.created_at > ?1
               AND p.status IN ('handed_over', 'in_transit', 'delivered', 'returned', 'lost') GROUP BY p.warehouse",
            &[Value::Int(now.0 - PACE_MS)],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, Rate { left: row.count(1)?, within_ms: PACE_MS }))).collect()
}

/// Parcels that channels were told of and no carrier has scanned within the platform's limit: order, package, number,
/// when it was told, the package's status.
///
/// # Errors
/// The database's.
pub async fn unpicked_list<D: Db>(
    db: &D,
    limit: u32,
) -> Result<Vec<(String, String, String, Millis, String)>, StoreError> {
    let rows = db
        .run(
            "SELECT t.order_id, t.package, t.number, t.at, coalesce(p.status, 'cancelled') FROM told AS t
             LEFT JOIN package AS p ON p.id = t.package
             WHERE t.flagged_at IS NOT NULL AND t.changed_to IS NULL AND p.last_scan_at IS NULL
               AND coalesce(p.status, '') NOT IN ('in_transit', 'delivered', 'returned', 'lost')
             ORDER BY t.at, t.order_id LIMIT ?1",
            &[limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.string(0)?, row.string(1)?, row.string(2)?, Millis(row.int(3)?), row.string(4)?)))
        .collect()
}
