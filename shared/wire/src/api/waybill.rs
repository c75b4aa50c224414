use super::Named;
use crate::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Numbers that were taken and do not serve.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnusedWaybills {
    /// When this was.
    pub as_of: String,
    /// The oldest first, 500 at most.
    pub items: Vec<UnusedWaybill>,
    /// What it comes to, by carrier account.
    pub accounts: Vec<UnusedCount>,
}

/// A number that was taken and does not serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnusedWaybill {
    /// Our id.
    pub id: String,
    /// The number.
    pub number: String,
    /// The carrier account.
    pub account: String,
    /// Its package.
    pub package: String,
    /// How that stands.
    pub package_status: String,
    /// How the number stands.
    pub state: String,
    /// `dead` (its package is not to be shipped; it is given back by itself), `idle` (its package does not get on),
    /// `disputed` (the carrier does not take it back), `overdue` (given back, and not counted again in time).
    pub kind: String,
    /// When it was taken.
    pub issued_at: String,
    /// What it cost in fen, where that is known.
    pub price_fen: Option<i64>,
    /// What the carrier said last.
    pub reason: String,
}

/// How many numbers of an account do not serve, and what they cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnusedCount {
    /// The carrier account.
    pub account: String,
    /// `dead` and `idle` ones: not lost yet.
    pub unused: i64,
    /// `disputed` and `overdue` ones: for a person to settle.
    pub disputed: i64,
    /// Lost for good in the last 30 days: settled as lost, or given back to a carrier that counts none again.
    pub lost: i64,
    /// What the unused and disputed ones cost in fen, where the price of a number is known.
    pub open_fen: Option<i64>,
    /// What the lost ones cost in fen.
    pub lost_fen: Option<i64>,
}

/// What became of a disputed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaybillOutcome {
    /// It is paid for nothing.
    Lost,
    /// The carrier gave the number or its price back.
    Credited,
}

/// A person's word on a disputed number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleWaybill {
    /// What became of it.
    pub outcome: WaybillOutcome,
    /// Why, for those who look later.
    #[serde(default)]
    pub note: String,
}

/// A person's word on a claim that nobody else can tell about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerClaim {
    /// The number that stands at the carrier for it; left out: none was taken, and a new one is.
    #[serde(default)]
    pub number: Option<String>,
}

/// A carrier account's numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CarrierNumbers {
    /// The account.
    pub account: String,
    /// What a number costs in fen; `null` while nobody said.
    pub number_fen: Option<i64>,
    /// A number without a scan for so many hours is given back when its package is not to be shipped.
    pub unused_hours: u32,
    /// A number of a package that is to be shipped, and does not leave for so many days, is shown to a person.
    pub idle_days: u32,
    /// After how many days the carrier counts a number again that was given back, where it is otherwise than the
    /// carrier's manifest says.
    pub reclaim_days: Option<u32>,
    /// Numbers taken in the last seven days.
    pub used_in_7_days: i64,
    /// What is wrong: `missing`, `low`.
    pub alarms: Vec<Named>,
    /// Looks at the balance, the newest first, 31 at most.
    pub looks: Vec<NumberLook>,
}

/// A look at an account's balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NumberLook {
    /// When.
    pub at: String,
    /// Numbers left, of all places.
    pub numbers: Option<i64>,
    /// How many there had to be: the look before, less those taken since, more those counted again.
    pub expected: Option<i64>,
    /// `numbers` less `expected`: below 0 something took numbers that we know nothing of; above 0 some were bought, or
    /// came back.
    pub difference: Option<i64>,
    /// How many that were given back are counted again since the look before.
    pub reclaimed: i64,
    /// Claims whose outcome was not known then.
    pub open: i64,
    /// The carrier's own figures.
    pub places: Vec<NumberPlace>,
}

/// What is left at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NumberPlace {
    /// The carrier's branch; empty for the whole account.
    pub place: String,
    /// Numbers left.
    pub numbers: Option<u64>,
    /// Numbers given back and counted again, by the carrier's own count.
    pub given_back: Option<u64>,
    /// Money left.
    pub money: Option<Money>,
}

/// What a person sets of an account's numbers; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchNumbers {
    /// What a number costs in fen.
    #[serde(default)]
    pub number_fen: Option<u32>,
    /// Hours without a scan after which the number of a dead package is given back.
    #[serde(default)]
    pub unused_hours: Option<u32>,
    /// Days after which a number that does not leave is shown.
    #[serde(default)]
    pub idle_days: Option<u32>,
    /// Days after which the carrier counts a number again.
    #[serde(default)]
    pub reclaim_days: Option<u32>,
}
