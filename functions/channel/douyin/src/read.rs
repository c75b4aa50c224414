//! An order of the platform as an order of ours. Every status stands here by its number.

use crate::order::{self, Line, fen, instant, word};
use crate::refund::{self, Refund};
use huidan_channel::{Document, Reading};
use huidan_domain::{ChannelState, LineFacts, LineKind, OrderFacts, PayState, Receiver};
use huidan_exchange::json::{Json, Object, Wrong};

/// Reads an order.
pub(crate) fn read(document: &Document) -> Result<Reading, Wrong> {
    let json = Json::parse(document.body.as_bytes())?;
    let (order, after_sales) = order::opened(&json)?;
    let lines: Vec<(Line, Refund)> = order::lines(&order)?
        .into_iter()
        .map(|line| {
            let refund = refund::of(&line, &after_sales);
            (line, refund)
        })
        .collect();
    facts(&order, lines).map(|facts| Reading::Order(Box::new(facts)))
}

fn facts(order: &Object<'_>, lines: Vec<(Line, Refund)>) -> Result<OrderFacts, Wrong> {
    let ext_id = order::id(order)?;
    let status = order.need("order_status")?.id()?;
    let main_status = word(order, "main_status")?;
    let paid_at = instant(order, "pay_time")?;
    let need = |name| instant(order, name)?.ok_or_else(|| order.wrong(name, "is missing"));
    let mut waybills: Vec<String> = Vec::new();
    for pack in order::packs(order)? {
        if !waybills.contains(&pack.number) {
            waybills.push(pack.number);
        }
    }
    Ok(OrderFacts {
        number: String::new(),
        updated_at: need("update_time")?,
        placed_at: need("create_time")?,
        paid_at,
        ship_by: instant(order, "exp_ship_time")?,
        pay: pay(&status, &main_status, paid_at.is_some(), deposit_paid(order)?, &lines),
        state: state(&status),
        must_wait: must_wait(&status, &main_status, &lines),
        lines: lines.into_iter().map(|(line, refund)| line_facts(line, &refund)).collect(),
        total: fen(order, "pay_amount")?,
        receiver: receiver(order, &ext_id)?,
        buyer_remark: order.text("buyer_words")?,
        seller_remark: order.text("seller_words")?,
        waybills,
        ext_id,
    })
}

fn state(status: &str) -> Result<ChannelState, String> {
    match status {
        // To be paid; paid and looked over; to be shipped.
        "1" | "105" | "2" => Ok(ChannelState::Open),
        "101" => Ok(ChannelState::PartShipped),
        "3" => Ok(ChannelState::Shipped),
        "4" => Ok(ChannelState::Cancelled),
        "5" => Ok(ChannelState::Completed),
        unknown => Err(unknown.to_owned()),
    }
}

/// Pay on delivery counts as paid once the order is to be shipped.
fn pay(status: &str, main_status: &str, has_pay_time: bool, deposit: bool, lines: &[(Line, Refund)]) -> PayState {
    match (status, main_status) {
        (_, "103") => return PayState::DepositPaid,
        ("1", _) if deposit => return PayState::DepositPaid,
        ("1", _) => return PayState::Unpaid,
        (_, "21" | "22" | "39") => return PayState::Refunded,
        ("4", _) if has_pay_time => return PayState::Refunded,
        ("4", _) => return PayState::Unpaid,
        ("105" | "2" | "101" | "3" | "5", _) => {}
        _ if has_pay_time => {}
        _ => return PayState::Unpaid,
    }
    let whole = |(line, refund): &(Line, Refund)| refund.paid_back >= line.qty;
    if !lines.is_empty() && lines.iter().all(whole) {
        PayState::Refunded
    } else if lines.iter().any(|(_, refund)| refund.paid_back > 0) {
        PayState::PartiallyRefunded
    } else {
        PayState::Paid
    }
}

/// Whether the first part of a presale is paid and another is not (`order_phase_list`).
fn deposit_paid(order: &Object<'_>) -> Result<bool, Wrong> {
    let mut paid = Vec::new();
    for phase in order.list("order_phase_list")? {
        paid.push(phase.object()?.flag("pay_success")?);
    }
    Ok(paid.contains(&true) && paid.contains(&false))
}

/// Why an order must not ship although it looks paid: it is still looked over (only 2 may ship), it is not the
/// seller's to ship, or it bears a word that nobody here knows.
fn must_wait(status: &str, main_status: &str, lines: &[(Line, Refund)]) -> Option<String> {
    let known = ["", "0", "1", "103", "105", "2", "101", "3", "4", "5", "21", "22", "39"];
    if status == "105" {
        return Some("order_status 105".to_owned());
    }
    if !known.contains(&main_status) {
        return Some(format!("main_status {main_status}"));
    }
    let not_ours = lines.iter().find_map(|(line, _)| line.not_ours.clone());
    let unknown = || lines.iter().find_map(|(_, refund)| refund.unknown.clone());
    not_ours.or_else(|| unknown().map(|word| format!("after_sale_status {word}")))
}

fn line_facts(line: Line, refund: &Refund) -> LineFacts {
    let kind = match (line.virtual_goods, line.gift) {
        (true, _) => LineKind::Virtual,
        (false, true) => LineKind::Gift,
        (false, false) => LineKind::Sale,
    };
    LineFacts {
        ext_line_id: line.id,
        ext_sku: if line.sku.is_empty() { line.item.clone() } else { line.sku },
        ext_item: line.item,
        outer_code: line.outer_code,
        title: line.title,
        spec: line.spec,
        qty: line.qty,
        unit_price: line.price,
        kind,
        refund: refund.state,
        refunded_qty: refund.removed,
    }
}

/// Cipher texts stay as they are; the waybill call takes them so. Province to street are readable, but the receiver has
/// no field for the street's name apart from the cipher text below it: it travels in the token, behind the order's id.
fn receiver(order: &Object<'_>, ext_id: &str) -> Result<Receiver, Wrong> {
    let address = order.object("post_addr")?;
    let place = |name: &str| address.object(name)?.text("name");
    let town_and = |detail: String, street: &str| {
        if detail.starts_with(street) { detail } else { format!("{street}{detail}") }
    };
    let or = |object: &Object<'_>, cipher: &str, plain: &str| {
        object.text(cipher).and_then(|text| if text.is_empty() { object.text(plain) } else { Ok(text) })
    };
    let (cipher, street) = (address.text("encrypt_detail")?, place("street")?);
    let token = match (cipher.is_empty(), street.is_empty()) {
        (true, _) => None,
        (false, true) => Some(ext_id.to_owned()),
        (false, false) => Some(format!("{ext_id}/{street}")),
    };
    Ok(Receiver {
        name: or(order, "encrypt_post_receiver", "post_receiver")?,
        phone: or(order, "encrypt_post_tel", "post_tel")?,
        country: "CN".to_owned(),
        province: place("province")?,
        city: place("city")?,
        district: place("town")?,
        street: if cipher.is_empty() { town_and(address.text("detail")?, &street) } else { cipher },
        postcode: String::new(),
        email: String::new(),
        division: None,
        token,
    })
}
