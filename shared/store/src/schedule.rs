//! The schedule is data: jobs and when they are due. Any heartbeat runs what is due; two at once do no harm.

use crate::json::batch;
use crate::{Db, StoreError};
use huidan_domain::Millis;

/// Writes the jobs down, with how often each is due; what is written already keeps its next time.
///
/// # Errors
/// The database's.
pub async fn plant<D: Db>(db: &D, jobs: &[(&str, i64)]) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO schedule (job, every_ms, next_at) SELECT value ->> 0, value ->> 1, 0 FROM json_each(?1) WHERE true
         ON CONFLICT (job) DO UPDATE SET every_ms = excluded.every_ms WHERE every_ms <> excluded.every_ms",
        &[batch(jobs)?],
    )
    .await?;
    Ok(())
}

/// Claims every job that is due: whoever gets a job here runs it, and it is due again after its time. A look first:
/// most heartbeats find nothing.
///
/// # Errors
/// The database's.
pub async fn claim_due<D: Db>(db: &D, now: Millis) -> Result<Vec<String>, StoreError> {
    if db.run("SELECT 1 FROM schedule WHERE next_at <= ?1 LIMIT 1", &[now.into()]).await?.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db
        .run(
            "UPDATE schedule SET next_at = ?1 + every_ms, last_at = ?1 WHERE next_at <= ?1 RETURNING job",
            &[now.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// Lanes of the main database that have something due now, as (flow, lane). One statement: the heartbeat's whole look.
///
/// # Errors
/// The database's.
pub async fn due_lanes<D: Db>(db: &D, now: Millis) -> Result<Vec<(String, String)>, StoreError> {
    let rows = db
        .run(
            "SELECT 'flow-plan', iif(plan = 'due', 'plan', plan) FROM orders WHERE plan <> '' AND plan_at <= ?1
             UNION SELECT 'flow-book', account FROM package
                 WHERE work <> '' AND work IN ('book', 'calling', 'render', 'void', 'update') AND work_at <= ?1
             UNION SELECT 'flow-book', account FROM waybill
                 WHERE state IN ('calling', 'void_wanted', 'voiding') AND lease_until <= ?1
             UNION SELECT 'flow-book', id FROM carrier_account WHERE active AND balance_due <= ?1
             UNION SELECT 'flow-deliver', lane FROM outbox
                 WHERE state IN ('pending', 'sending', 'sent') AND next_at <= ?1 AND lease_until <= ?1
             UNION SELECT 'flow-deliver', lane FROM outbox
                 WHERE look_at IS NOT NULL AND look_at <= ?1 AND state = 'confirmed'
                   AND lane IN (SELECT id FROM shop WHERE active)
             UNION SELECT 'flow-intake', 'pull/' || p.shop FROM pull AS p JOIN shop AS s ON s.id = p.shop
                 WHERE s.active AND p.next_at <= ?1
             UNION SELECT 'flow-reconcile', 'shop/' || r.shop FROM reconcile AS r JOIN shop AS s ON s.id = r.shop
                 WHERE s.active AND r.next_at <= ?1
             UNION SELECT 'flow-notify', 'sort' WHERE EXISTS (SELECT 1 FROM news WHERE sorted_at IS NULL)
             UNION SELECT 'flow-notify', 'way/' || way FROM notice
                 WHERE state IN ('waiting', 'sending') AND next_at <= ?1 AND lease_until <= ?1",
            &[now.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
}

/// How long it is remembered what was told, in seconds.
const TOLD_S: i64 = 180 * 86_400;

/// Forgets what has served its time: sessions, pairing codes, idempotency keys, tries at signing in, old news.
///
/// # Errors
/// The database's.
pub async fn sweep<D: Db>(db: &D, now: Millis) -> Result<(), StoreError> {
    db.run("DELETE FROM session WHERE expires_at < ?1", &[now.into()]).await?;
    db.run("DELETE FROM pairing WHERE expires_at < ?1", &[now.plus_seconds(-86_400).into()]).await?;
    db.run("DELETE FROM idempotency WHERE at < ?1", &[now.plus_seconds(-86_400).into()]).await?;
    db.run("DELETE FROM sign_in_try WHERE until < ?1", &[now.plus_seconds(-86_400).into()]).await?;
    db.run("DELETE FROM notice WHERE created_at < ?1", &[now.plus_seconds(-TOLD_S).into()]).await?;
    db.run("DELETE FROM news WHERE at < ?1", &[now.plus_seconds(-TOLD_S).into()]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{native::Native, schema};
    use futures::executor::block_on;

    #[test]
    fn a_due_job_is_given_out_once_per_period() {
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            plant(&db, &[("sweep", 1000), ("mend", 500)]).await.unwrap();
            let mut first = claim_due(&db, Millis(10)).await.unwrap();
            first.sort();
            assert_eq!(first, ["mend", "sweep"]);
            assert!(claim_due(&db, Millis(10)).await.unwrap().is_empty());
            assert_eq!(claim_due(&db, Millis(510)).await.unwrap(), ["mend"]);
            plant(&db, &[("sweep", 1000)]).await.unwrap();
            assert!(claim_due(&db, Millis(600)).await.unwrap().is_empty(), "planting again hurries nothing");
        });
    }

    #[test]
    fn an_empty_house_has_no_due_lane() {
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            assert!(due_lanes(&db, Millis(10)).await.unwrap().is_empty());
        });
    }
}
