use crate::json::batch;
use crate::{Db, Moment, Row, StoreError, Value};
use huidan_domain::Millis;
use std::collections::HashMap;

/// A message that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub id: String,
    /// The key of its news.
    pub key: String,
    /// What happened.
    pub topic: String,
    /// What it is about.
    pub entity: String,
    /// Which one.
    pub about: String,
    /// The shop.
    pub shop: String,
    /// The facts, as JSON text.
    pub facts: String,
    /// When it happened.
    pub happened_at: Millis,
    /// Whether a call was under way when its runner was lost: it may have gone out.
    pub lost: bool,
    /// How often it was tried.
    pub tries: u32,
    /// After which it is of no use any more.
    pub give_up_at: Millis,
    /// Whether it stands for several.
    pub summary: bool,
}

const DUE: &str = "state IN ('waiting', 'sending') AND next_at <= ?2 AND lease_until <= ?2";

/// Whether a way has something due.
///
/// # Errors
/// The database's.
pub async fn any_due<D: Db>(db: &D, now: Millis, way: &str) -> Result<bool, StoreError> {
    let statement = format!("SELECT 1 FROM notice WHERE way = ?1 AND {DUE} LIMIT 1");
    Ok(!db.run(&statement, &[way.into(), now.into()]).await?.is_empty())
}

/// What is due by a way, oldest first.
///
/// # Errors
/// The database's.
pub async fn due<D: Db>(db: &D, now: Millis, way: &str, limit: u32) -> Result<Vec<Due>, StoreError> {
    let statement = format!(
        "SELECT id, topic, entity, entity_id, shop, facts, happened_at, state = 'sending', tries, give_up_at,
             coalesce(bundle = id, 0), key
         FROM notice WHERE way = ?1 AND {DUE} ORDER BY next_at, id LIMIT ?3"
    );
    let rows = db.run(&statement, &[way.into(), now.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Due, StoreError> {
    Ok(Due {
        id: row.string(0)?,
        topic: row.string(1)?,
        entity: row.string(2)?,
        about: row.string(3)?,
        shop: row.string(4)?,
        facts: row.string(5)?,
        happened_at: Millis(row.int(6)?),
        lost: row.flag(7)?,
        tries: row.count(8)?,
        give_up_at: Millis(row.int(9)?),
        summary: row.flag(10)?,
        key: row.string(11)?,
    })
}

/// How many messages of each topic went out by a way since then, or may have; and when the last did.
///
/// # Errors
/// The database's.
pub async fn recent<D: Db>(db: &D, way: &str, since: Millis) -> Result<HashMap<String, (u32, Millis)>, StoreError> {
    let rows = db
        .run(
            "SELECT topic, count(*), max(sent_at) FROM notice
             WHERE way = ?1 AND sent_at > ?2 AND state IN ('sent', 'unknown') GROUP BY topic",
            &[way.into(), since.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, (row.count(1)?, Millis(row.int(2)?))))).collect()
}

/// Lets messages wait until then; no try is counted.
///
/// # Errors
/// The database's.
pub async fn postpone<D: Db>(db: &D, ids: &[&str], until: Millis, reason: &str) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE notice SET next_at = max(next_at, ?2), reason = ?3
         WHERE id IN (SELECT value FROM json_each(?1)) AND state = 'waiting'",
        &[batch(ids)?, until.into(), reason.into()],
    )
    .await?;
    Ok(())
}

/// One message in the place of several of a way and topic; those that are not waiting any more are left out. Call it in a
/// transaction.
///
/// # Errors
/// The database's.
pub async fn bundle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    way: &str,
    of: &[&Due],
    facts: &serde_json::Value,
) -> Result<(), StoreError> {
    let Some(first) = of.first() else { return Ok(()) };
    let ids: Vec<&str> = of.iter().map(|one| one.id.as_str()).collect();
    let id = moment.id();
    let give_up_at = of.iter().map(|one| one.give_up_at.0).max().unwrap_or_default();
    db.run(
        "INSERT INTO notice (id, way, key, topic, entity, entity_id, shop, facts, happened_at, state, next_at, give_up_at,
             bundle, created_at)
         VALUES (?1, ?2, 'bundle/' || ?1, ?3, ?4, '', ?5, ?6, ?7, 'waiting', ?8, ?9, ?1, ?8)",
        &[
            (&id).into(),
            way.into(),
            (&first.topic).into(),
            (&first.entity).into(),
            shop_of(of).into(),
            facts.to_string().into(),
            first.happened_at.into(),
            moment.now.into(),
            Value::Int(give_up_at),
        ],
    )
    .await?;
    db.run(
        "UPDATE notice SET state = 'bundled', bundle = ?2, reason = ''
         WHERE id IN (SELECT value FROM json_each(?1)) AND state = 'waiting'",
        &[batch(&ids)?, id.into()],
    )
    .await?;
    Ok(())
}

fn shop_of<'a>(of: &[&'a Due]) -> &'a str {
    let Some(first) = of.first() else { return "" };
    if of.iter().all(|one| one.shop == first.shop) { &first.shop } else { "" }
}

/// Claims one message before it is sent: whoever gets the token sends it. `None`: somebody else has it.
///
/// # Errors
/// The database's.
pub async fn claim<D: Db>(
    db: &D,
    moment: Moment<'_>,
    id: &str,
    said: &str,
    lease_ms: i64,
) -> Result<Option<String>, StoreError> {
    let token = moment.secret::<8>();
    let rows = db
        .run(
            "UPDATE notice SET state = 'sending', tries = tries + 1, said = ?5, lease = ?3, lease_until = ?4
             WHERE id = ?1 AND state IN ('waiting', 'sending') AND lease_until <= ?2 RETURNING 1",
            &[id.into(), moment.now.into(), (&token).into(), Value::Int(moment.now.0 + lease_ms), said.into()],
        )
        .await?;
    Ok((!rows.is_empty()).then_some(token))
}
