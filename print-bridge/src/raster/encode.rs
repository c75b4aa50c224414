//! Pages of dots in a printer's language: one label a page.

use std::io::Write as _;

use super::Bits;
use crate::target::Media;

/// `^GFA` pictures with ZPL's run lengths.
pub(super) fn zpl(pages: &[Bits]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pages.len() * (32 << 10));
    for page in pages {
        let (width, height, row) = (page.width(), page.height(), page.stride());
        let total = page.bytes().len();
        let head = format!("^XA^PW{width}^LL{height}^LH0,0^FO0,0^GFA,{total},{total},{row},");
        out.extend_from_slice(head.as_bytes());
        let mut above = None;
        for row in page.rows() {
            if above == Some(row) {
                // As the row above.
                out.push(b':');
            } else {
                pack(&mut out, row);
            }
            above = Some(row);
        }
        out.extend_from_slice(b"^FS^PQ1^XZ\n");
    }
    out
}

/// A row as hexadecimal digits: letters before a digit say how often it comes, `,` fills the rest with white.
fn pack(out: &mut Vec<u8>, row: &[u8]) {
    let mut digits = row.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let Some(mut digit) = digits.next() else { return };
    let mut times = 1;
    for next in digits {
        if next == digit {
            times += 1;
        } else {
            run(out, digit, times);
            (digit, times) = (next, 1);
        }
    }
    if digit == 0 {
        out.push(b',');
    } else {
        run(out, digit, times);
    }
}

/// `z` is 400 times, `g` to `y` 20 to 380, `G` to `Y` 1 to 19; they add up.
fn run(out: &mut Vec<u8>, digit: u8, mut times: usize) {
    let letter = |first: u8, count: usize| first + u8::try_from(count - 1).unwrap_or_default();
    if times > 1 {
        while times >= 400 {
            out.push(b'z');
            times -= 400;
        }
        if times >= 20 {
            out.push(letter(b'g', times / 20));
        }
        if !times.is_multiple_of(20) {
            out.push(letter(b'G', times % 20));
        }
    }
    out.push(b"0123456789ABCDEF".get(usize::from(digit)).copied().unwrap_or(b'0'));
}

/// `BITMAP` with its bytes as they are; here a 1 is white.
pub(super) fn tspl(pages: &[Bits], media: Media) -> Vec<u8> {
    let mut out = Vec::with_capacity(pages.iter().map(|page| page.bytes().len() + 128).sum());
    for page in pages {
        let head = format!(
            "SIZE {} mm,{} mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 1\r\nCLS\r\nBITMAP 0,0,{},{},0,",
            media.width_mm,
            media.height_mm,
            page.stride(),
            page.height()
        );
        out.extend_from_slice(head.as_bytes());
        out.extend(page.bytes().iter().map(|byte| !byte));
        out.extend_from_slice(b"\r\nPRINT 1,1\r\n");
    }
    out
}

/// One picture, the pages one below the other as they would leave the printer.
pub(super) fn png(pages: &[Bits]) -> Result<Vec<u8>, png::EncodingError> {
    let width = pages.first().map_or(0, Bits::width);
    let height = pages.iter().map(Bits::height).sum();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    for page in pages {
        let white: Vec<u8> = page.bytes().iter().map(|byte| !byte).collect();
        stream.write_all(&white)?;
    }
    stream.finish()?;
    drop(writer);
    Ok(file)
}
