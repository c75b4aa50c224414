//! Events to other systems, signed as Standard Webhooks: told at least once, under one id.

#[cfg(target_family = "wasm")]
mod shell;
mod sign;

pub use sign::{NoKey, sign};

use bytes::Bytes;
use http::StatusCode;
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, fault};
use huidan_notice::common;
use huidan_notice::{CredentialField, GONE, Manifest, Message, Notice, Reach, Repeat, Sent};

/// Another system's address.
#[derive(Debug, Clone, Copy)]
pub struct WebhookOut;

const MANIFEST: Manifest = Manifest {
    id: "webhook-out",
    zh: "Webhook（推送给其他系统）",
    en: "Webhook to another system",
    gateway: "",
    sandbox: "",
    origins: &[],
    reach: Reach::System,
    team: "",
    approved_only: false,
    most_bytes: 0,
    limits: &[],
    repeat: Repeat::Safe,
    credentials: &[
        CredentialField {
            name: "secret",
            needed: true,
            zh: "签名密钥 whsec_…，由汇单生成",
            en: "the signing secret whsec_…, made by Huidan",
        },
        CredentialField {
            name: "old_secret",
            needed: false,
            zh: "更换期间仍然有效的旧密钥",
            en: "the secret before, while it is being changed",
        },
    ],
};

impl Notice for WebhookOut {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn send(&self, call: &Call<'_>, message: &Message) -> Result<Next<Sent>, CallError> {
        common::ask_once(call, || request(call, message), answer)
    }
}

/// The event, signed by each secret at the time of this very try.
fn request(call: &Call<'_>, message: &Message) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    let at = (call.now.0 / 1000).to_string();
    let mut signatures = vec![signed("secret", credentials.need("secret")?, message, &at)?];
    if let Some(old) = credentials.optional("old_secret") {
        signatures.push(signed("old_secret", old, message, &at)?);
    }
    http::Request::post(call.account.home()?)
        .header("content-type", "application/json")
        .header("user-agent", "Huidan")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", &at)
        .header("webhook-signature", signatures.join(" "))
        .body(Bytes::from(message.payload.clone()))
        .map_err(|_| common::no_address())
}

fn signed(field: &str, secret: &str, message: &Message, at: &str) -> Result<String, CallError> {
    sign(secret, &message.id, at, message.payload.as_bytes()).map_err(|NoKey| CallError::Credentials {
        field: field.to_owned(),
        detail: "密钥应为 whsec_ 加 base64 / the secret is not whsec_ with base64".to_owned(),
    })
}

/// Any 2xx is taken. 410 ends it; everything else is tried again, since the other side knows the id.
fn answer(reply: &Reply) -> Result<Sent, CallError> {
    let status = reply.status();
    if status.is_success() {
        return Ok(Sent::default());
    }
    if status == StatusCode::GONE {
        return Err(CallError::Rejected {
            code: GONE.to_owned(),
            remedy: "对方已关闭这个地址（HTTP 410）/ the other side closed this address (HTTP 410)".to_owned(),
        });
    }
    match fault(reply, Effect::Harmless, "secret") {
        // Whoever refuses the signature today may have the new secret tomorrow.
        Some(CallError::Credentials { detail, .. }) => Err(CallError::Transient { after_s: None, detail }),
        Some(error) => Err(error),
        None => Err(CallError::Transient { after_s: None, detail: format!("HTTP {}", status.as_u16()) }),
    }
}
