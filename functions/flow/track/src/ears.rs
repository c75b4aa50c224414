//! Through which accounts anything can be heard of a parcel.

use huidan_store::StoreError;
use huidan_store::track::watches::{self, Account, Duty};
use huidan_wire::call::{CarrierManifest, carrier_component};
use huidan_world::World;
use std::collections::BTreeMap;

/// Limit of asking a carrier what it is, in milliseconds.
const MANIFEST_LIMIT_MS: u64 = 2_000;

/// The carrier accounts, and what their carriers can do.
pub(crate) struct Ears {
    accounts: Vec<Account>,
    manifests: BTreeMap<String, CarrierManifest>,
}

/// Reads the accounts and asks their carriers what they are; one that does not answer is taken to hear.
pub(crate) async fn all<W: World>(world: &W) -> Result<Ears, StoreError> {
    let accounts = world.main(async |db| watches::accounts(db).await).await?;
    let mut manifests = BTreeMap::new();
    for account in &accounts {
        if manifests.contains_key(&account.carrier) {
            continue;
        }
        let component = carrier_component(&account.carrier);
        if let Ok(manifest) = world.call(&component, "/waybill/manifest", &(), MANIFEST_LIMIT_MS).await {
            manifests.insert(account.carrier.clone(), manifest);
        }
    }
    Ok(Ears { accounts, manifests })
}

impl Ears {
    /// What a carrier can do.
    pub(crate) fn manifest(&self, carrier: &str) -> Option<&CarrierManifest> {
        self.manifests.get(carrier)
    }

    /// The carrier of an account.
    pub(crate) fn carrier(&self, account: &str) -> Option<&str> {
        self.accounts.iter().find(|one| one.id == account).map(|one| one.carrier.as_str())
    }

    /// Who is asked to watch the parcels of an account: whoever was named for it, else its carrier where that pushes only
    /// what it was asked for.
    fn watcher<'a>(&'a self, account: &'a Account) -> Option<&'a Account> {
        let subscribes = |one: &&Account| {
            one.active && self.manifest(&one.carrier).is_some_and(|manifest| manifest.pushes && manifest.subscribes)
        };
        let named = self.accounts.iter().find(|one| one.id == account.watched_by);
        named.filter(subscribes).or_else(|| Some(account).filter(subscribes))
    }

    /// Whose parcels are watched by whom.
    pub(crate) fn duties(&self) -> Vec<Duty> {
        let duty = |account: &Account| {
            let watcher = self.watcher(account)?;
            Some((account.id.clone(), watcher.id.clone(), watcher.carrier.clone()))
        };
        self.accounts.iter().filter_map(duty).collect()
    }

    /// Accounts of which nothing is ever heard: nobody watches them, they push nothing and cannot be asked.
    pub(crate) fn deaf(&self) -> Vec<String> {
        let silent = |carrier: &str| self.manifest(carrier).is_some_and(|one| !one.pushes && one.track_batch == 0);
        let deaf = self.accounts.iter().filter(|one| silent(&one.carrier) && self.watcher(one).is_none());
        deaf.map(|account| account.id.clone()).collect()
    }

    /// Another account that watches parcels it does not carry: its id and its carrier.
    pub(crate) fn elsewhere(&self, not: &[&str]) -> Option<(String, String)> {
        let watches = |one: &&Account| {
            let manifest = self.manifest(&one.carrier);
            let can = manifest.is_some_and(|one| one.watches_others && one.pushes && one.subscribes);
            one.active && can && !not.contains(&one.id.as_str())
        };
        self.accounts.iter().find(watches).map(|one| (one.id.clone(), one.carrier.clone()))
    }
}
