//! What a shop may still ask of its platform: one bucket per shop and API, refilled by time (`edge`).

use crate::{Db, StoreError, Value};
use huidan_domain::Millis;

/// A platform's limit: so many calls in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls …
    pub calls: u32,
    /// … per this many seconds.
    pub per_s: u32,
}

/// Takes one call out of the bucket, leaving `keep` of every hundred for what matters more. `None`: granted;
/// otherwise after how many milliseconds to ask again.
///
/// # Errors
/// The database's.
pub async fn take<D: Db>(
    db: &D,
    now: Millis,
    account: &str,
    api: &str,
    rate: Rate,
    keep: u32,
) -> Result<Option<i64>, StoreError> {
    let full = f64::from(rate.calls.max(1));
    let per_ms = full / (f64::from(rate.per_s.max(1)) * 1000.0);
    // Of a bucket of one call nothing can be kept back.
    let floor = (full * f64::from(keep.min(100)) / 100.0).min(full - 1.0);
    let rows = db
        .run(
            "INSERT INTO budget (account, api, tokens, at, granted) VALUES (?1, ?2, ?3 - 1, ?4, 1)
             ON CONFLICT (account, api) DO UPDATE SET
                 granted = min(?3, tokens + max(0, ?4 - at) * ?5) >= 1 + ?6,
                 tokens = min(?3, tokens + max(0, ?4 - at) * ?5)
                     - (min(?3, tokens + max(0, ?4 - at) * ?5) >= 1 + ?6),
                 at = max(at, ?4)
             RETURNING granted, tokens, at",
            &[account.into(), api.into(), Value::Real(full), now.into(), Value::Real(per_ms), Value::Real(floor)],
        )
        .await?;
    let row = rows.first()?;
    if row.int(0)? == 1 {
        return Ok(None);
    }
    let missing = (1.0 + floor - row.real(1)?).max(0.0);
    let blocked = (row.int(2)? - now.0).max(0);
    #[expect(clippy::cast_possible_truncation, reason = "a wait of at most hours, rounded up")]
    let wait = (missing / per_ms).ceil() as i64;
    Ok(Some(blocked + wait.max(1)))
}

/// The platform said that it is too much: nothing is left until `until`.
///
/// # Errors
/// The database's.
pub async fn exhausted<D: Db>(db: &D, account: &str, api: &str, until: Millis) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO budget (account, api, tokens, at, granted) VALUES (?1, ?2, 0, ?3, 0)
         ON CONFLICT (account, api) DO UPDATE SET tokens = 0, at = max(at, ?3)",
        &[account.into(), api.into(), until.into()],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{native::Native, schema};
    use futures::executor::block_on;

    const RATE: Rate = Rate { calls: 10, per_s: 1 };

    async fn taken(db: &Native, at: i64, keep: u32) -> bool {
        take(db, Millis(at), "s1", "list", RATE, keep).await.unwrap().is_none()
    }

    #[test]
    fn a_bucket_gives_what_the_platform_allows_and_refills_by_time() {
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Edge).await.unwrap();
            for _ in 0..10 {
                assert!(taken(&db, 1000, 0).await);
            }
            assert!(!taken(&db, 1000, 0).await, "the eleventh in a second");
            assert_eq!(take(&db, Millis(1000), "s1", "list", RATE, 0).await, Ok(Some(100)), "one comes in 100 ms");
            assert!(taken(&db, 1100, 0).await);
            assert!(!taken(&db, 1100, 0).await);
            assert_eq!(take(&db, Millis(1100), "s2", "list", RATE, 0).await, Ok(None), "every shop has its own");
        });
    }

    #[test]
    fn what_matters_less_leaves_something_for_what_matters_more() {
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Edge).await.unwrap();
            let mut given = 0;
            while taken(&db, 1000, 60).await {
                given += 1;
            }
            assert_eq!(given, 4);
            assert!(taken(&db, 1000, 0).await, "the rest is there for what matters");
        });
    }

    #[test]
    fn after_too_much_nothing_is_given_until_then() {
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Edge).await.unwrap();
            exhausted(&db, "s1", "list", Millis(5000)).await.unwrap();
            assert!(!taken(&db, 4900, 0).await);
            assert!(!taken(&db, 5000, 0).await);
            assert!(taken(&db, 5100, 0).await);
        });
    }
}
