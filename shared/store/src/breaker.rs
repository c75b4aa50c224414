//! Breakers: after so many failures in a row the other side is left alone for a while, then asked once.

use crate::{Db, Moment, StoreError, Value};
use huidan_domain::Millis;

/// Failures in a row after which a breaker opens.
pub const LIMIT: i64 = 3;
/// How long a breaker stays open at first, in milliseconds; it doubles with each further failure up to [`LONGEST_MS`].
pub const FIRST_MS: i64 = 5_000;
/// The longest it stays open, in milliseconds.
pub const LONGEST_MS: i64 = 120_000;

/// Until when a breaker is open, and why; `None` when it is closed.
///
/// # Errors
/// The database's.
pub async fn open<D: Db>(db: &D, name: &str, now: Millis) -> Result<Option<(Millis, String)>, StoreError> {
    let rows = db
        .run("SELECT open_until, reason FROM breaker WHERE name = ?1 AND open_until > ?2", &[name.into(), now.into()])
        .await?;
    rows.iter().next().map(|row| Ok((Millis(row.int(0)?), row.string(1)?))).transpose()
}

/// Counts a failure; answers until when the breaker is open now, if it is.
///
/// # Errors
/// The database's.
pub async fn failed<D: Db>(db: &D, moment: Moment<'_>, name: &str, reason: &str) -> Result<Option<Millis>, StoreError> {
    let rows = db
        .run(
            "INSERT INTO breaker (name, failures, open_until, reason) VALUES (?1, 1, 0, ?2)
             ON CONFLICT (name) DO UPDATE SET failures = failures + 1, reason = excluded.reason,
                 open_until = CASE WHEN failures + 1 < ?3 THEN 0
                     ELSE ?4 + min(?6, ?5 << min(failures + 1 - ?3, 10)) END
             RETURNING open_until",
            &[
                name.into(),
                reason.into(),
                Value::Int(LIMIT),
                moment.now.into(),
                Value::Int(FIRST_MS),
                Value::Int(LONGEST_MS),
            ],
        )
        .await?;
    let until = Millis(rows.first()?.int(0)?);
    Ok((until > moment.now).then_some(until))
}

/// Closes a breaker after a success. A look first: almost always there is nothing to close.
///
/// # Errors
/// The database's.
pub async fn worked<D: Db>(db: &D, name: &str) -> Result<(), StoreError> {
    if db.run("SELECT 1 FROM breaker WHERE name = ?1", &[name.into()]).await?.is_empty() {
        return Ok(());
    }
    db.run("DELETE FROM breaker WHERE name = ?1", &[name.into()]).await?;
    Ok(())
}

/// Every breaker that is open: name, until when, why.
///
/// # Errors
/// The database's.
pub async fn all_open<D: Db>(db: &D, now: Millis) -> Result<Vec<(String, i64, String)>, StoreError> {
    let rows = db
        .run("SELECT name, open_until, reason FROM breaker WHERE open_until > ?1 ORDER BY name", &[now.into()])
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.int(1)?, row.string(2)?))).collect()
}

/// Every breaker that is open or counts failures: name, until when, why.
///
/// # Errors
/// The database's.
pub async fn all<D: Db>(db: &D) -> Result<Vec<(String, i64, String)>, StoreError> {
    let rows = db.run("SELECT name, open_until, reason FROM breaker ORDER BY name", &[]).await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.int(1)?, row.string(2)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chance, native::Native, schema};
    use futures::executor::block_on;

    struct Zero;
    impl Chance for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn it_opens_at_the_limit_for_longer_each_time_and_closes_on_success() {
        let at = |ms| Moment::new(Millis(ms), &Zero);
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            assert_eq!(failed(&db, at(0), "x", "away").await, Ok(None));
            assert_eq!(failed(&db, at(0), "x", "away").await, Ok(None));
            assert_eq!(failed(&db, at(0), "x", "away").await, Ok(Some(Millis(FIRST_MS))));
            assert_eq!(failed(&db, at(0), "x", "away").await, Ok(Some(Millis(2 * FIRST_MS))));
            assert_eq!(open(&db, "x", Millis(1)).await.unwrap().unwrap().1, "away");
            assert_eq!(open(&db, "x", Millis(2 * FIRST_MS)).await, Ok(None), "time for one try");
            for _ in 0..20 {
                failed(&db, at(0), "x", "away").await.unwrap();
            }
            assert_eq!(failed(&db, at(0), "x", "away").await, Ok(Some(Millis(LONGEST_MS))));
            worked(&db, "x").await.unwrap();
            assert_eq!(failed(&db, at(0), "x", "away").await, Ok(None), "counted from the start again");
        });
    }

    #[test]
    fn one_that_counts_failures_is_known_before_it_opens_and_forgotten_when_it_works() {
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            failed(&db, Moment::new(Millis(0), &Zero), "step/x", "crashed").await.unwrap();
            assert!(all_open(&db, Millis(0)).await.unwrap().is_empty());
            assert_eq!(all(&db).await.unwrap(), [("step/x".to_owned(), 0, "crashed".to_owned())]);
            worked(&db, "step/x").await.unwrap();
            assert!(all(&db).await.unwrap().is_empty());
        });
    }
}
