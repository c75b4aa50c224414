//! Reads printed labels back without the code that made them: `labelize`, `zpl-forge`, `hayro` and others draw what was
//! made, `rxing` and zbar read the barcodes.

mod document;
mod tspl;

pub use document::{codes_by_zbar, page_by_poppler, pages, text_by_poppler};
pub use tspl::draw_by_the_manual;

use std::collections::HashMap;
use std::io::Cursor;

use huidan_label::{Dpi, Media};
use labelize::{Language, RenderOptions};
use png::{Decoder, Transformations};
use rxing::BarcodeFormat;
use rxing::helpers::detect_in_luma;
use zpl_forge::forge::png::PngBackend;
use zpl_forge::{Resolution, Unit, ZplEngine};
use zune_png::PngDecoder;
use zune_png::zune_core::bytestream::ZCursor;

/// What a label's bytes are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// ZPL II.
    Zpl,
    /// TSPL.
    Tspl,
}

/// A picture in shades of grey, one byte a dot, 0 is black.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in dots.
    pub width: u32,
    /// Height in dots.
    pub height: u32,
    /// Rows from the top, without padding.
    pub luma: Vec<u8>,
}

impl Picture {
    /// Decodes a PNG of any kind.
    ///
    /// # Errors
    /// What the PNG decoder says.
    pub fn from_png(bytes: &[u8]) -> Result<Self, String> {
        let mut decoder = Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        let mut reader = decoder.read_info().map_err(|e| e.to_string())?;
        let mut data = vec![0; reader.output_buffer_size().ok_or("too large")?];
        let info = reader.next_frame(&mut data).map_err(|e| e.to_string())?;
        data.truncate(info.buffer_size());
        let luma = data.chunks_exact(info.color_type.samples()).filter_map(|dot| dot.first().copied()).collect();
        Ok(Self { width: info.width, height: info.height, luma })
    }

    /// Decodes a PNG by another decoder.
    ///
    /// # Errors
    /// What it says.
    pub fn from_png_otherwise(bytes: &[u8]) -> Result<Self, String> {
        let mut decoder = PngDecoder::new(ZCursor::new(bytes));
        let data = decoder.decode().map_err(|e| format!("{e:?}"))?.u8().ok_or("not of 8 bits")?;
        let (width, height) = decoder.dimensions().ok_or("no size")?;
        let samples = (data.len() / (width * height).max(1)).max(1);
        let luma = data.chunks_exact(samples).filter_map(|dot| dot.first().copied()).collect();
        let side = |side: usize| u32::try_from(side).map_err(|e| e.to_string());
        Ok(Self { width: side(width)?, height: side(height)?, luma })
    }

    /// Whether a dot is dark; outside of the picture everything is light.
    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let place = y as usize * self.width as usize + x as usize;
        x < self.width && self.luma.get(place).is_some_and(|l| *l < 128)
    }

    /// The part between two heights, given as shares of the whole in percent.
    #[must_use]
    pub fn band(&self, from: u32, to: u32) -> Self {
        let (top, end) = (self.height * from / 100, self.height * to / 100);
        let row = self.width as usize;
        let luma = self.luma.get(top as usize * row..end as usize * row).unwrap_or_default().to_vec();
        Self { width: self.width, height: end - top, luma }
    }

    /// The Code 128 in this picture.
    ///
    /// # Errors
    /// What the reader says where it finds none.
    pub fn code128(&self) -> Result<String, String> {
        self.read(BarcodeFormat::CODE_128)
    }

    /// The QR code in this picture.
    ///
    /// # Errors
    /// What the reader says where it finds none.
    pub fn qr(&self) -> Result<String, String> {
        self.read(BarcodeFormat::QR_CODE)
    }

    // One format at a time: asked for any, readers take strokes of text for short barcodes.
    fn read(&self, format: BarcodeFormat) -> Result<String, String> {
        detect_in_luma(self.luma.clone(), self.width, self.height, Some(format))
            .map(|found| found.getText().to_owned())
            .map_err(|e| format!("{format}: {e}"))
    }
}

/// What the three codes of a waybill say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The large barcode.
    pub barcode: String,
    /// The barcode below the tear line.
    pub second: String,
    /// The QR code.
    pub qr: String,
}

/// Draws the first label in a printer's bytes as `labelize` understands them.
///
/// # Errors
/// What the renderer says about bytes that it does not take, and a sentence where there are more labels than one.
pub fn draw(bytes: &[u8], format: Format, media: Media, dpi: Dpi) -> Result<Picture, String> {
    // The renderer knows 12 dots a millimetre where a printer of 300 dpi has 11.8, so it is told the size in dots.
    let dpmm = match dpi {
        Dpi::D203 => 8,
        Dpi::D300 => 12,
    };
    let (width, height) = media.dots(dpi);
    let options = RenderOptions {
        language: Some(match format {
            Format::Zpl => Language::Zpl,
            Format::Tspl => Language::Tspl,
        }),
        width_mm: Some(f64::from(width) / f64::from(dpmm)),
        height_mm: Some(f64::from(height) / f64::from(dpmm)),
        dpmm,
        antialias: false,
    };
    let drawn = labelize::render_png(bytes, options).map_err(|e| e.to_string())?;
    if drawn.labels != 1 {
        return Err(format!("{} labels instead of one", drawn.labels));
    }
    Picture::from_png(&drawn.bytes)
}

/// Draws ZPL as `zpl-forge` understands it.
///
/// # Errors
/// What the renderer says.
pub fn draw_otherwise(zpl: &[u8], media: Media, dpi: Dpi) -> Result<Picture, String> {
    let (width, height) = media.millimetres();
    let size = |mm: u32| Unit::Millimeters(f32::from(u16::try_from(mm).unwrap_or(u16::MAX)));
    let resolution = match dpi {
        Dpi::D203 => Resolution::Dpi203,
        Dpi::D300 => Resolution::Dpi300,
    };
    let text = std::str::from_utf8(zpl).map_err(|e| e.to_string())?;
    let engine = ZplEngine::new(text, size(width), size(height), resolution).map_err(|e| e.to_string())?;
    let bytes = engine.render(PngBackend::new(), &HashMap::new()).map_err(|e| e.to_string())?;
    Picture::from_png(&bytes)
}

/// Draws a waybill's bytes and reads its three codes.
///
/// # Errors
/// What the renderer or the reader says about the first thing that cannot be read.
pub fn read_back(bytes: &[u8], format: Format, media: Media, dpi: Dpi) -> Result<Reading, String> {
    let picture = draw(bytes, format, media, dpi)?;
    let (upper, stub) = (picture.band(0, 63), picture.band(63, 100));
    Ok(Reading { barcode: upper.code128()?, second: stub.code128()?, qr: stub.qr()? })
}
