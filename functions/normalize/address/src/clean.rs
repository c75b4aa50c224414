//! What a keyboard leaves in a text and no label needs.

/// The text without control and zero-width characters, with blanks as single blanks, full-width letters, digits and
/// signs of numbers as plain ones, trimmed.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_whitespace() => {
                if !cleaned.ends_with(' ') && !cleaned.is_empty() {
                    cleaned.push(' ');
                }
            }
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
            c if c.is_control() => {}
            // Full-width forms stand in the order of ASCII.
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＋' | '－' | '＃' => {
                cleaned.push(char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c));
            }
            c => cleaned.push(c),
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// Whether a platform masked the text: its own waybill service knows what stands there, and nobody else may touch it.
pub(crate) fn is_masked(text: &str) -> bool {
    text.contains(['*', '＊'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyboards_leave_no_trace() {
        for (typed, cleaned) in [
            ("　文三路　１２号　Ａ座 ", "文三路 12号 A座"),
            ("文三\u{200b}路\r\n1号", "文三路 1号"),
            ("＋８６－１３８", "+86-138"),
            ("（北门）", "（北门）"),
        ] {
            assert_eq!(clean(typed), cleaned, "{typed:?}");
        }
    }
}
