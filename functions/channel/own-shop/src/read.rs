//! An order as `PROTOCOL.md` writes it.

use huidan_channel::{Document, Reading};
use huidan_domain::{ChannelState, Currency, LineFacts, LineKind, OrderFacts, PayState, Receiver, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};
use std::collections::HashSet;

/// Topic of an order as it is.
pub(crate) const SAVED: &str = "order.saved";
/// Topic of an order that is cancelled, whatever its status says.
pub(crate) const CANCELLED: &str = "order.cancelled";

/// Reads a document.
pub(crate) fn read(document: &Document) -> Result<Reading, Wrong> {
    let json = Json::parse(document.body.as_bytes())?;
    Ok(Reading::Order(Box::new(order(&json.object()?, &document.topic)?)))
}

/// Reads an order.
pub(crate) fn order(order: &Object<'_>, topic: &str) -> Result<OrderFacts, Wrong> {
    let currency = order.need("currency")?.currency()?;
    let status = if topic == CANCELLED { "cancelled".to_owned() } else { order.need("status")?.text()? };
    let paid_at = order.get("paid_at").map(|at| at.rfc3339()).transpose()?;
    let (pay, state, refund) = life(&status, paid_at.is_some());
    let ext_id = order.need("id")?.id()?;
    Ok(OrderFacts {
        number: ext_id.clone(),
        ext_id,
        updated_at: order.need("updated_at")?.rfc3339()?,
        placed_at: order.need("placed_at")?.rfc3339()?,
        paid_at,
        ship_by: None,
        pay,
        state,
        must_wait: None,
        lines: lines(order, currency, refund)?,
        total: order.need("total")?.money(currency)?,
        receiver: receiver(order)?,
        buyer_remark: order.text("buyer_remark")?,
        seller_remark: order.text("seller_remark")?,
        waybills: Vec::new(),
    })
}

/// Money, life and refund by the status; a word nobody knows is kept, and then only a time of payment means paid.
fn life(status: &str, has_paid_at: bool) -> (PayState, Result<ChannelState, String>, RefundState) {
    let paid = if has_paid_at { PayState::Paid } else { PayState::Unpaid };
    match status {
        "unpaid" => (PayState::Unpaid, Ok(ChannelState::Open), RefundState::None),
        "paid" => (PayState::Paid, Ok(ChannelState::Open), RefundState::None),
        "shipped" => (PayState::Paid, Ok(ChannelState::Shipped), RefundState::None),
        "completed" => (PayState::Paid, Ok(ChannelState::Completed), RefundState::None),
        "refunding" => (PayState::Paid, Ok(ChannelState::Open), RefundState::Requested),
        "refunded" => (PayState::Refunded, Ok(ChannelState::Cancelled), RefundState::Refunded),
        "cancelled" => (paid, Ok(ChannelState::Cancelled), RefundState::None),
        other => (paid, Err(other.to_owned()), RefundState::None),
    }
}

fn lines(order: &Object<'_>, currency: Currency, refund: RefundState) -> Result<Vec<LineFacts>, Wrong> {
    let mut ids = HashSet::new();
    let mut lines = Vec::new();
    for item in order.need("lines")?.list()? {
        let line = line(&item, currency, refund)?;
        if !ids.insert(line.ext_line_id.clone()) {
            return Err(item.object()?.wrong("id", "is the id of an earlier line too"));
        }
        lines.push(line);
    }
    if lines.is_empty() { Err(order.wrong("lines", "is empty")) } else { Ok(lines) }
}

fn line(item: &Json<'_>, currency: Currency, refund: RefundState) -> Result<LineFacts, Wrong> {
    let item = item.object()?;
    let qty: u32 = item.need("qty")?.whole()?;
    if qty == 0 {
        return Err(item.wrong("qty", "is zero"));
    }
    let sku = item.text("sku")?;
    Ok(LineFacts {
        ext_line_id: item.need("id")?.id()?,
        ext_item: sku.clone(),
        ext_sku: sku.clone(),
        outer_code: sku,
        title: item.text("title")?,
        spec: item.text("spec")?,
        qty,
        unit_price: item.need("unit_price")?.money(currency)?,
        kind: LineKind::Sale,
        refund,
        refunded_qty: if refund == RefundState::Refunded { qty } else { 0 },
    })
}

fn receiver(order: &Object<'_>) -> Result<Receiver, Wrong> {
    let to = order.need("receiver")?.object()?;
    Ok(Receiver {
        name: to.need("name")?.text()?,
        phone: to.text("phone")?,
        email: to.text("email")?,
        country: to.text("country")?,
        province: to.text("province")?,
        city: to.text("city")?,
        district: to.text("district")?,
        street: to.need("address")?.text()?,
        postcode: to.text("postcode")?,
        ..Receiver::default()
    })
}
