//! Notices to people and to other systems.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[];
