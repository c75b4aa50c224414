//! A document as an order. Every status and refund status of the platform stands here by its number.

use crate::order::{self, Line, fen, instant};
use huidan_channel::{Document, Reading};
use huidan_domain::{ChannelState, LineFacts, LineKind, Millis, Money, OrderFacts, PayState, Receiver, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};

/// Reads an order.
pub(crate) fn read(document: &Document) -> Result<Reading, Wrong> {
    let json = Json::parse(document.body.as_bytes())?;
    Ok(Reading::Order(Box::new(facts(&order::unwrapped(&json)?)?)))
}

fn facts(order: &Object<'_>) -> Result<OrderFacts, Wrong> {
    let base = order.need("orderBaseInfo")?.object()?;
    let lines = order::lines(order)?;
    let status = base.need("status")?.id()?;
    let after_sale = AfterSale::of(order)?;
    let need = |name| instant(&base, name)?.ok_or_else(|| base.wrong(name, "is missing"));
    let paid_at = instant(&base, "payTime")?;
    let virtual_goods = is_virtual(&base)?;
    let mut waybills: Vec<String> = Vec::new();
    for number in lines.iter().flat_map(Line::numbers) {
        if !waybills.iter().any(|known| known == number) {
            waybills.push(number.to_owned());
        }
    }
    let state = state(&status, &lines);
    let closed_paid = status == "80" && paid_at.is_some();
    let lines: Vec<LineFacts> =
        lines.into_iter().map(|line| line_facts(line, &after_sale, closed_paid, virtual_goods)).collect();
    Ok(OrderFacts {
        ext_id: base.need("oid")?.id()?,
        number: String::new(),
        updated_at: need("updateTime")?,
        placed_at: need("createTime")?,
        paid_at,
        ship_by: ship_by(&base)?,
        pay: pay(&status, paid_at.is_some(), &lines),
        state,
        must_wait: must_wait(&base, &after_sale)?,
        lines,
        total: total(&base)?,
        receiver: receiver(order, &base)?,
        buyer_remark: base.text("remark")?,
        seller_remark: seller_remark(order)?,
        waybills,
    })
}

/// The status is that of the order's own line; a gift has one of its own.
fn state(status: &str, lines: &[Line]) -> Result<ChannelState, String> {
    match status {
        "30" if lines.iter().any(Line::shipped) => Ok(ChannelState::PartShipped),
        "10" | "30" => Ok(ChannelState::Open),
        "40" if lines.iter().any(|line| line.partly() || line.status == "30") => Ok(ChannelState::PartShipped),
        "40" | "50" => Ok(ChannelState::Shipped),
        "70" => Ok(ChannelState::Completed),
        "80" => Ok(ChannelState::Cancelled),
        unknown => Err(unknown.to_owned()),
    }
}

/// What is still to be paid although something was paid is a presale behind its deposit.
fn pay(status: &str, has_pay_time: bool, lines: &[LineFacts]) -> PayState {
    match (status, has_pay_time) {
        ("10", true) => return PayState::DepositPaid,
        ("10", false) | ("80", false) => return PayState::Unpaid,
        ("80", true) => return PayState::Refunded,
        ("30" | "40" | "50" | "70", _) | (_, true) => {}
        (_, false) => return PayState::Unpaid,
    }
    let refunded = lines.iter().filter(|line| line.refund == RefundState::Refunded).count();
    match refunded {
        0 => PayState::Paid,
        all if all == lines.len() => PayState::Refunded,
        _ => PayState::PartiallyRefunded,
    }
}

/// The newest after-sale. The platform lists no more than that with an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct AfterSale {
    status: String,
    way: String,
    special: String,
}

impl AfterSale {
    /// The one that stops the goods, where there are several; otherwise the last.
    fn of(order: &Object<'_>) -> Result<Self, Wrong> {
        let mut listed = order.list("orderRefundList")?;
        // The detail call is said to call it so.
        listed.extend(order.list("orderDetailRefundList")?);
        let mut found = Self::default();
        for one in listed {
            let one = one.object()?;
            let status = one.need("refundStatus")?.id()?;
            let this = Self { status, way: one.id("handlingWay")?, special: one.id("specialRefundType")? };
            if !found.state().stops_shipping() {
                found = this;
            }
        }
        Ok(found)
    }

    /// `None` for a word nobody here knows.
    fn known(&self) -> Option<RefundState> {
        if self.special == "1" {
            // The price is made good, the goods go their way.
            return Some(RefundState::None);
        }
        match self.status.as_str() {
            // 70: closed without a refund.
            "" | "0" | "70" => Some(RefundState::None),
            // 20 and 21: the platform decides.
            "10" | "11" | "20" | "21" => Some(RefundState::Requested),
            "12" => Some(RefundState::Refused),
            "22" | "30" | "50" => Some(RefundState::Agreed),
            "40" => Some(RefundState::ReturnInTransit),
            "23" | "45" => Some(RefundState::Received),
            // An exchange, a second sending or a repair that came to its end pays nothing back.
            "60" if matches!(self.way.as_str(), "3" | "4" | "5") => Some(RefundState::None),
            "60" => Some(RefundState::Refunded),
            _ => None,
        }
    }

    /// An unknown word stops the goods like a request.
    fn state(&self) -> RefundState {
        self.known().unwrap_or(RefundState::Requested)
    }
}

/// Why an order must not ship although it is paid: the platform refuses to have it shipped, or uses a word that nobody
/// here knows.
fn must_wait(base: &Object<'_>, after_sale: &AfterSale) -> Result<Option<String>, Wrong> {
    let risk = base.get("riskCode").filter(|risk| !["0", "\"\"", "\"0\""].contains(&risk.raw()));
    if let Some(risk) = risk {
        return Ok(Some(format!("riskCode {}", risk.id()?)));
    }
    let codes = base.list("disableDeliveryReasonCode")?;
    if !codes.is_empty() {
        let codes = codes.iter().map(Json::id).collect::<Result<Vec<_>, _>>()?;
        return Ok(Some(format!("disableDeliveryReasonCode {}", codes.join(","))));
    }
    Ok(after_sale.known().is_none().then(|| format!("refundStatus {}", after_sale.status)))
}

fn line_facts(line: Line, after_sale: &AfterSale, closed_paid: bool, virtual_goods: bool) -> LineFacts {
    let refund = match (closed_paid, line.gift) {
        (true, _) => RefundState::Refunded,
        // The after-sale is about the goods that were paid for; a gift goes with them.
        (false, _) => after_sale.state(),
    };
    let gone = line.closed() || refund == RefundState::Refunded;
    let kind = match (virtual_goods, line.gift) {
        (true, _) => LineKind::Virtual,
        (false, true) => LineKind::Gift,
        (false, false) => LineKind::Sale,
    };
    LineFacts {
        refunded_qty: if gone && !line.shipped() { line.qty } else { 0 },
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

/// Top-ups, vouchers, memberships, fuel cards and electronic tickets: nothing to ship.
fn is_virtual(base: &Object<'_>) -> Result<bool, Wrong> {
    Ok(matches!(base.id("coType")?.as_str(), "2" | "3" | "9" | "13" | "14"))
}

/// The promise that holds for presales too; otherwise the one counted from the payment.
fn ship_by(base: &Object<'_>) -> Result<Option<Millis>, Wrong> {
    match instant(base, "validPromiseShipmentTimeStamp")? {
        Some(at) => Ok(Some(at)),
        None => instant(base, "promiseTimeStampOfDelivery"),
    }
}

/// The goods less the discount, and the freight; in fen.
fn total(base: &Object<'_>) -> Result<Money, Wrong> {
    let fee = |name: &str| -> Result<i64, Wrong> { base.get(name).map_or(Ok(0), |fee| fee.whole()) };
    let goods: i64 = base.need("totalFee")?.whole()?;
    let (discount, freight) = (fee("discountFee")?, fee("expressFee")?);
    let sum = goods.checked_sub(discount).and_then(|rest| rest.checked_add(freight));
    sum.map(|sum| fen(sum.max(0))).ok_or_else(|| base.wrong("totalFee", "is no amount"))
}

/// Notes of the seller, in either form that the platform is known to write.
fn seller_remark(order: &Object<'_>) -> Result<String, Wrong> {
    let note = order.object("orderNote")?;
    let mut notes = Vec::new();
    for one in note.list("orderNoteInfo")? {
        notes.push(one.object()?.text("note")?);
    }
    for one in note.list("sellerNote")? {
        notes.push(one.text()?);
    }
    notes.retain(|note| !note.is_empty());
    Ok(notes.join("；"))
}

/// Encrypted texts stay as they are: the waybill service takes them, with the order's number. So that is the token.
fn receiver(order: &Object<'_>, base: &Object<'_>) -> Result<Receiver, Wrong> {
    let address = order.object("orderAddress")?;
    let best = |names: [&str; 3]| -> Result<String, Wrong> {
        for name in names {
            let text = address.text(name)?;
            if !text.is_empty() {
                return Ok(text);
            }
        }
        Ok(String::new())
    };
    let sealed = |name: &str| address.text(name).map(|text| !text.is_empty());
    let encrypted = sealed("encryptedConsignee")? && sealed("encryptedMobile")? && sealed("encryptedAddress")?;
    Ok(Receiver {
        name: best(["encryptedConsignee", "consignee", "desensitiseConsignee"])?,
        phone: best(["encryptedMobile", "mobile", "desensitiseMobile"])?,
        country: "CN".to_owned(),
        province: address.text("province")?,
        city: address.text("city")?,
        district: address.text("district")?,
        street: best(["encryptedAddress", "address", "desensitiseAddress"])?,
        postcode: String::new(),
        email: String::new(),
        division: None,
        token: if encrypted { Some(base.need("oid")?.id()?) } else { None },
    })
}
