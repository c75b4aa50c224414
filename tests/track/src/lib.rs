//! Weeks of parcels' lives, drawn by a seed, lived through by the real tracking under a clock that only the test moves, and
//! its alarms held against what was drawn.

pub mod floors;
mod house;
pub mod life;
pub mod report;
mod score;

pub use score::{Score, score};
