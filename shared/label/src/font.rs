//! The embedded font and the dots of its characters.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, point};

use crate::canvas::Canvas;
use crate::page::Rect;

/// WenQuanYi Micro Hei, cut down to GBK; see `fonts/NOTICE`.
static BYTES: &[u8] = include_bytes!("../fonts/wqy-microhei-gbk.ttf");

/// How much of a dot an outline has to cover to make it black. Below one half, for thermal paper thins fine strokes.
const INK: f32 = 0.43;

/// The dots of all cached characters together stay below this many bytes per thread.
const CACHE_BYTES: usize = 1 << 20;

/// One character at one size, ready to be put on a line.
struct Glyph {
    /// From the pen to the left edge of the dots.
    left: i32,
    /// From the base line to the top edge of the dots, downwards.
    top: i32,
    bits: Canvas,
}

#[derive(Default)]
struct Cache {
    bytes: usize,
    glyphs: HashMap<(char, u32, bool), Glyph>,
}

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::default();
}

/// The font, parsed once per process; the parser only notes where the tables are.
fn font() -> Option<&'static FontRef<'static>> {
    static FONT: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    FONT.get_or_init(|| FontRef::try_from_slice(BYTES).ok()).as_ref()
}

/// The font's file, for documents that embed what they need of it.
#[cfg(feature = "pdf")]
pub(crate) fn bytes() -> &'static [u8] {
    BYTES
}

/// The number of a character's glyph, `None` where the font has none.
#[cfg(feature = "pdf")]
pub(crate) fn glyph(c: char) -> Option<u16> {
    glyph_id(c).map(|id| id.0)
}

/// The glyph of a character, `None` where the font has none.
fn glyph_id(c: char) -> Option<GlyphId> {
    font().map(|f| f.glyph_id(c)).filter(|id| id.0 != 0)
}

/// The hanzi of Unicode's first block that GBK has: all of them are in the font and one em wide.
const COMMON: std::ops::RangeInclusive<char> = '\u{4e00}'..='\u{9fa5}';

/// Whether the font can draw this character.
pub(crate) fn has(c: char) -> bool {
    COMMON.contains(&c) || c == ' ' || glyph_id(c).is_some()
}

/// Width of a character in ems: 1 for a hanzi and for the box of a missing one.
pub(crate) fn em_width(c: char) -> f32 {
    static ASCII: OnceLock<[f32; 128]> = OnceLock::new();
    // Asked many times a label; the font's own tables are only searched for what is neither hanzi nor ASCII.
    if COMMON.contains(&c) {
        return 1.0;
    }
    let ascii = ASCII.get_or_init(|| std::array::from_fn(|i| searched_width(u8::try_from(i).unwrap_or(0).into())));
    ascii.get(c as usize).copied().unwrap_or_else(|| searched_width(c))
}

fn searched_width(c: char) -> f32 {
    let Some((font, id)) = font().zip(glyph_id(c)) else { return if c == ' ' { 0.3 } else { 1.0 } };
    font.h_advance_unscaled(id) / font.units_per_em().unwrap_or(2048.0)
}

/// Dots from one character's pen position to the next one's; `em` is what [`em_width`] said.
pub(crate) fn advance(em: f32, size: u32, bold: bool) -> u32 {
    // A bold character is wider by its thicker stroke; hanzi have enough space in their em for that.
    let extra = if bold && em < 0.9 { weight(size) } else { 0 };
    dots(em * size as f32) + extra
}

/// Width of a line of text in dots.
pub(crate) fn width(text: &str, size: u32, bold: bool) -> u32 {
    text.chars().map(|c| advance(em_width(c), size, bold)).sum()
}

/// Height of the strip that [`line`] draws, in dots.
pub(crate) fn strip_height(size: u32) -> u32 {
    size + size / 4
}

/// One line of text as dots, left edge at the pen. The width is a multiple of eight with room for overhang.
pub(crate) fn line(text: &str, size: u32, bold: bool) -> Canvas {
    let room = width(text, size, bold) + size / 4 + 1;
    let mut strip = Canvas::new(room.next_multiple_of(8), strip_height(size));
    let base = i32::try_from(size - size / 12).unwrap_or(0);
    let mut pen = 0u32;
    CACHE.with_borrow_mut(|cache| {
        for c in text.chars() {
            if c != ' ' {
                let glyph = cache.glyph(c, size, bold);
                strip.blit(pen.saturating_add_signed(glyph.left), base + glyph.top, &glyph.bits);
            }
            pen += advance(em_width(c), size, bold);
        }
    });
    strip
}

impl Cache {
    fn glyph(&mut self, c: char, size: u32, bold: bool) -> &Glyph {
        let key = (c, size, bold);
        if self.bytes > CACHE_BYTES {
            self.glyphs.clear();
            self.bytes = 0;
        }
        let bytes = &mut self.bytes;
        self.glyphs.entry(key).or_insert_with(|| {
            let glyph = draw(c, size, bold);
            *bytes += glyph.bits.bytes().len() + size_of::<Glyph>();
            glyph
        })
    }
}

/// Draws a character, or an empty box where the font has none.
fn draw(c: char, size: u32, bold: bool) -> Glyph {
    let Some((font, id)) = font().zip(glyph_id(c)) else { return missing(size) };
    // ab_glyph scales by ascent minus descent; sizes here are those of the em square.
    let scale = size as f32 * font.height_unscaled() / font.units_per_em().unwrap_or(2048.0);
    let glyph = id.with_scale_and_position(PxScale::from(scale), point(0.0, 0.0));
    let Some(outline) = font.outline_glyph(glyph) else {
        return Glyph { left: 0, top: 0, bits: Canvas::new(0, 0) };
    };
    let bounds = outline.px_bounds();
    let (right, down) = if bold { (weight(size), weight(size) / 2) } else { (0, 0) };
    let mut bits = Canvas::new(dots(bounds.width()) + right, dots(bounds.height()) + down);
    outline.draw(|x, y, coverage| {
        if coverage > INK {
            bits.set(x, y);
        }
    });
    if bold {
        bits.embolden(right, down);
    }
    Glyph { left: whole(bounds.min.x), top: whole(bounds.min.y), bits }
}

/// An empty box as high as a hanzi: seen at once, taken for no character.
fn missing(size: u32) -> Glyph {
    let side = size - size / 8;
    let mut bits = Canvas::new(side, side);
    bits.outline(Rect { x: 0, y: 0, w: side, h: side }, (size / 16).max(1));
    Glyph { left: whole(size as f32 / 16.0), top: -whole(size as f32 * 0.8), bits }
}

/// Where the box of a missing character stands, for a pen on this base line.
#[cfg(feature = "pdf")]
pub(crate) fn missing_place(pen: u32, base: u32, size: u32) -> Rect {
    let glyph = missing(size);
    let (w, h) = (glyph.bits.width(), glyph.bits.height());
    Rect { x: pen.saturating_add_signed(glyph.left), y: base.saturating_add_signed(glyph.top), w, h }
}

/// By how many dots bold strokes are wider.
pub(crate) fn weight(size: u32) -> u32 {
    ((size + 10) / 20).max(1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are small and never negative")]
fn dots(value: f32) -> u32 {
    value.round() as u32
}

#[expect(clippy::cast_possible_truncation, reason = "a place on a label is far below the limit")]
fn whole(value: f32) -> i32 {
    value.round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_given_names_are_in_the_font() {
        for c in "堃喆珺翀镕旸玥昉晞頔垚祎".chars() {
            assert!(has(c), "{c}");
            assert!(line(&c.to_string(), 24, false) != line("𠮷", 24, false), "{c} is drawn as a missing one");
        }
    }

    #[test]
    fn common_hanzi_are_there_and_one_em_wide() {
        let odd: String =
            COMMON.filter(|c| glyph_id(*c).is_none() || dots(searched_width(*c) * 2048.0) != 2048).collect();
        assert_eq!(odd, "");
    }

    #[test]
    fn all_of_gbk_s_hanzi_latin_and_full_width_forms_are_there() {
        let wanted = COMMON.chain(' '..='~').chain('À'..='ž').chain('！'..='～');
        let lacking: String =
            wanted.chain("，。、；：？！“”‘’（）【】《》—…·×¥￥€℃№①⑩Ⅲ".chars()).filter(|c| !has(*c)).collect();
        assert_eq!(lacking, "");
    }

    #[test]
    fn a_character_outside_the_font_is_an_empty_box() {
        assert!(!has('𠮷') && !has('😀'));
        let (bits, _) = line("𠮷", 32, false).trimmed().unwrap();
        let row = |y: u32| (0..bits.width()).filter(|x| bits.is_black(*x, y)).count();
        assert_eq!(bits.height(), 28);
        assert_eq!((row(0), row(14), row(27)), (28, 4, 28), "top, sides and bottom of a box");
    }

    #[test]
    fn text_does_not_leave_its_strip() {
        for size in [14, 20, 33, 64, 150] {
            for bold in [false, true] {
                let drawn = line("汇Ågjy{|}（），𠮷￥", size, bold);
                let (cut, above) = drawn.trimmed().unwrap();
                assert!(above > 0 && above + cut.height() < drawn.height(), "{size} {bold}");
            }
        }
    }

    #[test]
    fn the_cache_stays_within_its_bound() {
        for c in ('\u{4e00}'..='\u{5200}').step_by(2) {
            let _ = line(&c.to_string(), 180, false);
        }
        CACHE.with_borrow(|cache| {
            let held: usize = cache.glyphs.values().map(|g| g.bits.bytes().len()).sum();
            assert!(held <= CACHE_BYTES + 10_000 && held > 0, "{held}");
        });
    }
}
