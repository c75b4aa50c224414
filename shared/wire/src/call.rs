//! Calls from the conductor to channels and carriers: `POST http://<component>.spin.internal/call/<operation>`.
//!
//! Every request body is a struct of this module (or of the port) as JSON; every answer is an [`Answer`].

use serde::{Deserialize, Serialize};

/// What a private call answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer<T> {
    /// The result.
    Done(T),
    /// Why there is none, by what the caller should do next.
    Failed(Failure),
}

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `transient`, `limited`, `credentials`, `rejected` or `unknown`.
    pub kind: String,
    /// The platform's or our code; the field's name for `credentials`.
    pub code: String,
    /// For a person, without personal data.
    pub detail: String,
    /// When to try again, in seconds from now, where the other side said.
    pub after_s: Option<u32>,
}

/// `read`: documents to turn into orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read<D> {
    /// The documents; the answer is a list of the same length.
    pub documents: Vec<D>,
}

/// What became of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read1 {
    /// An order.
    Order(Box<crate::OrderFacts>),
    /// The channel removed the order.
    Removed {
        /// The order.
        ext_id: String,
        /// When, in milliseconds since 1970.
        at: i64,
    },
    /// It cannot be read.
    Unreadable {
        /// Which field.
        field: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// `list`: one page of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Our id of the shop.
    pub shop: String,
    /// First instant, milliseconds since 1970.
    pub from: i64,
    /// Last instant.
    pub to: i64,
    /// Where the page begins.
    pub cursor: Option<String>,
}

/// `fetch`: the whole of some orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// Our id of the shop.
    pub shop: String,
    /// The channel's ids; the answer is a list of the same length, `null` where the channel has none.
    pub ext_ids: Vec<String>,
}

/// `confirm`, `stock`, `book`, `query`, `cancel`, `track`: something for one shop or carrier account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct For<T> {
    /// Our id of the shop or account.
    pub account: String,
    /// What.
    pub subject: T,
}

/// `cancel` of a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelNumber {
    /// The number.
    pub number: String,
    /// The claim it was given for.
    pub claim: String,
}
