//! Papers with as many rows as there are: cut into pages between rows.

use super::Area;
use super::sheet::{Across, Look, Sheet};
use crate::page::{Dpi, Media, Page};
use crate::problem::Field;

/// Sizes of a paper of this kind, in tenths of a millimetre.
#[derive(Clone, Copy)]
pub(super) struct Paper {
    pub(super) media: Media,
    pub(super) dpi: Dpi,
    /// What stays free at each side.
    pub(super) margin: u32,
    /// Side of a hanzi of a row.
    pub(super) size: u32,
}

impl Paper {
    pub(super) fn new(media: Media, dpi: Dpi) -> Self {
        let (margin, size) = match media {
            Media::A4 => (120, 36),
            Media::W100H150 => (25, 29),
            Media::W76H130 => (20, 25),
        };
        Self { media, dpi, margin, size }
    }

    /// What may be printed on.
    pub(super) fn inside(self) -> Area {
        let (width, height) = self.media.millimetres();
        Area { x: 0, y: 0, w: width * 10, h: height * 10 }.inset(self.margin, self.margin)
    }

    /// Height of the line at the foot.
    pub(super) const fn foot(self) -> u32 {
        self.size + 14
    }
}

/// A column: its share of the width in per cent, and how its cells are set.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) share: u32,
    pub(super) across: Across,
    pub(super) bold: bool,
    pub(super) heading: &'static str,
}

/// A row: a text for each column.
pub(super) type Row = Vec<String>;

/// Lays rows out below a head, on as many pages as they need. `head` draws what stands above the rows of a page (given
/// its number and how many there are) and says how high that is.
pub(super) fn pages(
    paper: Paper,
    columns: &[Column],
    rows: &[Row],
    foot: &str,
    head: impl Fn(&mut Sheet, Area, (u32, u32)) -> u32,
) -> Vec<Page> {
    let blank = || Sheet::new(paper.media, paper.dpi, false);
    let inside = paper.inside();
    let top = head(&mut blank(), inside, (1, 99)) + heading_height(paper);
    let room = inside.h.saturating_sub(top + paper.foot());
    let heights: Vec<u32> =
        rows.iter().map(|row| row_height(&blank(), paper, inside.w, columns, row).min(room)).collect();
    let cuts = cut(&heights, room);
    let of = u32::try_from(cuts.len()).unwrap_or(u32::MAX);
    let mut pages = Vec::with_capacity(cuts.len());
    for (number, (from, to)) in (1..).zip(cuts) {
        let mut sheet = blank();
        let used = head(&mut sheet, inside, (number, of));
        let mut rest = inside.split_down(used).1;
        headings(&mut sheet, paper, &mut rest, columns);
        let range = from..to;
        for (at, (row, height)) in rows.iter().zip(&heights).enumerate().skip(from).take(range.len()) {
            let (place, below) = rest.split_down(*height);
            cells(&mut sheet, paper, place, columns, row, at);
            sheet.across(inside.x, inside.x + inside.w, place.y + place.h - 1);
            rest = below;
        }
        let line = Area { y: inside.y + inside.h - paper.foot(), h: paper.foot(), ..inside };
        sheet.text(Field::PrintedHint, line, Look::new(22, 16).centred(), foot);
        pages.push(sheet.into_page());
    }
    pages
}

/// Where pages begin and end: as many rows on each as have room, one at least; one page where there are none.
fn cut(heights: &[u32], room: u32) -> Vec<(usize, usize)> {
    let (mut cuts, mut from, mut used) = (Vec::new(), 0, 0);
    for (at, height) in heights.iter().enumerate() {
        if used + height > room && at > from {
            cuts.push((from, at));
            (from, used) = (at, 0);
        }
        used += height;
    }
    cuts.push((from, heights.len()));
    cuts
}

fn heading_height(paper: Paper) -> u32 {
    paper.size + 14
}

fn headings(sheet: &mut Sheet, paper: Paper, rest: &mut Area, columns: &[Column]) {
    let (line, below) = rest.split_down(heading_height(paper));
    for (place, column) in places(line, columns) {
        let look = Look::new(paper.size * 8 / 10, 16).across(column.across).centred();
        sheet.text(Field::Heading, place, look, column.heading);
    }
    sheet.across(line.x, line.x + line.w, line.y + line.h - 1);
    *rest = below;
}

/// The cells of a row with the air between them.
fn places(row: Area, columns: &[Column]) -> impl Iterator<Item = (Area, Column)> {
    let mut x = row.x;
    columns.iter().map(move |column| {
        let w = row.w * column.share / 100;
        let place = Area { x: x + 6, w: w.saturating_sub(12), y: row.y + 5, h: row.h.saturating_sub(9) };
        x += w;
        (place, *column)
    })
}

fn look(paper: Paper, column: Column) -> Look {
    let look = Look::new(paper.size, paper.size).across(column.across);
    if column.bold { look.bold() } else { look }
}

fn row_height(sheet: &Sheet, paper: Paper, width: u32, columns: &[Column], row: &Row) -> u32 {
    let whole = Area { x: 0, y: 0, w: width, h: 20_000 };
    let heights = places(whole, columns).zip(row);
    let highest = heights.map(|((place, column), text)| sheet.height(place, look(paper, column), text)).max();
    highest.unwrap_or(0).max(paper.size) + 10
}

fn cells(sheet: &mut Sheet, paper: Paper, row: Area, columns: &[Column], texts: &Row, at: usize) {
    for ((place, column), text) in places(row, columns).zip(texts) {
        sheet.text(Field::Line(at), place, look(paper, column), text);
    }
}
