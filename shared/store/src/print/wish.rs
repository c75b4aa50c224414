use crate::json::batch;
use crate::{Db, Entry, Moment, StoreError, append};
use huidan_domain::{JobState, PackageStatus, WaybillState};
use std::collections::BTreeSet;

/// Why a package is not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no such package.
    Unknown,
    /// It has no number (any more).
    NoNumber,
    /// It is at work on: a number is being taken or given back.
    Busy,
    /// A label of it waits or is being printed.
    Waiting,
    /// Whether its last label came out is an open question: answer that first.
    Question,
    /// It has been printed: a further copy needs a reason.
    ReasonNeeded,
    /// It has left the house.
    Gone,
}

impl Refused {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown_package",
            Self::NoNumber => "no_number",
            Self::Busy => "busy",
            Self::Waiting => "already_waiting",
            Self::Question => "unconfirmed",
            Self::ReasonNeeded => "reason_needed",
            Self::Gone => "left_the_house",
        }
    }

    /// For a person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unknown => "没有这个包裹 / there is no such package",
            Self::NoNumber => "还没有单号 / it has no number",
            Self::Busy => "正在取号或作废，稍后再试 / a number is being taken or given back: try again in a moment",
            Self::Waiting => "面单已在排队或打印 / its label waits or is being printed",
            Self::Question => "请先确认上一张是否出纸 / say first whether the last label came out",
            Self::ReasonNeeded => "已打印过，补打需要原因 / it has been printed: a further copy needs a reason",
            Self::Gone => "包裹已发出 / it has left the house",
        }
    }
}

/// What becomes of a wish to print.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Id of the batch; empty when nothing is printed.
    pub batch: String,
    /// Packages that will be printed, in order.
    pub packages: Vec<String>,
    /// Packages that will not, and why.
    pub refused: Vec<(String, Refused)>,
    /// Lanes of flow-book to wake.
    pub lanes: BTreeSet<String>,
}

/// A person wants packages printed, in this order, inside the caller's transaction. A package that was printed before
/// gets its next copy, for which there must be a reason; the paper says so.
///
/// # Errors
/// The database's.
pub async fn want<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    packages: &[String],
    reason: &str,
) -> Result<Wanted, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, p.status, p.work, p.account, w.state, j.copy_no, j.state,
                 EXISTS (SELECT 1 FROM waybill_child AS c WHERE c.waybill = w.id AND NOT EXISTS (
                     SELECT 1 FROM print_job AS i WHERE i.subject = w.id AND i.kind = 'waybill-' || c.seq
                         AND i.state <> 'failed'))
             FROM json_each(?1) AS k
             JOIN package AS p ON p.id = k.value LEFT JOIN waybill AS w ON w.id = p.waybill
             LEFT JOIN print_job AS j ON j.subject = w.id AND j.kind = 'waybill' AND j.copy_no = (
                 SELECT max(i.copy_no) FROM print_job AS i WHERE i.subject = w.id AND i.kind = 'waybill')",
            &[batch(packages)?],
        )
        .await?;
    let mut wanted = Wanted::default();
    let mut copies: Vec<(String, u32)> = Vec::new();
    for package in packages {
        let row = rows.iter().find(|row| row.text(0) == Ok(package));
        let copy = match row {
            None => Err(Refused::Unknown),
            Some(row) => {
                let waybill = row.maybe_text(4)?.map(WaybillState::parse).transpose()?;
                let last = match row.maybe_int(5)? {
                    Some(_) => Some((row.count(5)?, JobState::parse(row.text(6)?)?)),
                    None => None,
                };
                let status = PackageStatus::parse(row.text(1)?)?;
                next_copy(status, row.text(2)?, waybill, last, reason).or_else(|refused| match refused {
                    // Pieces that never came out need no reason: those that did keep their paper.
                    Refused::ReasonNeeded if row.flag(7) == Ok(true) => Ok(1),
                    refused => Err(refused),
                })
            }
        };
        match copy {
            Ok(copy) if !copies.iter().any(|(other, _)| other == package) => {
                if let Some(row) = row {
                    wanted.lanes.insert(row.string(3)?);
                }
                copies.push((package.clone(), copy));
            }
            Ok(_) => {}
            Err(refused) => wanted.refused.push((package.clone(), refused)),
        }
    }
    if copies.is_empty() {
        return Ok(wanted);
    }
    wanted.batch = moment.id();
    store(db, moment, actor, reason, &wanted.batch, &copies).await?;
    wanted.packages = copies.into_iter().map(|(package, _)| package).collect();
    Ok(wanted)
}

fn next_copy(
    status: PackageStatus,
    work: &str,
    waybill: Option<WaybillState>,
    last: Option<(u32, JobState)>,
    reason: &str,
) -> Result<u32, Refused> {
    if status.left_the_house() {
        return Err(Refused::Gone);
    }
    match waybill {
        Some(WaybillState::Issued | WaybillState::Printed | WaybillState::Verified) => {}
        _ if matches!(work, "book" | "calling" | "void" | "update") => return Err(Refused::Busy),
        _ => return Err(Refused::NoNumber),
    }
    if !matches!(work, "" | "render") {
        return Err(Refused::Busy);
    }
    let printed = match last {
        None => return Ok(1),
        // Certainly no paper: the same copy once more.
        Some((copy, JobState::Failed)) => return Ok(copy),
        Some((_, JobState::Queued | JobState::Leased | JobState::Sent)) => return Err(Refused::Waiting),
        Some((_, JobState::Unconfirmed)) => return Err(Refused::Question),
        Some((copy, JobState::Done | JobState::Cancelled | JobState::Expired)) => copy,
    };
    if reason.trim().is_empty() { Err(Refused::ReasonNeeded) } else { Ok(printed + 1) }
}

async fn store<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    reason: &str,
    batch_id: &str,
    copies: &[(String, u32)],
) -> Result<(), StoreError> {
    let rows = batch(copies)?;
    let of = i64::try_from(copies.len()).unwrap_or(i64::MAX);
    db.run(
        "INSERT INTO print_wish (package, copy_no, reason, actor, batch, seq, of)
         SELECT value ->> 0, value ->> 1, ?2, ?3, ?4, key + 1, ?5 FROM json_each(?1) WHERE true
         ON CONFLICT (package) DO UPDATE SET copy_no = excluded.copy_no, reason = excluded.reason,
             actor = excluded.actor, batch = excluded.batch, seq = excluded.seq, of = excluded.of",
        &[rows.clone(), reason.into(), actor.into(), batch_id.into(), of.into()],
    )
    .await?;
    db.run(
        "UPDATE package SET work = 'render', work_at = ?2, waits_for = '', updated_at = ?2
         WHERE id IN (SELECT value ->> 0 FROM json_each(?1))",
        &[rows, moment.now.into()],
    )
    .await?;
    let log: Vec<Entry> = copies
        .iter()
        .map(|(package, copy)| {
            let entry = Entry::new(actor, "package", package, "print_wanted");
            entry.with(serde_json::json!({ "copy": copy, "reason": reason, "batch": batch_id }))
        })
        .collect();
    append(db, moment.now, &log).await
}
