//! Files of `NAME=value` lines, as `keys.env` and `--env-file` are.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Context, Error, Result};

/// Names with their values.
pub(crate) type Variables = BTreeMap<String, String>;

/// Reads a file of `NAME=value` lines.
pub(crate) fn read(path: &Path) -> Result<Variables> {
    let text = std::fs::read_to_string(path).on(path.display())?;
    parse(&text).map_err(|line| {
        Error::new(
            format!("{} 第 {line} 行不是 NAME=value", path.display()),
            format!("{}: line {line} is not NAME=value", path.display()),
        )
    })
}

/// Reads lines of `NAME=value`: blank lines and `#` comments are skipped, `export ` before the name and one pair of
/// quotes around the value are taken off, nothing is expanded. The error is the number of the first line that is
/// something else; what the line says stays out of it, since it may be a secret.
pub(crate) fn parse(text: &str) -> std::result::Result<Variables, usize> {
    let mut variables = Variables::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or(index + 1)?;
        let name = name.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(plain) {
            return Err(index + 1);
        }
        variables.insert(name.to_owned(), unquoted(value.trim()).to_owned());
    }
    Ok(variables)
}

fn unquoted(value: &str) -> &str {
    ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_comments_exports_and_quotes_are_understood() {
        let text = "# keys\n\nSPIN_VARIABLE_RECEIVER_KEY=YWJj+/8=\n export A='x y'\nB=\"q\"\nC=\nD = 1#2 \n";
        let variables = parse(text).unwrap();
        let expected = [("SPIN_VARIABLE_RECEIVER_KEY", "YWJj+/8="), ("A", "x y"), ("B", "q"), ("C", ""), ("D", "1#2")];
        assert_eq!(variables, expected.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
    }

    #[test]
    fn a_later_line_wins() {
        assert_eq!(parse("A=1\nA=2").unwrap().get("A").map(String::as_str), Some("2"));
    }

    #[test]
    fn the_first_bad_line_is_named_by_its_number() {
        for (text, line) in [("A=1\nno sign", 2), ("=x", 1), ("#c\n\nA B=1", 3), ("1A=x", 1)] {
            assert_eq!(parse(text), Err(line), "{text:?}");
        }
    }

    #[test]
    fn a_lone_quote_is_part_of_the_value() {
        assert_eq!(parse("A=\"").unwrap().get("A").map(String::as_str), Some("\""));
    }
}
