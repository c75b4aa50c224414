//! Numbers that the carrier does not take back: a person argues, and says how it ended.

use super::give_back::without_number;
use crate::{Db, Entry, Moment, StoreError, append};
use huidan_domain::{Move, PackageStatus, WaybillEvent, WaybillState};
use huidan_wire::api::WaybillOutcome;

/// What became of a person's word on a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledAs {
    /// It is written down.
    Done,
    /// It was settled like that before.
    Already,
    /// There is no such number.
    Unknown,
    /// There is nothing to settle about it.
    NoDispute,
}

const fn name(outcome: WaybillOutcome) -> &'static str {
    match outcome {
        WaybillOutcome::Lost => "lost",
        WaybillOutcome::Credited => "credited",
    }
}

/// A person says how a dispute ended, inside the caller's transaction. The package is free for another number then.
///
/// # Errors
/// The database's.
pub async fn settle_dispute<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    waybill: &str,
    (outcome, note): (WaybillOutcome, &str),
) -> Result<SettledAs, StoreError> {
    let rows = db
        .run(
            "SELECT w.state, w.settled, p.id, p.status, p.waybill, p.work FROM waybill AS w
             JOIN package AS p ON p.id = w.package WHERE w.id = ?1",
            &[waybill.into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(SettledAs::Unknown) };
    let state = WaybillState::parse(row.text(0)?)?;
    if row.text(1)? == name(outcome) {
        return Ok(SettledAs::Already);
    }
    let becomes = match (state, state.on(WaybillEvent::OpenDispute)) {
        (_, Move::To(dispute)) => dispute,
        (_, Move::AlreadyThere) | (WaybillState::Voided, Move::Conflict) => state,
        (_, Move::Conflict) => return Ok(SettledAs::NoDispute),
    };
    db.run(
        "UPDATE waybill SET state = ?2, settled = ?3, settled_note = ?4, settled_at = ?5 WHERE id = ?1",
        &[waybill.into(), becomes.name().into(), name(outcome).into(), note.into(), moment.now.into()],
    )
    .await?;
    let entry = Entry::new(actor, "waybill", waybill, name(outcome)).from_to(state.name(), becomes.name());
    let mut log = vec![entry.with(serde_json::json!({ "note": note }))];
    let status = PackageStatus::parse(row.text(3)?)?;
    if row.maybe_text(4)? == Some(waybill) && !status.left_the_house() {
        let next = without_number(status);
        db.run(
            "UPDATE package SET status = ?2, waybill = NULL, waits_for = '', updated_at = ?3,
                 work = iif(work = 'void', '', work) WHERE id = ?1",
            &[row.text(2)?.into(), next.name().into(), moment.now.into()],
        )
        .await?;
        log.push(Entry::new(actor, "package", row.text(2)?, "number_settled").from_to(status.name(), next.name()));
    }
    append(db, moment.now, &log).await?;
    Ok(SettledAs::Done)
}
