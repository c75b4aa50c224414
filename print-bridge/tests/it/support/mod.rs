//! What the tests stand on.

pub(crate) mod bridge;
pub(crate) mod house;
pub(crate) mod hub;
pub(crate) mod press;
pub(crate) mod queue;
pub(crate) mod sink;
pub(crate) mod waves;

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// How long a test waits for what must come: on a busy machine with a slow disk it comes late, and that is no failure.
const DEADLINE: Duration = Duration::from_secs(180);

/// Waits until `probe` answers, or fails the test naming what was awaited.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, probe: impl Fn() -> F) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
