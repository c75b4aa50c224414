//! The words of the field as types: orders, money, packages, waybills, print jobs, stock.
//!
//! Nothing here does I/O, reads a clock, draws a random number, serializes or names a provider.

mod mailbox;
mod money;
mod named;
mod order;
mod package;
mod print;
mod receiver;
mod status;
mod time;
mod wave;
mod waybill;

pub use mailbox::Mailbox;
pub use money::{Currency, Money, MoneyError};
pub use named::UnknownName;
pub use order::{
    ChannelState, Hold, Intent, LineFacts, LineKind, OrderFacts, PayState, Problem, RefundState, ReviewState, SkuQty,
    Version,
};
pub use package::{PackageEvent, PackageStatus};
pub use print::{JobEvent, JobState};
pub use receiver::{Party, Receiver};
pub use status::{DisplayFacts, OrderStatus, display_status};
pub use time::{Millis, Window};
pub use wave::{WaveEvent, WaveKind, WaveState};
pub use waybill::{WaybillEvent, WaybillNo, WaybillState};

/// What a life cycle answers to an event.
///
/// A repeat and a contradiction are ordinary outcomes of a world that sends everything twice and out of order,
/// so they are values here and not errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move<S> {
    /// The event moves the subject to this state.
    To(S),
    /// The subject is already there: nothing changes.
    AlreadyThere,
    /// The event contradicts the state: nothing changes and a person should hear of it.
    Conflict,
}
