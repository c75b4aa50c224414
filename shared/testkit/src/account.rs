use huidan_exchange::{Account, Credentials};
use std::collections::BTreeMap;

/// An account at that gateway with these credentials, and no other origin. A test sets what else it has by struct
/// update: `Account { origins: values([("auth", "https://auth.example")]), ..account(…) }`.
pub fn account(
    id: &str,
    gateway: &str,
    credentials: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
) -> Account {
    Account {
        id: id.into(),
        gateway: gateway.into(),
        base_url: None,
        origins: BTreeMap::new(),
        credentials: Credentials::new(values(credentials)),
    }
}

/// Names and values as an account keeps them: its credentials, its further origins. Of a name that comes twice the last
/// value counts, so that a test puts its own behind the usual ones.
pub fn values(pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}
