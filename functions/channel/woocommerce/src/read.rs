//! An order: <https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties>.

mod address;
mod words;

use huidan_channel::{Document, Reading};
use huidan_domain::{Currency, LineFacts, LineKind, Millis, Money, OrderFacts, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::time;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::HashMap;

/// Topic of an order as a list or a call gave it; webhooks have the same shape.
pub(crate) const ORDER: &str = "rest/order";
/// Topic of an order with its refunds beside it: `{"order":…,"refunds":[…]}`.
pub(crate) const ORDER_AND_REFUNDS: &str = "rest/order+refunds";

/// The meta field in which an order's waybill numbers stand, separated by commas.
pub(crate) const TRACKING: &str = "_tracking_number";

/// Reads a document.
pub(crate) fn read(document: &Document) -> Result<Reading, Wrong> {
    let json = Json::parse(document.body.as_bytes())?.object()?;
    let order = if document.topic == ORDER_AND_REFUNDS {
        let refunds = json.get("refunds").map(|refunds| refunds.list()).transpose()?;
        order(&json.need("order")?.object()?, refunds.as_deref())?
    } else {
        order(&json, None)?
    };
    Ok(Reading::Order(Box::new(order)))
}

fn order(order: &Object<'_>, refunds: Option<&[Json<'_>]>) -> Result<OrderFacts, Wrong> {
    let currency = order.need("currency")?.currency()?;
    let status = order.need("status")?.text()?;
    let paid_at = order.get("date_paid_gmt").map(|at| instant(&at)).transpose()?;
    let some_refunded = !order.list("refunds")?.is_empty();
    let refunded = match status.as_str() {
        "refunded" => Refunded::All,
        _ => Refunded::Some(refunded(refunds.unwrap_or_default())?),
    };
    let unseen = some_refunded && refunds.is_none();
    let pays_on_delivery = order.text("payment_method")? == "cod" && paid_at.is_none();
    let lines = order.need("line_items")?.list()?;
    let id = order.need("id")?.id()?;
    let number = order.id("number")?;
    Ok(OrderFacts {
        number: if number.is_empty() { id.clone() } else { number },
        ext_id: id,
        updated_at: instant(&order.need("date_modified_gmt")?)?,
        placed_at: instant(&order.need("date_created_gmt")?)?,
        paid_at,
        ship_by: None,
        pay: words::pay(&status, paid_at.is_some(), some_refunded),
        state: words::state(&status),
        must_wait: words::must_wait(&status, unseen, pays_on_delivery),
        lines: lines.iter().map(|item| line(item, currency, &refunded)).collect::<Result<_, _>>()?,
        total: order.need("total")?.money(currency)?,
        receiver: address::receiver(order)?,
        buyer_remark: order.text("customer_note")?,
        seller_remark: String::new(),
        waybills: numbers(order)?.map(|(_, numbers)| numbers).unwrap_or_default(),
    })
}

/// The `_gmt` times are UTC and bear no zone.
pub(crate) fn instant(json: &Json<'_>) -> Result<Millis, Wrong> {
    let text = json.text()?;
    time::local(text.trim_end_matches('Z'), 0).ok_or_else(|| json.wrong("is no time"))
}

/// The id of the field of the numbers, and the numbers; `None` where the order has no such field.
pub(crate) fn numbers(order: &Object<'_>) -> Result<Option<(String, Vec<String>)>, Wrong> {
    for meta in order.list("meta_data")? {
        let meta = meta.object()?;
        if meta.text("key")? == TRACKING {
            let text = meta.get("value").map(|value| value.text()).transpose()?.unwrap_or_default();
            let numbers = text.split(',').map(str::trim).filter(|number| !number.is_empty());
            return Ok(Some((meta.id("id")?, numbers.map(str::to_owned).collect())));
        }
    }
    Ok(None)
}

/// What was refunded.
enum Refunded {
    /// The whole order, also where a shop refunded an amount and named no goods.
    All,
    /// So many of each line, by its id.
    Some(HashMap<String, u32>),
}

fn line(item: &Json<'_>, currency: Currency, refunded: &Refunded) -> Result<LineFacts, Wrong> {
    let item = item.object()?;
    let ext_line_id = item.need("id")?.id()?;
    let none_if_zero = |name: &str| item.id(name).map(|id| if id == "0" { String::new() } else { id });
    let (ext_item, variation) = (none_if_zero("product_id")?, none_if_zero("variation_id")?);
    let qty: u32 = item.need("quantity")?.whole()?;
    let gone = match refunded {
        Refunded::All => qty,
        Refunded::Some(by_line) => by_line.get(&ext_line_id).copied().unwrap_or_default().min(qty),
    };
    Ok(LineFacts {
        ext_sku: if variation.is_empty() { ext_item.clone() } else { variation },
        ext_line_id,
        ext_item,
        outer_code: item.text("sku")?,
        title: item.text("name")?,
        spec: spec(&item)?,
        qty,
        unit_price: price(&item, currency)?,
        kind: LineKind::Sale,
        refund: if qty > 0 && gone == qty { RefundState::Refunded } else { RefundState::None },
        refunded_qty: gone,
    })
}

/// The price of one is what the shop divided out of the line's total, a number of many places: it is rounded half away
/// from zero to the minor unit, as the shop itself shows it.
fn price(item: &Object<'_>, currency: Currency) -> Result<Money, Wrong> {
    let price = item.need("price")?;
    let text = price.decimal()?;
    let exact = Decimal::from_str_exact(text.trim()).or_else(|_| Decimal::from_scientific(text.trim()));
    let exact = exact.map_err(|_| price.wrong("is not a decimal amount"))?;
    let amount = exact.round_dp_with_strategy(currency.exponent(), RoundingStrategy::MidpointAwayFromZero);
    let money = Money { amount, currency };
    money.minor().map_err(|error| price.wrong(format!("is {error}")))?;
    Ok(money)
}

/// What the buyer chose, as the shop shows it; fields that begin with `_` are the shop's own.
fn spec(item: &Object<'_>) -> Result<String, Wrong> {
    let mut words = Vec::new();
    for meta in item.list("meta_data")? {
        let meta = meta.object()?;
        let shown = meta.get("display_value").or_else(|| meta.get("value"));
        if meta.text("key")?.starts_with('_') {
            continue;
        }
        // A plugin may keep anything there; only words are shown.
        if let Some(Ok(value)) = shown.map(|value| value.text()) {
            words.push(value);
        }
    }
    Ok(words.join(" "))
}

/// How many of each line were refunded, by the line's id. A refund's lines count down: `"quantity":-1`.
fn refunded(refunds: &[Json<'_>]) -> Result<HashMap<String, u32>, Wrong> {
    let mut refunded: HashMap<String, u32> = HashMap::new();
    for refund in refunds {
        for item in refund.object()?.list("line_items")? {
            let item = item.object()?;
            let qty: i64 = item.need("quantity")?.whole()?;
            for meta in item.list("meta_data")? {
                let meta = meta.object()?;
                if meta.text("key")? == "_refunded_item_id" {
                    let sum = refunded.entry(meta.need("value")?.id()?).or_default();
                    *sum = sum.saturating_add(u32::try_from(qty.unsigned_abs()).unwrap_or(u32::MAX));
                }
            }
        }
    }
    Ok(refunded)
}
