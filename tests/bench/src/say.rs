//! How this program speaks: both languages on a line.

use std::fmt::Display;

/// Something begins.
pub(crate) fn begin(zh: impl Display, en: impl Display) {
    println!("=> {zh} · {en}");
}

/// How far it has come.
pub(crate) fn line(text: impl Display) {
    println!("   {text}");
}

/// `12,345`.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
    }
}
