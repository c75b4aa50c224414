//! The words of a command line, and what is said about wrong ones.

use crate::error::{Error, Result};
use crate::nearest::nearest;

/// What was typed and is not read yet.
pub(super) struct Words<I> {
    /// Word by word.
    pub(super) rest: I,
}

/// One word, with the value that an equals sign attached to it.
pub(super) struct Word {
    /// The word.
    pub(super) name: String,
    attached: Option<String>,
}

impl<I: Iterator<Item = String>> Words<I> {
    /// All of them.
    pub(super) fn new(rest: I) -> Self {
        Self { rest }
    }

    /// The next one.
    pub(super) fn next(&mut self) -> Option<Word> {
        let word = self.rest.next()?;
        Some(match word.split_once('=') {
            Some((name, value)) => Word { name: name.to_owned(), attached: Some(value.to_owned()) },
            None => Word { name: word, attached: None },
        })
    }

    /// The value of an option: attached to it, or the word behind it.
    pub(super) fn value(&mut self, word: Word) -> Result<String> {
        word.attached.or_else(|| self.rest.next()).ok_or_else(|| no_value(&word.name))
    }

    /// The same where it is a whole number from 1 on.
    pub(super) fn number(&mut self, word: Word) -> Result<u64> {
        let name = word.name.clone();
        let value = self.value(word)?;
        value.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            Error::usage(
                format!("{name} 需要一个正整数，却给了“{value}”"),
                format!("{name} needs a whole number above 0, but was given \"{value}\""),
            )
        })
    }
}

impl Word {
    /// An option that is there or not.
    pub(super) fn flag(self) -> Result<bool> {
        let (name, value) = (self.name, self.attached);
        match value {
            None => Ok(true),
            Some(value) => Err(Error::usage(
                format!("{name} 不带值，却给了“{value}”"),
                format!("{name} takes no value, but was given \"{value}\""),
            )),
        }
    }
}

/// Something is missing behind a word.
pub(super) fn no_value(name: &str) -> Error {
    Error::usage(format!("{name} 后面缺少值"), format!("{name} needs a value"))
}

/// Something is too much.
pub(super) fn superfluous(command: &str, extra: &str) -> Error {
    Error::usage(
        format!("“{command}”不接受参数“{extra}”；见 cargo hub --help"),
        format!("\"{command}\" does not take \"{extra}\"; see cargo hub --help"),
    )
}

/// A word that nobody knows, and the one that was probably meant.
pub(super) fn unknown(kind_zh: &str, kind_en: &str, word: &str, known: &[&str]) -> Error {
    let near = nearest(word, known).unwrap_or("--help");
    Error::usage(
        format!("没有{kind_zh}“{word}”，最接近的是“{near}”；见 cargo hub --help"),
        format!("no {kind_en} \"{word}\"; the nearest is \"{near}\"; see cargo hub --help"),
    )
}
