//! What channels are told, and by when.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[];
