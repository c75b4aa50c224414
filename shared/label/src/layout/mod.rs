//! From a waybill to a page.
//!
//! Both labels have the same rows from top to bottom: carrier, sorting code, barcode, receiver, sender, money and
//! signature; below the tear line the second barcode, what is in the parcel, the remark. Only the heights differ.

mod rows;
mod sheet;
mod stub;
mod table;
mod wave;

pub use wave::{packing_slip, pick_list};

use crate::page::{Dpi, Media, Page};
use crate::waybill::Waybill;
use sheet::Sheet;

/// Where the rows begin and end, in tenths of a millimetre from the upper edge, and what else depends on the paper.
struct Plan {
    left: u32,
    right: u32,
    header: (u32, u32),
    routing: (u32, u32),
    barcode: (u32, u32),
    receiver: (u32, u32),
    sender: (u32, u32),
    money: (u32, u32),
    tear: u32,
    second: (u32, u32),
    items: (u32, u32),
    notes: (u32, u32),
    foot: (u32, u32),
    /// Largest sorting code.
    routing_size: u32,
    /// Width of the column of the QR code.
    qr: u32,
}

/// 100 × 150 mm.
const LARGE: Plan = Plan {
    left: 25,
    right: 975,
    header: (20, 125),
    routing: (125, 275),
    barcode: (275, 455),
    receiver: (455, 710),
    sender: (710, 825),
    money: (825, 930),
    tear: 945,
    second: (960, 1125),
    items: (1125, 1365),
    notes: (1365, 1440),
    foot: (1440, 1480),
    routing_size: 115,
    qr: 165,
};

/// 76 × 130 mm.
const SMALL: Plan = Plan {
    left: 20,
    right: 740,
    header: (15, 105),
    routing: (105, 220),
    barcode: (220, 380),
    receiver: (380, 615),
    sender: (615, 715),
    money: (715, 805),
    tear: 816,
    second: (827, 962),
    items: (962, 1165),
    notes: (1165, 1248),
    foot: (1248, 1285),
    routing_size: 90,
    qr: 118,
};

/// Lays the waybill out for this paper and printer. Never fails: what could not be shown as given stands in
/// [`Page::problems`].
#[must_use]
pub fn layout(waybill: &Waybill, media: Media, dpi: Dpi) -> Page {
    let plan = match media {
        // A waybill on office paper is the large label in its corner.
        Media::W100H150 | Media::A4 => LARGE,
        Media::W76H130 => SMALL,
    };
    let mut sheet = Sheet::new(media, dpi, waybill.is_foreign());
    lines(&mut sheet, &plan);
    rows::header(&mut sheet, &plan, waybill);
    rows::routing(&mut sheet, &plan, waybill);
    rows::barcode(&mut sheet, &plan, waybill);
    rows::receiver(&mut sheet, &plan, waybill);
    rows::sender(&mut sheet, &plan, waybill);
    rows::money(&mut sheet, &plan, waybill);
    stub::second(&mut sheet, &plan, waybill);
    stub::items(&mut sheet, &plan, waybill);
    stub::notes(&mut sheet, &plan, waybill);
    sheet.into_page()
}

/// Frames, the rules between rows and the tear line. They come first: some renderers clear the inside of a frame.
fn lines(sheet: &mut Sheet, plan: &Plan) {
    let across = |from: u32, to: u32| Area { x: plan.left, y: from, w: plan.right - plan.left, h: to - from };
    sheet.frame(across(plan.header.0, plan.money.1));
    sheet.frame(across(plan.second.0, plan.foot.1));
    for row in [plan.routing, plan.barcode, plan.receiver, plan.sender, plan.money, plan.items, plan.notes] {
        sheet.across(plan.left, plan.right, row.0);
    }
    let (dash, gap) = (30, 20);
    let mut x = 0;
    while x < plan.right + plan.left {
        sheet.across(x, (x + dash).min(plan.right + plan.left), plan.tear);
        x += dash + gap;
    }
}

/// A place on the paper in tenths of a millimetre.
#[derive(Clone, Copy)]
struct Area {
    x: u32,
    y: u32,
    w: u32,
    h: u32,
}

impl Area {
    /// The place between two columns of a row.
    fn span(x: (u32, u32), y: (u32, u32)) -> Self {
        Self { x: x.0, y: y.0, w: x.1.saturating_sub(x.0), h: y.1.saturating_sub(y.0) }
    }

    /// Smaller on every side.
    fn inset(self, across: u32, down: u32) -> Self {
        Self {
            x: self.x + across,
            y: self.y + down,
            w: self.w.saturating_sub(2 * across),
            h: self.h.saturating_sub(2 * down),
        }
    }

    /// The upper part of this height, and the rest.
    fn split_down(self, h: u32) -> (Self, Self) {
        let h = h.min(self.h);
        (Self { h, ..self }, Self { y: self.y + h, h: self.h - h, ..self })
    }

    /// The left part of this width, and the rest.
    fn split_across(self, w: u32) -> (Self, Self) {
        let w = w.min(self.w);
        (Self { w, ..self }, Self { x: self.x + w, w: self.w - w, ..self })
    }
}
