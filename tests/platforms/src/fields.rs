//! Reading JSON as lenient as the platforms read it: numbers may come as text, a missing field is empty.

use serde_json::Value;

/// A field as text; a number is written out.
pub(crate) fn text(from: &Value, name: &str) -> String {
    match from.get(name) {
        Some(Value::String(plain)) => plain.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A field as an integer, if it is one or a text of one.
pub(crate) fn int(from: &Value, name: &str) -> Option<i64> {
    match from.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(plain) => plain.parse().ok(),
        _ => None,
    }
}

/// A field as yes or no; text counts too.
pub(crate) fn yes(from: &Value, name: &str) -> bool {
    matches!(from.get(name), Some(Value::Bool(true))) || text(from, name) == "true"
}

/// A list, or none.
pub(crate) fn list(from: &Value, name: &str) -> Vec<Value> {
    from.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A nested object, or null.
pub(crate) fn part(from: &Value, name: &str) -> Value {
    from.get(name).cloned().unwrap_or_default()
}

/// First `keep` characters, then stars.
pub(crate) fn masked(plain: &str, keep: usize) -> String {
    let kept: String = plain.chars().take(keep).collect();
    format!("{kept}**")
}

/// A phone number with its middle starred.
pub(crate) fn masked_phone(phone: &str) -> String {
    let head: String = phone.chars().take(3).collect();
    let tail: String = phone.chars().skip(phone.chars().count().saturating_sub(4)).collect();
    format!("{head}****{tail}")
}
