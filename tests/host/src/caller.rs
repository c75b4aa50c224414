//! Whether somebody still waits for a guest's answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Held by who waits for an answer. Dropped before [`Waits::answered`], it says that nobody does any more.
#[derive(Default)]
pub(crate) struct Waits {
    gone: Arc<AtomicBool>,
    answered: bool,
}

impl Waits {
    /// What the guest's side looks at.
    pub(crate) fn caller(&self) -> Caller {
        Caller(self.gone.clone())
    }

    /// The answer is here. What the guest does after it is its own business.
    pub(crate) fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        if !self.answered {
            self.gone.store(true, Ordering::Relaxed);
        }
    }
}

/// Who sent a request, seen from the guest that serves it.
pub(crate) struct Caller(Arc<AtomicBool>);

impl Caller {
    /// Whether it gave up before there was an answer.
    pub(crate) fn is_gone(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_gone_only_if_it_left_without_an_answer() {
        let waits = Waits::default();
        let caller = waits.caller();
        assert!(!caller.is_gone());
        waits.answered();
        assert!(!caller.is_gone());
        let waits = Waits::default();
        let caller = waits.caller();
        drop(waits);
        assert!(caller.is_gone());
    }
}
