//! Documents that could not be handled: kept with their raw body and a reason, never dropped.

use crate::{Db, Keyring, Moment, StoreError};

/// A document that could not be handled.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused<'a> {
    /// `order` or `scan`.
    pub kind: &'a str,
    /// Channel or carrier.
    pub source: &'a str,
    /// Shop or carrier account.
    pub account: &'a str,
    /// The sender's id of the message.
    pub event_id: &'a str,
    /// Its topic.
    pub topic: &'a str,
    /// What it is about.
    pub ext_id: &'a str,
    /// Its body.
    pub body: &'a [u8],
    /// Why, for a person, without personal data.
    pub reason: &'a str,
}

/// Keeps a document; the same again counts a try.
///
/// # Errors
/// The database's.
pub async fn put<D: Db>(db: &D, moment: Moment<'_>, keys: &Keyring, refused: &Refused<'_>) -> Result<(), StoreError> {
    let id = moment.id();
    let name = format!("quarantine/{}/{}/{}/{}", refused.kind, refused.source, refused.account, refused.event_id);
    let sealed = keys.seal(moment.chance, &name, refused.body)?;
    db.run(
        "INSERT INTO quarantine (id, kind, source, account, event_id, topic, ext_id, body, reason, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (kind, source, account, event_id) DO UPDATE SET tries = tries + 1, reason = excluded.reason,
             body = excluded.body, state = 'waiting', at = excluded.at",
        &[
            id.into(),
            refused.kind.into(),
            refused.source.into(),
            refused.account.into(),
            refused.event_id.into(),
            refused.topic.into(),
            refused.ext_id.into(),
            sealed.into(),
            refused.reason.into(),
            moment.now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// A document taken out to be tried again.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// `order` or `scan`.
    pub kind: String,
    /// Channel or carrier.
    pub source: String,
    /// Shop or carrier account.
    pub account: String,
    /// The sender's id of the message.
    pub event_id: String,
    /// Its topic.
    pub topic: String,
    /// What it is about.
    pub ext_id: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// Opens one document and marks it as tried again.
///
/// # Errors
/// [`StoreError::Missing`]; [`StoreError::Sealed`].
pub async fn take<D: Db>(db: &D, keys: &Keyring, id: &str) -> Result<Kept, StoreError> {
    let rows = db
        .run(
            "UPDATE quarantine SET state = 'replayed' WHERE id = ?1
             RETURNING kind, source, account, event_id, topic, ext_id, body",
            &[id.into()],
        )
        .await?;
    let row = rows.first()?;
    let (kind, source, account, event_id) = (row.string(0)?, row.string(1)?, row.string(2)?, row.string(3)?);
    let name = format!("quarantine/{kind}/{source}/{account}/{event_id}");
    let body = keys.open(&name, row.blob(6)?)?.to_vec();
    Ok(Kept { kind, source, account, event_id, topic: row.string(4)?, ext_id: row.string(5)?, body })
}

/// How many wait for a person.
///
/// # Errors
/// The database's.
pub async fn waiting<D: Db>(db: &D) -> Result<i64, StoreError> {
    db.run("SELECT count(*) FROM quarantine WHERE state = 'waiting'", &[]).await?.first()?.int(0)
}
