//! What the platform's codes and words mean for the caller. Of its codes few are documented; where a word tells more,
//! the word counts.

/// What an answer that is no success asks of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The token ended or was taken back.
    Token,
    /// The token does not open this part of the shop.
    Scope,
    /// The application is not known.
    Key,
    /// The signature is wrong.
    Signature,
    /// This machine's clock is off.
    Clock,
    /// Too many calls.
    Limited,
    /// The platform is failing.
    Failing,
}

/// `result`, `code` and `sub_code`.
const CODES: &[(&str, Meaning)] = &[
    // The list of authorisation errors.
    ("100200101", Meaning::Key),
    ("100200102", Meaning::Token),
    ("100200106", Meaning::Token),
    ("100200107", Meaning::Token),
    ("100200500", Meaning::Failing),
    // AUTHORIZATION_REVOKED, from the platform's questions and answers.
    ("24", Meaning::Token),
    ("1017", Meaning::Limited),
    ("802006", Meaning::Limited),
];

/// Parts of the words, in the platform's spelling but lower case.
const WORDS: &[(&str, Meaning)] = &[
    ("exceed quota limit", Meaning::Limited),
    ("exceed qps limit", Meaning::Limited),
    ("额度限制", Meaning::Limited),
    ("限流", Meaning::Limited),
    ("无scope权限", Meaning::Scope),
    ("authorization_revoked", Meaning::Token),
    ("鉴权失败", Meaning::Token),
    ("token过期", Meaning::Token),
    ("token已过期", Meaning::Token),
    ("验签失败", Meaning::Signature),
    ("签名校验失败", Meaning::Signature),
    ("timestamp", Meaning::Clock),
    ("时间戳", Meaning::Clock),
    ("请求超时", Meaning::Failing),
    ("调用超时", Meaning::Failing),
    ("服务超时", Meaning::Failing),
    ("系统异常", Meaning::Failing),
    ("系统繁忙", Meaning::Failing),
    ("服务器内部错误", Meaning::Failing),
    ("server_error", Meaning::Failing),
];

/// The platform has no order of that id, or it is another shop's (`order operation reject`).
const NO_ORDER_CODES: &[&str] = &["21"];
const NO_ORDER_WORDS: &[&str] = &["order operation reject", "订单不存在", "order not found", "order not exist"];

/// What they mean; `None` when it is simply no.
pub(crate) fn of(codes: &[&str], words: &str) -> Option<Meaning> {
    let words = words.to_lowercase();
    let by_words = WORDS.iter().find(|(word, _)| words.contains(word));
    let by_code = || CODES.iter().find(|(code, _)| codes.contains(code));
    by_words.or_else(by_code).map(|&(_, meaning)| meaning)
}

/// Whether a refusal says that the shop has no such order.
pub(crate) fn no_order(code: &str, words: &str) -> bool {
    let words = words.to_lowercase();
    NO_ORDER_CODES.contains(&code) || NO_ORDER_WORDS.iter().any(|word| words.contains(word))
}
