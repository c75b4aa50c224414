//! What adapters know of shops and carrier accounts (`edge`).

use crate::{Db, Row, StoreError, Value};

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Channel or carrier.
    pub adapter: String,
    /// `live` or `sandbox`.
    pub environment: String,
    /// The shop's own address, where it has one.
    pub base_url: Option<String>,
    /// Credentials as JSON, sealed.
    pub sealed: Vec<u8>,
}

/// An access that is there, and how often it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// Our id of the account.
    pub id: String,
    /// Rises with every write.
    pub version: i64,
    /// The access.
    pub access: Access,
}

/// Every account of an adapter: where one webhook address serves all its shops.
///
/// # Errors
/// The database's.
pub async fn of_adapter<D: Db>(db: &D, role: &str, adapter: &str) -> Result<Vec<Versioned>, StoreError> {
    let rows = db
        .run(
            "SELECT id, version, adapter, environment, base_url, sealed FROM access
             WHERE role = ?1 AND adapter = ?2 ORDER BY id",
            &[role.into(), adapter.into()],
        )
        .await?;
    rows.iter().map(versioned).collect()
}

fn versioned(row: &Row) -> Result<Versioned, StoreError> {
    Ok(Versioned {
        id: row.string(0)?,
        version: row.int(1)?,
        access: Access {
            adapter: row.string(2)?,
            environment: row.string(3)?,
            base_url: row.maybe_text(4)?.map(str::to_owned),
            sealed: row.blob(5)?.to_vec(),
        },
    })
}

/// One account of a role (`shop`, `carrier`).
///
/// # Errors
/// The database's.
pub async fn get<D: Db>(db: &D, role: &str, id: &str) -> Result<Option<Access>, StoreError> {
    let rows = db
        .run(
            "SELECT adapter, environment, base_url, sealed FROM access WHERE role = ?1 AND id = ?2",
            &[role.into(), id.into()],
        )
        .await?;
    rows.iter()
        .next()
        .map(|row| {
            Ok(Access {
                adapter: row.string(0)?,
                environment: row.string(1)?,
                base_url: row.maybe_text(2)?.map(str::to_owned),
                sealed: row.blob(3)?.to_vec(),
            })
        })
        .transpose()
}

/// Writes an account over an earlier one of the same id.
///
/// # Errors
/// The database's.
pub async fn put<D: Db>(db: &D, role: &str, id: &str, access: &Access) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO access (role, id, adapter, environment, base_url, sealed, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
         ON CONFLICT (role, id) DO UPDATE SET adapter = excluded.adapter, environment = excluded.environment,
             base_url = excluded.base_url, sealed = excluded.sealed, version = version + 1, token_until = NULL,
             renew_at = NULL, renewals_failed = 0",
        &[
            role.into(),
            id.into(),
            (&access.adapter).into(),
            (&access.environment).into(),
            Value::from(access.base_url.as_deref()),
            access.sealed.clone().into(),
        ],
    )
    .await?;
    Ok(())
}
