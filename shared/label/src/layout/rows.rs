//! The rows of the upper part, which stays on the parcel.

use super::sheet::{Across, Look, Sheet};
use super::{Area, Plan};
use crate::problem::Field;
use crate::waybill::{Party, Waybill};

/// Carrier, product, and at the right the slot, the place in the batch and the mark of a reprint.
pub(super) fn header(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let row = Area::span((plan.left, plan.right), plan.header).inset(15, 8);
    let slot = waybill.slot.as_deref().filter(|slot| !slot.is_empty());
    let corner = if waybill.seq.is_some() || waybill.reprint.is_some() { row.w * 34 / 100 } else { 0 };
    let (names, corner) = row.split_across(row.w - corner);
    let (names, plate) = names.split_across(names.w - if slot.is_some() { row.w * 16 / 100 } else { 0 });
    if let Some(slot) = slot {
        sheet.text(Field::Slot, plate.inset(4, 2), Look::new(62, 28).bold().plate(), slot);
    }
    let carrier = if waybill.carrier.is_empty() { &waybill.carrier_code } else { &waybill.carrier };
    if waybill.service.is_empty() {
        sheet.text(Field::Carrier, names, Look::new(70, 30).bold().centred(), carrier);
    } else {
        let (left, right) = names.split_across(names.w * 62 / 100);
        sheet.text(Field::Carrier, left, Look::new(70, 30).bold().centred(), carrier);
        sheet.text(Field::Service, right.inset(8, 0), Look::new(38, 24).centred(), &waybill.service);
    }
    let seq = waybill.seq.map(|(n, of)| format!("{n}/{of}"));
    let reprint = waybill.reprint.map(|n| format!("补打 {n} / REPRINT {n}"));
    let (upper, lower) = match (&seq, &reprint) {
        (Some(_), Some(_)) => corner.split_down(corner.h * 55 / 100),
        (Some(_), None) => (corner, corner),
        _ => (corner, corner.inset(0, 15)),
    };
    if let Some(seq) = seq {
        let look = Look::new(50, 25).bold().across(Across::Right).centred();
        sheet.text(Field::Sequence, upper, look, &seq);
    }
    if let Some(reprint) = reprint {
        sheet.text(Field::Reprint, lower, Look::new(34, 20).bold().plate(), &reprint);
    }
}

/// The sorting code as large as it goes; without one the receiver's region, which is what a sorter needs then. Beside it,
/// on a parcel of several pieces, which of them it is.
pub(super) fn routing(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let mut row = Area::span((plan.left, plan.right), plan.routing).inset(20, 10);
    if let Some((piece, of)) = waybill.piece {
        let (code, mark) = row.split_across(row.w * 76 / 100);
        row = code;
        let look = Look::new(plan.routing_size * 7 / 10, 25).bold().across(Across::Right).centred();
        sheet.text(Field::Piece, mark, look, &format!("{piece}/{of}"));
    }
    let look = Look::new(plan.routing_size, 35).bold().across(Across::Middle).centred();
    match waybill.routing.as_deref().filter(|code| !code.trim().is_empty()) {
        Some(code) => sheet.text(Field::Routing, row, look, code),
        None => sheet.text(Field::ReceiverAddress, row, look, &region(&waybill.receiver)),
    };
}

/// The barcode with its number in plain digits below.
pub(super) fn barcode(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let row = Area::span((plan.left, plan.right), plan.barcode).inset(5, 0);
    let (bars, digits) = row.split_down(row.h - 58);
    let drawn = sheet.code128(Area { y: bars.y + 18, h: bars.h - 18, ..bars }, 50, &waybill.number);
    let place = if drawn { digits.inset(0, 2) } else { row.inset(10, 10) };
    let look = Look::new(if drawn { 44 } else { 80 }, 22).bold().across(Across::Middle).centred();
    sheet.text(Field::Number, place, look, &waybill.number);
}

/// The receiver, larger than anything but the sorting code.
pub(super) fn receiver(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let row = Area::span((plan.left, plan.right), plan.receiver);
    let (mark, rest) = row.split_across(110);
    let badge = Area { x: mark.x + 15, y: mark.y + 20, w: 80, h: 80 };
    sheet.text(Field::Heading, badge, Look::new(62, 40).bold().plate(), "收");
    if waybill.is_foreign() {
        let below = Area { y: badge.y + badge.h, h: 45, ..badge };
        sheet.text(Field::Heading, below, Look::new(40, 30).bold().across(Across::Middle), "TO");
    }
    let (name, address) = Area { w: rest.w - 15, y: rest.y + 6, h: rest.h - 8, ..rest }.split_down(68);
    let party = &waybill.receiver;
    sheet.text(Field::ReceiverName, name, Look::new(52, 24).bold().centred(), &who(party));
    sheet.text(Field::ReceiverAddress, address, Look::new(48, 23), &place(party));
}

/// The sender, small.
pub(super) fn sender(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let row = Area::span((plan.left, plan.right), plan.sender);
    let (mark, rest) = row.split_across(110);
    let badge = Area { x: mark.x + 28, y: mark.y + 18, w: 54, h: 54 };
    sheet.frame(badge);
    sheet.text(Field::Heading, badge, Look::new(42, 30).bold().across(Across::Middle).centred(), "寄");
    if waybill.is_foreign() {
        let below = Area { x: mark.x, y: badge.y + badge.h, w: mark.w, h: 36 };
        sheet.text(Field::Heading, below, Look::new(26, 20).across(Across::Middle), "FROM");
    }
    let (name, address) = Area { w: rest.w - 15, y: rest.y + 4, h: rest.h - 6, ..rest }.split_down(42);
    let party = &waybill.sender;
    sheet.text(Field::SenderName, name, Look::new(33, 20).centred(), &who(party));
    sheet.text(Field::SenderAddress, address, Look::new(32, 18), &place(party));
}

/// Money, weight and the box to sign in.
pub(super) fn money(sheet: &mut Sheet, plan: &Plan, waybill: &Waybill) {
    let row = Area::span((plan.left, plan.right), plan.money);
    let (facts, sign) = row.split_across(row.w * 58 / 100);
    sheet.down(sign.x, row.y, row.y + row.h);
    let heading = sheet.words("签收人 / 时间", "SIGN / DATE");
    sheet.text(Field::Heading, sign.inset(12, 6), Look::new(26, 18), &heading);
    let facts = facts.inset(15, 6);
    let mut small = facts;
    if let Some(cod) = &waybill.cod {
        let (upper, lower) = facts.split_down(facts.h * 58 / 100);
        let text = format!("{} {cod}", sheet.words("代收货款", "COD"));
        sheet.text(Field::Cod, upper, Look::new(50, 24).bold().centred(), &text);
        small = lower;
    }
    let weight = waybill.weight_g.map(|g| format!("{} {} kg", sheet.words("重量", "WEIGHT"), kilograms(g)));
    let insured = waybill.insured.as_ref().map(|value| format!("{} {value}", sheet.words("保价", "INSURED")));
    let look = Look::new(30, 18).centred();
    match (weight, insured) {
        (Some(weight), Some(insured)) => {
            let (left, right) = small.split_across(small.w / 2);
            sheet.text(Field::Weight, Area { w: left.w - 10, ..left }, look, &weight);
            sheet.text(Field::Insured, right, look, &insured);
        }
        (Some(weight), None) => {
            sheet.text(Field::Weight, small, look, &weight);
        }
        (None, Some(insured)) => {
            sheet.text(Field::Insured, small, look, &insured);
        }
        (None, None) => {}
    }
}

/// Name and phone on one line.
fn who(party: &Party) -> String {
    format!("{}  {}", party.name.trim(), party.phone.trim())
}

/// Region and address as one text, unless the address already begins with the region.
fn place(party: &Party) -> String {
    let (region, address) = (region(party), party.address.trim());
    if region.is_empty() || address.starts_with(&region) { address.to_owned() } else { format!("{region} {address}") }
}

/// The region, with the country before it where it is another one.
fn region(party: &Party) -> String {
    let country = party.country.as_deref().filter(|c| !c.is_empty() && !c.eq_ignore_ascii_case("CN"));
    let parts = [country.unwrap_or_default(), party.region.trim()];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Grams as kilograms without superfluous noughts: 500 is `0.5`.
fn kilograms(grams: u32) -> String {
    let text = format!("{}.{:03}", grams / 1000, grams % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_become_kilograms_without_superfluous_noughts() {
        for (grams, text) in [(0, "0"), (5, "0.005"), (500, "0.5"), (1000, "1"), (10_000, "10"), (12_340, "12.34")] {
            assert_eq!(kilograms(grams), text);
        }
    }

    #[test]
    fn a_region_is_not_said_twice() {
        let mut party =
            Party {
                region: "湖南省长沙市".into(), address: "湖南省长沙市麓山南路 1 号".into(), ..Party::default()
            };
        assert_eq!(place(&party), "湖南省长沙市麓山南路 1 号");
        party.address = "麓山南路 1 号".into();
        assert_eq!(place(&party), "湖南省长沙市 麓山南路 1 号");
        party.country = Some("US".into());
        assert_eq!(place(&party), "US 湖南省长沙市 麓山南路 1 号");
    }
}
