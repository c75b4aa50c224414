//! The schema and how it comes about. Only flow-clock migrates; everybody else waits for the version they know.

mod edge;
mod main_db;
mod second;

use crate::{Db, StoreError, Value, transaction};

/// Version of both databases: how many of [`Which::versions`] were run. A new version is appended; one that was
/// released is never edited.
pub const VERSION: i64 = 2;

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Arrivals and credentials.
    Edge,
    /// Everything else.
    Main,
}

impl Which {
    /// The name that `spin.toml` grants it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Main => "default",
        }
    }

    /// Version by version its lists of statements.
    const fn versions(self) -> &'static [&'static [&'static [&'static str]]] {
        match self {
            Self::Edge => &[&[edge::EDGE], &[]],
            Self::Main => &[&[main_db::MAIN], second::SECOND],
        }
    }
}

/// The version a database is at; 0 for an empty one.
///
/// # Errors
/// The database's.
pub async fn version<D: Db>(db: &D) -> Result<i64, StoreError> {
    let rows = db.run("PRAGMA user_version", &[]).await?;
    rows.first()?.int(0)
}

/// Brings a database to [`VERSION`], statement by statement under one immediate transaction; whoever comes second
/// finds the work done.
///
/// # Errors
/// [`StoreError::Version`] when the database is newer than this program; the database's otherwise.
pub async fn migrate<D: Db>(db: &D, which: Which) -> Result<(), StoreError> {
    transaction(db, async |db: &D| {
        let at = version(db).await?;
        if at > VERSION {
            return Err(StoreError::Version { found: at });
        }
        let done = usize::try_from(at).unwrap_or(0);
        for statement in which.versions().iter().skip(done).copied().flatten().copied().flatten() {
            db.run(statement, &[]).await?;
        }
        // PRAGMA takes no bound values; the number is our own.
        db.run(&format!("PRAGMA user_version = {VERSION}"), &[]).await?;
        Ok(())
    })
    .await
}

/// Checks that a database is at the version this program knows.
///
/// # Errors
/// [`StoreError::Version`] when it is not (yet).
pub async fn ready<D: Db>(db: &D) -> Result<(), StoreError> {
    match version(db).await? {
        VERSION => Ok(()),
        found => Err(StoreError::Version { found }),
    }
}

/// Which tables a database has; for tests and support.
///
/// # Errors
/// The database's.
pub async fn tables<D: Db>(db: &D) -> Result<Vec<String>, StoreError> {
    let rows = db.run("SELECT name FROM sqlite_schema WHERE type = ? ORDER BY name", &[Value::from("table")]).await?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::Native;
    use futures::executor::block_on;

    #[test]
    fn migrating_twice_changes_nothing() {
        for which in [Which::Edge, Which::Main] {
            let db = Native::in_memory().unwrap();
            block_on(migrate(&db, which)).unwrap();
            let first = block_on(tables(&db)).unwrap();
            assert!(first.len() > 2, "{first:?}");
            block_on(migrate(&db, which)).unwrap();
            assert_eq!(block_on(tables(&db)).unwrap(), first);
            block_on(ready(&db)).unwrap();
        }
    }

    #[test]
    fn a_database_of_the_first_release_is_brought_up_to_date_and_keeps_what_it_has() {
        let db = Native::in_memory().unwrap();
        for statement in main_db::MAIN {
            block_on(db.run(statement, &[])).unwrap();
        }
        let account =
            "INSERT INTO carrier_account (id, carrier, name, environment, position) VALUES ('a', 'c', 'A', 'live', 1)";
        block_on(db.run(account, &[])).unwrap();
        block_on(db.run("PRAGMA user_version = 1", &[])).unwrap();
        block_on(migrate(&db, Which::Main)).unwrap();
        block_on(ready(&db)).unwrap();
        let rows = block_on(db.run("SELECT id, books FROM carrier_account", &[])).unwrap();
        let row = rows.first().unwrap();
        assert_eq!((row.text(0).unwrap(), row.int(1).unwrap()), ("a", 1));
    }

    #[test]
    fn a_newer_database_is_left_alone() {
        let db = Native::in_memory().unwrap();
        block_on(db.run("PRAGMA user_version = 99", &[])).unwrap();
        assert_eq!(block_on(migrate(&db, Which::Main)), Err(StoreError::Version { found: 99 }));
        assert_eq!(block_on(ready(&db)), Err(StoreError::Version { found: 99 }));
    }
}
