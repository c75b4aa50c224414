use crate::console::Part;
use crate::json::text;
use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_wire::api::{NoticeWay, PatchNoticeWay};

/// A way to tell, as flow-notify knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its id.
    pub id: String,
    /// Its provider.
    pub provider: String,
    /// `team`, `buyer` or `system`.
    pub audience: String,
    /// What it tells.
    pub takes: Vec<String>,
    /// Of which shops; empty: of all.
    pub shops: Vec<String>,
    /// `zh` or `en`.
    pub language: String,
    /// Whether anything is told by it.
    pub active: bool,
    /// What a person must do about it.
    pub trouble: String,
}

const COLUMNS: &str = "id, provider, audience, takes, shops, language, active, trouble";

fn read(row: &Row) -> Result<Way, StoreError> {
    Ok(Way {
        id: row.string(0)?,
        provider: row.string(1)?,
        audience: row.string(2)?,
        takes: row.json(3)?,
        shops: row.json(4)?,
        language: row.string(5)?,
        active: row.flag(6)?,
        trouble: row.string(7)?,
    })
}

/// The ways by which anything is told, buyers' in the order in which they are tried.
///
/// # Errors
/// The database's.
pub async fn active<D: Db>(db: &D) -> Result<Vec<Way>, StoreError> {
    let rows = db.run(&format!("SELECT {COLUMNS} FROM notice_way WHERE active ORDER BY position, id"), &[]).await?;
    rows.iter().map(read).collect()
}

/// One way.
///
/// # Errors
/// The database's.
pub async fn way<D: Db>(db: &D, id: &str) -> Result<Option<Way>, StoreError> {
    let rows = db.run(&format!("SELECT {COLUMNS} FROM notice_way WHERE id = ?1"), &[id.into()]).await?;
    rows.iter().next().map(read).transpose()
}

/// What a person must do about a way; nothing when it is empty.
///
/// # Errors
/// The database's.
pub async fn trouble<D: Db>(db: &D, id: &str, trouble: &str) -> Result<(), StoreError> {
    db.run("UPDATE notice_way SET trouble = ?2 WHERE id = ?1 AND trouble <> ?2", &[id.into(), trouble.into()]).await?;
    Ok(())
}

/// Ways for the API, of one side or all.
///
/// # Errors
/// The database's.
pub async fn ways<D: Db>(db: &D, part: Part<'_>, systems: bool) -> Result<Vec<NoticeWay>, StoreError> {
    let rows = db
        .run(
            "SELECT id, provider, name, audience, environment, address, takes, shops, language, position, active, trouble,
                 strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000, 'unixepoch')
             FROM notice_way
             WHERE coalesce(?1, id) = id AND id > coalesce(?2, '') AND (audience = 'system') = ?4 ORDER BY id LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into(), systems.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(NoticeWay {
                id: row.string(0)?,
                provider: row.string(1)?,
                name: row.string(2)?,
                audience: row.string(3)?,
                environment: row.string(4)?,
                address: row.maybe_text(5)?.map(str::to_owned),
                takes: row.json(6)?,
                shops: row.json(7)?,
                language: row.string(8)?,
                position: row.count(9)?,
                active: row.flag(10)?,
                trouble: row.string(11)?,
                created_at: row.string(12)?,
            })
        })
        .collect()
}

/// Writes a way down; `false` when there is one of that id.
///
/// # Errors
/// The database's.
pub async fn add<D: Db>(db: &D, moment: Moment<'_>, actor: &str, way: &NoticeWay) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "INSERT INTO notice_way (id, provider, name, audience, environment, address, takes, shops, language, position,
                 created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO NOTHING RETURNING 1",
            &[
                (&way.id).into(),
                (&way.provider).into(),
                (&way.name).into(),
                (&way.audience).into(),
                (&way.environment).into(),
                Value::from(way.address.as_deref()),
                text(&way.takes)?.into(),
                text(&way.shops)?.into(),
                (&way.language).into(),
                way.position.into(),
                moment.now.into(),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    append(db, moment.now, &[Entry::new(actor, "notice_way", &way.id, "added")]).await?;
    Ok(true)
}

/// Changes a way. One that is turned on again is no trouble until it says so anew.
///
/// # Errors
/// The database's.
pub async fn patch<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    patch: &PatchNoticeWay,
    address: Option<&str>,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE notice_way SET name = coalesce(?2, name), environment = coalesce(?3, environment),
             takes = coalesce(?4, takes), shops = coalesce(?5, shops), language = coalesce(?6, language),
             position = coalesce(?7, position), active = coalesce(?8, active), address = coalesce(?9, address),
             trouble = iif(?8 = 1 OR ?10, '', trouble)
         WHERE id = ?1",
        &[
            id.into(),
            Value::from(patch.name.as_deref()),
            Value::from(patch.environment.map(huidan_wire::api::Environment::name)),
            Value::from(patch.takes.as_ref().map(text).transpose()?),
            Value::from(patch.shops.as_ref().map(text).transpose()?),
            Value::from(patch.language.as_deref()),
            Value::from(patch.position),
            Value::from(patch.active),
            Value::from(address),
            (patch.credentials.is_some() || address.is_some()).into(),
        ],
    )
    .await?;
    append(db, moment.now, &[Entry::new(actor, "notice_way", id, "changed")]).await
}
