//! Notices: what happened and somebody may want to know, the ways to tell, and what became of each message.

mod news;

pub use news::{News, tell};
