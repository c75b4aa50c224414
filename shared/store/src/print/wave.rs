use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, append};
use huidan_domain::{JobState, WaybillState};
use serde::Serialize;
use std::collections::BTreeSet;

/// A parcel of a wave that is to have its paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The package.
    pub package: String,
    /// Its place in the wave, from 1.
    pub seq: u32,
}

/// How a parcel and its last paper stand.
struct Stands {
    status: String,
    work: String,
    account: String,
    waybill: Option<WaybillState>,
    last: Option<(u32, JobState)>,
    /// The last paper waits in the queue for a wave that the parcel has left: it was never started.
    loose: bool,
}

impl Stands {
    /// Which copy is to be printed; `None` where there is paper, or will be, or a person must say.
    fn copy(&self) -> Option<u32> {
        // Paper is wanted ahead of the number: it is drawn in its place as soon as there is one.
        let ahead = self.status == "planned" && matches!(self.work.as_str(), "book" | "calling");
        let numbered =
            matches!(self.waybill, Some(WaybillState::Issued | WaybillState::Printed | WaybillState::Verified))
                && matches!(self.work.as_str(), "" | "render");
        match self.last {
            _ if !ahead && !numbered => None,
            None => Some(1),
            Some((copy, JobState::Failed)) => Some(copy),
            Some((copy, JobState::Queued)) if self.loose => Some(copy),
            Some((
                _,
                JobState::Queued
                | JobState::Leased
                | JobState::Sent
                | JobState::Unconfirmed
                | JobState::Done
                | JobState::Cancelled
                | JobState::Expired,
            )) => None,
        }
    }
}

#[derive(Serialize)]
struct WishRow<'a> {
    package: &'a str,
    copy: u32,
    seq: u32,
}

/// A wave wants the paper of its parcels, inside the caller's transaction: of those that have none. Its labels bear
/// their places in the whole wave, so that what is printed later fits between. Answers lanes of flow-book to wake.
///
/// # Errors
/// The database's.
pub async fn wish_for<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    (wave, size): (&str, i64),
    printer: Option<&str>,
    members: &[Member],
) -> Result<BTreeSet<String>, StoreError> {
    let packages: Vec<&str> = members.iter().map(|member| member.package.as_str()).collect();
    let rows = db
        .run(
            "SELECT p.id, p.status, p.work, p.account, w.state, j.copy_no, j.state,
                 coalesce(j.batch <> ?2 AND EXISTS (SELECT 1 FROM wave AS v WHERE v.id = j.batch), 0)
             FROM json_each(?1) AS k
             JOIN package AS p ON p.id = k.value LEFT JOIN waybill AS w ON w.id = p.waybill
             LEFT JOIN print_job AS j ON j.subject = w.id AND j.kind = 'waybill' AND j.copy_no = (
                 SELECT max(i.copy_no) FROM print_job AS i WHERE i.subject = w.id AND i.kind = 'waybill')
             ORDER BY k.key",
            &[batch(&packages)?, wave.into()],
        )
        .await?;
    let (mut wishes, mut lanes) = (Vec::new(), BTreeSet::new());
    for (row, member) in rows.iter().zip(members) {
        let stands = stands(row)?;
        if let Some(copy) = stands.copy() {
            wishes.push(WishRow { package: &member.package, copy, seq: member.seq });
            lanes.insert(stands.account);
        }
    }
    if wishes.is_empty() {
        return Ok(lanes);
    }
    let rows = batch(&wishes)?;
    db.run(
        "INSERT INTO print_wish (package, copy_no, reason, actor, batch, seq, of, printer)
         SELECT value ->> 'package', value ->> 'copy', '', ?2, ?3, value ->> 'seq', ?4, ?5 FROM json_each(?1) WHERE true
         ON CONFLICT (package) DO UPDATE SET copy_no = excluded.copy_no, actor = excluded.actor, batch = excluded.batch,
             seq = excluded.seq, of = excluded.of, printer = excluded.printer",
        &[rows.clone(), actor.into(), wave.into(), size.into(), printer.into()],
    )
    .await?;
    db.run(
        "UPDATE package SET work = 'render', work_at = ?2, waits_for = '', updated_at = ?2
         WHERE id IN (SELECT value ->> 'package' FROM json_each(?1)) AND work IN ('', 'render') AND status <> 'planned'",
        &[rows, moment.now.into()],
    )
    .await?;
    let body = serde_json::json!({ "labels": wishes.len() });
    append(db, moment.now, &[Entry::new(actor, "wave", wave, "labels_wanted").with(body)]).await?;
    Ok(lanes)
}

fn stands(row: &Row) -> Result<Stands, StoreError> {
    Ok(Stands {
        status: row.string(1)?,
        work: row.string(2)?,
        account: row.string(3)?,
        waybill: row.maybe_text(4)?.map(WaybillState::parse).transpose()?,
        last: match row.maybe_int(5)? {
            Some(_) => Some((row.count(5)?, JobState::parse(row.text(6)?)?)),
            None => None,
        },
        loose: row.flag(7)?,
    })
}

/// Of leases that a bridge says it holds, those of waves that were stopped. What has not been started is to be given
/// back; only the bridge knows which that is.
///
/// # Errors
/// The database's.
pub async fn stopped<D: Db>(db: &D, held: &[super::Held]) -> Result<BTreeSet<String>, StoreError> {
    if held.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows = db
        .run(
            "SELECT j.id FROM json_each(?1) AS k JOIN print_job AS j ON j.id = k.value ->> 'id'
                 AND j.lease = k.value ->> 'lease' AND j.state = 'leased'
             JOIN wave AS v ON v.id = j.batch AND v.state = 'stopped'",
            &[batch(held)?],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}
