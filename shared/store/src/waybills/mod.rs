//! Waybill numbers as assets: claimed before the call, settled after it, given back.
//!
//! A claim is a row in state `calling`. Its `lease` says that a call is or was under way, so that only the provider (or
//! a person) can say what became of it; without a lease certainly nothing was sent, and the same claim goes out again.

mod balance;
mod begin;
mod children;
mod claim;
mod dispute;
mod document;
mod give_back;
mod read;
mod settle;
mod sweep;
mod unused;
mod update;

pub use balance::{Look, Wrong, balance_wanted, balances, keep_look, later, numbers, patch_numbers};
pub use begin::{TakenUp, begin, take_up};
pub use children::{Child, GivenChild, MOST_PIECES, Pieces, further, gathered, rebook, scanned, set_pieces};
pub use dispute::{SettledAs, settle_dispute};
pub use document::Drawn;
pub use give_back::{Back, Giving, begin_giving_back, settle_giving_back};
pub use read::{Booking, BookingItem, bookings, to_quote};
pub use settle::{Given, Outcome, answer, settle};
pub use sweep::{Swept, nights, sweep};
pub use unused::{counts, unused};
pub use update::{Changed, begin_updates, settle_updates};

use crate::json::batch;
use crate::{Db, Moment, Row, StoreError, Value, breaker};
use huidan_domain::Millis;

/// Far beyond every lease: what waits until a person says something.
pub(crate) const NEVER: i64 = 253_402_300_799_000;

/// What the conductor owes a package whose number is to say something else.
const WORK_UPDATE: &str = "update";

/// What an account's lane has to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    /// Claims whose call is over without a word, or was never made.
    pub unsettled: bool,
    /// Numbers to give back.
    pub void: bool,
    /// Packages that want a number.
    pub book: bool,
    /// Labels to render.
    pub render: bool,
    /// Numbers that are to say something else.
    pub update: bool,
    /// What is left of its numbers is to be asked.
    pub balance: bool,
    /// The breaker has just let one try through: ask for little.
    pub probing: bool,
}

impl Due {
    /// Whether there is anything.
    pub const fn any(self) -> bool {
        self.unsettled || self.void || self.book || self.render || self.update || self.balance
    }
}

/// The breaker's name of an account; the route step sees an open one as an ailing carrier.
pub fn breaker_of(account: &str) -> String {
    format!("carrier/{account}")
}

/// What an account's lane has to do now. While its breaker is open, only what needs no carrier.
///
/// # Errors
/// The database's.
pub async fn due<D: Db>(db: &D, now: Millis, account: &str) -> Result<Due, StoreError> {
    let rows = db
        .run(
            "SELECT EXISTS (SELECT 1 FROM waybill WHERE account = ?1 AND state IN ('calling', 'void_wanted', 'voiding')
                     AND state = 'calling' AND lease_until <= ?2),
                 EXISTS (SELECT 1 FROM package WHERE work <> '' AND work = 'void' AND account = ?1 AND work_at <= ?2),
                 EXISTS (SELECT 1 FROM package WHERE work <> '' AND work = 'book' AND account = ?1 AND work_at <= ?2),
                 EXISTS (SELECT 1 FROM package WHERE work <> '' AND work = 'render' AND account = ?1 AND work_at <= ?2),
                 coalesce((SELECT open_until FROM breaker WHERE name = ?3), 0) > ?2,
                 coalesce((SELECT failures FROM breaker WHERE name = ?3), 0) >= ?4,
                 EXISTS (SELECT 1 FROM carrier_account WHERE id = ?1 AND balance_due <= ?2),
                 EXISTS (SELECT 1 FROM package WHERE work <> '' AND work = 'update' AND account = ?1 AND work_at <= ?2)",
            &[account.into(), now.into(), breaker_of(account).into(), Value::Int(breaker::LIMIT)],
        )
        .await?;
    let row = rows.first()?;
    let closed = !row.flag(4)?;
    Ok(Due {
        unsettled: closed && row.flag(0)?,
        void: closed && row.flag(1)?,
        book: closed && row.flag(2)?,
        render: row.flag(3)?,
        update: closed && row.flag(7)?,
        probing: row.flag(5)?,
        balance: closed && row.flag(6)?,
    })
}

/// A carrier account as booking sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Our id.
    pub id: String,
    /// The carrier: its component is `carrier-<this>`.
    pub carrier: String,
    /// What the seller calls it.
    pub name: String,
    /// Whether its carrier is known to change booked parcels.
    pub updates: bool,
}

/// An account; `None` when there is none of that id, or it is switched off.
///
/// # Errors
/// The database's.
pub async fn account<D: Db>(db: &D, id: &str) -> Result<Option<Account>, StoreError> {
    let rows =
        db.run("SELECT id, carrier, name, updates FROM carrier_account WHERE id = ?1 AND active", &[id.into()]).await?;
    let read = |row: &Row| {
        Ok(Account { id: row.string(0)?, carrier: row.string(1)?, name: row.string(2)?, updates: row.flag(3)? })
    };
    rows.iter().next().map(read).transpose()
}

/// Notes whether an account's carrier changes booked parcels under their numbers, for the planner.
///
/// # Errors
/// The database's.
pub async fn note_updates<D: Db>(db: &D, account: &str, updates: bool) -> Result<(), StoreError> {
    db.run("UPDATE carrier_account SET updates = ?2 WHERE id = ?1", &[account.into(), updates.into()]).await?;
    Ok(())
}

/// The account cannot be worked with for now: what waits for it says why. It stays due, in its order; its breaker is
/// what keeps the lane from trying.
///
/// # Errors
/// The database's.
pub async fn wait<D: Db>(db: &D, account: &str, reason: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE package SET waits_for = ?2
         WHERE work <> '' AND work IN ('book', 'void', 'update') AND account = ?1 AND waits_for <> ?2",
        &[account.into(), reason.into()],
    )
    .await?;
    Ok(())
}

/// What a person must know of an account (a wrong secret, say); empty clears it.
///
/// # Errors
/// The database's.
pub async fn trouble<D: Db>(db: &D, account: &str, trouble: &str) -> Result<(), StoreError> {
    let seen = db
        .run("SELECT 1 FROM carrier_account WHERE id = ?1 AND trouble <> ?2", &[account.into(), trouble.into()])
        .await?;
    if !seen.is_empty() {
        db.run("UPDATE carrier_account SET trouble = ?2 WHERE id = ?1", &[account.into(), trouble.into()]).await?;
    }
    Ok(())
}

/// A person mended the account's settings: what waited for it is due at once. Call inside a transaction and wake the
/// lane afterwards.
///
/// # Errors
/// The database's.
pub async fn mended<D: Db>(db: &D, now: Millis, account: &str) -> Result<(), StoreError> {
    trouble(db, account, "").await?;
    breaker::worked(db, &breaker_of(account)).await?;
    db.run(
        "UPDATE waybill SET lease_until = ?2 WHERE account = ?1 AND state IN ('calling', 'void_wanted', 'voiding')
             AND state = 'calling' AND lease IS NULL AND lease_until > ?2",
        &[account.into(), now.into()],
    )
    .await?;
    db.run(
        "UPDATE package SET work_at = ?2, waits_for = ''
         WHERE work <> '' AND work IN ('book', 'void', 'update') AND account = ?1 AND work_at > ?2",
        &[account.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// A person wants a number for a package that has none: the last refusal is forgotten and the carrier is asked again.
/// Answers the lane to wake; `None` when the package is not one to be booked.
///
/// # Errors
/// The database's.
pub async fn want_number<D: Db>(
    db: &D,
    moment: Moment<'_>,
    package: &str,
    actor: &str,
) -> Result<Option<String>, StoreError> {
    let asked = "UPDATE package SET work = 'book', work_at = ?2, waits_for = '', updated_at = ?2
                 WHERE id = ?1 AND status = 'planned' AND work = '' RETURNING account";
    ask(db, moment, asked, package, actor, "number_wanted").await
}

/// A person wants a package's number given back; its paper is stale from now on. Answers the lane to wake; `None` when
/// the package has no number or has left the house.
///
/// # Errors
/// The database's.
pub async fn want_void<D: Db>(
    db: &D,
    moment: Moment<'_>,
    package: &str,
    actor: &str,
) -> Result<Option<String>, StoreError> {
    let asked = "UPDATE package SET work = 'void', work_at = ?2, waits_for = '', fence = fence + 1, updated_at = ?2
                 WHERE id = ?1 AND status IN ('numbered', 'printed', 'verified') AND work <> 'void' RETURNING account";
    let lane = ask(db, moment, asked, package, actor, "void_wanted").await?;
    if lane.is_some() {
        db.run(
            "UPDATE waybill SET state = 'void_wanted' WHERE package = ?1 AND state IN ('issued', 'printed', 'verified')",
            &[package.into()],
        )
        .await?;
    }
    Ok(lane)
}

async fn ask<D: Db>(
    db: &D,
    moment: Moment<'_>,
    statement: &str,
    package: &str,
    actor: &str,
    kind: &str,
) -> Result<Option<String>, StoreError> {
    let rows = db.run(statement, &[package.into(), moment.now.into()]).await?;
    let Some(row) = rows.iter().next() else { return Ok(None) };
    crate::append(db, moment.now, &[crate::Entry::new(actor, "package", package, kind)]).await?;
    row.string(0).map(Some)
}

/// Writes packages as [`PackageRow`]s say.
async fn write_packages<D: Db>(db: &D, now: Millis, rows: &[PackageRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    db.run(
        // A label waits for its wave where the warehouse packs in waves.
        "UPDATE package SET status = n.value ->> 'status', work_at = n.value ->> 'work_at',
             work = iif(n.value ->> 'work' = 'render'
                     AND EXISTS (SELECT 1 FROM warehouse AS h WHERE h.id = package.warehouse AND h.labels_wait)
                     AND NOT EXISTS (SELECT 1 FROM print_wish AS x WHERE x.package = package.id),
                 '', n.value ->> 'work'),
             waits_for = n.value ->> 'waits_for', waybill = n.value ->> 'waybill', updated_at = ?2
         FROM json_each(?1) AS n WHERE package.id = n.value ->> 'id'",
        &[batch(rows)?, now.into()],
    )
    .await?;
    Ok(())
}

/// How a package stands after something happened to its number.
#[derive(Debug, serde::Serialize)]
struct PackageRow {
    id: String,
    status: &'static str,
    work: String,
    work_at: i64,
    waits_for: String,
    waybill: Option<String>,
}

#[cfg(test)]
mod tests;
