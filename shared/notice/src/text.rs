//! Texts with places for values: `{number}`. Anything else in braces is an error, so that a seller's slip is told when
//! the text is written and not when a parcel is stuck.

use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slip {
    /// A place without a value of that name.
    Unknown(String),
    /// A brace that is not closed, or that closes nothing. Braces that are meant are written twice.
    Brace,
}

impl std::fmt::Display for Slip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "没有字段 {{{name}}} / there is no field {{{name}}}"),
            Self::Brace => f.write_str(
                "花括号不成对，字面花括号请写两个 / a brace has no partner; a brace that is meant is written twice",
            ),
        }
    }
}

impl std::error::Error for Slip {}

/// The text with its values in their places.
///
/// # Errors
/// [`Slip`].
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> Result<String, Slip> {
    let mut filled = String::with_capacity(text.len());
    walk(text, |piece| match piece {
        Piece::Plain(c) => {
            filled.push(c);
            Ok(())
        }
        Piece::Place(name) => {
            filled.push_str(values.get(name).ok_or_else(|| Slip::Unknown(name.to_owned()))?);
            Ok(())
        }
    })?;
    Ok(filled)
}

/// Whether every place of a text is one of the known fields.
///
/// # Errors
/// [`Slip`].
pub fn check(text: &str, fields: &[&str]) -> Result<(), Slip> {
    walk(text, |piece| match piece {
        Piece::Place(name) if !fields.contains(&name) => Err(Slip::Unknown(name.to_owned())),
        Piece::Place(_) | Piece::Plain(_) => Ok(()),
    })
}

/// The names of a text's places; none where the text is none.
pub fn places(text: &str) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    let walked = walk(text, |piece| {
        if let Piece::Place(name) = piece {
            places.insert(name.to_owned());
        }
        Ok(())
    });
    if walked.is_ok() { places } else { BTreeSet::new() }
}

/// Whether a text says anything beside its places: one that does not only names what an approved text is filled with.
pub fn has_words(text: &str) -> bool {
    let mut words = false;
    let walked = walk(text, |piece| {
        words |= matches!(piece, Piece::Plain(c) if c.is_alphanumeric());
        Ok(())
    });
    walked.is_ok() && words
}

enum Piece<'a> {
    Plain(char),
    Place(&'a str),
}

fn walk<'a>(text: &'a str, mut each: impl FnMut(Piece<'a>) -> Result<(), Slip>) -> Result<(), Slip> {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '{' | '}' if after.starts_with(c) => {
                each(Piece::Plain(c))?;
                rest = after.get(1..).unwrap_or_default();
            }
            '{' => {
                let (name, behind) = after.split_once('}').ok_or(Slip::Brace)?;
                each(Piece::Place(name.trim()))?;
                rest = behind;
            }
            '}' => return Err(Slip::Brace),
            c => {
                each(Piece::Plain(c))?;
                rest = after;
            }
        }
    }
    Ok(())
}

/// The values of an object of facts, as a text shows them; what is nested is left out.
pub fn values(facts: &serde_json::Value) -> BTreeMap<String, String> {
    use serde_json::Value;
    let shown = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("是/yes".to_owned()),
        Value::Bool(false) => Some("否/no".to_owned()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    };
    let facts = facts.as_object().into_iter().flatten();
    facts.filter_map(|(name, value)| shown(value).map(|value| (name.clone(), value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_places_and_a_slip_is_named() {
        let values = values(&serde_json::json!({"number": "SF1", "hours": 48, "deep": {"a": 1}}));
        assert_eq!(fill("{number} 停滞 {hours} 小时 {{x}}", &values), Ok("SF1 停滞 48 小时 {x}".to_owned()));
        assert_eq!(fill("{deep}", &values), Err(Slip::Unknown("deep".to_owned())));
        assert_eq!(fill("{number", &values), Err(Slip::Brace));
        assert_eq!(fill("number}", &values), Err(Slip::Brace));
        assert_eq!(check("{ number }", &["number"]), Ok(()));
        assert_eq!(check("{phone}", &["number"]), Err(Slip::Unknown("phone".to_owned())));
    }

    #[test]
    fn places_alone_are_no_words() {
        assert!(!has_words("{number} {carrier}，{order}") && !has_words(""));
        assert!(has_words("{number} 已发出") && has_words("sent"));
        assert!(!has_words("sent {number"), "what cannot be filled says nothing");
    }

    #[test]
    fn a_value_is_never_taken_for_a_text() {
        let values = values(&serde_json::json!({"a": "{b}", "b": "c"}));
        assert_eq!(fill("{a}", &values), Ok("{b}".to_owned()));
    }
}
