//! Orders to plan, as the planner reads them.

use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_domain::{ChannelState, LineKind, Millis, Money, PackageStatus, PayState, RefundState, SkuQty};
use huidan_flow::plan::{HANDLE, Line, Order, Package};
use huidan_wire::form::Form;
use huidan_wire::step::{Proposal, Sku};
use huidan_wire::{Intent, Problem};
use std::collections::{BTreeSet, HashMap};

/// An order to plan, with what its proposal needs.
#[derive(Debug, Clone)]
pub struct ToPlan {
    /// Our id.
    pub id: String,
    /// What the decision needs.
    pub order: Order,
    /// Whether packages go on to booking (the shop is `live`).
    pub live: bool,
    /// How often planning it was tried.
    pub tries: u32,
    /// Since when it was to be planned, in milliseconds since 1970: a later wish came after it was read.
    pub wanted_at: i64,
    /// The rest of the proposal.
    pub proposal: Proposal,
}

const READ: &str = "
    SELECT o.id, o.shop, o.channel, s.mode, o.pay_state, o.channel_state, o.review_state, o.receiver_hash, o.country,
        o.province, o.city, o.district, o.encrypted, o.total_minor, o.currency, o.buyer_remark, o.seller_remark,
        o.intents, o.problems, o.plan_tries,
        EXISTS (SELECT 1 FROM hold AS h WHERE h.order_id = o.id AND h.handle IN ('channel', 'operator', 'going_live')),
        (SELECT json_group_array(json_array(l.id, l.qty, l.refunded_qty, l.kind, l.refund_state, l.skus))
         FROM (SELECT * FROM order_line WHERE order_id = o.id ORDER BY position) AS l),
        (SELECT json_group_array(json_array(p.id, p.status, hex(p.receiver_hash),
            -- a subquery's JSON is text again until it is said to be JSON
            json((SELECT json_group_array(json_array(pl.order_line, pl.sku, pl.qty)) FROM package_line AS pl
             WHERE pl.package = p.id)), p.work = 'shadow'))
         FROM package_order AS po JOIN package AS p ON p.id = po.package
         WHERE po.order_id = o.id AND p.status <> 'cancelled'),
        o.plan_at,
        -- shipped there by our own word: it was told of a parcel of ours, and shows no number but ours
        EXISTS (SELECT 1 FROM told AS t
            WHERE t.order_id = o.id AND t.changed_to IS NULL)
        AND NOT EXISTS (SELECT 1 FROM json_each(o.channel_waybills) AS c WHERE NOT EXISTS (
            SELECT 1 FROM told AS t WHERE t.order_id = o.id AND t.number = c.value))
    FROM orders AS o JOIN shop AS s ON s.id = o.shop
    WHERE o.plan = ?1 AND o.plan_at <= ?2 ORDER BY o.plan_at, o.id LIMIT ?3";

/// Whether something is to be planned in a lane (`due` or `careful`).
///
/// # Errors
/// The database's.
pub async fn any_due<D: Db>(db: &D, lane: &str, now: Millis) -> Result<bool, StoreError> {
    let rows =
        db.run("SELECT 1 FROM orders WHERE plan = ?1 AND plan_at <= ?2 LIMIT 1", &[lane.into(), now.into()]).await?;
    Ok(!rows.is_empty())
}

/// The next orders of a lane; and those whose rows this program cannot read, with why, which must not stop the others.
///
/// # Errors
/// The database's.
pub async fn due<D: Db>(
    db: &D,
    lane: &str,
    now: Millis,
    limit: u32,
) -> Result<(Vec<ToPlan>, Vec<(String, StoreError)>), StoreError> {
    let rows = db.run(READ, &[lane.into(), now.into(), limit.into()]).await?;
    let (mut orders, mut unreadable) = (Vec::new(), Vec::new());
    for row in &rows {
        match to_plan(row) {
            Ok(order) => orders.push(order),
            Err(error) => unreadable.push((row.string(0)?, error)),
        }
    }
    Ok((orders, unreadable))
}

/// Holds orders whose rows cannot be read, inside the caller's transaction: a person must look, the lane goes on.
///
/// # Errors
/// The database's.
pub async fn set_aside<D: Db>(
    db: &D,
    moment: Moment<'_>,
    unreadable: &[(String, StoreError)],
) -> Result<(), StoreError> {
    let rows: Vec<(&String, String)> = unreadable.iter().map(|(order, error)| (order, error.to_string())).collect();
    let (rows, now) = (batch(&rows)?, Value::from(moment.now));
    db.run(
        "INSERT INTO hold (order_id, handle, reason, detail, at)
         SELECT value ->> 0, ?3, 'unreadable', value ->> 1, ?2 FROM json_each(?1) WHERE true
         ON CONFLICT (order_id, handle) DO UPDATE SET reason = excluded.reason, detail = excluded.detail",
        &[rows.clone(), now, HANDLE.into()],
    )
    .await?;
    db.run("UPDATE orders SET plan = '', status = 'held' WHERE id IN (SELECT value ->> 0 FROM json_each(?1))", &[rows])
        .await?;
    let log: Vec<Entry> =
        unreadable.iter().map(|(order, _)| Entry::new("flow-plan", "order", order, "unreadable")).collect();
    append(db, moment.now, &log).await
}

fn to_plan(row: &Row) -> Result<ToPlan, StoreError> {
    let id = row.string(0)?;
    let state = ChannelState::parse(row.text(5)?).map_err(|unknown| unknown.name);
    let live = row.text(3)? == "live";
    let order = Order {
        pay: PayState::parse(row.text(4)?)?,
        state,
        told: row.flag(24)?,
        held: row.flag(20)?,
        live,
        receiver: row.blob(7)?.to_vec(),
        lines: lines(row.json(21)?)?,
        packages: packages(row.json(22)?)?,
    };
    let currency = huidan_domain::Currency::parse(row.text(14)?)?;
    let proposal = Proposal {
        key: id.clone(),
        orders: vec![id.clone()],
        shop: row.string(1)?,
        channel: row.string(2)?,
        lines: Vec::new(),
        country: row.string(8)?,
        province: row.string(9)?,
        city: row.string(10)?,
        district: row.string(11)?,
        encrypted: row.flag(12)?,
        total: Money::from_minor(row.int(13)?, currency).to_wire(),
        weight_g: 0,
        buyer_remark: row.string(15)?,
        seller_remark: row.string(16)?,
        intents: row.json::<Vec<Intent>>(17)?,
        problems: row.json::<Vec<Problem>>(18)?,
        approved: row.text(6)? == "approved",
        holds: Vec::new(),
        warehouse: None,
        account: None,
        service: String::new(),
        trace: Vec::new(),
    };
    Ok(ToPlan { id, order, live, tries: row.count(19)?, wanted_at: row.int(23)?, proposal })
}

type LineColumns = (String, u32, u32, String, String, Option<String>);

fn lines(columns: Vec<LineColumns>) -> Result<Vec<Line>, StoreError> {
    columns
        .into_iter()
        .map(|(id, qty, refunded_qty, kind, refund, skus)| {
            let skus = match skus {
                None => None,
                Some(text) => {
                    let wire: Vec<huidan_wire::SkuQty> =
                        serde_json::from_str(&text).map_err(|_| StoreError::Shape { column: 21 })?;
                    Some(Vec::<SkuQty>::from_wire(wire).map_err(StoreError::Unknown)?)
                }
            };
            Ok(Line {
                id,
                qty,
                refunded_qty,
                kind: LineKind::parse(&kind)?,
                refund: RefundState::parse(&refund)?,
                skus,
            })
        })
        .collect()
}

type PackageColumns = (String, String, String, Vec<(String, String, u32)>, i64);

fn packages(columns: Vec<PackageColumns>) -> Result<Vec<Package>, StoreError> {
    columns
        .into_iter()
        .map(|(id, status, receiver, lines, shadow)| {
            let receiver = hex::decode(receiver).map_err(|_| StoreError::Shape { column: 22 })?;
            Ok(Package { id, status: PackageStatus::parse(&status)?, receiver, lines, shadow: shadow == 1 })
        })
        .collect()
}

/// Completes proposals by what is known of their SKUs: marks, and the weight where every piece's is known.
///
/// # Errors
/// The database's.
pub async fn weigh<D: Db>(db: &D, proposals: &mut [Proposal]) -> Result<(), StoreError> {
    let codes: BTreeSet<&str> =
        proposals.iter().flat_map(|proposal| proposal.lines.iter().map(|line| line.sku.as_str())).collect();
    let rows = db
        .run(
            "SELECT s.code, s.weight_g, s.tags FROM json_each(?1) AS k JOIN sku AS s ON s.code = k.value",
            &[batch(&codes)?],
        )
        .await?;
    let mut known: HashMap<String, Sku> = HashMap::new();
    for row in &rows {
        let sku = Sku { code: row.string(0)?, title: String::new(), weight_g: row.count(1)?, tags: row.json(2)? };
        known.insert(sku.code.clone(), sku);
    }
    for proposal in proposals {
        let mut weight = Some(0_u32);
        for line in &mut proposal.lines {
            let sku = known.get(&line.sku);
            line.tags = sku.map(|sku| sku.tags.clone()).unwrap_or_default();
            let grams = sku.map(|sku| sku.weight_g).filter(|&grams| grams > 0);
            weight = weight.zip(grams).map(|(sum, grams)| sum.saturating_add(grams.saturating_mul(line.qty)));
        }
        proposal.weight_g = weight.unwrap_or(0);
    }
    Ok(())
}
