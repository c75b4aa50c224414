use crate::{Db, Row, StoreError};
use huidan_wire::api::Notice;

const COLUMNS: &str = "id, way, topic, entity, entity_id, shop, state, tries,
    iif(state = 'waiting', strftime('%Y-%m-%dT%H:%M:%SZ', next_at / 1000, 'unixepoch'), NULL), said, receipt, reason,
    bundle, strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000, 'unixepoch'),
    strftime('%Y-%m-%dT%H:%M:%SZ', sent_at / 1000, 'unixepoch'), created_at";

/// A page of messages, newest first, beyond one at that time and of that id; of one way, in one state, to systems only or
/// to everybody. Each with its time for the next page.
///
/// # Errors
/// The database's.
pub async fn page<D: Db>(
    db: &D,
    way: Option<&str>,
    state: Option<&str>,
    systems: bool,
    beyond: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<(i64, Notice)>, StoreError> {
    let (at, id) = beyond.unwrap_or((i64::MAX, ""));
    let statement = format!(
        "SELECT {COLUMNS} FROM notice WHERE (created_at, id) < (?1, ?2) AND coalesce(?3, way) = way
             AND coalesce(?4, state) = state
             AND (NOT ?5 OR way IN (SELECT id FROM notice_way WHERE audience = 'system'))
         ORDER BY created_at DESC, id DESC LIMIT ?6"
    );
    let rows =
        db.run(&statement, &[at.into(), id.into(), way.into(), state.into(), systems.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok((row.int(15)?, read(row)?))).collect()
}

/// One message.
///
/// # Errors
/// The database's.
pub async fn one<D: Db>(db: &D, id: &str) -> Result<Option<Notice>, StoreError> {
    let rows = db.run(&format!("SELECT {COLUMNS} FROM notice WHERE id = ?1"), &[id.into()]).await?;
    rows.iter().next().map(read).transpose()
}

fn read(row: &Row) -> Result<Notice, StoreError> {
    let maybe = |column| row.maybe_text(column).map(|text| text.map(str::to_owned));
    Ok(Notice {
        id: row.string(0)?,
        way: row.string(1)?,
        topic: row.string(2)?,
        entity: row.string(3)?,
        about: row.string(4)?,
        shop: row.string(5)?,
        state: row.string(6)?,
        tries: row.count(7)?,
        next_at: maybe(8)?,
        said: row.string(9)?,
        receipt: row.string(10)?,
        reason: row.string(11)?,
        bundle: maybe(12)?,
        created_at: row.string(13)?,
        sent_at: maybe(14)?,
    })
}
