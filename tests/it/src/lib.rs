//! A whole house for a test: simulated platforms, the hub (the real components under the embedded host, or under a
//! real Spin), the real print bridge, and a client of the hub's API.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set itself up has failed")]

mod client;
mod house;
mod own_site;
mod process;

pub use client::{Answer, Client};
pub use house::{House, Wanted};
pub use own_site::OwnSite;
pub use process::{Process, workspace};

use std::time::{Duration, Instant};

/// Waits until `look` finds something; fails the test with `what` after `limit`.
///
/// # Panics
/// After the limit.
pub async fn until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
