//! The lower part: the second barcode, what is in the parcel, the remark.

use super::sheet::{Across, Look, Sheet};
use super::{Area, Plan};
use crate::problem::{Field, Trouble};
use crate::text;
use crate::waybill::{ItemLine, Waybill};

/// Gap between two lines of the packing list, in tenths of a millimetre.
const GAP: u32 = 2;

/// The barcode once more, and the same number as a QR code for phones where both find room.
pub(super) fn second(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let row = Area::span((plan.left, plan.right), plan.second);
    let (beside, right) = row.split_across(row.w - plan.qr);
    let place = if sheet.fits(beside.inset(5, 0), &waybill.number) {
        sheet.qr(right.inset(3, 3), &waybill.number);
        beside.inset(5, 0)
    } else {
        row.inset(5, 0)
    };
    let (bars, digits) = place.split_down(place.h - 44);
    let drawn = sheet.code128(Area { y: bars.y + 15, h: bars.h - 15, ..bars }, 38, &waybill.number);
    let text = if drawn { digits.inset(0, 2) } else { place.inset(10, 10) };
    let look = Look::new(if drawn { 33 } else { 50 }, 18).across(Across::Middle).centred();
    sheet.text(Field::Number, text, look, &waybill.number);
}

/// What is in the parcel: every line whole if that can be, else each on one line of paper, else codes and quantities
/// only; what even so finds no room is counted.
pub(super) fn items(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let lines = &waybill.lines;
    let area = Area::span((plan.left, plan.right), plan.items).inset(15, 6);
    let pieces: u64 = lines.iter().map(|l| u64::from(l.qty)).sum();
    if lines.is_empty() {
        return;
    }
    let total = if sheet.foreign() {
        format!("物品 CONTENTS：{} 种 LINES  {pieces} 件 PCS", lines.len())
    } else {
        format!("物品 {} 种，共 {pieces} 件", lines.len())
    };
    let (heading, list) = area.split_down(34);
    sheet.text(Field::Heading, heading, Look::new(26, 18), &total);
    for size in [32, 28, 24, 22, 20] {
        if whole(sheet, list, size, lines) {
            return;
        }
    }
    if !shortened(sheet, list, 22, lines) {
        codes(sheet, list, lines);
    }
}

/// Width of the column of quantities, in tenths of a millimetre.
const QUANTITY: u32 = 90;

/// Sets every line in full at this size, or nothing where they do not fit.
fn whole(sheet: &mut Sheet, list: Area, size: u32, lines: &[ItemLine]) -> bool {
    // More lines than this never fit; not measuring them keeps a huge order cheap.
    if lines.len() > 24 {
        return false;
    }
    let look = Look::new(size, size);
    let room = sheet.rect(list);
    let column = sheet.rect(Area { w: list.w - QUANTITY, ..list }).w;
    let gap = sheet.rect(Area { h: GAP, ..list }).h;
    let mut used = 0;
    for line in lines {
        let fitted = text::fit(&text::clean(&caption(line)), column, room.h, sheet.sizes(look));
        used += text::height(fitted.lines.len().max(1), fitted.size) + gap;
        if fitted.cut || used > room.h {
            return false;
        }
    }
    let mut rest = list;
    for (i, line) in lines.iter().enumerate() {
        let used = item(sheet, rest, look, Field::Line(i), line).min(rest.h);
        rest = rest.split_down(used + GAP).1;
    }
    true
}

/// Sets each line of the list on one line of paper, cut where needed, or nothing where they are too many.
fn shortened(sheet: &mut Sheet, list: Area, size: u32, lines: &[ItemLine]) -> bool {
    let step = size * 125 / 100 + GAP;
    if usize::try_from(list.h / step).unwrap_or(0) < lines.len() {
        return false;
    }
    let mut rest = list;
    for (i, line) in lines.iter().enumerate() {
        let (row, below) = rest.split_down(step);
        item(sheet, row, Look::new(size, size), Field::Line(i), line);
        rest = below;
    }
    true
}

/// Sets codes and quantities one after another, without titles, and says how many lines found no room.
fn codes(sheet: &mut Sheet, list: Area, lines: &[ItemLine]) {
    let look = Look::new(26, 20);
    let place = sheet.rect(list);
    // No paper holds more than this, and every attempt below measures the whole text.
    let mut shown = lines.len().min(120);
    let text = loop {
        let text = text::clean(&listed(sheet, lines, shown));
        if shown == 0 || !text::fit(&text, place.w, place.h, sheet.sizes(look)).cut {
            break text;
        }
        shown -= (shown / 16).max(1);
    };
    sheet.text(Field::Lines, list, look, &text);
    sheet.report(Field::Lines, Trouble::Abbreviated);
    if shown < lines.len() {
        sheet.report(Field::Lines, Trouble::LeftOut(lines.len() - shown));
    }
}

/// The first lines as `A×1；B×2`, and how much the others are.
fn listed(sheet: &Sheet, lines: &[ItemLine], shown: usize) -> String {
    let (named, others) = lines.split_at(shown.min(lines.len()));
    let name = |line: &ItemLine| if line.sku.trim().is_empty() { line.title.clone() } else { line.sku.clone() };
    let mut parts: Vec<String> = named.iter().map(|l| format!("{}×{}", name(l).trim(), l.qty)).collect();
    if !others.is_empty() {
        let pieces: u64 = others.iter().map(|l| u64::from(l.qty)).sum();
        let en = format!("and {} more lines, {pieces} pcs", others.len());
        parts.push(sheet.words(&format!("另有 {} 种 {pieces} 件未列出", others.len()), &en));
    }
    parts.join("； ")
}

/// One line: code and title at the left, quantity at the right. Says how high it became.
fn item(sheet: &mut Sheet, row: Area, look: Look, field: Field, line: &ItemLine) -> u32 {
    let (caption_area, quantity) = row.split_across(row.w - QUANTITY);
    let look_right = look.bold().across(Across::Right);
    sheet.text(field, quantity, look_right, &format!("×{}", line.qty));
    sheet.text(field, caption_area, look, &caption(line))
}

fn caption(line: &ItemLine) -> String {
    format!("{} {}", line.sku.trim(), line.title.trim())
}

/// The shop's order numbers and the remark, then the small line at the foot.
pub(super) fn notes(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let area = Area::span((plan.left, plan.right), plan.notes).inset(15, 5);
    let orders = waybill.order_refs.join("，");
    let remark = waybill.remark.trim();
    let share = match (orders.is_empty(), remark.is_empty()) {
        (true, _) => 0,
        (false, true) => area.h,
        (false, false) => area.h / 2,
    };
    let (upper, lower) = area.split_down(share);
    if !orders.is_empty() {
        let text = format!("{}：{orders}", sheet.words("订单", "ORDER"));
        sheet.text(Field::OrderRefs, upper, Look::new(24, 16), &text);
    }
    if !remark.is_empty() {
        let text = format!("{}：{remark}", sheet.words("备注", "NOTE"));
        sheet.text(Field::Remark, lower, Look::new(28, 16), &text);
    }
    let foot = Area::span((plan.left, plan.right), plan.foot).inset(15, 2);
    sheet.text(Field::PrintedHint, foot, Look::new(22, 16).centred(), &waybill.printed_hint);
}
