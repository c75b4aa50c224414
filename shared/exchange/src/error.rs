/// Why a call gave no result, by what the caller should do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// The other side is away or failing, and certainly did nothing: try again later.
    Transient {
        /// When the other side said when, in seconds from now.
        after_s: Option<u32>,
        /// For the log and the person, without personal data.
        detail: String,
    },
    /// Too many calls: try again later and slow down.
    Limited {
        /// When the other side said when, in seconds from now.
        after_s: Option<u32>,
    },
    /// A secret, token or right is missing or wrong: a person must mend the shop's or account's settings.
    Credentials {
        /// The field to mend, in the platform's own name, such as `access_token`.
        field: String,
        /// What the other side said.
        detail: String,
    },
    /// The other side understood and said no: the same call will never succeed.
    Rejected {
        /// Stable code of ours such as `already_shipped_elsewhere`, or the platform's own.
        code: String,
        /// What a person can do, in words.
        remedy: String,
    },
    /// The call may or may not have taken effect: resolve by asking, never by repeating.
    Unknown {
        /// For the log and the person, without personal data.
        detail: String,
    },
}

impl CallError {
    /// A short stable name of the case.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Transient { .. } => "transient",
            Self::Limited { .. } => "limited",
            Self::Credentials { .. } => "credentials",
            Self::Rejected { .. } => "rejected",
            Self::Unknown { .. } => "unknown",
        }
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Transient { detail, .. } => write!(f, "the other side is failing: {detail}"),
            Self::Limited { after_s: Some(s) } => write!(f, "too many calls, again in {s} s"),
            Self::Limited { after_s: None } => f.write_str("too many calls"),
            Self::Credentials { field, detail } => write!(f, "{field} is missing or wrong: {detail}"),
            Self::Rejected { code, remedy } => write!(f, "refused ({code}): {remedy}"),
            Self::Unknown { detail } => write!(f, "no clear answer: {detail}"),
        }
    }
}

impl std::error::Error for CallError {}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The signature is missing or wrong.
    Signature,
    /// The signature is right, its time outside the window.
    Stale,
    /// No such shop or account here.
    UnknownAccount,
    /// No message at all but an unsigned knock by which a platform tries whether the address answers: it wants to hear
    /// yes, and nothing of it is opened.
    Ping,
}

/// What to tell the sender, to be put into the platform's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// On disk, or nothing we need.
    Stored,
    /// Not taken.
    Refused(Refusal),
    /// The sender is proven, the body cannot be taken up; the text says what and where, without personal data.
    Malformed(String),
    /// Longer than the platform ever sends.
    TooLarge,
    /// Try again later; nothing is stored.
    Busy,
}
