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
    (50002, Meaning::Failing),
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

/// A service behind the gateway speaks: its own word stands in `sub_code` and `sub_msg`.
const SERVICE: u32 = 50001;

/// What an error means. `told` says whether the service behind the gateway gave a reason of its own.
pub(crate) fn meaning(code: u32, told: bool) -> Meaning {
    let known = MEANINGS.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning);
    known.unwrap_or(match code {
        SERVICE if told => Meaning::Refused,
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
            assert_eq!(meaning(*code, true), *meant);
            assert!(MEANINGS.iter().skip(index + 1).all(|(other, _)| other != code), "{code} stands twice");
        }
        assert_eq!(meaning(SERVICE, true), Meaning::Refused);
        assert_eq!(meaning(SERVICE, false), Meaning::Failing, "without a reason nobody knows what was done");
        assert_eq!(meaning(59_999, true), Meaning::Failing);
        assert_eq!(meaning(45_001, false), Meaning::Refused);
    }
}
