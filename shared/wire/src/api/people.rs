use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What somebody may do; each may do all that those before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks, and sees no name, phone or street.
    Viewer,
    /// Prints, scans, hands over.
    Packer,
    /// Decides about orders, goods and stock.
    Operator,
    /// Sets up shops, carriers and people.
    Owner,
}

impl Role {
    /// Its stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Packer => "packer",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Viewer, Self::Packer, Self::Operator, Self::Owner].into_iter().find(|role| role.name() == name)
    }
}

/// Signing in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Who.
    pub name: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// The name; empty for the settings' token.
    pub name: String,
    /// The role.
    pub role: Role,
    /// For the header `huidan-csrf` of requests that change something; `null` for tokens, which need none.
    pub csrf: Option<String>,
    /// `zh-CN` or `en`.
    pub language: String,
}

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// Our id.
    pub id: String,
    /// The name to sign in with.
    pub name: String,
    /// The role.
    pub role: Role,
    /// `zh-CN` or `en`.
    pub language: String,
    /// Whether they may sign in.
    pub active: bool,
    /// Since when.
    pub created_at: String,
}

/// Somebody new.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The name to sign in with.
    pub name: String,
    /// The password; eight characters or more.
    pub password: String,
    /// The role.
    pub role: Role,
    /// `zh-CN` (unless told) or `en`.
    #[serde(default)]
    pub language: Option<String>,
}

impl std::fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPerson").field("role", &self.role).finish_non_exhaustive()
    }
}

/// Changes to somebody; what is left out stays. A new password or role ends their sessions.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchPerson {
    /// The password; eight characters or more.
    pub password: Option<String>,
    /// The role.
    pub role: Option<Role>,
    /// `zh-CN` or `en`.
    pub language: Option<String>,
    /// Whether they may sign in.
    pub active: Option<bool>,
}

impl std::fmt::Debug for PatchPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PatchPerson").field("role", &self.role).finish_non_exhaustive()
    }
}

/// A token for a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// Our id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The token itself, only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
    /// Since when.
    pub created_at: String,
    /// When it was last used.
    pub last_used_at: Option<String>,
    /// When it was taken back.
    pub revoked_at: Option<String>,
}

/// A token to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// The role.
    pub role: Role,
}
