//! What the planner reads and what it decided: packages, reservations, holds, and the word on the screen.

use crate::json::{batch, text};
use crate::{Db, Entry, Moment, Row, StoreError, Value, append, outbox};
use huidan_domain::{
    ChannelState, DisplayFacts, Hold, LineKind, Millis, Money, PackageStatus, PayState, RefundState, SkuQty,
    display_status,
};
use huidan_flow::plan::{HANDLE, Line, Order, Package, allot};
use huidan_wire::form::Form;
use huidan_wire::step::{Proposal, ProposalLine, Sku, Trace};
use huidan_wire::{Intent, Problem};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
        o.plan_at
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

/// What the planner decided about one order.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The order.
    pub order: String,
    /// [`ToPlan::wanted_at`] of what was decided on.
    pub wanted_at: i64,
    /// Whom its packages go to, as a keyed hash.
    pub receiver: Vec<u8>,
    /// Whether packages go on to booking. In `shadow` they only show what would be done: they hold no stock, which
    /// stands for what the seller ships by hand meanwhile, and no number is ever taken for them.
    pub live: bool,
    /// Holds in place of those that steps and the planner set before.
    pub holds: Vec<Hold>,
    /// Packages to cancel, and why.
    pub cancel: Vec<(String, &'static str)>,
    /// Packages to make.
    pub packages: Vec<Proposal>,
    /// To be planned again then, in the careful lane, because a step is away; and why.
    pub again: Option<(Millis, String)>,
}

/// Stores decisions inside the caller's transaction. Stock is looked at again here, under the write lock; who finds
/// none left is planned anew. Answers the carrier accounts that have something to book or void now.
///
/// # Errors
/// The database's.
pub async fn store<D: Db>(db: &D, moment: Moment<'_>, decided: &[Decided]) -> Result<BTreeSet<String>, StoreError> {
    let mut writes = Writes::default();
    for decision in decided {
        writes.cancels(decision);
        writes.holds(decision)?;
    }
    writes.cancel(db, moment).await?;
    let mut available = available(db, decided).await?;
    for decision in decided {
        writes.packages(moment, decision, &mut available)?;
    }
    writes.carry_out(db, moment, decided).await
}

async fn available<D: Db>(db: &D, decided: &[Decided]) -> Result<BTreeMap<(String, String), i64>, StoreError> {
    let codes: BTreeSet<&str> = decided
        .iter()
        .flat_map(|decision| &decision.packages)
        .flat_map(|package| package.lines.iter().map(|line| line.sku.as_str()))
        .collect();
    // A SKU that is counted in one warehouse is counted in all: where it has no row it has none.
    let rows = db
        .run(
            "SELECT k.value, w.id, coalesce(s.on_hand - s.reserved, 0) FROM json_each(?1) AS k
             JOIN warehouse AS w LEFT JOIN stock AS s ON s.sku = k.value AND s.warehouse = w.id
             WHERE EXISTS (SELECT 1 FROM stock AS any_stock WHERE any_stock.sku = k.value)",
            &[batch(&codes)?],
        )
        .await?;
    rows.iter().map(|row| Ok(((row.string(0)?, row.string(1)?), row.int(2)?))).collect()
}

#[derive(Default)]
struct Writes {
    cancels: Vec<(String, String)>,
    holds: Vec<serde_json::Value>,
    packages: Vec<serde_json::Value>,
    package_lines: Vec<(String, String, String, u32)>,
    package_orders: Vec<(String, String)>,
    reservations: BTreeMap<(String, String, String), u32>,
    again: HashMap<String, Millis>,
    log: Vec<Entry>,
    lanes: BTreeSet<String>,
}

impl Writes {
    fn cancels(&mut self, decision: &Decided) {
        for (package, why) in &decision.cancel {
            self.cancels.push((package.clone(), decision.order.clone()));
            let entry = Entry::new("flow-plan", "package", package, "cancelled").from_to("", "cancelled");
            self.log.push(entry.with(serde_json::json!({ "why": why })));
        }
    }

    fn holds(&mut self, decision: &Decided) -> Result<(), StoreError> {
        for hold in &decision.holds {
            self.holds.push(serde_json::json!([decision.order, hold.handle, hold.reason, hold.detail]));
            let entry = Entry::new(&*hold.handle, "order", &decision.order, "held");
            self.log.push(entry.with(serde_json::json!({ "reason": hold.reason })));
        }
        Ok(())
    }

    fn packages(
        &mut self,
        moment: Moment<'_>,
        decision: &Decided,
        available: &mut BTreeMap<(String, String), i64>,
    ) -> Result<(), StoreError> {
        let wants: Vec<(String, Vec<SkuQty>)> = decision
            .packages
            .iter()
            .map(|package| (package.warehouse.clone().unwrap_or_default(), pieces(&package.lines)))
            .collect();
        let counted: BTreeSet<(String, String)> = available.keys().cloned().collect();
        // All packages of an order or none: half an order planned would be a split that nobody decided.
        let mut trial = available.clone();
        if allot(&mut trial, &wants).contains(&false) {
            self.again.insert(decision.order.clone(), moment.now);
            return Ok(());
        }
        if decision.live {
            *available = trial;
        }
        for (package, (warehouse, pieces)) in decision.packages.iter().zip(&wants) {
            let id = moment.id();
            let holds = |piece: &&SkuQty| decision.live && counted.contains(&(piece.sku.clone(), warehouse.clone()));
            for piece in pieces.iter().filter(holds) {
                let key = (id.clone(), piece.sku.clone(), warehouse.clone());
                *self.reservations.entry(key).or_default() += piece.qty;
            }
            self.package(id, decision, package, warehouse)?;
        }
        Ok(())
    }

    fn package(
        &mut self,
        id: String,
        decision: &Decided,
        package: &Proposal,
        warehouse: &str,
    ) -> Result<(), StoreError> {
        let account = package.account.clone().unwrap_or_default();
        let work = if decision.live { "book" } else { "shadow" };
        if decision.live {
            self.lanes.insert(account.clone());
        }
        for line in &package.lines {
            self.package_lines.push((id.clone(), line.line.clone(), line.sku.clone(), line.qty));
        }
        for order in &package.orders {
            self.package_orders.push((id.clone(), order.clone()));
        }
        let trace: &Vec<Trace> = &package.trace;
        self.packages.push(serde_json::json!({
            "id": id, "shop": package.shop, "channel": package.channel, "warehouse": warehouse, "account": account,
            "service": package.service, "weight": package.weight_g, "receiver": hex::encode(&decision.receiver),
            "trace": text(trace)?, "work": work,
        }));
        let entry = Entry::new("flow-plan", "package", &id, "planned").from_to("", PackageStatus::Planned.name());
        self.log.push(entry.with(serde_json::json!({ "orders": package.orders })));
        Ok(())
    }

    /// Cancels packages: the paper becomes stale (the fence rises), the stock is free again, the number goes back.
    async fn cancel<D: Db>(&mut self, db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
        if self.cancels.is_empty() {
            return Ok(());
        }
        let lanes = cancel_packages(db, moment, self.cancels.iter().map(|(package, _)| package.as_str())).await?;
        self.lanes.extend(lanes);
        Ok(())
    }

    async fn carry_out<D: Db>(
        self,
        db: &D,
        moment: Moment<'_>,
        decided: &[Decided],
    ) -> Result<BTreeSet<String>, StoreError> {
        let orders: Vec<&str> = decided.iter().map(|decision| decision.order.as_str()).collect();
        let orders = batch(&orders)?;
        db.run(
            "DELETE FROM hold WHERE handle NOT IN ('channel', 'operator', 'going_live')
               AND order_id IN (SELECT value FROM json_each(?1))",
            std::slice::from_ref(&orders),
        )
        .await?;
        if !self.holds.is_empty() {
            db.run(
                "INSERT INTO hold (order_id, handle, reason, detail, at)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?2 FROM json_each(?1) WHERE true
                 ON CONFLICT (order_id, handle) DO UPDATE SET reason = excluded.reason, detail = excluded.detail",
                &[batch(&self.holds)?, moment.now.into()],
            )
            .await?;
        }
        self.insert_packages(db, moment).await?;
        let marks: Vec<serde_json::Value> = decided.iter().map(|decision| self.mark(decision)).collect();
        db.run(
            // An order that changed after it was read stays due: what was decided is not about it as it is now.
            "UPDATE orders SET plan = iif(plan_at = n.value ->> 4, n.value ->> 1, plan),
                 plan_at = iif(plan_at = n.value ->> 4, n.value ->> 2, plan_at),
                 plan_tries = CASE WHEN n.value ->> 1 = '' THEN 0 ELSE plan_tries + 1 END,
                 review_state = CASE WHEN review_state = 'approved' THEN review_state
                                     WHEN n.value ->> 3 THEN 'needs_human' ELSE 'auto_ok' END
             FROM json_each(?1) AS n WHERE orders.id = n.value ->> 0",
            &[batch(&marks)?],
        )
        .await?;
        refresh_status(db, moment.now, orders).await?;
        append(db, moment.now, &self.log).await?;
        Ok(self.lanes)
    }

    fn mark(&self, decision: &Decided) -> serde_json::Value {
        let (plan, at) = match (self.again.get(&decision.order), &decision.again) {
            (_, Some((at, _))) => ("careful", at.0),
            (Some(at), None) => ("due", at.0),
            (None, None) => ("", 0),
        };
        serde_json::json!([decision.order, plan, at, !decision.holds.is_empty(), decision.wanted_at])
    }

    async fn insert_packages<D: Db>(&self, db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
        if self.packages.is_empty() {
            return Ok(());
        }
        db.run(INSERT_PACKAGES, &[batch(&self.packages)?, moment.now.into()]).await?;
        db.run(
            "INSERT INTO package_line (package, order_line, sku, qty)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1)",
            &[batch(&self.package_lines)?],
        )
        .await?;
        db.run(
            "INSERT INTO package_order (package, order_id) SELECT value ->> 0, value ->> 1 FROM json_each(?1)",
            &[batch(&self.package_orders)?],
        )
        .await?;
        if self.reservations.is_empty() {
            return Ok(());
        }
        let rows: Vec<(&String, &String, &String, u32)> =
            self.reservations.iter().map(|((package, sku, warehouse), qty)| (package, sku, warehouse, *qty)).collect();
        let rows = batch(&rows)?;
        db.run(
            "INSERT INTO reservation (package, sku, warehouse, qty)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1)",
            std::slice::from_ref(&rows),
        )
        .await?;
        db.run(
            "UPDATE stock SET reserved = reserved + n.qty, version = version + 1
             FROM (SELECT value ->> 1 AS sku, value ->> 2 AS warehouse, sum(value ->> 3) AS qty
                   FROM json_each(?1) GROUP BY 1, 2) AS n
             WHERE stock.sku = n.sku AND stock.warehouse = n.warehouse",
            &[rows],
        )
        .await?;
        let skus = self.reservations.keys().map(|(_, sku, _)| sku.as_str()).collect();
        outbox::stock_changed(db, moment.now, &skus).await
    }
}

const INSERT_PACKAGES: &str = "
    INSERT INTO package (id, shop, channel, warehouse, account, service, status, weight_g, receiver_hash, trace, work,
        work_at, created_at, updated_at)
    SELECT value ->> 'id', value ->> 'shop', value ->> 'channel', value ->> 'warehouse', value ->> 'account',
        value ->> 'service', 'planned', value ->> 'weight', unhex(value ->> 'receiver'), value ->> 'trace',
        value ->> 'work', ?2, ?2, ?2
    FROM json_each(?1)";

fn pieces(lines: &[ProposalLine]) -> Vec<SkuQty> {
    let mut pieces: BTreeMap<&str, u32> = BTreeMap::new();
    for line in lines {
        *pieces.entry(&line.sku).or_default() += line.qty;
    }
    pieces.into_iter().map(|(sku, qty)| SkuQty { sku: sku.to_owned(), qty }).collect()
}

/// Cancels packages that have not left the house, inside the caller's transaction: the fence rises, reserved stock is
/// free again, a number that was taken is to be given back. Answers the lanes of `flow-book` that have work now.
///
/// # Errors
/// The database's.
pub async fn cancel_packages<D: Db>(
    db: &D,
    moment: Moment<'_>,
    packages: impl Iterator<Item = &str>,
) -> Result<BTreeSet<String>, StoreError> {
    let ids: Vec<&str> = packages.collect();
    let rows = db
        .run(
            "UPDATE package SET status = 'cancelled', fence = fence + 1, updated_at = ?2, work_at = ?2,
                 work = CASE WHEN EXISTS (SELECT 1 FROM waybill AS w WHERE w.package = package.id
                     AND w.state NOT IN ('voided', 'reclaimed', 'refused')) THEN 'void'
                     -- what was planned for show stays known as such
                     WHEN work = 'shadow' THEN 'shadow' ELSE '' END
             WHERE id IN (SELECT value FROM json_each(?1)) AND status IN ('planned', 'numbered', 'printed', 'verified')
             RETURNING id, account, work",
            &[batch(&ids)?, moment.now.into()],
        )
        .await?;
    let cancelled: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    release(db, moment.now, batch(&cancelled)?).await?;
    rows.iter().filter(|row| row.text(2) == Ok("void")).map(|row| row.string(1)).collect()
}

/// Frees what is reserved for packages (`ids` as JSON).
pub(crate) async fn release<D: Db>(db: &D, now: Millis, ids: Value) -> Result<(), StoreError> {
    let rows = db
        .run(
            "SELECT DISTINCT sku FROM reservation WHERE package IN (SELECT value FROM json_each(?1))",
            std::slice::from_ref(&ids),
        )
        .await?;
    let skus: BTreeSet<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    db.run(
        "UPDATE stock SET reserved = reserved - n.qty, version = version + 1
         FROM (SELECT sku, warehouse, sum(qty) AS qty FROM reservation
               WHERE package IN (SELECT value FROM json_each(?1)) GROUP BY sku, warehouse) AS n
         WHERE stock.sku = n.sku AND stock.warehouse = n.warehouse",
        std::slice::from_ref(&ids),
    )
    .await?;
    db.run("DELETE FROM reservation WHERE package IN (SELECT value FROM json_each(?1))", &[ids]).await?;
    outbox::stock_changed(db, now, &skus).await
}

/// The goods of packages (ids as a JSON list) left the shelf: what was reserved goes out of stock, once per package.
///
/// # Errors
/// The database's.
pub async fn consume<D: Db>(db: &D, moment: Moment<'_>, actor: &str, packages: &[&str]) -> Result<(), StoreError> {
    let ids = batch(packages)?;
    db.run(
        "INSERT INTO stock_move (sku, warehouse, qty, reason, ref, at, actor)
         SELECT sku, warehouse, -qty, 'shipped', package, ?2, ?3 FROM reservation
         WHERE package IN (SELECT value FROM json_each(?1))",
        &[ids.clone(), moment.now.into(), actor.into()],
    )
    .await?;
    db.run(
        "UPDATE stock SET on_hand = on_hand - n.qty, reserved = reserved - n.qty, version = version + 1
         FROM (SELECT sku, warehouse, sum(qty) AS qty FROM reservation
               WHERE package IN (SELECT value FROM json_each(?1)) GROUP BY sku, warehouse) AS n
         WHERE stock.sku = n.sku AND stock.warehouse = n.warehouse",
        std::slice::from_ref(&ids),
    )
    .await?;
    db.run("DELETE FROM reservation WHERE package IN (SELECT value FROM json_each(?1))", &[ids]).await?;
    Ok(())
}

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

/// Has orders planned anew (ids as given), in the batch lane.
///
/// # Errors
/// The database's.
pub async fn want<D: Db>(db: &D, now: Millis, orders: &[&str]) -> Result<(), StoreError> {
    db.run(
        "UPDATE orders SET plan = 'due', plan_at = ?2, plan_tries = 0
         WHERE id IN (SELECT value FROM json_each(?1))
           AND shop IN (SELECT id FROM shop WHERE mode <> 'observe')",
        &[batch(orders)?, now.into()],
    )
    .await?;
    Ok(())
}

/// Moves orders of a batch that a step failed on to the careful lane, where each is planned on its own.
///
/// # Errors
/// The database's.
pub async fn careful<D: Db>(db: &D, orders: &[&str]) -> Result<(), StoreError> {
    db.run(
        "UPDATE orders SET plan = 'careful', plan_tries = plan_tries + 1
         WHERE id IN (SELECT value FROM json_each(?1))",
        &[batch(orders)?],
    )
    .await?;
    Ok(())
}

/// Has every order planned anew that is held for one of these reasons, because what it waited for may be there.
///
/// # Errors
/// The database's.
pub async fn want_held_for<D: Db>(db: &D, now: Millis, reasons: &[&str]) -> Result<u32, StoreError> {
    let rows = db
        .run(
            "UPDATE orders SET plan = 'due', plan_at = ?2, plan_tries = 0 WHERE plan = '' AND id IN (
                 SELECT order_id FROM hold WHERE reason IN (SELECT value FROM json_each(?1)))
             RETURNING 1",
            &[batch(reasons)?, now.into()],
        )
        .await?;
    Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
}

/// The planner's hold for an order that lost the race for stock again and again.
pub fn contended() -> Hold {
    Hold {
        handle: HANDLE.to_owned(),
        reason: "stock_short".to_owned(),
        detail: "库存被其他订单占用 / other orders took the stock".to_owned(),
    }
}

#[cfg(test)]
mod tests;
