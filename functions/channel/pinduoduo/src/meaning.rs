//! What the platform's error codes mean for the caller. Whatever is not here is the caller's own fault and stays so.

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The shop's token ended or is none.
    Token,
    /// The signature is wrong: so is the secret.
    Secret,
    /// The application is unknown, blocked, or lacks the right to this call.
    Application,
    /// Too many calls.
    Limited,
    /// Switched off for a while; nothing was done.
    Away,
    /// It failed inside; what was done is not said.
    Failing,
    /// It understood and said no.
    Refused,
}

/// By `error_code`, from the table that stands on every page of the platform's reference.
const MEANINGS: &[(u32, Meaning)] = &[
    (10016, Meaning::Application),
    (10018, Meaning::Application),
    (10019, Meaning::Token),
    (20004, Meaning::Secret),
    (20005, Meaning::Application),
    (20031, Meaning::Application),
    (20032, Meaning::Token),
    (30000, Meaning::Application),
    (30001, Meaning::Application),
    (50000, Meaning::Failing),
    (52001, Meaning::Failing),
    (52002, Meaning::Failing),
    (52004, Meaning::Refused),
    (52101, Meaning::Limited),
    (52102, Meaning::Away),
    (52103, Meaning::Away),
    (70031, Meaning::Limited),
    (70032, Meaning::Application),
    (70033, Meaning::Away),
    (70034, Meaning::Application),
    (70035, Meaning::Application),
    (70036, Meaning::Limited),
];

/// The service behind the gateway refused; why stands in `sub_code` or `sub_msg`.
const SERVICE: u32 = 50001;
/// It failed, unless it gives a code of its own.
const SERVICE_WITHIN: u32 = 50002;

/// What an error means, by its codes and by what the service behind the gateway adds to them.
pub(crate) fn meaning(code: u32, sub_code: &str, sub_words: &str) -> Meaning {
    let known = MEANINGS.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning);
    let own_code = !sub_code.is_empty() && sub_code != code.to_string();
    known.unwrap_or(match code {
        SERVICE if own_code || !sub_words.is_empty() => Meaning::Refused,
        SERVICE_WITHIN if own_code => Meaning::Refused,
        50_000..=59_999 => Meaning::Failing,
        _ => Meaning::Refused,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_once_and_what_is_unlisted_is_no_success() {
        for (index, (code, meant)) in MEANINGS.iter().enumerate() {
            assert_eq!(meaning(*code, "7", "words"), *meant);
            assert!(MEANINGS.iter().skip(index + 1).all(|(other, _)| other != code), "{code} stands twice");
        }
        for (code, sub_code, sub_words, meant) in [
            (SERVICE, "20006", "", Meaning::Refused),
            (SERVICE, "", "时间跨度不能超过24小时", Meaning::Refused),
            // Without a reason nobody knows what was done.
            (SERVICE, "", "", Meaning::Failing),
            (SERVICE_WITHIN, "20006", "", Meaning::Refused),
            (SERVICE_WITHIN, "50002", "业务系统内部异常", Meaning::Failing),
            (59_999, "7", "", Meaning::Failing),
            (45_001, "", "", Meaning::Refused),
        ] {
            assert_eq!(meaning(code, sub_code, sub_words), meant, "{code} {sub_code}");
        }
    }
}
