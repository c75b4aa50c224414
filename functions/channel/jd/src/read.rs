//! An order as facts. Every state of the platform stands here by name.

use crate::order::{self, Parcels, id};
use crate::refund::Cancelling;
use huidan_channel::{Document, Reading, Unreadable};
use huidan_domain::{ChannelState, Currency, LineFacts, LineKind, Millis, OrderFacts, PayState, Receiver, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::time;

/// Pay on delivery (`payType`).
const ON_DELIVERY: &str = "1";
/// Services at a place, redeemed by a code (`orderType`).
const LOCAL_SERVICE: &str = "75";
/// Orders that leave from the platform's own warehouses (`storeOrder`).
const THEIR_WAREHOUSE: [&str; 2] = ["京仓订单", "云仓订单"];

/// Reads an order.
pub(crate) fn read(document: &Document) -> Result<Reading, Unreadable> {
    let facts = Json::parse(document.body.as_bytes()).and_then(|json| {
        let (order, requests) = order::parts(&json)?;
        facts(&order, &Cancelling::of(&requests)?)
    });
    Ok(facts.map(|facts| Reading::Order(Box::new(facts)))?)
}

fn facts(order: &Object<'_>, cancelling: &Cancelling) -> Result<OrderFacts, Wrong> {
    let ext_id = order.need("orderId")?.id()?;
    let status = order.need("orderState")?.text()?;
    let waybills = Parcels::of(order)?.numbers();
    let paid_at = instant(order, "paymentConfirmTime")?;
    let on_delivery = id(order, "payType")?.split('-').next() == Some(ON_DELIVERY);
    let service = id(order, "orderType")? == LOCAL_SERVICE;
    let need = |name| instant(order, name)?.ok_or_else(|| order.wrong(name, "is missing"));
    let refund = refund(&status, cancelling, paid_at.is_some());
    let pay = pay(&status, refund, paid_at.is_some(), on_delivery);
    let ended = state(&status) == Ok(ChannelState::Cancelled) || refund == RefundState::Refunded;
    let gone = ended && waybills.is_empty();
    Ok(OrderFacts {
        number: String::new(),
        updated_at: need("modified")?,
        placed_at: need("orderStartTime")?,
        paid_at,
        // The platform's documents name no deadline.
        ship_by: None,
        pay,
        state: state(&status),
        must_wait: must_wait(order, &status, cancelling)?,
        lines: lines(order, service, refund, gone)?,
        total: order.need("orderPayment")?.money(Currency::CNY)?,
        receiver: receiver(order, &ext_id)?,
        buyer_remark: order.text("orderRemark")?,
        seller_remark: order.text("venderRemark")?,
        waybills,
        ext_id,
    })
}

fn state(status: &str) -> Result<ChannelState, String> {
    match status {
        "WAIT_SELLER_STOCK_OUT"
        | "WAIT_SELLER_DELIVERY"
        | "LOCKED"
        | "PAUSE"
        | "POP_ORDER_PAUSE"
        | "WAIT_SEND_CODE" => Ok(ChannelState::Open),
        "WAIT_GOODS_RECEIVE_CONFIRM" => Ok(ChannelState::Shipped),
        "FINISHED_L" => Ok(ChannelState::Completed),
        "TRADE_CANCELED" | "PARENT_TRADE_CANCELED" => Ok(ChannelState::Cancelled),
        unknown => Err(unknown.to_owned()),
    }
}

/// The lists hold only orders that may be worked on, so an order in any state known here is paid or pays on delivery.
/// A parent that was split is cancelled; its money is its children's.
fn pay(status: &str, refund: RefundState, has_pay_time: bool, on_delivery: bool) -> PayState {
    match state(status) {
        Ok(ChannelState::Cancelled) if has_pay_time => PayState::Refunded,
        Ok(ChannelState::Cancelled) => PayState::Unpaid,
        Ok(_) if refund == RefundState::Refunded => PayState::Refunded,
        Ok(_) => PayState::Paid,
        Err(_) if has_pay_time || on_delivery => PayState::Paid,
        Err(_) => PayState::Unpaid,
    }
}

fn refund(status: &str, cancelling: &Cancelling, has_pay_time: bool) -> RefundState {
    match status {
        "TRADE_CANCELED" | "PARENT_TRADE_CANCELED" if has_pay_time => RefundState::Refunded,
        "TRADE_CANCELED" | "PARENT_TRADE_CANCELED" => RefundState::None,
        // Whoever may not read the requests still sees that one is being looked at.
        "LOCKED" if cancelling.state() == RefundState::None => RefundState::Requested,
        _ => cancelling.state(),
    }
}

/// What the platform itself stops: a request to cancel under review, a pause of the business, goods that leave from
/// its own warehouse; and a word on cancelling that nobody here knows.
fn must_wait(order: &Object<'_>, status: &str, cancelling: &Cancelling) -> Result<Option<String>, Wrong> {
    if ["LOCKED", "PAUSE", "POP_ORDER_PAUSE"].contains(&status) {
        return Ok(Some(status.to_owned()));
    }
    if let Some(word) = cancelling.unknown() {
        return Ok(Some(format!("refundapply {word}")));
    }
    let store = order.text("storeOrder")?;
    Ok(THEIR_WAREHOUSE.contains(&store.as_str()).then_some(store))
}

fn lines(order: &Object<'_>, service: bool, refund: RefundState, gone: bool) -> Result<Vec<LineFacts>, Wrong> {
    let items = order.need("itemInfoList")?.list()?;
    let mut lines: Vec<LineFacts> = Vec::with_capacity(items.len());
    for item in items {
        let mut line = line(&item.object()?, service, refund, gone)?;
        // Lines have no id of their own. A variant that stands there twice (bought, and given along) is told apart by
        // its place among its like.
        let before = lines.iter().filter(|known| known.ext_sku == line.ext_sku).count();
        if before > 0 {
            line.ext_line_id = format!("{}#{}", line.ext_line_id, before + 1);
        }
        lines.push(line);
    }
    Ok(lines)
}

fn line(item: &Object<'_>, service: bool, refund: RefundState, gone: bool) -> Result<LineFacts, Wrong> {
    let sku = item.need("skuId")?.id()?;
    let ware = id(item, "wareId")?;
    let price = item.need("jdPrice")?.money(Currency::CNY)?;
    let qty: u32 = item.need("itemTotal")?.whole()?;
    let kind = match (service, price.amount.is_zero()) {
        (true, _) => LineKind::Virtual,
        (false, true) => LineKind::Gift,
        (false, false) => LineKind::Sale,
    };
    Ok(LineFacts {
        ext_line_id: sku.clone(),
        ext_item: if ware.is_empty() { sku.clone() } else { ware },
        ext_sku: sku,
        outer_code: id(item, "outerSkuId")?,
        title: item.text("skuName")?,
        // Colour and size are part of the name.
        spec: String::new(),
        qty,
        unit_price: price,
        kind,
        refund,
        refunded_qty: if gone { qty } else { 0 },
    })
}

/// Name, phone and address are ciphertext and stay as they are; the waybill service opens them by the order's id.
fn receiver(order: &Object<'_>, ext_id: &str) -> Result<Receiver, Wrong> {
    let to = order.object("consigneeInfo")?;
    let (mobile, telephone) = (to.text("mobile")?, to.text("telephone")?);
    let phone = if mobile.trim().is_empty() { telephone } else { mobile };
    let (province, city, district) = (to.text("province")?, to.text("city")?, to.text("county")?);
    let street = to.text("fullAddress")?;
    // A phone that can be dialled is no ciphertext: a shop that decrypts for itself, or a test.
    let open = !phone.is_empty() && phone.bytes().all(|byte| byte.is_ascii_digit() || b"-+ ".contains(&byte));
    let street = match open {
        true => [&province, &city, &district].iter().fold(street.as_str(), below).to_owned(),
        false => street,
    };
    Ok(Receiver {
        name: to.text("fullname")?,
        token: (!open && !phone.is_empty()).then(|| ext_id.to_owned()),
        phone,
        country: "CN".to_owned(),
        province,
        city,
        district,
        street,
        postcode: String::new(),
        email: String::new(),
        division: None,
    })
}

/// What of an address stands below a division that it begins with.
fn below<'a>(address: &'a str, division: &&String) -> &'a str {
    address.strip_prefix(division.as_str()).unwrap_or(address)
}

/// A time that must be one where it is written; the platform writes the year 1 for none.
fn instant(order: &Object<'_>, name: &str) -> Result<Option<Millis>, Wrong> {
    let text = order.text(name)?;
    if text.is_empty() || text.starts_with("0001-01-01") {
        return Ok(None);
    }
    time::local(&text, time::CHINA).map(Some).ok_or_else(|| order.wrong(name, "is no time"))
}
