//! What adapters know of shops and carrier accounts (`edge`).

use crate::{Db, StoreError, Value};

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
             base_url = excluded.base_url, sealed = excluded.sealed, version = version + 1",
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
