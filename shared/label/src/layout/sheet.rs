//! Puts texts, codes and lines on a page, given places in tenths of a millimetre.

use super::Area;
use crate::barcode::BarcodeText;
use crate::code128;
use crate::font;
use crate::page::{Barcode, Dpi, Element, Media, Page, QrCode, Rect, TextLine};
use crate::problem::{Field, Problem, Trouble};
use crate::qr;
use crate::text::{self, Fitted, Sizes};

/// Where a text stands in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Across {
    Left,
    Middle,
    Right,
}

/// How a text is set: sizes in tenths of a millimetre.
#[derive(Clone, Copy)]
pub(super) struct Look {
    most: u32,
    least: u32,
    bold: bool,
    across: Across,
    centred: bool,
    plate: bool,
}

impl Look {
    /// From the upper left corner, shrinking from `most` to `least`.
    pub(super) const fn new(most: u32, least: u32) -> Self {
        Self { most, least, bold: false, across: Across::Left, centred: false, plate: false }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) const fn across(self, across: Across) -> Self {
        Self { across, ..self }
    }

    /// Half-way between the upper and the lower edge.
    pub(super) const fn centred(self) -> Self {
        Self { centred: true, ..self }
    }

    /// White on a black plate that fills the place.
    pub(super) const fn plate(self) -> Self {
        Self { plate: true, across: Across::Middle, centred: true, ..self }
    }
}

/// A page in the making.
pub(super) struct Sheet {
    page: Page,
    dpi: Dpi,
    foreign: bool,
}

impl Sheet {
    pub(super) fn new(media: Media, dpi: Dpi, foreign: bool) -> Self {
        Self { page: Page::new(media, dpi), dpi, foreign }
    }

    pub(super) fn into_page(self) -> Page {
        self.page
    }

    /// Whether the parcel goes abroad.
    pub(super) fn foreign(&self) -> bool {
        self.foreign
    }

    /// A heading: Chinese, and English beside it where the parcel goes abroad.
    pub(super) fn words(&self, zh: &str, en: &str) -> String {
        if self.foreign { format!("{zh} {en}") } else { zh.to_owned() }
    }

    /// Sets a text into its place, shrinking and breaking it as needed, and says how high it became in tenths.
    pub(super) fn text(&mut self, field: Field, area: Area, look: Look, text: &str) -> u32 {
        let clean = text::clean(text);
        let place = self.rect(area);
        // On a plate the text keeps clear of the edges.
        let room = if look.plate { place.w - place.w / 16 } else { place.w };
        let fitted = text::fit(&clean, room, place.h, self.sizes(look));
        if fitted.cut {
            self.report(field, Trouble::Cut);
        }
        self.glyphs(field, &clean);
        self.put(place, look, fitted)
    }

    /// How high a text becomes in its place, in tenths.
    pub(super) fn height(&self, area: Area, look: Look, text: &str) -> u32 {
        let place = self.rect(area);
        let fitted = text::fit(&text::clean(text), place.w, place.h, self.sizes(look));
        self.tenths(text::height(fitted.lines.len(), fitted.size))
    }

    /// The sizes of a look in dots.
    pub(super) fn sizes(&self, look: Look) -> Sizes {
        Sizes { most: self.dpi.dots(look.most), least: self.dpi.dots(look.least), bold: look.bold }
    }

    /// Reports the characters that the font lacks.
    pub(super) fn glyphs(&mut self, field: Field, clean: &str) {
        for c in clean.chars().filter(|c| !font::has(*c)) {
            self.report(field, Trouble::MissingGlyph(c));
        }
    }

    pub(super) fn report(&mut self, field: Field, trouble: Trouble) {
        self.page.report(Problem { field, trouble });
    }

    fn put(&mut self, place: Rect, look: Look, fitted: Fitted) -> u32 {
        let height = text::height(fitted.lines.len(), fitted.size);
        let mut y = place.y + if look.centred { place.h.saturating_sub(height) / 2 } else { 0 };
        for text in fitted.lines.into_iter().filter(|t| !t.is_empty()) {
            let spare = place.w.saturating_sub(font::width(&text, fitted.size, look.bold));
            let indent = match look.across {
                Across::Left => 0,
                Across::Middle => spare / 2,
                Across::Right => spare,
            };
            let plate = look.plate.then_some(place);
            let x = place.x + indent;
            self.page.push(Element::Text(TextLine { x, y, size: fitted.size, bold: look.bold, plate, text }));
            y += text::pitch(fitted.size);
        }
        self.tenths(height)
    }

    /// Draws the number as Code 128, as wide as the place and its quiet zones allow but not wider than `widest`
    /// hundredths of a millimetre a module, and in the middle. Says whether a barcode was drawn.
    pub(super) fn code128(&mut self, area: Area, widest: u32, number: &str) -> bool {
        let Some(content) = BarcodeText::parse(number) else {
            self.report(Field::Number, Trouble::NotABarcode);
            return false;
        };
        let place = self.rect(area);
        let modules = code128::modules(&content);
        let Some(module) = self.module(place.w, modules + 2 * code128::QUIET) else {
            self.report(Field::Number, Trouble::BarcodeTooWide);
            return false;
        };
        let module = module.min(self.dpi.hundredths(widest));
        let x = place.x + (place.w - modules * module) / 2;
        self.page.push(Element::Code128(Barcode { x, y: place.y, height: place.h, module, content }));
        true
    }

    /// Draws the number as a QR code in the middle of its place, if it is one that can be drawn.
    pub(super) fn qr(&mut self, area: Area, number: &str) {
        let Some(content) = BarcodeText::parse(number) else { return };
        let place = self.rect(area);
        let modules = qr::modules(&content);
        let Some(module) = self.module(place.w.min(place.h), modules + 2 * qr::QUIET) else {
            self.report(Field::Number, Trouble::BarcodeTooWide);
            return;
        };
        let side = modules * module;
        let (x, y) = (place.x + (place.w - side) / 2, place.y + (place.h - side) / 2);
        self.page.push(Element::Qr(QrCode { x, y, module, content }));
    }

    /// Whether the number makes a barcode that fits.
    pub(super) fn fits(&self, area: Area, number: &str) -> bool {
        let room = self.rect(area).w;
        BarcodeText::parse(number)
            .is_some_and(|content| self.module(room, code128::modules(&content) + 2 * code128::QUIET).is_some())
    }

    /// The largest whole width of a module at which so many fit; `None` where that is below a quarter of a millimetre,
    /// the narrowest bar that hand scanners read from thermal paper without trouble.
    fn module(&self, room: u32, modules: u32) -> Option<u32> {
        Some(room / modules.max(1)).filter(|module| *module >= self.dpi.hundredths(25))
    }

    /// The outline of a place.
    pub(super) fn frame(&mut self, area: Area) {
        let (area, thick) = (self.rect(area), self.stroke());
        self.page.push(Element::Frame { area, thick });
    }

    /// A line across the paper.
    pub(super) fn across(&mut self, from: u32, to: u32, y: u32) {
        let (x, end) = (self.dpi.dots(from), self.dpi.dots(to));
        let rule = Rect { x, y: self.dpi.dots(y), w: end.saturating_sub(x), h: self.stroke() };
        self.page.push(Element::Rule(rule));
    }

    /// A line down the paper.
    pub(super) fn down(&mut self, x: u32, from: u32, to: u32) {
        let (y, end) = (self.dpi.dots(from), self.dpi.dots(to));
        let rule = Rect { x: self.dpi.dots(x), y, w: self.stroke(), h: end.saturating_sub(y) };
        self.page.push(Element::Rule(rule));
    }

    /// Width of all lines, in dots.
    fn stroke(&self) -> u32 {
        self.dpi.hundredths(25)
    }

    /// A place in dots; both edges are rounded, so that neighbours meet.
    pub(super) fn rect(&self, area: Area) -> Rect {
        let (x, y) = (self.dpi.dots(area.x), self.dpi.dots(area.y));
        let (right, below) = (self.dpi.dots(area.x + area.w), self.dpi.dots(area.y + area.h));
        Rect { x, y, w: right - x, h: below - y }
    }

    /// Dots as tenths of a millimetre, rounded up.
    fn tenths(&self, dots: u32) -> u32 {
        (dots * 254).div_ceil(self.dpi.per_inch())
    }
}
