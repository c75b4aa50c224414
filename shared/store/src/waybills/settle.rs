use super::{Drawn, GivenChild, NEVER, PackageRow, children, write_packages};
use crate::json::{batch, text};
use crate::{Db, Entry, Moment, Row, StoreError, append};
use huidan_domain::{Millis, Move, PackageEvent, PackageStatus, WaybillNo, WaybillState};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The carrier gave a number.
    Issued(Box<Given>),
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
    /// The carrier has something for the claim and does not show it: asked for then, and never believed to be nothing.
    Hidden {
        /// Why, for a person.
        reason: String,
        /// When to ask.
        again_at: Millis,
    },
    /// Only a person can find out.
    AskPerson(String),
}

/// What a carrier gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The number.
    pub number: WaybillNo,
    /// Its sorting code.
    pub routing: String,
    /// Who carries the parcel, where it is not the carrier that gave the number.
    pub by: String,
    /// A platform's document that its print component renders, sealed.
    pub print_data: Option<Vec<u8>>,
    /// The carrier's own document.
    pub document: Option<Drawn>,
    /// What the carrier itself calls the order.
    pub reference: String,
    /// The further pieces.
    pub children: Vec<GivenChild>,
}

impl Given {
    /// A number and nothing else.
    pub fn plain(number: WaybillNo) -> Self {
        Self {
            number,
            routing: String::new(),
            by: String::new(),
            print_data: None,
            document: None,
            reference: String::new(),
            children: Vec::new(),
        }
    }
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

#[derive(Clone, Serialize)]
struct WaybillRow<'a> {
    id: &'a str,
    state: &'static str,
    number: Option<&'a str>,
    routing: &'a str,
    by: Option<&'a str>,
    print_data: Option<String>,
    document: Option<String>,
    reference: &'a str,
    issued_at: Option<i64>,
    keep: bool,
    hidden: bool,
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
        Some(number) => Outcome::Issued(Box::new(Given::plain(number))),
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
            Some(now) if now.ours && now.state == WaybillState::Calling => {
                rows.push(row(moment.now, id, outcome, now)?)
            }
            Some(now) => log.extend(late(actor, id, now, outcome)),
            None => {}
        }
    }
    let mut written = write(db, &rows).await?;
    if written.len() < rows.len() && retire(db, moment, &rows, &written).await? {
        let again: Vec<WaybillRow<'_>> = rows.iter().filter(|row| !written.contains(row.id)).cloned().collect();
        written.extend(write(db, &again).await?);
    }
    let mut packages = Vec::with_capacity(rows.len());
    let (mut issued, mut further) = (Vec::new(), Vec::new());
    for (id, outcome) in outcomes {
        let Some(now) = current.get(id).filter(|_| rows.iter().any(|row| row.id == id)) else { continue };
        let stored = written.contains(id);
        packages.push(package(moment.now, id, if stored { Some(outcome) } else { None }, now));
        log.extend(entries(actor, id, outcome, now, stored));
        if let Outcome::Issued(given) = outcome
            && stored
        {
            issued.push(id.clone());
            further.push((id.as_str(), given.children.as_slice()));
        }
    }
    children::store(db, &further).await?;
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

fn row<'a>(now: Millis, id: &'a str, outcome: &'a Outcome, current: &'a Current) -> Result<WaybillRow<'a>, StoreError> {
    let blank = WaybillRow {
        id,
        state: WaybillState::Calling.name(),
        number: None,
        routing: "",
        by: None,
        print_data: None,
        document: None,
        reference: "",
        issued_at: None,
        keep: false,
        hidden: false,
        until: 0,
        reason: "",
    };
    Ok(match outcome {
        Outcome::Issued(given) => WaybillRow {
            state: WaybillState::Issued.name(),
            number: Some(given.number.as_str()),
            routing: &given.routing,
            by: Some(if given.by.is_empty() { &current.carrier } else { &given.by }),
            print_data: given.print_data.as_ref().map(hex::encode),
            document: given.document.as_ref().map(text).transpose()?,
            reference: &given.reference,
            issued_at: Some(now.0),
            ..blank
        },
        Outcome::Refused(reason) => WaybillRow { state: WaybillState::Refused.name(), reason, ..blank },
        Outcome::NothingThere => WaybillRow { state: WaybillState::Refused.name(), ..blank },
        Outcome::NotSent { reason, again_at } => WaybillRow { until: again_at.0, reason, ..blank },
        Outcome::Unclear { reason, again_at } => WaybillRow { keep: true, until: again_at.0, reason, ..blank },
        Outcome::Hidden { reason, again_at } => {
            WaybillRow { keep: true, hidden: true, until: again_at.0, reason, ..blank }
        }
        Outcome::AskPerson(reason) => WaybillRow { keep: true, until: NEVER, reason, ..blank },
    })
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
                 print_data = unhex(n.value ->> 'print_data'), document = n.value ->> 'document',
                 reference = n.value ->> 'reference', issued_at = n.value ->> 'issued_at',
                 lease = iif(n.value ->> 'keep', lease, NULL), lease_until = n.value ->> 'until',
                 reason = n.value ->> 'reason', exists_said = max(exists_said, n.value ->> 'hidden')
             FROM json_each(?1) AS n WHERE waybill.id = n.value ->> 'id' RETURNING id",
            &[batch(rows)?],
        )
        .await?;
    written.iter().map(|row| row.string(0)).collect()
}

/// A carrier that counts a number again gives it out again. What we gave back has had its life: its row keeps the number
/// with its own id behind it, so that the number is the new one's. Answers whether there was such a row.
async fn retire<D: Db>(
    db: &D,
    moment: Moment<'_>,
    rows: &[WaybillRow<'_>],
    written: &HashSet<String>,
) -> Result<bool, StoreError> {
    let doubles: Vec<(&str, &str)> = rows
        .iter()
        .filter(|row| !written.contains(row.id))
        .filter_map(|row| row.number.map(|number| (row.id, number)))
        .collect();
    let retired = db
        .run(
            "UPDATE waybill SET number = number || '~' || id, state = 'reclaimed',
                 reclaimed_at = coalesce(reclaimed_at, ?2)
             WHERE state IN ('voided', 'reclaimed') AND (carrier, number) IN (
                 SELECT w.carrier, n.value ->> 1 FROM json_each(?1) AS n JOIN waybill AS w ON w.id = n.value ->> 0)
             RETURNING id",
            &[batch(&doubles)?, moment.now.into()],
        )
        .await?;
    let entry = |row: &Row| Ok::<_, StoreError>(Entry::new("flow-book", "waybill", row.text(0)?, "given_out_again"));
    append(db, moment.now, &retired.iter().map(entry).collect::<Result<Vec<_>, _>>()?).await?;
    Ok(!retired.is_empty())
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
        Some(Outcome::Issued(_)) => {
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
        Some(
            Outcome::NotSent { reason, again_at }
            | Outcome::Unclear { reason, again_at }
            | Outcome::Hidden { reason, again_at },
        ) => {
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
        Outcome::Issued(given) => {
            let number =
                serde_json::json!({ "waybill": id, "number": given.number.as_str(), "carrier": current.carrier });
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
        Outcome::Unclear { .. } | Outcome::Hidden { .. } => vec![waybill("unclear", WaybillState::Calling)],
        Outcome::AskPerson(_) => vec![waybill("left_to_a_person", WaybillState::Calling)],
        Outcome::NotSent { .. } => Vec::new(),
    }
}

/// What came after somebody else had taken the claim up: kept for the record, applied never.
fn late(actor: &str, id: &str, current: &Current, outcome: &Outcome) -> Option<Entry> {
    let Outcome::Issued(given) = outcome else { return None };
    let entry = Entry::new(actor, "waybill", id, "late_answer").from_to(current.state.name(), current.state.name());
    Some(entry.with(serde_json::json!({ "number": given.number.as_str(), "claim": current.claim })))
}
