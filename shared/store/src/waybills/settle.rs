use super::{NEVER, PackageRow, write_packages};
use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, append};
use huidan_domain::{Millis, Move, PackageEvent, PackageStatus, WaybillNo, WaybillState};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The carrier gave a number.
    Issued {
        /// The number.
        number: WaybillNo,
        /// Its sorting code.
        routing: String,
        /// Who carries the parcel, where it is not the carrier that gave the number.
        by: String,
        /// A platform's document that its print component renders, sealed.
        print_data: Option<Vec<u8>>,
    },
    /// The carrier said no: a person reads why.
    Refused(String),
    /// The carrier knows nothing of the claim: a new one is made.
    NothingThere,
    /// Certainly nothing was done: the same claim goes out again then.
    NotSent {
        /// Why, for a person.
        reason: String,
        /// When to try again.
        again_at: Millis,
    },
    /// Nobody can tell: it is asked for then.
    Unclear {
        /// Why, for a person.
        reason: String,
        /// When to ask.
        again_at: Millis,
    },
    /// Only a person can find out.
    AskPerson(String),
}

struct Current {
    state: WaybillState,
    ours: bool,
    carrier: String,
    claim: String,
    package: String,
    status: PackageStatus,
    work: String,
    waybill: Option<String>,
}

#[derive(Serialize)]
struct WaybillRow<'a> {
    id: &'a str,
    state: &'static str,
    number: Option<&'a str>,
    routing: &'a str,
    by: Option<&'a str>,
    print_data: Option<String>,
    issued_at: Option<i64>,
    keep: bool,
    until: i64,
    reason: &'a str,
}

/// Stores what became of claims, inside the caller's transaction; only of those still `calling` under `lease`. A late
/// answer is recorded and changes nothing. Answers the waybills that have a number now, in order.
///
/// # Errors
/// The database's.
pub async fn settle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    lease: &str,
    outcomes: &[(String, Outcome)],
) -> Result<Vec<String>, StoreError> {
    store(db, moment, "flow-book", Some(lease), outcomes).await
}

/// A person says what became of a claim that nobody else can tell: the number, or that none was taken. Inside the
/// caller's transaction. Answers the lane to wake; `None` when the claim is not open.
///
/// # Errors
/// The database's.
pub async fn answer<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    waybill: &str,
    number: Option<WaybillNo>,
) -> Result<Option<String>, StoreError> {
    let open =
        db.run("SELECT account, carrier FROM waybill WHERE id = ?1 AND state = 'calling'", &[waybill.into()]).await?;
    let Some(row) = open.iter().next() else { return Ok(None) };
    let outcome = match number {
        Some(number) => Outcome::Issued { number, routing: String::new(), by: String::new(), print_data: None },
        None => Outcome::NothingThere,
    };
    let account = row.string(0)?;
    store(db, moment, actor, None, &[(waybill.to_owned(), outcome)]).await?;
    Ok(Some(account))
}

async fn store<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    lease: Option<&str>,
    outcomes: &[(String, Outcome)],
) -> Result<Vec<String>, StoreError> {
    let current = current(db, lease, outcomes).await?;
    let mut log = Vec::new();
    let mut rows = Vec::with_capacity(outcomes.len());
    for (id, outcome) in outcomes {
        match current.get(id) {
            Some(now) if now.ours && now.state == WaybillState::Calling => rows.push(row(moment.now, id, outcome, now)),
            Some(now) => log.extend(late(actor, id, now, outcome)),
            None => {}
        }
    }
    let written = write(db, &rows).await?;
    let mut packages = Vec::with_capacity(rows.len());
    let mut issued = Vec::new();
    for (id, outcome) in outcomes {
        let Some(now) = current.get(id).filter(|_| rows.iter().any(|row| row.id == id)) else { continue };
        let stored = written.contains(id);
        let given = matches!(outcome, Outcome::Issued { .. }) && stored;
        packages.push(package(moment.now, id, if stored { Some(outcome) } else { None }, now));
        log.extend(entries(actor, id, outcome, now, stored));
        if given {
            issued.push(id.clone());
        }
    }
    park_doubles(db, &rows, &written).await?;
    write_packages(db, moment.now, &packages).await?;
    append(db, moment.now, &log).await?;
    Ok(issued)
}

async fn current<D: Db>(
    db: &D,
    lease: Option<&str>,
    outcomes: &[(String, Outcome)],
) -> Result<HashMap<String, Current>, StoreError> {
    let ids: Vec<&str> = outcomes.iter().map(|(id, _)| id.as_str()).collect();
    let rows = db
        .run(
            "SELECT w.id, w.state, w.lease, w.carrier, w.claim, p.id, p.status, p.work, p.waybill
             FROM json_each(?1) AS k JOIN waybill AS w ON w.id = k.value JOIN package AS p ON p.id = w.package",
            &[batch(&ids)?],
        )
        .await?;
    let read = |row: &Row| {
        let held = row.maybe_text(2)?;
        Ok((
            row.string(0)?,
            Current {
                state: WaybillState::parse(row.text(1)?)?,
                ours: lease.is_none() || held == lease,
                carrier: row.string(3)?,
                claim: row.string(4)?,
                package: row.string(5)?,
                status: PackageStatus::parse(row.text(6)?)?,
                work: row.string(7)?,
                waybill: row.maybe_text(8)?.map(str::to_owned),
            },
        ))
    };
    rows.iter().map(read).collect()
}

fn row<'a>(now: Millis, id: &'a str, outcome: &'a Outcome, current: &'a Current) -> WaybillRow<'a> {
    let blank = WaybillRow {
        id,
        state: WaybillState::Calling.name(),
        number: None,
        routing: "",
        by: None,
        print_data: None,
        issued_at: None,
        keep: false,
        until: 0,
        reason: "",
    };
    match outcome {
        Outcome::Issued { number, routing, by, print_data } => WaybillRow {
            state: WaybillState::Issued.name(),
            number: Some(number.as_str()),
            routing,
            by: Some(if by.is_empty() { &current.carrier } else { by }),
            print_data: print_data.as_ref().map(hex::encode),
            issued_at: Some(now.0),
            ..blank
        },
        Outcome::Refused(reason) => WaybillRow { state: WaybillState::Refused.name(), reason, ..blank },
        Outcome::NothingThere => WaybillRow { state: WaybillState::Refused.name(), ..blank },
        Outcome::NotSent { reason, again_at } => WaybillRow { until: again_at.0, reason, ..blank },
        Outcome::Unclear { reason, again_at } => WaybillRow { keep: true, until: again_at.0, reason, ..blank },
        Outcome::AskPerson(reason) => WaybillRow { keep: true, until: NEVER, reason, ..blank },
    }
}

/// Writes the rows; a number that the house has already is not written. Answers whose row was.
async fn write<D: Db>(db: &D, rows: &[WaybillRow<'_>]) -> Result<HashSet<String>, StoreError> {
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let written = db
        .run(
            "UPDATE OR IGNORE waybill SET state = n.value ->> 'state', number = n.value ->> 'number',
                 routing = n.value ->> 'routing', carried_by = coalesce(n.value ->> 'by', carried_by),
                 print_data = unhex(n.value ->> 'print_data'), issued_at = n.value ->> 'issued_at',
                 lease = iif(n.value ->> 'keep', lease, NULL), lease_until = n.value ->> 'until',
                 reason = n.value ->> 'reason'
             FROM json_each(?1) AS n WHERE waybill.id = n.value ->> 'id' RETURNING id",
            &[batch(rows)?],
        )
        .await?;
    written.iter().map(|row| row.string(0)).collect()
}

const DOUBLE: &str = "承运商给了一个已在用的单号，请到承运商后台核对 / the carrier gave a number that is in use already: \
                      check with the carrier";

/// A number that is in use already is no number; what is behind it only a person can find out.
async fn park_doubles<D: Db>(db: &D, rows: &[WaybillRow<'_>], written: &HashSet<String>) -> Result<(), StoreError> {
    let doubles: Vec<&str> = rows.iter().map(|row| row.id).filter(|id| !written.contains(*id)).collect();
    if doubles.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE waybill SET lease_until = ?2, reason = ?3 WHERE id IN (SELECT value FROM json_each(?1))",
        &[batch(&doubles)?, NEVER.into(), DOUBLE.into()],
    )
    .await?;
    Ok(())
}

/// How the package stands. What somebody else decided meanwhile (`void`) stays decided.
fn package(now: Millis, id: &str, outcome: Option<&Outcome>, current: &Current) -> PackageRow {
    let calling = |next: &str| if current.work == "calling" { next.to_owned() } else { current.work.clone() };
    let kept = current.status.name();
    let mut row = PackageRow {
        id: current.package.clone(),
        status: kept,
        work: current.work.clone(),
        work_at: now.0,
        waits_for: String::new(),
        waybill: current.waybill.clone(),
    };
    match outcome {
        Some(Outcome::Issued { .. }) => {
            row.waybill = Some(id.to_owned());
            row.work = calling("render");
            if let Move::To(status) = current.status.on(PackageEvent::NumberIssued) {
                row.status = status.name();
            }
        }
        Some(Outcome::Refused(reason)) => {
            row.work = calling("");
            row.waits_for.clone_from(reason);
        }
        Some(Outcome::NothingThere) => row.work = calling("book"),
        Some(Outcome::NotSent { reason, again_at } | Outcome::Unclear { reason, again_at }) => {
            row.work_at = again_at.0;
            row.waits_for.clone_from(reason);
        }
        Some(Outcome::AskPerson(reason)) => {
            row.work_at = NEVER;
            row.waits_for.clone_from(reason);
        }
        None => {
            row.work_at = NEVER;
            DOUBLE.clone_into(&mut row.waits_for);
        }
    }
    row
}

fn entries(actor: &str, id: &str, outcome: &Outcome, current: &Current, stored: bool) -> Vec<Entry> {
    let waybill = |kind: &str, becomes: WaybillState| {
        let entry = Entry::new(actor, "waybill", id, kind).from_to(current.state.name(), becomes.name());
        entry.with(serde_json::json!({ "package": current.package, "claim": current.claim }))
    };
    match outcome {
        _ if !stored => vec![waybill("number_in_use", current.state)],
        Outcome::Issued { number, .. } => {
            let number = serde_json::json!({ "waybill": id, "number": number.as_str(), "carrier": current.carrier });
            let package = Entry::new(actor, "package", &current.package, "number_issued");
            let becomes = match current.status.on(PackageEvent::NumberIssued) {
                Move::To(status) => status,
                Move::AlreadyThere | Move::Conflict => current.status,
            };
            vec![
                waybill("issued", WaybillState::Issued),
                package.from_to(current.status.name(), becomes.name()).with(number),
            ]
        }
        Outcome::Refused(reason) => {
            let why = serde_json::json!({ "waybill": id, "why": reason });
            let package = Entry::new(actor, "package", &current.package, "number_refused");
            vec![waybill("refused", WaybillState::Refused), package.with(why)]
        }
        Outcome::NothingThere => vec![waybill("unknown_to_the_carrier", WaybillState::Refused)],
        Outcome::Unclear { .. } => vec![waybill("unclear", WaybillState::Calling)],
        Outcome::AskPerson(_) => vec![waybill("left_to_a_person", WaybillState::Calling)],
        Outcome::NotSent { .. } => Vec::new(),
    }
}

/// What came after somebody else had taken the claim up: kept for the record, applied never.
fn late(actor: &str, id: &str, current: &Current, outcome: &Outcome) -> Option<Entry> {
    let Outcome::Issued { number, .. } = outcome else { return None };
    let entry = Entry::new(actor, "waybill", id, "late_answer").from_to(current.state.name(), current.state.name());
    Some(entry.with(serde_json::json!({ "number": number.as_str(), "claim": current.claim })))
}
