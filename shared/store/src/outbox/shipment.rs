//! What a channel is to be told of a parcel.

use crate::{Db, Row, StoreError};
use huidan_domain::Millis;
use std::collections::BTreeMap;

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
    /// The shop's own code of the carrier at the channel, where one is set.
    pub carrier_code: Option<String>,
    /// The number; `None` when the package has none (any more).
    pub waybill: Option<String>,
    /// Whether the package was cancelled.
    pub cancelled: bool,
    /// What it holds of the order.
    pub lines: Vec<LineFacts>,
    /// Whether every other package of the order has left or is told, and nothing waits to be planned.
    pub completes: bool,
    /// By when the order is to leave, where that is known.
    pub ship_by: Option<Millis>,
    /// What the channel took of this order before and was not changed since.
    pub told: Vec<ToldBefore>,
    /// How often a number of the order was changed at the channel.
    pub changes: u32,
    /// When the channel was first told of the order.
    pub first_told_at: Option<Millis>,
    /// The numbers that the channel shows in the place of ours, where a person wants ours there.
    pub in_place_of: Vec<String>,
}

/// What a package holds of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// The channel's id of the line.
    pub ext_line_id: String,
    /// Pieces of it in the package.
    pub qty: u32,
    /// The line's pieces in all, without what was refunded.
    pub all: u32,
    /// Whether a refund of it is open.
    pub refunding: bool,
}

/// A number that the channel took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldBefore {
    /// The number.
    pub number: String,
    /// The package it was told of.
    pub package: String,
    /// Whether that package was cancelled since.
    pub cancelled: bool,
    /// The channel's ids of the lines and the pieces it was told to hold.
    pub lines: BTreeMap<String, u32>,
}

const FACTS: &str = "
    SELECT o.ext_id, o.channel, coalesce(nullif(w.carried_by, ''), a.carrier), a.name,
        (SELECT r.carriers ->> coalesce(nullif(w.carried_by, ''), a.carrier) FROM telling_rule AS r WHERE r.shop = o.shop),
        w.number, p.status = 'cancelled',
        (SELECT json_group_array(json_array(l.ext_line_id,
            -- pieces of the channel's line: our pieces over the pieces in one of it
            max(1, pl.pieces / max(1, (SELECT coalesce(sum(value ->> 'qty'), 1) FROM json_each(l.skus)))),
            l.qty - l.refunded_qty,
            l.refund_state IN ('requested', 'agreed', 'return_in_transit', 'received')))
         FROM (SELECT order_line, sum(qty) AS pieces FROM package_line WHERE package = p.id GROUP BY order_line)
             AS pl JOIN order_line AS l ON l.id = pl.order_line
         WHERE l.order_id = o.id),
        o.status IN ('shipped', 'completed') OR (o.status IN ('to_ship', 'part_shipped', 'held') AND o.plan = ''
            AND NOT EXISTS (SELECT 1 FROM package_order AS po JOIN package AS q ON q.id = po.package
                WHERE po.order_id = o.id AND q.id <> p.id AND q.status IN ('planned', 'numbered', 'printed', 'verified')
                  AND NOT EXISTS (SELECT 1 FROM told AS t WHERE t.order_id = o.id AND t.package = q.id
                      AND t.changed_to IS NULL))
            AND NOT EXISTS (SELECT 1 FROM order_line AS l WHERE l.order_id = o.id AND l.kind <> 'virtual'
                AND l.refund_state IN ('none', 'refused') AND l.qty > l.refunded_qty AND (l.skus IS NULL OR
                (l.qty - l.refunded_qty) * (SELECT coalesce(sum(value ->> 'qty'), 0) FROM json_each(l.skus)) >
                (SELECT coalesce(sum(pl.qty), 0) FROM package_line AS pl JOIN package AS q ON q.id = pl.package
                 WHERE pl.order_line = l.id AND q.status <> 'cancelled')))),
        o.ship_by,
        (SELECT json_group_array(json_array(t.number, t.package, coalesce(q.status, 'cancelled') = 'cancelled',
            json(t.lines))) FROM told AS t LEFT JOIN package AS q ON q.id = t.package
         WHERE t.order_id = o.id AND t.changed_to IS NULL),
        (SELECT count(*) FROM told AS t WHERE t.order_id = o.id AND t.changed_to IS NOT NULL),
        (SELECT min(t.at) FROM told AS t WHERE t.order_id = o.id),
        (SELECT iif(b.ours, b.theirs, '[]') FROM outbox AS b WHERE b.id = 'confirm/' || o.id || '/' || p.id)
    FROM orders AS o JOIN package AS p ON p.id = ?2 JOIN carrier_account AS a ON a.id = p.account
    LEFT JOIN waybill AS w ON w.id = p.waybill
    WHERE o.id = ?1";

type LineColumns = (String, u32, u32, i64);
type ToldColumns = (String, String, i64, Vec<(String, u32)>);

/// What to tell of an order's package; `None` when there is no such package.
///
/// # Errors
/// The database's.
pub async fn shipment<D: Db>(db: &D, order: &str, package: &str) -> Result<Option<ShipmentFacts>, StoreError> {
    let rows = db.run(FACTS, &[order.into(), package.into()]).await?;
    rows.iter().next().map(facts).transpose()
}

fn facts(row: &Row) -> Result<ShipmentFacts, StoreError> {
    let line = |(ext_line_id, qty, all, refunding): LineColumns| LineFacts {
        ext_line_id,
        qty,
        all,
        refunding: refunding == 1,
    };
    let told = |(number, package, cancelled, lines): ToldColumns| ToldBefore {
        number,
        package,
        cancelled: cancelled == 1,
        lines: lines.into_iter().collect(),
    };
    Ok(ShipmentFacts {
        ext_id: row.string(0)?,
        channel: row.string(1)?,
        carrier: row.string(2)?,
        carrier_name: row.string(3)?,
        carrier_code: row.maybe_text(4)?.filter(|code| !code.is_empty()).map(str::to_owned),
        waybill: row.maybe_text(5)?.map(str::to_owned),
        cancelled: row.flag(6)?,
        lines: row.json::<Vec<LineColumns>>(7)?.into_iter().map(line).collect(),
        completes: row.flag(8)?,
        ship_by: row.maybe_int(9)?.map(Millis),
        told: row.json::<Vec<ToldColumns>>(10)?.into_iter().map(told).collect(),
        changes: row.count(11)?,
        first_told_at: row.maybe_int(12)?.map(Millis),
        in_place_of: row.maybe_text(13)?.map_or(Ok(Vec::new()), |_| row.json(13))?,
    })
}
