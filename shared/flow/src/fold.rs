//! One form of a text for comparing, never for showing.

use unicode_normalization::UnicodeNormalization;

/// The text as it is compared: compatibility forms unified (full-width letters and digits), lower case, all dashes
/// alike, runs of blanks as one, no control or zero-width characters.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase) {
        match c {
            c if c.is_whitespace() => {
                if !folded.ends_with(' ') && !folded.is_empty() {
                    folded.push(' ');
                }
            }
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{fe58}' => folded.push('-'),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => folded.push(c),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn what_people_type_alike_folds_alike() {
        for (typed, folded) in [
            ("ＡＢＣ－０１", "abc-01"),
            (" Tea\u{3000} 龙井\t500G ", "tea 龙井 500g"),
            ("a\u{200b}b\u{feff}", "ab"),
            ("A—1", "a-1"),
            ("", ""),
        ] {
            assert_eq!(fold(typed), folded, "{typed:?}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing_more() {
        for text in ["ＡＢＣ　０１", "ﬁne – tea", " x "] {
            assert_eq!(fold(&fold(text)), fold(text));
        }
    }
}
