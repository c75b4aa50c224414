//! A 1-bit picture, and the page drawn on one.

use std::iter;

use crate::page::{Element, Page, Rect, TextLine};
use crate::{code128, font, qr};

/// A 1-bit picture: rows of whole bytes, highest bit leftmost, 1 is black.
#[derive(Clone, PartialEq, Eq)]
pub struct Canvas {
    width: u32,
    height: u32,
    stride: usize,
    data: Vec<u8>,
}

impl Canvas {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let stride = width.div_ceil(8) as usize;
        Self { width, height, stride, data: vec![0; stride * height as usize] }
    }

    /// Width in dots.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in dots.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Bytes in a row.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All rows, top first.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// The rows as slices of [`stride`](Self::stride) bytes, top first.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.data.chunks_exact(self.stride.max(1))
    }

    /// Whether this dot is black; outside of the picture everything is white.
    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let byte = self.data.get(y as usize * self.stride + (x / 8) as usize);
        x < self.width && byte.is_some_and(|b| b & (0x80 >> (x % 8)) != 0)
    }

    /// One byte a dot, 0 for black and 255 for white: what barcode readers take.
    #[must_use]
    pub fn luma(&self) -> Vec<u8> {
        let dots = |y| (0..self.width).map(move |x| if self.is_black(x, y) { 0 } else { 255 });
        (0..self.height).flat_map(dots).collect()
    }

    pub(crate) fn set(&mut self, x: u32, y: u32) {
        if x < self.width
            && let Some(byte) = self.data.get_mut(y as usize * self.stride + (x / 8) as usize)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    /// Makes a rectangle black; what lies outside of the picture is left out.
    pub(crate) fn fill(&mut self, area: Rect) {
        let (left, right) = (area.x.min(self.width), (area.x + area.w).min(self.width));
        let (first, end) = ((left / 8) as usize, right.div_ceil(8) as usize);
        for row in self.data.chunks_exact_mut(self.stride.max(1)).skip(area.y as usize).take(area.h as usize) {
            for (byte, x) in row.iter_mut().zip((0..).step_by(8)).take(end).skip(first) {
                // The bits of this byte that lie between the left and the right edge.
                let from = 0xFFu8.checked_shr(left.saturating_sub(x)).unwrap_or(0);
                let to = 0xFFu8.checked_shr(right.saturating_sub(x)).unwrap_or(0);
                *byte |= from & !to;
            }
        }
    }

    /// Draws the outline of a rectangle, `thick` dots wide, inside of it.
    pub(crate) fn outline(&mut self, area: Rect, thick: u32) {
        let Rect { x, y, w, h } = area;
        let thick = thick.min(w).min(h);
        self.fill(Rect { x, y, w, h: thick });
        self.fill(Rect { x, y: y + h - thick, w, h: thick });
        self.fill(Rect { x, y, w: thick, h });
        self.fill(Rect { x: x + w - thick, y, w: thick, h });
    }

    /// Adds the black dots of `other` with its upper left corner at (x, y); what lies outside is left out.
    pub(crate) fn blit(&mut self, x: u32, y: i32, other: &Self) {
        let (first, shift) = ((x / 8) as usize, x % 8);
        for (i, row) in other.rows().enumerate() {
            let Some(line) = i32::try_from(i).ok().and_then(|i| usize::try_from(y + i).ok()) else { continue };
            let start = line * self.stride;
            let Some(target) = self.data.get_mut(start + first..start + self.stride) else { continue };
            let mut carry = 0u8;
            for (to, from) in target.iter_mut().zip(row.iter().copied().chain(iter::once(0))) {
                *to |= carry | (from >> shift);
                carry = if shift == 0 { 0 } else { from << (8 - shift) };
            }
        }
    }

    /// Makes every stroke `right` dots wider and `down` dots taller.
    pub(crate) fn embolden(&mut self, right: u32, down: u32) {
        let thin = self.clone();
        for y in 0..=down {
            for x in 0..=right {
                self.blit(x, i32::try_from(y).unwrap_or(0), &thin);
            }
        }
    }

    /// Swaps black and white in every byte, the unused bits at the end of a row included.
    pub(crate) fn invert(&mut self) {
        self.data.iter_mut().for_each(|b| *b = !*b);
    }

    /// Without the white rows above and below and the white bytes at the right, and how many rows were cut off above;
    /// `None` where all is white.
    pub(crate) fn trimmed(&self) -> Option<(Self, u32)> {
        let inked = |row: &[u8]| row.iter().any(|b| *b != 0);
        let above = self.rows().position(inked)?;
        let below = self.rows().rev().position(inked)?;
        let used = |row: &[u8]| row.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
        let rows = self.rows().count() - above - below;
        let stride = self.rows().skip(above).take(rows).map(used).max()?;
        let mut data = Vec::with_capacity(stride * rows);
        for row in self.rows().skip(above).take(rows) {
            data.extend_from_slice(row.get(..stride)?);
        }
        let height = u32::try_from(data.len() / stride.max(1)).ok()?;
        let width = u32::try_from(stride).ok()? * 8;
        Some((Self { width, height, stride, data }, u32::try_from(above).ok()?))
    }
}

/// The page as a picture, dot for dot as it should leave the printer.
#[must_use]
pub fn canvas(page: &Page) -> Canvas {
    let mut sheet = Canvas::new(page.width(), page.height());
    for element in page.elements() {
        match element {
            Element::Frame { area, thick } => sheet.outline(*area, *thick),
            Element::Rule(area) => sheet.fill(*area),
            Element::Text(line) => {
                if let Some((bits, at)) = text_bits(line) {
                    sheet.blit(at.x, i32::try_from(at.y).unwrap_or(i32::MAX), &bits);
                }
            }
            Element::Code128(code) => {
                let mut x = code.x;
                for (i, width) in code128::bars(&code.content).enumerate() {
                    let w = width * code.module;
                    if i % 2 == 0 {
                        sheet.fill(Rect { x, y: code.y, w, h: code.height });
                    }
                    x += w;
                }
            }
            Element::Qr(code) => qr::draw(&mut sheet, code),
        }
    }
    sheet
}

/// The dots of one line of text and where they belong; `None` where nothing is to be seen.
///
/// The width is a multiple of eight, so that no unused bits stand at the end of a row.
pub(crate) fn text_bits(line: &TextLine) -> Option<(Canvas, Rect)> {
    let drawn = font::line(&line.text, line.size, line.bold);
    let Some(plate) = line.plate else {
        let (bits, above) = drawn.trimmed()?;
        let at = Rect { x: line.x, y: line.y + above, w: bits.width, h: bits.height };
        return Some((bits, at));
    };
    let mut bits = Canvas::new(plate.w.next_multiple_of(8), plate.h);
    let top = i64::from(line.y) - i64::from(plate.y);
    bits.blit(line.x.saturating_sub(plate.x), i32::try_from(top).ok()?, &drawn);
    bits.invert();
    let at = Rect { w: bits.width, ..plate };
    Some((bits, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(c: &Canvas) -> Vec<String> {
        (0..c.height()).map(|y| (0..c.width()).map(|x| if c.is_black(x, y) { '#' } else { '.' }).collect()).collect()
    }

    #[test]
    fn a_picture_lands_on_any_dot_and_is_clipped_at_the_edges() {
        let mut stamp = Canvas::new(3, 2);
        stamp.fill(Rect { x: 0, y: 0, w: 3, h: 2 });
        let mut sheet = Canvas::new(12, 3);
        sheet.blit(7, 1, &stamp);
        assert_eq!(picture(&sheet), ["............", ".......###..", ".......###.."]);
        let mut edge = Canvas::new(8, 2);
        edge.blit(6, -1, &stamp);
        edge.blit(100, 0, &stamp);
        assert_eq!(picture(&edge), ["......##", "........"]);
    }

    #[test]
    fn an_outline_stays_inside_of_its_rectangle() {
        let mut sheet = Canvas::new(6, 4);
        sheet.outline(Rect { x: 1, y: 0, w: 4, h: 4 }, 1);
        assert_eq!(picture(&sheet), [".####.", ".#..#.", ".#..#.", ".####."]);
    }

    #[test]
    fn bold_grows_to_the_right_and_down() {
        let mut dot = Canvas::new(4, 3);
        dot.set(0, 0);
        dot.embolden(2, 1);
        assert_eq!(picture(&dot), ["###.", "###.", "...."]);
    }

    #[test]
    fn white_edges_are_trimmed_and_rows_above_counted() {
        let mut sheet = Canvas::new(24, 5);
        sheet.set(3, 2);
        let (cut, above) = sheet.trimmed().unwrap();
        assert_eq!((picture(&cut), above), (vec!["...#....".to_owned()], 2));
        assert!(Canvas::new(8, 5).trimmed().is_none());
    }
}
