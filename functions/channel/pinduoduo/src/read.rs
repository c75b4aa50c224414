//! An order as we understand it. Every status of the platform stands here.

use crate::amount::yuan;
use crate::order::{self, Line, instant, word};
use huidan_channel::{Document, Reading, Unreadable};
use huidan_domain::{ChannelState, LineFacts, LineKind, OrderFacts, PayState, Receiver, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::time;

/// Reads an order.
pub(crate) fn read(document: &Document) -> Result<Reading, Unreadable> {
    let facts = Json::parse(document.body.as_bytes()).and_then(|json| facts(&order::unwrapped(&json)?));
    facts.map(|facts| Reading::Order(Box::new(facts))).map_err(Unreadable::from)
}

/// The order.
pub(crate) fn facts(order: &Object<'_>) -> Result<OrderFacts, Wrong> {
    let need = |name| instant(order, name)?.ok_or_else(|| order.wrong(name, "is missing"));
    let ext_id = order.need("order_sn")?.id()?;
    let refund = refund(order)?;
    let (first, further) = order::waybills(order)?;
    let unshipped = first.is_empty() && word(order, "order_status")? == "1";
    let virtual_goods = order::virtual_goods(order)?;
    let lines = order::lines(order)?;
    Ok(OrderFacts {
        number: String::new(),
        updated_at: need("updated_at")?,
        placed_at: need("created_time")?,
        paid_at: instant(order, "pay_time")?,
        // What else may stand there sets no date and is no reason to leave an order unread.
        ship_by: time::local(&order.text("last_ship_time")?, time::CHINA),
        pay: pay(order, refund)?,
        state: state(order)?,
        must_wait: must_wait(order)?,
        lines: lines.into_iter().map(|line| line_facts(line, virtual_goods, refund, unshipped)).collect(),
        total: yuan(&order.need("pay_amount")?)?,
        receiver: receiver(order, &ext_id)?,
        buyer_remark: order.text("buyer_memo")?,
        seller_remark: order.text("remark")?,
        waybills: Some(first).into_iter().filter(|first| !first.is_empty()).chain(further).collect(),
        ext_id,
    })
}

fn state(order: &Object<'_>) -> Result<Result<ChannelState, String>, Wrong> {
    order.need("order_status")?;
    if order::closed(order)? {
        return Ok(Ok(ChannelState::Cancelled));
    }
    let status = word(order, "order_status")?;
    Ok(match status.as_str() {
        "1" => Ok(ChannelState::Open),
        "2" => Ok(ChannelState::Shipped),
        "3" => Ok(ChannelState::Completed),
        _ => Err(status),
    })
}

/// The platform lists an order only once it is paid and its group full; of a deposit order it lists the deposit.
fn pay(order: &Object<'_>, refund: RefundState) -> Result<PayState, Wrong> {
    let (confirm, paid) = (word(order, "confirm_status")?, instant(order, "pay_time")?.is_some());
    if refund == RefundState::Refunded {
        return Ok(PayState::Refunded);
    }
    if order::closed(order)? {
        return Ok(if paid { PayState::Refunded } else { PayState::Unpaid });
    }
    if word(order, "trade_type")? == "1" {
        return Ok(match step(order)?.as_str() {
            "0" => PayState::Unpaid,
            "2" => PayState::Paid,
            _ => PayState::DepositPaid,
        });
    }
    Ok(if paid || confirm == "1" { PayState::Paid } else { PayState::Unpaid })
}

fn step(order: &Object<'_>) -> Result<String, Wrong> {
    word(&order.object("step_order_info")?, "step_trade_status")
}

/// Why an order must not ship although it looks paid: the platform forbids it, or uses a number nobody here knows.
fn must_wait(order: &Object<'_>) -> Result<Option<String>, Wrong> {
    let deposit = word(order, "trade_type")? == "1";
    let checks: [(&str, &[&str]); 6] = [
        ("risk_control_status", &["", "0"]),
        ("confirm_status", &["", "1", "2"]),
        ("trade_type", &["", "0", "1"]),
        ("refund_status", &["", "1", "2", "3", "4"]),
        // To be fetched by the buyer at a counter: no parcel at all.
        ("self_contained", &["", "0"]),
        // Its gift's own order is still being made; what leaves before is a parcel without the gift, or a gift twice.
        ("gift_order_status", &["", "1", "2"]),
    ];
    for (name, fine) in checks {
        let gifts = name != "gift_order_status" || !order.list("gift_list")?.is_empty();
        let found = word(order, name)?;
        if gifts && !fine.contains(&found.as_str()) {
            return Ok(Some(format!("{name}={found}")));
        }
    }
    if deposit && !["0", "1", "2"].contains(&step(order)?.as_str()) {
        return Ok(Some(format!("step_trade_status={}", step(order)?)));
    }
    if order::tagged(order, "ship_hold")? {
        return Ok(Some("ship_hold".to_owned()));
    }
    let after_sales = word(order, "after_sales_status")?;
    Ok(after_sale(&after_sales).is_none().then(|| format!("after_sales_status={after_sales}")))
}

/// `after_sales_status`. What is asked for beside money (an exchange, a repair, something sent again) counts as asked
/// for while it is open.
fn after_sale(status: &str) -> Option<RefundState> {
    match status {
        // Taken back, run out, done without money.
        "" | "0" | "11" | "12" | "13" | "16" | "17" | "24" | "25" => Some(RefundState::None),
        "2" | "3" | "8" | "14" | "15" | "18" | "21" | "22" | "27" | "32" => Some(RefundState::Requested),
        "4" | "5" | "7" | "31" | "33" => Some(RefundState::Agreed),
        "6" | "9" => Some(RefundState::Refused),
        "10" => Some(RefundState::Refunded),
        _ => None,
    }
}

/// The order's one refund, by its two fields: the one that stops more wins. An unknown number stops like a request; the
/// order's `must_wait` keeps it.
fn refund(order: &Object<'_>) -> Result<RefundState, Wrong> {
    let told = after_sale(&word(order, "after_sales_status")?).unwrap_or(RefundState::Requested);
    let (open, at_least) = match word(order, "refund_status")?.as_str() {
        "" | "1" => (false, RefundState::None),
        "3" => (true, RefundState::Agreed),
        "4" => return Ok(RefundState::Refunded),
        _ => (true, RefundState::Requested),
    };
    Ok(if open && !told.stops_shipping() { at_least } else { told })
}

fn line_facts(line: Line, virtual_goods: bool, refund: RefundState, unshipped: bool) -> LineFacts {
    LineFacts {
        refunded_qty: if refund == RefundState::Refunded && unshipped { line.qty } else { 0 },
        ext_line_id: line.id,
        ext_item: line.item,
        ext_sku: line.sku,
        outer_code: line.outer_code,
        title: line.title,
        spec: line.spec,
        qty: line.qty,
        unit_price: line.price,
        kind: match (virtual_goods, line.gift) {
            (true, _) => LineKind::Virtual,
            (false, true) => LineKind::Gift,
            (false, false) => LineKind::Sale,
        },
        refund,
    }
}

/// Ciphertext stays as it is. It is there only while the order waits to be shipped and is not under review; otherwise
/// masks, where the platform gives them. The waybill service takes ciphertext by the order's number, which therefore
/// is the token.
fn receiver(order: &Object<'_>, ext_id: &str) -> Result<Receiver, Wrong> {
    let or_mask = |name: &str| {
        let given = order.text(name)?;
        if given.is_empty() { order.text(&format!("{name}_mask")) } else { Ok(given) }
    };
    let (name, phone) = (or_mask("receiver_name")?, or_mask("receiver_phone")?);
    let street = or_mask("receiver_address")?;
    let somebody = !(name.is_empty() && phone.is_empty() && street.is_empty());
    Ok(Receiver {
        name,
        phone,
        country: country(&order.text("country")?),
        province: order.text("province")?,
        city: order.text("city")?,
        district: order.text("town")?,
        street,
        postcode: String::new(),
        email: String::new(),
        division: None,
        token: somebody.then(|| ext_id.to_owned()),
    })
}

/// A word for another country is left to the address step.
fn country(text: &str) -> String {
    match text.trim() {
        "" | "中国" | "CN" => "CN".to_owned(),
        _ => String::new(),
    }
}
