//! What the platform's errors mean. It publishes few codes, so most are told by their words; what nothing here knows is
//! a refusal in the platform's own words.

use huidan_exchange::{CallError, Effect, redact, unclear};

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Slow down.
    Limited,
    /// The token has ended.
    Token,
    /// The secret is wrong.
    Secret,
    /// The application is unknown, or was not given the right.
    Application,
    /// Our clock is wrong.
    Clock,
    /// The platform is failing.
    Busy,
}

/// By code.
const CODES: &[(&str, Meaning)] = &[("-9013", Meaning::Limited), ("401", Meaning::Token)];

/// By words that all stand in the message, lower case; the first row that fits decides.
const WORDS: &[(&[&str], Meaning)] = &[
    (&["限流"], Meaning::Limited),
    (&["频繁"], Meaning::Limited),
    (&["签名"], Meaning::Secret),
    (&["invalid sign"], Meaning::Secret),
    (&["时间戳"], Meaning::Clock),
    (&["timestamp"], Meaning::Clock),
    (&["token", "过期"], Meaning::Token),
    (&["token", "失效"], Meaning::Token),
    (&["token", "无效"], Meaning::Token),
    (&["token", "不存在"], Meaning::Token),
    (&["token", "错误"], Meaning::Token),
    (&["token", "expired"], Meaning::Token),
    (&["token", "invalid"], Meaning::Token),
    (&["授权", "过期"], Meaning::Token),
    (&["授权", "失效"], Meaning::Token),
    (&["appid"], Meaning::Application),
    (&["应用", "不存在"], Meaning::Application),
    (&["权限"], Meaning::Application),
    (&["系统", "繁忙"], Meaning::Busy),
    (&["系统", "异常"], Meaning::Busy),
    (&["系统", "错误"], Meaning::Busy),
    (&["服务", "异常"], Meaning::Busy),
    (&["稍后"], Meaning::Busy),
    (&["超时"], Meaning::Busy),
    (&["timeout"], Meaning::Busy),
    (&["internal error"], Meaning::Busy),
];

/// A refusal: the platform understood and said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// `error_code`.
    pub(crate) code: String,
    /// `error_msg`, without anything private.
    pub(crate) words: String,
}

impl Refused {
    /// As an error that no repeat will mend.
    pub(crate) fn rejected(self) -> CallError {
        let remedy =
            format!("小红书：{}（{}）/ Xiaohongshu says: {} ({})", self.words, self.code, self.words, self.code);
        CallError::Rejected { code: self.code, remedy }
    }

    /// Whether it says that there is no such thing.
    pub(crate) fn says_missing(&self) -> bool {
        let words = self.words.to_lowercase();
        ["不存在", "未找到", "找不到", "查询不到", "not exist", "not found"].iter().any(|word| words.contains(word))
    }
}

/// What a failure means: an error to act on, or a refusal for the caller to look at.
pub(crate) fn of(code: String, words: &str, effect: Effect, private: &[&str]) -> Result<Refused, CallError> {
    let meaning = meaning(&code, words);
    let words = redact(words, private);
    let detail = format!("{words}（{code}）");
    let credential = |field: &str, detail: String| Err(CallError::Credentials { field: field.to_owned(), detail });
    match meaning {
        None => Ok(Refused { code, words }),
        Some(Meaning::Limited) => Err(CallError::Limited { after_s: None }),
        Some(Meaning::Token) => credential("access_token", detail),
        Some(Meaning::Secret) => credential("app_secret", detail),
        Some(Meaning::Application) => credential("app_id", detail),
        Some(Meaning::Clock) => Err(CallError::Transient {
            after_s: None,
            detail: format!("请校准本机时钟 / set this machine's clock: {detail}"),
        }),
        Some(Meaning::Busy) => Err(unclear(effect, detail)),
    }
}

fn meaning(code: &str, words: &str) -> Option<Meaning> {
    let words = words.to_lowercase();
    let by_code = CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning);
    let by_words = || WORDS.iter().find(|(all, _)| all.iter().all(|word| words.contains(word)));
    by_code.or_else(|| by_words().map(|(_, meaning)| *meaning))
}
