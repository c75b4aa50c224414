//! Providers that carry notices to people and machines. What each accepted is kept, so that "at most once" can be
//! counted.

pub(crate) mod aliyun;
pub(crate) mod email;
pub(crate) mod robot;
pub(crate) mod sms;
pub(crate) mod webhook_out;

use crate::order::Platform;
use crate::sign;
use crate::world::World;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the providers remember between calls.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Nonces of signed calls.
    nonces: std::collections::BTreeSet<String>,
    /// When messages were accepted, by provider and whom they went to.
    sent: BTreeMap<(Platform, String), Vec<i64>>,
    /// Until when a robot says nothing more.
    muted: BTreeMap<(Platform, String), i64>,
}

/// A message that a provider accepted.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeSeen {
    /// By whom.
    pub platform: Platform,
    /// The sender's own id of it (`OutId`, `Idempotency-Key`, `webhook-id`); where there is none, a digest of the text.
    pub key: String,
    /// To whom: phone, address, robot's token, path.
    pub to: String,
    /// Template, where there is one; else the kind of message.
    pub template: String,
    /// What was said.
    pub text: String,
    /// The provider saw the key before and did nothing again.
    pub repeat: bool,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// Keys of Aliyun's SMS service and what is approved there.
#[derive(Clone, Debug, Serialize)]
pub struct SmsOptions {
    /// Names the caller.
    pub access_key_id: String,
    /// Signs calls.
    pub access_key_secret: String,
    /// Approved signs.
    pub signs: Vec<String>,
    /// Approved templates and their variables.
    pub templates: Vec<(String, Vec<String>)>,
    /// Messages to one phone in a minute, an hour, a day.
    pub limits: [usize; 3],
}

/// A group's robot.
#[derive(Clone, Debug, Serialize)]
pub struct RobotOptions {
    /// Stands in the address.
    pub token: String,
    /// Signs calls; empty where it is switched off, and WeCom has none.
    pub secret: String,
    /// Messages a minute.
    pub per_minute: usize,
}

/// A provider of e-mail.
#[derive(Clone, Debug, Serialize)]
pub struct EmailOptions {
    /// Names the caller of the signed form.
    pub access_key_id: String,
    /// Signs calls.
    pub access_key_secret: String,
    /// Opens the JSON forms.
    pub api_key: String,
    /// The sender that is approved.
    pub from: String,
}

/// Whoever takes the hub's webhooks.
#[derive(Clone, Debug, Serialize)]
pub struct WebhookOutOptions {
    /// Keys that it trusts.
    pub secrets: Vec<String>,
    /// How old a message may be, seconds.
    pub window_s: i64,
}

impl Default for SmsOptions {
    fn default() -> Self {
        let template = |code: &str, names: &[&str]| (code.to_owned(), names.iter().map(|n| (*n).to_owned()).collect());
        SmsOptions {
            access_key_id: "sms-key-1".to_owned(),
            access_key_secret: "simulated-sms-secret".to_owned(),
            signs: vec!["汇单".to_owned()],
            templates: vec![
                template("SMS_100001", &["order", "carrier", "number"]),
                template("SMS_100002", &["order", "number"]),
                template("SMS_100003", &["order", "link"]),
                template("SMS_100004", &["text"]),
            ],
            limits: [1, 5, 10],
        }
    }
}

impl RobotOptions {
    pub(crate) fn of(platform: Platform) -> RobotOptions {
        let name = platform.name();
        let secret = if platform == Platform::Wecom { String::new() } else { format!("SECsimulated-{name}") };
        let per_minute = if platform == Platform::Feishu { 100 } else { 20 };
        RobotOptions { token: format!("simulated-{name}-token"), secret, per_minute }
    }
}

impl Default for EmailOptions {
    fn default() -> Self {
        EmailOptions {
            access_key_id: "mail-key-1".to_owned(),
            access_key_secret: "simulated-mail-secret".to_owned(),
            api_key: "simulated-mail-api-key".to_owned(),
            from: "notice@huidan.example".to_owned(),
        }
    }
}

impl Default for WebhookOutOptions {
    fn default() -> Self {
        let secret = |seed: &str| {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            format!("whsec_{}", STANDARD.encode(seed))
        };
        let secrets = vec![secret("simulated-webhook-key-one"), secret("simulated-webhook-key-two")];
        WebhookOutOptions { secrets, window_s: 300 }
    }
}

/// Keeps an accepted message.
pub(crate) fn keep(world: &mut World, platform: Platform, key: &str, to: &str, template: &str, text: &str) {
    let key =
        if key.is_empty() { sign::sha256_hex(text.as_bytes()).chars().take(16).collect() } else { key.to_owned() };
    let repeat = false;
    let at_ms = world.now(platform);
    world.notice.sent.entry((platform, to.to_owned())).or_default().push(at_ms);
    let (to, template, text) = (to.to_owned(), template.to_owned(), text.to_owned());
    world.notices.push(NoticeSeen { platform, key, to, template, text, repeat, at_ms });
}

/// The provider knows the key and does nothing again.
pub(crate) fn repeated(world: &mut World, platform: Platform, key: &str) -> Option<NoticeSeen> {
    let before = world.notices.iter().find(|n| n.platform == platform && n.key == key && !n.repeat).cloned()?;
    let at_ms = world.now(platform);
    world.notices.push(NoticeSeen { repeat: true, at_ms, ..before.clone() });
    Some(before)
}

/// How many messages went to somebody within so many milliseconds.
pub(crate) fn within(world: &World, platform: Platform, to: &str, ms: i64) -> usize {
    let now = world.now(platform);
    let sent = world.notice.sent.get(&(platform, to.to_owned()));
    sent.map_or(0, |all| all.iter().filter(|at| now - **at < ms).count())
}

/// How often each key was accepted, by provider.
pub(crate) fn counts(world: &World) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for notice in world.notices.iter().filter(|n| !n.repeat) {
        *counts.entry(notice.platform.name().to_owned()).or_default().entry(notice.key.clone()).or_default() += 1;
    }
    counts
}
