//! Waybills as assets: what becomes of numbers, and what they cost.

/// What version 2 adds.
pub(super) const STATEMENTS: &[&str] = &[];
