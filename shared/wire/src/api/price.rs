use crate::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every carrier account would ask for a package; nothing is bought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prices {
    /// Account by account, in the order of the accounts.
    pub accounts: Vec<AccountPrices>,
}

/// What one carrier account would ask.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountPrices {
    /// Our id of the account.
    pub account: String,
    /// What the seller calls it.
    pub name: String,
    /// Its carrier.
    pub carrier: String,
    /// Its products, cheapest first.
    pub offers: Vec<Offer>,
    /// Why there are none; empty where there are.
    pub reason: String,
}

/// A carrier's product for a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// The carrier's code of it.
    pub service: String,
    /// In the carrier's words.
    pub title: String,
    /// The price of the whole package.
    pub price: Money,
    /// Days on the way by the carrier's word, where it says.
    pub days: Option<u16>,
}

/// How many pieces travel under one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPieces {
    /// From 1 to 200.
    pub pieces: u16,
}

/// What setting the number of pieces brought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PiecesSet {
    /// `same` (it has so many already), `planned` (it is booked so), `anew` (its number goes back and a new one is taken
    /// with so many children: no carrier adds pieces to a number that is given).
    pub how: String,
    /// How many it has now.
    pub pieces: u16,
}
