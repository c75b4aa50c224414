use bytes::Bytes;
use huidan_domain::{Millis, OrderFacts};
use huidan_exchange::json::Wrong;
use huidan_wire::api::{ImportMapping, RowProblem};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing that a webhook announces.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// The platform's id of the message; the same message twice bears the same id.
    pub event_id: String,
    /// The platform's topic.
    pub topic: String,
    /// The order it is about.
    pub ext_id: String,
    /// Whether `document` holds the whole order; otherwise it is a hint and the order is fetched.
    pub complete: bool,
    /// The part of the body that is about this order.
    pub document: Bytes,
    /// The platform's id of the shop, where one address serves several shops ([`crate::Manifest::seller_field`]);
    /// empty: the shop in the path.
    pub seller: String,
}

/// A platform's document, unread.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is: a webhook's topic, or the name of the list or call it came from.
    pub topic: String,
    /// Its text.
    pub body: String,
}

impl std::fmt::Debug for Document {
    /// Shows the size, never the text: it holds personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("topic", &self.topic).field("bytes", &self.body.len()).finish()
    }
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// An order.
    Order(Box<OrderFacts>),
    /// The channel removed the order for good.
    Removed {
        /// The order.
        ext_id: String,
        /// When, by the channel's clock.
        at: Millis,
    },
}

/// Why a document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Which field, such as `line_items[2].price`; empty when it is no document at all.
    pub field: String,
    /// What is wrong with it, without its content.
    pub detail: String,
}

impl From<Wrong> for Unreadable {
    fn from(wrong: Wrong) -> Self {
        Self { field: wrong.field, detail: wrong.detail }
    }
}

/// One page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The orders on it.
    pub orders: Vec<Listed>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<String>,
}

/// One order of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The order.
    pub ext_id: String,
    /// The channel's time of its last change, in milliseconds since 1970; `None` where the list does not say.
    pub updated_at: Option<i64>,
    /// The whole document, where the list carries it; otherwise the order is fetched.
    pub document: Option<Document>,
}

/// A parcel that left, to be told to the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The channel's id of the order.
    pub ext_id: String,
    /// Our id of the parcel, the same at every repeat.
    pub parcel: String,
    /// Our id of the carrier, such as `sf`.
    pub carrier: String,
    /// The carrier's name for people.
    pub carrier_name: String,
    /// The seller's own mapping to the channel's code of the carrier, where one is set.
    pub carrier_code: Option<String>,
    /// The number.
    pub waybill: String,
    /// The number told before, where this is a change.
    pub replaces: Option<String>,
    /// What is in it.
    pub lines: Vec<ShipmentLine>,
    /// Whether with this parcel the whole order has left.
    pub completes: bool,
}

/// What a parcel holds of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentLine {
    /// The channel's id of the line.
    pub ext_line_id: String,
    /// How many of it.
    pub qty: u32,
    /// Whether this is all of the line.
    pub whole: bool,
}

/// The channel knows of the parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmed {
    /// It was told now.
    Told,
    /// It knew already, under the same number.
    AlreadyThere,
}

/// What may be sold of one of a shop's variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    /// The channel's id of the item.
    pub ext_item: String,
    /// The channel's id of the variant.
    pub ext_sku: String,
    /// The seller's code at the channel.
    pub outer_code: String,
    /// How many.
    pub available: u32,
    /// Rises with every new number for this variant.
    pub version: u64,
}

/// What became of one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum StockOutcome {
    /// The channel has the number.
    Set,
    /// The channel has a newer one.
    Stale,
    /// The channel said no.
    Rejected {
        /// The platform's code.
        code: String,
        /// What a person can do.
        remedy: String,
    },
}

/// By which mappings a spreadsheet is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportBy {
    /// What a person says the columns hold.
    #[serde(default)]
    pub given: Option<ImportMapping>,
    /// What was confirmed for this shop before, newest first; one that was made for the very headings is used.
    #[serde(default)]
    pub remembered: Vec<ImportMapping>,
}

/// What a spreadsheet held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Those that could be read.
    pub orders: Vec<ImportedOrder>,
    /// Rows that could not.
    pub problems: Vec<RowProblem>,
    /// By what it was read: every column of the file.
    #[serde(default)]
    pub mapping: ImportMapping,
}

/// One order of a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedOrder {
    /// The same for the same rows, whenever they are read.
    pub key: String,
    /// The order as a document of the channel's own.
    pub document: Document,
}

/// Why a spreadsheet is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRefused {
    /// `unreadable_file`, `no_heading`, `mapping_unconfirmed`, `mapping_incomplete`, `mapping_heading`.
    pub code: String,
    /// What to do, in both languages.
    pub detail: String,
}

impl ImportRefused {
    /// With a code and a sentence.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Self { code: code.to_owned(), detail: detail.into() }
    }
}

/// How a token is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// With the code that the platform's page sent along.
    Code {
        /// The code.
        code: String,
        /// Where the page sent the browser back to, as [`crate::Channel::grant_page`] was told.
        back_to: String,
        /// What else it sent along, by the platform's names: the seller's id, where it is said nowhere else. The browser
        /// brought it, so that it proves nothing; what the token itself says goes before it.
        more: BTreeMap<String, String>,
    },
    /// With what is there already: a refresh token, or the application's own credentials.
    Renewal,
}

/// A token that was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Granted {
    /// Credentials to set, by the platform's own names: `access_token`, `refresh_token`, the seller's id …
    pub credentials: BTreeMap<String, String>,
    /// How long the access token lives, in seconds; `None` where the platform does not say.
    pub lives_s: Option<i64>,
}

impl std::fmt::Debug for Granted {
    /// Shows which credentials, never what they are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Granted").field("fields", &self.credentials.keys()).field("lives_s", &self.lives_s).finish()
    }
}
