//! Pages as PDF: the same elements as shapes and as text of the same font, of which only the used glyphs are embedded.

use krilla::color::{luma, rgb};
use krilla::geom::{PathBuilder, Point, Rect as Area};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Paint, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use crate::page::{Element, Page, Rect, TextLine};
use crate::{code128, font, qr};

/// Points an inch.
const POINTS: f32 = 72.0;

/// The pages as one PDF, each as large as its paper. Text can be searched and copied. Fails only where the embedded font
/// cannot be read: then the answer is `None`.
#[must_use]
pub fn pdf(pages: &[Page], title: &str) -> Option<Vec<u8>> {
    let font = Font::new(font::bytes().into(), 0)?;
    let mut document = Document::new_with(SerializeSettings { xmp_metadata: false, ..SerializeSettings::default() });
    document.set_metadata(Metadata::new().title(title.to_owned()).language("zh-CN".to_owned()));
    for page in pages {
        let (width, height) = page.media().millimetres();
        let points = |mm: u32| mm as f32 * POINTS / 25.4;
        let mut sheet = document.start_page_with(PageSettings::from_wh(points(width), points(height))?);
        let mut surface = sheet.surface();
        Drawing { surface: &mut surface, font: &font, dot: POINTS / page.dpi().per_inch() as f32 }.page(page)?;
        surface.finish();
        sheet.finish();
    }
    document.finish().ok()
}

struct Drawing<'a, 's> {
    surface: &'a mut Surface<'s>,
    font: &'a Font,
    /// Points a dot.
    dot: f32,
}

impl Drawing<'_, '_> {
    fn page(&mut self, page: &Page) -> Option<()> {
        // Plates lie below every line that stands on them.
        let plates = page.elements().iter().filter_map(|element| match element {
            Element::Text(line) => line.plate,
            _ => None,
        });
        self.fill(plates)?;
        for element in page.elements() {
            match element {
                Element::Frame { area, thick } => self.fill(outline(*area, *thick))?,
                Element::Rule(area) => self.fill([*area])?,
                Element::Text(line) => self.text(line)?,
                Element::Code128(code) => {
                    let mut x = code.x;
                    let bars: Vec<Rect> = code128::bars(&code.content)
                        .enumerate()
                        .filter_map(|(at, width)| {
                            let bar = Rect { x, y: code.y, w: width * code.module, h: code.height };
                            x += bar.w;
                            (at % 2 == 0).then_some(bar)
                        })
                        .collect();
                    self.fill(bars)?;
                }
                Element::Qr(code) => self.fill(qr::runs(code))?,
            }
        }
        Some(())
    }

    /// Rectangles in one path, black.
    fn fill(&mut self, areas: impl IntoIterator<Item = Rect>) -> Option<()> {
        let mut path = PathBuilder::new();
        let mut any = false;
        for area in areas.into_iter().filter(|area| area.w > 0 && area.h > 0) {
            let [x, y, w, h] = [area.x, area.y, area.w, area.h].map(|dots| dots as f32 * self.dot);
            path.push_rect(Area::from_xywh(x, y, w, h)?);
            any = true;
        }
        if any {
            self.surface.set_fill(Some(Fill::default()));
            self.surface.set_stroke(None);
            self.surface.draw_path(&path.finish()?);
        }
        Some(())
    }

    fn text(&mut self, line: &TextLine) -> Option<()> {
        let (text, size) = (line.text.as_str(), line.size);
        let mut glyphs = Vec::with_capacity(text.len());
        let base = line.y + size - size / 12;
        let (mut pen, mut missing) = (line.x, Vec::new());
        for (at, c) in text.char_indices() {
            let advance = font::advance(font::em_width(c), size, line.bold);
            let glyph = if c == ' ' { font::glyph(' ') } else { font::glyph(c) };
            if glyph.is_none() && c != ' ' {
                missing.extend(outline(font::missing_place(pen, base, size), (size / 16).max(1)));
            }
            // A missing one is drawn as a box and leaves its room; the text below it stays what it is.
            let id = GlyphId::new(glyph.or_else(|| font::glyph(' ')).map_or(0, u32::from));
            let em = advance as f32 / size.max(1) as f32;
            glyphs.push(KrillaGlyph::new(id, em, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None));
            pen += advance;
        }
        let paint: Paint = if line.plate.is_some() { luma::Color::white().into() } else { rgb::Color::black().into() };
        let bold = line.bold.then(|| Stroke {
            paint: paint.clone(),
            width: font::weight(size) as f32 * 0.6 * self.dot,
            ..Stroke::default()
        });
        self.surface.set_fill(Some(Fill { paint, ..Fill::default() }));
        self.surface.set_stroke(bold);
        let start = Point::from_xy(line.x as f32 * self.dot, base as f32 * self.dot);
        self.surface.draw_glyphs(start, &glyphs, self.font.clone(), text, size as f32 * self.dot, false);
        self.fill(missing)
    }
}

/// The four sides of a rectangle, `thick` dots wide, inside of it.
fn outline(area: Rect, thick: u32) -> [Rect; 4] {
    let Rect { x, y, w, h } = area;
    let thick = thick.min(w).min(h);
    [
        Rect { x, y, w, h: thick },
        Rect { x, y: y + h - thick, w, h: thick },
        Rect { x, y: y + thick, w: thick, h: h.saturating_sub(2 * thick) },
        Rect { x: x + w - thick, y: y + thick, w: thick, h: h.saturating_sub(2 * thick) },
    ]
}
