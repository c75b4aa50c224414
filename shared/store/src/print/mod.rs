//! Print jobs: paper at most once by itself, again only by a person.

mod claim;
mod person;
mod report;
mod wave;
mod wish;

pub use claim::{Held, Job, LEASE_MS, LONGEST_LEASE_MS, Room, claim, claim_for, end_leases, renew, sweep, waiting};
pub use person::{confirm_unconfirmed, retry_failed};
pub use report::{Line, Phase, report};
pub use wave::{Member, stopped, wish_for};
pub use wish::{Refused, Wanted, want};

use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, append};
use huidan_domain::{JobEvent, JobState, Move, PackageEvent, PackageStatus, WaybillEvent, WaybillState};
use std::collections::BTreeSet;

/// A job with what its end moves.
struct Known {
    id: String,
    state: JobState,
    lease: String,
    /// The waybill and its package, for jobs that print one.
    subject: Option<Subject>,
    /// Whether its paper would be stale: another fence, or a number that was given back.
    stale: bool,
}

struct Subject {
    waybill: String,
    waybill_state: WaybillState,
    package: String,
    status: PackageStatus,
    /// Whether it is one of several pieces: then all of them must be out.
    of_several: bool,
    /// Whether the number's paper is older than the package: it is new with this.
    renews: bool,
}

/// Where a job's new state is put: [`write`] stores it.
struct Change {
    id: String,
    was: JobState,
    becomes: JobState,
    detail: String,
}

async fn known<D: Db>(db: &D, ids: &[&str]) -> Result<Vec<Known>, StoreError> {
    let rows = db
        .run(
            "SELECT j.id, j.state, j.lease, w.id, w.state, p.id, p.status,
                 w.id IS NOT NULL AND (p.fence <> j.fence OR p.status = 'cancelled'
                     OR w.state IN ('void_wanted', 'voiding', 'voided', 'reclaimed', 'refused')),
                 EXISTS (SELECT 1 FROM waybill_child AS c WHERE c.waybill = w.id), w.fence IS NOT p.fence
             FROM json_each(?1) AS k JOIN print_job AS j ON j.id = k.value
             LEFT JOIN waybill AS w ON w.id = j.subject LEFT JOIN package AS p ON p.id = w.package",
            &[batch(ids)?],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Known, StoreError> {
    let subject = match (row.maybe_text(3)?, row.maybe_text(5)?) {
        (Some(waybill), Some(package)) => Some(Subject {
            waybill: waybill.to_owned(),
            waybill_state: WaybillState::parse(row.text(4)?)?,
            package: package.to_owned(),
            status: PackageStatus::parse(row.text(6)?)?,
            of_several: row.flag(8)?,
            renews: row.flag(9)?,
        }),
        _ => None,
    };
    Ok(Known {
        id: row.string(0)?,
        state: JobState::parse(row.text(1)?)?,
        lease: row.maybe_text(2)?.unwrap_or_default().to_owned(),
        subject,
        stale: row.flag(7)?,
    })
}

/// Stores new states, and what paper that came out moves: the waybill and its package.
async fn write<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    changes: &[Change],
    known: &[Known],
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let rows: Vec<(&str, &str, &str)> =
        changes.iter().map(|change| (change.id.as_str(), change.becomes.name(), change.detail.as_str())).collect();
    db.run(
        "UPDATE print_job SET state = n.value ->> 1, detail = n.value ->> 2, updated_at = ?2,
             lease_until = iif(n.value ->> 1 IN ('leased', 'sent'), lease_until, 0)
         FROM json_each(?1) AS n WHERE print_job.id = n.value ->> 0",
        &[batch(&rows)?, moment.now.into()],
    )
    .await?;
    let mut log: Vec<Entry> = Vec::new();
    let mut papers = Papers { whole: whole(db, changes, known).await?, ..Papers::default() };
    for change in changes {
        let entry = Entry::new(actor, "job", &change.id, change.becomes.name());
        log.push(
            entry.from_to(change.was.name(), change.becomes.name()).with(serde_json::json!({"why": change.detail})),
        );
        let known = known.iter().find(|known| known.id == change.id);
        if let Some((known, subject)) = known.and_then(|known| Some((known, known.subject.as_ref()?)))
            && change.becomes == JobState::Done
        {
            papers.out(actor, known, subject, &mut log);
        }
    }
    papers.write(db, moment).await?;
    append(db, moment.now, &log).await
}

/// Which waybills of several pieces have all of their paper now, of those that some came out of.
async fn whole<D: Db>(db: &D, changes: &[Change], known: &[Known]) -> Result<BTreeSet<String>, StoreError> {
    let done = changes.iter().filter(|change| change.becomes == JobState::Done);
    let subjects = done.filter_map(|change| known.iter().find(|known| known.id == change.id)?.subject.as_ref());
    let several: BTreeSet<&str> =
        subjects.filter(|subject| subject.of_several).map(|subject| subject.waybill.as_str()).collect();
    if several.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows = db
        .run(
            "SELECT w.id FROM json_each(?1) AS k JOIN waybill AS w ON w.id = k.value JOIN package AS p ON p.id = w.package
             WHERE (SELECT count(DISTINCT j.kind) FROM print_job AS j WHERE j.subject = w.id AND j.state = 'done'
                        AND j.fence = p.fence AND (j.kind = 'waybill' OR j.kind GLOB 'waybill-[0-9]*'))
                 > (SELECT count(*) FROM waybill_child AS c WHERE c.waybill = w.id)",
            &[batch(&several)?],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

#[derive(Default)]
struct Papers {
    whole: BTreeSet<String>,
    renewed: BTreeSet<String>,
    waybills: Vec<(String, &'static str)>,
    packages: Vec<(String, &'static str)>,
}

impl Papers {
    /// Paper that is stale moves nothing: the scan will refuse it.
    fn out(&mut self, actor: &str, known: &Known, subject: &Subject, log: &mut Vec<Entry>) {
        if known.stale {
            let entry = Entry::new(actor, "package", &subject.package, "stale_paper_out");
            log.push(entry.with(serde_json::json!({ "job": known.id })));
            return;
        }
        if subject.of_several && !self.whole.contains(&subject.waybill) {
            let entry = Entry::new(actor, "package", &subject.package, "piece_out");
            log.push(entry.with(serde_json::json!({ "job": known.id })));
            return;
        }
        if subject.renews {
            self.renewed.insert(subject.waybill.clone());
        }
        if let Move::To(state) = subject.waybill_state.on(WaybillEvent::Print) {
            self.waybills.push((subject.waybill.clone(), state.name()));
        }
        let becomes = match subject.status.on(PackageEvent::PaperOut) {
            Move::To(status) => {
                self.packages.push((subject.package.clone(), status.name()));
                status
            }
            Move::AlreadyThere | Move::Conflict => subject.status,
        };
        let entry = Entry::new(actor, "package", &subject.package, "paper_out");
        log.push(entry.from_to(subject.status.name(), becomes.name()).with(serde_json::json!({ "job": known.id })));
    }

    async fn write<D: Db>(&self, db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
        if !self.renewed.is_empty() {
            db.run(
                "UPDATE waybill SET fence = (SELECT p.fence FROM package AS p WHERE p.id = waybill.package)
                 WHERE id IN (SELECT value FROM json_each(?1))",
                &[batch(&self.renewed)?],
            )
            .await?;
        }
        if !self.waybills.is_empty() {
            db.run(
                "UPDATE waybill SET state = n.value ->> 1 FROM json_each(?1) AS n WHERE waybill.id = n.value ->> 0",
                &[batch(&self.waybills)?],
            )
            .await?;
        }
        if !self.packages.is_empty() {
            db.run(
                "UPDATE package SET status = n.value ->> 1, updated_at = ?2 FROM json_each(?1) AS n
                 WHERE package.id = n.value ->> 0",
                &[batch(&self.packages)?, moment.now.into()],
            )
            .await?;
        }
        Ok(())
    }
}

/// Cancels what of some waybills has certainly not been started, inside the caller's transaction. What a bridge has is
/// left: the fence refuses its paper at the scan.
///
/// # Errors
/// The database's.
pub async fn cancel_of<D: Db>(db: &D, moment: Moment<'_>, actor: &str, waybills: &[&str]) -> Result<(), StoreError> {
    cancel_unstarted(db, moment, actor, waybills, "单号已作废 / the number is given back").await
}

/// The same where the number stays and what it says has changed.
///
/// # Errors
/// The database's.
pub(crate) async fn outdated<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    waybills: &[&str],
) -> Result<(), StoreError> {
    cancel_unstarted(db, moment, actor, waybills, "面单已过时 / the paper would be stale").await
}

async fn cancel_unstarted<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    waybills: &[&str],
    why: &str,
) -> Result<(), StoreError> {
    if waybills.is_empty() {
        return Ok(());
    }
    let rows = db
        .run(
            "SELECT j.id FROM json_each(?1) AS k JOIN print_job AS j ON j.subject = k.value
             WHERE j.state IN ('queued', 'failed')",
            &[batch(waybills)?],
        )
        .await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    cancel(db, moment, actor, &ids, why).await
}

async fn cancel<D: Db>(db: &D, moment: Moment<'_>, actor: &str, ids: &[&str], why: &str) -> Result<(), StoreError> {
    let known = known(db, ids).await?;
    let changes: Vec<Change> = known.iter().filter_map(|job| change(job, JobEvent::Cancel, why)).collect();
    write(db, moment, actor, &changes, &known).await
}

fn change(job: &Known, event: JobEvent, detail: &str) -> Option<Change> {
    match job.state.on(event) {
        Move::To(becomes) => Some(Change { id: job.id.clone(), was: job.state, becomes, detail: detail.to_owned() }),
        Move::AlreadyThere | Move::Conflict => None,
    }
}

#[cfg(test)]
mod tests;
