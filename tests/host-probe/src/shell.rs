//! What each path does. Answers are text: a line per fact, so that a test reads as what happened.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{IntoResponse, Request, send};
use spin_sdk::key_value::Store;
use spin_sdk::sqlite::{Connection, RowResult, Value};
use spin_sdk::{http_service, variables};

/// Requests that this instance has seen.
static SEEN: AtomicU64 = AtomicU64::new(0);

#[http_service]
async fn host_probe(request: Request) -> impl IntoResponse {
    let seen = SEEN.fetch_add(1, Ordering::Relaxed);
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let path = head.headers.get("spin-path-info").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let arguments = Arguments(&query);
    if head.uri.path() == "/tick" {
        return Bytes::from(sql(&Arguments("db=default"), b"INSERT INTO t VALUES ('tick')").await);
    }
    let text = match path.trim_matches('/') {
        "headers" => head.headers.iter().map(|(n, v)| format!("{n}: {}\n", v.to_str().unwrap_or("?"))).collect(),
        "body" => return body.bytes().await.unwrap_or_default(),
        "length" => body.bytes().await.unwrap_or_default().len().to_string(),
        "seen" => seen.to_string(),
        "loop" => {
            sleep(&arguments).await;
            forever()
        }
        "trap" => trap(),
        "print" => print(&arguments),
        "allocate" => allocate(&arguments),
        "sleep" => sleep(&arguments).await,
        "variable" => format!("{:?}", variables::get(arguments.get("name")).await),
        "environment" => std::env::vars().map(|(k, v)| format!("{k}={v}\n")).collect(),
        "send" => fetch(&arguments).await,
        "sql" => sql(&arguments, &body.bytes().await.unwrap_or_default()).await,
        "undrained" => undrained(&arguments).await,
        "many" => many_connections(&arguments).await,
        "later" => later(&arguments),
        "kv" => key_value(&arguments, body.bytes().await.unwrap_or_default()).await,
        "webhook" => webhook(&head.headers, body.bytes().await.unwrap_or_default()).await,
        other => format!("no path {other:?}"),
    };
    Bytes::from(text)
}

/// A query string, unescaped: the tests use plain words.
struct Arguments<'a>(&'a str);

impl Arguments<'_> {
    fn get(&self, name: &str) -> &str {
        let pairs = self.0.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(n, _)| *n == name).map(|(_, v)| v).unwrap_or_default()
    }

    fn number(&self, name: &str) -> u64 {
        self.get(name).parse().unwrap_or_default()
    }
}

fn forever() -> String {
    let mut n = 1_u64;
    while n != 0 {
        n = std::hint::black_box(n.wrapping_mul(3));
    }
    n.to_string()
}

#[expect(clippy::panic, reason = "what the tests ask for")]
fn trap() -> String {
    panic!("the last words of a trapped guest")
}

fn allocate(arguments: &Arguments<'_>) -> String {
    let bytes = usize::try_from(arguments.number("mb") << 20).unwrap_or_default();
    format!("{} bytes", std::hint::black_box(vec![1_u8; bytes]).len())
}

fn print(arguments: &Arguments<'_>) -> String {
    println!("out {}", arguments.get("text"));
    eprintln!("err {}", arguments.get("text"));
    "printed".into()
}

async fn sleep(arguments: &Arguments<'_>) -> String {
    spin_sdk::time::sleep(Duration::from_millis(arguments.number("ms"))).await;
    "slept".into()
}

async fn fetch(arguments: &Arguments<'_>) -> String {
    let request = match http::Request::get(arguments.get("url")).body(String::new()) {
        Ok(request) => request,
        Err(problem) => return format!("no request: {problem}"),
    };
    let answered = async {
        match send(request).await {
            Ok(response) => {
                let status = response.status().as_u16();
                let body = response.into_body().bytes().await.unwrap_or_default();
                format!("{status}\n{}", String::from_utf8_lossy(&body))
            }
            Err(problem) => format!("error {problem:?}"),
        }
    };
    match arguments.number("limit") {
        0 => answered.await,
        ms => within(ms, answered).await.unwrap_or_else(|| "given up".into()),
    }
}

/// `None` if it takes longer; what it waits for is dropped then.
async fn within<T>(ms: u64, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut limit = pin!(spin_sdk::time::sleep(Duration::from_millis(ms)));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => limit.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Runs each line of `body` on one connection and tells what came of it. A line `sleep N` waits for N ms.
async fn sql(arguments: &Arguments<'_>, body: &[u8]) -> String {
    let connection = match Connection::open(arguments.get("db")).await {
        Ok(connection) => connection,
        Err(problem) => return format!("open {problem:?}"),
    };
    let mut told = String::new();
    for line in String::from_utf8_lossy(body).lines() {
        if let Some(ms) = line.strip_prefix("sleep ") {
            spin_sdk::time::sleep(Duration::from_millis(ms.parse().unwrap_or_default())).await;
            continue;
        }
        told.push_str(&match execute(&connection, line).await {
            Ok(rows) => rows.iter().map(show).collect::<Vec<_>>().join("|"),
            Err(problem) => format!("{problem:?}"),
        });
        told.push('\n');
    }
    told.push_str(&format!("changes {} rowid {}", connection.changes().await, connection.last_insert_rowid().await));
    told
}

async fn execute(connection: &Connection, sql: &str) -> Result<Vec<RowResult>, spin_sdk::sqlite::Error> {
    connection.execute(sql, []).await?.collect().await
}

fn show(row: &RowResult) -> String {
    let cell = |value: &Value| match value {
        Value::Integer(i) => i.to_string(),
        Value::Real(r) => format!("{r:?}"),
        Value::Text(t) => t.clone(),
        Value::Blob(b) => format!("{b:?}"),
        Value::Null => "null".into(),
    };
    row.values.iter().map(cell).collect::<Vec<_>>().join(",")
}

/// Begins a result of `rows` rows, takes `take` of them, and runs another statement before the rest.
async fn undrained(arguments: &Arguments<'_>) -> String {
    let Ok(connection) = Connection::open("default").await else { return "not opened".into() };
    let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n";
    let rows = i64::try_from(arguments.number("rows")).unwrap_or_default();
    let Ok(mut first) = connection.execute(count, [Value::Integer(rows)]).await else { return "not begun".into() };
    for _ in 0..arguments.number("take") {
        let _ = first.next().await;
    }
    if arguments.get("drop") == "yes" {
        let (_, rows, ended) = first.into_inner();
        drop(rows);
        return format!("dropped {:?}", ended.await);
    }
    match connection.execute("SELECT 'second'", []).await {
        Ok(second) => format!("second {:?}", second.collect().await.map(|rows| rows.len())),
        Err(problem) => format!("second {problem:?}"),
    }
}

async fn many_connections(arguments: &Arguments<'_>) -> String {
    let mut open = Vec::new();
    for n in 0..arguments.number("n") {
        match Connection::open("default").await {
            Ok(connection) => open.push(connection),
            Err(problem) => return format!("{n} {problem:?}"),
        }
    }
    format!("{} open", open.len())
}

/// Answers at once and writes a row a while later.
fn later(arguments: &Arguments<'_>) -> String {
    let ms = arguments.number("ms");
    spin_sdk::wasip3::spawn(async move {
        spin_sdk::time::sleep(Duration::from_millis(ms)).await;
        if let Ok(connection) = Connection::open("default").await {
            let _ = execute(&connection, "INSERT INTO t VALUES ('later')").await;
        }
    });
    "soon".into()
}

async fn key_value(arguments: &Arguments<'_>, body: Bytes) -> String {
    let store = match Store::open(arguments.get("store")).await {
        Ok(store) => store,
        Err(problem) => return format!("open {problem:?}"),
    };
    let key = arguments.get("key");
    match arguments.get("do") {
        "set" => format!("{:?}", store.set(key, &body).await),
        "delete" => format!("{:?}", store.delete(key).await),
        "exists" => format!("{:?}", store.exists(key).await),
        "keys" => format!("{:?}", store.get_keys().await.collect().await),
        _ => match store.get(key).await {
            Ok(value) => format!("{:?}", value.map(|v| String::from_utf8_lossy(&v).into_owned())),
            Err(problem) => format!("{problem:?}"),
        },
    }
}

thread_local! {
    /// Connections that no request of this instance uses now; opening one costs more than a row.
    static IDLE: RefCell<Vec<Connection>> = const { RefCell::new(Vec::new()) };
}

/// What a channel does with a webhook: proves it, writes one row, durably, and only then says yes.
async fn webhook(headers: &http::HeaderMap, body: Bytes) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(b"a shared secret of some length") else { return "key".into() };
    mac.update(&body);
    let proof = mac.finalize().into_bytes();
    let connection = match IDLE.with_borrow_mut(Vec::pop) {
        Some(connection) => connection,
        None => match open_durable().await {
            Ok(connection) => connection,
            Err(problem) => return format!("{problem:?}"),
        },
    };
    let event = headers.get("x-event").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let row = [Value::from(event), Value::from(proof.to_vec()), Value::from(body.to_vec())];
    let insert = "INSERT OR IGNORE INTO inbox (event, proof, body) VALUES (?, ?, ?)";
    let stored = match connection.execute(insert, row).await {
        Ok(done) => done.collect().await,
        Err(problem) => Err(problem),
    };
    match stored {
        Ok(_) => {
            IDLE.with_borrow_mut(|idle| idle.push(connection));
            "ok".into()
        }
        Err(problem) => format!("{problem:?}"),
    }
}

async fn open_durable() -> Result<Connection, spin_sdk::sqlite::Error> {
    let connection = Connection::open("edge").await?;
    for pragma in ["PRAGMA journal_mode = wal", "PRAGMA synchronous = FULL"] {
        execute(&connection, pragma).await?;
    }
    Ok(connection)
}
