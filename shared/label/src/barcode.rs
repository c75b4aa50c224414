//! The only text that reaches a printer as text.

/// A text that is safe inside every printer command and readable by every scanner: 1 to 40 of `A–Z a–z 0–9 - . /`.
///
/// Neither ZPL's `^ ~ >` nor TSPL's quote and line end are among them, so a value of this type cannot end the command
/// it stands in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BarcodeText(String);

impl BarcodeText {
    /// The longest number that is accepted, in characters; the longest waybill numbers in use have about 25.
    pub const MAX: usize = 40;

    /// The text as a barcode's content, or `None` where a character or the length does not allow it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/');
        (!text.is_empty() && text.len() <= Self::MAX && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// The characters, all ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_characters_make_a_barcode() {
        for good in ["1", "HD1234567890123", "HDVA00000000000-1-1", "a.b/c"] {
            assert_eq!(BarcodeText::parse(good).map(|t| t.0).as_deref(), Some(good));
        }
        for bad in ["", "A^B", "A~B", "A>5", "A\"B", "A\r\nB", "A B", "汇", "A\\B", "A_B", "A,B", &"1".repeat(41)] {
            assert_eq!(BarcodeText::parse(bad), None, "{bad:?}");
        }
    }
}
