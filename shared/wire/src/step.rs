//! The batches that flow through normalize and route components: `POST http://<component>.spin.internal/step`.
//!
//! A step gets a batch of subjects and the facts it asked for, and answers with the same subjects in the same order,
//! changed. It is granted nothing at all: what is not in the request does not exist for it.

use crate::{Hold, Intent, Money, OrderFacts, Problem, SkuQty};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a step is: answered to `POST /needs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepManifest {
    /// The component's id.
    pub name: String,
    /// The facts it needs, by name (see [`Facts`]).
    pub needs: Vec<String>,
}

/// A batch for a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch<T> {
    /// Milliseconds since 1970.
    pub now: i64,
    /// What to look at.
    pub subjects: Vec<T>,
    /// The facts asked for; the others are empty.
    #[serde(default)]
    pub facts: Facts,
}

/// Facts by name. Each holds only what the batch's subjects touch, but `warehouses`, `carriers` and `rules`, which are
/// whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// `listings`: what the seller mapped, by shop and variant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listings: Vec<Listing>,
    /// `skus`: our SKUs whose code equals one of the batch's outer codes, or that a mapping names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skus: Vec<Sku>,
    /// `aliases`: other names of our SKUs, for the batch's outer codes and titles.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
    /// `warehouses`: all that are active, in the seller's order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warehouses: Vec<Warehouse>,
    /// `stock`: what can be promised of the batch's SKUs, by warehouse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stock: Vec<Stock>,
    /// `carriers`: all accounts that are active, in the seller's order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carriers: Vec<CarrierAccount>,
    /// `rules`: the seller's own rules for this step, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// A shop's variant and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Shop.
    pub shop: String,
    /// The channel's id of the variant.
    pub ext_sku: String,
    /// Our SKUs in one piece of it.
    pub skus: Vec<SkuQty>,
}

/// One of our SKUs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sku {
    /// Code.
    pub code: String,
    /// In words.
    pub title: String,
    /// Grams of one piece; 0 when unknown.
    pub weight_g: u32,
    /// Marks such as `liquid`, `battery`, `fragile`.
    pub tags: Vec<String>,
}

/// A warehouse, as a rule sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warehouse {
    /// Our id.
    pub id: String,
    /// Province it stands in.
    pub province: String,
    /// Provinces (or ISO countries) it serves first; empty: all alike.
    pub serves: Vec<String>,
}

/// What can be promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// SKU.
    pub sku: String,
    /// Warehouse.
    pub warehouse: String,
    /// On hand less reserved.
    pub available: i64,
}

/// A carrier account, as a rule sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierAccount {
    /// Our id of the account.
    pub id: String,
    /// The carrier, such as `sf`.
    pub carrier: String,
    /// Whose encrypted receivers it takes by token.
    pub takes_tokens_of: Vec<String>,
    /// Provinces (or ISO countries) it serves; empty: all.
    pub serves: Vec<String>,
    /// Heaviest parcel in grams; 0: no limit.
    pub max_weight_g: u32,
    /// Price of a parcel up to the first weight step and of each further kilogram, for comparing; 0 when unknown.
    pub price_first_fen: i64,
    /// Price of each further kilogram in fen.
    pub price_more_fen: i64,
    /// Whether its breaker is open.
    pub ailing: bool,
}

/// A seller's own rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Our id.
    pub id: String,
    /// For people.
    pub name: String,
    /// When it applies.
    pub when: Condition,
    /// What it does: `hold`, `warehouse`, `carrier`, `forbid_carrier`.
    pub action: String,
    /// The hold's words, the warehouse's id, the carrier account's id.
    pub value: String,
}

/// A condition tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// Not that.
    Not(Box<Condition>),
    /// One fact compared.
    Is(Compare),
}

/// One fact compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Compare {
    /// `shop`, `channel`, `country`, `province`, `city`, `district`, `total`, `weight_g`, `qty` (pieces), `lines` (how
    /// many), `sku` and `tag` (any line), `every_sku` and `every_tag` (every line, and there is one), `buyer_remark`,
    /// `seller_remark`, `intent` (its code, or `code:value` such as `carrier_must:sf`).
    pub fact: String,
    /// `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `in`, `starts_with`, `contains`.
    pub op: String,
    /// What to compare with: text; decimal text or a whole number; for `total` an amount with its currency
    /// (`"500 CNY"`), which says nothing of a total in another; a list of them for `in`.
    pub value: serde_json::Value,
}

/// An order on its way through the normalize steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Our id of the shop.
    pub shop: String,
    /// The channel.
    pub channel: String,
    /// What the channel said; steps complete `receiver` and nothing else of it.
    pub order: OrderFacts,
    /// Our SKUs per line, in the order of `order.lines`; `None` while unknown.
    pub mapped: Vec<Option<Vec<SkuQty>>>,
    /// Wishes found in the remarks.
    pub intents: Vec<Intent>,
    /// What could not be settled.
    pub problems: Vec<Problem>,
}

/// A package to be, on its way through the route steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Tells proposals of one batch apart; a step that splits gives the parts the same.
    pub key: String,
    /// Our ids of the orders in it.
    pub orders: Vec<String>,
    /// Shop of the (first) order.
    pub shop: String,
    /// Its channel.
    pub channel: String,
    /// What goes in.
    pub lines: Vec<ProposalLine>,
    /// Where to: region only.
    pub country: String,
    /// Province.
    pub province: String,
    /// City.
    pub city: String,
    /// District.
    pub district: String,
    /// Whether the receiver is encrypted by the platform.
    pub encrypted: bool,
    /// What the orders cost.
    pub total: Money,
    /// Grams of all lines; 0 when any is unknown.
    pub weight_g: u32,
    /// The buyers' words.
    pub buyer_remark: String,
    /// The seller's notes.
    pub seller_remark: String,
    /// Wishes.
    pub intents: Vec<Intent>,
    /// What normalizing could not settle.
    pub problems: Vec<Problem>,
    /// Whether a person approved it: review then holds no more.
    pub approved: bool,
    /// Holds that this step's run sets; the conductor replaces this step's earlier ones by them.
    pub holds: Vec<Hold>,
    /// The warehouse chosen.
    pub warehouse: Option<String>,
    /// The carrier account chosen.
    pub account: Option<String>,
    /// The carrier's product.
    pub service: String,
    /// Why: each rule, each condition, pass or fail.
    pub trace: Vec<Trace>,
}

/// What goes into a package of one order line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalLine {
    /// Our id of the order line.
    pub line: String,
    /// Our SKU; empty while unmapped.
    pub sku: String,
    /// Pieces of that SKU.
    pub qty: u32,
    /// Marks of the SKU.
    pub tags: Vec<String>,
}

/// One sentence of a decision's reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Trace {
    /// The step's component id.
    pub step: String,
    /// The rule, or the step's own built-in reason.
    pub rule: String,
    /// What was looked at, with the values seen (no personal data).
    pub seen: String,
    /// Whether it applied.
    pub passed: bool,
    /// What followed.
    pub then: String,
}
