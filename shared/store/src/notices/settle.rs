use crate::{Db, Entry, Moment, StoreError, Value, append};
use huidan_domain::Millis;

/// Who writes in the log.
const ACTOR: &str = "flow-notify";

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It went out; the provider's id of it.
    Sent(String),
    /// Not yet: again then, and why. Certainly nothing went out, or the other side knows the message by its id.
    Again(Millis, String),
    /// It may have gone out, and is not sent again.
    Unknown(String),
    /// The other side said no.
    Rejected(String),
    /// Tried for a day, or of no use any more.
    Dead(String),
    /// The buyer said meanwhile that they want no notices.
    Skipped(String),
}

impl Outcome {
    fn parts(&self) -> (&'static str, i64, &str, &str) {
        match self {
            Self::Sent(receipt) => ("sent", 0, "", receipt),
            Self::Again(at, why) => ("waiting", at.0, why, ""),
            Self::Unknown(why) => ("unknown", 0, why, ""),
            Self::Rejected(why) => ("rejected", 0, why, ""),
            Self::Dead(why) => ("dead", 0, why, ""),
            Self::Skipped(why) => ("skipped", 0, why, ""),
        }
    }
}

/// Writes what became of a message; under its lease, or without one for a message that nobody is sending. Call it in a
/// transaction.
///
/// # Errors
/// The database's.
pub async fn settle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    id: &str,
    lease: Option<&str>,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let (state, next_at, reason, receipt) = outcome.parts();
    let rows = db
        .run(
            "UPDATE notice SET state = ?3, next_at = ?4, reason = ?5, receipt = ?6, lease = NULL, lease_until = 0,
                 sent_at = iif(?3 IN ('sent', 'unknown'), ?7, sent_at)
             WHERE id = ?1 AND iif(?2 IS NULL, state IN ('waiting', 'sending') AND lease_until <= ?7, lease = ?2)
             RETURNING topic, way",
            &[
                id.into(),
                Value::from(lease),
                state.into(),
                Value::Int(next_at),
                reason.into(),
                receipt.into(),
                moment.now.into(),
            ],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(()) };
    if matches!(outcome, Outcome::Sent(_) | Outcome::Again(..)) {
        return Ok(());
    }
    let facts = serde_json::json!({ "topic": row.text(0)?, "way": row.text(1)?, "reason": reason });
    append(db, moment.now, &[Entry::new(ACTOR, "notice", id, state).with(facts)]).await
}

/// The other side wants nothing more: the way is closed, and what waits for it is told to nobody. Call it in a
/// transaction.
///
/// # Errors
/// The database's.
pub async fn end_way<D: Db>(db: &D, moment: Moment<'_>, way: &str, why: &str) -> Result<(), StoreError> {
    db.run("UPDATE notice_way SET active = 0, trouble = ?2 WHERE id = ?1", &[way.into(), why.into()]).await?;
    db.run(
        "UPDATE notice SET state = 'dead', reason = ?2 WHERE way = ?1 AND state = 'waiting'",
        &[way.into(), why.into()],
    )
    .await?;
    append(db, moment.now, &[Entry::new(ACTOR, "notice_way", way, "ended")]).await
}

/// Has a message sent again that a person looked at, under the same id, for another day. One that went out is sent again
/// only to a system, which knows it by its id. Answers its way; `None` where there is nothing to send again.
///
/// # Errors
/// The database's.
pub async fn resend<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    within_ms: i64,
) -> Result<Option<String>, StoreError> {
    let rows = db
        .run(
            "UPDATE notice SET state = 'waiting', tries = 0, next_at = ?2, give_up_at = ?3, reason = ''
             WHERE id = ?1 AND (state IN ('dead', 'rejected', 'unknown')
                 OR (state = 'sent' AND way IN (SELECT id FROM notice_way WHERE audience = 'system')))
             RETURNING way",
            &[id.into(), moment.now.into(), Value::Int(moment.now.0 + within_ms)],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(None) };
    append(db, moment.now, &[Entry::new(actor, "notice", id, "resent")]).await?;
    Ok(Some(row.string(0)?))
}
