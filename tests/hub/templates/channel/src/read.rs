//! An order as the platform writes it.

use huidan_channel::{Document, Reading};
use huidan_domain::{ChannelState, Currency, LineFacts, LineKind, OrderFacts, PayState, Receiver, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};

/// Topic of an order that is there whole, pushed or listed or fetched.
pub(crate) const SAVED: &str = "order.saved";

/// Reads a document.
pub(crate) fn read(document: &Document) -> Result<Reading, Wrong> {
    let json = Json::parse(document.body.as_bytes())?;
    Ok(Reading::Order(Box::new(order(&json.object()?)?)))
}

fn order(order: &Object<'_>) -> Result<OrderFacts, Wrong> {
    let currency = order.need("currency")?.currency()?;
    let paid_at = order.get("paid_at").map(|at| at.rfc3339()).transpose()?;
    let (pay, state) = life(&order.need("status")?.text()?, paid_at.is_some());
    Ok(OrderFacts {
        ext_id: order.need("id")?.id()?,
        number: order.need("number")?.text()?,
        updated_at: order.need("updated_at")?.rfc3339()?,
        placed_at: order.need("placed_at")?.rfc3339()?,
        paid_at,
        ship_by: order.get("ship_by").map(|at| at.rfc3339()).transpose()?,
        pay,
        state,
        must_wait: order.flag("in_review")?.then(|| "平台审核中 / the platform is still reviewing it".to_owned()),
        lines: lines(order, currency)?,
        total: order.need("total")?.money(currency)?,
        receiver: receiver(order)?,
        buyer_remark: order.text("buyer_note")?,
        seller_remark: order.text("seller_note")?,
        waybills: waybills(order)?,
    })
}

/// Money and life by the status. A word nobody knows is kept, and then only a time of payment means paid.
fn life(status: &str, has_paid_at: bool) -> (PayState, Result<ChannelState, String>) {
    let paid = if has_paid_at { PayState::Paid } else { PayState::Unpaid };
    match status {
        "unpaid" => (PayState::Unpaid, Ok(ChannelState::Open)),
        "paid" => (PayState::Paid, Ok(ChannelState::Open)),
        "part_shipped" => (PayState::Paid, Ok(ChannelState::PartShipped)),
        "shipped" => (PayState::Paid, Ok(ChannelState::Shipped)),
        "completed" => (PayState::Paid, Ok(ChannelState::Completed)),
        "cancelled" => (paid, Ok(ChannelState::Cancelled)),
        "refunded" => (PayState::Refunded, Ok(ChannelState::Cancelled)),
        other => (paid, Err(other.to_owned())),
    }
}

/// A refund that nobody here knows stops its line as one that was asked for: better a question than a parcel too many.
fn refund(word: &str) -> RefundState {
    match word {
        "" | "none" => RefundState::None,
        "refused" => RefundState::Refused,
        "agreed" => RefundState::Agreed,
        "refunded" => RefundState::Refunded,
        _ => RefundState::Requested,
    }
}

fn lines(order: &Object<'_>, currency: Currency) -> Result<Vec<LineFacts>, Wrong> {
    let lines: Result<Vec<LineFacts>, Wrong> =
        order.need("lines")?.list()?.iter().map(|item| line(item, currency)).collect();
    let lines = lines?;
    if lines.is_empty() { Err(order.wrong("lines", "is empty")) } else { Ok(lines) }
}

fn line(item: &Json<'_>, currency: Currency) -> Result<LineFacts, Wrong> {
    let item = item.object()?;
    let qty: u32 = item.need("qty")?.whole()?;
    if qty == 0 {
        return Err(item.wrong("qty", "is zero"));
    }
    let refund = refund(&item.text("refund")?);
    Ok(LineFacts {
        ext_line_id: item.need("id")?.id()?,
        ext_item: item.id("product_id")?,
        ext_sku: item.id("variant_id")?,
        outer_code: item.text("sku")?,
        title: item.text("title")?,
        spec: item.text("variant")?,
        qty,
        unit_price: item.need("unit_price")?.money(currency)?,
        kind: if item.flag("gift")? { LineKind::Gift } else { LineKind::Sale },
        refund,
        refunded_qty: if refund == RefundState::Refunded { qty } else { 0 },
    })
}

fn receiver(order: &Object<'_>) -> Result<Receiver, Wrong> {
    let to = order.need("receiver")?.object()?;
    Ok(Receiver {
        name: to.need("name")?.text()?,
        phone: to.text("phone")?,
        country: to.text("country")?,
        province: to.text("province")?,
        city: to.text("city")?,
        district: to.text("district")?,
        street: to.need("street")?.text()?,
        postcode: to.text("postcode")?,
        ..Receiver::default()
    })
}

/// The numbers that the platform knows for an order.
pub(crate) fn waybills(order: &Object<'_>) -> Result<Vec<String>, Wrong> {
    order.list("shipments")?.iter().map(|shipment| shipment.object()?.need("number")?.text()).collect()
}
