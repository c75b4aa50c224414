use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far Huidan acts in a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Reads orders, plans nothing.
    Observe,
    /// Plans, takes no numbers and tells nobody; `/shops/{id}/shadow` shows what it would have done.
    Shadow,
    /// Ships. A shop that goes live has each open order read back from its channel first: what is still to be shipped is
    /// planned anew and booked, what was shipped by hand meanwhile never gets a number.
    Live,
}

impl Mode {
    /// Its stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Shadow => "shadow",
            Self::Live => "live",
        }
    }
}

/// Which of a platform's systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// The real one.
    Live,
    /// The platform's test system.
    Sandbox,
}

impl Environment {
    /// Its stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Sandbox => "sandbox",
        }
    }
}

/// A shop to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShop {
    /// Chosen by you; stands in the webhook's address. Letters, digits, `-` and `_`.
    pub id: String,
    /// Its channel, such as `shopify`.
    pub channel: String,
    /// For people.
    pub name: String,
    /// How far Huidan acts in it.
    pub mode: Mode,
    /// The platform's real or test system.
    pub environment: Environment,
    /// Its own address, only for shops that live on a host of their own.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The platform's own names and values; they never come back.
    pub credentials: BTreeMap<String, String>,
}

/// Changes to a shop; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchShop {
    /// For people.
    pub name: Option<String>,
    /// How far Huidan acts in it.
    pub mode: Option<Mode>,
    /// The platform's real or test system.
    pub environment: Option<Environment>,
    /// Its own address.
    pub base_url: Option<String>,
    /// Whether anything is done with it at all.
    pub active: Option<bool>,
    /// Credentials to replace; those not named stay.
    pub credentials: Option<BTreeMap<String, String>>,
}

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shop {
    /// Its id.
    pub id: String,
    /// Its channel.
    pub channel: String,
    /// For people.
    pub name: String,
    /// `observe`, `shadow` or `live`.
    pub mode: String,
    /// `live` or `sandbox`.
    pub environment: String,
    /// Its own address.
    pub base_url: Option<String>,
    /// Whether anything is done with it.
    pub active: bool,
    /// What a person must do about it; empty when nothing.
    pub trouble: String,
    /// Everything changed at the channel before is here; `null` when it is not listed.
    pub pulled_to: Option<String>,
    /// Why listing it does not get on; empty when it does.
    pub pull_trouble: String,
    /// When its orders were last compared with the channel's; `null` before the first time.
    pub compared_at: Option<String>,
    /// When they were last compared as far back as it goes.
    pub whole_compared_at: Option<String>,
    /// Why comparing them does not get on; empty when it does.
    pub compare_trouble: String,
    /// What may soon cost orders.
    pub alarms: Vec<ShopAlarm>,
    /// Where the platform is to send its webhooks.
    pub webhook: String,
    /// When it was set up.
    pub created_at: String,
}

/// What may soon cost a shop orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShopAlarm {
    /// `late_watermark`, `not_compared`, `silent_shop`, `lost_subscription` or `token_ending`.
    pub kind: String,
    /// For a person.
    pub detail: String,
    /// Since when.
    pub since: String,
}

/// An authorisation that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authorisation {
    /// The platform's page; open it within a quarter of an hour, signed in as the shop.
    pub page: String,
}

/// An order that a channel had and we had not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissingOrder {
    /// Shop.
    pub shop: String,
    /// The channel's id of the order.
    pub ext_id: String,
    /// `never_arrived`, `update_missed`, `pull_behind` or `lost_after_arrival`.
    pub cause: String,
    /// When the comparison saw it.
    pub seen_at: String,
    /// When it was here; `null` while it is missing.
    pub healed_at: Option<String>,
}

/// A carrier account to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCarrier {
    /// Chosen by you; stands in the push's address.
    pub id: String,
    /// The carrier, such as `sf`.
    pub carrier: String,
    /// For people, and for channels that ask for the carrier's name.
    pub name: String,
    /// The carrier's real or test system.
    pub environment: Environment,
    /// The carrier's product; empty for its usual one.
    #[serde(default)]
    pub service: String,
    /// Provinces (or ISO countries) it serves; empty: all.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Heaviest parcel in grams; 0: no limit.
    #[serde(default)]
    pub max_weight_g: u32,
    /// Price of the first kilogram in fen, for comparing; 0 when unknown.
    #[serde(default)]
    pub price_first_fen: i64,
    /// Price of each further kilogram in fen.
    #[serde(default)]
    pub price_more_fen: i64,
    /// The carrier's own names and values; they never come back.
    #[serde(default)]
    pub credentials: BTreeMap<String, String>,
}

/// Changes to a carrier account; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchCarrier {
    /// For people.
    pub name: Option<String>,
    /// The carrier's real or test system.
    pub environment: Option<Environment>,
    /// The carrier's product.
    pub service: Option<String>,
    /// Provinces (or ISO countries) it serves; empty: all.
    pub serves: Option<Vec<String>>,
    /// Heaviest parcel in grams; 0: no limit.
    pub max_weight_g: Option<u32>,
    /// Price of the first kilogram in fen.
    pub price_first_fen: Option<i64>,
    /// Price of each further kilogram in fen.
    pub price_more_fen: Option<i64>,
    /// Its place in the order of preference, from 0.
    pub position: Option<u32>,
    /// Whether it is used.
    pub active: Option<bool>,
    /// Credentials to replace; those not named stay.
    pub credentials: Option<BTreeMap<String, String>>,
}

/// A carrier account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Carrier {
    /// Its id.
    pub id: String,
    /// The carrier.
    pub carrier: String,
    /// For people.
    pub name: String,
    /// `live` or `sandbox`.
    pub environment: String,
    /// The carrier's product.
    pub service: String,
    /// Provinces (or ISO countries) it serves; empty: all.
    pub serves: Vec<String>,
    /// Which channels' encrypted receivers it takes.
    pub takes_tokens_of: Vec<String>,
    /// Heaviest parcel in grams; 0: no limit.
    pub max_weight_g: u32,
    /// Price of the first kilogram in fen.
    pub price_first_fen: i64,
    /// Price of each further kilogram in fen.
    pub price_more_fen: i64,
    /// Its place in the order of preference.
    pub position: i64,
    /// Whether it is used.
    pub active: bool,
    /// What a person must do about it; empty when nothing.
    pub trouble: String,
    /// Where the carrier is to push its scans; with its secret only in the answer that made it, as the secret never
    /// comes back.
    pub push: Option<String>,
}

/// Who sends, as it stands on the paper.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Province.
    pub province: String,
    /// City.
    pub city: String,
    /// District.
    #[serde(default)]
    pub district: String,
    /// Street and number.
    pub street: String,
}

/// A warehouse to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWarehouse {
    /// Chosen by you.
    pub id: String,
    /// For people.
    pub name: String,
    /// Who sends.
    pub sender: Sender,
    /// Provinces (or ISO countries) it serves; empty: all.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Its offset from UTC, such as `+08:00`, by which its days are counted.
    #[serde(default)]
    pub zone: Option<String>,
    /// The printer its paper comes out of; left out: one that no warehouse has yet. Empty: none.
    #[serde(default)]
    pub printer: Option<String>,
    /// The printer for documents that only a platform's print component reads; likewise.
    #[serde(default)]
    pub task_printer: Option<String>,
}

/// Changes to a warehouse; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchWarehouse {
    /// For people.
    pub name: Option<String>,
    /// Who sends.
    pub sender: Option<Sender>,
    /// Provinces (or ISO countries) it serves; empty: all.
    pub serves: Option<Vec<String>>,
    /// Its offset from UTC.
    pub zone: Option<String>,
    /// The printer its paper comes out of; empty for none of its own.
    pub printer: Option<String>,
    /// The printer for documents that only a platform's print component reads; empty for none.
    pub task_printer: Option<String>,
    /// Its place in the order of preference, from 0.
    pub position: Option<u32>,
    /// Whether it ships.
    pub active: Option<bool>,
}

/// A warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warehouse {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Who sends.
    pub sender: Sender,
    /// Provinces (or ISO countries) it serves; empty: all.
    pub serves: Vec<String>,
    /// Its offset from UTC.
    pub zone: String,
    /// The printer its paper comes out of.
    pub printer: Option<String>,
    /// The printer for documents that only a platform's print component reads.
    #[serde(default)]
    pub task_printer: Option<String>,
    /// Its place in the order of preference.
    pub position: i64,
    /// Whether it ships.
    pub active: bool,
}

/// A printer, as its bridge announced it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Printer {
    /// Its id: the name it has at its bridge.
    pub id: String,
    /// Its bridge.
    pub bridge: Option<String>,
    /// The bridge's name.
    pub bridge_name: Option<String>,
    /// What it understands: `zpl`, `tspl`, `escpos`, `png`, `pdf`, `platform-task`.
    pub lang: String,
    /// Dots per inch.
    pub dpi: u32,
    /// Width of its paper.
    pub width_mm: u32,
    /// Height of its paper.
    pub height_mm: u32,
    /// How it is, in the bridge's words.
    pub status: String,
    /// When it was last heard of.
    pub seen_at: Option<String>,
    /// Whether anything is sent to it.
    pub active: bool,
}

/// Changes to a printer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchPrinter {
    /// Whether anything is sent to it.
    pub active: Option<bool>,
}

/// A code by which a bridge is paired: shown once, works once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PairingCode {
    /// Eight characters none of which looks like another.
    pub code: String,
    /// Until when it works.
    pub expires_at: String,
}
