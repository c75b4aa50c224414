use std::future::Future;

/// A value bound to a statement or read from a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// A number that is no amount of money.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}
impl From<huidan_domain::Millis> for Value {
    fn from(value: huidan_domain::Millis) -> Self {
        Self::Int(value.0)
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a statement answered: every row, collected.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows(pub Vec<Row>);

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Value>);

impl Rows {
    /// The rows.
    pub fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first row.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub fn first(&self) -> Result<&Row, StoreError> {
        self.0.first().ok_or(StoreError::Missing)
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = &'a Row;
    type IntoIter = std::slice::Iter<'a, Row>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Row {
    fn at(&self, column: usize) -> Result<&Value, StoreError> {
        self.0.get(column).ok_or(StoreError::Shape { column })
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when the column holds something else.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self.at(column)? {
            Value::Int(value) => Ok(*value),
            _ => Err(StoreError::Shape { column }),
        }
    }

    /// A whole number that fits 32 bits without a sign.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn count(&self, column: usize) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|_| StoreError::Shape { column })
    }

    /// A whole number or nothing.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn maybe_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.at(column)? {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(*value)),
            _ => Err(StoreError::Shape { column }),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn real(&self, column: usize) -> Result<f64, StoreError> {
        match self.at(column)? {
            Value::Real(value) => Ok(*value),
            _ => Err(StoreError::Shape { column }),
        }
    }

    /// Yes or no, stored as 1 or 0.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn flag(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// Text.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        match self.at(column)? {
            Value::Text(value) => Ok(value),
            _ => Err(StoreError::Shape { column }),
        }
    }

    /// Text of its own.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn string(&self, column: usize) -> Result<String, StoreError> {
        self.text(column).map(str::to_owned)
    }

    /// Text or nothing.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn maybe_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.at(column)? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value)),
            _ => Err(StoreError::Shape { column }),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.at(column)? {
            Value::Blob(value) => Ok(value),
            _ => Err(StoreError::Shape { column }),
        }
    }

    /// Bytes or nothing.
    ///
    /// # Errors
    /// [`StoreError::Shape`].
    pub fn maybe_blob(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.at(column)? {
            Value::Null => Ok(None),
            Value::Blob(value) => Ok(Some(value)),
            _ => Err(StoreError::Shape { column }),
        }
    }

    /// JSON kept in a text column.
    ///
    /// # Errors
    /// [`StoreError::Shape`] when it is no such JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T, StoreError> {
        serde_json::from_str(self.text(column)?).map_err(|_| StoreError::Shape { column })
    }
}

/// Why the store gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Somebody else writes: the whole transaction may be tried again.
    Busy,
    /// A uniqueness or other rule of the schema refused the write.
    Constraint(String),
    /// The database is not at the version this program knows: wait for the migration.
    Version {
        /// What it is at.
        found: i64,
    },
    /// A row that must be there is not.
    Missing,
    /// A column holds something else than its statement expects.
    Shape {
        /// Counted from 0.
        column: usize,
    },
    /// A sealed value cannot be opened with the keys at hand.
    Sealed,
    /// A stored name or amount that this program does not know.
    Unknown(String),
    /// The database's own words (statement and table names, never values).
    Database(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy => f.write_str("the database is busy"),
            Self::Constraint(which) => write!(f, "the schema refused the write: {which}"),
            Self::Version { found } => {
                write!(f, "the database is at version {found}, this program knows {}", crate::schema::VERSION)
            }
            Self::Missing => f.write_str("a row that must be there is missing"),
            Self::Shape { column } => write!(f, "column {column} holds an unexpected type"),
            Self::Sealed => f.write_str("a sealed value cannot be opened with the keys at hand"),
            Self::Unknown(what) => write!(f, "unknown stored value: {what}"),
            Self::Database(text) => write!(f, "database: {text}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<huidan_domain::UnknownName> for StoreError {
    fn from(unknown: huidan_domain::UnknownName) -> Self {
        Self::Unknown(unknown.to_string())
    }
}

impl From<huidan_domain::MoneyError> for StoreError {
    fn from(error: huidan_domain::MoneyError) -> Self {
        Self::Unknown(error.to_string())
    }
}

/// A connection to one database, used by one task at a time.
///
/// Spin's SQLite in a component, rusqlite in tests and native tools.
#[allow(async_fn_in_trait, reason = "components are single-threaded; no Send is wanted")]
pub trait Db {
    /// Runs **one** statement and collects every row. Whatever follows the first statement's end is ignored by the
    /// database without a word, so never pass two.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Constraint`] or [`StoreError::Database`].
    fn run(&self, statement: &str, values: &[Value]) -> impl Future<Output = Result<Rows, StoreError>>;

    /// Waits before a transaction is tried again: about `attempt` times 10 ms, with jitter.
    fn pause(&self, attempt: u32) -> impl Future<Output = ()>;
}

/// How often a busy transaction is tried.
const TRIES: u32 = 12;

/// Runs `work` between `BEGIN IMMEDIATE` and `COMMIT`; rolls back when it fails; tries the whole of it again while the
/// database is busy, a bounded number of times. `work` must therefore be repeatable and touch nothing but the database.
///
/// # Errors
/// `work`'s own, or the database's.
pub async fn transaction<D: Db, T>(db: &D, work: impl AsyncFn(&D) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut attempt = 0;
    loop {
        match once(db, &work).await {
            Err(StoreError::Busy) if attempt < TRIES => {
                attempt += 1;
                db.pause(attempt).await;
            }
            other => return other,
        }
    }
}

async fn once<D: Db, T>(db: &D, work: &impl AsyncFn(&D) -> Result<T, StoreError>) -> Result<T, StoreError> {
    db.run("BEGIN IMMEDIATE", &[]).await?;
    let worked = work(db).await;
    let ended = match &worked {
        Ok(_) => db.run("COMMIT", &[]).await,
        Err(_) => Ok(Rows::default()),
    };
    match (worked, ended) {
        (Ok(value), Ok(_)) => Ok(value),
        (Ok(_), Err(error)) | (Err(error), _) => {
            // SQLite may have rolled back by itself; then this says so and that is fine.
            let _ = db.run("ROLLBACK", &[]).await;
            Err(error)
        }
    }
}
