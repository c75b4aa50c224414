//! The step that finds our own SKUs for what a channel sold
