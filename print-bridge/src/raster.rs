//! Labels that come as a picture or a PDF, made into the printer's own language here: carriers abroad give nothing
//! else, and a thermal printer takes neither.
//!
//! A page becomes dots, one bit each, at the resolution of the printer. What cannot be rendered whole is refused
//! before a byte goes out: half a label is worse than none.

use bytes::Bytes;

use crate::{
    protocol::Format,
    target::{Media, Target},
};

mod bits;
mod encode;
mod pdf;
mod picture;

pub use self::bits::Bits;

/// More pages than any label has.
const MOST_PAGES: usize = 100;

/// The paper in dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Across the feed.
    pub width: u32,
    /// Along the feed.
    pub height: u32,
    /// Dots per inch.
    pub dpi: u16,
    /// The same in millimetres.
    pub media: Media,
}

impl Paper {
    /// The paper of a target; part of a dot at the edge is no dot.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        let dots = |mm: u16| u32::from(mm) * u32::from(target.dpi) * 10 / 254;
        let (width, height) = (dots(target.media.width_mm), dots(target.media.height_mm));
        Self { width, height, dpi: target.dpi, media: target.media }
    }
}

/// Whether a job of this format can be made into the printer's language here.
#[must_use]
pub const fn can(format: &Format, lang: &Format) -> bool {
    match (format, lang) {
        (Format::Pdf, Format::Zpl | Format::Tspl | Format::Png) | (Format::Png, Format::Zpl | Format::Tspl) => true,
        (Format::Pdf, Format::Pdf | Format::PlatformTask | Format::Unknown(_))
        | (Format::Png, Format::Png | Format::Pdf | Format::PlatformTask | Format::Unknown(_))
        | (Format::Zpl | Format::Tspl | Format::PlatformTask | Format::Unknown(_), _) => false,
    }
}

/// The bytes to send for a job: as they came where the printer speaks their language, otherwise rendered.
///
/// # Errors
/// Why it cannot be printed, for a person.
pub async fn ready(format: &Format, bytes: Bytes, target: &Target) -> Result<Bytes, String> {
    if *format == target.lang {
        return Ok(bytes);
    }
    let (format, lang, paper) = (format.clone(), target.lang.clone(), Paper::of(target));
    let rendered = tokio::task::spawn_blocking(move || render(&format, &bytes, &lang, paper)).await;
    // A renderer that panics over a damaged file has said enough.
    rendered.unwrap_or_else(|_| Err("the page cannot be rendered (damaged file)".to_owned())).map(Bytes::from)
}

fn render(format: &Format, bytes: &[u8], lang: &Format, paper: Paper) -> Result<Vec<u8>, String> {
    let pages = match format {
        Format::Pdf => pdf::pages(bytes, paper)?,
        Format::Png => vec![picture::page(bytes, paper)?],
        other => return Err(format!("{other} cannot be made into {lang}")),
    };
    if pages.iter().any(Bits::is_blank) {
        return Err("a page came out blank".to_owned());
    }
    match lang {
        Format::Zpl => Ok(encode::zpl(&pages)),
        Format::Tspl => Ok(encode::tspl(&pages, paper.media)),
        Format::Png => encode::png(&pages).map_err(|error| error.to_string()),
        other => Err(format!("{format} cannot be made into {other}")),
    }
}

/// How a page is laid on the paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fit {
    /// Dots of paper per dot the page has at its own size.
    pub(crate) scale: f64,
    /// Whether the page lies the other way round.
    pub(crate) turned: bool,
}

/// Lays a page that would have `width` × `height` dots at its own size on the paper. A page that is meant for this
/// paper keeps its size, so that bars keep theirs; up to 3% may hang over, which is margin (4×6 inch on 100×150 mm).
pub(crate) fn fit(width: f64, height: f64, paper: Paper) -> Result<Fit, String> {
    const OVERHANG: f64 = 0.97;
    const SMALLEST: f64 = 0.5;
    if !(width >= 1.0 && height >= 1.0) {
        return Err("the page has no size".to_owned());
    }
    let room = |width: f64, height: f64| (f64::from(paper.width) / width).min(f64::from(paper.height) / height);
    let (upright, turned) = (room(width, height), room(height, width));
    let (scale, turned) = if upright < OVERHANG && turned > upright { (turned, true) } else { (upright, false) };
    if scale < SMALLEST {
        let mm = |dots: f64| (dots * 25.4 / f64::from(paper.dpi)).round();
        return Err(format!(
            "the page is {}x{} mm and the paper {} mm: its barcodes would be too small to read",
            mm(width),
            mm(height),
            paper.media
        ));
    }
    Ok(Fit { scale: if scale >= OVERHANG { 1.0 } else { scale }, turned })
}

#[cfg(test)]
mod tests;
