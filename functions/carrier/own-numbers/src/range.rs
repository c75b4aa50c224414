use huidan_exchange::{CallError, Credentials};

/// A range of numbers, as the seller wrote it into the account's settings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Range {
    prefix: String,
    suffix: String,
    pub(crate) from: u64,
    pub(crate) to: u64,
    digits: usize,
    check: Check,
}

/// How the digit after the others is made from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// There is none.
    None,
    /// Universal Postal Union S10: weights 8 6 4 2 3 5 9 7 over eight digits, modulo 11.
    S10,
    /// GS1: weights 3 and 1 from the right, modulo 10.
    Gs1,
    /// The remainder of the number by 7.
    Mod7,
}

impl Range {
    /// From the account's settings.
    pub(crate) fn read(settings: &Credentials) -> Result<Self, CallError> {
        let first = settings.need("from")?;
        let (from, to) = (whole("from", first)?, whole("to", settings.need("to")?)?);
        if to < from {
            return Err(bad("to", "应不小于 from / must not be below from"));
        }
        let digits = match settings.optional("digits") {
            Some(text) => usize::try_from(whole("digits", text)?).unwrap_or(usize::MAX),
            None => first.trim().len(),
        };
        if digits > 20 || to.to_string().len() > digits {
            return Err(bad("digits", "应足够写下最后一个号且不超过 20 / must hold the last number, and 20 at most"));
        }
        let check = match settings.optional("check_digit").unwrap_or("none") {
            "none" => Check::None,
            "s10" if digits == 8 => Check::S10,
            "s10" => return Err(bad("digits", "s10 校验位要求 8 位数字 / s10 needs 8 digits")),
            "gs1" => Check::Gs1,
            "mod7" => Check::Mod7,
            _ => return Err(bad("check_digit", "应为 none、s10、gs1 或 mod7 / must be none, s10, gs1 or mod7")),
        };
        let text = |field| settings.optional(field).unwrap_or_default().trim().to_owned();
        Ok(Self { prefix: text("prefix"), suffix: text("suffix"), from, to, digits, check })
    }

    /// The number of a serial (0 is the first of the range); `None` beyond the last.
    pub(crate) fn number(&self, serial: u64) -> Option<String> {
        let value = self.from.checked_add(serial).filter(|value| *value <= self.to)?;
        let digits = format!("{value:0width$}", width = self.digits);
        let check = self.check.digit(&digits).map_or_else(String::new, |digit| digit.to_string());
        Some(format!("{}{digits}{check}{}", self.prefix, self.suffix))
    }
}

impl Check {
    fn digit(self, digits: &str) -> Option<u32> {
        let values = digits.chars().filter_map(|digit| digit.to_digit(10));
        match self {
            Self::None => None,
            Self::S10 => {
                let sum: u32 = values.zip([8, 6, 4, 2, 3, 5, 9, 7]).map(|(digit, weight)| digit * weight).sum();
                Some(match 11 - sum % 11 {
                    10 => 0,
                    11 => 5,
                    digit => digit,
                })
            }
            Self::Gs1 => {
                let from_right: Vec<u32> = values.collect();
                let weights = [3, 1].into_iter().cycle();
                let sum: u32 = from_right.into_iter().rev().zip(weights).map(|(digit, weight)| digit * weight).sum();
                Some((10 - sum % 10) % 10)
            }
            Self::Mod7 => Some(values.fold(0, |rest, digit| (rest * 10 + digit) % 7)),
        }
    }
}

fn whole(field: &str, text: &str) -> Result<u64, CallError> {
    let digits = text.trim();
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| only_digits).ok_or_else(|| bad(field, "应只有数字 / must be digits only"))
}

fn bad(field: &str, detail: &str) -> CallError {
    CallError::Credentials { field: field.to_owned(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Credentials {
        Credentials::new(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    fn numbers(pairs: &[(&str, &str)], serials: &[u64]) -> Vec<Option<String>> {
        let range = Range::read(&settings(pairs)).unwrap();
        serials.iter().map(|serial| range.number(*serial)).collect()
    }

    #[test]
    fn leading_zeros_stay() {
        let range = [("prefix", "YT"), ("from", "000000098"), ("to", "100")];
        let made = numbers(&range, &[0, 1, 2, 3]);
        assert_eq!(made[0].as_deref(), Some("YT000000098"));
        assert_eq!(made[2].as_deref(), Some("YT000000100"));
        assert_eq!(made[3], None);
    }

    #[test]
    fn check_digits_are_those_of_their_schemes() {
        let s10 =
            [("prefix", "RR"), ("suffix", "CN"), ("from", "47312482"), ("to", "47312482"), ("check_digit", "s10")];
        assert_eq!(numbers(&s10, &[0])[0].as_deref(), Some("RR473124829CN"), "the example of the S10 standard");
        let gs1 = [("from", "629104150021"), ("to", "629104150021"), ("check_digit", "gs1")];
        assert_eq!(numbers(&gs1, &[0])[0].as_deref(), Some("6291041500213"), "the example of the GS1 standard");
        let mod7 = [("from", "1234567"), ("to", "1234567"), ("check_digit", "mod7")];
        assert_eq!(numbers(&mod7, &[0])[0].as_deref(), Some("12345675"), "the remainder of 1234567 by 7 is 5");
    }

    #[test]
    fn a_setting_that_cannot_be_names_its_field() {
        for (pairs, field) in [
            (&[("to", "5")][..], "from"),
            (&[("from", "1"), ("to", "x")], "to"),
            (&[("from", "+1"), ("to", "5")], "from"),
            (&[("from", "9"), ("to", "5")], "to"),
            (&[("from", "1"), ("to", "100")], "digits"),
            (&[("from", "1"), ("to", "5"), ("digits", "21")], "digits"),
            (&[("from", "1"), ("to", "5"), ("check_digit", "s10")], "digits"),
            (&[("from", "1"), ("to", "5"), ("check_digit", "luck")], "check_digit"),
        ] {
            match Range::read(&settings(pairs)) {
                Err(CallError::Credentials { field: named, .. }) => assert_eq!(named, field, "{pairs:?}"),
                other => panic!("{pairs:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn the_end_of_what_a_number_can_be_is_no_panic() {
        let last = [("from", "18446744073709551615"), ("to", "18446744073709551615")];
        assert_eq!(numbers(&last, &[0, 1, u64::MAX])[1..], [None, None]);
    }

    proptest::proptest! {
        #[test]
        fn two_serials_never_make_one_number(a in 0_u64..5000, b in 0_u64..5000) {
            let made = numbers(&[("prefix", "A"), ("from", "0001"), ("to", "5000"), ("check_digit", "mod7")], &[a, b]);
            proptest::prop_assert_eq!(a == b, made[0] == made[1]);
        }
    }
}
