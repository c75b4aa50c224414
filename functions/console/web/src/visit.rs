//! Who looks at the page, in which language, and what they are told on it.

use crate::words::{Lang, Word};
use http::{HeaderMap, header};
use huidan_domain::Millis;
use huidan_wire::api::{Me, Role};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The cookie that keeps the chosen language.
pub(crate) const LANGUAGE: &str = "huidan_language";
/// The cookie that carries a message over a redirect.
pub(crate) const SAID: &str = "huidan_said";
/// The cookie that remembers which bench this is.
pub(crate) const STATION: &str = "huidan_station";
/// Longest message carried over a redirect, in bytes; a cookie holds about 4,000.
const SAID_LIMIT: usize = 1_000;

/// One look at one page.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The page's language.
    pub(crate) lang: Lang,
    /// Who is signed in.
    pub(crate) me: Option<Me>,
    /// Fresh for every page: what is sent from it is done once.
    pub(crate) nonce: String,
    /// What came of the deed before.
    pub(crate) said: Option<Said>,
    /// Path and query of this page, to come back to.
    pub(crate) here: String,
    /// Now.
    pub(crate) now: Millis,
}

impl Visit {
    /// A text of the page.
    pub(crate) const fn t(&self, word: Word) -> &'static str {
        word.in_lang(self.lang)
    }

    /// Whether who visits has at least this role.
    pub(crate) fn may(&self, least: Role) -> bool {
        self.me.as_ref().is_some_and(|me| me.role >= least)
    }

    /// The session's token against foreign forms.
    pub(crate) fn csrf(&self) -> &str {
        self.me.as_ref().and_then(|me| me.csrf.as_deref()).unwrap_or_default()
    }
}

/// A short message about what was just done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Whether it was done.
    pub(crate) good: bool,
    /// In both languages, or in one.
    pub(crate) text: String,
}

impl Said {
    /// It was done.
    pub(crate) fn done(word: Word) -> Self {
        Self { good: true, text: word.both() }
    }

    /// It was not.
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self { good: false, text: text.into() }
    }

    /// As a cookie's value.
    pub(crate) fn to_cookie(&self) -> String {
        let text: String = self.text.chars().take(SAID_LIMIT / 9).collect();
        let mark = if self.good { 'y' } else { 'n' };
        format!("{mark}{}", utf8_percent_encode(&text, NON_ALPHANUMERIC))
    }

    /// From a cookie's value.
    pub(crate) fn from_cookie(value: &str) -> Option<Self> {
        let (good, text) = match value.split_at_checked(1)? {
            ("y", text) => (true, text),
            ("n", text) => (false, text),
            _ => return None,
        };
        let text = percent_decode_str(text).decode_utf8().ok()?.into_owned();
        (!text.is_empty()).then_some(Self { good, text })
    }
}

/// A cookie of the request.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find_map(|(name, value)| (name == wanted).then_some(value))
}

/// The language: the chosen one, else the first of the browser's that we speak, else Chinese.
pub(crate) fn language(headers: &HeaderMap) -> Lang {
    if let Some(chosen) = cookie(headers, LANGUAGE).and_then(Lang::parse) {
        return chosen;
    }
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best: Option<(Lang, u32)> = None;
    for part in accepted.split(',') {
        let mut parts = part.split(';');
        let Some(lang) = Lang::parse(parts.next().unwrap_or_default().trim()) else { continue };
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1_000, thousandths);
        if weight > 0 && best.is_none_or(|(_, heaviest)| weight > heaviest) {
            best = Some((lang, weight));
        }
    }
    best.map_or(Lang::Zh, |(lang, _)| lang)
}

/// A quality such as `0.8` in thousandths, as HTTP allows three digits.
fn thousandths(text: &str) -> u32 {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let read = |digits: &str| digits.parse::<u32>().unwrap_or(0);
    (read(whole) * 1_000 + read(&part)).min(1_000)
}

/// A path of this house to go (back) to; anything else leads to the overview.
pub(crate) fn local(path: &str) -> &str {
    let inside = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if inside { path } else { "/" }
}
