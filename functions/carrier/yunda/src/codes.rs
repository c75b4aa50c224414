//! The platform's codes and what they mean for the caller.

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A setting is wrong: this one.
    Setting(&'static str),
    /// Too many calls.
    Limited,
    /// The platform failed after it took the call.
    Unclear,
    /// It understood and refused, which every code means that does not stand here.
    Refused,
}

const CODES: &[(&str, Meaning)] = &[
    ("7100", Meaning::Setting("app_key")),
    ("7200", Meaning::Setting("app_key")),
    ("7300", Meaning::Setting("app_key")),
    ("7400", Meaning::Setting("app_secret")),
    ("7500", Meaning::Limited),
    ("7501", Meaning::Limited),
    ("7502", Meaning::Limited),
    ("7503", Meaning::Limited),
    ("7600", Meaning::Setting("app_key")),
    ("7601", Meaning::Setting("app_secret")),
    ("7777", Meaning::Unclear),
];

/// The meaning of a code.
pub(crate) fn meaning(code: &str) -> Meaning {
    CODES.iter().find(|(known, _)| *known == code).map_or(Meaning::Refused, |(_, meaning)| *meaning)
}
