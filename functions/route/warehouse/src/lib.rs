//! The step that chooses the warehouse
