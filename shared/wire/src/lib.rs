//! Versioned JSON between components, to the bridge and to the page. The only place where domain data becomes text.
//!
//! Internal calls carry [`VERSION`] in the header [`VERSION_HEADER`]; a component that meets another version answers
//! 409, so that a half-deployed hub waits instead of guessing.

pub mod api;
pub mod call;
mod facts;
pub mod form;
pub mod notice;
pub mod step;

pub use facts::{Hold, Intent, Line, Money, OrderFacts, Party, Problem, Receiver, SkuQty};

/// Version of the internal calls.
pub const VERSION: &str = "1";
/// Header that carries [`VERSION`].
pub const VERSION_HEADER: &str = "huidan-wire";
/// Header that carries the internal token, without which no private route changes anything.
pub const TOKEN_HEADER: &str = "huidan-internal-token";
