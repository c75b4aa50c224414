//! The port of a way to tell people and systems. An adapter implements [`Notice`]; the core knows it by its id alone.
//!
//! As with a channel, sending is a pure function of [`Call`] that returns the request to send and is asked again with the
//! reply, until it returns its result. What is said by itself of each topic, and how a text gets its values, stands here
//! too ([`topic`], [`text`]).

pub mod common;
mod form;
mod manifest;
pub mod text;
pub mod topic;

pub use form::{GONE, Message, Sent};
pub use huidan_exchange::Origin;
pub use manifest::{CredentialField, Limit, Manifest, Reach, Repeat};

use huidan_exchange::{Call, CallError, Next};

/// A way to tell: a provider of short messages or mail, a group's robot, another system's address.
pub trait Notice {
    /// What this way is and can do, as data.
    fn manifest(&self) -> &'static Manifest;

    /// Sends one message. Its `id` is stored before this is called, and is the same at every try.
    ///
    /// # Errors
    /// [`CallError`]; only `Rejected`, `Credentials`, `Limited` and `Transient` mean that certainly nothing went out.
    /// `Rejected` with the code [`GONE`] means that nothing is wanted any more.
    fn send(&self, call: &Call<'_>, message: &Message) -> Result<Next<Sent>, CallError>;
}
