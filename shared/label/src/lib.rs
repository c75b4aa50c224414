//! A waybill, a wave's list and slips as page models, and pages as ZPL, TSPL, a picture or PDF.
//!
//! ```text
//! Waybill --layout--> Page --zpl / tspl--> bytes for a thermal printer
//!                      |---canvas / png--> the same page as a 1-bit picture
//!                      '---problems-----> what a person has to look at
//! ```
//!
//! Printers bring no Chinese font that can be relied on, so every line of text travels as a bitmap cropped to its
//! ink, while barcodes, boxes and rules are the printer's own commands: they stay sharp, small and fast. Because text
//! is only ever pixels, and a barcode only accepts [`BarcodeText`], nothing that a buyer wrote can become a command.
//!
//! Nothing is lost in silence: a character the font lacks is drawn as an empty box and listed in
//! [`Page::problems`], and so are a text that had to be cut and a number that makes no readable barcode.

mod barcode;
mod canvas;
mod code128;
mod font;
mod layout;
mod page;
#[cfg(feature = "pdf")]
mod pdf;
mod png;
mod problem;
mod qr;
mod sheets;
mod text;
mod tspl;
mod waybill;
mod zpl;

pub use barcode::BarcodeText;
pub use canvas::{Canvas, canvas};
pub use layout::{layout, packing_slip, pick_list};
pub use page::{Barcode, Dpi, Element, Media, Page, QrCode, Rect, TextLine};
#[cfg(feature = "pdf")]
pub use pdf::pdf;
pub use png::png;
pub use problem::{Field, Problem, Trouble, problems};
pub use sheets::{PackingSlip, PickList, Stop};
pub use tspl::tspl;
pub use waybill::{ItemLine, Party, Waybill};
pub use zpl::zpl;
