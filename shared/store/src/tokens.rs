//! Access tokens: authorisations begun and ended, renewals due, claimed and stored (`edge`).

use crate::access::Versioned;
use crate::{Db, StoreError, Value};
use huidan_domain::Millis;

/// How long a claimed renewal may take, in milliseconds.
const CLAIM_MS: i64 = 120_000;
/// The longest wait after failed renewals, in milliseconds.
const LONGEST_MS: i64 = 3_600_000;

/// An authorisation that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granting {
    /// For which of our shops.
    pub shop: String,
    /// Where the platform's page was told to send the browser.
    pub back_to: String,
}

/// Begins an authorisation. Only the digest of the state is kept: who reads the database cannot end it.
///
/// # Errors
/// The database's.
pub async fn begin_grant<D: Db>(
    db: &D,
    state_sha: &[u8],
    adapter: &str,
    granting: &Granting,
    until: Millis,
) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO granting (state_sha, adapter, shop, back_to, until) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[state_sha.to_vec().into(), adapter.into(), (&granting.shop).into(), (&granting.back_to).into(), until.into()],
    )
    .await?;
    Ok(())
}

/// Ends an authorisation: the state works once, at its own channel, before its time is over.
///
/// # Errors
/// The database's.
pub async fn end_grant<D: Db>(
    db: &D,
    now: Millis,
    state_sha: &[u8],
    adapter: &str,
) -> Result<Option<Granting>, StoreError> {
    let rows = db
        .run(
            "DELETE FROM granting WHERE state_sha = ?1 AND adapter = ?2 RETURNING shop, back_to, until",
            &[state_sha.to_vec().into(), adapter.into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(None) };
    let in_time = row.int(2)? > now.0;
    let granting = Granting { shop: row.string(0)?, back_to: row.string(1)? };
    Ok(in_time.then_some(granting))
}

/// Says from when on a shop's token is to be renewed: now, when a person has just entered what it takes.
///
/// # Errors
/// The database's.
pub async fn renew_from<D: Db>(db: &D, shop: &str, at: Millis) -> Result<(), StoreError> {
    db.run("UPDATE access SET renew_at = ?2 WHERE role = 'shop' AND id = ?1", &[shop.into(), at.into()]).await?;
    Ok(())
}

/// Shops whose token is to be renewed now, with their channels.
///
/// # Errors
/// The database's.
pub async fn due<D: Db>(db: &D, now: Millis) -> Result<Vec<(String, String)>, StoreError> {
    let rows = db
        .run(
            "SELECT id, adapter FROM access WHERE role = 'shop' AND renew_at <= ?1 AND renewing_until <= ?1
             ORDER BY renew_at LIMIT 50",
            &[now.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
}

/// Claims the renewal of a shop's token, before the refresh token is used: of two at once only one may use it.
///
/// # Errors
/// The database's.
pub async fn claim<D: Db>(db: &D, now: Millis, shop: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "UPDATE access SET renewing_until = ?2 + ?3 WHERE role = 'shop' AND id = ?1 AND renewing_until <= ?2
             RETURNING 1",
            &[shop.into(), now.into(), Value::Int(CLAIM_MS)],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Stores renewed credentials over the version they were made from; `false` when a person changed them meanwhile.
///
/// # Errors
/// The database's.
pub async fn store<D: Db>(
    db: &D,
    of: &Versioned,
    sealed: Vec<u8>,
    token_until: Millis,
    renew_at: Millis,
) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "UPDATE access SET sealed = ?3, version = version + 1, token_until = ?4, renew_at = ?5, renewing_until = 0,
                 renewals_failed = 0 WHERE role = 'shop' AND id = ?1 AND version = ?2 RETURNING 1",
            &[(&of.id).into(), Value::Int(of.version), sealed.into(), token_until.into(), renew_at.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// A renewal failed: it is tried again later, later each time.
///
/// # Errors
/// The database's.
pub async fn failed<D: Db>(db: &D, now: Millis, shop: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE access SET renewing_until = 0, renewals_failed = renewals_failed + 1,
             renew_at = ?2 + min(?3, 30000 << min(renewals_failed, 10)) WHERE role = 'shop' AND id = ?1",
        &[shop.into(), now.into(), Value::Int(LONGEST_MS)],
    )
    .await?;
    Ok(())
}

/// How long a renewal may be overdue before a person should know, in milliseconds.
const OVERDUE_MS: i64 = 600_000;

/// Shops whose token ends before `before` and is not being renewed, and when: what a person should know in time. A token
/// of an hour that is renewed every half hour is none of them.
///
/// # Errors
/// The database's.
pub async fn ending<D: Db>(db: &D, now: Millis, before: Millis) -> Result<Vec<(String, Millis)>, StoreError> {
    let rows = db
        .run(
            "SELECT id, token_until FROM access
             WHERE role = 'shop' AND token_until < ?1 AND (renewals_failed > 0 OR renew_at IS NULL OR renew_at < ?2)
             ORDER BY token_until",
            &[before.into(), Value::Int(now.0 - OVERDUE_MS)],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, Millis(row.int(1)?)))).collect()
}

/// Forgets authorisations that nobody ended.
///
/// # Errors
/// The database's.
pub async fn sweep<D: Db>(db: &D, now: Millis) -> Result<(), StoreError> {
    db.run("DELETE FROM granting WHERE until < ?1", &[now.into()]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{self, Access};
    use crate::{native::Native, schema};
    use futures::executor::block_on;

    const HOUR: i64 = 3_600_000;

    async fn shop_with_a_token_of_two_hours() -> Native {
        let db = Native::in_memory().unwrap();
        schema::migrate(&db, schema::Which::Edge).await.unwrap();
        let access =
            Access { adapter: "demo".into(), environment: "live".into(), base_url: None, sealed: b"old".to_vec() };
        access::put(&db, "shop", "s1", &access).await.unwrap();
        let of = Versioned { id: "s1".into(), version: 1, access };
        assert_eq!(store(&db, &of, b"new".to_vec(), Millis(2 * HOUR), Millis(HOUR)).await, Ok(true));
        db
    }

    #[test]
    fn a_short_token_that_is_renewed_in_time_is_no_alarm_and_one_that_is_not_is() {
        block_on(async {
            let db = shop_with_a_token_of_two_hours().await;
            let ending = async |now: i64| ending(&db, Millis(now), Millis(now + 24 * HOUR)).await.unwrap().len();
            assert_eq!(ending(HOUR / 2).await, 0, "it is not time yet");
            assert_eq!(ending(HOUR + OVERDUE_MS + 1).await, 1, "nobody renews it");
            failed(&db, Millis(HOUR), "s1").await.unwrap();
            assert_eq!(ending(HOUR).await, 1, "it was tried in vain");
        });
    }

    #[test]
    fn a_renewal_is_claimed_once_and_stored_over_the_version_it_was_made_from() {
        block_on(async {
            let db = shop_with_a_token_of_two_hours().await;
            assert_eq!(due(&db, Millis(HOUR)).await.unwrap(), [("s1".to_owned(), "demo".to_owned())]);
            assert_eq!(claim(&db, Millis(HOUR), "s1").await, Ok(true));
            assert_eq!(claim(&db, Millis(HOUR), "s1").await, Ok(false), "two may not use one refresh token");
            let stale = access::of_adapter(&db, "shop", "demo").await.unwrap().remove(0);
            let stale = Versioned { version: stale.version - 1, ..stale };
            assert_eq!(store(&db, &stale, Vec::new(), Millis(0), Millis(0)).await, Ok(false));
        });
    }
}
