//! Packages that keep their number although what they say has changed: their carrier writes over what it was told.

use super::Decided;
use crate::json::{batch, text};
use crate::{Db, Entry, Moment, Row, StoreError, print};
use huidan_wire::step::Proposal;
use std::collections::HashMap;

/// A package that stands and has a number that can be changed.
pub(super) struct Kept {
    pub(super) package: String,
    waybill: String,
    status: String,
}

/// Which orders' packages keep their number: the plan is the very package that stands (the same warehouse, account and
/// service, and nobody else's order in it), it has a number and has not left, and its carrier changes booked parcels.
/// By order.
pub(super) async fn find<D: Db>(db: &D, decided: &[Decided]) -> Result<HashMap<String, Kept>, StoreError> {
    let mut standing: HashMap<&str, (&str, &Proposal)> = HashMap::new();
    for decision in decided.iter().filter(|decision| decision.live) {
        if let ([(package, _)], [proposal]) = (decision.cancel.as_slice(), decision.packages.as_slice()) {
            standing.insert(package, (&decision.order, proposal));
        }
    }
    if standing.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<&str> = standing.keys().copied().collect();
    let rows = db
        .run(
            "SELECT p.id, w.id, p.status, p.warehouse, p.account, p.service FROM json_each(?1) AS k
             JOIN package AS p ON p.id = k.value AND p.work IN ('', 'render', 'update')
                 AND p.status IN ('planned', 'numbered', 'printed', 'verified')
             JOIN waybill AS w ON w.package = p.id AND w.account = p.account
                 AND w.state IN ('issued', 'printed', 'verified')
             JOIN carrier_account AS a ON a.id = p.account AND a.active AND a.updates
             WHERE (SELECT count(*) FROM package_order AS po WHERE po.package = p.id) = 1",
            &[batch(&ids)?],
        )
        .await?;
    let mut kept = HashMap::new();
    for row in &rows {
        let Some((order, proposal)) = standing.get(row.text(0)?) else { continue };
        if is_the_same(row, proposal)? {
            let found = Kept { package: row.string(0)?, waybill: row.string(1)?, status: row.string(2)? };
            kept.insert((*order).to_owned(), found);
        }
    }
    Ok(kept)
}

fn is_the_same(row: &Row, proposal: &Proposal) -> Result<bool, StoreError> {
    Ok(proposal.warehouse.as_deref() == Some(row.text(3)?)
        && proposal.account.as_deref() == Some(row.text(4)?)
        && proposal.service == row.text(5)?)
}

/// Writes a kept package: its paper is stale from now on, flow-book tells the carrier. What it holds of stock and its
/// lines are written like a new package's.
pub(super) async fn write<D: Db>(
    db: &D,
    moment: Moment<'_>,
    kept: &[(&Kept, &Decided, &Proposal)],
) -> Result<Vec<Entry>, StoreError> {
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let (mut rows, mut log) = (Vec::new(), Vec::new());
    for (kept, decision, proposal) in kept {
        rows.push(serde_json::json!([
            kept.package,
            hex::encode(&decision.receiver),
            proposal.weight_g,
            text(&proposal.trace)?
        ]));
        let entry = Entry::new("flow-plan", "package", &kept.package, "update_wanted");
        let why = decision.cancel.first().map(|(_, why)| *why);
        log.push(entry.from_to(&kept.status, "planned").with(serde_json::json!({ "why": why })));
    }
    db.run(
        "UPDATE package SET receiver_hash = unhex(n.value ->> 1), weight_g = n.value ->> 2, trace = n.value ->> 3,
             status = 'planned', waybill = NULL, fence = fence + 1, waits_for = '', updated_at = ?2,
             -- a call that is under way is waited for, so that it cannot write over the next
             work_at = iif(work = 'update', max(work_at, ?2), ?2), work = 'update'
         FROM json_each(?1) AS n WHERE package.id = n.value ->> 0",
        &[batch(&rows)?, moment.now.into()],
    )
    .await?;
    let packages: Vec<&str> = kept.iter().map(|(kept, ..)| kept.package.as_str()).collect();
    db.run("DELETE FROM package_line WHERE package IN (SELECT value FROM json_each(?1))", &[batch(&packages)?]).await?;
    let waybills: Vec<&str> = kept.iter().map(|(kept, ..)| kept.waybill.as_str()).collect();
    print::outdated(db, moment, "flow-plan", &waybills).await?;
    Ok(log)
}
