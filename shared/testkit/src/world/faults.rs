use super::TestWorld;
use huidan_world::Why;
use std::collections::{HashMap, VecDeque};

/// What goes wrong with a call between functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The other function is not there; it did nothing.
    Down,
    /// It answers with this status and does nothing.
    Status(u16),
    /// It never answers within the limit, and does nothing.
    Hangs,
    /// It does its work and crashes before its answer is out.
    AnswerLost,
    /// It does its work, but answers after the limit.
    AnswerLate,
    /// It does its work and answers with something that is no such JSON.
    Garbled,
    /// The **caller** ends before the call: its future never comes back. Drop it (`now_or_never`), as a crash would.
    CallerDies,
    /// The work is done, and the caller ends before it hears of it.
    CallerDiesAfter,
}

#[derive(Default)]
pub(super) struct Faults(HashMap<(String, String), VecDeque<Fault>>);

impl Faults {
    pub(super) fn add(&mut self, component: &str, path: &str, fault: Fault) {
        self.0.entry((component.to_owned(), path.to_owned())).or_default().push_back(fault);
    }

    pub(super) fn take(&mut self, component: &str, path: &str) -> Option<Fault> {
        self.0.get_mut(&(component.to_owned(), path.to_owned()))?.pop_front()
    }
}

/// What the caller hears before any work is done.
pub(super) async fn before(world: &TestWorld, fault: Option<Fault>, limit_ms: u64) -> Option<Why> {
    match fault? {
        Fault::Down => Some(Why::Crashed),
        Fault::Status(status) => Some(Why::Status(status)),
        Fault::Hangs => Some(timeout(world, limit_ms).await),
        Fault::CallerDies => futures::future::pending().await,
        Fault::AnswerLost | Fault::AnswerLate | Fault::Garbled | Fault::CallerDiesAfter => None,
    }
}

/// What the caller hears in place of the answer.
pub(super) async fn after(world: &TestWorld, fault: Option<Fault>, limit_ms: u64) -> Option<Why> {
    match fault? {
        Fault::AnswerLost => Some(Why::Crashed),
        Fault::AnswerLate => Some(timeout(world, limit_ms).await),
        Fault::Garbled => Some(Why::Unreadable),
        Fault::CallerDiesAfter => futures::future::pending().await,
        Fault::Down | Fault::Status(_) | Fault::Hangs | Fault::CallerDies => None,
    }
}

async fn timeout(world: &TestWorld, limit_ms: u64) -> Why {
    world.pass(i64::try_from(limit_ms).unwrap_or(i64::MAX)).await;
    Why::Timeout
}
