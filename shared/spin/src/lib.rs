//! Spin as a [`huidan_world::World`], and the shells that functions call. Empty outside WebAssembly.
#![cfg(target_family = "wasm")]

mod database;
mod outbound;
mod shell;
mod world;

pub use shell::{
    Answer, carrier, channel, channel_with_import, channel_with_waybills, normalize, notice, route, serve,
    serve_migrating,
};
pub use world::Spin;
