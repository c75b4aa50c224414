//! A PNG as a page of dots.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};

use super::{Bits, Paper, bits::Grey, fit};

/// No label needs more memory; a picture may claim any size.
const MOST_BYTES: usize = 256 << 20;

/// A picture laid on the paper: dot for dot if it fits, otherwise made smaller as a whole.
pub(super) fn page(bytes: &[u8], paper: Paper) -> Result<Bits, String> {
    let grey = decode(bytes).map_err(|error| format!("the picture cannot be read ({error})"))?;
    let fit = fit(f64::from(grey.width), f64::from(grey.height), paper)?;
    Ok(grey.laid_on(paper, fit))
}

fn decode(bytes: &[u8]) -> Result<Grey, png::DecodingError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MOST_BYTES });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size().filter(|size| *size <= MOST_BYTES);
    let mut pixels = vec![0; size.ok_or(png::DecodingError::LimitsExceeded)?];
    let info = reader.next_frame(&mut pixels)?;
    let samples = info.color_type.samples();
    let grey = |pixel: &[u8]| match (info.color_type, pixel) {
        (ColorType::Grayscale, [grey]) => *grey,
        (ColorType::GrayscaleAlpha, [grey, alpha]) => on_white(*grey, *alpha),
        (ColorType::Rgb, [red, green, blue]) => luma(*red, *green, *blue),
        (ColorType::Rgba, [red, green, blue, alpha]) => on_white(luma(*red, *green, *blue), *alpha),
        _ => 255,
    };
    let dots = pixels.chunks(info.line_size.max(1)).take(info.height as usize);
    let dots = dots.flat_map(|row| row.chunks_exact(samples).take(info.width as usize).map(grey)).collect();
    Ok(Grey { width: info.width, height: info.height, dots })
}

/// How bright a colour is to the eye, and to a scanner near enough.
pub(super) fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    u8::try_from(sum / 1000).unwrap_or(255)
}

fn on_white(grey: u8, alpha: u8) -> u8 {
    let (grey, alpha) = (u32::from(grey), u32::from(alpha));
    u8::try_from((grey * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255)
}
