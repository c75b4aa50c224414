//! What the planner reads and what it decided: packages, reservations, holds, and the word on the screen.

mod keep;
mod read;
mod status;
mod stock;

pub use read::{ToPlan, any_due, due, set_aside, weigh};
pub use status::{orders_of, refresh_status};
pub(crate) use stock::release;
pub use stock::{cancel_packages, consume};

use crate::json::{batch, text};
use crate::{Db, Entry, Moment, StoreError, append, outbox};
use huidan_domain::{Hold, Millis, PackageStatus, SkuQty};
use huidan_flow::plan::{HANDLE, allot};
use huidan_wire::step::{Proposal, ProposalLine, Trace};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    let mut writes = Writes { kept: keep::find(db, decided).await?, ..Writes::default() };
    for decision in decided {
        writes.cancels(decision);
        writes.holds(decision)?;
    }
    writes.cancel(db, moment).await?;
    let mut available = available(db, decided).await?;
    for decision in decided {
        writes.packages(moment, decision, &mut available)?;
    }
    writes.keep(db, moment, decided).await?;
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
    /// Packages that keep their number, by order.
    kept: HashMap<String, keep::Kept>,
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
        if self.kept.contains_key(&decision.order) {
            return;
        }
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
            // What stands is no longer what is wanted, and what is wanted cannot be had.
            if self.kept.remove(&decision.order).is_some() {
                self.cancels(decision);
            }
            return Ok(());
        }
        if decision.live {
            *available = trial;
        }
        for (package, (warehouse, pieces)) in decision.packages.iter().zip(&wants) {
            let kept = self.kept.get(&decision.order).map(|kept| kept.package.clone());
            let is_kept = kept.is_some();
            let id = kept.unwrap_or_else(|| moment.id());
            let holds = |piece: &&SkuQty| decision.live && counted.contains(&(piece.sku.clone(), warehouse.clone()));
            for piece in pieces.iter().filter(holds) {
                let key = (id.clone(), piece.sku.clone(), warehouse.clone());
                *self.reservations.entry(key).or_default() += piece.qty;
            }
            match is_kept {
                true => self.content(&id, decision, package),
                false => self.package(id, decision, package, warehouse)?,
            }
        }
        Ok(())
    }

    /// What goes into a package, and the account that has something to do for it.
    fn content(&mut self, id: &str, decision: &Decided, package: &Proposal) {
        if decision.live {
            self.lanes.insert(package.account.clone().unwrap_or_default());
        }
        for line in &package.lines {
            self.package_lines.push((id.to_owned(), line.line.clone(), line.sku.clone(), line.qty));
        }
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
        self.content(&id, decision, package);
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

    /// Cancels packages: the paper becomes stale (the fence rises), the stock is free again, the number goes back. What a
    /// kept package holds of stock is free as well, so that it can take what it needs now.
    async fn cancel<D: Db>(&mut self, db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
        if !self.kept.is_empty() {
            let kept: Vec<&str> = self.kept.values().map(|kept| kept.package.as_str()).collect();
            release(db, moment.now, batch(&kept)?).await?;
        }
        if self.cancels.is_empty() {
            return Ok(());
        }
        let cancels = std::mem::take(&mut self.cancels);
        let lanes = cancel_packages(db, moment, cancels.iter().map(|(package, _)| package.as_str())).await?;
        self.lanes.extend(lanes);
        Ok(())
    }

    /// Writes packages that keep their number, and cancels those for which there was not enough stock after all.
    async fn keep<D: Db>(&mut self, db: &D, moment: Moment<'_>, decided: &[Decided]) -> Result<(), StoreError> {
        let kept: Vec<_> = decided
            .iter()
            .filter_map(|decision| Some((self.kept.get(&decision.order)?, decision, decision.packages.first()?)))
            .collect();
        let log = keep::write(db, moment, &kept).await?;
        self.log.extend(log);
        self.kept.clear();
        self.cancel(db, moment).await
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
        // A kept package has new lines without being new.
        if self.package_lines.is_empty() {
            return Ok(());
        }
        if !self.packages.is_empty() {
            db.run(INSERT_PACKAGES, &[batch(&self.packages)?, moment.now.into()]).await?;
            db.run(
                "INSERT INTO package_order (package, order_id) SELECT value ->> 0, value ->> 1 FROM json_each(?1)",
                &[batch(&self.package_orders)?],
            )
            .await?;
        }
        db.run(
            "INSERT INTO package_line (package, order_line, sku, qty)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1)",
            &[batch(&self.package_lines)?],
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
