//! What became of what was to be told.

use super::Leased;
use crate::json::batch;
use crate::notices::{News, tell};
use crate::{Db, Entry, Moment, StoreError, append};
use huidan_domain::Millis;
use serde::Serialize;

/// When a confirmed shipment is read back for the first time, in milliseconds after it was told.
const FIRST_LOOK_MS: i64 = 3_600_000;

/// What a channel took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToldNow {
    /// The number.
    pub number: String,
    /// Who carries the parcel.
    pub carrier: String,
    /// The channel's ids of the lines and the pieces it was told to hold, what was told of it before included.
    pub lines: Vec<(String, u32)>,
    /// The number whose place it takes.
    pub replaces: Option<String>,
}

/// What became of a leased row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Told; to be read back then.
    Told(Millis, ToldNow),
    /// Read back as told, or nothing to read back.
    Confirmed,
    /// The channel takes no further number of the order or its lines: these stand for it.
    ToldWithOther(Vec<String>),
    /// The package was cancelled before it was told: nothing is to be told.
    Dropped,
    /// The other side said no: a person must look.
    Rejected {
        /// Stable code, which leads to what to do.
        code: String,
        /// Why, Chinese and English.
        why: String,
    },
    /// The other side shows these numbers in the place of ours: a person decides.
    Conflict {
        /// Stable code.
        code: String,
        /// The numbers.
        theirs: Vec<String>,
        /// Why, Chinese and English.
        why: String,
    },
    /// Not yet: again then, and why.
    Again(Millis, String),
    /// Given up after a day: a person must look.
    GaveUp(String),
    /// Told, but the other side does not show it: told again then.
    TellAgain(Millis, String),
}

impl Outcome {
    /// The other side said no.
    pub fn rejected(code: &str, why: impl Into<String>) -> Self {
        Self::Rejected { code: code.to_owned(), why: why.into() }
    }
}

/// A row as it is to be.
#[derive(Default, Serialize)]
struct Becomes<'a> {
    id: &'a str,
    state: &'a str,
    next_at: i64,
    reason: &'a str,
    code: &'a str,
    version: i64,
    told: bool,
    read_back: bool,
    theirs: &'a [String],
    number: Option<&'a str>,
    look_at: Option<i64>,
}

fn becomes<'a>(moment: Moment<'_>, row: &'a Leased, outcome: &'a Outcome) -> Becomes<'a> {
    let base = Becomes { id: &row.id, version: row.version, ..Becomes::default() };
    match outcome {
        Outcome::Told(at, now) => {
            Becomes { state: "sent", next_at: at.0, told: true, number: Some(&now.number), ..base }
        }
        Outcome::Confirmed => {
            let read_back = row.was == "sent";
            let look_at = (row.kind == "confirm").then_some(moment.now.0 + FIRST_LOOK_MS);
            Becomes { state: "confirmed", told: !read_back, read_back, look_at, ..base }
        }
        Outcome::ToldWithOther(numbers) => Becomes { state: "told_with_other", theirs: numbers, ..base },
        Outcome::Dropped => Becomes { state: "dropped", ..base },
        Outcome::Rejected { code, why } => Becomes { state: "rejected", reason: why, code, ..base },
        Outcome::Conflict { code, theirs, why } => Becomes { state: "conflict", reason: why, code, theirs, ..base },
        Outcome::Again(at, why) => {
            let state = if row.was == "sent" { "sent" } else { "pending" };
            Becomes { state, next_at: at.0, reason: why, ..base }
        }
        Outcome::GaveUp(why) => Becomes { state: "gave_up", reason: why, code: "gave_up", ..base },
        Outcome::TellAgain(at, why) => Becomes { state: "pending", next_at: at.0, reason: why, ..base },
    }
}

/// Writes what became of rows, inside the caller's transaction and only under the lease. A row that was wished anew
/// meanwhile is due again. What needs a person is news.
///
/// # Errors
/// The database's.
pub async fn settle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    lease: &str,
    outcomes: &[(&Leased, Outcome)],
) -> Result<(), StoreError> {
    let rows: Vec<Becomes<'_>> = outcomes.iter().map(|(row, outcome)| becomes(moment, row, outcome)).collect();
    let mut log = Vec::new();
    for ((row, _), becomes) in outcomes.iter().zip(&rows) {
        if row.kind == "confirm" && becomes.state != row.was {
            let entry = Entry::new("flow-deliver", "order", row.order(), "write_back");
            let body = serde_json::json!({ "package": row.package(), "reason": becomes.reason, "code": becomes.code });
            log.push(entry.from_to(&row.was, becomes.state).with(body));
        }
    }
    db.run(
        "UPDATE outbox SET lease = NULL, lease_until = 0,
             state = CASE WHEN version = n.value ->> 'version' THEN n.value ->> 'state' ELSE 'pending' END,
             next_at = CASE WHEN version = n.value ->> 'version' THEN n.value ->> 'next_at' ELSE ?2 END,
             reason = n.value ->> 'reason', code = n.value ->> 'code', theirs = json(n.value -> 'theirs'),
             tries = CASE WHEN n.value ->> 'told' THEN 0 ELSE tries END,
             told_at = CASE WHEN n.value ->> 'told' THEN ?2 ELSE told_at END,
             ours = CASE WHEN n.value ->> 'told' THEN 0 ELSE ours END,
             number = coalesce(n.value ->> 'number', number), look_at = n.value ->> 'look_at', looks = 0,
             missing_at = CASE WHEN n.value ->> 'state' IN ('told_with_other', 'dropped') THEN NULL
                               ELSE missing_at END,
             read_back_at = CASE WHEN n.value ->> 'read_back' THEN ?2 ELSE read_back_at END
         FROM json_each(?1) AS n WHERE outbox.id = n.value ->> 'id' AND outbox.lease = ?3",
        &[batch(&rows)?, moment.now.into(), lease.into()],
    )
    .await?;
    keep_told(db, moment, outcomes).await?;
    news(db, moment, outcomes, &rows).await?;
    append(db, moment.now, &log).await
}

/// What a channel took is kept by number: what stands there is what a later change takes the place of.
async fn keep_told<D: Db>(db: &D, moment: Moment<'_>, outcomes: &[(&Leased, Outcome)]) -> Result<(), StoreError> {
    let (mut told, mut replaced) = (Vec::new(), Vec::new());
    for (row, outcome) in outcomes {
        let Outcome::Told(_, now) = outcome else { continue };
        told.push(serde_json::json!([row.order(), now.number, row.package(), now.carrier, now.lines]));
        if let Some(old) = now.replaces.as_deref().filter(|old| *old != now.number) {
            replaced.push((row.order(), old, now.number.as_str()));
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    db.run(
        "INSERT INTO told (order_id, number, package, carrier, lines, at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, json(value -> 4), ?2 FROM json_each(?1) WHERE true
         ON CONFLICT (order_id, number) DO UPDATE SET lines = excluded.lines, carrier = excluded.carrier,
             package = excluded.package, changed_to = NULL",
        &[batch(&told)?, moment.now.into()],
    )
    .await?;
    if !replaced.is_empty() {
        db.run(
            "UPDATE told SET changed_to = n.value ->> 2 FROM json_each(?1) AS n
             WHERE told.order_id = n.value ->> 0 AND told.number = n.value ->> 1",
            &[batch(&replaced)?],
        )
        .await?;
        // A number whose place another took is looked for no more.
        db.run(
            "UPDATE outbox SET look_at = NULL, missing_at = NULL WHERE id IN (
                 SELECT 'confirm/' || t.order_id || '/' || t.package FROM json_each(?1) AS n
                 JOIN told AS t ON t.order_id = n.value ->> 0 AND t.number = n.value ->> 1)
               AND number IN (SELECT value ->> 1 FROM json_each(?1))",
            &[batch(&replaced)?],
        )
        .await?;
    }
    // The channel's word that the order is shipped may have come before this one was written down.
    db.run(
        "UPDATE orders SET plan = 'due', plan_at = ?2, plan_tries = 0 WHERE plan = ''
             AND id IN (SELECT value ->> 0 FROM json_each(?1))
             AND EXISTS (SELECT 1 FROM hold AS h WHERE h.order_id = orders.id AND h.reason = 'shipped_elsewhere')",
        &[batch(&told)?, moment.now.into()],
    )
    .await?;
    Ok(())
}

async fn news<D: Db>(
    db: &D,
    moment: Moment<'_>,
    outcomes: &[(&Leased, Outcome)],
    rows: &[Becomes<'_>],
) -> Result<(), StoreError> {
    let mut all = Vec::new();
    for ((row, _), becomes) in outcomes.iter().zip(rows).filter(|((row, _), _)| row.kind == "confirm") {
        let topic = match becomes.state {
            "rejected" => "shipment.rejected",
            "gave_up" => "shipment.gave_up",
            "conflict" => "shipment.conflict",
            _ => continue,
        };
        // A row that a person tries again is wanted anew: it may be news a second time.
        let facts = serde_json::json!({ "package": row.package(), "code": becomes.code, "reason": becomes.reason,
            "theirs": becomes.theirs });
        all.push((format!("{topic}/{}/{}", row.id, row.created_at.0), topic, row.order(), row.lane.as_str(), facts));
    }
    let news: Vec<News<'_>> = all
        .iter()
        .map(|(key, topic, order, shop, facts)| News {
            key,
            topic,
            entity: "order",
            id: order,
            shop,
            facts: facts.clone(),
        })
        .collect();
    tell(db, moment, &news).await
}
