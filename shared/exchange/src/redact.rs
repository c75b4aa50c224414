//! Keeps receivers out of errors: platforms like to repeat what they were sent.

/// What stands in the place of something private.
const MASK: &str = "***";

/// `text` without any of `secrets` (those of two characters and more) and without anything that looks like a mobile
/// phone number of China, cut to 200 characters: fit for a log and for a person.
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut longest_first: Vec<&str> = secrets.iter().copied().filter(|secret| secret.chars().count() >= 2).collect();
    longest_first.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut shown = text.to_owned();
    for secret in longest_first {
        shown = shown.replace(secret, MASK);
    }
    without_phones(&shown).chars().take(200).collect()
}

/// Eleven digits that begin with 1 and stand alone.
fn without_phones(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        shown.push_str(if digits.len() == 11 && digits.starts_with('1') { MASK } else { &digits });
        digits.clear();
        if c != '\0' {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parcel_holds_does_not_come_back() {
        let said = "收件人王小明电话13800138000地址文三路 1 号超出服务范围(8040)";
        assert_eq!(
            redact(said, &["王小明", "13800138000", "文三路 1 号", "路"]),
            "收件人***电话***地址***超出服务范围(8040)"
        );
    }

    #[test]
    fn a_phone_nobody_named_goes_too_and_a_waybill_stays() {
        assert_eq!(redact("13912345678 AB1234567890123", &[]), "*** AB1234567890123");
    }

    #[test]
    fn a_name_inside_a_longer_secret_does_not_shield_it() {
        assert_eq!(redact("王小明先生", &["小明", "王小明先生"]), "***");
    }
}
