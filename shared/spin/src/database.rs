use futures::future::FutureExt;
use huidan_store::schema::{self, Which};
use huidan_store::{Db, Row, Rows, StoreError, Value};
use spin_sdk::sqlite::{Connection, Error, Value as SpinValue};
use std::cell::RefCell;
use std::time::Duration;

/// A connection of this instance's own.
pub struct SpinDb(Connection);

thread_local! {
    // Instances are reused and opening costs a file open and a schema read, so connections are kept. One task at a time
    // uses one: it is taken out of here and put back.
    static IDLE: RefCell<[Vec<SpinDb>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

fn slot(which: Which) -> usize {
    match which {
        Which::Edge => 0,
        Which::Main => 1,
    }
}

/// Works on a connection. One on which anything failed is dropped, never kept: it may hold an open transaction.
pub(crate) async fn with<T>(
    which: Which,
    migrating: bool,
    work: impl AsyncFn(&SpinDb) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let idle = IDLE.with_borrow_mut(|idle| idle.get_mut(slot(which)).and_then(Vec::pop));
    let db = match idle {
        Some(db) => db,
        None => open(which, migrating).await?,
    };
    let worked = work(&db).await;
    if worked.is_ok() {
        IDLE.with_borrow_mut(|idle| {
            if let Some(idle) = idle.get_mut(slot(which)) {
                idle.push(db);
            }
        });
    }
    worked
}

async fn open(which: Which, migrating: bool) -> Result<SpinDb, StoreError> {
    let connection = Connection::open(which.name()).await.map_err(fault)?;
    let db = SpinDb(connection);
    // Write-ahead logging lets readers and the writer work side by side; it persists in the file. `synchronous` does
    // not: FULL makes a commit durable before it returns, which is what an acknowledgement promises.
    db.run("PRAGMA journal_mode = wal", &[]).await?;
    db.run("PRAGMA synchronous = full", &[]).await?;
    if !migrating {
        schema::ready(&db).await?;
    }
    Ok(db)
}

impl Db for SpinDb {
    async fn run(&self, statement: &str, values: &[Value]) -> Result<Rows, StoreError> {
        let values: Vec<SpinValue> = values.iter().map(to_spin).collect();
        let result = self.0.execute(statement, values).await.map_err(fault)?;
        let rows = result.collect().await.map_err(fault)?;
        Ok(Rows(rows.into_iter().map(|row| Row(row.values.into_iter().map(from_spin).collect())).collect()))
    }

    async fn pause(&self, attempt: u32) {
        let mut jitter = [0_u8; 1];
        // Without chance the pause is merely less varied.
        let _ = getrandom::fill(&mut jitter);
        let ms = u64::from(attempt) * 5 + u64::from(jitter[0]) / 8;
        spin_sdk::time::sleep(Duration::from_millis(ms)).boxed_local().await;
    }
}

fn to_spin(value: &Value) -> SpinValue {
    match value {
        Value::Null => SpinValue::Null,
        Value::Int(number) => SpinValue::Integer(*number),
        Value::Real(number) => SpinValue::Real(*number),
        Value::Text(text) => SpinValue::Text(text.clone()),
        Value::Blob(bytes) => SpinValue::Blob(bytes.clone()),
    }
}

fn from_spin(value: SpinValue) -> Value {
    match value {
        SpinValue::Null => Value::Null,
        SpinValue::Integer(number) => Value::Int(number),
        SpinValue::Real(number) => Value::Real(number),
        SpinValue::Text(text) => Value::Text(text),
        SpinValue::Blob(bytes) => Value::Blob(bytes),
    }
}

/// Spin hands over SQLite's sentence only; the sentences are SQLite's own and stable.
fn fault(error: Error) -> StoreError {
    let text = match error {
        Error::Io(text) => text,
        other => return StoreError::Database(format!("{other:?}")),
    };
    let says = |part: &str| text.contains(part);
    if says("locked") || says("busy") {
        StoreError::Busy
    } else if says("constraint failed") || says("append-only") {
        StoreError::Constraint(text)
    } else {
        StoreError::Database(text)
    }
}
