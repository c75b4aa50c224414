//! What the platforms saw: the truth that tests compare the product with.

use crate::express::Parcel;
use crate::fiction::Receiver;
use crate::notice::NoticeSeen;
use crate::order::{Order, Platform};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything seen so far.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// Orders with what was confirmed for each.
    pub orders: Vec<OrderSeen>,
    /// Every confirmation that took effect, in order.
    pub confirmations: Vec<Confirmation>,
    /// Stock now, by platform and merchant's code.
    pub stock: BTreeMap<String, BTreeMap<String, i64>>,
    /// Every stock write that took effect, in order.
    pub stock_writes: Vec<StockWrite>,
    /// Every number that was charged.
    pub waybills: Vec<Waybill>,
    /// The parcels of the express carriers, with their scans and the course that was planned for them.
    pub parcels: Vec<Parcel>,
    /// Numbers in stock, by carrier.
    pub numbers_left: BTreeMap<String, i64>,
    /// Every message that a provider of notices accepted.
    pub notices: Vec<NoticeSeen>,
    /// Every pair of tokens given out, and every refresh refused.
    pub tokens: Vec<TokenSeen>,
    /// Calls refused because of their signature, token or time.
    pub bad_signatures: Vec<Refusal>,
    /// Calls refused for another reason.
    pub refusals: Vec<Refusal>,
    /// Calls by `<platform> <operation>`, then by answer.
    pub requests: BTreeMap<String, BTreeMap<String, u64>>,
    /// Webhooks and route pushes sent, in order of their first attempt.
    pub pushes: Vec<PushSeen>,
    /// Connections to the label printer that carried bytes.
    pub jobs: Vec<Job>,
    /// Labels on paper, in order, from the printer and the component.
    pub paper: Vec<Paper>,
    /// Tasks the print component was given.
    pub tasks: Vec<Task>,
}

/// One order.
#[derive(Clone, Debug, Serialize)]
pub struct OrderSeen {
    /// Everything the platform keeps of it.
    #[serde(flatten)]
    pub order: Order,
    /// The id as the platform writes it.
    pub text_id: String,
    /// Total as a decimal text.
    pub total: String,
    /// Numbers confirmed for it, in order.
    pub numbers: Vec<String>,
}

/// A shipment told to a channel.
#[derive(Clone, Debug, Serialize)]
pub struct Confirmation {
    /// Which channel.
    pub platform: Platform,
    /// Its order id.
    pub order: i64,
    /// Carrier as told.
    pub carrier: String,
    /// Number as told.
    pub number: String,
    /// Line id and pieces.
    pub lines: Vec<(i64, i64)>,
    /// `create`, or `update` where a number replaced another, `repeat` where the same was told again.
    pub kind: &'static str,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// A stock level told to a channel.
#[derive(Clone, Debug, Serialize)]
pub struct StockWrite {
    /// Which channel.
    pub platform: Platform,
    /// Merchant's code.
    pub sku: String,
    /// Level that now holds.
    pub quantity: i64,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// A number that a carrier gave out and charged.
#[derive(Clone, Debug, Serialize)]
pub struct Waybill {
    /// Who gave it.
    pub platform: Platform,
    /// Carrier code as asked.
    pub carrier: String,
    /// The number.
    pub number: String,
    /// The caller's idempotency key (`orderId`, `object_id`).
    pub key: String,
    /// The caller's package id, if it named one.
    pub package: String,
    /// The caller's orders, if it named them.
    pub orders: Vec<String>,
    /// How often the same key asked again and got the same number.
    pub repeats: u64,
    /// Whether it was cancelled (and the charge given back).
    pub cancelled: bool,
    /// Whom it goes to, in clear: the platform opens its own token.
    pub receiver: Receiver,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// A pair of tokens given out, or not.
#[derive(Clone, Debug, Serialize)]
pub struct TokenSeen {
    /// By whom.
    pub platform: Platform,
    /// For which shop; empty where nobody knows.
    pub shop: String,
    /// `code`, `refresh`, `refresh_again` (one that is used up), `refused`.
    pub how: &'static str,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// A refused call.
#[derive(Clone, Debug, Serialize)]
pub struct Refusal {
    /// By whom.
    pub platform: Platform,
    /// Which call.
    pub operation: String,
    /// Why.
    pub why: String,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// A webhook or push.
#[derive(Clone, Debug, Serialize)]
pub struct PushSeen {
    /// Whose.
    pub platform: Platform,
    /// Its topic.
    pub topic: String,
    /// Order id or waybill number it is about.
    pub about: String,
    /// The platform's delivery id.
    pub delivery: String,
    /// HTTP status of each attempt; 0 is no answer.
    pub attempts: Vec<u16>,
    /// Answered with success, but not in the platform's own words: counted as failure.
    pub wrong_acks: u32,
    /// `dropped` (by a fault), `pending`, `acknowledged`, `given_up`.
    pub outcome: &'static str,
}

/// A print job's bytes as they came over one connection.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// From 0.
    pub index: usize,
    /// Bytes received.
    pub bytes: usize,
    /// SHA-256 of them, hex.
    pub sha256: String,
    /// Whole labels in it.
    pub labels: usize,
    /// How the connection ended: `open`, `closed`, `reset`.
    pub ended: &'static str,
}

/// One label on paper.
#[derive(Clone, Debug, Serialize)]
pub struct Paper {
    /// The printer or the component.
    pub platform: Platform,
    /// `zpl`, `tspl` or `component`.
    pub language: &'static str,
    /// SHA-256 of the label's bytes (ZPL, TSPL) or of the waybill number.
    pub sha256: String,
    /// Number of the job or task.
    pub job: usize,
    /// The waybill number, where the component printed it.
    pub number: String,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// A task of the print component.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    /// `taskID`.
    pub id: String,
    /// `documentID` of each document.
    pub documents: Vec<String>,
    /// What became of it: `printed`, `failed`, `refused`, `silent`.
    pub outcome: &'static str,
    /// Whether the same `taskID` had come before.
    pub repeat: bool,
    /// Why it failed, if it did.
    pub why: String,
    /// Receivers opened from the encrypted print data.
    pub receivers: Vec<Receiver>,
}
