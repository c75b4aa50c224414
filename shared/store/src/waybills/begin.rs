use super::{NEVER, claim};
use crate::json::batch;
use crate::{Db, Moment, StoreError, Value};
use huidan_domain::{Millis, PackageStatus, WaybillState};

/// How soon a package is looked at again whose older claim is still open, in milliseconds.
const AGAIN_MS: i64 = 5_000;

/// What stands in the way of a claim.
enum Fate {
    Free,
    /// An older claim that certainly was not sent: it is let go.
    Unsent(String),
    /// An older claim that may have been sent.
    Wait,
    /// Not to be booked at all; why, for a person.
    Stop(&'static str),
    /// Its shop is not `live` (any more): it only shows what would be done.
    Shadow,
}

/// Claims numbers for packages of an account that want one, inside the caller's transaction: the rows are there before
/// the carrier hears anything. Answers the new waybills in order; none for a package whose number is spoken for.
///
/// # Errors
/// The database's.
pub async fn begin<D: Db>(
    db: &D,
    moment: Moment<'_>,
    account: &str,
    (lease, lease_until): (&str, Millis),
    needs_serial: bool,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let free = candidates(db, moment, account, limit).await?;
    if free.is_empty() {
        return Ok(Vec::new());
    }
    let claims = claim::of(db, &free, || moment.id()).await?;
    let rows = batch(&claims)?;
    db.run(
        "INSERT INTO waybill (id, package, attempt, fence, account, carrier, claim, basis, serial, state,
             claimed_at, called_at, lease, lease_until, calls)
         SELECT c.value ->> 'id', p.id,
             1 + coalesce((SELECT max(w.attempt) FROM waybill AS w WHERE w.package = p.id), 0), p.fence, a.id,
             a.carrier, c.value ->> 'claim', c.value ->> 'basis', iif(?2, a.next_serial + c.key, NULL), 'calling',
             ?3, ?3, ?4, ?5, 1
         FROM json_each(?1) AS c JOIN package AS p ON p.id = c.value ->> 'package'
         JOIN carrier_account AS a ON a.id = p.account",
        &[rows.clone(), needs_serial.into(), moment.now.into(), lease.into(), lease_until.into()],
    )
    .await?;
    if needs_serial {
        let drawn = i64::try_from(claims.len()).unwrap_or(i64::MAX);
        db.run(
            "UPDATE carrier_account SET next_serial = next_serial + ?2 WHERE id = ?1",
            &[account.into(), Value::Int(drawn)],
        )
        .await?;
    }
    db.run(
        "UPDATE package SET work = 'calling', work_at = ?2, work_tries = work_tries + 1, waits_for = ''
         WHERE id IN (SELECT value ->> 'package' FROM json_each(?1))",
        &[rows, lease_until.into()],
    )
    .await?;
    Ok(claims.into_iter().map(|claim| claim.id).collect())
}

/// Packages free to be claimed; the others are put where they belong.
async fn candidates<D: Db>(db: &D, moment: Moment<'_>, account: &str, limit: u32) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, p.status, w.id, w.state, w.lease, s.mode = 'live' FROM package AS p JOIN shop AS s ON s.id = p.shop
             LEFT JOIN waybill AS w ON w.package = p.id AND w.settled = ''
                 AND w.state NOT IN ('voided', 'reclaimed', 'refused')
             WHERE p.work <> '' AND p.work = 'book' AND p.account = ?1 AND p.work_at <= ?2
             ORDER BY p.work_at, p.id LIMIT ?3",
            &[account.into(), moment.now.into(), limit.into()],
        )
        .await?;
    let mut free: Vec<String> = Vec::new();
    let (mut unsent, mut waiting, mut stopped) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let package = row.string(0)?;
        let state = row.maybe_text(3)?.map(WaybillState::parse).transpose()?;
        let sent = row.maybe_text(4)?.is_some();
        let fate = match fate(PackageStatus::parse(row.text(1)?)?, row.maybe_text(2)?, state, sent) {
            Fate::Free if !row.flag(5)? => Fate::Shadow,
            fate => fate,
        };
        match fate {
            Fate::Free => free.push(package),
            Fate::Unsent(waybill) => {
                unsent.push(waybill);
                free.push(package);
            }
            Fate::Wait => waiting.push((package, "book", moment.now.0 + AGAIN_MS, "")),
            Fate::Stop(why) => stopped.push((package, "", 0, why)),
            Fate::Shadow => stopped.push((package, "shadow", 0, "")),
        }
    }
    waiting.extend(stopped);
    claim::forget(db, &unsent).await?;
    if !waiting.is_empty() {
        db.run(
            "UPDATE package SET work = n.value ->> 1, work_at = n.value ->> 2, waits_for = n.value ->> 3
             FROM json_each(?1) AS n WHERE package.id = n.value ->> 0",
            &[batch(&waiting)?],
        )
        .await?;
        free.retain(|package| !waiting.iter().any(|(other, ..)| other == package));
    }
    free.dedup();
    Ok(free)
}

fn fate(status: PackageStatus, waybill: Option<&str>, state: Option<WaybillState>, sent: bool) -> Fate {
    if status != PackageStatus::Planned {
        return Fate::Stop("");
    }
    let (Some(waybill), Some(state)) = (waybill, state.filter(|state| state.holds_the_package())) else {
        return Fate::Free;
    };
    match state {
        WaybillState::Calling if sent => Fate::Wait,
        WaybillState::Calling => Fate::Unsent(waybill.to_owned()),
        _ => Fate::Stop("原单号尚未作废，不能再取号 / the package's other number is not void yet"),
    }
}

/// Claims whose call is over, taken up again under a new lease.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TakenUp {
    /// Certainly not sent: the same claim goes out again.
    pub unsent: Vec<String>,
    /// Only the provider, or a person, knows.
    pub unclear: Vec<String>,
}

/// Takes up claims of an account whose lease has run out, inside the caller's transaction. `repeats` says that unclear
/// ones will be sent again as they are, because the carrier answers the same claim with the same number.
///
/// # Errors
/// The database's.
pub async fn take_up<D: Db>(
    db: &D,
    moment: Moment<'_>,
    account: &str,
    (lease, lease_until): (&str, Millis),
    repeats: bool,
    limit: u32,
) -> Result<TakenUp, StoreError> {
    let rows = db
        .run(
            "SELECT id, lease IS NULL FROM waybill WHERE account = ?1
                 AND state IN ('calling', 'void_wanted', 'voiding') AND state = 'calling' AND lease_until <= ?2
             ORDER BY lease_until, id LIMIT ?3",
            &[account.into(), moment.now.into(), limit.into()],
        )
        .await?;
    let mut taken = TakenUp::default();
    let mut marks: Vec<(String, bool)> = Vec::new();
    for row in &rows {
        let (id, unsent) = (row.string(0)?, row.flag(1)?);
        marks.push((id.clone(), unsent || repeats));
        if unsent { taken.unsent.push(id) } else { taken.unclear.push(id) }
    }
    if marks.is_empty() {
        return Ok(taken);
    }
    db.run(
        "UPDATE waybill SET lease = ?2, lease_until = min(?3, ?5), calls = calls + 1,
             called_at = iif(n.value ->> 1, ?4, called_at)
         FROM json_each(?1) AS n WHERE waybill.id = n.value ->> 0",
        &[batch(&marks)?, lease.into(), lease_until.into(), moment.now.into(), Value::Int(NEVER)],
    )
    .await?;
    Ok(taken)
}
