//! An order as facts. Every status of the platform stands here by name.

use crate::{marketplace, packages};
use huidan_channel::{Document, Reading, Unreadable, with_company};
use huidan_domain::{ChannelState, Currency, LineFacts, LineKind, Money, OrderFacts, PayState, Receiver, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};

/// Reads an order.
pub(crate) fn read(document: &Document) -> Result<Reading, Unreadable> {
    let facts = Json::parse(document.body.as_bytes()).and_then(|json| facts(&json.object()?));
    Ok(facts.map(|facts| Reading::Order(Box::new(facts)))?)
}

fn facts(document: &Object<'_>) -> Result<OrderFacts, Wrong> {
    let order = document.need("order")?.object()?;
    let ext_id = order.need("AmazonOrderId")?.id()?;
    let status = order.need("OrderStatus")?.text()?;
    let currency = currency(&order)?;
    let items = document.need("items")?.list()?;
    let items = items.iter().map(Json::object).collect::<Result<Vec<_>, _>>()?;
    let number = order.id("SellerOrderId")?;
    Ok(OrderFacts {
        number: if number == ext_id { String::new() } else { number },
        updated_at: order.need("LastUpdateDate")?.rfc3339()?,
        placed_at: order.need("PurchaseDate")?.rfc3339()?,
        // The platform takes the money and does not say when.
        paid_at: None,
        ship_by: order.get("LatestShipDate").map(|at| at.rfc3339()).transpose()?,
        pay: pay(&status),
        state: state(&status),
        must_wait: must_wait(&order)?,
        lines: items.iter().map(|item| line(item, &status, currency)).collect::<Result<_, _>>()?,
        total: money(&order, "OrderTotal", currency)?,
        receiver: receiver(&order)?,
        buyer_remark: gift_notes(&items)?,
        seller_remark: String::new(),
        waybills: packages::numbers(document)?,
        ext_id,
    })
}

fn state(status: &str) -> Result<ChannelState, String> {
    match status {
        "PendingAvailability" | "Pending" | "Unshipped" => Ok(ChannelState::Open),
        "PartiallyShipped" => Ok(ChannelState::PartShipped),
        // All of it is shipped, and the invoice is not confirmed yet.
        "Shipped" | "InvoiceUnconfirmed" => Ok(ChannelState::Shipped),
        "Canceled" | "Unfulfillable" => Ok(ChannelState::Cancelled),
        unknown => Err(unknown.to_owned()),
    }
}

/// An order is shown as unshipped once its payment is authorised; what is pending has neither address nor price. An
/// order that is cancelled was never charged.
fn pay(status: &str) -> PayState {
    match status {
        "Unshipped" | "PartiallyShipped" | "Shipped" | "InvoiceUnconfirmed" => PayState::Paid,
        _ => PayState::Unpaid,
    }
}

/// What is not the seller's to ship by a carrier of his own: the platform's own warehouse, pick-up in a store, and
/// parcels that the platform collects with its own label.
fn must_wait(order: &Object<'_>) -> Result<Option<String>, Wrong> {
    let channel = order.text("FulfillmentChannel")?;
    if !matches!(channel.as_str(), "" | "MFN") {
        return Ok(Some(channel));
    }
    if order.flag("IsISPU")? {
        return Ok(Some("IsISPU".to_owned()));
    }
    let easy_ship = order.text("EasyShipShipmentStatus")?;
    Ok((!easy_ship.is_empty()).then(|| "EasyShip".to_owned()))
}

fn line(item: &Object<'_>, status: &str, currency: Currency) -> Result<LineFacts, Wrong> {
    let asin = item.need("ASIN")?.id()?;
    let qty: u32 = item.need("QuantityOrdered")?.whole()?;
    let shipped: u32 = item.get("QuantityShipped").map_or(Ok(0), |shipped| shipped.whole())?;
    let sku = item.id("SellerSKU")?;
    let gone = state(status) == Ok(ChannelState::Cancelled);
    Ok(LineFacts {
        ext_line_id: item.need("OrderItemId")?.id()?,
        ext_sku: if sku.is_empty() { asin.clone() } else { sku.clone() },
        ext_item: asin,
        outer_code: sku,
        title: item.text("Title")?,
        spec: String::new(),
        qty,
        unit_price: unit_price(money(item, "ItemPrice", currency)?, qty),
        kind: LineKind::Sale,
        refund: refund(item)?,
        refunded_qty: if gone { qty.saturating_sub(shipped) } else { 0 },
    })
}

/// The platform prices a line and not one of it. Where that does not divide, it is rounded down to the minor unit.
fn unit_price(line: Money, qty: u32) -> Money {
    match (line.minor(), qty) {
        (Ok(minor), 2..) => Money::from_minor(minor / i64::from(qty), line.currency),
        _ => line,
    }
}

/// The buyer's wish to cancel; the word for it is text in the platform's model and a truth value now and then.
fn refund(item: &Object<'_>) -> Result<RefundState, Wrong> {
    let wish = item.object("BuyerRequestedCancel")?;
    match wish.get("IsBuyerRequestedCancel").map(|wish| wish.raw().trim_matches('"').to_lowercase()) {
        None => Ok(RefundState::None),
        Some(word) if word == "false" || word.is_empty() => Ok(RefundState::None),
        // True, and whatever else may stand there: somebody wants something.
        Some(_) => Ok(RefundState::Requested),
    }
}

/// The order's currency: that of its total, or else of its marketplace.
fn currency(order: &Object<'_>) -> Result<Currency, Wrong> {
    match order.object("OrderTotal")?.get("CurrencyCode") {
        Some(code) => code.currency(),
        None => {
            let marketplace = order.text("MarketplaceId")?;
            marketplace::currency(&marketplace).ok_or_else(|| order.wrong("MarketplaceId", "has no currency"))
        }
    }
}

/// An amount; nothing where it is not named, as of an order that is pending.
fn money(of: &Object<'_>, name: &str, currency: Currency) -> Result<Money, Wrong> {
    let amount = of.object(name)?;
    match amount.get("Amount") {
        None => Ok(Money::from_minor(0, currency)),
        Some(value) => {
            if amount.need("CurrencyCode")?.currency()? != currency {
                return Err(amount.wrong("CurrencyCode", "differs from the order's"));
            }
            value.money(currency)
        }
    }
}

fn receiver(order: &Object<'_>) -> Result<Receiver, Wrong> {
    let to = order.object("ShippingAddress")?;
    let mut street: Vec<String> = Vec::new();
    for name in ["AddressLine1", "AddressLine2", "AddressLine3"] {
        let line = to.text(name)?;
        if !line.trim().is_empty() {
            street.push(line.trim().to_owned());
        }
    }
    let district = to.text("District")?;
    Ok(Receiver {
        name: with_company(to.text("Name")?, &to.text("CompanyName")?),
        phone: to.text("Phone")?,
        // The platform's own address, which passes letters on to the buyer's.
        email: order.object("BuyerInfo")?.text("BuyerEmail")?,
        country: to.text("CountryCode")?,
        province: to.text("StateOrRegion")?,
        city: to.text("City")?,
        district: if district.is_empty() { to.text("County")? } else { district },
        street: street.join(", "),
        postcode: to.text("PostalCode")?,
        division: None,
        token: None,
    })
}

/// What buyers write to whom they give, each once.
fn gift_notes(items: &[Object<'_>]) -> Result<String, Wrong> {
    let mut notes: Vec<String> = Vec::new();
    for item in items {
        let note = item.object("BuyerInfo")?.text("GiftMessageText")?;
        if !note.trim().is_empty() && !notes.contains(&note) {
            notes.push(note);
        }
    }
    Ok(notes.join("\n"))
}
