//! The step that chooses the carrier account
