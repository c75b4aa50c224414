//! JSON as platforms write it: ids longer than a float holds, amounts as text or number, errors that say where and
//! never what.
//!
//! Every value stays text until somebody asks for it in a form, so nothing passes through a float on the way.

use crate::time;
use huidan_domain::{Currency, Millis, Money};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What is wrong with a document and where; never its content, which may be personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Which field, such as `line_items[2].price`; empty for the document itself.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Wrong {
    /// At that place.
    pub fn at(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() { f.write_str(&self.detail) } else { write!(f, "{}: {}", self.field, self.detail) }
    }
}

impl std::error::Error for Wrong {}

/// A value and the place where it stands.
#[derive(Clone)]
pub struct Json<'a> {
    place: String,
    raw: &'a RawValue,
}

/// An object's fields, opened.
#[derive(Clone)]
pub struct Object<'a> {
    place: String,
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Json<'a> {
    /// Reads a whole document.
    ///
    /// # Errors
    /// [`Wrong`] without a field when it is not JSON from the first byte to the last.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Wrong> {
        let raw = serde_json::from_slice(bytes)
            .map_err(|error| Wrong::at("", format!("not JSON from byte to byte, line {}", error.line())))?;
        Ok(Self { place: String::new(), raw })
    }

    /// Where it stands, such as `line_items[2]`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Its text, as the platform wrote it.
    pub fn raw(&self) -> &'a str {
        self.raw.get()
    }

    /// An error at this place.
    pub fn wrong(&self, detail: impl Into<String>) -> Wrong {
        Wrong::at(self.place.as_str(), detail)
    }

    /// Its fields.
    ///
    /// # Errors
    /// [`Wrong`] when it is no object.
    pub fn object(&self) -> Result<Object<'a>, Wrong> {
        let fields = serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("is no object"))?;
        Ok(Object { place: self.place.clone(), fields })
    }

    /// Its elements.
    ///
    /// # Errors
    /// [`Wrong`] when it is no array.
    pub fn list(&self) -> Result<Vec<Json<'a>>, Wrong> {
        let raws: Vec<&'a RawValue> = serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("is no array"))?;
        let element = |(index, raw)| Json { place: format!("{}[{index}]", self.place), raw };
        Ok(raws.into_iter().enumerate().map(element).collect())
    }

    /// A string.
    ///
    /// # Errors
    /// [`Wrong`] when it is none.
    pub fn text(&self) -> Result<String, Wrong> {
        serde_json::from_str(self.raw.get()).map_err(|_| self.wrong("is no text"))
    }

    /// An id: a string that is not empty, or a whole number of any length, exactly as written.
    ///
    /// # Errors
    /// [`Wrong`] when it is neither; a number with a fraction or an exponent has lost digits already.
    pub fn id(&self) -> Result<String, Wrong> {
        let text = if self.raw.get().starts_with('"') { self.text()? } else { self.digits("is no id")? };
        if text.trim().is_empty() { Err(self.wrong("is an empty id")) } else { Ok(text) }
    }

    /// The text of an amount, from a string or a number, digit by digit.
    ///
    /// # Errors
    /// [`Wrong`] when it is neither.
    pub fn decimal(&self) -> Result<String, Wrong> {
        let raw = self.raw.get();
        match raw.as_bytes().first() {
            Some(b'"') => self.text(),
            Some(b'-' | b'0'..=b'9') => Ok(raw.to_owned()),
            _ => Err(self.wrong("is no amount")),
        }
    }

    /// An amount in major units, from a string or a number, digit by digit.
    ///
    /// # Errors
    /// [`Wrong`] when it is none, or finer than the currency's minor unit.
    pub fn money(&self, currency: Currency) -> Result<Money, Wrong> {
        let money = Money::parse(&self.decimal()?, currency).map_err(|error| self.wrong(format!("is {error}")))?;
        money.minor().map_err(|error| self.wrong(format!("is {error}")))?;
        Ok(money)
    }

    /// A currency's code.
    ///
    /// # Errors
    /// [`Wrong`] when it is none.
    pub fn currency(&self) -> Result<Currency, Wrong> {
        Currency::parse(&self.text()?).map_err(|error| self.wrong(format!("is {error}")))
    }

    /// An instant with its offset, such as `2026-11-21T16:00:05+08:00`.
    ///
    /// # Errors
    /// [`Wrong`] when it is none.
    pub fn rfc3339(&self) -> Result<Millis, Wrong> {
        time::rfc3339(&self.text()?).ok_or_else(|| self.wrong("is no time with an offset"))
    }

    /// A whole number, also where it is written as a string.
    ///
    /// # Errors
    /// [`Wrong`] when it is none, or does not fit `T`.
    pub fn whole<T: std::str::FromStr>(&self) -> Result<T, Wrong> {
        let text = if self.raw.get().starts_with('"') { self.text()? } else { self.digits("is no whole number")? };
        text.trim().parse().map_err(|_| self.wrong("is no whole number of the size it should have"))
    }

    /// True or false; some platforms write 1 and 0.
    ///
    /// # Errors
    /// [`Wrong`] when it is neither.
    pub fn flag(&self) -> Result<bool, Wrong> {
        match self.raw.get() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(self.wrong("is neither true nor false")),
        }
    }

    fn is_null(&self) -> bool {
        self.raw.get() == "null"
    }

    fn digits(&self, complaint: &str) -> Result<String, Wrong> {
        let raw = self.raw.get();
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        let good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if good { Ok(raw.to_owned()) } else { Err(self.wrong(complaint)) }
    }
}

impl<'a> Object<'a> {
    /// Where it stands.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// An error at one of its fields.
    pub fn wrong(&self, name: &str, detail: impl Into<String>) -> Wrong {
        Wrong::at(self.place_of(name), detail)
    }

    /// A field; `None` when it is missing or null.
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        let raw = self.fields.get(name)?;
        let value = Json { place: self.place_of(name), raw };
        (!value.is_null()).then_some(value)
    }

    /// Whether the field is written at all, be it null.
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// [`Wrong`] when it is missing or null.
    pub fn need(&self, name: &str) -> Result<Json<'a>, Wrong> {
        self.get(name).ok_or_else(|| self.wrong(name, "is missing"))
    }

    /// A string; empty when it is missing or null.
    ///
    /// # Errors
    /// [`Wrong`] when it is something else.
    pub fn text(&self, name: &str) -> Result<String, Wrong> {
        self.get(name).map_or_else(|| Ok(String::new()), |value| value.text())
    }

    /// An id; empty when it is missing or null.
    ///
    /// # Errors
    /// [`Wrong`] when it is something else.
    pub fn id(&self, name: &str) -> Result<String, Wrong> {
        self.get(name).map_or_else(|| Ok(String::new()), |value| value.id())
    }

    /// True or false; false when it is missing or null.
    ///
    /// # Errors
    /// [`Wrong`] when it is something else.
    pub fn flag(&self, name: &str) -> Result<bool, Wrong> {
        self.get(name).map_or(Ok(false), |value| value.flag())
    }

    /// An object's fields; none when it is missing or null.
    ///
    /// # Errors
    /// [`Wrong`] when it is something else.
    pub fn object(&self, name: &str) -> Result<Object<'a>, Wrong> {
        let none = || Ok(Object { place: self.place_of(name), fields: BTreeMap::new() });
        self.get(name).map_or_else(none, |value| value.object())
    }

    /// An array's elements; none when it is missing or null.
    ///
    /// # Errors
    /// [`Wrong`] when it is something else.
    pub fn list(&self, name: &str) -> Result<Vec<Json<'a>>, Wrong> {
        self.get(name).map_or_else(|| Ok(Vec::new()), |value| value.list())
    }

    fn place_of(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }
}

impl std::fmt::Debug for Json<'_> {
    /// Shows where, never what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Json").field("place", &self.place).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Object<'_> {
    /// Shows where, never what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Object").field("place", &self.place).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(text: &str, what: impl Fn(&Object<'_>) -> Result<T, Wrong>) -> Result<T, Wrong> {
        what(&Json::parse(text.as_bytes())?.object()?)
    }

    #[test]
    fn ids_longer_than_a_float_or_an_integer_are_exact() {
        for id in ["9007199254740993", "820982911946154508", "98765432109876543210987654321"] {
            assert_eq!(read(&format!(r#"{{"id":{id}}}"#), |o| o.need("id")?.id()).unwrap(), id);
            assert_eq!(read(&format!(r#"{{"id":"{id}"}}"#), |o| o.need("id")?.id()).unwrap(), id);
        }
        for spoilt in ["1.5", "1e18", "true", "[]", "\"\"", "{}"] {
            assert!(read(&format!(r#"{{"id":{spoilt}}}"#), |o| o.need("id")?.id()).is_err(), "{spoilt}");
        }
    }

    #[test]
    fn amounts_keep_every_digit() {
        for (written, text) in [("\"409.94\"", "409.94"), ("0.10", "0.10"), ("-3.5", "-3.5"), ("128", "128")] {
            assert_eq!(read(&format!(r#"{{"a":{written}}}"#), |o| o.need("a")?.decimal()).unwrap(), text);
        }
        assert!(read(r#"{"a":[]}"#, |o| o.need("a")?.decimal()).is_err());
    }

    #[test]
    fn an_error_says_where_and_never_what() {
        let text = r#"{"lines":[{"qty":1},{"qty":"王小明"}]}"#;
        let second = |o: &Object<'_>| o.list("lines")?.last().unwrap().object()?.need("qty")?.whole::<u32>();
        let wrong = read(text, second).unwrap_err();
        assert_eq!(wrong.field, "lines[1].qty");
        assert!(!wrong.to_string().contains("王"));
    }

    #[test]
    fn what_is_missing_and_what_is_null_are_alike() {
        for text in ["{}", r#"{"x":null}"#] {
            assert_eq!(read(text, |o| o.text("x")).unwrap(), "");
            assert_eq!(read(text, |o| o.need("x").map(|_| ())).unwrap_err().field, "x");
            assert_eq!(read(text, |o| o.list("x").map(|them| them.len())).unwrap(), 0);
            assert!(!read(text, |o| o.flag("x")).unwrap());
        }
    }

    #[test]
    fn a_cut_document_is_none() {
        let text = r#"{"a":[1,{"b":"c"}]}"#;
        for cut in 0..text.len() {
            assert!(Json::parse(&text.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Json::parse(b"{} {}").is_err());
        assert!(Json::parse(b"\"\xff\"").is_err());
    }
}
