//! The shape of GraphQL: <https://shopify.dev/docs/api/admin-graphql/latest/objects/Order>, as `list::ORDER` asks.

use super::words::{self, Address, Refunds};
use crate::api::tail;
use huidan_domain::{Currency, LineFacts, Money, OrderFacts};
use huidan_exchange::json::{Json, Object, Wrong};

/// Reads an order from its nodes: the first says all, each has a part of the lines.
pub(super) fn order(nodes: &Json<'_>) -> Result<OrderFacts, Wrong> {
    let nodes = nodes.list()?;
    let first = nodes.first().ok_or_else(|| Wrong::at("", "holds no order"))?.object()?;
    let total = shop_money(&first, "totalPriceSet")?;
    let (pay, unknown) = words::pay(&first.text("displayFinancialStatus")?);
    let cancelled = first.get("cancelledAt").is_some();
    let (state, held) = words::state(cancelled, &first.text("displayFulfillmentStatus")?);
    let refunds = refunds(&first)?;
    let mut lines = Vec::new();
    for node in &nodes {
        for item in node.object()?.need("lineItems")?.object()?.need("nodes")?.list()? {
            lines.push(line(&item, total.currency, &refunds)?);
        }
    }
    let tags = first.list("tags")?.iter().map(Json::text).collect::<Result<Vec<_>, _>>()?;
    Ok(OrderFacts {
        ext_id: tail(&first.need("id")?)?,
        number: first.text("name")?,
        updated_at: first.need("updatedAt")?.rfc3339()?,
        placed_at: first.need("createdAt")?.rfc3339()?,
        paid_at: None,
        ship_by: None,
        pay,
        state,
        must_wait: words::must_wait(first.flag("test")?, [held, unknown]),
        lines,
        total,
        receiver: address(&first)?.receiver(),
        buyer_remark: first.text("note")?,
        seller_remark: tags.join(", "),
        waybills: waybills(&first)?,
    })
}

fn shop_money(object: &Object<'_>, name: &str) -> Result<Money, Wrong> {
    let money = object.need(name)?.object()?.need("shopMoney")?.object()?;
    money.need("amount")?.money(money.need("currencyCode")?.currency()?)
}

fn line(item: &Json<'_>, currency: Currency, refunds: &Refunds) -> Result<LineFacts, Wrong> {
    let item = item.object()?;
    let end_of = |name: &str| match item.get(name) {
        Some(object) => tail(&object.object()?.need("id")?),
        None => Ok(String::new()),
    };
    let ext_line_id = tail(&item.need("id")?)?;
    let (ext_item, variant) = (end_of("product")?, end_of("variant")?);
    let qty = item.need("quantity")?.whole()?;
    let current = item.get("currentQuantity").map(|current| current.whole()).transpose()?;
    let (refund, refunded_qty) = refunds.of(&ext_line_id, qty, current);
    let unit_price = shop_money(&item, "originalUnitPriceSet")?;
    if unit_price.currency != currency {
        return Err(item.wrong("originalUnitPriceSet", "is in another currency than the total"));
    }
    let ships = item.get("requiresShipping").map_or(Ok(true), |flag| flag.flag())?;
    Ok(LineFacts {
        ext_sku: if variant.is_empty() { ext_item.clone() } else { variant },
        ext_line_id,
        ext_item,
        outer_code: item.text("sku")?,
        title: item.text("title")?,
        spec: words::spec(item.text("variantTitle")?),
        qty,
        unit_price,
        kind: words::kind(ships, item.flag("isGiftCard")?),
        refund,
        refunded_qty,
    })
}

fn refunds(order: &Object<'_>) -> Result<Refunds, Wrong> {
    let mut refunds = Refunds::default();
    for refund in order.list("refunds")? {
        for line in refund.object()?.object("refundLineItems")?.list("nodes")? {
            let line = line.object()?;
            let id = tail(&line.need("lineItem")?.object()?.need("id")?)?;
            refunds.add(id, line.need("quantity")?.whole()?, &line.text("restockType")?);
        }
    }
    Ok(refunds)
}

fn waybills(order: &Object<'_>) -> Result<Vec<String>, Wrong> {
    let mut numbers = Vec::new();
    for fulfillment in order.list("fulfillments")? {
        let fulfillment = fulfillment.object()?;
        if words::stands(&fulfillment.text("status")?) {
            for tracking in fulfillment.list("trackingInfo")? {
                numbers.extend(Some(tracking.object()?.text("number")?).filter(|number| !number.is_empty()));
            }
        }
    }
    Ok(numbers)
}

fn address(order: &Object<'_>) -> Result<Address, Wrong> {
    let to = order.object("shippingAddress")?;
    let phone = to.text("phone")?;
    Ok(Address {
        first: to.text("firstName")?,
        last: to.text("lastName")?,
        name: to.text("name")?,
        company: to.text("company")?,
        lines: [to.text("address1")?, to.text("address2")?],
        city: to.text("city")?,
        province: to.text("province")?,
        zip: to.text("zip")?,
        country: to.text("countryCodeV2")?,
        phone: if phone.is_empty() { order.text("phone")? } else { phone },
        email: order.text("email")?,
    })
}
