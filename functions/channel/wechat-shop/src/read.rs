//! An order as the hub knows orders.

use crate::order::{self, Line};
use crate::refund::{self, Refund};
use huidan_channel::{Document, Reading, Unreadable};
use huidan_domain::{ChannelState, LineFacts, LineKind, OrderFacts, PayState, Receiver, RefundState};
use huidan_exchange::json::{Json, Object, Wrong};

/// Reads an order with its after-sales.
pub(crate) fn read(document: &Document) -> Result<Reading, Unreadable> {
    let facts = Json::parse(document.body.as_bytes()).and_then(|json| facts(&json.object()?));
    facts
        .map(|facts| Reading::Order(Box::new(facts)))
        .map_err(|wrong| Unreadable { field: wrong.field, detail: wrong.detail })
}

/// `deliver_method`: nothing is carried.
const NOTHING_CARRIED: &str = "1";
/// The giver paid, and whom it goes to has not said yes and where to.
const GIFT_OPEN: &str = "12";

fn facts(document: &Object<'_>) -> Result<OrderFacts, Wrong> {
    let order = document.need("order")?.object()?;
    let detail = order.need("order_detail")?.object()?;
    let delivery = detail.object("delivery_info")?;
    let parcels = order::parcels(&detail)?;
    let lines = order::lines(&detail, &parcels)?;
    let after_sales = refund::after_sales(&document.list("after_sales")?)?;
    let refunds: Vec<Refund> = lines.iter().map(|line| refund::of(line, &after_sales)).collect();
    let status = order.need("status")?.id()?;
    let need = |name| order::seconds(&order, name)?.ok_or_else(|| order.wrong(name, "is missing"));
    let paid_at = order::seconds(&detail.object("pay_info")?, "pay_time")?;
    let remarks = detail.object("ext_info")?;
    let ext_id = order.need("order_id")?.id()?;
    let nothing_carried = delivery.id("deliver_method")? == NOTHING_CARRIED;
    let mut waybills: Vec<String> = Vec::new();
    for parcel in parcels.into_iter().filter(|parcel| !parcel.waybill.is_empty()) {
        if !waybills.contains(&parcel.waybill) {
            waybills.push(parcel.waybill);
        }
    }
    Ok(OrderFacts {
        number: String::new(),
        updated_at: need("update_time")?,
        placed_at: need("create_time")?,
        paid_at,
        ship_by: lines.iter().filter_map(|line| line.ship_by).min(),
        pay: pay(&status, paid_at.is_some(), &refunds),
        state: state(&status),
        must_wait: must_wait(&status, &delivery, &lines, &refunds)?,
        receiver: receiver(&delivery, &ext_id)?,
        ext_id,
        lines: lines
            .into_iter()
            .zip(refunds)
            .map(|(line, refund)| line_facts(line, &refund, nothing_carried))
            .collect(),
        total: order::fen(&detail.need("price_info")?.object()?, "order_price")?,
        buyer_remark: remarks.text("customer_notes")?,
        seller_remark: remarks.text("merchant_notes")?,
        waybills,
    })
}

fn state(status: &str) -> Result<ChannelState, String> {
    match status {
        "10" | "12" | "20" => Ok(ChannelState::Open),
        "21" => Ok(ChannelState::PartShipped),
        "30" => Ok(ChannelState::Shipped),
        "100" => Ok(ChannelState::Completed),
        // Before payment; every line sold back; cancelled, whatever was paid.
        "190" | "200" | "250" => Ok(ChannelState::Cancelled),
        unknown => Err(unknown.to_owned()),
    }
}

/// Who may pay later counts as paid: WeChat lets such an order ship.
fn pay(status: &str, has_pay_time: bool, refunds: &[Refund]) -> PayState {
    match status {
        "10" | "190" => return PayState::Unpaid,
        "200" => return PayState::Refunded,
        "250" => return if has_pay_time { PayState::Refunded } else { PayState::Unpaid },
        "12" | "20" | "21" | "30" | "100" => {}
        _ if has_pay_time => {}
        _ => return PayState::Unpaid,
    }
    if !refunds.is_empty() && refunds.iter().all(|refund| refund.state == RefundState::Refunded) {
        return PayState::Refunded;
    }
    if refunds.iter().any(|refund| refund.pieces > 0) { PayState::PartiallyRefunded } else { PayState::Paid }
}

/// Goods of the order were given to a supplier, some (2) or all (3), who ships them.
const WITH_A_SUPPLIER: [&str; 2] = ["2", "3"];

/// Why an order must not ship although it looks paid: a gift without an address, goods that another ships, a wish for
/// another address or variant that waits for the seller, or a word that nobody here knows.
fn must_wait(status: &str, delivery: &Object<'_>, lines: &[Line], refunds: &[Refund]) -> Result<Option<String>, Wrong> {
    if status == GIFT_OPEN {
        return Ok(Some("present_not_accepted".to_owned()));
    }
    if WITH_A_SUPPLIER.contains(&delivery.id("dropship_flag")?.as_str()) {
        return Ok(Some("dropship_assigned".to_owned()));
    }
    if address_under_review(delivery)? {
        return Ok(Some("address_under_review".to_owned()));
    }
    if lines.iter().any(|line| line.sku_change_open) {
        return Ok(Some("sku_change_requested".to_owned()));
    }
    Ok(refunds.iter().find_map(|refund| refund.unknown.clone()))
}

/// The wish stays in the document after it was granted; then it says what the address says. One description of the field
/// has a plain yes or no in its place.
fn address_under_review(delivery: &Object<'_>) -> Result<bool, Wrong> {
    if let Some(plain) = delivery.get("address_under_review").and_then(|value| value.flag().ok()) {
        return Ok(plain);
    }
    let (wished, now) = (delivery.object("address_under_review")?, delivery.object("address_info")?);
    let mut differs = false;
    for name in ["user_name", "province_name", "city_name", "county_name", "detail_info", "tel_number", "house_number"]
    {
        let wish = wished.text(name)?;
        differs |= !wish.is_empty() && wish != now.text(name)?;
    }
    Ok(differs)
}

fn line_facts(line: Line, refund: &Refund, nothing_carried: bool) -> LineFacts {
    let kind = match (nothing_carried, line.gift) {
        (true, _) => LineKind::Virtual,
        (false, true) => LineKind::Gift,
        (false, false) => LineKind::Sale,
    };
    LineFacts {
        // What left and came back is no less to ship.
        refunded_qty: refund.pieces.min(line.qty.saturating_sub(line.shipped)),
        ext_line_id: line.id,
        ext_item: line.product,
        ext_sku: line.sku,
        outer_code: line.outer_code,
        title: line.title,
        spec: line.spec,
        qty: line.qty,
        unit_price: line.price,
        kind,
        refund: refund.state,
    }
}

/// Masked texts stay as they are: WeChat's waybills take them with the order's id. The token of a masked receiver is
/// WeChat's own mark of the address (`hash_code`), the same for the same receiver, or else the order's id.
fn receiver(delivery: &Object<'_>, ext_id: &str) -> Result<Receiver, Wrong> {
    let address = delivery.object("address_info")?;
    let (phone, virtual_phone) = (address.text("tel_number")?, address.text("virtual_order_tel_number")?);
    let (detail, house) = (address.text("detail_info")?, address.text("house_number")?);
    let name = address.text("user_name")?;
    let phone = if phone.is_empty() { virtual_phone } else { phone };
    let street = if detail.ends_with(&house) { detail } else { format!("{detail}{house}") };
    let masked = [&name, &phone, &street].iter().any(|text| text.contains('*'));
    let mark = address.text("hash_code")?;
    let mark = if mark.is_empty() { ext_id.to_owned() } else { mark };
    Ok(Receiver {
        name,
        phone,
        country: "CN".to_owned(),
        province: address.text("province_name")?,
        city: address.text("city_name")?,
        district: address.text("county_name")?,
        street,
        postcode: address.text("postal_code")?,
        email: String::new(),
        division: None,
        token: masked.then_some(mark),
    })
}
