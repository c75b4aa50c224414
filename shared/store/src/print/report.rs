use super::{Change, Known, known, write};
use crate::{Db, Entry, Moment, StoreError, append};
use huidan_domain::{JobEvent, JobState, Move};

/// How far a bridge says a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The first byte may have left.
    Sending,
    /// Every byte was handed over.
    Sent,
    /// The paper is out.
    Done,
    /// Certainly not printed; a person looks at it.
    Failed,
    /// Certainly not started, and nothing is wrong with the label: it goes back into the queue.
    NeverStarted,
    /// Bytes may have become paper.
    Unconfirmed,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The job.
    pub id: String,
    /// Token of the lease it was printed under.
    pub lease: String,
    /// How far it came.
    pub phase: Phase,
    /// For a person.
    pub detail: String,
}

/// Takes a bridge's report, inside the caller's transaction. Answers the state that now holds, line by line; `None` for
/// a job that does not exist. The lease's token is the proof, not the bridge's: a machine that was paired anew still knows
/// what it printed. A stale lease changes nothing; late news of the same attempt does, where the job is an
/// open question.
///
/// # Errors
/// The database's.
pub async fn report<D: Db>(
    db: &D,
    moment: Moment<'_>,
    bridge: &str,
    lines: &[Line],
) -> Result<Vec<Option<JobState>>, StoreError> {
    let ids: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
    let mut jobs = known(db, &ids).await?;
    let actor = format!("bridge:{bridge}");
    let (mut changes, mut late) = (Vec::new(), Vec::new());
    let mut answers = Vec::with_capacity(lines.len());
    for line in lines {
        let Some(job) = jobs.iter_mut().find(|job| job.id == line.id) else {
            answers.push(None);
            continue;
        };
        if !job.lease.is_empty() && job.lease == line.lease {
            match step(job, line.phase) {
                Some(becomes) if becomes != job.state => {
                    push(&mut changes, job, becomes, &line.detail);
                    job.state = becomes;
                }
                Some(_) => {}
                None => late.push(contradiction(&actor, job, line)),
            }
        }
        answers.push(Some(job.state));
    }
    write(db, moment, &actor, &changes, &jobs).await?;
    append(db, moment.now, &late).await?;
    Ok(answers)
}

/// The state after a phase; `None` where the phase contradicts it.
fn step(job: &Known, phase: Phase) -> Option<JobState> {
    let on = |state: JobState, event| match state.on(event) {
        Move::To(next) => Some(next),
        Move::AlreadyThere => Some(state),
        Move::Conflict => None,
    };
    match phase {
        // The lease says as much already.
        Phase::Sending => Some(job.state),
        Phase::Sent => on(job.state, JobEvent::Send),
        Phase::Done => on(job.state, JobEvent::Finish),
        Phase::Failed => on(job.state, JobEvent::NeverStarted),
        Phase::Unconfirmed => on(job.state, JobEvent::LoseSight),
        Phase::NeverStarted => {
            let failed = on(job.state, JobEvent::NeverStarted)?;
            let next = if job.stale { JobEvent::Cancel } else { JobEvent::Requeue };
            on(failed, next).or(Some(failed))
        }
    }
}

/// One change per job, however many lines tell of it.
fn push(changes: &mut Vec<Change>, job: &Known, becomes: JobState, detail: &str) {
    if let Some(earlier) = changes.iter_mut().find(|change| change.id == job.id) {
        earlier.becomes = becomes;
        detail.clone_into(&mut earlier.detail);
        return;
    }
    changes.push(Change { id: job.id.clone(), was: job.state, becomes, detail: detail.to_owned() });
}

/// News that comes after somebody else decided: on the record, and nothing more.
fn contradiction(actor: &str, job: &Known, line: &Line) -> Entry {
    let entry = Entry::new(actor, "job", &job.id, "late_report").from_to(job.state.name(), job.state.name());
    entry.with(serde_json::json!({ "phase": format!("{:?}", line.phase), "why": line.detail }))
}
