//! The page in ZPL II.

use std::io::Write;

use crate::canvas::{Canvas, text_bits};
use crate::code128;
use crate::page::{Element, Page};

/// Height that `^BY` sets for barcodes that name none. `^BQ` moves a QR code down by just this, so it is set, and
/// taken off again, rather than left to the printer.
const BY_HEIGHT: u32 = 10;

/// The page as one ZPL label, printed once.
///
/// The bytes are ASCII. Text is only in `^GFA` bitmaps, and `^FD` only ever holds a [`BarcodeText`](crate::BarcodeText),
/// so no input can add a command.
#[must_use]
pub fn zpl(page: &Page) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 * 1024);
    put(&mut out, format_args!("^XA^CI28^PW{}^LL{}^LH0,0\n", page.width(), page.height()));
    for element in page.elements() {
        match element {
            Element::Frame { area, thick } => {
                put(&mut out, format_args!("^FO{},{}^GB{},{},{thick}^FS\n", area.x, area.y, area.w, area.h));
            }
            Element::Rule(area) => {
                let thick = area.w.min(area.h);
                put(&mut out, format_args!("^FO{},{}^GB{},{},{thick}^FS\n", area.x, area.y, area.w, area.h));
            }
            Element::Text(line) => {
                if let Some((bits, at)) = text_bits(line) {
                    let (total, row) = (bits.bytes().len(), bits.stride());
                    put(&mut out, format_args!("^FO{},{}^GFA,{total},{total},{row},", at.x, at.y));
                    compress(&mut out, &bits);
                    put(&mut out, format_args!("^FS\n"));
                }
            }
            Element::Code128(code) => {
                let (x, y, module, height) = (code.x, code.y, code.module, code.height);
                let field = code128::zpl_field(&code.content);
                put(&mut out, format_args!("^FO{x},{y}^BY{module},2,{BY_HEIGHT}^BCN,{height},N,N,N,N^FD{field}^FS\n"));
            }
            Element::Qr(code) => {
                let (x, y, module) = (code.x, code.y.saturating_sub(BY_HEIGHT), code.module);
                let field = code.content.as_str();
                put(&mut out, format_args!("^FO{x},{y}^BY{module},2,{BY_HEIGHT}^BQN,2,{module}^FDMA,{field}^FS\n"));
            }
        }
    }
    put(&mut out, format_args!("^PQ1^XZ\n"));
    out
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing into memory does not fail.
    let _ = out.write_fmt(text);
}

/// Writes the dots as hexadecimal digits with ZPL's run lengths: `,` fills a row with white, `:` repeats the row above,
/// and a letter before a digit says how often it comes. ZPL's `!`, which fills with black, is left alone: "ones" is
/// read as bits by some and as digits by others.
fn compress(out: &mut Vec<u8>, bits: &Canvas) {
    let mut above: Option<&[u8]> = None;
    for row in bits.rows() {
        if above == Some(row) {
            out.push(b':');
        } else {
            compress_row(out, row);
        }
        above = Some(row);
    }
}

fn compress_row(out: &mut Vec<u8>, row: &[u8]) {
    let Some(first) = row.first() else { return };
    let (mut current, mut run) = (first >> 4, 0);
    for byte in row {
        for digit in [byte >> 4, byte & 15] {
            if digit == current {
                run += 1;
            } else {
                push_run(out, run, current);
                (current, run) = (digit, 1);
            }
        }
    }
    if current == 0 {
        out.push(b',');
    } else {
        push_run(out, run, current);
    }
}

/// `G` to `Y` are 1 to 19 times, `g` to `z` 20 to 400 in twenties; both add up.
fn push_run(out: &mut Vec<u8>, mut run: u32, digit: u8) {
    let hex = if digit < 10 { b'0' + digit } else { b'A' + digit - 10 };
    while run > 400 {
        out.extend([b'z', hex]);
        run -= 400;
    }
    if run >= 20 {
        out.push(b'f' + u8::try_from(run / 20).unwrap_or(0));
        run %= 20;
        if run > 0 {
            out.push(b'F' + u8::try_from(run).unwrap_or(0));
        }
    } else if run > 1 {
        out.push(b'F' + u8::try_from(run).unwrap_or(0));
    }
    out.push(hex);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Rect;

    fn packed(width: u32, rows: &[Rect]) -> String {
        let mut bits = Canvas::new(width, 4);
        rows.iter().for_each(|r| bits.fill(*r));
        let mut out = Vec::new();
        compress(&mut out, &bits);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn runs_are_counted_and_rows_repeat() {
        let row = |x, y, w| Rect { x, y, w, h: 1 };
        assert_eq!(packed(32, &[]), ",:::");
        assert_eq!(packed(32, &[row(0, 0, 32), row(0, 1, 32)]), "NF:,:");
        assert_eq!(packed(32, &[row(4, 0, 8), row(31, 1, 1)]), "0HF,M01,:");
        assert_eq!(packed(32, &[row(0, 0, 30)]), "MFC,::");
        assert_eq!(packed(800, &[row(0, 0, 640)]), "nF,,::");
        assert_eq!(packed(800, &[row(0, 0, 84)]), "gGF,,::");
        assert_eq!(packed(4000, &[row(0, 0, 3972)]), "zFzFoSF,,::");
    }
}
