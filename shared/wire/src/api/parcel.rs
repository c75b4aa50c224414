//! Parcels that a person should look at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which exceptions of parcels to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskParcelExceptions {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// `open` or `closed`.
    pub state: Option<String>,
    /// `not_picked_up`, `stalled`, `problem`, `refused`, `returned`, `signed_too_fast`, `other_city`, `reused_number`,
    /// `unwatched` or `customs_stop`.
    pub kind: Option<String>,
    /// Of this shop.
    pub shop: Option<String>,
    /// Of this package.
    pub package: Option<String>,
    /// Of this incident.
    pub incident: Option<String>,
    /// `true`: only those that are no part of an incident.
    pub alone: Option<bool>,
}

/// Why a person should look at a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParcelException {
    /// Its id.
    pub id: String,
    /// The package.
    pub package: String,
    /// The orders in it.
    pub orders: Vec<String>,
    /// The shop.
    pub shop: String,
    /// Who carries it.
    pub carrier: String,
    /// Its number.
    pub waybill: Option<String>,
    /// Where the package is on its way.
    pub status: String,
    /// What is wrong.
    pub kind: String,
    /// `open` or `closed`.
    pub state: String,
    /// The incident that it is a part of.
    pub incident: Option<String>,
    /// What was known when it was opened: stage, place, how long it usually takes.
    pub facts: serde_json::Value,
    /// What the buyer chose: `wait`, `resend`, `redirect` or `refund`, which a person then does; empty: nothing yet.
    pub wants: String,
    /// When the buyer was asked.
    pub asked_at: Option<String>,
    /// Whether the carrier was asked to stop it: `calling`, `accepted`, `rejected`, `failed` or `unknown`.
    pub intercept: Option<String>,
    /// What the carrier said about that.
    pub intercept_reason: String,
    /// When it was opened.
    pub opened_at: String,
    /// When it was closed.
    pub closed_at: Option<String>,
    /// Who closed it: a person, or `news`.
    pub closed_by: String,
    /// What people wrote.
    pub notes: Vec<ParcelNote>,
}

/// What a person wrote under an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParcelNote {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

/// A note to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewParcelNote {
    /// At most 2000 characters; leave buyers' names and addresses out.
    pub text: String,
}

/// What the carrier said to being asked to stop a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InterceptSaid {
    /// `accepted`, `rejected`, `failed` (it certainly heard nothing; it may be asked again) or `unknown`.
    pub state: String,
    /// In words.
    pub reason: String,
}

/// A link for a buyer. It is shown this once: only its digest is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuyerLink {
    /// Its address.
    pub url: String,
    /// When it ends.
    pub expires_at: String,
}

/// A claim to send to a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimDraft {
    /// In Chinese, with the facts.
    pub text: String,
}

/// Which incidents to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskIncidents {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// `open` or `closed`.
    pub state: Option<String>,
}

/// A place where a carrier's parcels do not move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Its id.
    pub id: String,
    /// The carrier.
    pub carrier: String,
    /// The hub, in the carrier's words; empty: parcels that were not picked up.
    pub place: String,
    /// Only those to this province; empty: all.
    pub province: String,
    /// `open` or `closed`.
    pub state: String,
    /// How many parcels it held up.
    pub parcels: u32,
    /// How many of them still are.
    pub open: u32,
    /// When it was opened.
    pub opened_at: String,
    /// When it was closed.
    pub closed_at: Option<String>,
    /// Who closed it: a person, or `news`.
    pub closed_by: String,
}

/// Who is to watch an account's parcels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchedBy {
    /// The account of a watcher; empty leaves it to the carrier itself.
    pub account: String,
}
