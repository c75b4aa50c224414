//! Comparing the channels' orders with ours: runs, what was found missing, and what heals it.

use crate::json::batch;
use crate::{Db, Entry, Moment, StoreError, Value, append};
use huidan_domain::Millis;

/// Who writes in the log.
const ACTOR: &str = "flow-reconcile";

/// How far back a comparison looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Some hours: often.
    Near,
    /// Some days: now and then.
    Far,
    /// As far as it goes: every night.
    Whole,
}

impl Reach {
    const fn name(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Far => "far",
            Self::Whole => "whole",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "whole" => Self::Whole,
            "far" => Self::Far,
            _ => Self::Near,
        }
    }
}

/// A comparison that is due or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Shop.
    pub shop: String,
    /// Its channel.
    pub channel: String,
    /// How far it looks back; of one that is yet to begin, the farthest that is due.
    pub reach: Reach,
    /// What was changed before was never asked for.
    pub since: Millis,
    /// When it began; `None` when it is yet to begin.
    pub begun_at: Option<Millis>,
    /// Everything changed before is compared.
    pub reached: Millis,
    /// Where it ends.
    pub ends: Millis,
    /// End of the window under way.
    pub window_to: Option<Millis>,
    /// Next page of it.
    pub cursor: Option<String>,
    /// Calls it took so far.
    pub calls: u32,
    /// Failures in a row.
    pub failures: u32,
}

/// Has a shop's orders compared from `at` on, at first as far back as it goes: to `since`, from where on they are pulled.
///
/// # Errors
/// The database's.
pub async fn start<D: Db>(db: &D, shop: &str, since: Millis, at: Millis) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO reconcile (shop, since, next_at, far_at, whole_at) VALUES (?1, ?2, ?3, ?3, ?3)
         ON CONFLICT (shop) DO NOTHING",
        &[shop.into(), since.into(), at.into()],
    )
    .await?;
    Ok(())
}

/// A shop's comparison, when it is due.
///
/// # Errors
/// The database's.
pub async fn due<D: Db>(db: &D, now: Millis, shop: &str) -> Result<Option<Run>, StoreError> {
    let rows = db
        .run(
            "SELECT r.shop, s.channel,
                 CASE WHEN r.begun_at IS NOT NULL THEN r.reach WHEN r.whole_at <= ?1 THEN 'whole'
                     WHEN r.far_at <= ?1 THEN 'far' ELSE 'near' END,
                 r.begun_at, coalesce(r.reached, 0), coalesce(r.ends, 0), r.window_to, r.cursor, r.calls, r.failures,
                 r.since
             FROM reconcile AS r JOIN shop AS s ON s.id = r.shop
             WHERE s.active AND r.shop = ?2 AND r.next_at <= ?1",
            &[now.into(), shop.into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(None) };
    Ok(Some(Run {
        shop: row.string(0)?,
        channel: row.string(1)?,
        reach: Reach::of(row.text(2)?),
        begun_at: row.maybe_int(3)?.map(Millis),
        reached: Millis(row.int(4)?),
        ends: Millis(row.int(5)?),
        window_to: row.maybe_int(6)?.map(Millis),
        cursor: row.maybe_text(7)?.map(str::to_owned),
        calls: row.count(8)?,
        failures: row.count(9)?,
        since: Millis(row.int(10)?),
    }))
}

/// A comparison begins: of everything changed from `from` to `to`.
///
/// # Errors
/// The database's.
pub async fn begin<D: Db>(
    db: &D,
    now: Millis,
    shop: &str,
    reach: Reach,
    from: Millis,
    to: Millis,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE reconcile SET reach = ?3, begun_at = ?2, reached = ?4, ends = ?5, window_to = NULL, cursor = NULL,
             calls = 0 WHERE shop = ?1",
        &[shop.into(), now.into(), reach.name().into(), from.into(), to.into()],
    )
    .await?;
    Ok(())
}

/// A page is compared; the window goes on at `cursor`, or is over.
///
/// # Errors
/// The database's.
pub async fn page_done<D: Db>(
    db: &D,
    shop: &str,
    window_to: Millis,
    cursor: Option<&str>,
    next_at: Millis,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE reconcile SET calls = calls + 1, failures = 0, reason = '', next_at = ?4, cursor = ?3,
             window_to = CASE WHEN ?3 IS NULL THEN NULL ELSE ?2 END,
             reached = CASE WHEN ?3 IS NULL THEN ?2 ELSE reached END
         WHERE shop = ?1",
        &[shop.into(), window_to.into(), Value::from(cursor), next_at.into()],
    )
    .await?;
    Ok(())
}

/// When the next comparisons are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Any.
    pub at: Millis,
    /// A far one.
    pub far: Millis,
    /// A whole one.
    pub whole: Millis,
}

/// The comparison is over. A farther one is as good as a nearer one.
///
/// # Errors
/// The database's.
pub async fn done<D: Db>(db: &D, now: Millis, run: &Run, next: Next) -> Result<(), StoreError> {
    db.run(
        "UPDATE reconcile SET begun_at = NULL, next_at = ?3, recent_done_at = ?2,
             whole_done_at = CASE WHEN ?4 = 'whole' THEN ?2 ELSE whole_done_at END,
             far_at = CASE WHEN ?4 IN ('far', 'whole') THEN ?5 ELSE far_at END,
             whole_at = CASE WHEN ?4 = 'whole' THEN ?6 ELSE whole_at END
         WHERE shop = ?1",
        &[(&run.shop).into(), now.into(), next.at.into(), run.reach.name().into(), next.far.into(), next.whole.into()],
    )
    .await?;
    Ok(())
}

/// A call failed: again at `next_at`. A window that keeps failing starts from its first page.
///
/// # Errors
/// The database's.
pub async fn failed<D: Db>(db: &D, shop: &str, next_at: Millis, reason: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE reconcile SET next_at = ?2, failures = failures + 1, reason = ?3,
             window_to = CASE WHEN failures >= 3 THEN NULL ELSE window_to END,
             cursor = CASE WHEN failures >= 3 THEN NULL ELSE cursor END
         WHERE shop = ?1",
        &[shop.into(), next_at.into(), reason.into()],
    )
    .await?;
    Ok(())
}

/// One order as the channel lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct There<'a> {
    /// The channel's id.
    pub ext_id: &'a str,
    /// When it was changed last, or no earlier than that.
    pub version_at: Millis,
}

/// Which of the listed orders are not here, or only as they were before; by their place in the list, with whether an
/// older reading is here. What lies in quarantine is not missing: it is here and waits for a person.
///
/// # Errors
/// The database's.
pub async fn absent<D: Db>(db: &D, shop: &str, listed: &[There<'_>]) -> Result<Vec<(usize, bool)>, StoreError> {
    let keys: Vec<(&str, i64)> = listed.iter().map(|there| (there.ext_id, there.version_at.0)).collect();
    let rows = db
        .run(
            "SELECT l.key, o.id IS NOT NULL FROM json_each(?1) AS l
             LEFT JOIN orders AS o ON o.shop = ?2 AND o.ext_id = l.value ->> 0
             WHERE (o.id IS NULL OR o.version_at < l.value ->> 1)
               AND NOT EXISTS (SELECT 1 FROM quarantine AS q
                   WHERE q.account = ?2 AND q.kind = 'order' AND q.ext_id = l.value ->> 0 AND q.state = 'waiting'
                     AND q.at >= l.value ->> 1)
             ORDER BY l.key",
            &[batch(&keys)?, shop.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((usize::try_from(row.int(0)?).unwrap_or(usize::MAX), row.flag(1)?))).collect()
}

/// Which of the listed orders are here from the window that ends at `to`, or later, and were not read again since it
/// ended: where a list names no times they may be older than what the channel has. By their place in the list.
///
/// # Errors
/// The database's.
pub async fn unread<D: Db>(db: &D, shop: &str, listed: &[There<'_>], to: Millis) -> Result<Vec<usize>, StoreError> {
    let keys: Vec<(&str, i64)> = listed.iter().map(|there| (there.ext_id, there.version_at.0)).collect();
    let rows = db
        .run(
            "SELECT l.key FROM json_each(?1) AS l JOIN orders AS o ON o.shop = ?2 AND o.ext_id = l.value ->> 0
             LEFT JOIN read_again AS r ON r.shop = ?2 AND r.ext_id = o.ext_id
             WHERE o.version_at BETWEEN l.value ->> 1 AND ?3 AND coalesce(r.at, 0) < ?3 ORDER BY l.key",
            &[batch(&keys)?, shop.into(), to.into()],
        )
        .await?;
    rows.iter().map(|row| Ok(usize::try_from(row.int(0)?).unwrap_or(usize::MAX))).collect()
}

/// Notes that these orders are asked for anew, whatever they were, and forgets such notes after two days.
///
/// # Errors
/// The database's.
pub async fn read_again<D: Db>(db: &D, now: Millis, shop: &str, ids: &[&str]) -> Result<(), StoreError> {
    const KEPT_MS: i64 = 2 * 86_400_000;
    db.run(
        "INSERT INTO read_again (shop, ext_id, at) SELECT ?1, value, ?3 FROM json_each(?2) WHERE true
         ON CONFLICT (shop, ext_id) DO UPDATE SET at = excluded.at",
        &[shop.into(), batch(ids)?, now.into()],
    )
    .await?;
    db.run("DELETE FROM read_again WHERE shop = ?1 AND at < ?2", &[shop.into(), Millis(now.0 - KEPT_MS).into()])
        .await?;
    Ok(())
}

/// An order that a comparison found missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The channel's id.
    pub ext_id: String,
    /// Its time of change there; 0 where the list does not say.
    pub version_at: i64,
    /// How it came to be missed.
    pub cause: &'static str,
}

/// Writes down what is missing; what was written down already stays as it is. Answers how many are new.
///
/// # Errors
/// The database's.
pub async fn found<D: Db>(db: &D, moment: Moment<'_>, shop: &str, missing: &[Missing]) -> Result<usize, StoreError> {
    let rows: Vec<(&str, i64, &str)> =
        missing.iter().map(|one| (one.ext_id.as_str(), one.version_at, one.cause)).collect();
    let new = db
        .run(
            "INSERT INTO missing (shop, ext_id, version_at, cause, seen_at)
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, ?3 FROM json_each(?2) WHERE true
             ON CONFLICT DO NOTHING RETURNING ext_id, cause",
            &[shop.into(), batch(&rows)?, moment.now.into()],
        )
        .await?;
    let mut log = Vec::with_capacity(new.len());
    for row in &new {
        let thing = format!("{shop}/{}", row.text(0)?);
        log.push(Entry::new(ACTOR, "missing", &thing, "missed").from_to("", row.text(1)?));
    }
    append(db, moment.now, &log).await?;
    Ok(new.len())
}

/// Marks as healed what is here by now. Answers how many were.
///
/// # Errors
/// The database's.
pub async fn heal<D: Db>(db: &D, moment: Moment<'_>) -> Result<usize, StoreError> {
    const HERE: &str = "SELECT 1 FROM orders AS o
        WHERE o.shop = missing.shop AND o.ext_id = missing.ext_id AND o.version_at >= missing.version_at";
    // A look first: almost always there is nothing to heal.
    if db.run("SELECT 1 FROM missing WHERE healed_at IS NULL LIMIT 1", &[]).await?.is_empty() {
        return Ok(0);
    }
    let rows = db
        .run(
            &format!(
                "UPDATE missing SET healed_at = ?1 WHERE healed_at IS NULL AND EXISTS ({HERE}) RETURNING shop, ext_id"
            ),
            &[moment.now.into()],
        )
        .await?;
    let mut log = Vec::with_capacity(rows.len());
    for row in &rows {
        let thing = format!("{}/{}", row.text(0)?, row.text(1)?);
        log.push(Entry::new(ACTOR, "missing", &thing, "healed"));
    }
    append(db, moment.now, &log).await?;
    Ok(rows.len())
}

/// Shops that are listed, with what their alarms are judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Shop.
    pub shop: String,
    /// Its channel.
    pub channel: String,
    /// Everything changed before is here.
    pub watermark: Millis,
    /// When the last comparison ended; `None` before the first.
    pub compared_at: Option<Millis>,
    /// When the shop was set up.
    pub created_at: Millis,
    /// Orders of the last `SILENT_HOURS` hours.
    pub placed_now: i64,
    /// Orders of the same hours of the seven days before, in all.
    pub placed_before: i64,
}

/// How many hours without an order are looked at.
pub const SILENT_HOURS: i64 = 6;

/// What the alarms of every listed shop are judged by.
///
/// # Errors
/// The database's.
pub async fn watched<D: Db>(db: &D, now: Millis) -> Result<Vec<Watched>, StoreError> {
    const DAY: i64 = 86_400_000;
    let rows = db
        .run(
            "SELECT p.shop, s.channel, p.watermark, r.recent_done_at, s.created_at,
                 (SELECT count(*) FROM orders AS o WHERE o.shop = p.shop AND o.placed_at > ?1 - ?2),
                 (SELECT count(*) FROM json_each('[1,2,3,4,5,6,7]') AS d JOIN orders AS o ON o.shop = p.shop
                     AND o.placed_at > ?1 - d.value * ?3 - ?2 AND o.placed_at <= ?1 - d.value * ?3)
             FROM pull AS p JOIN shop AS s ON s.id = p.shop LEFT JOIN reconcile AS r ON r.shop = p.shop
             WHERE s.active ORDER BY p.shop",
            &[now.into(), Value::Int(SILENT_HOURS * 3_600_000), Value::Int(DAY)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Watched {
                shop: row.string(0)?,
                channel: row.string(1)?,
                watermark: Millis(row.int(2)?),
                compared_at: row.maybe_int(3)?.map(Millis),
                created_at: Millis(row.int(4)?),
                placed_now: row.int(5)?,
                placed_before: row.int(6)?,
            })
        })
        .collect()
}

/// An alarm of a shop.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Alarm {
    /// Shop.
    pub shop: String,
    /// Stable code.
    pub kind: &'static str,
    /// For a person.
    pub detail: String,
}

/// Puts the alarms that hold now in the place of those that held before; one that goes on keeps its beginning.
///
/// # Errors
/// The database's.
pub async fn set_alarms<D: Db>(db: &D, moment: Moment<'_>, alarms: &[Alarm]) -> Result<(), StoreError> {
    let alarms = batch(alarms)?;
    db.run(
        "DELETE FROM shop_alarm WHERE NOT EXISTS (SELECT 1 FROM json_each(?1) AS a
             WHERE a.value ->> 'shop' = shop_alarm.shop AND a.value ->> 'kind' = shop_alarm.kind)",
        std::slice::from_ref(&alarms),
    )
    .await?;
    let rows = db
        .run(
            "INSERT INTO shop_alarm (shop, kind, detail, since)
             SELECT value ->> 'shop', value ->> 'kind', value ->> 'detail', ?2 FROM json_each(?1) WHERE true
             ON CONFLICT (shop, kind) DO UPDATE SET detail = excluded.detail WHERE detail <> excluded.detail
             RETURNING shop, kind, since = ?2",
            &[alarms, moment.now.into()],
        )
        .await?;
    let mut log = Vec::new();
    for row in &rows {
        if row.flag(2)? {
            log.push(Entry::new(ACTOR, "shop", row.text(0)?, "alarm").from_to("", row.text(1)?));
        }
    }
    append(db, moment.now, &log).await
}
