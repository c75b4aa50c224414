//! What scans change about packages and waybills.

use crate::json::batch;
use crate::{Db, Entry, Moment, StoreError, append, plan};
use huidan_domain::{Move, PackageEvent, PackageStatus, WaybillEvent, WaybillState};
use std::collections::{BTreeMap, BTreeSet};

/// A package and the number that a scan bears.
pub(super) struct Traced {
    pub(super) package: String,
    pub(super) status: PackageStatus,
    pub(super) waybill: String,
    pub(super) state: WaybillState,
}

#[derive(Default)]
pub(super) struct Moves {
    packages: BTreeMap<String, PackageStatus>,
    waybills: BTreeMap<String, WaybillState>,
    pub(super) seen: BTreeMap<String, i64>,
    contradicted: BTreeSet<String>,
    pub(super) log: Vec<Entry>,
}

/// Which event of a package's life a kind of scan is; `None` for what changes nothing.
pub(super) fn event_of(kind: &str) -> Option<PackageEvent> {
    match kind {
        "picked_up" | "moving" | "out_for_delivery" | "problem" | "refused" | "returning" => {
            Some(PackageEvent::CarrierScan)
        }
        "signed" => Some(PackageEvent::SignedFor),
        "returned" => Some(PackageEvent::CameBack),
        _ => None,
    }
}

impl Moves {
    pub(super) fn apply(&mut self, parcel: &mut Traced, event: PackageEvent, code: &str, at: i64) {
        let body = || serde_json::json!({ "code": code, "at": at });
        match parcel.status.on(event) {
            Move::To(next) => {
                let entry = Entry::new("flow-track", "package", &parcel.package, event.name());
                self.log.push(entry.from_to(parcel.status.name(), next.name()).with(body()));
                parcel.status = next;
                self.packages.insert(parcel.package.clone(), next);
            }
            Move::AlreadyThere => {}
            Move::Conflict => {
                let entry = Entry::new("flow-track", "package", &parcel.package, "scan_contradicts");
                self.log.push(entry.from_to(parcel.status.name(), event.name()).with(body()));
                self.contradicted.insert(parcel.package.clone());
            }
        }
        if let Move::To(next) = parcel.state.on(WaybillEvent::Trace) {
            parcel.state = next;
            self.waybills.insert(parcel.waybill.clone(), next);
        }
    }

    pub(super) async fn carry_out<D: Db>(self, db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
        let packages: Vec<(&String, &str)> = self.packages.iter().map(|(id, status)| (id, status.name())).collect();
        if !packages.is_empty() {
            db.run(
                "UPDATE package SET status = n.value ->> 1, updated_at = ?2 FROM json_each(?1) AS n
                 WHERE package.id = n.value ->> 0",
                &[batch(&packages)?, moment.now.into()],
            )
            .await?;
        }
        let waybills: Vec<(&String, &str)> = self.waybills.iter().map(|(id, state)| (id, state.name())).collect();
        if !waybills.is_empty() {
            db.run(
                "UPDATE waybill SET state = n.value ->> 1 FROM json_each(?1) AS n WHERE waybill.id = n.value ->> 0",
                &[batch(&waybills)?],
            )
            .await?;
        }
        let seen: Vec<(&String, &i64, bool)> =
            self.seen.iter().map(|(id, at)| (id, at, self.contradicted.contains(id))).collect();
        if !seen.is_empty() {
            // What is open says why a parcel needs a person; without any, a scan ends what was said before.
            db.run(
                "UPDATE package SET last_scan_at = nullif(n.value ->> 1, 0), alarm = coalesce(
                     iif(n.value ->> 2, 'contradiction', NULL),
                     (SELECT e.kind FROM exception AS e WHERE e.package = package.id AND e.state = 'open'
                      ORDER BY e.opened_at DESC, e.id DESC LIMIT 1), '')
                 FROM json_each(?1) AS n WHERE package.id = n.value ->> 0",
                &[batch(&seen)?],
            )
            .await?;
        }
        let moved: Vec<&str> = self.packages.keys().map(String::as_str).collect();
        if !moved.is_empty() {
            let orders = plan::orders_of(db, &moved).await?;
            plan::refresh_status(db, moment.now, orders).await?;
        }
        append(db, moment.now, &self.log).await
    }
}
