//! The component that the embedded host's tests run: one path for each thing a guest may do, good or bad. Under
//! `tests/host` it is granted different things by different ids.

#[cfg(target_family = "wasm")]
mod shell;
