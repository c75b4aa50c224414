//! Calls from the conductor: to channels `POST http://<component>.spin.internal/call/<operation>`, to carriers
//! `…/waybill/<operation>`.
//!
//! Every request body is a struct of this module (or of the port) as JSON; every answer is an [`Answer`].

use serde::{Deserialize, Serialize};

/// What stands behind a channel's id in the id of the platform's own waybill service, which is a carrier.
pub const WAYBILL: &str = "-waybill";

/// The code of a booking's `unknown` failure where the carrier said that the claim is there already, and showed nothing.
pub const EXISTS: &str = "exists";

/// The component that a carrier is: a platform's own waybill service lives in the component of its channel.
pub fn carrier_component(carrier: &str) -> String {
    match carrier.strip_suffix(WAYBILL) {
        Some(channel) => format!("channel-{channel}"),
        None => format!("carrier-{carrier}"),
    }
}

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
    /// Whether it only looks for what was missed: everything else goes first where the platform counts calls.
    #[serde(default)]
    pub reconciles: bool,
}

/// `grant-page`: an authorisation to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantPage {
    /// Where the platform's page is to send the browser: `<public_url>/oauth/<channel>/callback`.
    pub back_to: String,
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
    /// What the carrier itself calls the order, where it said.
    #[serde(default)]
    pub reference: String,
}

/// `update` of a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateParcel<P> {
    /// The number.
    pub number: String,
    /// The parcel as it is to be.
    pub parcel: P,
}

/// `subscribe` of a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch<T> {
    /// The parcel.
    pub parcel: T,
    /// Where its scans are to be pushed.
    pub push_to: String,
}

/// `intercept` of a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterceptParcel<I> {
    /// The number.
    pub number: String,
    /// The claim it was given for.
    pub claim: String,
    /// What is to become of it.
    pub wish: I,
}

/// `manifest` of a channel: what the rest of the house may know of it without naming it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChannelManifest {
    /// Its id.
    pub id: String,
    /// Name, Chinese.
    pub zh: String,
    /// Name, English.
    pub en: String,
    /// Whether each shop lives on a host of its own and needs a `base_url`.
    pub own_host: bool,
    /// Whether such a shop may do without: it pushes, and nothing is told to it.
    #[serde(default)]
    pub host_optional: bool,
    /// How orders are listed, where they can be.
    pub list: Option<ListRules>,
    /// Whether a person lets us in on a page of the platform.
    #[serde(default)]
    pub grant_page: bool,
    /// Whether access tokens end and are renewed.
    #[serde(default)]
    pub tokens: bool,
    /// The credential that holds the platform's id of the shop, where one webhook address serves several shops.
    #[serde(default)]
    pub seller_field: Option<String>,
    /// Whether it is told of shipments.
    pub confirms: bool,
    /// What it takes when it is told of shipments; `null` where it wants to hear nothing.
    #[serde(default)]
    pub telling: Option<TellingRules>,
    /// Most stock levels per call; 0: stock cannot be told.
    pub stock_batch: usize,
    /// Budgets per shop: operation, calls, per seconds.
    pub limits: Vec<(String, u32, u32)>,
    /// The credentials a shop needs.
    pub credentials: Vec<CredentialField>,
}

/// What a channel takes when it is told of shipments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TellingRules {
    /// Numbers per order: `several`, `one_per_line`, `first_of_order` (of several parcels the first that leaves),
    /// `last_of_order`.
    pub numbers: String,
    /// How finely it takes what a parcel holds: `order`, `lines`, `pieces`.
    pub holds: String,
    /// Whether its order shows one number per line only, so that a further parcel of a line cannot be seen there.
    #[serde(default)]
    pub shows_one_per_line: bool,
    /// Whether a number told may be changed.
    pub changes: bool,
    /// How often per order; `null` where no limit is known.
    pub most_changes: Option<u32>,
    /// For how many seconds after it was told; `null`: until the buyer has received it.
    pub change_within_s: Option<i64>,
    /// Most parcels that one call tells.
    pub per_call: u8,
    /// Whether it asks for the parcel's weight.
    pub weight: bool,
    /// How long after the label came out it may be told at the earliest, in seconds.
    pub after_print_s: i64,
    /// Within how many seconds of being told the carrier must have scanned the parcel, where the platform fines the rest.
    pub picked_up_s: Option<i64>,
    /// Whether an open refund of one line fails the whole call: such lines are held back.
    pub holds_refunding_lines: bool,
    /// How "told already" is known: `looks_first`, `reads_back`, `says_so`.
    pub already: String,
    /// Its codes of carriers, by our ids.
    pub carriers: std::collections::BTreeMap<String, String>,
    /// Whether a carrier without a code is told by its name; else the seller has to set one.
    pub others_by_name: bool,
}

/// How a channel lists changed orders; milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ListRules {
    /// Longest span of one list call.
    pub window_ms: i64,
    /// How long after a change the list may still miss it.
    pub lag_ms: i64,
    /// By how much windows overlap.
    pub overlap_ms: i64,
    /// How often to list.
    pub every_ms: i64,
    /// How far back the platform lists at all.
    pub history_ms: i64,
    /// Whether the list names orders without saying when they were changed.
    #[serde(default)]
    pub untimed: bool,
}

/// One field of an account's credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CredentialField {
    /// The platform's own name.
    pub name: String,
    /// Whether nothing works without it.
    pub needed: bool,
    /// Where to find it, Chinese.
    pub zh: String,
    /// Where to find it, English.
    pub en: String,
}

/// `manifest` of a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CarrierManifest {
    /// Its id.
    pub id: String,
    /// Name on paper, Chinese.
    pub zh: String,
    /// Name, English.
    pub en: String,
    /// How a lost answer is resolved: `query`, `safe_repeat`, `person`.
    pub unknown_outcome: String,
    /// Whether booking needs a serial number from the account's range.
    pub needs_serial: bool,
    /// Which channels' encrypted receivers it takes by token.
    pub takes_tokens_of: Vec<String>,
    /// Whether it pushes scans.
    pub pushes: bool,
    /// Whether its push needs a secret path.
    pub secret_path: bool,
    /// Most numbers per tracking call; 0: cannot be asked.
    pub track_batch: usize,
    /// Whether it gives numbers; one that does not only watches.
    #[serde(default = "yes")]
    pub books: bool,
    /// Whether it watches parcels that others carry.
    #[serde(default)]
    pub watches_others: bool,
    /// Whether it pushes scans of a number only once asked to.
    #[serde(default)]
    pub subscribes: bool,
    /// Whether a booked parcel can be changed under its number.
    #[serde(default)]
    pub updates: bool,
    /// Whether it tells prices.
    #[serde(default)]
    pub prices: bool,
    /// Whether it tells what is left of numbers or money.
    #[serde(default)]
    pub balances: bool,
    /// Whether a parcel on its way can be stopped or redirected.
    #[serde(default)]
    pub intercepts: bool,
    /// How many days after it was given back a number is counted again; `null`: never, or nobody says.
    #[serde(default)]
    pub reclaim_days: Option<u16>,
    /// Most pieces under one number.
    #[serde(default = "one")]
    pub most_pieces: u16,
    /// The credentials an account needs.
    pub credentials: Vec<CredentialField>,
}

fn yes() -> bool {
    true
}

fn one() -> u16 {
    1
}
