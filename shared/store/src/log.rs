//! The append-only event log: who, what, when, from, to. Each row is chained to the one before it by its hash, so that
//! a row changed or removed behind the program's back is found.

use crate::{Db, Rows, StoreError, Value};
use huidan_domain::Millis;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who: a person's id, `bridge:…`, or the flow that decided.
    pub actor: String,
    /// What it is about: `order`, `package`, `waybill`, `job`, `shop` …
    pub entity: &'static str,
    /// Which one.
    pub id: String,
    /// What happened, such as `planned`, `number_issued`, `held`.
    pub kind: String,
    /// State before; empty where there is none.
    pub was: String,
    /// State after.
    pub becomes: String,
    /// More, as JSON; never personal data.
    pub body: String,
}

impl Entry {
    /// An entry without states or body; fill in what applies.
    pub fn new(actor: impl Into<String>, entity: &'static str, id: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            entity,
            id: id.into(),
            kind: kind.into(),
            was: String::new(),
            becomes: String::new(),
            body: "{}".into(),
        }
    }

    /// With states before and after.
    #[must_use]
    pub fn from_to(mut self, was: &str, becomes: &str) -> Self {
        was.clone_into(&mut self.was);
        becomes.clone_into(&mut self.becomes);
        self
    }

    /// With more to say, as JSON; never personal data.
    #[must_use]
    pub fn with(mut self, body: serde_json::Value) -> Self {
        self.body = body.to_string();
        self
    }
}

#[derive(Serialize)]
struct Stored<'a> {
    seq: i64,
    actor: &'a str,
    entity: &'a str,
    id: &'a str,
    kind: &'a str,
    was: &'a str,
    becomes: &'a str,
    body: &'a str,
    hash: String,
}

/// Appends entries; call inside the transaction that makes them true. Two statements, however many entries.
///
/// # Errors
/// The database's.
pub async fn append<D: Db>(db: &D, now: Millis, entries: &[Entry]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let last = db.run("SELECT seq, hash FROM event_log ORDER BY seq DESC LIMIT 1", &[]).await?;
    let (mut seq, mut hash) = match last.iter().next() {
        Some(row) => (row.int(0)?, row.blob(1)?.to_vec()),
        None => (0, Vec::new()),
    };
    let mut stored = Vec::with_capacity(entries.len());
    for entry in entries {
        seq += 1;
        let texts = [&entry.actor, entry.entity, &entry.id, &entry.kind, &entry.was, &entry.becomes, &entry.body];
        hash = chain(&hash, seq, now.0, texts);
        stored.push(Stored {
            seq,
            actor: &entry.actor,
            entity: entry.entity,
            id: &entry.id,
            kind: &entry.kind,
            was: &entry.was,
            becomes: &entry.becomes,
            body: &entry.body,
            hash: hex::encode(&hash),
        });
    }
    let stored = serde_json::to_string(&stored).map_err(|e| StoreError::Unknown(e.to_string()))?;
    db.run(
        "INSERT INTO event_log (seq, at, actor, entity, entity_id, kind, was, becomes, body, hash)
         SELECT e.value ->> 'seq', ?1, e.value ->> 'actor', e.value ->> 'entity', e.value ->> 'id', e.value ->> 'kind',
                e.value ->> 'was', e.value ->> 'becomes', e.value ->> 'body', unhex(e.value ->> 'hash')
         FROM json_each(?2) AS e",
        &[Value::from(now), Value::from(stored)],
    )
    .await?;
    Ok(())
}

/// One row of the log as people and scripts see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Logged {
    /// Its place.
    pub seq: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What it is about.
    pub entity: String,
    /// Which one.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// State before.
    pub was: String,
    /// State after.
    pub becomes: String,
    /// More.
    pub body: serde_json::Value,
}

/// Rows after `after`, oldest first; of one entity when `about` names its kind and id.
///
/// # Errors
/// The database's.
pub async fn page<D: Db>(
    db: &D,
    after: i64,
    limit: u32,
    about: Option<(&str, &str)>,
) -> Result<Vec<Logged>, StoreError> {
    const COLUMNS: &str = "SELECT seq, at, actor, entity, entity_id, kind, was, becomes, body FROM event_log";
    let rows = match about {
        Some((entity, id)) => {
            let sql = format!("{COLUMNS} WHERE entity = ?1 AND entity_id = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4");
            db.run(&sql, &[Value::from(entity), Value::from(id), Value::from(after), Value::from(limit)]).await?
        }
        None => {
            let sql = format!("{COLUMNS} WHERE seq > ?1 ORDER BY seq LIMIT ?2");
            db.run(&sql, &[Value::from(after), Value::from(limit)]).await?
        }
    };
    rows.iter()
        .map(|row| {
            Ok(Logged {
                seq: row.int(0)?,
                at: row.int(1)?,
                actor: row.string(2)?,
                entity: row.string(3)?,
                id: row.string(4)?,
                kind: row.string(5)?,
                was: row.string(6)?,
                becomes: row.string(7)?,
                body: row.json(8)?,
            })
        })
        .collect()
}

/// Walks the chain from the first row. Answers how many rows hold, and the first that does not.
///
/// # Errors
/// The database's.
pub async fn verify<D: Db>(db: &D) -> Result<(i64, Option<i64>), StoreError> {
    let (mut good, mut hash) = (0, Vec::new());
    loop {
        let rows: Rows = db
            .run(
                "SELECT seq, at, actor, entity, entity_id, kind, was, becomes, body, hash
                 FROM event_log WHERE seq > ?1 ORDER BY seq LIMIT 500",
                &[Value::from(good)],
            )
            .await?;
        if rows.is_empty() {
            return Ok((good, None));
        }
        for row in &rows {
            let texts =
                [row.text(2)?, row.text(3)?, row.text(4)?, row.text(5)?, row.text(6)?, row.text(7)?, row.text(8)?];
            hash = chain(&hash, good + 1, row.int(1)?, texts);
            if row.int(0)? != good + 1 || row.blob(9)? != hash.as_slice() {
                return Ok((good, Some(good + 1)));
            }
            good += 1;
        }
    }
}

/// Length-prefixed, so that no two different rows hash alike.
fn chain(before: &[u8], seq: i64, at: i64, texts: [&str; 7]) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(before);
    digest.update(seq.to_le_bytes());
    digest.update(at.to_le_bytes());
    for text in texts {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{native::Native, schema};
    use futures::executor::block_on;

    fn filled() -> Native {
        let db = Native::in_memory().unwrap();
        block_on(async {
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            for n in 0..3 {
                let entry = Entry::new("flow-plan", "order", format!("o{n}"), "planned").from_to("to_plan", "to_ship");
                append(&db, Millis(n), &[entry.clone(), entry]).await.unwrap();
            }
        });
        db
    }

    #[test]
    fn an_untouched_chain_holds() {
        assert_eq!(block_on(verify(&filled())), Ok((6, None)));
    }

    #[test]
    fn a_row_changed_behind_our_back_is_found() {
        let db = filled();
        block_on(db.run("DROP TRIGGER event_log_is_never_changed", &[])).unwrap();
        block_on(db.run("UPDATE event_log SET becomes = 'shipped' WHERE seq = 4", &[])).unwrap();
        assert_eq!(block_on(verify(&db)), Ok((3, Some(4))));
    }

    #[test]
    fn the_database_itself_refuses_changes() {
        let db = filled();
        for statement in ["UPDATE event_log SET actor = 'x'", "DELETE FROM event_log"] {
            assert!(matches!(block_on(db.run(statement, &[])), Err(StoreError::Constraint(_))), "{statement}");
        }
    }

    #[test]
    fn one_subjects_rows_are_found() {
        let rows = block_on(page(&filled(), 0, 10, Some(("order", "o1")))).unwrap();
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 4]);
    }
}
