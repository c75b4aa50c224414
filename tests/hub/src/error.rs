//! The one error of this command: what went wrong and what to do about it, in two languages.

use std::fmt;

/// A result whose error is meant to be read by a person.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// What went wrong, said in Chinese and in English, with the exit code it leads to.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    zh: String,
    en: String,
    exit_code: u8,
}

impl Error {
    /// A failure while doing what was asked: exit code 1.
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into(), exit_code: 1 }
    }

    /// A command line that cannot be understood: exit code 2.
    pub(crate) fn usage(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into(), exit_code: 2 }
    }

    /// What is wrong, in Chinese alone.
    pub(crate) fn zh(&self) -> &str {
        &self.zh
    }

    /// What is wrong, in English alone: for a list of reasons.
    pub(crate) fn en(&self) -> &str {
        &self.en
    }

    /// What the shell gets to see.
    pub(crate) fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "错误：{}\nerror: {}", self.zh, self.en)
    }
}

/// Says which file or program an operating system's error belongs to.
pub(crate) trait Context<T> {
    /// `subject` is a path or a command, the same in both languages.
    fn on(self, subject: impl fmt::Display) -> Result<T>;
}

impl<T> Context<T> for std::io::Result<T> {
    fn on(self, subject: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Error::new(format!("{subject}：{error}"), format!("{subject}: {error}")))
    }
}
