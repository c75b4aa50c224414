use crate::json::batch;
use crate::orders::receiver_seal_name;
use crate::{Db, Entry, Keyring, Moment, StoreError, append};
use huidan_domain::{Millis, Receiver};
use huidan_wire::form::Form;
use serde::Serialize;

/// News of which nobody decided yet who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsorted {
    /// Its place.
    pub seq: i64,
    /// Its key.
    pub key: String,
    /// What happened.
    pub topic: String,
    /// What it is about.
    pub entity: String,
    /// Which one.
    pub id: String,
    /// The shop, or empty.
    pub shop: String,
    /// The facts, as JSON text.
    pub facts: String,
    /// When.
    pub at: Millis,
}

/// Whether there is any.
///
/// # Errors
/// The database's.
pub async fn any_unsorted<D: Db>(db: &D) -> Result<bool, StoreError> {
    Ok(!db.run("SELECT 1 FROM news WHERE sorted_at IS NULL LIMIT 1", &[]).await?.is_empty())
}

/// The oldest of them.
///
/// # Errors
/// The database's.
pub async fn unsorted<D: Db>(db: &D, limit: u32) -> Result<Vec<Unsorted>, StoreError> {
    let rows = db
        .run(
            "SELECT seq, key, topic, entity, entity_id, shop, facts, at FROM news
             WHERE sorted_at IS NULL ORDER BY seq LIMIT ?1",
            &[limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Unsorted {
                seq: row.int(0)?,
                key: row.string(1)?,
                topic: row.string(2)?,
                entity: row.string(3)?,
                id: row.string(4)?,
                shop: row.string(5)?,
                facts: row.string(6)?,
                at: Millis(row.int(7)?),
            })
        })
        .collect()
}

/// A message to be, to one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message<'a> {
    /// Its id.
    pub id: String,
    /// By which way.
    pub way: &'a str,
    /// At most one per way and key.
    pub key: &'a str,
    /// What happened.
    pub topic: &'a str,
    /// What it is about.
    pub entity: &'a str,
    /// Which one.
    pub about: &'a str,
    /// The shop.
    pub shop: &'a str,
    /// The facts, as JSON text.
    pub facts: &'a str,
    /// When it happened, in milliseconds.
    pub happened_at: i64,
    /// `waiting`, or `skipped` with a reason.
    pub state: &'static str,
    /// When it is tried first.
    pub next_at: i64,
    /// After which it is of no use any more.
    pub give_up_at: i64,
    /// Why it is skipped.
    pub reason: &'a str,
}

/// Writes the messages down that some news make, and that those news are sorted. What somebody else sorted meanwhile
/// makes no more of them: another turn may have chosen another way for the same buyer. Call it in a transaction.
///
/// # Errors
/// The database's.
pub async fn sort<D: Db>(db: &D, moment: Moment<'_>, news: &[i64], messages: &[Message<'_>]) -> Result<(), StoreError> {
    if !messages.is_empty() {
        insert(db, moment, messages).await?;
    }
    db.run(
        "UPDATE news SET sorted_at = ?2 WHERE seq IN (SELECT value FROM json_each(?1)) AND sorted_at IS NULL",
        &[batch(news)?, moment.now.into()],
    )
    .await?;
    Ok(())
}

async fn insert<D: Db>(db: &D, moment: Moment<'_>, messages: &[Message<'_>]) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO notice (id, way, key, topic, entity, entity_id, shop, facts, happened_at, state, next_at, give_up_at,
             reason, created_at)
         SELECT value ->> 'id', value ->> 'way', value ->> 'key', value ->> 'topic', value ->> 'entity',
             value ->> 'about', value ->> 'shop', value ->> 'facts', value ->> 'happened_at', value ->> 'state',
             value ->> 'next_at', value ->> 'give_up_at', value ->> 'reason', ?2
         FROM json_each(?1) AS m
         WHERE NOT EXISTS (SELECT 1 FROM news AS n WHERE n.key = m.value ->> 'key' AND n.sorted_at IS NOT NULL)
         ON CONFLICT (way, key) DO NOTHING",
        &[batch(messages)?, moment.now.into()],
    )
    .await?;
    Ok(())
}

/// A test by one way, asked for by a person. Answers its id.
///
/// # Errors
/// The database's.
pub async fn test<D: Db>(db: &D, moment: Moment<'_>, actor: &str, way: &str) -> Result<String, StoreError> {
    let id = moment.id();
    let key = format!("test/{id}");
    let message = Message {
        id: id.clone(),
        way,
        key: &key,
        topic: "notice.test",
        entity: "notice_way",
        about: way,
        shop: "",
        facts: "{}",
        happened_at: moment.now.0,
        state: "waiting",
        next_at: moment.now.0,
        give_up_at: moment.now.plus_seconds(600).0,
        reason: "",
    };
    insert(db, moment, &[message]).await?;
    append(db, moment.now, &[Entry::new(actor, "notice_way", way, "tested")]).await?;
    Ok(id)
}

/// Whom a package goes to, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The package.
    pub package: String,
    /// The receiver; `None` where it does not open.
    pub receiver: Option<Receiver>,
    /// The number.
    pub number: String,
    /// The account's name, as people know the carrier.
    pub carrier: String,
    /// The order's number, as the buyer knows it.
    pub order: String,
}

/// The receivers of some packages. All orders of a package go to the same.
///
/// # Errors
/// The database's.
pub async fn contacts<D: Db>(db: &D, keys: &Keyring, packages: &[&str]) -> Result<Vec<Contact>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, o.id, o.receiver, coalesce(w.number, ''), a.name, o.number
             FROM json_each(?1) AS k JOIN package AS p ON p.id = k.value
             JOIN orders AS o ON o.id = (SELECT min(order_id) FROM package_order WHERE package = p.id)
             JOIN carrier_account AS a ON a.id = p.account LEFT JOIN waybill AS w ON w.id = p.waybill",
            &[batch(packages)?],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let sealed = row.blob(2)?;
            let opened = keys.open(&receiver_seal_name(row.text(1)?), sealed).ok();
            let receiver = opened.and_then(|open| Receiver::from_wire(serde_json::from_slice(&open).ok()?).ok());
            Ok(Contact {
                package: row.string(0)?,
                receiver,
                number: row.string(3)?,
                carrier: row.string(4)?,
                order: row.string(5)?,
            })
        })
        .collect()
}
