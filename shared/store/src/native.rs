//! A [`Db`] over rusqlite: the same statements, run natively by tests, benchmarks and tools.

use crate::{Db, Row, Rows, StoreError, Value};
use rusqlite::types::{Value as Sql, ValueRef};
use std::cell::RefCell;
use std::path::Path;

/// A native connection.
pub struct Native(RefCell<rusqlite::Connection>);

impl Native {
    /// An empty database in memory.
    ///
    /// # Errors
    /// The database's.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::with(rusqlite::Connection::open_in_memory().map_err(fault)?)
    }

    /// The database in a file, with the settings the components use.
    ///
    /// # Errors
    /// The database's.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let connection = rusqlite::Connection::open(file).map_err(fault)?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(fault)?;
        Self::with(connection)
    }

    fn with(connection: rusqlite::Connection) -> Result<Self, StoreError> {
        connection.pragma_update(None, "foreign_keys", true).map_err(fault)?;
        connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(fault)?;
        Ok(Self(RefCell::new(connection)))
    }
}

fn fault(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(rusqlite::ErrorCode::ConstraintViolation) => StoreError::Constraint(error.to_string()),
        _ => StoreError::Database(error.to_string()),
    }
}

impl Db for Native {
    async fn run(&self, statement: &str, values: &[Value]) -> Result<Rows, StoreError> {
        let connection = self.0.borrow();
        let mut prepared = connection.prepare_cached(statement).map_err(fault)?;
        let columns = prepared.column_count();
        let mut rows = prepared.query(rusqlite::params_from_iter(values.iter().map(to_sql))).map_err(fault)?;
        let mut collected = Vec::new();
        while let Some(row) = rows.next().map_err(fault)? {
            let values = (0..columns)
                .map(|column| row.get_ref(column).map(from_sql).map_err(fault))
                .collect::<Result<_, _>>()?;
            collected.push(Row(values));
        }
        Ok(Rows(collected))
    }

    async fn pause(&self, attempt: u32) {
        std::thread::sleep(std::time::Duration::from_millis(u64::from(attempt) * 3));
    }
}

fn to_sql(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Int(number) => Sql::Integer(*number),
        Value::Real(number) => Sql::Real(*number),
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Blob(bytes) => Sql::Blob(bytes.clone()),
    }
}

fn from_sql(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}
