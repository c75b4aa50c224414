//! A page: shapes and texts at whole dots.

use crate::barcode::BarcodeText;
use crate::code128;
use crate::problem::Problem;
use crate::qr;

/// The papers that are printed on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Media {
    /// 100 mm wide, 150 mm high: two parts, the lower one is kept or torn off.
    W100H150,
    /// 76 mm wide, 130 mm high: the everyday single-sheet waybill.
    W76H130,
    /// Office paper, 210 mm wide, 297 mm high.
    A4,
}

impl Media {
    /// Width and height in millimetres.
    #[must_use]
    pub const fn millimetres(self) -> (u32, u32) {
        match self {
            Self::W100H150 => (100, 150),
            Self::W76H130 => (76, 130),
            Self::A4 => (210, 297),
        }
    }

    /// Width and height in dots of such a printer.
    #[must_use]
    pub const fn dots(self, dpi: Dpi) -> (u32, u32) {
        let (width, height) = self.millimetres();
        (dpi.dots(width * 10), dpi.dots(height * 10))
    }
}

/// How fine the printer's head is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Dpi {
    /// 203 dots an inch, exactly 8 a millimetre.
    D203,
    /// 300 dots an inch.
    D300,
}

impl Dpi {
    /// Dots an inch.
    #[must_use]
    pub const fn per_inch(self) -> u32 {
        match self {
            Self::D203 => 203,
            Self::D300 => 300,
        }
    }

    /// A length in hundredths of a millimetre as whole dots, rounded to the nearest.
    pub(crate) const fn hundredths(self, length: u32) -> u32 {
        match self {
            Self::D203 => (length * 8 + 50) / 100,
            Self::D300 => (length * 300 + 1270) / 2540,
        }
    }

    /// A length in tenths of a millimetre as whole dots.
    pub(crate) const fn dots(self, tenths: u32) -> u32 {
        match self {
            Self::D203 => (tenths * 8 + 5) / 10,
            Self::D300 => (tenths * 300 + 127) / 254,
        }
    }
}

/// A rectangle in dots, from its upper left corner.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rect {
    /// Dots from the left edge of the label.
    pub x: u32,
    /// Dots from the upper edge.
    pub y: u32,
    /// Width in dots.
    pub w: u32,
    /// Height in dots.
    pub h: u32,
}

/// One line of text that is already broken, sized and placed.
#[derive(Clone, PartialEq, Eq)]
pub struct TextLine {
    /// Left end of the text.
    pub x: u32,
    /// Upper edge of the line's strip, which is 1.25 times `size` high.
    pub y: u32,
    /// Side of a hanzi's square.
    pub size: u32,
    /// Thicker strokes.
    pub bold: bool,
    /// A black plate on which the text stands white.
    pub plate: Option<Rect>,
    /// The characters, without line breaks.
    pub text: String,
}

/// A Code 128 barcode whose quiet zones are known to be free.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Barcode {
    /// Left edge of the first bar.
    pub x: u32,
    /// Upper edge of the bars.
    pub y: u32,
    /// Height of the bars.
    pub height: u32,
    /// Width of the narrowest bar: always whole dots.
    pub module: u32,
    /// What it says.
    pub content: BarcodeText,
}

impl Barcode {
    /// Width of all bars and spaces in dots, without the quiet zones.
    #[must_use]
    pub fn width(&self) -> u32 {
        code128::modules(&self.content) * self.module
    }
}

/// A QR code with error correction M.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QrCode {
    /// Left edge of the first module.
    pub x: u32,
    /// Upper edge of the first module.
    pub y: u32,
    /// Side of one module: always whole dots.
    pub module: u32,
    /// What it says.
    pub content: BarcodeText,
}

impl QrCode {
    /// Width and height in dots, without the quiet zone.
    #[must_use]
    pub fn side(&self) -> u32 {
        qr::modules(&self.content) * self.module
    }
}

/// One thing on a page.
#[derive(Clone, PartialEq, Eq)]
pub enum Element {
    /// The outline of a rectangle.
    Frame {
        /// Outer edge.
        area: Rect,
        /// Width of the line in dots, inwards.
        thick: u32,
    },
    /// A black rectangle: a line across or down.
    Rule(Rect),
    /// A line of text.
    Text(TextLine),
    /// A barcode.
    Code128(Barcode),
    /// A QR code.
    Qr(QrCode),
}

/// A laid-out label. Made by [`layout`](crate::layout), read by the renderers.
///
/// It shows the receiver, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    media: Media,
    dpi: Dpi,
    elements: Vec<Element>,
    problems: Vec<Problem>,
}

impl Page {
    pub(crate) fn new(media: Media, dpi: Dpi) -> Self {
        Self { media, dpi, elements: Vec::with_capacity(64), problems: Vec::new() }
    }

    /// The paper it was laid out for.
    #[must_use]
    pub fn media(&self) -> Media {
        self.media
    }

    /// The resolution it was laid out for.
    #[must_use]
    pub fn dpi(&self) -> Dpi {
        self.dpi
    }

    /// Width in dots.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.media.dots(self.dpi).0
    }

    /// Height in dots.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.media.dots(self.dpi).1
    }

    /// Everything on the page, in the order in which it is drawn.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// What could not be shown as given; empty where all is well.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(crate) fn push(&mut self, element: Element) {
        self.elements.push(element);
    }

    pub(crate) fn report(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
