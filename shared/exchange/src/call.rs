use crate::CallError;
use bytes::Bytes;
use huidan_domain::Millis;
use std::collections::BTreeMap;

/// A request to send.
pub type Request = http::Request<Bytes>;

/// A reply that came.
pub type Reply = http::Response<Bytes>;

// Only where a pointer has 64 bits is the request large enough for the lint.
#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::large_enum_variant,
        reason = "lives for the length of one call; a box would be an allocation for nothing"
    )
)]
/// Where an operation stands: something to send, or its result.
#[derive(Debug)]
pub enum Next<T> {
    /// Send this, append the reply to [`Call::replies`] and ask again.
    Send(Request),
    /// The result.
    Done(T),
}

/// The secrets and settings of a shop or carrier account, by the platform's own names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials(BTreeMap<String, String>);

impl Credentials {
    /// From names and values.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// The value, when it is set and not empty.
    pub fn optional(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value.
    ///
    /// # Errors
    /// [`CallError::Credentials`] naming the field when it is not set.
    pub fn need(&self, field: &str) -> Result<&str, CallError> {
        self.optional(field).ok_or_else(|| CallError::Credentials {
            field: field.to_owned(),
            detail: format!("未填写 {field} / {field} is not set"),
        })
    }
}

impl std::fmt::Debug for Credentials {
    /// Shows which are set, never what they are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// An origin of a platform beside its gateway, such as the one that gives tokens. The settings `<adapter>_<name>_url`
/// and `<adapter>_<name>_sandbox_url` win over it.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// Its name, such as `auth`.
    pub name: &'static str,
    /// The real one.
    pub live: &'static str,
    /// The sandbox's; the same as `live` where there is none.
    pub sandbox: &'static str,
}

/// A shop at a channel or an account at a carrier, as an adapter sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Our id of it.
    pub id: String,
    /// Origin of the platform's gateway, such as `https://eco.taobao.com`, without a trailing slash.
    pub gateway: String,
    /// Origin or base of a shop that lives on a host of its own, without a trailing slash.
    pub base_url: Option<String>,
    /// Further origins of the platform by their names, such as `auth`; without trailing slashes.
    pub origins: BTreeMap<String, String>,
    /// Its secrets and settings.
    pub credentials: Credentials,
}

impl Account {
    /// A further origin of the platform, such as the one that gives tokens.
    ///
    /// # Errors
    /// [`CallError::Credentials`] when the adapter's manifest does not name it.
    pub fn origin(&self, name: &str) -> Result<&str, CallError> {
        self.origins.get(name).map(String::as_str).ok_or_else(|| CallError::Credentials {
            field: name.to_owned(),
            detail: format!("没有设置地址 {name} / the origin {name} is not set"),
        })
    }

    /// Where the shop lives.
    ///
    /// # Errors
    /// [`CallError::Credentials`] on `base_url` when it is not set.
    pub fn home(&self) -> Result<&str, CallError> {
        let set = self.base_url.as_deref().filter(|url| !url.is_empty());
        set.ok_or_else(|| CallError::Credentials {
            field: "base_url".to_owned(),
            detail: "未填写店铺地址 / the address of the shop is not set".to_owned(),
        })
    }
}

/// One call of an operation: the operation is a pure function of this and is asked again after every reply.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// For whom.
    pub account: &'a Account,
    /// The time to sign with.
    pub now: Millis,
    /// A text of 32 hex digits, new for every operation, for nonces and request ids.
    pub nonce: &'a str,
    /// The replies so far, oldest first.
    pub replies: &'a [Reply],
}
