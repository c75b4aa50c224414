use super::Environment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whom a way tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The seller's own people.
    Team,
    /// Buyers, each about their own parcel.
    Buyer,
    /// Another program: events as data.
    System,
}

impl Audience {
    /// Its stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Buyer => "buyer",
            Self::System => "system",
        }
    }
}

/// A way to tell, to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNoticeWay {
    /// Chosen by you. Letters, digits, `-` and `_`.
    pub id: String,
    /// Its provider, by the id that `notice-kinds` lists.
    pub provider: String,
    /// For people.
    pub name: String,
    /// Whom it tells.
    pub audience: Audience,
    /// The provider's real or test system.
    #[serde(default = "live")]
    pub environment: Environment,
    /// What it tells: topics, or their beginning with `*`, such as `parcel.*`. A buyers' way takes what `notice-rules`
    /// tell buyers, whatever stands here.
    #[serde(default)]
    pub takes: Vec<String>,
    /// Of which shops; empty: of all.
    #[serde(default)]
    pub shops: Vec<String>,
    /// `zh` or `en`.
    #[serde(default = "zh")]
    pub language: String,
    /// Of several buyers' ways the first that can reach a buyer is taken.
    #[serde(default)]
    pub position: u32,
    /// The provider's own names and values; they never come back.
    #[serde(default)]
    pub credentials: BTreeMap<String, String>,
}

fn live() -> Environment {
    Environment::Live
}

fn zh() -> String {
    "zh".to_owned()
}

/// Changes to a way to tell; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchNoticeWay {
    /// For people.
    pub name: Option<String>,
    /// The provider's real or test system.
    pub environment: Option<Environment>,
    /// What it tells.
    pub takes: Option<Vec<String>>,
    /// Of which shops.
    pub shops: Option<Vec<String>>,
    /// `zh` or `en`.
    pub language: Option<String>,
    /// Its place among buyers' ways.
    pub position: Option<u32>,
    /// Whether anything is told by it.
    pub active: Option<bool>,
    /// Credentials to replace; those not named stay.
    pub credentials: Option<BTreeMap<String, String>>,
}

/// A way to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeWay {
    /// Its id.
    pub id: String,
    /// Its provider.
    pub provider: String,
    /// For people.
    pub name: String,
    /// `team`, `buyer` or `system`.
    pub audience: String,
    /// `live` or `sandbox`.
    pub environment: String,
    /// The other system's address, for an audience `system`.
    pub address: Option<String>,
    /// What it tells.
    pub takes: Vec<String>,
    /// Of which shops; empty: of all.
    pub shops: Vec<String>,
    /// `zh` or `en`.
    pub language: String,
    /// Its place among buyers' ways.
    pub position: u32,
    /// Whether anything is told by it.
    pub active: bool,
    /// What a person must do about it; empty when nothing.
    pub trouble: String,
    /// When it was set up.
    pub created_at: String,
}

/// An address of another system, to be told of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Chosen by you. Letters, digits, `-` and `_`.
    pub id: String,
    /// For people.
    pub name: String,
    /// Where events are posted to: `https`, or a private host that the settings allow.
    pub url: String,
    /// Topics, or their beginning with `*`; `["*"]` for everything.
    pub takes: Vec<String>,
    /// Of which shops; empty: of all.
    #[serde(default)]
    pub shops: Vec<String>,
}

/// Changes to an address of another system; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchWebhook {
    /// For people.
    pub name: Option<String>,
    /// Where events are posted to.
    pub url: Option<String>,
    /// Topics.
    pub takes: Option<Vec<String>>,
    /// Of which shops.
    pub shops: Option<Vec<String>>,
    /// Whether anything is told; turning one on that the other side closed tries it again.
    pub active: Option<bool>,
    /// Makes a new secret; the one before signs as well until it is changed again.
    pub new_secret: Option<bool>,
}

/// An address of another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Where events are posted to.
    pub url: String,
    /// Topics.
    pub takes: Vec<String>,
    /// Of which shops; empty: of all.
    pub shops: Vec<String>,
    /// Whether anything is told.
    pub active: bool,
    /// What a person must do about it; empty when nothing.
    pub trouble: String,
    /// When it was set up.
    pub created_at: String,
    /// What signs events (`whsec_…`, as Standard Webhooks have it): shown when it is made, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Which messages to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskNotices {
    /// By that way only.
    pub way: Option<String>,
    /// In that state only.
    pub state: Option<String>,
    /// At most so many.
    pub limit: Option<u32>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

/// One message to one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Its id; a webhook's `webhook-id`.
    pub id: String,
    /// By which way.
    pub way: String,
    /// What happened.
    pub topic: String,
    /// What it is about.
    pub entity: String,
    /// Which one.
    pub about: String,
    /// The shop.
    pub shop: String,
    /// `waiting`, `sending`, `sent`, `bundled`, `skipped`; or what a person should look at: `unknown` (it may have gone
    /// out and is not sent again), `rejected`, `dead` (tried for a day).
    pub state: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; `null` when it is not.
    pub next_at: Option<String>,
    /// What was said, without anything personal.
    pub said: String,
    /// The provider's id of it.
    pub receipt: String,
    /// Why it is where it is.
    pub reason: String,
    /// The summary that it went out with.
    pub bundle: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it went out.
    pub sent_at: Option<String>,
}

/// When nobody is disturbed, when many become one, and what buyers are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NoticeRules {
    /// The seller's zone, as an offset: `+08:00`.
    pub zone: String,
    /// Whether there are quiet hours.
    pub quiet: bool,
    /// Their beginning, `HH:MM` in the zone.
    pub quiet_from: String,
    /// Their end.
    pub quiet_to: String,
    /// Topics that the team hears of in quiet hours too, beside those that are urgent by themselves; buyers never do.
    pub urgent: Vec<String>,
    /// So many messages of one topic by one way within the window are sent one by one; what is more goes out as one.
    pub bundle_over: u32,
    /// The window, in seconds.
    pub bundle_window_s: u32,
    /// How long a message to the team waits for others of its kind, in seconds.
    pub gather_s: u32,
    /// What buyers are told; empty: nothing.
    pub buyer_topics: Vec<String>,
}

impl Default for NoticeRules {
    fn default() -> Self {
        Self {
            zone: "+08:00".to_owned(),
            quiet: true,
            quiet_from: "22:00".to_owned(),
            quiet_to: "08:00".to_owned(),
            urgent: Vec::new(),
            bundle_over: 5,
            bundle_window_s: 600,
            gather_s: 5,
            buyer_topics: Vec::new(),
        }
    }
}

/// What is said of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// The topic.
    pub topic: String,
    /// `team` or `buyer`.
    pub audience: Audience,
    /// `zh` or `en`.
    pub language: String,
    /// One line, with places such as `{number}`.
    pub title: String,
    /// The text. Where a provider only sends texts that it approved, its places are what that text is filled with.
    pub body: String,
    /// The provider's code of its approved text.
    #[serde(default)]
    pub code: String,
    /// Whether it is our own text, which nobody changed.
    #[serde(default)]
    pub by_itself: bool,
}

/// How a buyer wants to be told. Phone, e-mail or both; of each only a keyed hash is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeWish {
    /// The buyer's phone, as it stands on the order.
    #[serde(default)]
    pub phone: Option<String>,
    /// The buyer's e-mail address, as it stands on the order; capitals make no other one.
    #[serde(default)]
    pub email: Option<String>,
    /// The id of a provider that reaches buyers, or `none`: not at all, by no way, whatever they said before.
    pub by: String,
}

impl std::fmt::Debug for NoticeWish {
    /// Shows what is wanted, never who wants it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoticeWish").field("by", &self.by).finish_non_exhaustive()
    }
}
