//! What the platform's error codes mean, as data.
//!
//! The codes and their words: <https://op.jinritemai.com/docs/guide-docs/212/1427>, and the error lists of each call.

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// This credential is missing or wrong; the call was not let in.
    Mend(&'static str),
    /// Our clock is wrong; the call was not let in.
    Clock,
    /// Too many calls.
    Limited,
    /// Not now, and nothing was done: again after so many seconds, 0 where nobody can say.
    Later(u32),
    /// Whether anything was done is not said.
    Unclear,
    /// Understood and refused.
    Refused,
}

use Meaning::{Clock, Later, Limited, Mend, Refused, Unclear};

/// `code`, the beginning of `sub_code`, and what they mean; the first row that fits counts.
const CODES: &[(u32, &str, Meaning)] = &[
    (10_001, "", Unclear),
    (20_000, "", Unclear),
    (20_001, "", Unclear),
    (30_001, "dop.authorization-", Mend("access_token")),
    (30_001, "", Mend("app_key")),
    // The address that the call came from is not on the application's list.
    (30_002, "", Mend("app_key")),
    (40_001, "isv.access-token-", Mend("access_token")),
    (40_001, "isv.signature-", Mend("app_secret")),
    (40_001, "isv.app-id-", Mend("app_key")),
    (40_003, "isv.access-token-", Mend("access_token")),
    (40_003, "isv.authorization-", Mend("access_token")),
    (40_003, "isv.signature-", Mend("app_secret")),
    (40_003, "isv.app-id-", Mend("app_key")),
    (40_003, "isv.timestamp-", Clock),
    (40_001, "", Refused),
    (40_002, "", Refused),
    (40_003, "", Refused),
    (40_004, "", Refused),
    (50_001, "dop.token-generate-failed:token-", Mend("refresh_token")),
    (50_001, "dop.token-generate-failed:code-", Mend("code")),
    (50_001, "dop.token-generate-failed: code-", Mend("code")),
    (50_001, "dop.token-generate-failed:app-secret-", Mend("app_secret")),
    (50_001, "dop.token-generate-failed:app-", Mend("app_key")),
    (50_001, "dop.token-generate-failed:grant-type-", Mend("service_id")),
    (50_001, "dop.token-generate-failed:no-authorization", Mend("shop_id")),
    (50_001, "", Unclear),
    (50_002, "isv.business-failed:31009", Mend("refresh_token")),
    // Somebody else renews the same token at this moment.
    (50_002, "isv.business-failed:31012", Later(5)),
    // The platform looks the order over for fraud, for an hour or two.
    (50_002, "isv.business-failed:60109", Later(1800)),
    (60_000, "", Limited),
    (70_000, "", Refused),
    (80_000, "", Refused),
    (90_000, "", Unclear),
];

/// Numbers behind `isv.business-failed:` by which the platform says of itself that it is busy.
const BUSY: &[&str] = &[
    "-1", "300", "4007", "4029", "8018", "8888", "20004", "20045", "20055", "60051", "60106", "60114", "60118",
    "60121", "60124", "60125", "60132", "70009", "70011", "100106", "120032", "2010401",
];

/// What an error means. A code that nobody knows says nothing about what was done.
pub(crate) fn meaning(code: u32, sub_code: &str) -> Meaning {
    let known = CODES.iter().find(|(known, begins, _)| *known == code && sub_code.starts_with(begins));
    match known {
        Some((_, _, meaning)) => *meaning,
        None if code == 50_002 => match number(sub_code) {
            Some(number) if BUSY.contains(&number) => Unclear,
            _ => Refused,
        },
        None => Unclear,
    }
}

/// Whether the platform says by this number that it is busy.
pub(crate) fn is_busy(number: &str) -> bool {
    BUSY.contains(&number)
}

/// The number of a refusal, such as `60110` of `isv.business-failed:60110`.
pub(crate) fn number(sub_code: &str) -> Option<&str> {
    sub_code.rsplit_once(':').map(|(_, number)| number.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_platform_says() {
        for (code, sub_code, expected) in [
            (40_003, "isv.access-token-expired", Mend("access_token")),
            (40_003, "isv.access-token-no-existed", Mend("access_token")),
            (40_003, "isv.signature-invalid", Mend("app_secret")),
            (40_003, "isv.timestamp-invalid", Clock),
            (40_003, "isv.parameter-format-invalid", Refused),
            (30_001, "dop.authorization-closed", Mend("access_token")),
            (30_001, "isv.app-permissions-insufficient", Mend("app_key")),
            (50_001, "dop.token-generate-failed:token-expired", Mend("refresh_token")),
            (50_001, "dop.token-generate-failed:code-expired", Mend("code")),
            (50_002, "isv.business-failed:60110", Refused),
            (50_002, "isv.business-failed:60106", Unclear),
            (50_002, "isv.business-failed:60109", Later(1800)),
            (20_000, "isp.service-error:9999", Unclear),
            (60_000, "", Limited),
            (12_345, "isv.something-new", Unclear),
        ] {
            assert_eq!(meaning(code, sub_code), expected, "{code} {sub_code}");
        }
    }
}
