//! What an earlier run, or a worker that broke, has left: each job is answered for by what the journal knows of it.

use std::sync::Arc;

use crate::{
    claim::Claims,
    desk::Desk,
    driver::Driver,
    journal::{Journal, JournalError, Leftover},
    lane::Lane,
    protocol::{Job, Phase},
    target::Route,
};

/// Decides what an earlier run left: never started prints once its lease is renewed, everything else is answered.
///
/// # Errors
/// [`JournalError`].
pub async fn earlier_run(desk: &Arc<Desk>, claims: &mut Claims) -> Result<(), JournalError> {
    for Leftover { job, phase } in desk.journal.on_disk(Journal::leftovers).await? {
        match (phase, desk.lane(&job.printer).cloned()) {
            (Phase::Received, Some(lane)) => claims.resume(lane, job).await?,
            (Phase::Received, None) => {
                let detail = "the bridge was restarted without this printer: never started";
                desk.give_back(vec![job.key()], detail).await?;
            }
            (phase, lane) => begun(desk, lane.as_deref(), &job, phase, "the bridge ended while sending it").await?,
        }
    }
    desk.news.notify_one();
    Ok(())
}

/// Decides what a worker left that broke; what waits in its lane waits on for the next.
///
/// # Errors
/// [`JournalError`].
pub async fn broken_worker(desk: &Desk, lane: &Lane) -> Result<(), JournalError> {
    for Leftover { job, phase } in desk.journal.on_disk(Journal::leftovers).await? {
        let key = job.key();
        if job.printer != lane.printer.name || lane.holds(&key) {
            continue;
        }
        match phase {
            // Taken out of the lane and not begun.
            Phase::Received => desk.give_back(vec![key], "its worker broke before the start: never started").await?,
            phase => begun(desk, Some(lane), &job, phase, "its worker broke while sending it").await?,
        }
    }
    desk.room.notify_one();
    Ok(())
}

async fn begun(desk: &Desk, lane: Option<&Lane>, job: &Job, phase: Phase, why: &str) -> Result<(), JournalError> {
    match (phase, lane) {
        (Phase::Sending, Some(lane)) if Driver::new(&lane.printer.target).came_out(&job.key()) => {
            desk.advance(vec![job.key()], Phase::Done, "found after a restart").await?;
            Ok(())
        }
        (Phase::Sending, lane) => question(desk, lane, job, why).await,
        // A component would have said `printed` to the one that is gone.
        (Phase::Sent, Some(lane)) if matches!(lane.printer.target.route, Route::Component { .. }) => {
            question(desk, Some(lane), job, "the bridge ended before the print component answered").await
        }
        // Every byte was handed over and nothing speaks against it: `sent` is its end here.
        (Phase::Received | Phase::Sent | Phase::Done | Phase::Failed | Phase::Unconfirmed, _) => Ok(()),
    }
}

/// Leaves a job to a person; its batch waits for the answer.
async fn question(desk: &Desk, lane: Option<&Lane>, job: &Job, reason: &str) -> Result<(), JournalError> {
    let key = job.key();
    tracing::warn!(job = %key, reason, "unconfirmed");
    desk.advance(vec![key.clone()], Phase::Unconfirmed, reason).await?;
    let behind = lane.map(|lane| lane.stop(job.batch(), &key)).unwrap_or_default();
    desk.give_back(behind, "its batch has stopped: never started").await
}
