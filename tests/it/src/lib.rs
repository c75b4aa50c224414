//! A whole house for a test: simulated platforms, the hub (the real components under the embedded host, or under a
//! real Spin), the real print bridge, and a client of the hub's API.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set itself up has failed")]

mod client;
mod house;
mod own_site;
mod process;

pub use client::{Answer, Client};
pub use house::{House, Under, Wanted, under_both};
pub use own_site::OwnSite;
pub use process::{Process, built, workspace};

use std::time::{Duration, Instant};

/// How long a test waits for what must come. It only ends a test that has failed already: on a busy machine with a slow
/// disk things come late, and that is no failure.
const DEADLINE: Duration = Duration::from_secs(300);

/// Waits until `look` finds something; fails the test with `what` when it never does.
///
/// # Panics
/// After five minutes.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
