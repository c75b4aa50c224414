//! The simulated day: orders come in by a seeded plan at simulated platforms, everything goes wrong that goes wrong in
//! life, and in the end the hub's orders are compared with the platforms'. The functions are the real ones, run natively
//! under a clock that moves as fast as the day can be computed.
//!
//! What is simulated, and how it is drawn, is in [`plan`]; what is counted, in [`truth`].
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a library of tests: what goes wrong in it ends the test"
)]

mod house;
pub mod plan;
pub mod report;
pub mod truth;

pub use plan::Plan;
pub use truth::Outcome;

use house::House;
use huidan_testkit::world::block_on;

/// What is taken out of the house, to see what it was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Nothing: the house as it is.
    Nothing,
    /// Nobody compares.
    Healing,
    /// Nothing is ever asked of a platform's lists: neither to pull nor to compare.
    Polling,
    /// Every document is an order of its own.
    Dedupe,
}

impl Without {
    /// For the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "all on",
            Self::Healing => "healing off",
            Self::Polling => "polling off",
            Self::Dedupe => "dedupe off",
        }
    }
}

/// Lives through a day.
///
/// # Panics
/// When a function answers with an error where it never should.
pub fn live(plan: &Plan, without: Without) -> Outcome {
    block_on(async {
        let mut house = House::new(plan, without).await;
        house.live(plan).await;
        truth::compare(&house).await
    })
}
