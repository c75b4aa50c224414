//! The component that the benchmarks run: it renders labels as `flow-book` does, so that the same code can be timed
//! inside WebAssembly and beside it.

#[cfg(target_family = "wasm")]
mod shell;
