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
    /// How many pieces travel under this parcel's number: 1, or more where the manifest's `most_pieces` allows; then the
    /// first is the mother and the others get numbers of their own.
    #[serde(default = "one")]
    pub pieces: u16,
}

fn one() -> u16 {
    1
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
    /// The numbers of the further pieces of the same parcel, in their order; empty where there is one piece.
    #[serde(default)]
    pub children: Vec<Child>,
    /// The carrier's own name of the order, where it wants that one back to have the number given up; empty where the
    /// number and our claim are enough.
    #[serde(default)]
    pub reference: String,
}

/// A further piece of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// Its own number.
    pub number: String,
    /// How its paper is made.
    pub paper: Paper,
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
    /// The carrier drew it: a document that is printed as it is.
    Document {
        /// What it is.
        media: DocumentMedia,
        /// The bytes, in standard base64.
        base64: String,
    },
}

/// What a carrier's own document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentMedia {
    /// PDF; one page per piece.
    Pdf,
    /// One PNG.
    Png,
    /// ZPL II, ready to send.
    Zpl,
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

/// What the carrier would ask for a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The carrier's product.
    pub service: String,
    /// In the product's own words.
    pub title: String,
    /// The price of the whole parcel.
    #[serde(with = "form")]
    pub price: Money,
    /// Days on the way by the carrier's word, where it says.
    pub days: Option<u16>,
}

/// What is left of a stock of numbers or of money at the carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Where it lies: the carrier's branch (网点), or empty for the whole account.
    pub place: String,
    /// Numbers left.
    pub numbers: Option<u64>,
    /// Numbers given back and counted again, where the carrier tells.
    pub given_back: Option<u64>,
    /// Money left.
    #[serde(with = "form", default)]
    pub money: Option<Money>,
}

/// A parcel to be asked about or watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    /// The number.
    pub number: String,
    /// Our id of who carries it: an account may watch what another gave the number for.
    pub by: String,
    /// Last four digits of the sender's phone, which some carriers want with the question; empty where unknown.
    pub phone_tail: String,
}

impl Tracked {
    /// The parcel that the carrier itself carries, with no phone known.
    pub fn new(number: &str, by: &str) -> Self {
        Self { number: number.to_owned(), by: by.to_owned(), phone_tail: String::new() }
    }
}

#[allow(
    clippy::large_enum_variant,
    reason = "lives for the length of one call; a box would be an allocation for nothing"
)]
/// What to do with a parcel that is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intercept {
    /// Back to the sender.
    Return,
    /// To somebody else, or somewhere else.
    Redirect(#[serde(with = "form")] Receiver),
}

/// What became of the wish to intercept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intercepted {
    /// The carrier tries; scans will tell.
    Accepted,
    /// The same wish stands already.
    AlreadyAsked,
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
    /// Nobody watches the number any more, and the parcel has not arrived: a subscription that ended. `text` says why.
    Unwatched,
    /// A code we do not know: kept, changes nothing.
    Other,
}
