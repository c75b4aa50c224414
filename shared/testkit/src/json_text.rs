//! Changes to a JSON text that leave every other byte as it is; no value passes through a number type.

use std::ops::Range;

/// The text with a field nobody knows put first into every object.
pub(crate) fn with_unknown_fields(text: &str) -> String {
    const UNKNOWN: &str = r#""zz_unknown":{"a":[1,null,"x"]}"#;
    let mut changed = String::with_capacity(text.len() * 2);
    let mut last = 0;
    for brace in tokens(text).into_iter().filter(|token| token.kind == Kind::ObjectStart) {
        changed.push_str(&text[last..brace.range.end]);
        changed.push_str(UNKNOWN);
        let empty = text[brace.range.end..].trim_start().starts_with('}');
        changed.push_str(if empty { "" } else { "," });
        last = brace.range.end;
    }
    changed.push_str(&text[last..]);
    changed
}

/// The texts that come out when each value that is no object and no array is replaced, one at a time.
pub(crate) fn each_scalar_replaced(text: &str, by: &str) -> Vec<String> {
    let scalars = tokens(text).into_iter().filter(|token| token.kind == Kind::Scalar);
    scalars.map(|token| format!("{}{by}{}", &text[..token.range.start], &text[token.range.end..])).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    ObjectStart,
    Key,
    Scalar,
}

struct Token {
    kind: Kind,
    range: Range<usize>,
}

fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'{' => {
                at += 1;
                found.push(Token { kind: Kind::ObjectStart, range: start..at });
            }
            b'"' => {
                at = end_of_string(bytes, at);
                let key = text[at..].trim_start().starts_with(':');
                found.push(Token { kind: if key { Kind::Key } else { Kind::Scalar }, range: start..at });
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                while at < bytes.len() && !matches!(bytes[at], b',' | b']' | b'}') && !bytes[at].is_ascii_whitespace() {
                    at += 1;
                }
                found.push(Token { kind: Kind::Scalar, range: start..at });
            }
            _ => at += 1,
        }
    }
    found
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"a":1.10,"b":["x\"}",{}],"c":{"d":null}}"#;

    #[test]
    fn every_object_gets_a_field_and_nothing_else_changes() {
        let changed = with_unknown_fields(TEXT);
        serde_json::from_str::<serde_json::Value>(&changed).unwrap();
        assert_eq!(changed.matches("zz_unknown").count(), 3);
        assert!(changed.contains("1.10"));
    }

    #[test]
    fn every_value_is_replaced_once() {
        let changed = each_scalar_replaced(TEXT, "[]");
        assert_eq!(changed.len(), 3);
        assert_eq!(changed[0], r#"{"a":[],"b":["x\"}",{}],"c":{"d":null}}"#);
        assert_eq!(changed[2], r#"{"a":1.10,"b":["x\"}",{}],"c":{"d":[]}}"#);
    }
}
