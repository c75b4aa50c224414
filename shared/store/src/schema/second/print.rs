//! Batches, waves, pick lists and their paper.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[];
