//! A trade as an order. Every status and refund status of the platform stands here by name.

use crate::list::id;
use crate::trade::{self, Line};
use huidan_channel::{Document, Reading, Unreadable};
use huidan_domain::{ChannelState, Currency, LineFacts, LineKind, OrderFacts, PayState, Receiver, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};

/// Reads a trade.
pub(crate) fn read(document: &Document) -> Result<Reading, Unreadable> {
    let facts = Json::parse(document.body.as_bytes()).and_then(|json| facts(&trade::unwrapped(&json)?));
    facts
        .map(|facts| Reading::Order(Box::new(facts)))
        .map_err(|wrong| Unreadable { field: wrong.field, detail: wrong.detail })
}

fn facts(trade: &Object<'_>) -> Result<OrderFacts, Wrong> {
    let lines = trade::lines(trade)?;
    let step = trade.text("step_trade_status")?;
    let status = trade.need("status")?.text()?;
    let need = |name| trade::instant(trade, name)?.ok_or_else(|| trade.wrong(name, "is missing"));
    let deadlines = lines.iter().filter_map(|line| line.ship_by);
    let virtual_trade = trade.text("shipping_type")? == "virtual";
    let mut waybills: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| !line.waybill.is_empty()) {
        if !waybills.contains(&line.waybill) {
            waybills.push(line.waybill.clone());
        }
    }
    Ok(OrderFacts {
        ext_id: id(trade, "tid")?,
        number: String::new(),
        updated_at: need("modified")?,
        placed_at: need("created")?,
        paid_at: trade::instant(trade, "pay_time")?,
        ship_by: deadlines.chain(trade::earliest(trade, ["delivery_time"])?).min(),
        pay: pay(&status, &step, trade::instant(trade, "pay_time")?.is_some(), &lines),
        state: state(&status),
        must_wait: must_wait(&status, &step, &lines),
        lines: lines.into_iter().map(|line| line_facts(line, virtual_trade)).collect(),
        total: trade.need("payment")?.money(Currency::CNY)?,
        receiver: receiver(trade)?,
        buyer_remark: trade.text("buyer_message")?,
        seller_remark: trade.text("seller_memo")?,
        waybills,
    })
}

fn state(status: &str) -> Result<ChannelState, String> {
    match status {
        "TRADE_NO_CREATE_PAY"
        | "WAIT_BUYER_PAY"
        | "PAY_PENDING"
        | "WAIT_PRE_AUTH_CONFIRM"
        | "PAID_FORBID_CONSIGN"
        | "WAIT_SELLER_SEND_GOODS" => Ok(ChannelState::Open),
        "SELLER_CONSIGNED_PART" => Ok(ChannelState::PartShipped),
        "WAIT_BUYER_CONFIRM_GOODS" | "TRADE_BUYER_SIGNED" => Ok(ChannelState::Shipped),
        "TRADE_FINISHED" => Ok(ChannelState::Completed),
        "TRADE_CLOSED" | "TRADE_CLOSED_BY_TAOBAO" => Ok(ChannelState::Cancelled),
        unknown => Err(unknown.to_owned()),
    }
}

/// Pay on delivery counts as paid: such a trade begins at `WAIT_SELLER_SEND_GOODS`.
fn pay(status: &str, step: &str, has_pay_time: bool, lines: &[Line]) -> PayState {
    match (step, status) {
        (_, "TRADE_CLOSED") => return PayState::Refunded,
        (_, "TRADE_CLOSED_BY_TAOBAO") | ("FRONT_NOPAID_FINAL_NOPAID", _) => return PayState::Unpaid,
        ("FRONT_PAID_FINAL_NOPAID" | "FRONT_PAID_FRONT_FORFEITED", _) => return PayState::DepositPaid,
        (_, "TRADE_NO_CREATE_PAY" | "WAIT_BUYER_PAY" | "PAY_PENDING" | "WAIT_PRE_AUTH_CONFIRM") => {
            return PayState::Unpaid;
        }
        (
            _,
            "PAID_FORBID_CONSIGN"
            | "WAIT_SELLER_SEND_GOODS"
            | "SELLER_CONSIGNED_PART"
            | "WAIT_BUYER_CONFIRM_GOODS"
            | "TRADE_BUYER_SIGNED"
            | "TRADE_FINISHED",
        ) => {}
        _ if has_pay_time => {}
        _ => return PayState::Unpaid,
    }
    let refunded = lines.iter().filter(|line| refund(line) == RefundState::Refunded).count();
    match refunded {
        0 => PayState::Paid,
        all if all == lines.len() => PayState::Refunded,
        _ => PayState::PartiallyRefunded,
    }
}

/// Why a trade must not ship although it looks paid: the platform forbids it, or uses a word that nobody here knows.
fn must_wait(status: &str, step: &str, lines: &[Line]) -> Option<String> {
    if status == "PAID_FORBID_CONSIGN" {
        return Some(status.to_owned());
    }
    match step {
        "" | "FRONT_NOPAID_FINAL_NOPAID" | "FRONT_PAID_FINAL_NOPAID" | "FRONT_PAID_FINAL_PAID" => {}
        forfeited_or_unknown => return Some(forfeited_or_unknown.to_owned()),
    }
    lines.iter().find(|line| known_refund(&line.refund).is_none()).map(|line| line.refund.clone())
}

fn known_refund(word: &str) -> Option<RefundState> {
    match word {
        // CLOSED: the buyer took the request back, or it ran out.
        "" | "NO_REFUND" | "CLOSED" => Some(RefundState::None),
        "WAIT_SELLER_AGREE" => Some(RefundState::Requested),
        "SELLER_REFUSE_BUYER" => Some(RefundState::Refused),
        "WAIT_BUYER_RETURN_GOODS" => Some(RefundState::Agreed),
        "WAIT_SELLER_CONFIRM_GOODS" => Some(RefundState::ReturnInTransit),
        "SUCCESS" => Some(RefundState::Refunded),
        _ => None,
    }
}

/// An unknown word stops the line like a request; the trade's `must_wait` keeps the word.
fn refund(line: &Line) -> RefundState {
    if line.status == "TRADE_CLOSED" {
        return RefundState::Refunded;
    }
    known_refund(&line.refund).unwrap_or(RefundState::Requested)
}

fn line_facts(line: Line, virtual_trade: bool) -> LineFacts {
    let refund = refund(&line);
    let gone = line.closed() || refund == RefundState::Refunded;
    let kind = match (virtual_trade || line.shipping_type == "virtual", line.gift) {
        (true, _) => LineKind::Virtual,
        (false, true) => LineKind::Gift,
        (false, false) => LineKind::Sale,
    };
    LineFacts {
        refunded_qty: if gone && line.waybill.is_empty() { line.qty } else { 0 },
        ext_line_id: line.oid,
        ext_sku: if line.sku.is_empty() { line.item.clone() } else { line.sku },
        ext_item: line.item,
        outer_code: line.outer_code,
        title: line.title,
        spec: line.spec,
        qty: line.qty,
        unit_price: line.price,
        kind,
        refund,
    }
}

/// Masked and encrypted texts stay as they are; the token (`oaid`) is what the waybill service takes instead.
fn receiver(trade: &Object<'_>) -> Result<Receiver, Wrong> {
    let mobile = trade.text("receiver_mobile")?;
    let (town, address) = (trade.text("receiver_town")?, trade.text("receiver_address")?);
    Ok(Receiver {
        name: trade.text("receiver_name")?,
        phone: if mobile.is_empty() { trade.text("receiver_phone")? } else { mobile },
        country: country(&trade.text("receiver_country")?),
        province: trade.text("receiver_state")?,
        city: trade.text("receiver_city")?,
        district: trade.text("receiver_district")?,
        street: if address.starts_with(&town) { address } else { format!("{town}{address}") },
        postcode: trade.text("receiver_zip")?,
        email: String::new(),
        division: None,
        token: Some(trade.text("oaid")?).filter(|token| !token.is_empty()),
    })
}

/// The platform writes nothing or 中国 for orders inside China; a word for another country is left to the address step.
fn country(text: &str) -> String {
    match text.trim() {
        "" | "中国" | "CN" => "CN".to_owned(),
        code if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => code.to_owned(),
        _ => String::new(),
    }
}
