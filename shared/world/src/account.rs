//! Shops and carrier accounts as their adapters see them: kept in `edge`, credentials sealed.

use crate::World;
use huidan_exchange::{Account, Credentials};
use huidan_store::access::{self, Access};
use huidan_store::{Db, Keyring, Moment, StoreError};
use std::collections::BTreeMap;

/// `shop` or `carrier`.
pub(crate) type Role = &'static str;

/// Reads an account, opens its credentials and puts its gateway together. `None` when there is none of that id at this
/// adapter.
pub(crate) async fn load<W: World>(
    world: &W,
    role: Role,
    adapter: &str,
    origins: [&str; 2],
    id: &str,
) -> Result<Option<Account>, StoreError> {
    let found = world.edge(async |db| access::get(db, role, id).await).await?;
    let Some(access) = found.filter(|access| access.adapter == adapter) else { return Ok(None) };
    let keys = credential_keys(world).await?;
    let opened = keys.open(&seal_name(role, id), &access.sealed)?;
    let values: BTreeMap<String, String> = serde_json::from_slice(&opened).map_err(|_| StoreError::Sealed)?;
    let gateway = gateway(world, adapter, &access.environment, origins).await;
    let base_url = access.base_url.map(|url| url.trim_end_matches('/').to_owned());
    Ok(Some(Account { id: id.to_owned(), gateway, base_url, credentials: Credentials::new(values) }))
}

/// The settings win over what the adapter knows: a sandbox or a simulator needs no other manifest.
async fn gateway<W: World>(world: &W, adapter: &str, environment: &str, [live, sandbox]: [&str; 2]) -> String {
    let name = adapter.replace('-', "_");
    let (variable, known) = match environment {
        "sandbox" => (format!("{name}_sandbox_url"), sandbox),
        _ => (format!("{name}_url"), live),
    };
    let set = world.variable(&variable).await;
    set.unwrap_or_else(|| known.to_owned()).trim_end_matches('/').to_owned()
}

async fn credential_keys<W: World>(world: &W) -> Result<Keyring, StoreError> {
    let text = world.variable("credential_key").await.ok_or(StoreError::Sealed)?;
    Keyring::parse(&text).map_err(|_| StoreError::Sealed)
}

fn seal_name(role: &str, id: &str) -> String {
    format!("credentials/{role}/{id}")
}

/// Stores what an adapter needs to know of a shop (`role` `shop`) or carrier account (`carrier`), credentials sealed.
///
/// # Errors
/// The database's; [`StoreError::Sealed`] without a key.
#[expect(clippy::too_many_arguments, reason = "one row, one call; a struct would be built only to be taken apart")]
pub async fn put_access<D: Db>(
    edge: &D,
    moment: Moment<'_>,
    keys: &Keyring,
    role: &str,
    id: &str,
    adapter: &str,
    environment: &str,
    base_url: Option<&str>,
    credentials: &BTreeMap<String, String>,
) -> Result<(), StoreError> {
    let open = serde_json::to_vec(credentials).map_err(|_| StoreError::Sealed)?;
    let sealed = keys.seal(moment.chance, &seal_name(role, id), &open)?;
    let access = Access {
        adapter: adapter.to_owned(),
        environment: environment.to_owned(),
        base_url: base_url.map(str::to_owned),
        sealed,
    };
    access::put(edge, role, id, &access).await
}

/// The credentials of a shop (`role` `shop`) or carrier account (`carrier`), opened, so that some of them can be
/// replaced; `None` when there is none of that id.
///
/// # Errors
/// The database's; [`StoreError::Sealed`] with another key.
pub async fn credentials<D: Db>(
    edge: &D,
    keys: &Keyring,
    role: &str,
    id: &str,
) -> Result<Option<BTreeMap<String, String>>, StoreError> {
    let Some(access) = access::get(edge, role, id).await? else { return Ok(None) };
    let opened = keys.open(&seal_name(role, id), &access.sealed)?;
    serde_json::from_slice(&opened).map(Some).map_err(|_| StoreError::Sealed)
}
