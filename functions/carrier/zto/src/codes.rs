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
    /// The same wish stands already.
    Standing,
    /// It understood and refused, which every code means that does not stand here.
    Refused,
}

const CODES: &[(&str, Meaning)] = &[
    ("S200", Meaning::Unclear),
    ("S202", Meaning::Unclear),
    ("S203", Meaning::Unclear),
    ("S206", Meaning::Limited),
    ("S210", Meaning::Setting("app_key")),
    ("S211", Meaning::Setting("app_secret")),
    ("S212", Meaning::Setting("app_key")),
    ("S214", Meaning::Setting("app_secret")),
    ("S221", Meaning::Limited),
    ("E404", Meaning::Setting("account_id")),
    ("E418", Meaning::Setting("account_id")),
    ("E23121", Meaning::Standing),
    ("E23127", Meaning::Standing),
    ("E23144", Meaning::Setting("account_id")),
    ("E23151", Meaning::Standing),
];

/// The meaning of a code.
pub(crate) fn meaning(code: &str) -> Meaning {
    CODES.iter().find(|(known, _)| *known == code).map_or(Meaning::Refused, |(_, meaning)| *meaning)
}
