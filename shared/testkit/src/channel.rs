//! The contract of a channel: what every adapter of that port must keep.
