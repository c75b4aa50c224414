//! The channel for a shop on a web site of its own (see `PROTOCOL.md`).
