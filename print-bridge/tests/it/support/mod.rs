//! What the tests stand on.

pub(crate) mod bridge;
pub(crate) mod hub;
pub(crate) mod sink;

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Waits until `probe` answers, or fails the test naming what was awaited.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, probe: impl Fn() -> F) -> T {
    let end = Instant::now() + Duration::from_secs(40);
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
