//! Notices: what happened and somebody may want to know, the ways to tell, and what became of each message.

mod due;
mod list;
mod look;
mod news;
mod settle;
mod sort;
#[cfg(test)]
mod tests;
mod texts;
mod ways;

pub use due::{Due, any_due, bundle, claim, due, postpone, recent};
pub use list::{one, page};
pub use look::look;
pub use news::{News, tell};
pub use settle::{Outcome, end_way, resend, settle};
pub use sort::{Contact, Message, Unsorted, any_unsorted, contacts, sort, test, unsorted};
pub use texts::{Text, Wish, contact_hash, drop_text, put_rules, put_text, put_wish, rules, texts, wishes};
pub use ways::{Way, active, add, patch, trouble, way, ways};
