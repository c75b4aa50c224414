//! Parcels to be stopped: claimed before the carrier is called, once for each number.

use crate::{Db, Entry, Moment, StoreError, append};

/// A parcel to be stopped, claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Our id of its number.
    pub waybill: String,
    /// The package.
    pub package: String,
    /// The number.
    pub number: String,
    /// The claim that the number was given for.
    pub claim: String,
    /// The carrier account that gave it.
    pub account: String,
    /// Its carrier.
    pub carrier: String,
}

/// What stands in the way of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the carrier may be called.
    Claimed(Claimed),
    /// It was asked for before; the state, and why.
    Already(String, String),
    /// The parcel is not under way.
    NotUnderWay,
}

/// Claims the stopping of an exception's parcel. What certainly never reached the carrier (`failed`) may be claimed again.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such exception; the database's.
pub async fn begin<D: Db>(db: &D, moment: Moment<'_>, actor: &str, exception: &str) -> Result<Begun, StoreError> {
    let rows = db
        .run(
            "SELECT w.id, p.id, w.number, w.claim, w.account, w.carrier, p.status IN ('handed_over', 'in_transit')
             FROM exception AS e JOIN package AS p ON p.id = e.package LEFT JOIN waybill AS w ON w.id = p.waybill
             WHERE e.id = ?1",
            &[exception.into()],
        )
        .await?;
    let row = rows.first()?;
    if !row.flag(6)? || row.maybe_text(2)?.is_none() {
        return Ok(Begun::NotUnderWay);
    }
    let claimed = Claimed {
        waybill: row.string(0)?,
        package: row.string(1)?,
        number: row.string(2)?,
        claim: row.string(3)?,
        account: row.string(4)?,
        carrier: row.string(5)?,
    };
    let new = db
        .run(
            "INSERT INTO intercept (waybill, exception, state, actor, at) VALUES (?1, ?2, 'calling', ?3, ?4)
             ON CONFLICT (waybill) DO UPDATE SET exception = excluded.exception, state = 'calling', reason = '',
                 actor = excluded.actor, at = excluded.at WHERE intercept.state = 'failed'
             RETURNING 1",
            &[(&claimed.waybill).into(), exception.into(), actor.into(), moment.now.into()],
        )
        .await?;
    if new.is_empty() {
        let stands =
            db.run("SELECT state, reason FROM intercept WHERE waybill = ?1", &[(&claimed.waybill).into()]).await?;
        return Ok(Begun::Already(stands.first()?.string(0)?, stands.first()?.string(1)?));
    }
    append(db, moment.now, &[Entry::new(actor, "package", &claimed.package, "intercept_claimed")]).await?;
    Ok(Begun::Claimed(claimed))
}

/// Writes down what the carrier said: `accepted`, `rejected`, `failed` (it certainly heard nothing) or `unknown`.
///
/// # Errors
/// The database's.
pub async fn settle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    claimed: &Claimed,
    state: &str,
    reason: &str,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE intercept SET state = ?2, reason = ?3, at = ?4 WHERE waybill = ?1 AND state = 'calling'",
        &[(&claimed.waybill).into(), state.into(), reason.into(), moment.now.into()],
    )
    .await?;
    let entry = Entry::new(actor, "package", &claimed.package, "intercept").from_to("calling", state);
    append(db, moment.now, &[entry]).await
}
