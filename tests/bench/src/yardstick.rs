//! The yardstick: what a careful person would write by hand to do the same as our webhook, natively, on axum and
//! rusqlite. The shop's secret lies sealed in the database and is read for each event, since it may be changed at any
//! time; the signature is checked, the event is one row in a table that knows it by shop and id, its document sealed, and
//! the answer goes out when the row is on disk.

use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use huidan_exchange::sign::same;
use huidan_store::{Chance, Keyring};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

use crate::error::Result;
use crate::orders::{NONCE, SECRET, SHOP, SIGNATURE, TIMESTAMP, signature_by};

/// The clocks of both sides may differ by so much, in seconds.
const WINDOW_S: u64 = 300;

/// What the process holds: its one connection, and the keys that everything sealed is sealed with.
struct Store {
    connection: Mutex<Connection>,
    keys: Keyring,
}

/// Nonces, from a generator that is quick and good enough for people who do not exist.
struct Quick;

impl Chance for Quick {
    fn fill(&self, bytes: &mut [u8]) {
        fastrand::fill(bytes);
    }
}

/// Serves on a free port, which is printed, until it is killed.
pub(crate) async fn serve(folder: &FilePath) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let store = Arc::new(open(folder)?);
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // As ours does; without it an answer may wait for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    let app = Router::new().route("/webhook/own-shop/{shop}", post(webhook)).with_state(store);
    Ok(axum::serve(listener, app).await?)
}

fn open(folder: &FilePath) -> Result<Store> {
    let connection = Connection::open(folder.join("yardstick.db"))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, shop TEXT NOT NULL, event_id TEXT NOT NULL,
             order_id TEXT NOT NULL, body BLOB NOT NULL, received_at INTEGER NOT NULL, UNIQUE (shop, event_id)) STRICT;
         CREATE TABLE IF NOT EXISTS shop (id TEXT PRIMARY KEY, secret BLOB NOT NULL) STRICT",
    )?;
    let keys = Keyring::derived("bench-key-of-no-consequence", "yardstick");
    let secret = keys.seal(&Quick, SHOP, SECRET.as_bytes())?;
    connection.execute("INSERT OR REPLACE INTO shop (id, secret) VALUES (?1, ?2)", (SHOP, secret))?;
    Ok(Store { connection: Mutex::new(connection), keys })
}

impl Store {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn secret(&self, shop: &str) -> Result<Vec<u8>> {
        let sealed: Vec<u8> = {
            let connection = self.connection();
            let mut statement = connection.prepare_cached("SELECT secret FROM shop WHERE id = ?1")?;
            statement.query_row([shop], |row| row.get(0))?
        };
        Ok(self.keys.open(shop, &sealed)?.to_vec())
    }
}

/// What became of an event.
enum Taken {
    Stored,
    NotSigned,
}

#[derive(Deserialize)]
struct Event<'a> {
    event_id: &'a str,
    event: &'a str,
    #[serde(borrow)]
    order: &'a RawValue,
}

#[derive(Deserialize)]
struct Order<'a> {
    id: &'a str,
}

async fn webhook(
    State(store): State<Arc<Store>>,
    Path(shop): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    match tokio::task::spawn_blocking(move || take(&store, &shop, &headers, &body, now)).await {
        Ok(Ok(Taken::Stored)) => (StatusCode::OK, r#"{"ok":true}"#),
        Ok(Ok(Taken::NotSigned)) => (StatusCode::UNAUTHORIZED, r#"{"ok":false,"error":"signature"}"#),
        Ok(Err(_)) => (StatusCode::BAD_REQUEST, r#"{"ok":false,"error":"body"}"#),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, r#"{"ok":false}"#),
    }
}

fn take(store: &Store, shop: &str, headers: &HeaderMap, body: &[u8], now: Duration) -> Result<Taken> {
    if !is_signed(&store.secret(shop)?, headers, body, now.as_secs()) {
        return Ok(Taken::NotSigned);
    }
    insert(store, shop, body, now.as_millis())?;
    Ok(Taken::Stored)
}

fn is_signed(secret: &[u8], headers: &HeaderMap, body: &[u8], now: u64) -> bool {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (timestamp, nonce) = (header(TIMESTAMP), header(NONCE));
    let expected = signature_by(secret, timestamp, nonce, body);
    let fresh = timestamp.parse().is_ok_and(|at: u64| now.abs_diff(at) <= WINDOW_S);
    same(&expected, header(SIGNATURE)).is_some() && fresh
}

fn insert(store: &Store, shop: &str, body: &[u8], now_ms: u128) -> Result<()> {
    let event: Event<'_> = serde_json::from_slice(body)?;
    let order: Order<'_> = serde_json::from_str(event.order.get())?;
    if !matches!(event.event, "order.saved" | "order.cancelled") {
        return Err("neither saved nor cancelled".into());
    }
    let name = format!("{shop}/{}", event.event_id);
    let sealed = store.keys.seal(&Quick, &name, event.order.get().as_bytes())?;
    let connection = store.connection();
    let mut statement = connection.prepare_cached(
        "INSERT INTO event (shop, event_id, order_id, body, received_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (shop, event_id) DO NOTHING",
    )?;
    statement.execute((shop, event.event_id, order.id, sealed, i64::try_from(now_ms)?))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::Orders;

    fn headers(shot: &crate::load::Shot) -> HeaderMap {
        shot.headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn now() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
    }

    #[test]
    fn only_a_true_and_fresh_signature_is_taken() {
        let shot = Orders::new(7).signed(1).remove(0);
        let good = headers(&shot);
        let is_signed = |headers: &HeaderMap, body: &[u8], now| is_signed(SECRET.as_bytes(), headers, body, now);
        assert!(is_signed(&good, &shot.body, now()));
        assert!(!is_signed(&good, &shot.body, now() + 400));
        assert!(!is_signed(&good, b"{}", now()));
        assert!(!is_signed(&HeaderMap::new(), &shot.body, now()));
    }

    #[test]
    fn an_event_that_comes_twice_is_one_row() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        for shot in Orders::new(7).signed(2).iter().chain(&Orders::new(7).signed(1)) {
            insert(&store, "s", &shot.body, 1).unwrap();
        }
        let count = |rows: &str| store.connection().query_row(rows, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM event"), 2);
        assert_eq!(count("SELECT count(*) FROM event WHERE instr(body, 'receiver')"), 0, "sealed");
        assert!(insert(&store, "s", b"{}", 1).is_err());
    }

    #[test]
    fn a_secret_is_read_from_its_row_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        let shot = Orders::new(7).signed(1).remove(0);
        let taken = || take(&store, SHOP, &headers(&shot), &shot.body, Duration::from_secs(now()));
        assert!(matches!(taken(), Ok(Taken::Stored)));
        let other = store.keys.seal(&Quick, SHOP, b"another").unwrap();
        store.connection().execute("UPDATE shop SET secret = ?1", [other]).unwrap();
        assert!(matches!(taken(), Ok(Taken::NotSigned)));
    }

    #[test]
    fn its_rows_are_as_durable_as_ours() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        let pragma = |name: &str| {
            store.connection().pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
        };
        assert_eq!(pragma("journal_mode").unwrap(), rusqlite::types::Value::Text("wal".into()));
        assert_eq!(pragma("synchronous").unwrap(), rusqlite::types::Value::Integer(2));
    }
}
