use crate::json::Wrong;
use crate::{CallError, Reply};

/// What sending a call twice does at the other side; decides what an answer without a clear word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it reads, or it sets what is set already.
    Harmless,
    /// It may be done twice.
    Counts,
}

/// The error that a reply's status alone amounts to; `None` for 2xx and for every 4xx whose meaning only the adapter
/// knows. `credential` is the field that the platform checks first.
pub fn fault(reply: &Reply, effect: Effect, credential: &str) -> Option<CallError> {
    let status = reply.status().as_u16();
    match status {
        401 | 403 => Some(CallError::Credentials {
            field: credential.to_owned(),
            detail: format!("平台拒绝了该凭证（HTTP {status}）/ the platform refused it (HTTP {status})"),
        }),
        408 | 425 | 503 => Some(CallError::Transient { after_s: retry_after(reply), detail: format!("HTTP {status}") }),
        429 => Some(CallError::Limited { after_s: retry_after(reply) }),
        300..=399 => Some(CallError::Credentials {
            field: "base_url".to_owned(),
            detail: format!(
                "地址已转移（HTTP {status}），请填写最终地址 / moved (HTTP {status}): enter the final address"
            ),
        }),
        500..=599 => Some(unclear(effect, format!("HTTP {status}"))),
        _ => None,
    }
}

/// The error that an answer without a clear word amounts to: only explicit success is success.
pub fn unclear(effect: Effect, detail: impl Into<String>) -> CallError {
    let detail = detail.into();
    match effect {
        Effect::Harmless => CallError::Transient { after_s: None, detail },
        Effect::Counts => CallError::Unknown { detail },
    }
}

/// The error of an answer that came and cannot be read: what it did depends on the call.
pub fn unreadable(wrong: &Wrong, effect: Effect) -> CallError {
    unclear(effect, format!("应答无法读取 / unreadable answer: {wrong}"))
}

/// A refusal by an adapter itself: a stable code, and what a person can do, in both languages.
pub fn rejected(code: &str, remedy: &str) -> CallError {
    CallError::Rejected { code: code.to_owned(), remedy: remedy.to_owned() }
}

/// What stands before the words of [`it_exists`].
const EXISTS: &str = "已存在 / it exists: ";

/// The error of a repeated call that the other side calls a repeat and then shows nothing for: something is there, so
/// that "nothing is there" is not to be believed.
pub fn it_exists(detail: impl std::fmt::Display) -> CallError {
    CallError::Unknown { detail: format!("{EXISTS}{detail}") }
}

impl CallError {
    /// Whether it is that of [`it_exists`].
    pub fn says_it_exists(&self) -> bool {
        matches!(self, Self::Unknown { detail } if detail.starts_with(EXISTS))
    }
}

/// The seconds of a `Retry-After`, rounded up; `None` when there is none or it names a date.
pub fn retry_after(reply: &Reply) -> Option<u32> {
    let text = reply.headers().get("retry-after")?.to_str().ok()?.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: u32 = whole.parse().ok()?;
    Some(if fraction.bytes().any(|digit| digit != b'0') { seconds.saturating_add(1) } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn reply(status: u16, retry_after: &str) -> Reply {
        let reply = http::Response::builder().status(status).header("retry-after", retry_after);
        reply.body(Bytes::new()).unwrap()
    }

    fn kind(status: u16, effect: Effect) -> Option<&'static str> {
        fault(&reply(status, ""), effect, "token").map(|error| error.kind())
    }

    #[test]
    fn a_status_says_what_to_do_next() {
        for (status, read, write) in [
            (200, None, None),
            (404, None, None),
            (301, Some("credentials"), Some("credentials")),
            (401, Some("credentials"), Some("credentials")),
            (429, Some("limited"), Some("limited")),
            (503, Some("transient"), Some("transient")),
            (500, Some("transient"), Some("unknown")),
            (504, Some("transient"), Some("unknown")),
        ] {
            assert_eq!((kind(status, Effect::Harmless), kind(status, Effect::Counts)), (read, write), "{status}");
        }
    }

    #[test]
    fn the_wait_is_rounded_up() {
        for (text, seconds) in [("2.0", Some(2)), ("1.5", Some(2)), ("30", Some(30)), ("", None), ("soon", None)] {
            assert_eq!(retry_after(&reply(429, text)), seconds, "{text}");
        }
    }
}
