//! The use cases as pure decisions: what arrived → what changes and what must happen next. No I/O, no clock, no chance.

mod fold;
pub mod parcel;
pub mod plan;
pub mod reason;
pub mod rules;
pub mod wave;

pub use fold::fold;

use huidan_wire::step::Facts;

/// A normalize or route step: the port that a component under `functions/normalize` or `functions/route` implements.
pub trait Step<T> {
    /// The component's id.
    fn name(&self) -> &'static str;

    /// The facts it needs, by the names of [`Facts`]' fields.
    fn needs(&self) -> &'static [&'static str];

    /// Changes the subjects; never fails: what cannot be settled becomes a problem or a hold on its subject. The
    /// answer keeps the order; only a route step may put several in the place of one (parts of it, with its key).
    fn run(&self, now: huidan_domain::Millis, subjects: Vec<T>, facts: &Facts) -> Vec<T>;
}
