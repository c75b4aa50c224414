//! Phones of mainland China in one form; every other number as it was given.

/// What became of a phone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Phone {
    /// In one form, or as given where it is a kind that has its own form.
    Good(String),
    /// Nothing there.
    Missing,
    /// No number that can be called.
    Invalid,
}

/// Reads a phone. Mobiles lose blanks, dashes and the country code; landlines, service numbers, numbers with an
/// extension (a platform's virtual number) and numbers of other countries are kept as given.
pub(crate) fn read(given: &str) -> Phone {
    let given = given.trim();
    if given.is_empty() {
        return Phone::Missing;
    }
    let (main, extension) = split_extension(given);
    let digits: String = main.chars().filter(char::is_ascii_digit).collect();
    let strange = main.chars().any(|c| !c.is_ascii_digit() && !matches!(c, ' ' | '-' | '+' | '(' | ')' | '.'));
    let good_extension = extension.is_none_or(|e| (1..=8).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_digit()));
    if strange || !good_extension {
        return Phone::Invalid;
    }
    let foreign = main.starts_with('+') && !digits.starts_with("86");
    match mobile(&digits).filter(|_| !foreign) {
        Some(mobile) if extension.is_none() => Phone::Good(mobile.to_owned()),
        Some(_) => Phone::Good(given.to_owned()),
        None if foreign && (7..=15).contains(&digits.len()) => Phone::Good(given.to_owned()),
        None if !foreign && (landline(&digits) || service(&digits)) => Phone::Good(given.to_owned()),
        None => Phone::Invalid,
    }
}

/// The eleven digits of a mobile without country code or the zero of a long-distance call.
fn mobile(digits: &str) -> Option<&str> {
    let bare =
        ["0086", "86", "0", ""].iter().find_map(|prefix| digits.strip_prefix(prefix).filter(|d| d.len() == 11))?;
    let mut bytes = bare.bytes();
    (bytes.next() == Some(b'1') && bytes.next().is_some_and(|second| second >= b'3')).then_some(bare)
}

/// 0571-87654321: an area code of 3 or 4 digits and 7 or 8 of the line; also without the area code.
fn landline(digits: &str) -> bool {
    let bare = ["0086", "86"].iter().find_map(|prefix| digits.strip_prefix(prefix)).filter(|rest| rest.len() >= 9);
    let digits = bare.unwrap_or(digits);
    let line = |digits: &str| matches!(digits.len(), 7 | 8) && digits.starts_with(['2', '3', '4', '5', '6', '7', '8']);
    let with_area = match digits.strip_prefix('0').or_else(|| bare.map(|_| digits)) {
        Some(rest) if rest.starts_with(['1', '2']) => rest.len() == 10 && rest.get(2..).is_some_and(line),
        Some(rest) => matches!(rest.len(), 10 | 11) && rest.get(3..).is_some_and(line),
        None => false,
    };
    with_area || line(digits)
}

fn service(digits: &str) -> bool {
    digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"))
}

/// The number and what is dialled after it: `13800138000-1234`, `13800138000转1234`, `0571-87654321-801`.
fn split_extension(given: &str) -> (&str, Option<&str>) {
    for mark in ["转", "ext.", "ext", "#", ",", "，"] {
        if let Some((main, extension)) = given.split_once(mark) {
            return (main.trim_end(), Some(extension.trim()));
        }
    }
    let Some((main, last)) = given.rsplit_once('-') else { return (given, None) };
    let digits = main.bytes().filter(u8::is_ascii_digit).count();
    let is_extension = (1..=6).contains(&last.trim().len()) && digits >= 11;
    if is_extension { (main.trim_end(), Some(last.trim())) } else { (given, None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_take_one_form_or_stay_as_given() {
        for (given, read_as) in [
            ("13800138000", Some("13800138000")),
            (" 138 0013 8000 ", Some("13800138000")),
            ("138-0013-8000", Some("13800138000")),
            ("+86 138 0013 8000", Some("13800138000")),
            ("+8613800138000", Some("13800138000")),
            ("008613800138000", Some("13800138000")),
            ("86-13800138000", Some("13800138000")),
            ("013800138000", Some("13800138000")),
            ("(138)00138000", Some("13800138000")),
            ("13800138000-1234", Some("13800138000-1234")),
            ("13800138000转1234", Some("13800138000转1234")),
            ("13800138000 转 12", Some("13800138000 转 12")),
            ("0571-87654321", Some("0571-87654321")),
            ("010-87654321", Some("010-87654321")),
            ("0571-87654321-801", Some("0571-87654321-801")),
            ("+86 571 87654321", Some("+86 571 87654321")),
            ("(0571)87654321", Some("(0571)87654321")),
            ("87654321", Some("87654321")),
            ("400-820-8820", Some("400-820-8820")),
            ("+852 6123 4567", Some("+852 6123 4567")),
            ("+1 415 555 0100", Some("+1 415 555 0100")),
            ("1380013800", None),
            ("138001380001", None),
            ("12800138000", None),
            ("138001380oo", None),
            ("13800138000/13900139000", None),
            ("无", None),
            ("11111111111", None),
            ("13800138000转", None),
            ("12345", None),
        ] {
            let expected = read_as.map_or(Phone::Invalid, |text| Phone::Good(text.to_owned()));
            assert_eq!(read(given), expected, "{given}");
        }
        assert_eq!(read("  "), Phone::Missing);
    }
}
