use super::{PackageRow, claim, write_packages};
use crate::json::batch;
use crate::notices::{News, tell};
use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_domain::{Millis, Move, PackageEvent, PackageStatus, WaybillEvent, WaybillState};

/// A number that the carrier is to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giving {
    /// The waybill.
    pub waybill: String,
    /// The number.
    pub number: String,
    /// The claim it was given for.
    pub claim: String,
    /// What the carrier itself calls the order, where it said.
    pub reference: String,
    /// Whose account.
    pub account: String,
    /// Whose number.
    pub carrier: String,
}

/// What the carrier said to giving a number back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// It is void.
    Void,
    /// It will not; why, for a person.
    Refused(String),
    /// Ask again then; why, for a person.
    Later {
        /// Why.
        reason: String,
        /// When.
        again_at: Millis,
    },
}

struct Found {
    package: String,
    status: PackageStatus,
    current: Option<String>,
    waybill: Option<(Giving, WaybillState, bool, i64)>,
}

/// Takes up packages of an account whose number is to be given back, inside the caller's transaction: queued paper is
/// cancelled, the number is marked before the carrier hears of it. Answers the numbers to call for.
///
/// # Errors
/// The database's.
pub async fn begin_giving_back<D: Db>(
    db: &D,
    moment: Moment<'_>,
    account: &str,
    lease_until: Millis,
    limit: u32,
) -> Result<Vec<Giving>, StoreError> {
    let found = found(db, moment, account, limit).await?;
    let (packages, states, unsent, log) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut step = Step { moment, lease_until, packages, states, unsent, log };
    let mut giving = Vec::new();
    for found in &found {
        giving.extend(step.take(found));
    }
    write_states(db, &step.states).await?;
    claim::forget(db, &step.unsent).await?;
    let voided: Vec<&str> = giving.iter().map(|giving: &Giving| giving.waybill.as_str()).collect();
    crate::print::cancel_of(db, moment, "flow-book", &voided).await?;
    write_packages(db, moment.now, &step.packages).await?;
    append(db, moment.now, &step.log).await?;
    Ok(giving)
}

async fn found<D: Db>(db: &D, moment: Moment<'_>, account: &str, limit: u32) -> Result<Vec<Found>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, p.status, p.waybill, w.id, w.number, w.claim, w.account, w.carrier, w.state,
                 w.lease IS NOT NULL, w.lease_until, w.reference
             FROM package AS p LEFT JOIN waybill AS w ON w.id = (
                 SELECT v.id FROM waybill AS v
                 WHERE v.package = p.id AND v.settled = '' AND v.state NOT IN ('voided', 'reclaimed', 'refused')
                 ORDER BY v.attempt DESC LIMIT 1)
             WHERE p.work <> '' AND p.work = 'void' AND p.account = ?1 AND p.work_at <= ?2
             ORDER BY p.work_at, p.id LIMIT ?3",
            &[account.into(), moment.now.into(), limit.into()],
        )
        .await?;
    let read = |row: &Row| {
        let waybill = match row.maybe_text(3)? {
            None => None,
            Some(id) => {
                let giving = Giving {
                    waybill: id.to_owned(),
                    number: row.maybe_text(4)?.unwrap_or_default().to_owned(),
                    claim: row.string(5)?,
                    reference: row.string(11)?,
                    account: row.string(6)?,
                    carrier: row.string(7)?,
                };
                Some((giving, WaybillState::parse(row.text(8)?)?, row.flag(9)?, row.int(10)?))
            }
        };
        Ok(Found {
            package: row.string(0)?,
            status: PackageStatus::parse(row.text(1)?)?,
            current: row.maybe_text(2)?.map(str::to_owned),
            waybill,
        })
    };
    rows.iter().map(read).collect()
}

const UNDER_WAY: &str = "包裹已交给承运商，请联系承运商拦截 / the parcel is under way: ask the carrier to stop it";
const KEPT: &str = "承运商不收回单号，请联系承运商 / the carrier does not take the number back: talk to them";

struct Step<'a> {
    moment: Moment<'a>,
    lease_until: Millis,
    packages: Vec<PackageRow>,
    states: Vec<(String, &'static str)>,
    unsent: Vec<String>,
    log: Vec<Entry>,
}

impl Step<'_> {
    /// Decides about one package; answers the number to call for.
    fn take(&mut self, found: &Found) -> Option<Giving> {
        let Some((giving, state, sent, until)) = &found.waybill else {
            self.ended(found);
            return None;
        };
        match state {
            // First it must be known what there is to give back.
            WaybillState::Calling if *sent => {
                self.row(found, "void", (*until).max(self.moment.now.0 + 1_000), "");
                None
            }
            // Certainly nothing was sent: there is nothing to give back.
            WaybillState::Calling => {
                self.unsent.push(giving.waybill.clone());
                self.ended(found);
                None
            }
            WaybillState::Issued
            | WaybillState::Printed
            | WaybillState::Verified
            | WaybillState::VoidWanted
            | WaybillState::Voiding => {
                self.begin(found, giving, *state);
                Some(giving.clone())
            }
            WaybillState::HandedOver | WaybillState::Traced => {
                self.row(found, "", 0, UNDER_WAY);
                None
            }
            WaybillState::VoidRefused | WaybillState::Dispute => {
                self.row(found, "", 0, KEPT);
                None
            }
            WaybillState::Voided | WaybillState::Reclaimed | WaybillState::Refused => {
                self.ended(found);
                None
            }
        }
    }

    fn begin(&mut self, found: &Found, giving: &Giving, state: WaybillState) {
        let becomes = WaybillState::Voiding.name();
        self.states.push((giving.waybill.clone(), becomes));
        if state != WaybillState::Voiding {
            let entry = Entry::new("flow-book", "waybill", &giving.waybill, "void_begun");
            self.log.push(entry.from_to(state.name(), becomes));
        }
        self.row(found, "void", self.lease_until.0, "");
    }

    fn row(&mut self, found: &Found, work: &str, work_at: i64, waits_for: &str) {
        self.packages.push(PackageRow {
            id: found.package.clone(),
            status: found.status.name(),
            work: work.to_owned(),
            work_at,
            waits_for: waits_for.to_owned(),
            waybill: found.current.clone(),
        });
    }

    fn ended(&mut self, found: &Found) {
        let status = without_number(found.status);
        self.packages.push(PackageRow {
            id: found.package.clone(),
            status: status.name(),
            work: String::new(),
            work_at: 0,
            waits_for: String::new(),
            waybill: None,
        });
        let entry = Entry::new("flow-book", "package", &found.package, "number_void");
        self.log.push(entry.from_to(found.status.name(), status.name()));
    }
}

pub(super) fn without_number(status: PackageStatus) -> PackageStatus {
    match status.on(PackageEvent::NumberVoided) {
        Move::To(next) => next,
        Move::AlreadyThere | Move::Conflict => status,
    }
}

/// Stores what carriers said to numbers that were to be given back, inside the caller's transaction. `reclaim_days` is
/// the carrier's word on when it counts them again, which the account's own goes before. A refused number that the
/// carrier has scanned is in dispute at once.
///
/// # Errors
/// The database's.
pub async fn settle_giving_back<D: Db>(
    db: &D,
    moment: Moment<'_>,
    reclaim_days: Option<u16>,
    said: &[(String, Back)],
) -> Result<(), StoreError> {
    let ids: Vec<&str> = said.iter().map(|(id, _)| id.as_str()).collect();
    let rows = db
        .run(
            "SELECT w.id, w.state, p.id, p.status, p.waybill, w.number, w.account,
                 EXISTS (SELECT 1 FROM scan AS s WHERE s.number = w.number AND s.used)
             FROM json_each(?1) AS k
             JOIN waybill AS w ON w.id = k.value JOIN package AS p ON p.id = w.package ORDER BY k.key",
            &[batch(&ids)?],
        )
        .await?;
    let mut settled = Settled::default();
    for row in &rows {
        let id = row.string(0)?;
        let Some((_, said)) = said.iter().find(|(waybill, _)| *waybill == id) else { continue };
        settled.take(row, &id, said)?;
    }
    write_states(db, &settled.states).await?;
    write_void(db, moment.now, reclaim_days, &settled.void).await?;
    write_reasons(db, &settled.reasons).await?;
    write_packages(db, moment.now, &settled.packages).await?;
    tell_of(db, moment, &settled.refused).await?;
    append(db, moment.now, &settled.log).await
}

/// What is to be written of what carriers said.
#[derive(Default)]
struct Settled {
    packages: Vec<PackageRow>,
    states: Vec<(String, &'static str)>,
    void: Vec<String>,
    reasons: Vec<(String, String)>,
    refused: Vec<Disputed>,
    log: Vec<Entry>,
}

impl Settled {
    fn take(&mut self, row: &Row, id: &str, said: &Back) -> Result<(), StoreError> {
        let (state, status) = (WaybillState::parse(row.text(1)?)?, PackageStatus::parse(row.text(3)?)?);
        let next = after(state, said, row.flag(7)?);
        if next != state {
            self.states.push((id.to_owned(), next.name()));
            self.log.push(Entry::new("flow-book", "waybill", id, next.name()).from_to(state.name(), next.name()));
        }
        let void = next == WaybillState::Voided;
        let becomes = if void { without_number(status) } else { status };
        if void {
            self.void.push(id.to_owned());
            let entry = Entry::new("flow-book", "package", row.string(2)?, "number_void");
            self.log.push(entry.from_to(status.name(), becomes.name()).with(serde_json::json!({ "waybill": id })));
        }
        let (work, work_at, waits_for) = match said {
            Back::Void => ("", 0, ""),
            Back::Refused(reason) => ("", 0, reason.as_str()),
            Back::Later { reason, again_at } => ("void", again_at.0, reason.as_str()),
        };
        if let Back::Refused(reason) = said {
            self.reasons.push((id.to_owned(), reason.clone()));
            let (number, account) = (row.maybe_text(5)?.unwrap_or_default().to_owned(), row.string(6)?);
            self.refused.push(Disputed { waybill: id.to_owned(), number, account, reason: reason.clone() });
        }
        let current = row.maybe_text(4)?.filter(|current| !(void && *current == id));
        self.packages.push(PackageRow {
            id: row.string(2)?,
            status: becomes.name(),
            work: work.to_owned(),
            work_at,
            waits_for: waits_for.to_owned(),
            waybill: current.map(str::to_owned),
        });
        Ok(())
    }
}

/// A number that the carrier does not take back, or that it scanned after it had.
#[derive(Debug)]
pub(super) struct Disputed {
    pub(super) waybill: String,
    pub(super) number: String,
    pub(super) account: String,
    pub(super) reason: String,
}

/// A person is told of each once.
pub(super) async fn tell_of<D: Db>(db: &D, moment: Moment<'_>, disputed: &[Disputed]) -> Result<(), StoreError> {
    let keys: Vec<String> = disputed.iter().map(|one| format!("waybill.disputed/{}", one.waybill)).collect();
    let news = disputed.iter().zip(&keys).map(|(one, key)| News {
        key,
        topic: "waybill.disputed",
        entity: "waybill",
        id: &one.waybill,
        shop: "",
        facts: serde_json::json!({ "number": one.number, "account": one.account, "reason": one.reason }),
    });
    tell(db, moment, &news.collect::<Vec<_>>()).await
}

/// What the carrier said moves the number, unless the world has moved on (a scan of it, say).
fn after(state: WaybillState, said: &Back, traced: bool) -> WaybillState {
    let event = match said {
        Back::Void => WaybillEvent::ConfirmVoid,
        Back::Refused(_) => WaybillEvent::RefuseVoid,
        Back::Later { .. } => return state,
    };
    let next = match state.on(event) {
        Move::To(next) => next,
        Move::AlreadyThere | Move::Conflict => state,
    };
    match next.on(WaybillEvent::OpenDispute) {
        Move::To(dispute) if traced => dispute,
        Move::To(_) | Move::AlreadyThere | Move::Conflict => next,
    }
}

async fn write_void<D: Db>(
    db: &D,
    now: Millis,
    reclaim_days: Option<u16>,
    waybills: &[String],
) -> Result<(), StoreError> {
    if waybills.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE waybill SET voided_at = ?2, reclaim_at = ?2 + 86400000 * coalesce(
             (SELECT a.reclaim_days FROM carrier_account AS a WHERE a.id = waybill.account), ?3)
         WHERE id IN (SELECT value FROM json_each(?1))",
        &[batch(waybills)?, now.into(), Value::from(reclaim_days.map(i64::from))],
    )
    .await?;
    Ok(())
}

async fn write_reasons<D: Db>(db: &D, reasons: &[(String, String)]) -> Result<(), StoreError> {
    if reasons.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE waybill SET reason = n.value ->> 1 FROM json_each(?1) AS n WHERE waybill.id = n.value ->> 0",
        &[batch(reasons)?],
    )
    .await?;
    Ok(())
}

async fn write_states<D: Db>(db: &D, states: &[(String, &'static str)]) -> Result<(), StoreError> {
    if states.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE waybill SET state = n.value ->> 1, lease = NULL, lease_until = 0 FROM json_each(?1) AS n
         WHERE waybill.id = n.value ->> 0",
        &[batch(states)?],
    )
    .await?;
    Ok(())
}
