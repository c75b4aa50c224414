//! What the carrier says is left of an account's numbers, beside what had to be left.

use crate::json::{batch, text};
use crate::notices::{News, tell};
use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_domain::{Millis, Move, WaybillEvent, WaybillState};
use huidan_wire::api::{CarrierNumbers, Named, NumberLook, NumberPlace, PatchNumbers, instant};

/// Looks shown.
const SHOWN: u32 = 31;
/// A stock of numbers that does not last so many days is low.
const LASTS_DAYS: i64 = 2;
/// Over how many days the use is counted.
const USE_DAYS: i64 = 7;
const DAY_MS: i64 = 86_400_000;

/// What a look found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// So many numbers are gone that were not taken here.
    Missing(i64),
    /// So few are left that they do not last two days.
    Low(i64),
}

impl Wrong {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Low(_) => "low",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Missing(count) => {
                format!("少了 {count} 个单号，请到承运商后台核对 / {count} numbers are gone: check with the carrier")
            }
            Self::Low(left) => {
                format!("只剩 {left} 个单号，不够两天 / {left} numbers left, for less than two days")
            }
        }
    }
}

/// What a look at a balance says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When the carrier was asked, while nothing else was asked of it for the account.
    pub at: Millis,
    /// What it said.
    pub places: Vec<NumberPlace>,
}

/// An account's balance is to be asked for. Answers whether there is such an account.
///
/// # Errors
/// The database's.
pub async fn balance_wanted<D: Db>(db: &D, now: Millis, account: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "UPDATE carrier_account SET balance_due = ?2 WHERE id = ?1 AND active RETURNING 1",
            &[account.into(), now.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// The balance is asked for then; `None`: there is nothing to ask.
///
/// # Errors
/// The database's.
pub async fn later<D: Db>(db: &D, account: &str, at: Option<Millis>) -> Result<(), StoreError> {
    db.run("UPDATE carrier_account SET balance_due = ?2 WHERE id = ?1", &[account.into(), at.map(|at| at.0).into()])
        .await?;
    Ok(())
}

/// Keeps a look, inside the caller's transaction: numbers that were given back and are counted again are reclaimed, and
/// what is wrong is raised, or ended.
///
/// # Errors
/// The database's.
pub async fn keep_look<D: Db>(
    db: &D,
    moment: Moment<'_>,
    account: &str,
    look: &Look,
) -> Result<Vec<Wrong>, StoreError> {
    later(db, account, None).await?;
    let told: Vec<i64> =
        look.places.iter().filter_map(|place| place.numbers).filter_map(|left| i64::try_from(left).ok()).collect();
    let numbers = (!told.is_empty()).then(|| told.iter().sum::<i64>());
    let since = since(db, account, look.at).await?;
    let (mut expected, mut reclaimed) = (None, 0);
    if let (Some(numbers), Some(before)) = (numbers, since.numbers) {
        let bare = before - since.issued;
        reclaimed = reclaim(db, moment, account, look.at, numbers - bare).await?;
        expected = Some(bare + reclaimed);
    }
    db.run(
        "INSERT INTO number_balance (account, at, numbers, expected, reclaimed, open, places)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account, at) DO NOTHING",
        &[
            account.into(),
            look.at.into(),
            numbers.into(),
            expected.into(),
            reclaimed.into(),
            since.open.into(),
            text(&look.places)?.into(),
        ],
    )
    .await?;
    let mut wrong = Vec::new();
    if let (Some(numbers), Some(expected)) = (numbers, expected)
        && numbers < expected - since.open
    {
        wrong.push(Wrong::Missing(expected - numbers));
    }
    if let Some(numbers) = numbers
        && since.used > 0
        && numbers * since.days < LASTS_DAYS * since.used
    {
        wrong.push(Wrong::Low(numbers));
    }
    raise(db, moment, account, &wrong).await?;
    Ok(wrong)
}

/// What happened to an account since its last look.
struct Since {
    numbers: Option<i64>,
    issued: i64,
    open: i64,
    used: i64,
    days: i64,
}

async fn since<D: Db>(db: &D, account: &str, at: Millis) -> Result<Since, StoreError> {
    let rows = db
        .run(
            "SELECT b.numbers,
                 (SELECT coalesce(sum(1 + (SELECT count(*) FROM waybill_child AS c WHERE c.waybill = w.id)), 0)
                  FROM waybill AS w WHERE account = ?1 AND issued_at IS NOT NULL AND issued_at > b.at
                     AND issued_at <= ?2),
                 (SELECT count(*) FROM waybill WHERE account = ?1 AND state IN ('calling', 'void_wanted', 'voiding')
                     AND state = 'calling' AND lease IS NOT NULL),
                 (SELECT coalesce(sum(1 + (SELECT count(*) FROM waybill_child AS c WHERE c.waybill = w.id)), 0)
                  FROM waybill AS w WHERE account = ?1 AND issued_at IS NOT NULL AND issued_at > ?2 - ?3),
                 (SELECT min(issued_at) FROM waybill WHERE account = ?1 AND issued_at IS NOT NULL
                     AND issued_at > ?2 - ?3)
             FROM (SELECT 1) LEFT JOIN (SELECT numbers, at FROM number_balance
                 WHERE account = ?1 AND numbers IS NOT NULL ORDER BY at DESC LIMIT 1) AS b",
            &[account.into(), at.into(), Value::Int(USE_DAYS * DAY_MS)],
        )
        .await?;
    let row = rows.first()?;
    let days = row.maybe_int(4)?.map_or(1, |first| (at.0 - first).div_euclid(DAY_MS) + 1);
    Ok(Since {
        numbers: row.maybe_int(0)?,
        issued: row.int(1)?,
        open: row.int(2)?,
        used: row.int(3)?,
        days: days.clamp(1, USE_DAYS),
    })
}

/// More numbers are there than were left: those that were given back longest ago, and are due by the carrier's word,
/// are counted again.
async fn reclaim<D: Db>(
    db: &D,
    moment: Moment<'_>,
    account: &str,
    at: Millis,
    surplus: i64,
) -> Result<i64, StoreError> {
    if surplus <= 0 {
        return Ok(0);
    }
    let rows = db
        .run(
            "SELECT id FROM waybill WHERE account = ?1 AND state = 'voided' AND reclaim_at <= ?2 AND settled = ''
             ORDER BY voided_at, id LIMIT ?3",
            &[account.into(), at.into(), surplus.into()],
        )
        .await?;
    let due = rows.iter().map(|row| row.string(0)).collect::<Result<Vec<_>, _>>()?;
    reclaimed(db, moment, &due).await
}

/// Numbers are counted again.
pub(super) async fn reclaimed<D: Db>(db: &D, moment: Moment<'_>, waybills: &[String]) -> Result<i64, StoreError> {
    let (was, event) = (WaybillState::Voided, WaybillEvent::Reclaim);
    let Move::To(becomes) = was.on(event) else { return Ok(0) };
    if waybills.is_empty() {
        return Ok(0);
    }
    db.run(
        "UPDATE waybill SET state = ?2, reclaimed_at = ?3 WHERE id IN (SELECT value FROM json_each(?1))",
        &[batch(waybills)?, becomes.name().into(), moment.now.into()],
    )
    .await?;
    let entry = |id: &String| Entry::new("flow-book", "waybill", id, event.name()).from_to(was.name(), becomes.name());
    append(db, moment.now, &waybills.iter().map(entry).collect::<Vec<_>>()).await?;
    Ok(i64::try_from(waybills.len()).unwrap_or(i64::MAX))
}

async fn raise<D: Db>(db: &D, moment: Moment<'_>, account: &str, wrong: &[Wrong]) -> Result<(), StoreError> {
    let kinds: Vec<&str> = wrong.iter().map(Wrong::kind).collect();
    db.run(
        "DELETE FROM number_alarm WHERE account = ?1 AND kind NOT IN (SELECT value FROM json_each(?2))",
        &[account.into(), batch(&kinds)?],
    )
    .await?;
    for one in wrong {
        let new = db
            .run(
                "INSERT INTO number_alarm (account, kind, detail, at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (account, kind) DO UPDATE SET detail = excluded.detail RETURNING at = ?4",
                &[account.into(), one.kind().into(), one.detail().into(), moment.now.into()],
            )
            .await?;
        if new.first()?.flag(0)? {
            let (key, topic) = (
                format!("waybill.balance_{}/{account}/{}", one.kind(), moment.now.0),
                format!("waybill.balance_{}", one.kind()),
            );
            let (Wrong::Missing(count) | Wrong::Low(count)) = one;
            let facts = serde_json::json!({ "account": account, "count": count });
            let news = News { key: &key, topic: &topic, entity: "carrier", id: account, shop: "", facts };
            tell(db, moment, &[news]).await?;
        }
    }
    Ok(())
}

/// What is wrong with accounts' numbers, for people.
///
/// # Errors
/// The database's.
pub async fn balances<D: Db>(db: &D) -> Result<Vec<Named>, StoreError> {
    let rows = db.run("SELECT account, detail FROM number_alarm ORDER BY account, kind LIMIT 100", &[]).await?;
    rows.iter().map(|row| Ok(Named { id: row.string(0)?, detail: row.string(1)? })).collect()
}

/// An account's numbers, for people; `None` when there is no such account.
///
/// # Errors
/// The database's.
pub async fn numbers<D: Db>(db: &D, now: Millis, account: &str) -> Result<Option<CarrierNumbers>, StoreError> {
    let rows = db
        .run(
            "SELECT id, number_fen, unused_hours, idle_days, reclaim_days,
                 (SELECT coalesce(sum(1 + (SELECT count(*) FROM waybill_child AS c WHERE c.waybill = w.id)), 0)
                  FROM waybill AS w WHERE account = a.id AND issued_at IS NOT NULL AND issued_at > ?2),
                 (SELECT json_group_array(json_object('id', kind, 'detail', detail)) FROM number_alarm
                  WHERE account = a.id)
             FROM carrier_account AS a WHERE id = ?1",
            &[account.into(), Value::Int(now.0 - USE_DAYS * DAY_MS)],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(None) };
    let looks = db
        .run(
            "SELECT at, numbers, expected, reclaimed, open, places FROM number_balance WHERE account = ?1
             ORDER BY at DESC LIMIT ?2",
            &[account.into(), SHOWN.into()],
        )
        .await?;
    Ok(Some(CarrierNumbers {
        account: row.string(0)?,
        number_fen: row.maybe_int(1)?,
        unused_hours: row.count(2)?,
        idle_days: row.count(3)?,
        reclaim_days: row.maybe_int(4)?.and_then(|days| u32::try_from(days).ok()),
        used_in_7_days: row.int(5)?,
        alarms: row.json(6)?,
        looks: looks.iter().map(look).collect::<Result<_, _>>()?,
    }))
}

fn look(row: &Row) -> Result<NumberLook, StoreError> {
    let (numbers, expected) = (row.maybe_int(1)?, row.maybe_int(2)?);
    Ok(NumberLook {
        at: instant(Millis(row.int(0)?)),
        numbers,
        expected,
        difference: numbers.zip(expected).map(|(numbers, expected)| numbers - expected),
        reclaimed: row.int(3)?,
        open: row.int(4)?,
        places: row.json(5)?,
    })
}

/// What a person sets of an account's numbers, inside the caller's transaction.
///
/// # Errors
/// The database's.
pub async fn patch_numbers<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    account: &str,
    patch: &PatchNumbers,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE carrier_account SET number_fen = coalesce(?2, number_fen), unused_hours = coalesce(?3, unused_hours),
             idle_days = coalesce(?4, idle_days), reclaim_days = coalesce(?5, reclaim_days) WHERE id = ?1",
        &[
            account.into(),
            patch.number_fen.into(),
            patch.unused_hours.into(),
            patch.idle_days.into(),
            patch.reclaim_days.into(),
        ],
    )
    .await?;
    append(db, moment.now, &[Entry::new(actor, "carrier", account, "numbers_changed")]).await
}
