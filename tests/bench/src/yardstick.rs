//! The yardstick: what a careful person would write by hand to do the same as our webhook, natively, on axum and
//! rusqlite. The signature is checked, the event is one row in a table that knows it by shop and id, and the answer
//! goes out when the row is on disk.

use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use huidan_exchange::sign::same;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

use crate::error::Result;
use crate::orders::{NONCE, SIGNATURE, TIMESTAMP, signature};

/// The clocks of both sides may differ by so much, in seconds.
const WINDOW_S: u64 = 300;

type Store = Arc<Mutex<Connection>>;

/// Serves on a free port, which is printed, until it is killed.
pub(crate) async fn serve(folder: &FilePath) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let store: Store = Arc::new(Mutex::new(open(folder)?));
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // As ours does; without it an answer may wait for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    let app = Router::new().route("/webhook/own-shop/{shop}", post(webhook)).with_state(store);
    Ok(axum::serve(listener, app).await?)
}

fn open(folder: &FilePath) -> Result<Connection> {
    let connection = Connection::open(folder.join("yardstick.db"))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, shop TEXT NOT NULL, event_id TEXT NOT NULL,
             order_id TEXT NOT NULL, body TEXT NOT NULL, received_at INTEGER NOT NULL, UNIQUE (shop, event_id)) STRICT",
    )?;
    Ok(connection)
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
    State(store): State<Store>,
    Path(shop): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if !is_signed(&headers, &body, now.as_secs()) {
        return (StatusCode::UNAUTHORIZED, r#"{"ok":false,"error":"signature"}"#);
    }
    let stored = tokio::task::spawn_blocking(move || insert(&store, &shop, &body, now.as_millis())).await;
    match stored {
        Ok(Ok(())) => (StatusCode::OK, r#"{"ok":true}"#),
        Ok(Err(_)) => (StatusCode::BAD_REQUEST, r#"{"ok":false,"error":"body"}"#),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, r#"{"ok":false}"#),
    }
}

fn is_signed(headers: &HeaderMap, body: &[u8], now: u64) -> bool {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (timestamp, nonce) = (header(TIMESTAMP), header(NONCE));
    let expected = signature(timestamp, nonce, body);
    let fresh = timestamp.parse().is_ok_and(|at: u64| now.abs_diff(at) <= WINDOW_S);
    same(&expected, header(SIGNATURE)).is_some() && fresh
}

fn insert(store: &Store, shop: &str, body: &[u8], now_ms: u128) -> Result<()> {
    let event: Event<'_> = serde_json::from_slice(body)?;
    let order: Order<'_> = serde_json::from_str(event.order.get())?;
    if !matches!(event.event, "order.saved" | "order.cancelled") {
        return Err("neither saved nor cancelled".into());
    }
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    let mut statement = store.prepare_cached(
        "INSERT INTO event (shop, event_id, order_id, body, received_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (shop, event_id) DO NOTHING",
    )?;
    statement.execute((shop, event.event_id, order.id, event.order.get(), i64::try_from(now_ms)?))?;
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
        assert!(is_signed(&good, &shot.body, now()));
        assert!(!is_signed(&good, &shot.body, now() + 400));
        assert!(!is_signed(&good, b"{}", now()));
        assert!(!is_signed(&HeaderMap::new(), &shot.body, now()));
    }

    #[test]
    fn an_event_that_comes_twice_is_one_row() {
        let folder = tempfile::tempdir().unwrap();
        let store: Store = Arc::new(Mutex::new(open(folder.path()).unwrap()));
        for shot in Orders::new(7).signed(2).iter().chain(&Orders::new(7).signed(1)) {
            insert(&store, "s", &shot.body, 1).unwrap();
        }
        let rows: i64 = store.lock().unwrap().query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 2);
        assert!(insert(&store, "s", b"{}", 1).is_err());
    }

    #[test]
    fn its_rows_are_as_durable_as_ours() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        let pragma = |name: &str| store.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        assert_eq!(pragma("journal_mode").unwrap(), rusqlite::types::Value::Text("wal".into()));
        assert_eq!(pragma("synchronous").unwrap(), rusqlite::types::Value::Integer(2));
    }
}
