//! What an adapter and the outside exchange. Adapters do no I/O: a webhook comes in as bytes that only verification
//! opens, a call goes out as a request that somebody else sends, its replies come back as data.

mod call;
pub mod cipher;
mod error;
mod fault;
pub mod json;
pub mod pairs;
mod redact;
pub mod sign;
pub mod time;
mod webhook;

pub use call::{Account, Call, Credentials, Next, Origin, Reply, Request};
pub use error::{CallError, Refusal, Said};
pub use fault::{Effect, fault, it_exists, rejected, retry_after, unclear, unreadable};
pub use redact::redact;
pub use webhook::{Proof, Unverified, Verified, Webhook, no_such_push};
