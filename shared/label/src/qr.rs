//! QR codes: their size for the layout, their modules for the picture.

use fast_qr::{ECL, QRBuilder};

use crate::barcode::BarcodeText;
use crate::canvas::Canvas;
use crate::page::{QrCode, Rect};

/// Width of the quiet zone on each side, in modules.
pub(crate) const QUIET: u32 = 4;

/// Modules on a side at error correction M, without building the code: printers choose the smallest version too.
pub(crate) fn modules(text: &BarcodeText) -> u32 {
    // How many characters versions 1, 2, 3 and 4 hold as digits, as capitals and as bytes.
    let text = text.as_str();
    let holds = if text.bytes().all(|b| b.is_ascii_digit()) {
        [34, 63, 101, 149]
    } else if text.bytes().all(|b| !b.is_ascii_lowercase()) {
        [20, 38, 61, 90]
    } else {
        [14, 26, 42, 62]
    };
    let version = holds.iter().zip(1u32..).find(|(most, _)| text.len() <= **most).map_or(4, |(_, v)| v);
    version * 4 + 17
}

/// Draws the modules; where the code cannot be built the place stays white.
pub(crate) fn draw(sheet: &mut Canvas, code: &QrCode) {
    runs(code).into_iter().for_each(|run| sheet.fill(run));
}

/// The dark modules, those beside each other as one; none where the code cannot be built.
pub(crate) fn runs(code: &QrCode) -> Vec<Rect> {
    let Ok(built) = QRBuilder::new(code.content.as_str()).ecl(ECL::M).build() else { return Vec::new() };
    let m = code.module;
    let mut runs: Vec<Rect> = Vec::new();
    let mut y = code.y;
    for row in built.data.chunks_exact(built.size.max(1)).take(built.size) {
        let mut x = code.x;
        for module in row {
            match runs.last_mut().filter(|run| run.y == y && run.x + run.w == x) {
                _ if !module.value() => {}
                Some(run) => run.w += m,
                None => runs.push(Rect { x, y, w: m, h: m }),
            }
            x += m;
        }
        y += m;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reckoned_size_is_the_built_size() {
        for length in 1..=BarcodeText::MAX {
            for c in ["1", "A", "a"] {
                let text = BarcodeText::parse(&c.repeat(length)).unwrap();
                let built = QRBuilder::new(text.as_str()).ecl(ECL::M).build().ok().unwrap();
                assert_eq!(modules(&text) as usize, built.size, "{length} times {c}");
            }
        }
    }
}
