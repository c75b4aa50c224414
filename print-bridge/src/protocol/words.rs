//! What is said by a word of its own: a label's format, a job's phase.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a label's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// ZPL II.
    Zpl,
    /// TSPL or TSPL2.
    Tspl,
    /// A picture of one page.
    Png,
    /// A PDF of one or more pages, as carriers abroad give them.
    Pdf,
    /// A document for a platform's print component.
    PlatformTask,
    /// A word this version does not know; such a job is refused, not guessed at.
    Unknown(String),
}

impl Format {
    /// Reads the protocol's word.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "zpl" => Self::Zpl,
            "tspl" => Self::Tspl,
            "png" => Self::Png,
            "pdf" => Self::Pdf,
            "platform-task" => Self::PlatformTask,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// The protocol's word, also good as the ending of a file.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Zpl => "zpl",
            Self::Tspl => "tspl",
            Self::Png => "png",
            Self::Pdf => "pdf",
            Self::PlatformTask => "platform-task",
            Self::Unknown(name) => name,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_name(&String::deserialize(deserializer)?))
    }
}

impl Serialize for Format {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How far a job has come, as the journal and the hub name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Leased and journaled; nothing has left for the printer. Never reported: the hub knows.
    Received,
    /// The first byte may have left.
    Sending,
    /// Every byte was handed over; nothing proves the paper yet.
    Sent,
    /// As far as the printer can prove it, the paper is out.
    Done,
    /// Certainly not printed.
    Failed,
    /// Bytes may have become paper; only a person decides.
    Unconfirmed,
}

impl Phase {
    /// Every phase, in the order of a job's life.
    pub const ALL: [Self; 6] = [Self::Received, Self::Sending, Self::Sent, Self::Done, Self::Failed, Self::Unconfirmed];

    /// The stored and transmitted word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }

    /// Whether a job in this phase may move to `next`. Nothing goes back to a phase from which it would print.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Received, Self::Sending | Self::Failed)
            | (Self::Sending, Self::Sent | Self::Done | Self::Failed | Self::Unconfirmed)
            | (Self::Sent, Self::Done | Self::Failed | Self::Unconfirmed)
            // Late news: the printer spoke after we had given up on it.
            | (Self::Unconfirmed, Self::Done | Self::Failed) => true,
            (
                Self::Received,
                Self::Received | Self::Sent | Self::Done | Self::Unconfirmed,
            )
            | (Self::Sending, Self::Received | Self::Sending)
            | (Self::Sent, Self::Received | Self::Sending | Self::Sent)
            | (Self::Unconfirmed, Self::Received | Self::Sending | Self::Sent | Self::Unconfirmed)
            | (
                Self::Done | Self::Failed,
                Self::Received | Self::Sending | Self::Sent | Self::Done | Self::Failed | Self::Unconfirmed,
            ) => false,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
