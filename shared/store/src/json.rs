//! Batches as JSON: one statement, one crossing into the host, however many rows.

use crate::{StoreError, Value};
use serde::Serialize;

/// A batch, to be read by `json_each`.
///
/// # Errors
/// [`StoreError::Unknown`] for what JSON cannot hold (never, for our rows).
pub(crate) fn batch<T: Serialize + ?Sized>(rows: &T) -> Result<Value, StoreError> {
    serde_json::to_string(rows).map(Value::Text).map_err(|error| StoreError::Unknown(error.to_string()))
}

/// JSON for a text column.
///
/// # Errors
/// [`StoreError::Unknown`], as above.
pub(crate) fn text<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unknown(error.to_string()))
}
