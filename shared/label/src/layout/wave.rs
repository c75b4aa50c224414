//! The papers of a wave: the list of the walk, and a slip for each parcel.

use super::Area;
use super::sheet::{Across, Look, Sheet};
use super::table::{Column, Paper, Row, pages};
use crate::page::{Dpi, Media, Page};
use crate::problem::Field;
use crate::sheets::{PackingSlip, PickList};
use crate::waybill::ItemLine;

const fn column(share: u32, across: Across, bold: bool, heading: &'static str) -> Column {
    Column { share, across, bold, heading }
}

const WALK: [Column; 4] = [
    column(21, Across::Left, true, "货位 BIN"),
    column(40, Across::Left, false, "货品 GOODS"),
    column(13, Across::Right, true, "数量 QTY"),
    column(26, Across::Left, false, "放入 TO"),
];

const PARCEL: [Column; 2] =
    [column(80, Across::Left, false, "货品 GOODS"), column(20, Across::Right, true, "数量 QTY")];

/// Lays the list of a walk out, on as many pages as it needs. What could not be shown as given stands in the pages'
/// problems.
#[must_use]
pub fn pick_list(list: &PickList, media: Media, dpi: Dpi) -> Vec<Page> {
    let paper = Paper::new(media, dpi);
    let rows: Vec<Row> = list
        .stops
        .iter()
        .map(|stop| vec![stop.bin.clone(), caption(&stop.goods), stop.goods.qty.to_string(), stop.to.clone()])
        .collect();
    let pieces: u64 = list.stops.iter().map(|stop| u64::from(stop.goods.qty)).sum();
    let stops = list.stops.len();
    let facts = format!(
        "{} · {} · {} 单 ORDERS · {stops} 货位 STOPS · {pieces} 件 PCS",
        list.kind, list.warehouse, list.parcels
    );
    let empty = match list.empty.is_empty() {
        true => String::new(),
        false => format!("空位 EMPTY：{}", list.empty.join(", ")),
    };
    pages(paper, &WALK, &rows, &list.printed_hint, |sheet, inside, (page, of)| {
        let corner = format!("{page}/{of}");
        let used = title(sheet, paper, inside, &format!("拣货单 PICK LIST {}", list.wave), &corner);
        let mut rest = inside.split_down(used).1;
        for (field, text) in [(Field::Heading, &facts), (Field::Lines, &empty)] {
            if !text.is_empty() {
                let room = Area { h: paper.size * 3, ..rest };
                let height = sheet.text(field, room, Look::new(paper.size * 9 / 10, 18), text) + 6;
                rest = rest.split_down(height).1;
            }
        }
        rest.y - inside.y
    })
}

/// Lays a parcel's slip out. Its slot stands on a plate, so that the wall and the paper are matched at a glance.
#[must_use]
pub fn packing_slip(slip: &PackingSlip, media: Media, dpi: Dpi) -> Vec<Page> {
    let paper = Paper::new(media, dpi);
    let rows: Vec<Row> = slip.lines.iter().map(|line| vec![caption(line), line.qty.to_string()]).collect();
    let pieces: u64 = slip.lines.iter().map(|line| u64::from(line.qty)).sum();
    let foot = format!("{} 种 LINES  {pieces} 件 PCS  {}", slip.lines.len(), slip.printed_hint);
    pages(paper, &PARCEL, &rows, &foot, |sheet, inside, (page, of)| {
        let seq = slip.seq.map(|(n, of)| format!("{n}/{of}")).unwrap_or_default();
        let used = title(sheet, paper, inside, &format!("装箱单 PACKING SLIP {}", slip.wave), &seq);
        let mut rest = inside.split_down(used).1;
        let slotted = !slip.slot.is_empty();
        let (facts, plate) = rest.split_across(if slotted { rest.w - paper.size * 5 } else { rest.w });
        if slotted {
            let plate = Area { h: paper.size * 3, ..plate };
            sheet.text(Field::Slot, plate, Look::new(paper.size * 2, paper.size).bold().plate(), &slip.slot);
        }
        let mut lines = vec![format!("订单 ORDER：{}", slip.order_refs.join("，")), slip.carrier.clone()];
        if of > 1 {
            lines.push(format!("页 PAGE {page}/{of}"));
        }
        let mut below = facts;
        for text in lines.iter().filter(|text| !text.is_empty()) {
            let room = Area { h: paper.size * 4, ..below };
            let height = sheet.text(Field::OrderRefs, room, Look::new(paper.size * 9 / 10, 18), text) + 6;
            below = below.split_down(height).1;
        }
        let floor = if slotted { rest.y + paper.size * 3 + 8 } else { 0 };
        let begins = below.y.max(floor);
        rest = Area { y: begins, h: (inside.y + inside.h).saturating_sub(begins), ..rest };
        if let Some(number) = &slip.number {
            rest = barcode(sheet, paper, rest, number);
        }
        rest.y - inside.y
    })
}

/// The number as bars with its digits below; digits alone where no barcode fits.
fn barcode(sheet: &mut Sheet, paper: Paper, rest: Area, number: &str) -> Area {
    let (bars, below) = rest.split_down(110);
    let place = Area { w: bars.w.min(900), ..bars }.inset(0, 5);
    if sheet.fits(place, number) {
        sheet.code128(place, 38, number);
    }
    let (digits, below) = below.split_down(paper.size + 12);
    sheet.text(Field::Number, digits, Look::new(paper.size, 18).bold(), number);
    below
}

/// What it is, large, with a word in the corner; says how high that is.
fn title(sheet: &mut Sheet, paper: Paper, inside: Area, text: &str, corner: &str) -> u32 {
    let height = paper.size * 2;
    let (line, _) = inside.split_down(height);
    let (left, right) = line.split_across(line.w * 76 / 100);
    sheet.text(Field::Heading, left, Look::new(paper.size * 3 / 2, 24).bold().centred(), text);
    let look = Look::new(paper.size * 3 / 2, 24).bold().across(Across::Right).centred();
    sheet.text(Field::Sequence, right, look, corner);
    height + 6
}

fn caption(line: &ItemLine) -> String {
    format!("{} {}", line.sku.trim(), line.title.trim())
}
