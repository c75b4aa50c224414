use huidan_domain::{Millis, Money, Party, Receiver};
use huidan_wire::form;
use serde::{Deserialize, Serialize};

/// A parcel to take a number for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Idempotency key: 26 characters of `0-9 A-Z`, new for every attempt, the same at every repeat.
    pub claim: String,
    /// The number drawn from the account's range, where the carrier needs one.
    pub serial: Option<u64>,
    /// The carrier's product, such as `1` or `standard`; empty for the account's default.
    pub service: String,
    /// From.
    #[serde(with = "form")]
    pub sender: Party,
    /// To; masked or encrypted where it has a token.
    #[serde(with = "form")]
    pub receiver: Receiver,
    /// The channel of its orders.
    pub channel: String,
    /// The channel's ids of its orders.
    pub ext_ids: Vec<String>,
    /// What is in it.
    pub items: Vec<Item>,
    /// Grams; 0 when unknown.
    pub weight_g: u32,
    /// What the goods cost.
    #[serde(with = "form")]
    pub value: Money,
    /// For the courier.
    pub remark: String,
}

/// Goods in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Our SKU.
    pub sku: String,
    /// In words.
    pub title: String,
    /// How many.
    pub qty: u32,
}

/// What a carrier gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// The number.
    pub number: String,
    /// How its paper is made.
    pub paper: Paper,
    /// Sorting code printed large (大头笔, `destRouteLabel`), where given.
    pub routing: String,
    /// Who carries the parcel, by our id of that carrier, where it is not the one that gave the number (a
    /// platform's waybill service, a bought range); empty otherwise. Channels are told this one.
    #[serde(default)]
    pub by: String,
}

/// How the paper of a number is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Paper {
    /// We render it.
    Hub,
    /// The platform's print component renders it from this document, which must reach it unmodified.
    PlatformTask {
        /// JSON text as the platform gave it.
        print_data: String,
    },
}

/// A number went back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancelled {
    /// Now.
    Done,
    /// It had gone back already.
    AlreadyGone,
}

/// One event on a parcel's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// The waybill number.
    pub number: String,
    /// The carrier's id of the event; empty where it has none (then number, time, kind and place tell events apart).
    pub event_id: String,
    /// When, by the carrier's clock.
    #[serde(with = "form")]
    pub at: Millis,
    /// What happened.
    pub kind: ScanKind,
    /// The carrier's own code.
    pub code: String,
    /// The carrier's words.
    pub text: String,
    /// Where.
    pub place: String,
}

/// What happened to a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanKind {
    /// Picked up.
    PickedUp,
    /// On the way.
    Moving,
    /// With the courier for delivery.
    OutForDelivery,
    /// Something went wrong.
    Problem,
    /// The receiver refused it.
    Refused,
    /// Signed for.
    Signed,
    /// On the way back.
    Returning,
    /// Back at the sender.
    Returned,
    /// A code we do not know: kept, changes nothing.
    Other,
}
