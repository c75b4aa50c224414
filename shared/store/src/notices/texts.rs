use crate::json::{batch, text as json};
use crate::{Db, Entry, Keyring, Moment, StoreError, append};
use huidan_domain::Millis;
use huidan_wire::api::NoticeRules;
use std::collections::HashMap;

/// What the seller says of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The topic.
    pub topic: String,
    /// `team` or `buyer`.
    pub audience: String,
    /// `zh` or `en`.
    pub language: String,
    /// One line.
    pub title: String,
    /// The text.
    pub body: String,
    /// The provider's code of an approved text.
    pub code: String,
}

/// The seller's own texts.
///
/// # Errors
/// The database's.
pub async fn texts<D: Db>(db: &D) -> Result<Vec<Text>, StoreError> {
    let rows = db
        .run(
            "SELECT topic, audience, language, title, body, code FROM notice_text ORDER BY topic, audience, language",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Text {
                topic: row.string(0)?,
                audience: row.string(1)?,
                language: row.string(2)?,
                title: row.string(3)?,
                body: row.string(4)?,
                code: row.string(5)?,
            })
        })
        .collect()
}

/// Writes a text in the place of an earlier one.
///
/// # Errors
/// The database's.
pub async fn put_text<D: Db>(db: &D, moment: Moment<'_>, actor: &str, text: &Text) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO notice_text (topic, audience, language, title, body, code, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (topic, audience, language) DO UPDATE SET title = excluded.title, body = excluded.body,
             code = excluded.code, updated_at = excluded.updated_at",
        &[
            (&text.topic).into(),
            (&text.audience).into(),
            (&text.language).into(),
            (&text.title).into(),
            (&text.body).into(),
            (&text.code).into(),
            moment.now.into(),
        ],
    )
    .await?;
    append(db, moment.now, &[Entry::new(actor, "notice_text", &text.topic, "changed")]).await
}

/// Takes a text of the seller's back; ours is said again. `false` when there was none.
///
/// # Errors
/// The database's.
pub async fn drop_text<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    [topic, audience, language]: [&str; 3],
) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "DELETE FROM notice_text WHERE topic = ?1 AND audience = ?2 AND language = ?3 RETURNING 1",
            &[topic.into(), audience.into(), language.into()],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    append(db, moment.now, &[Entry::new(actor, "notice_text", topic, "taken_back")]).await?;
    Ok(true)
}

/// The seller's rules; ours where there are none.
///
/// # Errors
/// The database's.
pub async fn rules<D: Db>(db: &D) -> Result<NoticeRules, StoreError> {
    let rows = db.run("SELECT rule FROM notice_rule WHERE id = 1", &[]).await?;
    rows.iter().next().map_or_else(|| Ok(NoticeRules::default()), |row| row.json(0))
}

/// Writes the rules.
///
/// # Errors
/// The database's.
pub async fn put_rules<D: Db>(db: &D, moment: Moment<'_>, actor: &str, rules: &NoticeRules) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO notice_rule (id, rule) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET rule = excluded.rule",
        &[json(rules)?.into()],
    )
    .await?;
    append(db, moment.now, &[Entry::new(actor, "notice_rules", "1", "changed")]).await
}

/// The keyed hash by which a buyer's wish is found: of the digits of a phone, or of a mailbox without capitals.
pub fn contact_hash(keys: &Keyring, contact: &str) -> Vec<u8> {
    keys.equality(&["notice", contact])
}

/// How a buyer wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// A provider, or `none`.
    pub way: String,
    /// When they said so.
    pub at: Millis,
}

/// How some buyers want to be told, by the keyed hash of their phone or mailbox in hex.
///
/// # Errors
/// The database's.
pub async fn wishes<D: Db>(db: &D, contacts: &[String]) -> Result<HashMap<String, Wish>, StoreError> {
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = db
        .run(
            "SELECT k.value, w.way, w.at FROM json_each(?1) AS k JOIN notice_wish AS w ON w.contact = unhex(k.value)",
            &[batch(contacts)?],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, Wish { way: row.string(1)?, at: Millis(row.int(2)?) }))).collect()
}

/// Writes how a buyer wants to be told.
///
/// # Errors
/// The database's.
pub async fn put_wish<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    contact: &[u8],
    way: &str,
) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO notice_wish (contact, way, at) VALUES (?1, ?2, ?3)
         ON CONFLICT (contact) DO UPDATE SET way = excluded.way, at = excluded.at",
        &[contact.to_vec().into(), way.into(), moment.now.into()],
    )
    .await?;
    let who = hex::encode(contact.get(..8).unwrap_or(contact));
    append(db, moment.now, &[Entry::new(actor, "notice_wish", who, "changed").from_to("", way)]).await
}
