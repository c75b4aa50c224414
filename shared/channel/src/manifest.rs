use crate::ConfirmRules;
use huidan_exchange::Origin;

/// What a channel is and can do.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The id: folder, route and component bear it.
    pub id: &'static str,
    /// Name for people, Chinese.
    pub zh: &'static str,
    /// Name for people, English.
    pub en: &'static str,
    /// Origin of the real gateway; empty where every shop has its own host.
    pub gateway: &'static str,
    /// Origin of the sandbox gateway; empty where there is none.
    pub sandbox: &'static str,
    /// Further origins that the platform uses, each with a name of its own.
    pub origins: &'static [Origin],
    /// Whether a shop on a host of its own may do without one: it pushes, and nothing is told to it.
    pub host_optional: bool,
    /// Longest webhook body taken, in bytes.
    pub body_limit: usize,
    /// How orders are listed; `None` where the channel can only push.
    pub list: Option<ListRules>,
    /// How shipments are told; `None` where the channel wants to hear nothing.
    pub confirm: Option<ConfirmRules>,
    /// Most stock levels per call; 0 where stock cannot be told.
    pub stock_batch: usize,
    /// Budgets per shop.
    pub limits: &'static [Limit],
    /// How access tokens live and die; `None` where the shop's credentials hold for good.
    pub tokens: Option<Tokens>,
    /// The credential that holds the platform's id of the shop, where one webhook address serves several shops.
    pub seller_field: Option<&'static str>,
    /// Which credentials a shop needs, for forms and errors.
    pub credentials: &'static [CredentialField],
}

/// How a platform's access tokens live. The token is the credential `access_token`.
#[derive(Debug, Clone, Copy)]
pub struct Tokens {
    /// How long one lives where the platform does not say, in seconds.
    pub lives_s: i64,
    /// Whether a refresh token works once only, so that it must be claimed before it is used.
    pub single_use: bool,
    /// Whether a person lets us in on a page of the platform.
    pub page: bool,
}

/// How a channel lists changed orders.
#[derive(Debug, Clone, Copy)]
pub struct ListRules {
    /// Longest span of one list call, in seconds.
    pub window_s: i64,
    /// How long after a change the list may still miss it, in seconds.
    pub lag_s: i64,
    /// By how much windows overlap, in seconds.
    pub overlap_s: i64,
    /// How often to list, in seconds.
    pub every_s: i64,
    /// How far back the platform lists at all, in seconds.
    pub history_s: i64,
}

/// A budget: so many calls in so many seconds.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Operation: `list`, `fetch`, `confirm`, `stock`, or `*`.
    pub api: &'static str,
    /// Calls …
    pub calls: u32,
    /// … per this many seconds.
    pub per_s: u32,
}

/// One field of a shop's credentials.
#[derive(Debug, Clone, Copy)]
pub struct CredentialField {
    /// The platform's own name.
    pub name: &'static str,
    /// Whether nothing works without it.
    pub needed: bool,
    /// Where to find it, Chinese.
    pub zh: &'static str,
    /// Where to find it, English.
    pub en: &'static str,
}
