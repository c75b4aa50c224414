use crate::SkuQty;
use crate::step::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of our goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sku {
    /// Our code.
    pub sku: String,
    /// For people.
    pub title: String,
    /// Grams; 0 when unknown.
    pub weight_g: u32,
    /// The barcode on it; empty for none.
    pub barcode: String,
    /// Marks for rules.
    pub tags: Vec<String>,
    /// Where it lies, such as `A-03-2`: what stands before the first `-` or `/` is the zone. Empty when nobody said.
    #[serde(default)]
    pub bin: String,
    /// Whether it is sold.
    pub active: bool,
}

/// Goods to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSku {
    /// Our code.
    pub sku: String,
    /// For people.
    pub title: String,
    /// Grams; 0 when unknown.
    #[serde(default)]
    pub weight_g: u32,
    /// The barcode on it.
    #[serde(default)]
    pub barcode: String,
    /// Marks for rules.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where it lies, such as `A-03-2`.
    #[serde(default)]
    pub bin: String,
}

/// Changes to goods; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchSku {
    /// For people.
    pub title: Option<String>,
    /// Grams.
    pub weight_g: Option<u32>,
    /// The barcode on it.
    pub barcode: Option<String>,
    /// Marks for rules.
    pub tags: Option<Vec<String>>,
    /// Where it lies.
    pub bin: Option<String>,
    /// Whether it is sold.
    pub active: Option<bool>,
}

/// A shop's variant and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listing {
    /// The shop.
    pub shop: String,
    /// The channel's id of the variant.
    pub ext_sku: String,
    /// The channel's id of the item.
    pub ext_item: String,
    /// The seller's code at the channel.
    pub outer_code: String,
    /// Title at the channel.
    pub title: String,
    /// Variant in words.
    pub spec: String,
    /// Which share of the stock is offered there, in per cent.
    pub stock_share: u32,
    /// What one of it is made of; empty while nobody said.
    pub skus: Vec<SkuQty>,
}

/// What a shop's variant stands for. The same shop and variant again replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutListing {
    /// The shop.
    pub shop: String,
    /// The channel's id of the variant.
    pub ext_sku: String,
    /// The channel's id of the item; what is known stays when left out.
    #[serde(default)]
    pub ext_item: Option<String>,
    /// The seller's code at the channel.
    #[serde(default)]
    pub outer_code: Option<String>,
    /// Title at the channel.
    #[serde(default)]
    pub title: Option<String>,
    /// Variant in words.
    #[serde(default)]
    pub spec: Option<String>,
    /// Which share of the stock is offered there, in per cent.
    #[serde(default)]
    pub stock_share: Option<u32>,
    /// What one of it is made of.
    pub skus: Vec<SkuQty>,
}

/// How to ask for listings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskListings {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Of this shop.
    pub shop: Option<String>,
    /// `true`: those that nobody said what they stand for.
    pub unmapped: Option<bool>,
    /// `csv` or `xlsx` for a spreadsheet of the whole list.
    pub format: Option<String>,
}

/// Another word for one of our goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The word: a code or a title as shops use it.
    pub alias: String,
    /// Our code.
    pub sku: String,
}

/// What is on the shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stock {
    /// Our code.
    pub sku: String,
    /// The warehouse.
    pub warehouse: String,
    /// Pieces on the shelf.
    pub on_hand: i64,
    /// Of those, promised to packages.
    pub reserved: i64,
}

/// A count of the shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetStock {
    /// Our code.
    pub sku: String,
    /// The warehouse.
    pub warehouse: String,
    /// Pieces on the shelf.
    pub on_hand: u32,
}

/// How to ask for stock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskStock {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Of these goods.
    pub sku: Option<String>,
    /// In this warehouse.
    pub warehouse: Option<String>,
    /// `csv` or `xlsx` for a spreadsheet of the whole list.
    pub format: Option<String>,
}

/// A seller's own rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Chosen by you.
    pub id: String,
    /// Which step asks it, such as `route-review`.
    pub step: String,
    /// Its place; the first that applies decides.
    #[serde(default)]
    pub position: u32,
    /// For people.
    pub name: String,
    /// When it applies.
    pub when: Condition,
    /// What it does: `hold`, `warehouse`, `carrier`, `forbid_carrier`.
    pub action: String,
    /// The hold's words, the warehouse's id, the carrier account's id.
    pub value: String,
    /// Whether it is asked.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// Changes to a rule; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulePatch {
    /// Its place.
    pub position: Option<u32>,
    /// For people.
    pub name: Option<String>,
    /// When it applies.
    pub when: Option<Condition>,
    /// What it does.
    pub action: Option<String>,
    /// With what.
    pub value: Option<String>,
    /// Whether it is asked.
    pub active: Option<bool>,
}
