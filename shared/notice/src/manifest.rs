use huidan_exchange::Origin;

/// What a way to tell is and can do.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The id: folder, route and component bear it.
    pub id: &'static str,
    /// Name for people, Chinese.
    pub zh: &'static str,
    /// Name for people, English.
    pub en: &'static str,
    /// Origin of the real gateway; empty where each way has an address of its own.
    pub gateway: &'static str,
    /// Origin of the sandbox gateway; empty where there is none.
    pub sandbox: &'static str,
    /// Further origins that it uses, each with a name of its own.
    pub origins: &'static [Origin],
    /// Whom it reaches.
    pub reach: Reach,
    /// The credential that names the team's own recipients; empty where there is nobody to choose.
    pub team: &'static str,
    /// Whether only texts that the provider approved may be sent, by their codes.
    pub approved_only: bool,
    /// Longest text in bytes of UTF-8; 0 where there is no limit.
    pub most_bytes: usize,
    /// How often it may be called; all of them hold at once.
    pub limits: &'static [Limit],
    /// What a message whose answer was lost may have done to it.
    pub repeat: Repeat,
    /// Which credentials it needs, for forms and errors.
    pub credentials: &'static [CredentialField],
}

/// Whom a way reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The one room it belongs to: nobody else can be named.
    Room,
    /// Whoever has a phone.
    Phone,
    /// Whoever has a mailbox.
    Mailbox,
    /// A program at an address: it gets each event as data, never a text.
    System,
}

impl Reach {
    /// As the wire calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Phone => "phone",
            Self::Mailbox => "mailbox",
            Self::System => "system",
        }
    }
}

/// A provider's limit: at most so many calls in any so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Calls …
    pub calls: u32,
    /// … in any span of this many seconds.
    pub per_s: u32,
}

/// What sending a message again does, when it is not known whether it went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It may arrive twice: it is not sent again, and a person is shown that it may be missing.
    Never,
    /// The other side knows the message by its id and takes it once.
    Safe,
}

/// One field of a way's credentials.
#[derive(Debug, Clone, Copy)]
pub struct CredentialField {
    /// The provider's own name.
    pub name: &'static str,
    /// Whether nothing works without it.
    pub needed: bool,
    /// Where to find it, Chinese.
    pub zh: &'static str,
    /// Where to find it, English.
    pub en: &'static str,
}
