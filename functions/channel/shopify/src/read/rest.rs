//! The shape of webhooks: <https://shopify.dev/docs/api/admin-rest/latest/resources/order>.

use super::words::{self, Address, Refunds};
use huidan_domain::{Currency, LineFacts, OrderFacts};
use huidan_exchange::json::{Json, Object, Wrong};

/// Reads an order.
pub(super) fn order(order: &Object<'_>) -> Result<OrderFacts, Wrong> {
    let currency = order.need("currency")?.currency()?;
    let (pay, unknown) = words::pay(&order.text("financial_status")?);
    let cancelled = order.get("cancelled_at").is_some();
    let (state, held) = words::state(cancelled, &order.text("fulfillment_status")?);
    let refunds = refunds(order)?;
    let lines = order.need("line_items")?.list()?;
    Ok(OrderFacts {
        ext_id: order.need("id")?.id()?,
        number: order.text("name")?,
        updated_at: order.need("updated_at")?.rfc3339()?,
        placed_at: order.need("created_at")?.rfc3339()?,
        // The order names no time of payment.
        paid_at: None,
        ship_by: None,
        pay,
        state,
        must_wait: words::must_wait(order.flag("test")?, [held, unknown]),
        lines: lines.iter().map(|item| line(item, currency, &refunds)).collect::<Result<_, _>>()?,
        total: order.need("total_price")?.money(currency)?,
        receiver: address(order)?.receiver(),
        buyer_remark: order.text("note")?,
        seller_remark: order.text("tags")?,
        waybills: waybills(order)?,
    })
}

fn line(item: &Json<'_>, currency: Currency, refunds: &Refunds) -> Result<LineFacts, Wrong> {
    let item = item.object()?;
    let ext_line_id = item.need("id")?.id()?;
    let ext_item = item.id("product_id")?;
    let variant = item.id("variant_id")?;
    let qty = item.need("quantity")?.whole()?;
    let current = item.get("current_quantity").map(|current| current.whole()).transpose()?;
    let (refund, refunded_qty) = refunds.of(&ext_line_id, qty, current);
    let ships = item.get("requires_shipping").map_or(Ok(true), |flag| flag.flag())?;
    Ok(LineFacts {
        ext_sku: if variant.is_empty() { ext_item.clone() } else { variant },
        ext_line_id,
        ext_item,
        outer_code: item.text("sku")?,
        title: item.text("title")?,
        spec: words::spec(item.text("variant_title")?),
        qty,
        unit_price: item.need("price")?.money(currency)?,
        kind: words::kind(ships, item.flag("gift_card")?),
        refund,
        refunded_qty,
    })
}

fn refunds(order: &Object<'_>) -> Result<Refunds, Wrong> {
    let mut refunds = Refunds::default();
    for refund in order.list("refunds")? {
        for line in refund.object()?.list("refund_line_items")? {
            let line = line.object()?;
            let (id, qty) = (line.need("line_item_id")?.id()?, line.need("quantity")?.whole()?);
            refunds.add(id, qty, &line.text("restock_type")?);
        }
    }
    Ok(refunds)
}

fn waybills(order: &Object<'_>) -> Result<Vec<String>, Wrong> {
    let mut numbers = Vec::new();
    for fulfillment in order.list("fulfillments")? {
        let fulfillment = fulfillment.object()?;
        if words::stands(&fulfillment.text("status")?) {
            for number in fulfillment.list("tracking_numbers")? {
                numbers.push(number.text()?);
            }
        }
    }
    Ok(numbers)
}

fn address(order: &Object<'_>) -> Result<Address, Wrong> {
    let to = order.object("shipping_address")?;
    let (phone, email) = (to.text("phone")?, order.text("email")?);
    Ok(Address {
        first: to.text("first_name")?,
        last: to.text("last_name")?,
        name: to.text("name")?,
        company: to.text("company")?,
        lines: [to.text("address1")?, to.text("address2")?],
        city: to.text("city")?,
        province: to.text("province")?,
        zip: to.text("zip")?,
        country: to.text("country_code")?,
        phone: if phone.is_empty() { order.text("phone")? } else { phone },
        email: if email.is_empty() { order.text("contact_email")? } else { email },
    })
}
