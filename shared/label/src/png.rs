//! The page as a picture for the screen.

use ::png::{BitDepth, ColorType, Compression, Encoder, PixelDimensions, Unit};

use crate::canvas::canvas;
use crate::page::Page;

/// The page as a PNG of one bit a dot, with its size in millimetres, so that it prints as large as the label.
///
/// Writing into memory does not fail; were the encoder to refuse all the same, the answer is empty.
#[must_use]
pub fn png(page: &Page) -> Vec<u8> {
    let mut sheet = canvas(page);
    // In a PNG a set bit is white.
    sheet.invert();
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, page.width(), page.height());
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.set_compression(Compression::Fast);
    let per_metre = page.dpi().per_inch() * 10_000 / 254;
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: per_metre, yppu: per_metre, unit: Unit::Meter }));
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(sheet.bytes())?;
        writer.finish()
    });
    if written.is_err() {
        out.clear();
    }
    out
}
