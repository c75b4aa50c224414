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
    /// Which credentials a shop needs, for forms and errors.
    pub credentials: &'static [CredentialField],
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

/// Whether an order may go in several parcels at the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parcels {
    /// One number per order.
    One,
    /// Several, each with its lines.
    Several,
}

/// How a channel is told of shipments.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmRules {
    /// One parcel or several.
    pub parcels: Parcels,
    /// Whether a number told may be changed.
    pub change_number: bool,
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
