//! A file of key-value pairs, in Spin's own table. Whoever writes at the same time shares a commit.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::oneshot;

/// Writes that may share one commit.
const SHARED: usize = 256;
/// Idle reading connections kept.
const READERS: usize = 4;

/// A file; any number of stores live in it.
pub(crate) struct StoreFile {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    writes: mpsc::Sender<Write>,
}

struct Write {
    store: String,
    key: String,
    /// `None` deletes.
    value: Option<Vec<u8>>,
    done: oneshot::Sender<Result<(), String>>,
}

impl StoreFile {
    /// Opens or makes the file, and its writer, which ends with it.
    ///
    /// # Errors
    /// As SQLite or the system says it.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
        }
        let writer = prepare(path).map_err(|e| e.to_string())?;
        let (writes, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name("key-value".into())
            .spawn(move || write_all(&writer, &queue))
            .map_err(|e| e.to_string())?;
        Ok(Self { path: path.into(), readers: Mutex::default(), writes })
    }

    /// Sets `key`, or deletes it if `value` is `None`. On disk when it returns.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) async fn write(&self, store: &str, key: String, value: Option<Vec<u8>>) -> Result<(), String> {
        let (done, written) = oneshot::channel();
        let write = Write { store: store.to_owned(), key, value, done };
        self.writes.send(write).map_err(|_| "the store's writer has ended")?;
        written.await.map_err(|_| "the store's writer has ended")?
    }

    /// The value of `key`. A look-up by key takes microseconds, so it happens on the caller's thread.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) fn get(&self, store: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        self.read(|c| {
            c.prepare_cached("SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .query_row([store, key], |row| row.get(0))
                .optional()
        })
    }

    /// Whether `key` has a value.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) fn exists(&self, store: &str, key: &str) -> Result<bool, String> {
        self.read(|c| {
            c.prepare_cached("SELECT EXISTS (SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2)")?
                .query_row([store, key], |row| row.get(0))
        })
    }

    /// All keys of a store.
    ///
    /// # Errors
    /// As SQLite says it.
    pub(crate) fn keys(&self, store: &str) -> Result<Vec<String>, String> {
        self.read(|c| {
            c.prepare_cached("SELECT key FROM spin_key_value WHERE store = ?1")?
                .query_map([store], |row| row.get(0))?
                .collect()
        })
    }

    fn read<T>(&self, act: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, String> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open(&self.path).map_err(|e| e.to_string())?,
        };
        let read = act(&connection).map_err(|e| e.to_string());
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if read.is_ok() && readers.len() < READERS {
            readers.push(connection);
        }
        read
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

fn prepare(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A label that was stored is on the paper next: it must outlast a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS spin_key_value (
             store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))",
    )?;
    Ok(connection)
}

/// Takes what has queued up, commits it as one, tells everybody.
fn write_all(connection: &Connection, queue: &mpsc::Receiver<Write>) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        batch.extend(queue.try_iter().take(SHARED));
        let together = commit(connection, &batch);
        for write in batch {
            // One bad value must not fail its neighbours: after a failure each is tried alone.
            let result = if together.is_ok() { Ok(()) } else { commit(connection, std::slice::from_ref(&write)) };
            let _ = write.done.send(result.map_err(|e| e.to_string()));
        }
    }
}

fn commit(connection: &Connection, batch: &[Write]) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    for Write { store, key, value, .. } in batch {
        match value {
            Some(value) => transaction
                .prepare_cached(
                    "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
                     ON CONFLICT (store, key) DO UPDATE SET value = excluded.value",
                )?
                .execute(params![store, key, value])?,
            None => transaction
                .prepare_cached("DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .execute(params![store, key])?,
        };
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_value_is_on_disk_when_set_returns_and_stores_do_not_see_each_other() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("kv.db");
        let file = StoreFile::open(&path).expect("opened");
        file.write("a", "k".into(), Some(b"1".to_vec())).await.expect("set");
        file.write("b", "k".into(), Some(b"2".to_vec())).await.expect("set");
        let other = StoreFile::open(&path).expect("opened again");
        assert_eq!(other.get("a", "k").expect("read").as_deref(), Some(&b"1"[..]));
        assert_eq!(other.keys("b").expect("keys"), ["k"]);
        file.write("a", "k".into(), None).await.expect("deleted");
        assert!(!other.exists("a", "k").expect("read"));
        assert!(other.exists("b", "k").expect("read"));
    }

    #[tokio::test]
    async fn writes_at_the_same_time_share_commits_and_all_arrive() {
        let folder = tempfile::tempdir().expect("folder");
        let file = StoreFile::open(&folder.path().join("kv.db")).expect("opened");
        let writes = (0..500).map(|n| file.write("s", format!("k{n}"), Some(vec![1])));
        for result in futures::future::join_all(writes).await {
            result.expect("set");
        }
        assert_eq!(file.keys("s").expect("keys").len(), 500);
    }
}
