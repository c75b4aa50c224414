//! Shops and carrier accounts as their adapters see them: kept in `edge`, credentials sealed.

use crate::World;
use huidan_exchange::{Account, Credentials, Origin};
use huidan_store::access::{self, Access};
use huidan_store::{Db, Keyring, Moment, StoreError};
use huidan_wire::call::WAYBILL;
use std::collections::BTreeMap;

/// `shop` or `carrier`.
pub(crate) type Role = &'static str;

/// What leads from an adapter's manifest to an account's addresses.
#[derive(Clone, Copy)]
pub(crate) struct Home<'a> {
    /// Channel or carrier.
    pub(crate) adapter: &'a str,
    /// The gateway, live and sandbox.
    pub(crate) gateway: [&'a str; 2],
    /// Further origins.
    pub(crate) origins: &'a [Origin],
}

/// Reads an account, opens its credentials and puts its addresses together. `None` when there is none of that id at
/// this adapter.
///
/// A platform's own waybill service works with the rights of a shop: the shop that the carrier account names lends it
/// what it has not itself.
pub(crate) async fn load<W: World>(
    world: &W,
    role: Role,
    home: Home<'_>,
    id: &str,
) -> Result<Option<Account>, StoreError> {
    Ok(load_sealed(world, role, home, id).await?.map(|(account, _)| account))
}

/// The same, with the bytes that its own credentials were opened from.
pub(crate) async fn load_sealed<W: World>(
    world: &W,
    role: Role,
    home: Home<'_>,
    id: &str,
) -> Result<Option<(Account, Vec<u8>)>, StoreError> {
    let found = world.edge(async |db| access::get(db, role, id).await).await?;
    let Some(access) = found.filter(|access| access.adapter == home.adapter) else { return Ok(None) };
    let keys = credential_keys(world).await?;
    let mut values = open(&keys, role, id, &access)?;
    if let (Some(channel), Some(shop)) = (home.adapter.strip_suffix(WAYBILL), values.get("shop").cloned()) {
        let lender = world.edge(async |db| access::get(db, "shop", &shop).await).await?;
        if let Some(lender) = lender.filter(|lender| lender.adapter == channel) {
            for (name, value) in open(&keys, "shop", &shop, &lender)? {
                values.entry(name).or_insert(value);
            }
        }
    }
    let gateway = address(world, home.adapter, "", &access.environment, home.gateway).await;
    let mut origins = BTreeMap::new();
    for origin in home.origins {
        let known = [origin.live, origin.sandbox];
        let set = address(world, home.adapter, origin.name, &access.environment, known).await;
        origins.insert(origin.name.to_owned(), set);
    }
    let base_url = access.base_url.map(|url| url.trim_end_matches('/').to_owned());
    let account = Account { id: id.to_owned(), gateway, base_url, origins, credentials: Credentials::new(values) };
    Ok(Some((account, access.sealed)))
}

pub(crate) fn open(
    keys: &Keyring,
    role: &str,
    id: &str,
    access: &Access,
) -> Result<BTreeMap<String, String>, StoreError> {
    let opened = keys.open(&seal_name(role, id), &access.sealed)?;
    serde_json::from_slice(&opened).map_err(|_| StoreError::Sealed)
}

/// The settings win over what the adapter knows: a sandbox or a simulator needs no other manifest.
async fn address<W: World>(
    world: &W,
    adapter: &str,
    origin: &str,
    environment: &str,
    [live, sandbox]: [&str; 2],
) -> String {
    let mut name = adapter.strip_suffix(WAYBILL).unwrap_or(adapter).replace('-', "_");
    if !origin.is_empty() {
        name = format!("{name}_{origin}");
    }
    let (variable, known) = match environment {
        "sandbox" => (format!("{name}_sandbox_url"), sandbox),
        _ => (format!("{name}_url"), live),
    };
    let set = world.variable(&variable).await;
    set.unwrap_or_else(|| known.to_owned()).trim_end_matches('/').to_owned()
}

pub(crate) async fn credential_keys<W: World>(world: &W) -> Result<Keyring, StoreError> {
    let text = world.variable("credential_key").await.ok_or(StoreError::Sealed)?;
    Keyring::parse(&text).map_err(|_| StoreError::Sealed)
}

pub(crate) fn seal_name(role: &str, id: &str) -> String {
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
    open(keys, role, id, &access).map(Some)
}
