//! What flow-notify and the API exchange with ways to tell: `POST http://notify-<id>.spin.internal/notice/<operation>`.

use crate::call::CredentialField;
use serde::{Deserialize, Serialize};

/// The component that a way's provider is.
pub fn notice_component(provider: &str) -> String {
    format!("notify-{provider}")
}

/// `manifest` of a way to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NoticeManifest {
    /// Its id.
    pub id: String,
    /// Name, Chinese.
    pub zh: String,
    /// Name, English.
    pub en: String,
    /// Whom it reaches: `room`, `phone`, `mailbox`, `system`.
    pub reach: String,
    /// The credential that names the team's own recipients; empty where there is nobody to choose.
    pub team: String,
    /// Whether only texts may be sent that the provider approved.
    pub approved_only: bool,
    /// Longest text in bytes; 0: no limit.
    pub most_bytes: usize,
    /// Whether a message whose answer was lost may be sent again.
    pub repeat_is_safe: bool,
    /// Limits: calls, in any so many seconds.
    pub limits: Vec<(u32, u32)>,
    /// The credentials it needs.
    pub credentials: Vec<CredentialField>,
}
