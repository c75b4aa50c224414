//! What the gateway's error codes mean, as data.

use huidan_exchange::{CallError, Effect, redact, unclear};

/// What a code asks of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Slow down.
    Limited,
    /// A person, or a renewal, has to mend this credential.
    Credential(&'static str),
    /// Our clock is wrong.
    Clock,
    /// It is failing, and may or may not have done what was asked.
    Failing,
    /// The order is being shipped there at this moment: look again soon.
    Busy,
    /// There is no such order in this shop.
    NoOrder,
    /// It understood and said no.
    No,
}

/// A refusal of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The gateway's code, or the service's own.
    pub(crate) code: String,
    /// Its words, without phones.
    pub(crate) words: String,
    /// What it asks of us: [`Meaning::No`], [`Meaning::NoOrder`] or [`Meaning::Busy`].
    pub(crate) meaning: Meaning,
}

impl Refused {
    /// As an error that no repeat will mend.
    pub(crate) fn rejected(self) -> CallError {
        let remedy = format!("京东：{}（{}）/ JD says: {} ({})", self.words, self.code, self.words, self.code);
        CallError::Rejected { code: self.code, remedy }
    }
}

/// The gateway's codes. What is not here is a refusal by the service behind it.
const CODES: &[(&str, Meaning)] = &[
    ("2", Meaning::Limited),
    ("7", Meaning::Clock),
    ("8", Meaning::Clock),
    ("11", Meaning::Credential("app_secret")),
    ("12", Meaning::Credential("app_secret")),
    ("18", Meaning::Credential("access_token")),
    ("19", Meaning::Credential("access_token")),
    ("20", Meaning::Credential("app_key")),
    ("21", Meaning::Credential("app_key")),
    ("22", Meaning::Credential("app_key")),
    ("24", Meaning::Credential("app_key")),
    ("25", Meaning::Credential("app_key")),
    ("43", Meaning::Failing),
    ("64", Meaning::Credential("app_key")),
    ("65", Meaning::Failing),
    ("66", Meaning::Failing),
    ("67", Meaning::Failing),
    ("69", Meaning::Failing),
    ("70", Meaning::Busy),
    ("71", Meaning::NoOrder),
    ("72", Meaning::Credential("app_key")),
    ("73", Meaning::Credential("app_key")),
    ("75", Meaning::Credential("app_key")),
    ("78", Meaning::Failing),
    ("79", Meaning::Credential("app_key")),
    ("80", Meaning::Credential("app_key")),
    ("88", Meaning::Credential("app_key")),
    ("2001", Meaning::Credential("app_key")),
    // The kind of seller is reported wrong for a moment now and then.
    ("10100046", Meaning::Failing),
];

/// Words that say what a code of some service behind the gateway does not.
const WORDS: &[(&str, Meaning)] = &[
    ("限流", Meaning::Limited),
    ("调用次数", Meaning::Limited),
    ("调用频率", Meaning::Limited),
    ("订单不存在", Meaning::NoOrder),
    ("正在出库", Meaning::Busy),
];

/// What a code and its words mean. Words win: services behind the gateway number their refusals as they like.
pub(crate) fn meaning(code: &str, words: &str) -> Meaning {
    let by_words = WORDS.iter().find(|(known, _)| words.contains(known));
    let by_code = || CODES.iter().find(|(known, _)| *known == code);
    by_words.or_else(by_code).map_or(Meaning::No, |(_, meaning)| *meaning)
}

/// The refusal that it is, or the error.
pub(crate) fn judged(code: String, words: &str, effect: Effect) -> Result<Refused, CallError> {
    let words = redact(words, &[]);
    let detail = format!("{words}（{code}）");
    match meaning(&code, &words) {
        Meaning::Limited => Err(CallError::Limited { after_s: None }),
        Meaning::Credential(field) => Err(CallError::Credentials { field: field.to_owned(), detail }),
        Meaning::Clock => Err(CallError::Transient {
            after_s: None,
            detail: format!("请校准本机时钟 / set this machine's clock: {detail}"),
        }),
        Meaning::Failing => Err(unclear(effect, detail)),
        meaning @ (Meaning::Busy | Meaning::NoOrder | Meaning::No) => Ok(Refused { code, words, meaning }),
    }
}
