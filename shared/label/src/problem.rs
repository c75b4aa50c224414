//! What could not be shown as given.

use std::fmt;

use crate::page::Page;

/// A part of the waybill, as a person finds it in the form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Field {
    /// The carrier's name.
    Carrier,
    /// The product booked.
    Service,
    /// The waybill number.
    Number,
    /// The sorting code.
    Routing,
    /// The receiver's name and phone, which share a line.
    ReceiverName,
    /// The receiver's region and address, which are one text on paper.
    ReceiverAddress,
    /// The sender's name and phone.
    SenderName,
    /// The sender's region and address.
    SenderAddress,
    /// Cash on delivery.
    Cod,
    /// Insured value.
    Insured,
    /// Weight.
    Weight,
    /// Place in the batch.
    Sequence,
    /// Which piece of several it is.
    Piece,
    /// The slot in the put-wall.
    Slot,
    /// A line of the packing list, counted from 0.
    Line(usize),
    /// The packing list as a whole.
    Lines,
    /// The shop's order numbers.
    OrderRefs,
    /// The remark.
    Remark,
    /// The mark of a reprint.
    Reprint,
    /// The small line at the foot.
    PrintedHint,
    /// Words that stand on every label.
    Heading,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self {
            Self::Carrier => "carrier",
            Self::Service => "service",
            Self::Number => "number",
            Self::Routing => "routing",
            Self::ReceiverName => "receiver.name",
            Self::ReceiverAddress => "receiver.address",
            Self::SenderName => "sender.name",
            Self::SenderAddress => "sender.address",
            Self::Cod => "cod",
            Self::Insured => "insured",
            Self::Weight => "weight_g",
            Self::Sequence => "seq",
            Self::Piece => "piece",
            Self::Slot => "slot",
            Self::Line(n) => return write!(f, "lines[{n}]"),
            Self::Lines => "lines",
            Self::OrderRefs => "order_refs",
            Self::Remark => "remark",
            Self::Reprint => "reprint",
            Self::PrintedHint => "printed_hint",
            Self::Heading => "heading",
        };
        f.write_str(path)
    }
}

/// What went wrong with a field.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Trouble {
    /// The font lacks this character; an empty box stands in its place.
    MissingGlyph(char),
    /// The text was too long for its place even at the smallest size, and ends in `…`.
    Cut,
    /// The packing list shows codes and quantities only: there was no room for titles.
    Abbreviated,
    /// So many lines of the packing list found no room; the paper says how many.
    LeftOut(usize),
    /// The number has characters that a barcode of ours does not take, or is empty or too long; no barcode is drawn.
    NotABarcode,
    /// The barcode does not fit at a width that scanners read; no barcode is drawn.
    BarcodeTooWide,
}

/// A field and what went wrong with it.
///
/// `Display` is for logs and says nothing that was on the label; [`zh`](Self::zh) and [`en`](Self::en) are for the
/// person who can mend it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Problem {
    /// Where.
    pub field: Field,
    /// What.
    pub trouble: Trouble,
}

impl Problem {
    /// Whether the parcel may go astray with this label: the number cannot be scanned, or number, sorting code or
    /// receiver are not whole. Anything else is good to know but need not stop the printing.
    #[must_use]
    pub fn is_serious(&self) -> bool {
        matches!(self.field, Field::Number | Field::Routing | Field::ReceiverName | Field::ReceiverAddress | Field::Cod)
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.trouble {
            Trouble::MissingGlyph(_) => "missing_glyph",
            Trouble::Cut => "text_cut",
            Trouble::Abbreviated => "titles_left_out",
            Trouble::LeftOut(_) => "lines_left_out",
            Trouble::NotABarcode => "not_a_barcode",
            Trouble::BarcodeTooWide => "barcode_too_wide",
        }
    }

    /// The sentence in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        let field = self.field;
        match self.trouble {
            Trouble::MissingGlyph(c) => format!("{field}：字库中没有“{c}”（U+{:04X}），打印为空框", u32::from(c)),
            Trouble::Cut => format!("{field}：内容过长，已截断并以“…”结尾"),
            Trouble::Abbreviated => format!("{field}：商品种类较多，只打印编码和数量"),
            Trouble::LeftOut(n) => format!("{field}：有 {n} 行放不下，面单上已注明"),
            Trouble::NotABarcode => format!("{field}：只能用字母、数字和 - . /，最多 40 位，否则无法生成条码"),
            Trouble::BarcodeTooWide => format!("{field}：条码太宽，这种纸放不下"),
        }
    }

    /// The sentence in English.
    #[must_use]
    pub fn en(&self) -> String {
        let field = self.field;
        match self.trouble {
            Trouble::MissingGlyph(c) => {
                format!("{field}: the font has no “{c}” (U+{:04X}), an empty box is printed", u32::from(c))
            }
            Trouble::Cut => format!("{field}: too long, cut and ended with “…”"),
            Trouble::Abbreviated => format!("{field}: many lines, only codes and quantities are printed"),
            Trouble::LeftOut(n) => format!("{field}: {n} lines found no room, the label says so"),
            Trouble::NotABarcode => {
                format!("{field}: a barcode takes letters, digits and - . / only, 40 at most")
            }
            Trouble::BarcodeTooWide => format!("{field}: the barcode is too wide for this label"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.code())
    }
}

/// What could not be shown as given; the same as [`Page::problems`].
#[must_use]
pub fn problems(page: &Page) -> &[Problem] {
    page.problems()
}
