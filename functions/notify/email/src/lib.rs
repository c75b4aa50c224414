//! Mail through a provider's HTTP API: `POST /emails` with a bearer and an `Idempotency-Key`, by which a message whose
//! answer was lost may be sent again.

#[cfg(target_family = "wasm")]
mod shell;

use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, fault, redact};
use huidan_notice::common::{self, Meaning};
use huidan_notice::{CredentialField, Limit, Manifest, Message, Notice, Reach, Repeat, Sent};
use serde_json::json;

/// The provider.
#[derive(Debug, Clone, Copy)]
pub struct Email;

const MANIFEST: Manifest = Manifest {
    id: "email",
    zh: "邮件",
    en: "E-mail",
    gateway: "https://api.resend.com",
    sandbox: "",
    origins: &[],
    reach: Reach::Mailbox,
    team: "to",
    approved_only: false,
    most_bytes: 200_000,
    limits: &[Limit { calls: 4, per_s: 2 }],
    repeat: Repeat::Safe,
    credentials: &[
        CredentialField {
            name: "api_key", needed: true, zh: "服务商后台的 API key", en: "the provider's API key"
        },
        CredentialField {
            name: "from",
            needed: true,
            zh: "已验证的发件地址，可写 汇单 <a@b.cn>",
            en: "the verified sender, also as Name <a@b.com>",
        },
        CredentialField {
            name: "to",
            needed: false,
            zh: "发给团队时的收件地址，逗号分隔",
            en: "the team's recipients, separated by commas; not needed for buyers",
        },
    ],
};

/// What the documented names of errors mean.
const CODES: &[(&str, Meaning)] = &[
    ("invalid_api_key", Meaning::Mend("api_key")),
    ("missing_api_key", Meaning::Mend("api_key")),
    ("restricted_api_key", Meaning::Mend("api_key")),
    ("invalid_from_address", Meaning::Mend("from")),
    ("rate_limit_exceeded", Meaning::Limited(2)),
    ("daily_quota_exceeded", Meaning::Limited(3_600)),
    ("monthly_quota_exceeded", Meaning::Mend("api_key")),
    ("concurrent_idempotent_requests", Meaning::Open),
    ("application_error", Meaning::Open),
    ("internal_server_error", Meaning::Open),
];

impl Notice for Email {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn send(&self, call: &Call<'_>, message: &Message) -> Result<Next<Sent>, CallError> {
        common::ask_once(call, || request(call, message), |reply| answer(call, message, reply))
    }
}

fn request(call: &Call<'_>, message: &Message) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let (key, from) = (credentials.need("api_key")?, credentials.need("from")?);
    let to = match message.to.as_slice() {
        [] => common::listed_addresses(credentials.need("to")?),
        named => named.to_vec(),
    };
    let title = if message.title.is_empty() { "汇单 Huidan" } else { &message.title };
    let words = if message.text.is_empty() { title } else { &message.text };
    let body = json!({ "from": from, "to": to, "subject": title, "text": common::cut(words, MANIFEST.most_bytes) });
    let headers = [("authorization", format!("Bearer {key}")), ("idempotency-key", message.id.clone())];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    common::post_json(&format!("{}/emails", call.account.gateway), &headers, &body)
}

fn answer(call: &Call<'_>, message: &Message, reply: &Reply) -> Result<Sent, CallError> {
    if reply.status().is_success() {
        let said = common::object(reply)?;
        return Ok(Sent { receipt: common::code(&said, "id")? });
    }
    let unsaid = || fault(reply, Effect::Counts, "api_key");
    let Ok(said) = common::object(reply) else { return Err(unsaid().unwrap_or_else(|| odd(reply))) };
    let name = said.text("name").unwrap_or_default();
    let known = CODES.iter().any(|(code, _)| name.starts_with(code));
    if let Some(error) = unsaid().filter(|error| !known || error.kind() == "limited") {
        return Err(error);
    }
    let credentials = &call.account.credentials;
    let secret = credentials.optional("api_key").unwrap_or_default();
    let own = common::listed_addresses(credentials.optional("to").unwrap_or_default());
    let private: Vec<&str> = message.to.iter().chain(&own).map(String::as_str).chain([secret]).collect();
    let words = without_addresses(&redact(&said.text("message").unwrap_or_default(), &private));
    let name = if name.is_empty() { reply.status().as_u16().to_string() } else { name };
    Err(common::meant(CODES, "邮件服务 mail provider", &name, &words))
}

/// Providers repeat addresses in another form than they got them: without capitals, or in brackets.
fn without_addresses(words: &str) -> String {
    words.split(' ').map(|word| if word.contains('@') { "***" } else { word }).collect::<Vec<_>>().join(" ")
}

fn odd(reply: &Reply) -> CallError {
    CallError::Unknown { detail: format!("HTTP {}", reply.status().as_u16()) }
}
