//! The contract of a channel: what every adapter of that port must keep.
//!
//! An adapter's test builds [`Fixtures`] from its platform's documented samples and calls [`check`].

mod calls;
mod fixture;
mod fuzz;
mod hooks;
mod reading;

pub use fixture::{code, document, facts, fresh, level, line, lines, pages, samples, shipment};
pub use hooks::refuses_every_push;

use crate::Caller;
use huidan_channel::{Channel, Document, Shipment, StockLevel};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Reply, Request};

/// What an adapter brings to the suite.
pub struct Fixtures<'a> {
    /// The shop and the instant of every call.
    pub caller: Caller,
    /// Documents as the platform documents them. One of them has ids above 2^53.
    pub samples: &'a [Sample<'a>],
    /// Texts of the samples that must never show: names, phones, streets.
    pub personal: &'a [&'a str],
    /// Writes an order document with one thing set as the platform would write it.
    pub vary: &'a dyn Fn(Vary<'_>) -> Document,
    /// The platform's webhooks; `None` where it has none.
    pub hooks: Option<Hooks<'a>>,
    /// The platform's answers; `None` where nothing is called.
    pub platform: Option<Platform<'a>>,
}

/// A document and its name.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Its reading lies in the golden file `tests/golden/<name>.facts.json`.
    pub name: &'a str,
    /// Its topic.
    pub topic: &'a str,
    /// Its text.
    pub body: &'a str,
}

/// What to set in an order document.
#[derive(Debug, Clone, Copy)]
pub enum Vary<'a> {
    /// The order's id.
    Id(&'a str),
    /// The total, in the currency of the document (one with two decimal places).
    Total(&'a str),
    /// The status of the order's life.
    State(&'a str),
    /// The time of the last change.
    UpdatedAt(Millis),
}

/// Makes path and query, and headers, of a webhook with this body, signed at that instant.
pub type Sign<'a> = dyn Fn(&[u8], Millis) -> (String, http::HeaderMap) + 'a;

/// How the platform sends webhooks.
pub struct Hooks<'a> {
    /// Signs with the shop's own secret.
    pub sign: &'a Sign<'a>,
    /// A body it sends.
    pub body: &'a str,
    /// The credential it signs with.
    pub secret_field: &'a str,
    /// The id that the order in `body` has.
    pub ext_id: &'a str,
    /// Whether the platform signs the body; some sign only the parameters, and such a push is a hint and no more.
    pub signs_body: bool,
    /// How far from now a signed time may be, in seconds; `None` where no time is signed.
    pub window_s: Option<i64>,
}

/// A platform that answers: a small one, in the test's memory.
pub struct Platform<'a> {
    /// A new one, in the state that the other fields tell. It keeps its state from call to call.
    pub fresh: &'a dyn Fn() -> Box<dyn FnMut(&Request) -> Reply>,
    /// A window that holds several pages of orders.
    pub window: Window,
    /// The ids of all orders in the window, in any order.
    pub listed: Vec<String>,
    /// An order it has.
    pub known: &'a str,
    /// An id it does not have.
    pub missing: &'a str,
    /// A shipment it will take, of an order of which it knows no number yet; `None` where it wants to hear nothing.
    pub shipment: Option<Shipment>,
    /// Levels it will take; empty where stock cannot be told.
    pub levels: Vec<StockLevel>,
}

/// A credential that the platform's own protocol writes into the address of every call, as the parameter of the query
/// that bears its name. No adapter of that platform can keep it out; the test says so, and where the platform does.
#[derive(Debug, Clone, Copy)]
pub struct InAddress<'a> {
    /// The credential.
    pub field: &'a str,
    /// The platform's page that says so.
    pub page: &'a str,
}

/// Holds an adapter to the whole contract.
///
/// # Panics
/// At the first thing the adapter does not keep, saying which.
pub fn check(channel: &impl Channel, fixtures: &Fixtures<'_>) {
    checked(channel, fixtures, None);
}

/// The same for a platform that wants one credential in its addresses: that one, there, once, and nothing else.
///
/// # Panics
/// As [`check`], and when the exception gives no page or is not needed.
pub fn check_with_credential_in_address(channel: &impl Channel, fixtures: &Fixtures<'_>, exception: &InAddress<'_>) {
    assert!(exception.page.starts_with("https://"), "an exception names the platform's page");
    let known = channel.manifest().credentials.iter().any(|field| field.name == exception.field);
    assert!(known, "{} is no credential of the manifest", exception.field);
    checked(channel, fixtures, Some(exception));
}

fn checked(channel: &impl Channel, fixtures: &Fixtures<'_>, in_address: Option<&InAddress<'_>>) {
    manifest(channel);
    reading::check(channel, fixtures);
    fuzz::check(channel, fixtures);
    if let Some(with) = &fixtures.hooks {
        hooks::check(channel, fixtures, with);
    }
    if let Some(platform) = &fixtures.platform {
        calls::check(channel, fixtures, platform, in_address);
    }
}

fn manifest(channel: &impl Channel) {
    let manifest = channel.manifest();
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(!manifest.id.is_empty() && manifest.id.chars().all(good), "the id is a folder's name");
    for origin in [manifest.gateway, manifest.sandbox] {
        assert!(origin.is_empty() || origin.starts_with("https://"), "{origin} is no origin of a platform");
        assert!(!origin.ends_with('/'), "{origin} ends with a slash");
    }
    for field in manifest.credentials {
        assert!(!field.zh.is_empty() && !field.en.is_empty(), "{} says in both languages where it is", field.name);
    }
    if let Some(list) = manifest.list {
        let sane = list.window_s > list.overlap_s && list.every_s > 0 && list.history_s >= list.window_s;
        assert!(sane, "the windows of the list do not move on");
    }
    if let Some(rules) = manifest.confirm {
        calls::telling::sane(rules);
    }
    assert!(manifest.body_limit >= 64 * 1024, "the longest body is shorter than an order");
}

/// Panics when a text shows something personal.
fn shows_nothing_personal(fixtures: &Fixtures<'_>, text: &str, when: &str) {
    for secret in fixtures.personal {
        assert!(!text.contains(secret), "{when}: personal data shows: {text}");
    }
}
