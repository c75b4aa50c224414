//! The page in TSPL.

use std::io::Write;

use crate::canvas::text_bits;
use crate::page::{Element, Page};

/// The page as one TSPL label, printed once.
///
/// Commands are lines of ASCII ending in CR LF; only the bytes of a `BITMAP`, whose number stands before them, are
/// anything else. Text is only in bitmaps, and what stands between quotes is a [`BarcodeText`](crate::BarcodeText), so
/// no input can add a command. `DIRECTION 1` lets the label come out upright.
#[must_use]
pub fn tspl(page: &Page) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 * 1024);
    let (width, height) = page.media().millimetres();
    put(&mut out, format_args!("SIZE {width} mm,{height} mm"));
    put(&mut out, format_args!("GAP 2 mm,0 mm"));
    put(&mut out, format_args!("DIRECTION 1"));
    put(&mut out, format_args!("CLS"));
    for element in page.elements() {
        match element {
            Element::Frame { area, thick } => {
                let (right, below) = (area.x + area.w, area.y + area.h);
                put(&mut out, format_args!("BOX {},{},{right},{below},{thick}", area.x, area.y));
            }
            Element::Rule(area) => put(&mut out, format_args!("BAR {},{},{},{}", area.x, area.y, area.w, area.h)),
            Element::Text(line) => {
                if let Some((mut bits, at)) = text_bits(line) {
                    // Here a set bit is white.
                    bits.invert();
                    let _ = write!(out, "BITMAP {},{},{},{},0,", at.x, at.y, bits.stride(), bits.height());
                    out.extend_from_slice(bits.bytes());
                    out.extend_from_slice(b"\r\n");
                }
            }
            Element::Code128(code) => {
                let (x, y, height, module) = (code.x, code.y, code.height, code.module);
                let field = code.content.as_str();
                put(&mut out, format_args!("BARCODE {x},{y},\"128\",{height},0,0,{module},{module},\"{field}\""));
            }
            Element::Qr(code) => {
                let (x, y, module, field) = (code.x, code.y, code.module, code.content.as_str());
                put(&mut out, format_args!("QRCODE {x},{y},M,{module},A,0,\"{field}\""));
            }
        }
    }
    put(&mut out, format_args!("PRINT 1,1"));
    out
}

/// One command and the end of its line.
fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing into memory does not fail.
    let _ = out.write_fmt(text);
    out.extend_from_slice(b"\r\n");
}
