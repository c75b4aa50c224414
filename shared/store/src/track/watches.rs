//! Who is asked to push a parcel's scans: claimed before the call, asked again, and given to another where the first will
//! not.

use super::exceptions::{self, Opening};
use crate::json::batch;
use crate::{Db, Moment, StoreError, append};
use huidan_domain::Millis;
use huidan_flow::parcel::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// How often a watch that ended is asked for anew at the same account before another is asked: the strictest watcher
/// takes a number four times a month.
pub const ROUNDS: i64 = 3;
/// Tries of one asking before another account is asked.
pub const TRIES: u32 = 8;
/// Shortest and longest wait before a watch is asked for again, in milliseconds.
const WAIT_MS: [i64; 2] = [60_000, 6 * 3_600_000];

/// An account with what decides who watches its parcels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its carrier.
    pub carrier: String,
    /// Who was told to watch its parcels; empty where nobody was.
    pub watched_by: String,
    /// Whether it is used.
    pub active: bool,
}

/// All carrier accounts.
///
/// # Errors
/// The database's.
pub async fn accounts<D: Db>(db: &D) -> Result<Vec<Account>, StoreError> {
    let rows = db.run("SELECT id, carrier, watched_by, active FROM carrier_account ORDER BY position, id", &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Account {
                id: row.string(0)?,
                carrier: row.string(1)?,
                watched_by: row.string(2)?,
                active: row.flag(3)?,
            })
        })
        .collect()
}

/// Says who is to watch an account's parcels from now on; an empty id leaves it to its carrier.
///
/// # Errors
/// The database's.
pub async fn watched_by<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    watcher: &str,
) -> Result<(), StoreError> {
    db.run("UPDATE carrier_account SET watched_by = ?2 WHERE id = ?1", &[id.into(), watcher.into()]).await?;
    let entry = crate::Entry::new(actor, "carrier", id, "watched_by").from_to("", watcher);
    append(db, moment.now, &[entry]).await
}

/// Who watches whose parcels: the account, the watching account, and its carrier.
pub type Duty = (String, String, String);

/// Writes down which parcels are to be watched: those on paper or under way of the accounts named, each once.
///
/// # Errors
/// The database's.
pub async fn plant<D: Db>(db: &D, now: Millis, duties: &[Duty]) -> Result<(), StoreError> {
    if duties.is_empty() {
        return Ok(());
    }
    db.run(
        "INSERT INTO watch (waybill, package, number, account, watcher, state, next_at)
         SELECT w.id, p.id, w.number, k.value ->> 1, k.value ->> 2, 'wanted', ?2
         FROM json_each(?1) AS k JOIN package AS p ON p.account = k.value ->> 0
         JOIN waybill AS w ON w.id = p.waybill AND w.number IS NOT NULL
         WHERE p.status IN ('printed', 'verified', 'handed_over', 'in_transit')
             AND NOT EXISTS (SELECT 1 FROM watch AS t WHERE t.waybill = w.id)
         LIMIT 2000",
        &[batch(duties)?, now.into()],
    )
    .await?;
    Ok(())
}

/// Accounts that have something to be asked for now.
///
/// # Errors
/// The database's.
pub async fn due<D: Db>(db: &D, now: Millis) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT DISTINCT account FROM watch WHERE state IN ('wanted', 'calling') AND next_at <= ?1
             AND lease_until <= ?1",
            &[now.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// A parcel to be watched, claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Our id of its number.
    pub waybill: String,
    /// The number.
    pub number: String,
    /// Our id of who carries it.
    pub by: String,
    /// The phone it was sent from, whole.
    pub phone: String,
    /// How often this asking was tried before.
    pub tries: u32,
    /// How often its watch ended.
    pub rounds: i64,
    /// Accounts that would not watch it.
    pub tried: Vec<String>,
}

/// Claims what an account is to be asked for, in one statement before the call: answers the claim and the parcels.
///
/// # Errors
/// The database's.
pub async fn lease<D: Db>(
    db: &D,
    moment: Moment<'_>,
    account: &str,
    lease_ms: i64,
    limit: u32,
) -> Result<(String, Vec<Wanted>), StoreError> {
    let token = moment.secret::<8>();
    let claimed = db
        .run(
            "UPDATE watch SET state = 'calling', tries = tries + 1, lease = ?1, lease_until = ?2
             WHERE waybill IN (SELECT waybill FROM watch WHERE account = ?3 AND state IN ('wanted', 'calling')
                 AND next_at <= ?4 AND lease_until <= ?4 ORDER BY next_at LIMIT ?5)
             RETURNING waybill",
            &[(&token).into(), (moment.now.0 + lease_ms).into(), account.into(), moment.now.into(), limit.into()],
        )
        .await?;
    let claimed = claimed.iter().map(|row| row.string(0)).collect::<Result<Vec<_>, _>>()?;
    let rows = db
        .run(
            "SELECT t.waybill, t.number, coalesce(nullif(w.carried_by, ''), w.carrier),
                 coalesce(h.sender ->> 'phone', ''), t.tries - 1, t.rounds, t.tried
             FROM json_each(?1) AS k JOIN watch AS t ON t.waybill = k.value JOIN waybill AS w ON w.id = t.waybill
             JOIN package AS p ON p.id = t.package JOIN warehouse AS h ON h.id = p.warehouse ORDER BY t.waybill",
            &[batch(&claimed)?],
        )
        .await?;
    let wanted = rows.iter().map(|row| {
        Ok(Wanted {
            waybill: row.string(0)?,
            number: row.string(1)?,
            by: row.string(2)?,
            phone: row.string(3)?,
            tries: row.count(4)?,
            rounds: row.int(5)?,
            tried: row.json(6)?,
        })
    });
    Ok((token, wanted.collect::<Result<_, StoreError>>()?))
}

/// What became of asking for a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is watched.
    Watching,
    /// Not now: again later, and why.
    Again(String),
    /// Another account is asked: its id and its carrier, and why not this one.
    Elsewhere(String, String, String),
    /// Nobody will: a person must know, and why.
    Nobody(String),
}

/// Writes down what became of claimed parcels; only under the claim.
///
/// # Errors
/// The database's.
pub async fn settle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    lease: &str,
    outcomes: &[(Wanted, Outcome)],
) -> Result<(), StoreError> {
    let now = moment.now;
    let mut rows = Vec::with_capacity(outcomes.len());
    for (wanted, outcome) in outcomes {
        let (state, wait, reason, to) = match outcome {
            Outcome::Watching => ("watching", 0, "", None),
            Outcome::Again(reason) => ("wanted", pause(moment, wanted.tries), reason.as_str(), None),
            Outcome::Elsewhere(account, carrier, reason) => ("wanted", 0, reason.as_str(), Some((account, carrier))),
            Outcome::Nobody(reason) => ("given_up", 0, reason.as_str(), None),
        };
        rows.push((&wanted.waybill, state, now.0 + wait, reason, to));
    }
    let held = db
        .run(
            "UPDATE watch SET state = n.value ->> 1, next_at = n.value ->> 2, reason = n.value ->> 3, lease = NULL,
             lease_until = 0, tries = iif(n.value ->> 1 = 'watching' OR n.value -> 4 <> 'null', 0, tries),
             rounds = iif(n.value -> 4 <> 'null', 0, rounds), account = coalesce(n.value -> 4 ->> 0, account),
             watcher = coalesce(n.value -> 4 ->> 1, watcher),
             tried = iif(n.value -> 4 <> 'null', json_insert(tried, '$[#]', account), tried),
             watched_at = iif(n.value ->> 1 = 'watching', ?3, watched_at)
         FROM json_each(?1) AS n WHERE watch.waybill = n.value ->> 0 AND watch.lease = ?2 RETURNING watch.waybill",
            &[batch(&rows)?, lease.into(), now.into()],
        )
        .await?;
    let held = held.iter().map(|row| row.text(0)).collect::<Result<BTreeSet<&str>, _>>()?;
    let of = |wished: fn(&Outcome) -> bool| -> Vec<&str> {
        let wished = outcomes.iter().filter(|(_, outcome)| wished(outcome));
        wished.map(|(wanted, _)| wanted.waybill.as_str()).filter(|waybill| held.contains(waybill)).collect()
    };
    watched_again(db, moment, &of(|outcome| *outcome == Outcome::Watching)).await?;
    unwatched(db, moment, &of(|outcome| matches!(outcome, Outcome::Nobody(_)))).await
}

/// A wait that doubles with every try, a quarter more or less by chance, so that what failed together does not come back
/// together.
fn pause(moment: Moment<'_>, tries: u32) -> i64 {
    let [least, most] = WAIT_MS;
    let wait = least.saturating_mul(1 << tries.min(20)).min(most);
    let mut random = [0; 2];
    moment.chance.fill(&mut random);
    wait - wait / 4 + wait / 2 * i64::from(u16::from_le_bytes(random)) / i64::from(u16::MAX)
}

async fn watched_again<D: Db>(db: &D, moment: Moment<'_>, waybills: &[&str]) -> Result<(), StoreError> {
    let packages = packages(db, waybills).await?;
    let over: BTreeSet<(String, Kind)> =
        packages.iter().map(|(package, ..)| (package.clone(), Kind::Unwatched)).collect();
    let log = exceptions::close_by_news(db, moment, &over).await?;
    if log.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = over.into_iter().map(|(package, _)| package).collect();
    exceptions::shown_again(db, &shown).await?;
    append(db, moment.now, &log).await
}

async fn unwatched<D: Db>(db: &D, moment: Moment<'_>, waybills: &[&str]) -> Result<(), StoreError> {
    let openings: Vec<Opening> = packages(db, waybills)
        .await?
        .into_iter()
        .map(|(package, shop, carrier, account)| Opening {
            package,
            shop,
            kind: Kind::Unwatched,
            carrier,
            incident: None,
            facts: serde_json::json!({ "account": account }),
        })
        .collect();
    let log = exceptions::open(db, moment, &openings).await?;
    append(db, moment.now, &log).await
}

async fn packages<D: Db>(db: &D, waybills: &[&str]) -> Result<Vec<(String, String, String, String)>, StoreError> {
    if waybills.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db
        .run(
            "SELECT p.id, p.shop, coalesce(nullif(w.carried_by, ''), w.carrier), t.account FROM json_each(?1) AS k
             JOIN watch AS t ON t.waybill = k.value JOIN waybill AS w ON w.id = t.waybill
             JOIN package AS p ON p.id = t.package",
            &[batch(waybills)?],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?, row.string(2)?, row.string(3)?))).collect()
}

/// Watches of packages that ended, with the account that says so and its reasons: each is wanted anew. Answers the packages
/// that are watched nevertheless, anew or by another account since; the others are watched by nobody.
pub(super) async fn ended<D: Db>(
    db: &D,
    moment: Moment<'_>,
    ended: &BTreeMap<String, (String, String)>,
) -> Result<BTreeSet<String>, StoreError> {
    if ended.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<(&String, &String, &String, i64)> = ended
        .iter()
        .map(|(package, (account, reason))| (package, account, reason, moment.now.0 + pause(moment, 0)))
        .collect();
    let again = db
        .run(
            "UPDATE watch SET state = 'wanted', tries = 0, rounds = rounds + 1, next_at = n.value ->> 3,
                 reason = n.value ->> 2
             FROM json_each(?1) AS n WHERE watch.package = n.value ->> 0 AND watch.account = n.value ->> 1
                 AND watch.state = 'watching'
             RETURNING watch.package",
            &[batch(&rows)?],
        )
        .await?;
    let mut watched: BTreeSet<String> = again.iter().map(|row| row.string(0)).collect::<Result<_, _>>()?;
    let elsewhere = db
        .run(
            "SELECT watch.package FROM json_each(?1) AS n JOIN watch ON watch.package = n.value ->> 0
                 AND watch.account <> n.value ->> 1 AND watch.state IN ('wanted', 'calling', 'watching')",
            &[batch(&rows)?],
        )
        .await?;
    for row in &elsewhere {
        watched.insert(row.string(0)?);
    }
    Ok(watched)
}
