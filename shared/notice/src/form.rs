use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The code of a rejection that ends a way: the other side wants nothing more.
pub const GONE: &str = "gone";

/// What is to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Ours, 26 characters; stored before the first try and the same at every one.
    pub id: String,
    /// To whom: a phone or mailbox; empty: those that the way's own settings name.
    pub to: Vec<String>,
    /// One line.
    pub title: String,
    /// The text.
    pub text: String,
    /// The provider's code of an approved text; empty where there is none.
    pub code: String,
    /// What an approved text is filled with.
    pub values: BTreeMap<String, String>,
    /// The event as JSON text, for a program; empty for people.
    pub payload: String,
}

/// It went out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The provider's own id of it; empty where it gives none.
    pub receipt: String,
}
