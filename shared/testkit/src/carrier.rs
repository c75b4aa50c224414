//! The contract of a carrier: what every adapter of that port must keep.
