//! Exact places to die at, for tests.
//!
//! With the cargo feature `failpoints`, `PRINT_BRIDGE_DIE_AT=sending` (or `sending:3` for the third time) ends the
//! process at that step as a power cut would: nothing is flushed, no destructor runs. Without the feature, which is
//! how every shipped binary is built, the variable is not even read.

/// A step at which a test may end the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The claimed jobs are journaled, nothing else happened.
    Received,
    /// `sending` is committed, no byte has left.
    Sending,
    /// Half of a label's bytes have left.
    MidBytes,
    /// `sent` is committed.
    Sent,
    /// The journal holds news that the hub has not heard.
    BeforeReport,
}

impl Step {
    #[cfg(feature = "failpoints")]
    const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sending => "sending",
            Self::MidBytes => "mid-bytes",
            Self::Sent => "sent",
            Self::BeforeReport => "before-report",
        }
    }
}

/// Dies here if the test asked for it, or only breaks the worker that comes here (`PRINT_BRIDGE_BREAK_AT`, once).
#[cfg(feature = "failpoints")]
#[expect(clippy::panic, reason = "a worker that breaks is what the test wants to see")]
pub fn reach(step: Step) {
    static BROKE: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    let breaks = std::env::var("PRINT_BRIDGE_BREAK_AT").is_ok_and(|at| at == step.name());
    if breaks && !BROKE.swap(true, std::sync::atomic::Ordering::SeqCst) {
        panic!("broken by a test");
    }
    use std::sync::atomic::{AtomicU32, Ordering};
    static SEEN: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var("PRINT_BRIDGE_DIE_AT") else { return };
    let (name, times) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if name == step.name() && SEEN.fetch_add(1, Ordering::SeqCst) + 1 >= times.parse().unwrap_or(1) {
        std::process::abort();
    }
}

/// Does nothing: this binary has no failpoints.
#[cfg(not(feature = "failpoints"))]
pub const fn reach(_step: Step) {}

/// Whether a test asked to die halfway through a label's bytes.
#[must_use]
pub fn splits_bytes() -> bool {
    cfg!(feature = "failpoints") && std::env::var("PRINT_BRIDGE_DIE_AT").is_ok_and(|at| at.starts_with("mid-bytes"))
}
