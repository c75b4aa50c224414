//! Who works: one row per lane of a flow. A wake looks before it locks and goes home at once where a runner is at work.

use crate::{Db, Moment, StoreError, Value};

/// How long a runner may be silent before another takes its lane, in milliseconds. Longer than any single call a
/// runner waits for.
pub const LEASE_MS: i64 = 30_000;

/// The right to work on a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    lane: String,
    token: String,
}

/// Takes a lane when nobody works on it.
///
/// # Errors
/// The database's.
pub async fn begin<D: Db>(db: &D, moment: Moment<'_>, lane: &str) -> Result<Option<Shift>, StoreError> {
    let now = moment.now;
    let held = db.run("SELECT 1 FROM runner WHERE lane = ?1 AND until > ?2", &[lane.into(), now.into()]).await?;
    if !held.is_empty() {
        return Ok(None);
    }
    let token = moment.secret::<8>();
    let taken = db
        .run(
            "INSERT INTO runner (lane, token, until) VALUES (?1, ?2, ?3)
             ON CONFLICT (lane) DO UPDATE SET token = excluded.token, until = excluded.until WHERE until <= ?4
             RETURNING 1",
            &[lane.into(), (&token).into(), Value::Int(now.0 + LEASE_MS), now.into()],
        )
        .await?;
    Ok((!taken.is_empty()).then(|| Shift { lane: lane.to_owned(), token }))
}

/// Goes on; `false` when another took the lane meanwhile and this runner must stop without another write.
///
/// # Errors
/// The database's.
pub async fn renew<D: Db>(db: &D, moment: Moment<'_>, shift: &Shift) -> Result<bool, StoreError> {
    let kept = db
        .run(
            "UPDATE runner SET until = ?1 WHERE lane = ?2 AND token = ?3 RETURNING 1",
            &[Value::Int(moment.now.0 + LEASE_MS), (&shift.lane).into(), (&shift.token).into()],
        )
        .await?;
    Ok(!kept.is_empty())
}

/// Goes home. The caller looks once more for work afterwards: what came between its last look and this found a runner
/// at work and went away.
///
/// # Errors
/// The database's.
pub async fn end<D: Db>(db: &D, shift: &Shift) -> Result<(), StoreError> {
    db.run(
        "UPDATE runner SET until = 0 WHERE lane = ?1 AND token = ?2",
        &[(&shift.lane).into(), (&shift.token).into()],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chance, native::Native, schema};
    use futures::executor::block_on;
    use huidan_domain::Millis;
    use std::cell::Cell;

    struct Counting(Cell<u8>);
    impl Chance for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            self.0.set(self.0.get() + 1);
            bytes.fill(self.0.get());
        }
    }

    #[test]
    fn a_lane_has_one_runner_until_it_ends_or_falls_silent() {
        let db = Native::in_memory().unwrap();
        let chance = Counting(Cell::new(0));
        let at = |ms| Moment::new(Millis(ms), &chance);
        block_on(async {
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            let first = begin(&db, at(0), "plan").await.unwrap().unwrap();
            assert_eq!(begin(&db, at(1), "plan").await, Ok(None));
            assert!(begin(&db, at(1), "book/a").await.unwrap().is_some(), "lanes are apart");
            assert_eq!(renew(&db, at(20_000), &first).await, Ok(true));
            assert_eq!(begin(&db, at(LEASE_MS + 1), "plan").await, Ok(None), "the lease was renewed");
            let second = begin(&db, at(20_000 + LEASE_MS), "plan").await.unwrap().unwrap();
            assert_eq!(renew(&db, at(60_000), &first).await, Ok(false), "the silent one lost its lane");
            end(&db, &first).await.unwrap();
            assert_eq!(begin(&db, at(50_001), "plan").await, Ok(None), "nor may it end another's shift");
            end(&db, &second).await.unwrap();
            assert!(begin(&db, at(50_002), "plan").await.unwrap().is_some());
        });
    }
}
