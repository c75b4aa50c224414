use super::{Change, change, known, write};
use crate::{Db, Moment, StoreError};
use huidan_domain::{JobEvent, JobState, Move};

/// A person answers the question whether a label came out, inside the caller's transaction. If not, it may print once
/// more; if its paper would be stale by now, it is cancelled instead. Answers the state that now holds; `None` when there
/// is no such job, or it is no open question.
///
/// # Errors
/// The database's.
pub async fn confirm_unconfirmed<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    job: &str,
    saw_paper: bool,
) -> Result<Option<JobState>, StoreError> {
    let known = known(db, &[job]).await?;
    let Some(job) = known.first() else { return Ok(None) };
    let event = if saw_paper { JobEvent::PersonSawPaper } else { JobEvent::PersonSawNone };
    let why = if saw_paper { "有人看到了面单 / a person saw the paper" } else { "没有出纸 / no paper came" };
    let becomes = match job.state.on(event) {
        Move::To(becomes) => becomes,
        Move::AlreadyThere => return Ok(Some(job.state)),
        Move::Conflict => return Ok(None),
    };
    let becomes = match becomes {
        JobState::Queued if job.stale => JobState::Cancelled,
        other => other,
    };
    let change = Change { id: job.id.clone(), was: job.state, becomes, detail: why.to_owned() };
    write(db, moment, actor, &[change], &known).await?;
    Ok(Some(becomes))
}

/// A person has a label printed that certainly was not, inside the caller's transaction: it is rendered anew, for what
/// the printer is now, and queued under the same job. Answers the lane of flow-book to wake; `None` when the job has not
/// failed, or its paper would be stale (then it is cancelled). A list or a slip is queued as it is: no lane.
///
/// # Errors
/// The database's.
pub async fn retry_failed<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    job: &str,
) -> Result<Option<String>, StoreError> {
    let known = known(db, &[job]).await?;
    let Some(found) = known.first().filter(|job| job.state == JobState::Failed) else { return Ok(None) };
    if found.subject.is_none() {
        // A list or a slip says the same as before: its bytes are kept.
        let changes: Vec<Change> = change(found, JobEvent::Requeue, "").into_iter().collect();
        write(db, moment, actor, &changes, &known).await?;
        return Ok(Some(String::new()));
    }
    let Some(subject) = found.subject.as_ref().filter(|_| !found.stale) else {
        let changes: Vec<Change> =
            change(found, JobEvent::Cancel, "面单已过时 / the paper would be stale").into_iter().collect();
        write(db, moment, actor, &changes, &known).await?;
        return Ok(None);
    };
    db.run(
        "INSERT INTO print_wish (package, copy_no, reason, actor, batch, seq, of, printer)
         SELECT ?2, copy_no, reason, ?3, batch, seq, of,
             iif(EXISTS (SELECT 1 FROM wave AS v WHERE v.id = batch), printer, NULL)
         FROM print_job WHERE id = ?1
         ON CONFLICT (package) DO NOTHING",
        &[job.into(), (&subject.package).into(), actor.into()],
    )
    .await?;
    let rows = db
        .run(
            "UPDATE package SET work = 'render', work_at = ?2, updated_at = ?2
             WHERE id = ?1 AND work IN ('', 'render') RETURNING account",
            &[(&subject.package).into(), moment.now.into()],
        )
        .await?;
    rows.iter().next().map(|row| row.string(0)).transpose()
}
