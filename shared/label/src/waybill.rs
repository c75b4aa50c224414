//! What stands on a waybill, before anything is known about paper.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Everything a waybill shows. It is stored sealed beside the printed bytes, so that a reprint says the same.
///
/// Texts are shown as given, line breaks apart; an empty text is left out.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Waybill {
    /// The carrier's name as people know it; where empty, `carrier_code` stands in.
    pub carrier: String,
    /// The carrier's id in this system.
    #[serde(default)]
    pub carrier_code: String,
    /// The product booked, e.g. `标准快递`.
    #[serde(default)]
    pub service: String,
    /// The waybill number: both barcodes and the QR code hold exactly this.
    pub number: String,
    /// The carrier's sorting code (大头笔, 三段码). Without one, the receiver's region is printed in its place.
    #[serde(default)]
    pub routing: Option<String>,
    /// Who sends.
    pub sender: Party,
    /// Who receives.
    pub receiver: Party,
    /// Cash on delivery, ready to read: `¥ 128.00`.
    #[serde(default)]
    pub cod: Option<String>,
    /// Insured value, ready to read.
    #[serde(default)]
    pub insured: Option<String>,
    /// Weight in grams.
    #[serde(default)]
    pub weight_g: Option<u32>,
    /// Place in the batch, counted from 1, and the size of the batch: `17/240`.
    #[serde(default)]
    pub seq: Option<(u32, u32)>,
    /// Its slot in the put-wall, on a plate beside the place in the batch.
    #[serde(default)]
    pub slot: Option<String>,
    /// Which piece of a parcel of several it is, counted from 1, and how many there are: `2/3`.
    #[serde(default)]
    pub piece: Option<(u16, u16)>,
    /// What is in the parcel.
    #[serde(default)]
    pub lines: Vec<ItemLine>,
    /// The shop's own order numbers.
    #[serde(default)]
    pub order_refs: Vec<String>,
    /// What the packer should know.
    #[serde(default)]
    pub remark: String,
    /// Set on a reprint: how many times this paper was printed before. Printed as a mark in the corner.
    #[serde(default)]
    pub reprint: Option<u32>,
    /// A small line at the foot, e.g. when and where it was printed.
    #[serde(default)]
    pub printed_hint: String,
}

/// One end of the parcel's way.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// The person's or company's name.
    pub name: String,
    /// Phone number as it should be printed.
    pub phone: String,
    /// ISO 3166 code of two letters; `None` or `CN` is domestic. A foreign receiver makes the headings bilingual.
    #[serde(default)]
    pub country: Option<String>,
    /// Province, city and district in one line.
    #[serde(default)]
    pub region: String,
    /// Street, house, door.
    pub address: String,
}

/// One line of the packing list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ItemLine {
    /// The seller's own code of the goods.
    pub sku: String,
    /// What it is called.
    #[serde(default)]
    pub title: String,
    /// How many pieces.
    pub qty: u32,
}

impl Waybill {
    /// Whether the parcel leaves the country, which makes the headings bilingual.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.receiver.country.as_deref().is_some_and(|code| !code.is_empty() && !code.eq_ignore_ascii_case("CN"))
    }
}

/// Says what can stand in a log: no receiver, no sender, no remark.
impl fmt::Debug for Waybill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waybill")
            .field("carrier_code", &self.carrier_code)
            .field("number", &self.number)
            .field("seq", &self.seq)
            .field("piece", &self.piece)
            .field("lines", &self.lines.len())
            .field("reprint", &self.reprint)
            .finish_non_exhaustive()
    }
}

/// Says nothing but that it is one: a party is personal data.
impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Party")
    }
}
